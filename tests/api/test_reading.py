"""What cannot be understood without guessing is refused before it can do anything."""

import json

import pytest

from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Availability, Slot
from tests.api.conftest import Calling, faults, form, refusal

WINDOW = '{"date":"2026-11-26","startTime":"14:00","endTime":"15:00","durationMinutes":20}'
GOOD = f'{{"windows":[{WINDOW}]}}'.encode()


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b"[]",
        b'"x"',
        b"1",
        b"null",
        b"true",
        GOOD + b"}",
        b"{'windows':[]}",
        b'{"windows":[],"windows":[]}',
        b'{"windows":[{"date":"a","date":"b"}]}',
        b'{"windows":NaN}',
        b'{"windows":Infinity}',
        b'{"windows":-Infinity}',
        b'{"windows":1e999}',
        b'{"windows":' + b"9" * 19 + b"}",
        b'{"windows":' + b"9" * 5000 + b"}",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"a":' + b"[" * 20 + b"]" * 20 + b"}",
        b'{"windows":"\xff"}',
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        GOOD.decode().encode("utf-32"),
    ],
)
def test_what_is_not_one_plain_json_object_cannot_be_read(
    calling: Calling, dr_osei: Doctor, body: bytes
) -> None:
    answer = calling(dr_osei).raw("/availability", body)
    assert refusal(answer) == (400, "bad_request")
    assert not Availability.objects.exists()


def test_nothing_at_all_is_not_an_object(calling: Calling, dr_osei: Doctor) -> None:
    answer = calling(dr_osei).client.generic(
        "POST", "/api/v1/availability", CONTENT_TYPE="application/json"
    )
    assert refusal(answer) == (400, "bad_request")


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/problem+json",
        "",
    ],
)
def test_only_json_is_read(calling: Calling, dr_osei: Doctor, kind: str) -> None:
    assert refusal(calling(dr_osei).raw("/availability", GOOD, kind)) == (415, "wrong_type")
    assert not Availability.objects.exists()


@pytest.mark.parametrize("kind", ["application/json; charset=UTF-8", "Application/JSON"])
def test_json_may_say_that_it_is_utf_8(calling: Calling, dr_osei: Doctor, kind: str) -> None:
    assert calling(dr_osei).raw("/availability", GOOD, kind).status_code == 201


def test_a_packed_body_is_not_unpacked(calling: Calling, dr_osei: Doctor) -> None:
    answer = calling(dr_osei).post("/availability", {}, **{"Content-Encoding": "gzip"})
    assert refusal(answer) == (415, "wrong_type")


def test_a_request_has_a_largest_size(calling: Calling, slots: list[Slot], ana: Patient) -> None:
    def sized(size: int) -> bytes:
        sent = json.dumps(form(slots[0])).encode()
        return sent + b" " * (size - len(sent))

    def sent(size: int) -> tuple[int, str]:
        return refusal(
            calling(ana).client.post(
                "/api/v1/appointments",
                sized(size),
                content_type="application/json",
                headers={"Idempotency-Key": f"{size}"},
            )
        )

    assert sent((64 << 10) + 1) == (413, "too_large")
    assert sent((2 << 20) + 1) == (413, "too_large")
    answer = calling(ana).client.post(
        "/api/v1/appointments",
        sized(64 << 10),
        content_type="application/json",
        headers={"Idempotency-Key": "x"},
    )
    assert answer.status_code == 201


def test_text_that_no_database_can_hold_is_refused_where_it_stands(
    calling: Calling, dr_osei: Doctor
) -> None:
    body = rb'{"windows":[{"date":"\u0000"},{"x":["\ud800","\ud83d\ude00"]}]}'
    answer = calling(dr_osei).raw("/availability", body)
    assert faults(answer) == {
        ("#/windows/0/date", "characters"),
        ("#/windows/1/x/0", "characters"),
    }


def test_twenty_levels_are_read(calling: Calling, dr_osei: Doctor) -> None:
    body = GOOD[:-1] + b',"a":' + b"[" * 19 + b"1" + b"]" * 19 + b"}"
    assert faults(calling(dr_osei).raw("/availability", body)) == {("#/a", "unknown_member")}


def test_a_flood_of_mistakes_is_told_in_part(calling: Calling, dr_osei: Doctor) -> None:
    sent = {"windows": [json.loads(WINDOW)]} | {f"m{n}": 1 for n in range(3000)}
    assert len(faults(calling(dr_osei).post("/availability", sent))) == 100


def test_a_pointer_leads_to_members_with_odd_names(calling: Calling, dr_osei: Doctor) -> None:
    sent = {"windows": [json.loads(WINDOW)], "a/b~c": 1, "x" * 1000: 2}
    answer = calling(dr_osei).post("/availability", sent)
    assert faults(answer) == {
        ("#/a~1b~0c", "unknown_member"),
        (f"#/{'x' * 64}", "unknown_member"),
    }


def test_parameters_that_an_operation_does_not_know_are_refused_also_with_a_good_body(
    calling: Calling, dr_osei: Doctor
) -> None:
    answer = calling(dr_osei).raw("/availability?dryRun=1", GOOD)
    assert faults(answer) == {("#/dryRun", "unknown_parameter")}
    assert not Availability.objects.exists()


def test_what_stands_in_a_body_that_nobody_asked_for_is_not_looked_at(
    calling: Calling, slots: list[Slot]
) -> None:
    answer = calling(None).client.generic("GET", "/api/v1/doctors", b"{nonsense", "text/plain")
    assert answer.status_code == 200


def test_a_page_of_windows_as_long_as_allowed_fits(calling: Calling, dr_osei: Doctor) -> None:
    windows = [json.loads(WINDOW)] * 750
    assert refusal(calling(dr_osei).post("/availability", {"windows": windows})) == (409, "overlap")
