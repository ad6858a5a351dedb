"""A clinic of any size that has run for a while, written straight into the tables: rows first, then what
indexes and constrains them.

The first FULL_TIME doctors keep the same hours at every size, so that what is asked of one of them has the
same answer, and only what lies around it grows. The others work less. Slots come week by week, as doctors
publish them, and lie on the disk as they come.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from uuid import UUID

from django.db import connection, transaction

from bench.names import FIRST, IN_SINHALA, LAST
from clinicall.booking.searching import raise_first_openings
from clinicall.core.folding import folded
from clinicall.records.sealed import blind_index
from clinicall.schedule.first_openings import note_first_slots

FULL_TIME = 1000  # doctors; as many belong to a clinic
HALF_HOURS = 16  # of a full day
FIRST_DAY, LAST_DAY = -41, 21  # counted from today
PHONES = "+94112{:06}"
SPECIALIZATIONS = [
    *("General practice", "Cardiology", "Dermatology", "Paediatrics", "Gynaecology", "Psychiatry"),
    *("Endocrinology", "Ear, nose and throat", "Neurology", "Orthopaedics", "Ophthalmology"),
    *("Urology", "Nephrology", "Rheumatology", "Oncology", "Geriatrics"),
]


@dataclass(frozen=True)
class Size:
    """`part_time` is how many half hours of how many days the others work."""

    doctors: int
    part_time: tuple[int, int]

    @property
    def patients(self) -> int:
        """Each comes about ten times."""
        others = self.doctors - FULL_TIME
        per_day, days = self.part_time
        return (FULL_TIME * HALF_HOURS * (LAST_DAY - FIRST_DAY) + others * per_day * days) // 100


SIZES = (Size(1_000, (0, 0)), Size(10_000, (12, 20)), Size(100_000, (7, 13)))

TABLES = [
    *("people_clinic", "people_user", "people_patient", "people_specialization", "people_doctor"),
    *("schedule_availability", "schedule_slot", "schedule_firstopening", "payments_payment"),
    *("payments_refund", "booking_appointment", "booking_transition", "booking_message"),
    "booking_waitlistentry",
]

# --- What stands aside while rows come ---

# Also what other tables ask of these: a key that is referred to cannot go.
CONSTRAINTS = """
select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid), contype = 'f'
from pg_constraint
where contype in ('p', 'u', 'x', 'f') and (conrelid = any(%(tables)s::regclass[])
  or confrelid = any(%(tables)s::regclass[]))
order by contype = 'f' desc
"""
INDEXES = """
select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
where i.indrelid = any(%(tables)s::regclass[])
  and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
"""


@contextmanager
def unconstrained() -> Iterator[None]:
    """Without keys, constraints and indexes; they are made again behind it."""
    with connection.cursor() as cursor:
        cursor.execute(CONSTRAINTS, {"tables": TABLES})
        constraints = cursor.fetchall()
        cursor.execute(INDEXES, {"tables": TABLES})
        indexes = cursor.fetchall()
        for table, name, _, _ in constraints:
            cursor.execute(f"alter table {table} drop constraint {name}")
        for name, _ in indexes:
            cursor.execute(f"drop index {name}")
        yield
        keys = [one for one in constraints if not one[-1]]
        references = [one for one in constraints if one[-1]]
        for table, name, definition, _ in keys:
            cursor.execute(f"alter table {table} add constraint {name} {definition}")
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition, _ in references:
            cursor.execute(f"alter table {table} add constraint {name} {definition}")


# --- Rows ---

PEOPLE = """
create temporary table doctor (
  n int, id uuid, name text, folded text, per_day int, first_day int, last_day int) on commit drop;
create temporary table patient (n int, id uuid, first_name text, last_name text, phone_index text)
  on commit drop
"""

ACCOUNTS = """
insert into people_clinic (id, name, timezone, currency, phone, refund_hours, refund_percent)
select md5('clinic' || n)::uuid, 'Clinic ' || n, 'Asia/Colombo', 'LKR', '+94112345678', 24, 100
from generate_series(0, (%(doctors)s - 1) / %(full_time)s) n;

insert into people_user (id, password, email, first_name, last_name, role, clinic_id, timezone, is_active,
  is_superuser, date_joined)
select id, '!', 'doctor' || n || '@bench.example', '', '', 'doctor',
  md5('clinic' || n / %(full_time)s)::uuid, '', true, false, now() from doctor
union all
select id, '!', 'patient' || n || '@bench.example', first_name, last_name, 'patient', null, 'Asia/Colombo',
  true, false, now() from patient
union all values
  (md5('staff')::uuid, '!', 'staff@bench.example', '', '', 'staff', md5('clinic0')::uuid, '', true, false,
   now()),
  (md5('admin')::uuid, '!', 'admin@bench.example', '', '', 'admin', null, '', true, true, now());

insert into people_patient (user_id) select id from patient;

insert into people_specialization (name) select unnest(%(specializations)s::text[]);

insert into people_doctor (user_id, name, name_folded, timezone, fee_amount, languages, about, clinic_id,
  specialization_id)
select doctor.id, doctor.name, folded, 'Asia/Colombo', case when n %% 10 = 0 then 0 else 250000 end,
  '{English,Sinhala}', 'In practice for many years.', md5('clinic' || n / %(full_time)s)::uuid,
  specialization.id
from doctor join people_specialization specialization
  on specialization.name = (%(specializations)s::text[])[1 + doctor.n %% 16]
"""

# Of one day that lies so far ahead. From nine o'clock in Colombo on.
HOURS = """
with written as (
  insert into schedule_availability (doctor_id, date, timezone, start_time, end_time, duration_minutes,
    starts_at, ends_at)
  select id, day, 'Asia/Colombo', '09:00', time '09:00' + its_hours, 30,
    (day + time '09:00') at time zone 'Asia/Colombo',
    (day + time '09:00' + its_hours) at time zone 'Asia/Colombo'
  from generate_series(%(first)s, %(last)s) ahead
  join doctor on per_day > 0 and ahead between first_day and last_day
  cross join lateral (select current_date + ahead as day, per_day * interval '30 minutes' as its_hours) its
  returning id, doctor_id, starts_at, ends_at
)
insert into schedule_slot (doctor_id, availability_id, starts_at, ends_at)
select doctor_id, id, starts_at, starts_at + interval '30 minutes'
from (
  select doctor_id, id, generate_series(
    starts_at, ends_at - interval '30 minutes', interval '30 minutes') as starts_at
  from written order by doctor_id, starts_at
) slots
"""

# A fiftieth of the doctors has nothing open for two weeks, a two-hundredth nothing at all. Nobody is in two
# places: of those who come at one time, each is another. `fate` is what becomes of it.
VISITS = """
create temporary table visit on commit drop as
select md5('visit' || slot.id)::uuid as id, slot.id as slot_id, slot.doctor_id, slot.starts_at, slot.ends_at,
  slot.starts_at <= now() as is_past, patient.id as patient_id, patient.first_name, patient.last_name,
  patient.phone_index, price, booked_out, fate,
  case
    when starts_at > now() and booked_out then 'confirmed'
    when starts_at > now() and fate < 0.88 then 'confirmed'
    when starts_at > now() then case when fate < 0.98 then 'cancelled' else 'pending' end
    when ends_at > now() - interval '1 hour' then 'confirmed'
    when fate < 0.85 then 'completed' else 'cancelled'
  end as status,
  starts_at - interval '1 day' * (1 + 6 * fate) as created_at
from (
  select s.*, doctor.n %% 50 = 7 and s.starts_at < now() + interval '14 days' or doctor.n %% 200 = 13
      as booked_out,
    case when doctor.n %% 10 = 0 then 0 else 250000 end as price,
    row_number() over (partition by s.starts_at) as who, random() as fate
  from schedule_slot s join doctor on doctor.id = s.doctor_id
  where case
    when s.starts_at <= now() then random() < 0.13
    else doctor.n %% 50 = 7 and s.starts_at < now() + interval '14 days' or doctor.n %% 200 = 13
      or random() < 0.04 end
) slot
join patient
  on patient.n = (slot.who + extract(epoch from slot.starts_at)::bigint / 1800 * 997) %% %(patients)s
order by created_at;

update visit set created_at = now() - interval '1 hour' * (1 + fate) where created_at > now();

insert into payments_payment (id, provider, provider_ref, checkout_url, state, amount, currency, created_at,
  under_way, next_look_at, looks, trouble)
select id, 'stripe', 'cs_' || id, 'https://pay.example/' || id,
  case when status = 'pending' then 'pending' when status = 'cancelled' and fate > 0.95 then 'cancelled'
    else 'succeeded' end,
  price, 'LKR', created_at, false, case when status = 'pending' then now() + interval '1 day' end, 1, ''
from visit where price > 0;

insert into payments_refund (id, payment_id, amount, state, created_at, tries, attempt, trouble)
select id, id, price, 'succeeded', starts_at - interval '30 hours', 1, 1, ''
from visit where status = 'cancelled' and fate <= 0.95 and price > 0;

insert into booking_appointment (
  id, reference, status, cancel_reason, outcome, starts_at, ends_at, held_until, hold_place,
  created_at, confirmed_at, ended_at, first_name, last_name, email, phone_sealed,
  phone_index, nic_sealed, reason_sealed, price_amount, currency, refund_hours, refund_percent,
  line, channel_name,
  token_sealed, token_expires_at, doctor_id, patient_id, payment_id, slot_id, cancel_note_sealed)
select id, translate(upper(lpad(to_hex(slot_id * 2654435761 %% (1::bigint << 32)), 8, '0')), '01', 'XY'),
  status,
  case when status <> 'cancelled' then '' when fate > 0.95 then 'hold_expired' else 'by_patient' end,
  case when status <> 'completed' then '' when fate < 0.8 then 'attended' else 'no_show_patient' end,
  starts_at, ends_at,
  case when status = 'pending' then least(now() + interval '1 day', starts_at) else created_at end,
  case when status = 'pending' then 1 end, created_at,
  case when status in ('confirmed', 'completed') or status = 'cancelled' and fate <= 0.95
    then created_at + interval '1 minute' end,
  case when status = 'completed' then ends_at
    when status = 'cancelled' then case when fate > 0.95 then created_at + interval '10 minutes'
      else greatest(starts_at - interval '30 hours', created_at + interval '2 minutes') end end,
  first_name, last_name, 'patient@bench.example', repeat('p', 60), phone_index, repeat('n', 60),
  repeat('r', 160), price, 'LKR', 24, 100, '',
  case when status in ('confirmed', 'completed') then 'appt_' || id else '' end,
  case when status in ('confirmed', 'completed') then repeat('t', 60) else '' end,
  case when status in ('confirmed', 'completed') then ends_at + interval '15 minutes' end,
  doctor_id, patient_id, case when price > 0 then id end, slot_id, ''
from (
  select *, row_number() over (partition by patient_id, status) as nth from visit
) visit where status <> 'pending' or nth = 1;

insert into booking_transition (appointment_id, from_status, to_status, actor, why, at)
select id, from_status, to_status, actor, why, at from (
  select id, '' as from_status, 'pending' as to_status, 'patient' as actor, '' as why, created_at as at
  from booking_appointment
  union all select id, 'pending', 'confirmed', 'payment', '', confirmed_at
  from booking_appointment where confirmed_at is not null
  union all select id, 'confirmed', status, 'doctor', outcome, ended_at
  from booking_appointment where status = 'completed'
  union all select id, case when confirmed_at is null then 'pending' else 'confirmed' end, status,
    case when confirmed_at is null then 'clock' else 'patient' end, cancel_reason, ended_at
  from booking_appointment where status = 'cancelled'
) step order by at;

insert into booking_message (id, kind, channel, about, facts, state, written_at, tries, trouble, sent_at,
  appointment_id, to_id)
select gen_random_uuid(), kind, 'mail', starts_at, '{}', 'sent', written_at, 1, '', written_at, id, patient_id
from (
  select 'confirmed' as kind, confirmed_at as written_at, id, starts_at, patient_id
  from booking_appointment where confirmed_at is not null
  union all select kind, starts_at - before, id, starts_at, patient_id
  from booking_appointment
  cross join (values ('reminder_day', interval '1 day'), ('device_check', interval '4 hours'),
    ('reminder_hour', interval '1 hour')) reminder (kind, before)
  where status in ('confirmed', 'completed') and starts_at > now() - interval '2 days'
    and starts_at - before <= now()
) told order by written_at;

insert into booking_waitlistentry (appointment_id, since)
select id, created_at from visit
where booked_out and status = 'confirmed' and starts_at > now() + interval '3 days' order by id limit 100
"""


def load(size: Size) -> None:
    """In place of whatever is in these tables."""
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {', '.join(TABLES)} restart identity cascade")
        with transaction.atomic(), unconstrained():
            cursor.execute(PEOPLE)
            _copy_doctors(size)
            _copy_patients(size)
            facts = {
                "doctors": size.doctors,
                "patients": size.patients,
                "full_time": FULL_TIME,
                "specializations": SPECIALIZATIONS,
            }
            cursor.execute(ACCOUNTS, facts)
            cursor.execute("analyze doctor, patient")
            for first in range(FIRST_DAY, LAST_DAY + 1, 7):
                cursor.execute(HOURS, {"first": first, "last": first + 6})
            cursor.execute("analyze schedule_slot")
            cursor.execute(VISITS, facts)
        note_first_slots()
        raise_first_openings()
        cursor.execute("vacuum analyze")


def _copy_doctors(size: Size) -> None:
    dice = Random(1)
    per_day, days = size.part_time
    with connection.cursor() as cursor, cursor.copy("copy doctor from stdin") as copy:
        for n in range(size.doctors):
            name = _name(dice)
            hours = (HALF_HOURS, FIRST_DAY, LAST_DAY)
            if n >= FULL_TIME:
                hours = _part_time(n, per_day, days)
            copy.write_row((n, UUID(int=dice.getrandbits(128)), name, folded(name), *hours))


def _part_time(n: int, per_day: int, days: int) -> tuple[int, int, int]:
    """Some begin this week and some the next, a twentieth has stopped, and a few never began."""
    if n % 40 == 3:
        return 0, 0, 0
    if n % 20 == 9:
        return per_day, -days - 1, -2
    first = n % 9 - 2 * days // 3
    return per_day, first, first + days - 1


def _copy_patients(size: Size) -> None:
    dice = Random(2)
    with connection.cursor() as cursor, cursor.copy("copy patient from stdin") as copy:
        for n in range(size.patients):
            first, last = _one_of(FIRST, dice), _one_of(LAST, dice)
            phone = blind_index(PHONES.format(n), field="phone")
            copy.write_row((n, UUID(int=dice.getrandbits(128)), first, last, phone))


def _name(dice: Random) -> str:
    if dice.random() < 0.05:
        first, last = IN_SINHALA
        return f"ආචාර්ය {_one_of(first, dice)} {_one_of(last, dice)}"
    return f"Dr {_one_of(FIRST, dice)} {_one_of(LAST, dice)}"


def _one_of(names: list[str], dice: Random) -> str:
    """The first ones of a list are the commonest."""
    return names[int(len(names) * dice.random() ** 2)]
