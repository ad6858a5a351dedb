"""What must be true of the whole book at any moment, each as a query that finds the breaches.

The constraints make most of these impossible; these are the ones that no constraint can see, and a
second look at those that matter most.
"""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Breach:
    rule: str
    row: str


RULES = {
    "a slot is given once": """
        select slot_id from booking_appointment where status <> 'cancelled'
        group by slot_id having count(*) > 1""",
    "a doctor sees one patient at a time": """
        select id from (select id, starts_at, lag(ends_at) over (
          partition by doctor_id order by starts_at, id) as before
          from booking_appointment where status <> 'cancelled') visits where before > starts_at""",
    "a patient is in one place at a time": """
        select id from (select id, starts_at, lag(ends_at) over (
          partition by patient_id order by starts_at, id) as before
          from booking_appointment where status <> 'cancelled') visits where before > starts_at""",
    "a doctor's slots do not overlap": """
        select id from (select id, starts_at, lag(ends_at) over (
          partition by doctor_id order by starts_at, id) as before
          from schedule_slot) slots where before > starts_at""",
    "an appointment is where and when its slot is": """
        select a.id from booking_appointment a join schedule_slot s on s.id = a.slot_id
        where (s.doctor_id, s.starts_at, s.ends_at) <> (a.doctor_id, a.starts_at, a.ends_at)""",
    "a visit that costs something is paid for, and not owed back": """
        select a.id from booking_appointment a
        left join payments_payment p on p.id = a.payment_id
        left join payments_refund r on r.payment_id = p.id
        where a.status in ('confirmed', 'completed') and a.price_amount > 0
          and not coalesce(p.state = 'succeeded' and p.amount = a.price_amount
                           and p.currency = a.currency and r.id is null, false)""",
    "money for what is off is owed back": """
        select a.id from booking_appointment a
        join payments_payment p on p.id = a.payment_id and p.state = 'succeeded'
        left join payments_refund r on r.payment_id = p.id
        where a.status in ('pending', 'cancelled') and r.id is null
          and not (a.cancel_reason = 'by_patient' and a.refund_percent < 100
                   or a.cancel_reason = 'by_patient' and a.refund_hours > 0)""",
    "no more is owed back than was paid": """
        select r.id from payments_refund r join payments_payment p on p.id = r.payment_id
        where r.amount > p.amount or p.state <> 'succeeded'""",
    "a free visit has no payment and any other has one": """
        select id from booking_appointment where (price_amount > 0) <> (payment_id is not null)""",
    "an appointment stands where its last step left it": """
        select a.id from booking_appointment a
        left join lateral (select to_status from booking_transition t
          where t.appointment_id = a.id order by id desc limit 1) last on true
        where a.status is distinct from last.to_status""",
    "every step is one that may follow": """
        select id from booking_transition where (from_status, to_status) not in (
          ('', 'pending'), ('pending', 'confirmed'), ('pending', 'cancelled'),
          ('confirmed', 'completed'), ('confirmed', 'cancelled'), ('confirmed', 'confirmed'),
          ('completed', 'confirmed'),
          ('cancelled', 'confirmed'))
          or (from_status = 'cancelled' and actor <> 'payment')""",
    "a visit is confirmed before it starts": """
        select id from booking_appointment where confirmed_at >= starts_at""",
}


def breaches() -> list[Breach]:
    """All of them; consistent when the caller's transaction is REPEATABLE READ."""
    found = []
    with connection.cursor() as cursor:
        for rule, query in RULES.items():
            cursor.execute(query)
            found += [Breach(rule, str(row[0])) for row in cursor.fetchall()]
    return found
