"""What must be true of the whole book, each rule as a query that finds the rows which break it.

The constraints make many of these impossible, and those that matter most are looked at once more all the
same. The rest compare rows that no constraint sees together: an appointment with its steps, its price
with its payment and refund, our record of the money with the provider's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Breach:
    """`row` is the id of what breaks the rule: a currency where it is about a sum."""

    rule: str
    row: str


# What several rules ask for: each step with the one before it, and what of each visit's money has to be
# given back: nothing while it stands; of a confirmed one that its patient cancelled, also by having their
# account erased, the share that was agreed when they booked; of any other that is off, all. And the doctors
# who have left, or were never taken.
SHARED = """
with steps as (
  select *, lag(to_status) over its as left_at, lag(why) over its as why_before, lag(at) over its as before,
    lead(id) over its is null as is_last
  from booking_transition window its as (partition by appointment_id order by id)
), owed as (
  select a.payment_id, a.status, a.price_amount, a.currency, case
    when a.status in ('confirmed', 'completed') then 0
    when s.from_status <> 'confirmed' or a.cancel_reason not in ('by_patient', 'account_erased')
      then a.price_amount
    when s.at > a.starts_at - make_interval(hours => a.refund_hours) then 0
    else a.price_amount::bigint * a.refund_percent / 100 end as amount
  from booking_appointment a join steps s on s.appointment_id = a.id and s.is_last
  where a.status <> 'pending'
), gone as (
  select d.user_id as id, coalesce(departure.left_at, '-infinity') as left_at
  from people_doctor d left join booking_departure departure on departure.doctor_id = d.user_id
  where d.state = 'left'
)
"""

TIMES = {
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
    "a doctor's hours do not overlap": """
        select id from (select id, starts_at, lag(ends_at) over (
          partition by doctor_id order by starts_at, id) as before
          from schedule_availability) hours where before > starts_at""",
    "a doctor's slots do not overlap": """
        select id from (select id, starts_at, lag(ends_at) over (
          partition by doctor_id order by starts_at, id) as before
          from schedule_slot) slots where before > starts_at""",
    "a slot lies in its doctor's hours and is as long as they say": """
        select s.id from schedule_slot s join schedule_availability h on h.id = s.availability_id
        where s.doctor_id <> h.doctor_id or s.starts_at < h.starts_at or s.ends_at > h.ends_at
          or s.ends_at - s.starts_at <> make_interval(mins => h.duration_minutes)""",
    "no slot that may be had is before its doctor's first opening": """
        select s.id from schedule_slot s left join schedule_firstopening f on f.doctor_id = s.doctor_id
        where s.starts_at > clinic_now() and (f.not_before is null or s.starts_at < f.not_before)
          and not exists (
            select from booking_appointment a
            where a.slot_id = s.id and a.status in ('confirmed', 'completed'))""",
    "an appointment ends after it starts": """
        select id from booking_appointment where ends_at <= starts_at""",
    "an appointment is where and when its slot is": """
        select a.id from booking_appointment a join schedule_slot s on s.id = a.slot_id
        where (s.doctor_id, s.starts_at, s.ends_at) <> (a.doctor_id, a.starts_at, a.ends_at)""",
    "only a cancelled appointment may be without its slot": """
        select id from booking_appointment where slot_id is null and status <> 'cancelled'""",
    "a hold takes one of its patient's two places": """
        select id from booking_appointment
        where case when status = 'pending' and offer_for_id is null
          then coalesce(hold_place, 0) not in (1, 2) else hold_place is not null end
        union all
        select patient_id from booking_appointment where status = 'pending' and offer_for_id is null
        group by patient_id, hold_place having count(*) > 1""",
    "a hold ends before its visit starts": """
        select id from booking_appointment where status = 'pending' and held_until > starts_at""",
    "what is offered is earlier, and for a visit of this patient with this doctor that stands": """
        select o.id from booking_appointment o join booking_appointment v on v.id = o.offer_for_id
        where (o.patient_id, o.doctor_id) <> (v.patient_id, v.doctor_id)
          or o.status = 'pending' and o.held_until > clinic_now()
            and (v.status <> 'confirmed' or o.starts_at >= v.starts_at)""",
    "a visit is offered one time at once": """
        select offer_for_id from booking_appointment where status = 'pending' and offer_for_id is not null
        group by offer_for_id having count(*) > 1""",
    "an offer has no particulars, no price and no confirmation": """
        select id from booking_appointment where offer_for_id is not null and (price_amount > 0
          or payment_id is not null or confirmed_at is not null or phone_sealed <> ''
          or nic_sealed <> '' or reason_sealed <> '')""",
    "who waits for an earlier time has a later one": """
        select w.appointment_id from booking_waitlistentry w
        join booking_appointment v on v.id = w.appointment_id
        where v.status in ('pending', 'cancelled')""",
    "a doctor who has left has no visit to come": """
        select a.id from booking_appointment a join gone on gone.id = a.doctor_id
        where a.status in ('pending', 'confirmed')
          or a.status = 'completed' and a.ends_at > gone.left_at""",
    "a doctor who has left offers no time and has no open account": """
        select gone.id from gone join people_user u on u.id = gone.id
        where u.is_active or exists (
          select from schedule_slot s where s.doctor_id = gone.id and s.starts_at > gone.left_at)""",
    "an idempotency key stands for an appointment of its user, or that they asked for": """
        select id from records_idempotencykey k where not exists (
          select from booking_appointment a join steps s on s.appointment_id = a.id
          where a.id = k.made and s.to_status = 'pending' and k.user_id in (a.patient_id, s.actor_id))""",
}

STEPS = {
    "every step is one that may follow the one before it": """
        select id from steps
        where from_status <> coalesce(left_at, '') or (from_status, to_status) not in (
          ('', 'pending'), ('pending', 'confirmed'), ('pending', 'cancelled'),
          ('confirmed', 'completed'), ('confirmed', 'cancelled'), ('confirmed', 'confirmed'),
          ('completed', 'confirmed'), ('cancelled', 'confirmed'))
          or from_status = 'cancelled' and (actor, why_before) <> ('payment', 'hold_expired')""",
    "a step is never before the one before it": """
        select id from steps where at < before""",
    "an appointment stands where its last step left it, for the same reason": """
        select a.id from booking_appointment a
        left join steps s on s.appointment_id = a.id and s.is_last
        where (a.status, a.cancel_reason || a.outcome) is distinct from (s.to_status,
          case when s.to_status in ('cancelled', 'completed') then s.why else '' end)""",
    "an appointment was made, confirmed and ended when its steps say": """
        select a.id from booking_appointment a join (select appointment_id,
            min(at) filter (where to_status = 'pending') as made,
            max(at) filter (where to_status = 'confirmed'
                            and from_status in ('pending', 'cancelled')) as confirmed,
            max(at) filter (where is_last and to_status in ('cancelled', 'completed')) as ended
          from steps group by appointment_id) s on s.appointment_id = a.id
        where (a.created_at, a.confirmed_at, a.ended_at)
          is distinct from (s.made, s.confirmed, s.ended)""",
    "nothing of a guest's is confirmed": """
        select a.id from booking_appointment a join people_patient p on p.user_id = a.patient_id
        where p.guest and (a.status in ('confirmed', 'completed') or a.confirmed_at is not null)""",
    "a visit is confirmed before it starts": """
        select id from booking_appointment where confirmed_at >= starts_at""",
    "a visit is completed after it has started": """
        select id from booking_appointment where status = 'completed' and ended_at < starts_at""",
}

ROOMS = {
    "a visit has a channel and a token, and nothing else has a token": """
        select id from booking_appointment where case when status in ('confirmed', 'completed')
          then channel_name = '' or token_sealed = '' or num_nulls(token_uid, token_expires_at) > 0
          else token_sealed <> '' or num_nonnulls(token_uid, token_expires_at) > 0 end""",
    "a channel is named after its appointment": """
        select id from booking_appointment where channel_name not in ('', 'appt_' || id)""",
    "a token ends with its room": """
        select id from booking_appointment
        where token_expires_at > ends_at + make_interval(mins => delay_minutes + 15)""",
}

MONEY = {
    "a free visit has no payment and any other has one": """
        select id from booking_appointment where (price_amount > 0) <> (payment_id is not null)""",
    "a payment is of one appointment, or of none and beside one that is": """
        select p.id from payments_payment p left join payments_payment f on f.id = p.beside_id
        where f.beside_id is not null
          or (select count(*) from booking_appointment where payment_id = p.id)
             <> case when p.beside_id is null then 1 else 0 end""",
    "a hold waits for a payment that may still succeed": """
        select a.id from booking_appointment a join payments_payment p on p.id = a.payment_id
        where a.status = 'pending' and p.state not in ('created', 'pending')""",
    "a guest is shown no page to pay on": """
        select a.id from booking_appointment a join people_patient g on g.user_id = a.patient_id
        join payments_payment p on p.id = a.payment_id
        where g.guest and p.provider_ref is not null""",
    "a visit that costs something is paid for": """
        select a.id from booking_appointment a left join payments_payment p on p.id = a.payment_id
        where a.status in ('confirmed', 'completed') and a.price_amount > 0 and not coalesce(
          (p.state, p.amount, p.currency) = ('succeeded', a.price_amount, a.currency), false)""",
    "of the money for a visit just that is owed back which was agreed": """
        select p.id from payments_payment p join owed o on o.payment_id = p.id
        left join payments_refund r on r.payment_id = p.id
        where p.state = 'succeeded' and o.amount <> coalesce(r.amount, 0)""",
    "money that came beside the payment is owed back whole": """
        select p.id from payments_payment p left join payments_refund r on r.payment_id = p.id
        where p.beside_id is not null and p.state = 'succeeded'
          and p.amount <> coalesce(r.amount, 0)""",
    "only money that was taken is owed back, and never more": """
        select r.id from payments_refund r join payments_payment p on p.id = r.payment_id
        where r.amount > p.amount or p.state <> 'succeeded'""",
    "what was taken is what was earned, kept as agreed, or is owed back": """
        select currency from (
          select currency, amount from payments_payment where state = 'succeeded'
          union all
          select o.currency, o.amount - o.price_amount from owed o
          join payments_payment p on p.id = o.payment_id
          where o.status <> 'cancelled' or p.state = 'succeeded'
          union all
          select p.currency, -r.amount from payments_refund r
          join payments_payment p on p.id = r.payment_id where p.state = 'succeeded') entries
        group by currency having sum(amount) <> 0""",
    "a payment that is open is asked about, or a person has been told": """
        select id from payments_payment
        where state in ('created', 'pending') and next_look_at is null and trouble = ''""",
    "nothing more is asked about money that was taken": """
        select id from payments_payment
        where state = 'succeeded' and (next_look_at is not null or under_way or trouble <> '')""",
    "a refund is sent until it is done or the provider refuses it": """
        select id from payments_refund where next_try_at is null
          and (state in ('requested', 'pending') or trouble = 'no_answer')""",
    "a refund needs a person for a reason": """
        select id from payments_refund where (state = 'needs_human') <> (trouble <> '')""",
    "what was given back by hand is not sent as well": """
        select id from payments_refund
        where by_hand is not null and (state <> 'succeeded' or next_try_at is not null)""",
    "a provider names a payment once": """
        select min(id::text) from payments_payment where provider_ref is not null
        group by provider, provider_ref having count(*) > 1""",
    "a provider tells an event once": """
        select min(id) from payments_event group by provider, event_id having count(*) > 1""",
    "an event is about a payment at the provider that told it, or set aside": """
        select e.id from payments_event e
        left join payments_payment p on p.id = e.payment_id and p.provider = e.provider
        where p.id is null and (e.quarantined = '' or e.payment_id is not null)""",
    # The sandbox may know of more than we do, as long as we are still to ask.
    "the sandbox took what we have down as taken": """
        select p.id from payments_payment p
        left join payments_sandboxcheckout c on c.reference = p.id
        where p.provider = 'sandbox' and p.state = 'succeeded' and not coalesce(
          c.succeeds_at is not null
          and (c.token, c.amount, c.currency) = (p.provider_ref, p.amount, p.currency), false)
        union all
        select c.reference from payments_sandboxcheckout c
        left join payments_payment p on p.id = c.reference and p.provider = 'sandbox'
        where c.succeeds_at is not null and not coalesce(
          p.state = 'succeeded' or p.next_look_at is not null or p.trouble <> '', false)""",
    "the sandbox gave back what we have down as given back": """
        select r.id from payments_refund r
        join payments_payment p on p.id = r.payment_id and p.provider = 'sandbox'
        left join payments_sandboxrefund g on g.reference = r.id
        where r.state = 'succeeded' and (r.by_hand is null) <> (g.reference is not null)
          or (g.checkout_id, g.amount) <> (p.provider_ref, r.amount)
        union all
        select g.reference from payments_sandboxrefund g
        left join payments_refund r on r.id = g.reference where r.id is null""",
}

# Who reads a message's row a moment before a step is committed may note that it went out a moment later.
MESSAGES = {
    # Messages are kept for a year, and were not written when the first visits were booked: what is older
    # than the oldest of them proves nothing.
    "who has a visit was told so": """
        select a.id from booking_appointment a
        where a.status in ('confirmed', 'completed')
          and a.confirmed_at >= (select min(written_at) from booking_message)
          and a.confirmed_at > clinic_now() - interval '360 days' and not exists (
            select from booking_message m where m.appointment_id = a.id
              and m.kind = 'confirmed' and m.written_at >= a.confirmed_at)""",
    "what is told of a step was told when it had been taken": """
        select m.id from booking_message m
        where m.kind in ('confirmed', 'moved', 'cancelled') and not exists (
          select from booking_transition t where t.appointment_id = m.appointment_id
            and m.kind in (t.to_status, t.why) and t.at <= m.written_at)""",
    "no reminder goes out of a visit that is off, or of another time": """
        select m.id from booking_message m
        join booking_appointment a on a.id = m.appointment_id
        where m.kind in ('reminder_day', 'reminder_hour', 'device_check') and m.state = 'sent'
          and (a.status = 'cancelled' and m.sent_at > a.ended_at + interval '2 minutes'
            or m.about <> a.starts_at and m.sent_at > interval '2 minutes' + (
              select max(t.at) from booking_transition t
              where t.appointment_id = a.id and t.why = 'moved'))""",
    "each is told of their own visit alone": """
        select m.id from booking_message m
        join booking_appointment a on a.id = m.appointment_id
        where m.to_id not in (a.patient_id, a.doctor_id)""",
}

RULES = {**TIMES, **STEPS, **ROOMS, **MONEY, **MESSAGES}

# What the worker keeps true: it is so two minutes later, if it was held up or began anew.
PROMPTNESS = {
    "a lapsed hold is cleared away": """
        select id from booking_appointment
        where status = 'pending' and held_until < clinic_now() - interval '2 minutes'""",
    "a payment is asked about when it is due": """
        select id from payments_payment
        where next_look_at < clinic_now() - interval '2 minutes'""",
    "a refund is sent when it is due": """
        select id from payments_refund
        where next_try_at < clinic_now() - interval '2 minutes'""",
    "nobody waits for an earlier time once their visit has begun": """
        select v.id from booking_waitlistentry w join booking_appointment v on v.id = w.appointment_id
        where v.starts_at < clinic_now() - interval '2 minutes'""",
    "a visit is over for good a day after its end": """
        select id from booking_appointment where status = 'confirmed'
          and ends_at < clinic_now() - interval '24 hours 3 minutes'""",
}


def breaches(rules: Mapping[str, str] = RULES) -> list[Breach]:
    """All rows that break these rules, as they are at one moment."""
    with connection.cursor() as cursor:
        cursor.execute(query_for(rules), list(rules))
        return [Breach(rule, row) for rule, row in cursor.fetchall()]


def query_for(rules: Mapping[str, str]) -> str:
    """Its parameters are the rules' names. One statement reads one snapshot, in one round trip."""
    each = (
        f"select %s, broken.id::text from ({query}) broken (id)"  # noqa: S608 (all text of ours)
        for query in rules.values()
    )
    return SHARED + " union all ".join(each)
