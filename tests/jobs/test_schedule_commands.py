"""A schedule in and out by command."""

import io
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinicall.people.models import Doctor
from clinicall.schedule.models import Availability, Slot

HEADER = "date,start,end,minutes\n"
WEDNESDAY = "2026-11-25,09:00,12:00,15\n"


def said(*words: str) -> tuple[str, str]:
    """What a command printed: stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    call_command(*words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refused(*words: str) -> tuple[CommandError, str]:
    err = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command(*words, stderr=err)
    assert error.value.returncode == 1
    return error.value, err.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hours.csv"


def test_a_file_is_published_and_counted(dr_osei: Doctor, file: Path) -> None:
    file.write_text(f"{HEADER}{WEDNESDAY}2026-11-26,09:00,10:00,15\n")
    out, err = said("import_schedule", "OSEI@clinic.example", f"{file}")
    assert (out, err) == ("16 slots on 2 days, 2026-11-25 to 2026-11-26.\n", "")
    assert Slot.objects.filter(doctor=dr_osei).count() == 16


def test_a_dash_is_standard_input(dr_osei: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = io.TextIOWrapper(io.BytesIO(f"{HEADER}{WEDNESDAY}".encode()))
    monkeypatch.setattr(sys, "stdin", sent)
    assert said("import_schedule", dr_osei.user.email, "-")[0].startswith("12 slots")


def test_each_line_that_is_wrong_is_named_and_nothing_is_saved(dr_osei: Doctor, file: Path) -> None:
    file.write_text(f"{HEADER}{WEDNESDAY}{WEDNESDAY}2026-11-26,9:00,12:00,15\nnonsense\n")
    error, err = refused("import_schedule", dr_osei.user.email, f"{file}")
    assert err.splitlines() == [
        "line 3: This line says the same as line 2.",
        "line 4, start: Write a time from 00:00 to 23:59, like 09:30.",
        "line 5: Write 4 values, date, start, end, minutes; this line has 1.",
    ]
    assert str(error) == "Nothing was saved."
    assert not Availability.objects.exists()


def test_of_very_many_faults_the_rest_is_counted(dr_osei: Doctor, file: Path) -> None:
    file.write_text(HEADER + "nonsense\n" * 150)
    error, err = refused("import_schedule", dr_osei.user.email, f"{file}")
    assert len(err.splitlines()) == 100
    assert str(error) == "50 more things are wrong. Nothing was saved."


def test_what_cannot_be_read_at_all_is_one_sentence(dr_osei: Doctor, file: Path) -> None:
    email = dr_osei.user.email
    assert "No such file" in str(refused("import_schedule", email, f"{file}")[0])
    assert "directory" in str(refused("import_schedule", email, f"{file.parent}")[0])
    file.write_bytes(b"PK\x03\x04")
    assert "zip" in str(refused("import_schedule", email, f"{file}")[0])
    file.write_bytes(HEADER.encode() + b"\n" * (10 << 20))
    assert "256 KiB" in str(refused("import_schedule", email, f"{file}")[0])


def test_hours_belong_to_a_doctor(dr_osei: Doctor, file: Path) -> None:
    for words in (["import_schedule", "nobody@clinic.example", "-"], ["export_schedule", "x"]):
        assert "no doctor" in str(refused(*words)[0])


def test_what_is_exported_can_be_imported_for_somebody_else(
    dr_osei: Doctor, dr_silva: Doctor, file: Path
) -> None:
    file.write_text(f"{HEADER}{WEDNESDAY}2027-11-23,09:00,10:00,15\n")
    said("import_schedule", dr_osei.user.email, f"{file}")
    everything, _ = said("export_schedule", dr_osei.user.email)
    assert everything.splitlines() == file.read_text().splitlines()
    one_day = ("--from", "2026-11-25", "--to", "2026-11-25")
    text, _ = said("export_schedule", dr_osei.user.email, *one_day)
    assert text.splitlines() == [HEADER.strip(), WEDNESDAY.strip()]
    file.write_text(text)
    said("import_schedule", dr_silva.user.email, f"{file}")
    assert Slot.objects.filter(doctor=dr_silva).count() == 12


@pytest.mark.parametrize(
    "days", [("--from", "tomorrow"), ("--from", "2026-11-25", "--to", "2026-11-24")]
)
def test_dates_that_make_no_export_are_refused(dr_osei: Doctor, days: tuple[str, ...]) -> None:
    refused("export_schedule", dr_osei.user.email, *days)
