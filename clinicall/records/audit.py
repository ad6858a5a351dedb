"""Noting who did what with whose record. The entry is committed with what it is about, or before an
answer that shows it."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from clinicall.core.clock import ClinicNow
from clinicall.core.requests import current_id
from clinicall.records.models import Action, AuditEntry


class Somebody(Protocol):
    """An account, as far as the audit knows it."""

    pk: UUID
    role: str


def note(
    action: Action,
    what: str,
    *,
    by: Somebody | None,
    of: Iterable[UUID],
    seen: Iterable[UUID] = (),
) -> None:
    """`by` did this with the records of `of`, the ids of people; `seen` are the ids of what was shown.

    `by` is None for the operator and the clock. People who look at their own record only are not noted.
    """
    subjects = sorted(set(of))
    own = action in (Action.VIEWED, Action.LISTED) and by is not None and subjects == [by.pk]
    if own or not subjects:
        return
    AuditEntry.objects.create(
        at=ClinicNow(),
        actor_id=by.pk if by else None,
        actor_role=by.role if by else "",
        action=action,
        what=what,
        subjects=subjects,
        objects_seen=sorted(set(seen)),
        request_id=current_id.get(),
    )
