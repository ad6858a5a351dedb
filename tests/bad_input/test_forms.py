"""What a browser can send to our forms, and how the page comes back: nothing lost, nothing done."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from clinicall.booking.models import Appointment
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.conftest import booked
from tests.web.visitor import DETAILS, visitor, words

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


def address(slot: Slot) -> str:
    return reverse("book", args=[slot.doctor_id, slot.pk])


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("first_name", "\u200b"),
        ("first_name", "…"),
        ("first_name", "\u202egnp.exe"),
        ("first_name", "👩‍⚕️"),
        ("first_name", "x" * 101),
        ("last_name", "x" + "\u0301" * 100_000),
        ("last_name", "Perera\r\nBcc: x@y.example"),
        ("last_name", "Perera\x00"),
        ("phone", "911"),
        ("phone", "tel:0712345678"),
        ("phone", "٠٧١٢٣٤٥٦٧٨"),
        ("nic", "000000000V"),
        ("nic", "٩٠١٢٣٤٥٦٧V"),
        ("email", "ana@localhost"),
        ("email", "ana@clinic.example\u200b"),
        ("email", "ana@clinic.example\r\nBcc: x@y.example"),
        ("reason", " \u200b"),
        ("reason", "x" * 2001),
        ("reason", "Cough\x1b[31m"),
        ("reason", "Take it from 4111 1111 1111 1111"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_the_form_comes_back_filled_and_leads_to_what_is_wrong(
    slots: list[Slot], ana: Patient, field: str, text: str
) -> None:
    answer = visitor(ana).post(address(slots[0]), DETAILS | {field: text})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert '<div class="error-summary" id="error-summary" role="alert" tabindex="-1"' in page
    assert re.findall(r'<a href="#(id_\w+)">', page) == [f"id_{field}"]
    kept = {name: value for name, value in DETAILS.items() if name != field}
    for value in kept.values():
        assert value in unescape(page)
    assert not Appointment.objects.exists()


def test_what_looks_like_code_is_shown_as_it_was_written(slots: list[Slot], ana: Patient) -> None:
    written = "<img src=x onerror=alert(1)> {{7*7}} {% now %} ${jndi:ldap://x}"
    answer = visitor(ana).post(address(slots[0]), DETAILS | {"reason": written})
    assert answer.status_code == 302
    made = Appointment.objects.get()
    page = visitor(ana).get(reverse("appointment", args=[made.pk]))
    assert written in words(page)
    assert "<img src=x" not in page.content.decode()


@pytest.mark.parametrize("encoding", ["hex", "idna", "undefined", "utf-7", "utf-16", "none-such"])
@pytest.mark.parametrize("kind", [URLENCODED, MULTIPART])
def test_a_form_in_another_encoding_is_not_guessed_at(
    slots: list[Slot], ana: Patient, kind: str, encoding: str
) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="nic"\r\n\r\n\xe9\r\n--x--\r\n'
    for person in (ana, None):
        client = visitor(person)
        answer = client.generic("POST", address(slots[0]), body, f"{kind}; charset={encoding}")
        assert answer.status_code == 400
        assert "Nothing was saved" in words(answer)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=\0", b"x"),
        (URLENCODED, b"&".join(b"a%d=1" % n for n in range(1500))),
        (URLENCODED, b"reason=" + b"x" * (3 << 20)),
    ],
    ids=["without a boundary", "with a boundary that is none", "of many fields", "of 3 MiB"],
)
def test_a_form_that_no_browser_sends_is_told_to_be_unreadable(
    slots: list[Slot], ana: Patient, kind: str, body: bytes
) -> None:
    answer = visitor(ana).generic("POST", address(slots[0]), body, kind)
    assert answer.status_code == 400
    assert "Nothing was saved" in words(answer)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (URLENCODED, b"first_name=%ff%fe&last_name=%00&nic=%ed%a0%80"),
        ("application/json", b'{"first_name": "Ana"}'),
        ("text/plain", b"first_name=Ana"),
        (
            MULTIPART,
            b'--x\r\nContent-Disposition: form-data; name="nic"; filename="a"\r\n\r\n--x--',
        ),
    ],
    ids=["bytes that are no text", "JSON", "plain text", "a file for a field"],
)
def test_what_is_no_filled_form_is_an_empty_one(
    slots: list[Slot], ana: Patient, kind: str, body: bytes
) -> None:
    answer = visitor(ana).generic("POST", address(slots[0]), body, kind)
    assert answer.status_code == 422
    assert "There is a problem" in words(answer)


@pytest.mark.parametrize(
    "asked",
    [
        *("name=%00", "name=%ff%fe", "name=%ED%A0%80", "name=%E2%80%AE", "name=" + "x" * 10_000),
        *("page=0", "page=" + "9" * 5000, "specialization=abc", "specialization=" + "9" * 5000),
        *("sort=password", "doctor__user__email__startswith=a", "name=a&name=b"),
    ],
    ids=lambda value: value[:40],
)
def test_an_address_that_was_tampered_with_still_shows_a_page(
    slots: list[Slot], asked: str
) -> None:
    assert Client().get(f"/?{asked}").status_code == 200


@pytest.mark.parametrize("name", ["%", "_", "\\", "' OR 1=1--", '") UNION SELECT', "{{7*7}}"])
def test_nobody_is_found_by_signs_that_mean_something_to_a_machine(
    slots: list[Slot], name: str
) -> None:
    page = words(Client().get("/", {"name": name}))
    assert f"No doctors match “{name}”" in page


@pytest.mark.parametrize(
    "wrong",
    [
        *("0", "-1", "1" * 30, "9" * 5000, "%D9%A1", "%00", "..%2f..%2fetc%2fpasswd"),
        "7BD9A150-0000-4000-8000-00000000000A",
        "urn:uuid:7bd9a150-0000-4000-8000-00000000000a",
        "{7bd9a150-0000-4000-8000-00000000000a}",
    ],
    ids=lambda value: value[:20],
)
def test_an_id_that_is_none_leads_nowhere(ana: Patient, wrong: str) -> None:
    for path in ("/doctors/{}", "/doctors/{}/", "/appointments/{}", "/visits/{}", "/{}"):
        assert visitor(ana).get(path.format(wrong)).status_code == 404


def test_another_spelling_of_an_id_is_another_address(free_slots: list[Slot], ana: Patient) -> None:
    mine = reverse("appointment", args=[booked(free_slots[0], ana).pk])
    assert visitor(ana).get(mine).status_code == 200
    assert visitor(ana).get(mine.upper().replace("APPOINTMENTS", "appointments")).status_code == 404


@pytest.mark.parametrize("cookie", ["timezone=%00", "timezone=" + "x" * 5000, r'csrftoken="\000"'])
def test_a_cookie_that_is_none_of_ours_is_passed_over(db: None, cookie: str) -> None:
    assert Client().get("/", headers={"Cookie": cookie}).status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example", "javascript:alert(1)", r"/\evil.example", "\0"],
)
def test_signing_in_never_leads_to_another_site(ana: Patient, elsewhere: str) -> None:
    sent = {"login": ana.user.email, "password": "a long enough secret", "next": elsewhere}
    answer = Client().post(reverse("account_login"), sent)
    assert answer["Location"] == reverse("home")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "PATCH"])
def test_a_method_that_no_page_takes_is_refused(db: None, method: str) -> None:
    for path in ("/", "/api/v1/doctors"):
        assert Client().generic(method, path).status_code == 405


def test_a_page_asked_for_by_a_foreign_name_is_refused_as_a_page(db: None) -> None:
    answer = Client().get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "This could not be read" in words(answer)
    assert b"evil" not in answer.content
