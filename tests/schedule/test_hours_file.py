"""A doctor's hours as a spreadsheet writes them."""

import io
import zipfile
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicall.core.refusals import Refusal, TooLarge, WrongType
from clinicall.people.models import Doctor
from clinicall.schedule import uploading
from clinicall.schedule.hours_file import (
    LARGEST,
    MOST_FAULTS,
    MOST_ROWS,
    UnusableFile,
    parse,
    write,
)
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from clinicall.schedule.uploading import upload
from tests import cast
from tests.clinic_clock import NOON, ClinicClock

HEADER = b"date,start,end,minutes\n"
GOOD = b"2026-11-25,09:00,12:00,15"
WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)


def faults(content: bytes) -> list[tuple[int, str]]:
    return [(fault.line, fault.column) for fault in parse(content).faults]


def refused(doctor: Doctor, content: bytes) -> UnusableFile:
    with pytest.raises(UnusableFile) as told:
        upload(doctor, content, now=NOON)
    assert not Slot.objects.filter(availability__date__gt=WEDNESDAY).exists()
    return told.value


def told(refusal: UnusableFile) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.detail) for fault in refusal.faults]


# --- What is read ---


@pytest.mark.parametrize(
    "content",
    [
        HEADER + GOOD,
        HEADER + GOOD + b"\n",
        b"\xef\xbb\xbf" + HEADER + GOOD + b"\n",
        (HEADER + GOOD + b"\n").replace(b"\n", b"\r\n"),
        (HEADER + GOOD + b"\n").replace(b",", b";"),
        b'"date","start","end","minutes"\n"2026-11-25","09:00","12:00","15"\n',
        b"\n\r\n" + HEADER + b"\n,,,\n" + GOOD + b'\n  \n;;;\n"","","",""\n\n',
    ],
    ids=["bare", "LF", "BOM", "CRLF", "semicolons", "quoted", "blank lines"],
)
def test_whatever_program_wrote_it_the_hours_are_the_same(content: bytes) -> None:
    read = parse(content)
    assert [row.window for row in read.rows] == [Window(WEDNESDAY, time(9), time(12), 15)]
    assert read.faults == []


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    read = parse(b"\n" + HEADER + b"\n" + GOOD + b"\n\nnonsense\n")
    assert [row.line for row in read.rows] == [4]
    assert [fault.line for fault in read.faults] == [6]


@given(
    st.dictionaries(
        st.dates(),
        st.lists(st.times(), min_size=2, max_size=8, unique_by=lambda t: (t.hour, t.minute)),
        max_size=40,
    ),
    st.integers(0, 999),
)
def test_what_is_written_is_read_back(days: dict[date, list[time]], minutes: int) -> None:
    windows = [
        Window(day, start, end, minutes)
        for day, times in days.items()
        for ordered in [sorted(at.replace(second=0, microsecond=0, fold=0) for at in times)]
        for start, end in zip(ordered[::2], ordered[1::2], strict=False)
    ]
    read = parse(write(windows).encode())
    assert [row.window for row in read.rows] == windows
    assert len(read.faults) == (not windows)


@given(st.binary(max_size=200))
def test_no_file_whatsoever_is_a_fault_of_ours(content: bytes) -> None:
    for whole in (content, HEADER + content):
        try:
            read = parse(whole)
        except WrongType:
            continue
        assert read.rows or read.faults


# --- What is not ---


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        (b"2026-02-30,09:00,12:00,15", ["date"]),
        (b"2026-02-29,09:00,12:00,15", ["date"]),
        (b"0000-01-01,09:00,12:00,15", ["date"]),
        (b"25/11/2026,09:00,12:00,15", ["date"]),
        (b"20261125,09:00,12:00,15", ["date"]),
        (b"2026-W48-3,09:00,12:00,15", ["date"]),
        ("２０２６-11-25,09:00,12:00,15".encode(), ["date"]),
        (b",09:00,12:00,15", ["date"]),
        (b"=cmd|' /C calc'!A0,09:00,12:00,15", ["date"]),
        (b"2026-11-25,9:00,12:00,15", ["start"]),
        (b"2026-11-25, 09:00,12:00,15", ["start"]),
        (b"2026-11-25,09:00:00,12:00,15", ["start"]),
        (b"2026-11-25,09:00,24:00,15", ["end"]),
        (b"2026-11-25,09:00,12:60,15", ["end"]),
        (b"2026-11-25,09:00,12:00pm,15", ["end"]),
        (b"2026-11-25,09:00,=A1+1,15", ["end"]),
        (b"2026-11-25,09:00,12:00,", ["minutes"]),
        (b"2026-11-25,09:00,12:00,15.5", ["minutes"]),
        (b"2026-11-25,09:00,12:00,-15", ["minutes"]),
        (b"2026-11-25,09:00,12:00,+15", ["minutes"]),
        (b"2026-11-25,09:00,12:00,1000000000000000000", ["minutes"]),
        ("2026-11-25,09:00,12:00,١٥".encode(), ["minutes"]),
        (b"2026-11-25,09:00,12:00,true", ["minutes"]),
        (b"x,x,x,x", ["date", "end", "minutes", "start"]),
        (b"2026-11-25,09:00,12:00", [""]),
        (b"2026-11-25,09:00,12:00,15,", [""]),
        (b"2026-11-25;09:00;12:00;15", [""]),
        (b'2026-11-25,"09:00,12:00,15', [""]),
        (b'2026-11-25,"09:00"x,12:00,15', [""]),
        (b"2026-11-25,09:00\r,12:00,15", [""]),
        (b"2026-11-25,09:00,12:00,15 caf\xe9", [""]),
        (b"\xef\xbb\xbf2026-11-25,09:00,12:00,15", ["date"]),
        (b"2026-11-25,09:00,12:00," + b"1" * 140_000, [""]),
    ],
)
def test_a_line_that_says_no_hours_is_named_with_its_column(
    line: bytes, columns: list[str]
) -> None:
    found = sorted(faults(HEADER + b"2026-11-26,09:00,12:00,15\n" + line + b"\n"))
    assert found == [(3, column) for column in columns]


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\n\n",
        GOOD,
        b"day,start,end,minutes",
        b"date,start,end",
        b"start,end,date,minutes",
        b"date,start,end,minutes,doctor",
        b"sep=;",
        b"date\tstart\tend\tminutes",
        b"date,start,end,minutes\r2026-11-25,09:00,12:00,15",
    ],
)
def test_without_its_first_line_a_file_is_not_read_any_further(header: bytes) -> None:
    read = parse(header + b"\n" + GOOD if header.strip() else header)
    assert read.rows == []
    (fault,) = read.faults
    assert "date,start,end,minutes" in fault.detail


def test_a_file_without_hours_is_no_schedule() -> None:
    assert faults(HEADER) == [(1, "")]


def zipped(content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("hours.csv", content)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "refusal", "word"),
    [
        (zipped(b"0" * 10_000_000), WrongType, "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), WrongType, "spreadsheet"),
        ((HEADER + GOOD).decode().encode("utf-16"), WrongType, "UTF-16"),
        ((HEADER + GOOD).decode().encode("utf-16-be"), WrongType, "text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), WrongType, "text"),
        (HEADER + GOOD + b"\x00", WrongType, "text"),
        (HEADER + b"\n" * LARGEST, TooLarge, "256 KiB"),
    ],
    ids=["zip", "xls", "UTF-16", "UTF-16 without a mark", "picture", "NUL", "large"],
)
def test_what_is_no_such_file_at_all_is_refused_in_a_sentence(
    content: bytes, refusal: type[Refusal], word: str
) -> None:
    with pytest.raises(refusal) as told:
        parse(content)
    assert word in told.value.detail


def test_as_many_lines_as_a_year_needs_and_not_more() -> None:
    lines = [f"{WEDNESDAY + timedelta(days=n)},09:00,12:00,15\n" for n in range(MOST_ROWS + 2)]
    assert parse(HEADER + "".join(lines[:MOST_ROWS]).encode()).faults == []
    assert faults(HEADER + "".join(lines).encode()) == [(MOST_ROWS + 2, "")]
    assert faults(HEADER + b"a\n" * 100_000)[-1] == (MOST_ROWS + 2, "")


def test_twice_the_same_line_is_told_with_both_and_so_are_hours_that_overlap() -> None:
    read = parse(
        HEADER
        + b"2026-11-25,09:00,12:00,15\n"
        + b"2026-11-26,09:00,12:00,15\n"
        + b"2026-11-25,09:00,12:00,15\n"
        + b"2026-11-26,08:00,09:00,15\n"
        + b"2026-11-26,11:59,13:00,15\n"
    )
    assert [(fault.line, fault.detail) for fault in sorted(read.faults)] == [
        (4, "This line says the same as line 2."),
        (6, "These hours overlap those of line 3."),
    ]


# --- What becomes of it ---


def test_a_file_is_published_as_one(dr_osei: Doctor) -> None:
    done = upload(
        dr_osei,
        HEADER + b"2026-11-26,09:00,10:10,15\n2026-11-25,09:00,10:00,15\n2026-11-25,10:00,11:00,30",
        now=NOON,
    )
    assert (done.days, done.slots, done.left_over) == ([WEDNESDAY, THURSDAY], 10, [THURSDAY])
    assert Slot.objects.filter(doctor=dr_osei).count() == 10


def test_all_that_is_wrong_is_told_at_once_by_line_and_nothing_is_saved(dr_osei: Doctor) -> None:
    refusal = refused(
        dr_osei,
        HEADER
        + b"2026-11-26,09:00,10:00,15\n"  # nothing is wrong with this one
        + b"nonsense\n"
        + b"2026-11-23,09:00,10:00,15\n"
        + b"2027-11-24,09:00,10:00,15\n"
        + b"2026-11-27,12:00,09:00,15\n"
        + b"2026-11-28,09:00,09:10,15\n"
        + b"2026-11-29,09:00,10:00,4\n"
        + b"9999-12-31,09:00,10:00,15\n",
    )
    assert [(line, column) for line, column, _ in told(refusal)] == [
        (3, ""),
        (4, "date"),
        (5, "date"),
        (6, "end"),
        (7, "minutes"),
        (8, "minutes"),
        (9, "date"),
    ]


def test_hours_there_are_already_are_named_for_every_line_that_meets_them(dr_osei: Doctor) -> None:
    publish(dr_osei, [Window(WEDNESDAY, time(9), time(12), 15)], now=NOON)
    refusal = refused(
        dr_osei,
        HEADER
        + b"2026-11-26,09:00,10:00,15\n"
        + b"2026-11-25,11:00,12:30,15\n"
        + b"2026-11-25,12:30,13:00,15\n"
        + b"2026-11-25,08:00,09:30,15\n",
    )
    already = "These hours overlap 09:00 to 12:00, which are published already."
    assert told(refusal) == [(3, "", already), (5, "", already)]


def test_a_date_with_too_many_slots_is_named(clock: ClinicClock) -> None:
    doctor = cast.a_doctor(cast.a_clinic(), "Dr Ada Hall", "Cardiology", timezone="Europe/London")
    content = HEADER + b"2027-10-31,00:00,12:00,5\n2027-10-31,12:00,23:55,5\n"  # a day of 25 hours
    ((line, column, detail),) = told(refused(doctor, content))
    assert (line, column) == (0, "")
    assert detail.startswith("2027-10-31")


def test_a_time_that_the_doctors_clocks_skip_is_named(clock: ClinicClock) -> None:
    doctor = cast.a_doctor(cast.a_clinic(), "Dr Ada Hall", "Cardiology", timezone="Europe/London")
    ((line, column, detail),) = told(refused(doctor, HEADER + b"2027-03-28,01:30,03:00,15"))
    assert (line, column) == (2, "start")
    assert "01:30 does not exist" in detail


def test_a_hundred_faults_are_told_and_the_rest_counted(dr_osei: Doctor) -> None:
    refusal = refused(dr_osei, HEADER + b"nonsense\n" * 300)
    assert len(refusal.faults) == MOST_FAULTS
    assert refusal.count == 300


def test_exported_hours_can_be_uploaded_elsewhere(dr_osei: Doctor, dr_silva: Doctor) -> None:
    windows = [
        Window(WEDNESDAY, time(9), time(12), 15),
        Window(WEDNESDAY, time(13), time(14, 5), 20),
        Window(THURSDAY, time(0), time(23, 59), 720),
    ]
    publish(dr_osei, windows, now=NOON)
    text = uploading.exported(dr_osei, WEDNESDAY, THURSDAY)
    upload(dr_silva, text.encode(), now=NOON)
    assert uploading.exported(dr_silva, WEDNESDAY, THURSDAY) == text
    assert uploading.exported(dr_silva, THURSDAY, THURSDAY).count("\r\n") == 2
    assert Availability.objects.filter(doctor=dr_silva).count() == 3


@pytest.mark.parametrize("day", range(7))
def test_the_template_can_be_uploaded_as_it_is_on_any_day_of_the_week(
    dr_osei: Doctor, day: int
) -> None:
    now = NOON + timedelta(days=day)
    read = parse(uploading.template(now.date()).encode())
    assert {row.window.date for row in read.rows} == {
        date(2026, 11, 30) + timedelta(days=n) for n in range(5)
    }
    upload(dr_osei, uploading.template(now.date()).encode(), now=now)
