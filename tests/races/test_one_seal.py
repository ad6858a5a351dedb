"""Sealing the audit while others seal it, and while others write it."""

import threading
from uuid import UUID

import pytest
from django.db import transaction

from clinicall.records.audit import note
from clinicall.records.models import Action, AuditSeal
from clinicall.records.sealing import first_broken_seal, seal_audit
from tests.races.racing import race

pytestmark = pytest.mark.django_db(transaction=True)

ANA, BEN = UUID(int=1), UUID(int=2)


def cancels(person: UUID) -> None:
    note(Action.CHANGED, "cancel", by=None, of=[person])


def counts() -> list[int]:
    return list(AuditSeal.objects.order_by("pk").values_list("count", flat=True))


def test_two_sealers_at_once_seal_once() -> None:
    for so_far in range(1, 6):
        cancels(ANA)
        race([seal_audit] * 4)
        assert counts() == [1] * so_far
    assert first_broken_seal() is None


def test_an_entry_that_is_being_written_is_waited_for() -> None:
    """Else its number would lie under a seal that has not seen it."""
    written, may_commit = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            cancels(ANA)
            written.set()
            may_commit.wait(10)

    def later_writer_and_sealer() -> None:
        written.wait(10)
        cancels(BEN)
        threading.Timer(0.2, may_commit.set).start()
        seal_audit()

    race([slow_writer, later_writer_and_sealer])
    assert counts() == [2]
    assert first_broken_seal() is None


def test_who_writes_for_long_is_not_waited_for_forever() -> None:
    written, may_commit = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            cancels(ANA)
            written.set()
            may_commit.wait(30)

    def sealer() -> None:
        written.wait(10)
        assert seal_audit() is None
        may_commit.set()

    race([slow_writer, sealer])
    assert counts() == []
    seal_audit()
    assert counts() == [1]


def test_nothing_is_lost_between_writers_and_sealers() -> None:
    def writes() -> None:
        for _ in range(20):
            cancels(ANA)

    def seals() -> None:
        for _ in range(10):
            seal_audit()

    race([writes, writes, writes, seals, seals])
    seal_audit()
    assert sum(counts()) == 60
    assert first_broken_seal() is None
