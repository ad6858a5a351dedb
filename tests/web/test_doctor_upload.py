import csv
import io
import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Availability, Slot
from tests.web.visitor import Answer, visitor, words

UPLOAD = reverse("upload_hours")
EXPORT = reverse("export_hours")
HEADER = "date,start,end,minutes\n"
ADDRESSES = [UPLOAD, reverse("hours_template"), f"{EXPORT}?from=2026-11-24&to=2026-11-30"]


def send(client: Client, content: str | bytes) -> Answer:
    body = content.encode() if isinstance(content, str) else content
    return client.post(UPLOAD, {"file": SimpleUploadedFile("hours.csv", body)})


def table(answer: Answer) -> list[str]:
    """What is wrong, as line, column and words."""
    body = answer.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    rows = (re.sub(r"<[^>]+>", " ", row) for row in body.split("</tr>"))
    return [" ".join(unescape(row).split()) for row in rows if row.strip()]


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_doctors_upload_and_export(client: Client, ana: Patient, address: str) -> None:
    assert client.get(address)["Location"].startswith(reverse("account_login"))
    client.force_login(ana.user)
    assert client.get(address).status_code == 403
    assert client.post(address).status_code in (403, 405)


def test_the_week_leads_to_the_page_and_it_says_what_to_write(dr_osei: Doctor) -> None:
    doctor = visitor(dr_osei)
    assert f'href="{UPLOAD}"' in doctor.get(reverse("schedule")).content.decode()
    page = words(doctor.get(UPLOAD))
    assert "Colombo time (GMT+5:30)" in page
    assert "date,start,end,minutes" in page
    assert "if any line is wrong, none is saved" in page


def test_an_uploaded_file_becomes_slots_and_the_page_counts_them(dr_osei: Doctor) -> None:
    doctor = visitor(dr_osei, zone="America/New_York")
    answer = send(
        doctor,
        HEADER + "2026-11-25,09:00,12:00,15\n2026-12-02,09:00,10:10,20\n2026-11-25,14:00,15:00,60",
    )
    assert answer["Location"] == f"{reverse('schedule')}?week=2026-11-25"
    page = words(doctor.get(answer["Location"]))
    assert (
        "16 slots added on 2 days, Wednesday 25 November 2026 to Wednesday 2 December 2026." in page
    )
    assert "On 1 day some minutes at the end are too short" in page
    first = Slot.objects.order_by("starts_at")[0]
    assert f"{first.starts_at:%H:%M}" == "03:30"  # 09:00 in Colombo


def test_what_is_wrong_stands_in_a_table_by_line_and_the_summary_takes_the_focus(
    dr_osei: Doctor,
) -> None:
    answer = send(
        visitor(dr_osei),
        HEADER + "2026-11-25,09:00,12:00,15\n2026-11-26,nine,12:00,15\n2026-11-23,09:00,10:00,15\n",
    )
    assert answer.status_code == 422
    assert not Availability.objects.exists()
    text = answer.content.decode()
    assert "<title>Error: Upload hours" in text
    assert text.index('id="error-summary"') < text.index("<table")
    page = words(answer)
    assert "2 things in the file are wrong. Nothing was saved." in page
    assert table(answer) == [
        "3 start Write a time from 00:00 to 23:59, like 09:30.",
        "4 date Choose a day after today.",
    ]
    assert "nine" not in page


def test_a_long_list_of_faults_says_that_it_is_cut(dr_osei: Doctor) -> None:
    page = words(send(visitor(dr_osei), HEADER + "x\n" * 300))
    assert "300 things in the file are wrong" in page
    assert "the first 100 of 300" in page


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"PK\x03\x04" + bytes(100), 415, "a spreadsheet or a zip file"),
        ((HEADER + "x").encode("utf-16"), 415, "UTF-16"),
        (b"\x00\x01", 415, "not a text file"),
        (HEADER.encode() + b"\n" * (256 << 10), 413, "larger than 256 KiB"),
        (HEADER.encode() + b"\n" * (2 << 20), 413, "larger than 256 KiB"),
    ],
    ids=["zip", "UTF-16", "binary", "too large", "much too large"],
)
def test_what_is_no_such_file_is_told_beside_the_field(
    dr_osei: Doctor, content: bytes, status: int, said: str
) -> None:
    answer = send(visitor(dr_osei), content)
    assert answer.status_code == status
    assert 'id="id_file_error"' in answer.content.decode()
    assert said in words(answer)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "1 – The first line must be date,start,end,minutes and nothing else."),
        (HEADER.encode() + b"caf\xe9", "2 – This line is not in UTF-8."),
    ],
    ids=["empty", "Latin-1"],
)
def test_a_single_fault_is_a_table_too(dr_osei: Doctor, content: bytes, said: str) -> None:
    answer = send(visitor(dr_osei), content)
    assert answer.status_code == 422
    assert "One thing in the file is wrong. Nothing was saved." in words(answer)
    assert table(answer) == [said]


def test_without_a_file_the_page_asks_for_one(dr_osei: Doctor) -> None:
    doctor = visitor(dr_osei)
    for data in ({}, {"file": "2026-11-25,09:00,12:00,15"}):
        answer = doctor.post(UPLOAD, data)
        assert answer.status_code == 422
        assert "Choose a file." in words(answer)


def test_a_form_of_another_site_uploads_nothing(dr_osei: Doctor) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(dr_osei.user)
    assert send(client, HEADER + "2026-11-25,09:00,12:00,15\n").status_code == 403
    assert not Availability.objects.exists()


def test_uploading_the_same_file_twice_names_each_line_that_is_there(dr_osei: Doctor) -> None:
    doctor = visitor(dr_osei)
    content = HEADER + "2026-11-25,09:00,12:00,15\n2026-11-26,09:00,12:00,15\n"
    assert send(doctor, content).status_code == 302
    again = send(doctor, content)
    assert again.status_code == 422
    already = "These hours overlap 09:00 to 12:00, which are published already."
    assert table(again) == [f"2 – {already}", f"3 – {already}"]
    assert Slot.objects.count() == 24


def test_the_template_has_examples_for_the_doctors_coming_week(dr_osei: Doctor) -> None:
    doctor = visitor(dr_osei)
    answer = doctor.get(reverse("hours_template"))
    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert rows[0] == {"date": "2026-11-30", "start": "09:00", "end": "12:00", "minutes": "15"}
    assert send(doctor, answer.content).status_code == 302


def test_an_export_has_the_hours_of_its_dates_and_nobody_elses(
    dr_osei: Doctor, dr_silva: Doctor
) -> None:
    for doctor in (dr_osei, dr_silva):
        send(visitor(doctor), f"{HEADER}2026-11-25,09:00,12:00,15\n2026-11-27,09:00,12:00,15\n")
    asked = {"from": "2026-11-25", "to": "2026-11-26"}
    answer = visitor(dr_osei).get(EXPORT, asked)
    assert answer.content == b"date,start,end,minutes\r\n2026-11-25,09:00,12:00,15\r\n"
    assert 'filename="hours-2026-11-25-to-2026-11-26.csv"' in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Choose a date to export from."),
        ({"from": "2026-11-25", "to": "soon"}, "Enter a date, for example 2026-11-25."),
        ({"from": "2026-11-25", "to": "2026-11-24"}, "not before the start"),
    ],
)
def test_dates_that_make_no_export_are_asked_for_again(
    dr_osei: Doctor, asked: dict[str, str], said: str
) -> None:
    answer = visitor(dr_osei).get(EXPORT, asked)
    assert answer.status_code == 422
    assert said in words(answer)
