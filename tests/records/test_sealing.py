"""The audit is sealed in batches, and whoever touches it afterwards is found out."""

from collections.abc import Callable
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from clinicall.records.audit import note
from clinicall.records.models import Action, AuditEntry, AuditSeal
from clinicall.records.sealing import first_broken_seal, seal_audit

ANA, BEN = UUID(int=1), UUID(int=2)


@pytest.fixture
def sealed(db: None) -> list[AuditSeal]:
    """Three seals, of two entries each."""
    seals = []
    for _ in range(3):
        for person in (ANA, BEN):
            note(Action.CHANGED, "cancel", by=None, of=[person], seen=[uuid4()])
        seal = seal_audit()
        assert seal
        seals.append(seal)
    return seals


def behind_the_triggers(sql: str, *values: str | int | UUID) -> None:
    """As somebody who owns the database could."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("set local session_replication_role = origin")


def test_each_seal_goes_on_from_the_one_before(sealed: list[AuditSeal]) -> None:
    assert [seal.count for seal in sealed] == [2, 2, 2]
    assert [seal.previous for seal in sealed] == ["", sealed[0].digest, sealed[1].digest]
    assert seal_audit() is None
    assert first_broken_seal() is None


CHANGES: dict[str, Callable[[AuditSeal], None]] = {
    "an entry is changed": lambda seal: behind_the_triggers(
        "update records_auditentry set actor_id = %s where id = %s", uuid4(), seal.last_entry
    ),
    "an entry is made older": lambda seal: behind_the_triggers(
        "update records_auditentry set at = at - interval '1 microsecond' where id = %s",
        seal.last_entry,
    ),
    "an entry is removed": lambda seal: behind_the_triggers(
        "delete from records_auditentry where id = %s", seal.first_entry
    ),
    "two people are swapped": lambda seal: behind_the_triggers(
        "update records_auditentry set subjects = case when subjects = array[%s] then array[%s] else"
        " array[%s] end where id between %s and %s",
        ANA,
        BEN,
        ANA,
        seal.first_entry,
        seal.last_entry,
    ),
    "an entry is slipped in": lambda seal: behind_the_triggers(
        "update records_auditentry set id = %s where id = (select max(id) from records_auditentry)",
        seal.first_entry,
    ),
    "the seal is changed": lambda seal: behind_the_triggers(
        "update records_auditseal set digest = %s where id = %s", "0" * 64, seal.pk
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_changed_under_a_seal_is_found(sealed: list[AuditSeal], change: str) -> None:
    second = sealed[1]
    if change == "an entry is slipped in":
        # Where one was, so that its number is free; else there is no room between two.
        behind_the_triggers("delete from records_auditentry where id = %s", second.first_entry)
        note(Action.CHANGED, "cancel", by=None, of=[ANA])
    CHANGES[change](second)
    assert first_broken_seal() == second


def test_a_seal_that_is_left_out_is_found(sealed: list[AuditSeal]) -> None:
    behind_the_triggers("delete from records_auditseal where id = %s", sealed[1].pk)
    assert first_broken_seal() == sealed[2]


def test_entries_in_a_gap_between_two_seals_are_found(db: None) -> None:
    note(Action.CHANGED, "cancel", by=None, of=[ANA])
    seal_audit()
    with transaction.atomic():
        note(Action.CHANGED, "cancel", by=None, of=[ANA])
        lost = AuditEntry.objects.latest("pk").pk
        transaction.set_rollback(True)
    note(Action.CHANGED, "cancel", by=None, of=[ANA])
    last = seal_audit()
    note(Action.CHANGED, "cancel", by=None, of=[BEN])
    newest = AuditEntry.objects.latest("pk").pk
    behind_the_triggers("update records_auditentry set id = %s where id = %s", lost, newest)
    assert first_broken_seal() == last


@pytest.mark.parametrize("table", ["records_auditentry", "records_auditseal"])
@pytest.mark.parametrize("act", ["update {} set id = id", "delete from {}"])
def test_the_database_itself_refuses(sealed: list[AuditSeal], table: str, act: str) -> None:
    with (
        pytest.raises(DatabaseError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(act.format(table))


@pytest.mark.django_db(transaction=True)
def test_check_invariants_names_the_first_broken_seal(sealed: list[AuditSeal]) -> None:
    CHANGES["an entry is removed"](sealed[1])
    said = StringIO()
    with pytest.raises(CommandError, match="1 rows break 1 of the rules"):
        call_command("check_invariants", stdout=said)
    assert said.getvalue() == f"the audit is as it was sealed: {sealed[1].pk}\n"
