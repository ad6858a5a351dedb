"""What must be true: of the book after every step, and of the book beside the bank's ledger at the end."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from clinicall.booking.invariants import breaches
from clinicall.booking.models import Appointment, Transition
from clinicall.payments.gateway import Given
from clinicall.payments.models import Payment, PaymentState, Refund, RefundState, Trouble
from tests.simulator.bank import Page, SimulatedBank
from tests.simulator.machine import Violation
from tests.simulator.post import SimulatedPost

# What is owed back of a payment that stands for no visit: the patient's own share when they cancelled a
# confirmed visit, by the policy that stood at booking; else all of it. Said here a second time, in
# another language than the product says it, from what is written down alone.
OWED = """
  case when a.id is not null and exists (
      select from booking_transition t where t.appointment_id = a.id and t.from_status = 'confirmed'
       and t.to_status = 'cancelled' and t.actor = 'patient')
    then case when a.ended_at <= a.starts_at - make_interval(hours => a.refund_hours)
      then a.price_amount::bigint * a.refund_percent / 100 else 0 end
    else p.amount end
"""

# What people are to be told of the steps, and what we have written down to tell them.
TO_TELL = """
  select appointment_id, 'confirmed', a.patient_id, t.at
    from booking_transition t join booking_appointment a on a.id = t.appointment_id
   where t.to_status = 'confirmed' and t.from_status in ('pending', 'cancelled')
  union all
  select appointment_id, 'moved', person, t.at
    from booking_transition t join booking_appointment a on a.id = t.appointment_id,
         unnest(array[a.patient_id, a.doctor_id]) person
   where t.why = 'moved'
  union all
  select appointment_id, 'cancelled', person, t.at
    from booking_transition t join booking_appointment a on a.id = t.appointment_id,
         unnest(case when t.why = 'by_doctor' then array[a.patient_id]
                else array[a.patient_id, a.doctor_id] end) person
   where t.from_status = 'confirmed' and t.to_status = 'cancelled'
  union all
  select a.id, 'money_back', a.patient_id, r.created_at
    from payments_refund r join payments_payment p on p.id = r.payment_id
    join booking_appointment a on a.payment_id = coalesce(p.beside_id, p.id)
   where p.beside_id is not null or not exists (select from booking_transition t
     where t.appointment_id = a.id and t.from_status = 'confirmed' and t.to_status = 'cancelled')
"""
TOLD = """
  select appointment_id, kind, to_id, written_at from booking_message
   where kind in ('confirmed', 'moved', 'cancelled', 'money_back')
"""

AFTER_EVERY_STEP = f"""
select 'two live appointments are never in one place', a.id::text
  from booking_appointment a join booking_appointment b on a.id < b.id and (a.slot_id = b.slot_id
    or ((a.doctor_id = b.doctor_id or a.patient_id = b.patient_id)
        and tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)))
 where a.status <> 'cancelled' and b.status <> 'cancelled'
union all
select 'a live appointment is where and when its slot is', a.id::text
  from booking_appointment a left join schedule_slot s on s.id = a.slot_id
 where (a.status <> 'cancelled' or a.slot_id is not null)
   and (s.doctor_id, s.starts_at, s.ends_at) is distinct from (a.doctor_id, a.starts_at, a.ends_at)
union all
select 'a patient holds two times at most', patient_id::text
  from booking_appointment where status = 'pending' and offer_for_id is null group by patient_id
having count(*) > 2 or count(distinct hold_place) < count(*)
union all
select 'a visit that costs something is paid for, and not given back', a.id::text
  from booking_appointment a left join payments_payment p on p.id = a.payment_id
  left join payments_refund r on r.payment_id = p.id
 where a.status in ('confirmed', 'completed') and a.price_amount > 0 and not coalesce(
   p.state = 'succeeded' and r.id is null and (p.amount, p.currency) = (a.price_amount, a.currency), false)
union all
select 'what was paid for no visit is owed back, once and to the cent', p.id::text
  from payments_payment p left join booking_appointment a on a.payment_id = p.id
  left join payments_refund r on r.payment_id = p.id
 where p.state = 'succeeded' and coalesce(a.status, '') not in ('confirmed', 'completed')
   and (a.status = 'pending' or coalesce(r.amount, 0) <> {OWED})
union all
select 'nothing is given back that was not paid', r.id::text
  from payments_refund r join payments_payment p on p.id = r.payment_id where p.state <> 'succeeded'
union all
select 'only a lapsed hold comes back', t.appointment_id::text
  from booking_transition t where t.from_status = 'cancelled' and (t.actor <> 'payment'
    or 'hold_expired' is distinct from (select b.why from booking_transition b
      where b.appointment_id = t.appointment_id and b.id < t.id order by b.id desc limit 1))
union all
select 'every step begins where the one before has ended', t.appointment_id::text
  from (select appointment_id, from_status, lag(to_status, 1, '') over (
    partition by appointment_id order by id) as before from booking_transition) t
 where t.from_status <> t.before
union all
select 'each step is told to whom it concerns, in its own commit', a.id::text
  from (({TO_TELL}) except all ({TOLD})) a (id)
union all
select 'nothing is told that did not happen', a.id::text
  from (({TOLD}) except all ({TO_TELL})) a (id)
union all
select 'an appointment stands where its last step left it', a.id::text
  from booking_appointment a where a.status is distinct from (select to_status
    from booking_transition t where t.appointment_id = a.id order by id desc limit 1)
union all
select 'a visit is confirmed before it starts', id::text
  from booking_appointment where confirmed_at >= starts_at
union all
select 'an open payment is asked about again, or a person looks at it', id::text
  from payments_payment where state in ('created', 'pending') and next_look_at is null and trouble = ''
union all
select 'a refund that is not done is tried again, or a person looks at it', id::text
  from payments_refund where state in ('requested', 'pending') and next_try_at is null
"""


def prepare() -> None:
    """Once for each connection, for `check_rows`: planning takes longer than looking."""
    with connection.cursor() as cursor:
        cursor.execute(f"deallocate all; prepare after_every_step as {AFTER_EVERY_STEP}")


def check_rows() -> None:
    """After every step. Raises Violation."""
    with connection.cursor() as cursor:
        cursor.execute("execute after_every_step")
        found = cursor.fetchall()
    if found:
        raise Violation("; ".join(f"{rule}: {row}" for rule, row in found))


def check_bank(bank: SimulatedBank) -> None:
    """After every step. Raises Violation when the bank has given back more than it took, or twice."""
    back: dict[str, int] = defaultdict(int)
    once: dict[UUID, str] = {}
    for ref, reference, amount in bank.given:
        back[ref] += amount
        if reference in once:
            raise Violation(f"the bank gave back of {ref} twice")
        once[reference] = ref
    for ref, amount in back.items():
        page = bank.pages[ref]
        if not page.paid_at or amount > page.money.amount:
            raise Violation(f"the bank gave back more than it took on {ref}")


def check_known(bank: SimulatedBank) -> None:
    """After comparing with the bank. Raises Violation when we do not know of money that it took."""
    paid = Payment.objects.filter(state=PaymentState.SUCCEEDED)
    known = set(paid.values_list("provider_ref", flat=True))
    for page in bank.pages.values():
        if page.paid_at and not page.wrong_sum and page.ref not in known:
            raise Violation(f"{page.ref} is paid, and we do not know")


def check_end(bank: SimulatedBank, post: SimulatedPost) -> None:
    """When everything has come to rest: the whole checker, the bank's ledger key by key, and the post's."""
    with transaction.atomic():
        found = breaches()
    if found:
        raise Violation(f"the checker finds {found}")
    check_known(bank)
    _every_charge_is_a_visit_or_given_back(bank)
    _what_we_say_is_so(bank)
    _nobody_pays_twice(bank)
    post.check_end()


def _every_charge_is_a_visit_or_given_back(bank: SimulatedBank) -> None:
    for page in bank.pages.values():
        if page.wrong_sum:
            if not Payment.objects.filter(provider_ref=page.ref, trouble=Trouble.MISMATCH).exists():
                raise Violation(f"{page.ref} took a wrong sum, and nobody is told")
            continue
        if not page.paid_at:
            continue
        payment = Payment.objects.get(provider=bank.name, provider_ref=page.ref)
        _came_to_its_end(bank, page, payment)


def _came_to_its_end(bank: SimulatedBank, page: Page, payment: Payment) -> None:
    back = sum(amount for ref, _, amount in bank.given if ref == page.ref)
    visit = Appointment.objects.filter(
        payment=payment, status__in=("confirmed", "completed")
    ).exists()
    refund = Refund.objects.filter(payment=payment).first()
    if refund is None:
        # Nothing is owed: the visit stands, or the policy keeps it all; `check_rows` has seen to which.
        if back:
            raise Violation(f"{page.ref} was given back, and we do not know")
        return
    if visit:
        raise Violation(f"{page.ref} is paid for a visit that stands, and is owed back")
    at_bank = bank.returns.get(refund.pk)
    if refund.by_hand:
        if back or refund.state != RefundState.SUCCEEDED:
            raise Violation(f"{page.ref} was given back by hand and by the bank")
    elif refund.state == RefundState.SUCCEEDED:
        if back != refund.amount:
            raise Violation(f"we say that {page.ref} was given back; the bank gave {back}")
    elif not at_bank or at_bank.state is not Given.REFUSED or refund.trouble != Trouble.REFUSED:
        raise Violation(
            f"{page.ref} is not given back, which the bank does not refuse: "
            f"{refund.state} {refund.trouble}, {at_bank}"
        )
    elif back:
        raise Violation(f"{page.ref} was given back, and a person is asked to do it again")


def _what_we_say_is_so(bank: SimulatedBank) -> None:
    for payment in Payment.objects.filter(state=PaymentState.SUCCEEDED):
        page = bank.pages.get(payment.provider_ref or "")
        if page is None or not page.paid_at or page.money != payment.money:
            raise Violation(f"we say that {payment.provider_ref} is paid; the bank does not")
    troubled = Payment.objects.exclude(trouble="").exclude(trouble=Trouble.MISMATCH)
    if found := troubled.first():
        raise Violation(f"a person has to look at {found.provider_ref}: {found.trouble}")


def _nobody_pays_twice(bank: SimulatedBank) -> None:
    net: dict[UUID, int] = defaultdict(int)
    for page in bank.pages.values():
        if page.paid_at and not page.wrong_sum:
            net[page.reference] += page.money.amount
    for ref, _, amount in bank.given:
        net[bank.pages[ref].reference] -= amount
    kept = Refund.objects.select_related("payment").exclude(
        state=RefundState.SUCCEEDED, by_hand=None
    )
    for refund in kept:  # by hand, or refused by the bank and shown to a person
        net[refund.payment.reference] -= refund.amount
    for appointment in Appointment.objects.exclude(payment=None):
        assert appointment.payment_id
        if net[appointment.payment_id] > appointment.price_amount:
            raise Violation(f"{appointment.pk} was paid for twice")


def steps_taken() -> list[tuple[str, str, str, str, datetime]]:
    """Every transition of this history, for the coverage."""
    rows = Transition.objects.order_by("id")
    return list(rows.values_list("from_status", "to_status", "actor", "why", "at"))
