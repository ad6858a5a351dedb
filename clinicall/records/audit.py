"""Noting who did what with whose record. The entry is committed with what it is about, or before an
answer that shows it."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from django.db import connection

from clinicall.core.requests import current_id
from clinicall.records.models import Action

# A page that renews itself, and one that is loaded again, is one look for an hour, as long as it shows
# the same; the server alone decides that, so that no request can ask not to be noted.
NOTE = """
insert into records_auditentry (
  at, actor_id, actor_role, action, what, subjects, objects_seen, request_id)
select clinic_now(), %(by)s, %(role)s, %(action)s, %(what)s, %(of)s::uuid[], %(seen)s::uuid[], %(request)s
where not (%(action)s in ('viewed', 'listed') and exists (
  select from records_auditentry
   where actor_id = %(by)s and at > clinic_now() - interval '1 hour' and action = %(action)s
     and what = %(what)s and subjects = %(of)s::uuid[] and objects_seen = %(seen)s::uuid[]))
"""


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

    `by` is None for the operator and the clock. People who look at their own record only are not noted,
    and who looks at the same again within an hour is noted once.
    """
    subjects = sorted(set(of))
    own = action in (Action.VIEWED, Action.LISTED) and by is not None and subjects == [by.pk]
    if own or not subjects:
        return
    facts = {
        "by": by.pk if by else None,
        "role": by.role if by else "",
        "action": action,
        "what": what,
        "of": subjects,
        "seen": sorted(set(seen)),
        "request": current_id.get(),
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, facts)
