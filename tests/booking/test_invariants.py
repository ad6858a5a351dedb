"""Each rule is shown a breach made by hand: a checker that was never seen failing proves nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from clinicall import wiring
from clinicall.booking import checkout, ending, guests, moving, settling, waitlist
from clinicall.booking.holds import Once
from clinicall.booking.invariants import PROMPTNESS, RULES, breaches
from clinicall.booking.models import Appointment
from clinicall.booking.states import Outcome as Visit
from clinicall.core.money import Money
from clinicall.jobs.tidy import tidy
from clinicall.payments import refunds
from clinicall.payments.gateway import Checkout, Gateway, Given, Hint, Outcome, Paid
from clinicall.payments.models import Refund
from clinicall.people.models import Clinic, Doctor, Patient
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests.booking.test_checkout import news, pays
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, booked, wish_for

EVERYTHING = RULES | PROMPTNESS


@dataclass
class Bank:
    """A company that opens a second page when it is asked twice, and refuses to give back."""

    name: str = "bank"
    paid: set[str] = field(default_factory=set)

    def open(
        self, *, reference: UUID, money: Money, return_url: str, cancel_url: str, until: datetime
    ) -> Checkout:
        return Checkout(f"{reference} first", "https://bank.example/")

    def look_up(self, provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        return Outcome.PAID if provider_ref in self.paid else Outcome.WAITING

    def close(self, provider_ref: str, *, reference: UUID, money: Money) -> Outcome:
        return Outcome.PAID if provider_ref in self.paid else Outcome.CANCELLED

    def give_back(self, provider_ref: str, *, reference: UUID, money: Money, attempt: int) -> Given:
        return Given.REFUSED

    def paid_since(self, since: datetime) -> Iterable[Paid]:
        return []

    def gateway_for(self, name: str) -> Gateway:
        return self

    # --- What happens there ---

    def is_paid(self, slot: Slot, patient: Patient, *, pages: int) -> Appointment:
        """For one visit, on so many pages, and tells us of each."""
        line = wiring.video_line()
        made = checkout.book(wish_for(slot), patient, gateway=self, line=line)
        visit = Appointment.objects.get(pk=made)
        for page in ["first", "second", "third"][:pages]:
            ref = f"{visit.payment_id} {page}"
            self.paid.add(ref)
            told = Hint(event_id=ref, kind="paid", provider_ref=ref, reference=visit.payment_id)
            about = settling.hear(self.name, told)
            assert about
            settling.settle(about, gateway_for=self.gateway_for, line=line)
        return visit

    def is_asked_to_give_back(self) -> None:
        for refund in Refund.objects.filter(payment__provider=self.name):
            refunds.give_back(refund.pk, gateway_for=self.gateway_for)


@pytest.fixture
def busy_clinic(
    slots: list[Slot],
    free_slots: list[Slot],
    clinic: Clinic,
    dr_osei: Doctor,
    ana: Patient,
    ben: Patient,
    cleo: Patient,
    clock: ClinicClock,
) -> dict[str, UUID]:
    """Something of every kind by name, and who paid for it by `name_pays`."""
    publish(dr_osei, [Window(WEDNESDAY, time(14), time(18), 15)], now=clock.now)
    later = iter(Slot.objects.filter(doctor=dr_osei).order_by("starts_at")[4:])
    clinic.refund_percent = 50
    clinic.save()
    seen = paid(slots[0], ana)
    reopened = paid(slots[1], ben)
    moved = paid(slots[2], cleo)
    moving.move(moved.pk, next(later).pk, by=cleo.user, line=wiring.video_line())
    free = booked(free_slots[0], cleo)
    withdrawn = cancel(paid(next(later), ana), dr_osei.user)
    declined = booked(next(later), ana)
    pays(declined, "decline")
    news(declined)
    strict = Clinic.objects.filter(pk=clinic.pk)
    strict.update(refund_hours=72)
    kept_whole = cancel(paid(next(later), ben), ben.user)
    strict.update(refund_hours=0)

    bank = Bank()
    twice = bank.is_paid(next(later), ana, pages=2)
    thrice = bank.is_paid(next(later), ben, pages=3)
    off = cancel(bank.is_paid(next(later), cleo, pages=1), dr_osei.user)
    bank.is_asked_to_give_back()
    needs_human = Refund.objects.get(payment__beside=twice.payment)
    by_hand = Refund.objects.get(payment=off.payment)
    refunds.given_by_hand(by_hand.pk, by=uuid4())
    settling.hear("bank", Hint(event_id="another", kind="paid", reference=uuid4()))

    late_slot, lost_slot = next(later), next(later)
    revived, lost = booked(late_slot, ben), booked(lost_slot, cleo)
    pays(revived, "late")
    pays(lost, "late")
    clock.move(timedelta(minutes=10, seconds=10))
    paid(lost_slot, ana)
    tidy()

    clock.set(slots[0].starts_at)
    ending.complete(seen.pk, Visit.ATTENDED, by=dr_osei.user)
    clock.set(slots[1].starts_at)
    ending.complete(reopened.pk, Visit.NO_SHOW_PATIENT, by=dr_osei.user)
    ending.reopen(reopened.pk, by=dr_osei.user)
    tidy()
    half_back = cancel(paid(next(later), cleo), cleo.user)
    also_half = cancel(paid(next(later), cleo), cleo.user)
    held = Appointment.objects.get(
        pk=checkout.book(
            wish_for(next(later)),
            ben,
            gateway=wiring.payment_gateway(),
            line=wiring.video_line(),
            once=Once("a-key", b"body"),
        )
    )
    also_held = booked(next(later), ben)
    for_guest = Once("a-form", b"body")
    unknown = Appointment.objects.get(
        pk=guests.hold_as_guest(wish_for(next(later)), provider="sandbox", once=for_guest)
    )
    waiting = paid(next(later), ana)
    waitlist.wait(waiting.pk, by=ana.user)
    waitlist.offer_times()
    offered = waiting.offers.get()
    clock.move(timedelta(minutes=1))
    named = {
        "seen": seen,
        "reopened": reopened,
        "moved": moved,
        "free": free,
        "withdrawn": withdrawn,
        "declined": declined,
        "kept_whole": kept_whole,
        "twice": twice,
        "thrice": thrice,
        "off": off,
        "revived": revived,
        "lost": lost,
        "half_back": half_back,
        "also_half": also_half,
        "held": held,
        "also_held": also_held,
        "unknown": unknown,
        "waiting": waiting,
        "offered": offered,
    }
    payments = {
        f"{name}_pays": one.payment_id for name, one in named.items() if one.payment_id is not None
    }
    return {
        **{name: one.pk for name, one in named.items()},
        **payments,
        "ana": ana.pk,
        "guest": unknown.patient_id,
        "needs_human": needs_human.pk,
        "by_hand": by_hand.pk,
    }


@pytest.mark.usefixtures("busy_clinic")
def test_a_busy_clinic_keeps_every_rule() -> None:
    assert breaches(EVERYTHING) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("busy_clinic")
def test_the_command_says_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_invariants")
    assert f"All {len(EVERYTHING) + 1} rules hold." in capsys.readouterr().out


@pytest.mark.breaks_rules
@pytest.mark.django_db(transaction=True)
def test_the_command_names_the_rule_and_the_row_and_nobody(
    busy_clinic: dict[str, UUID], capsys: pytest.CaptureFixture[str]
) -> None:
    Appointment.objects.filter(pk=busy_clinic["moved"]).update(channel_name="another")
    with pytest.raises(CommandError, match=f"1 rows break 1 of the rules; {len(EVERYTHING)} hold"):
        call_command("check_invariants")
    told = f"a channel is named after its appointment: {busy_clinic['moved']}\n"
    assert capsys.readouterr().out == told


AN_APPOINTMENT = "update booking_appointment set"
A_PAYMENT = "update payments_payment set"
A_REFUND = "update payments_refund set"
A_MESSAGE = "update booking_message set"
A_STEP = "update booking_transition set"
# Ana's account, which is open.
A_DOCTOR_WHO_LEFT = """
insert into people_doctor (
  user_id, clinic_id, name, name_folded, specialization_id, timezone, fee_amount, languages, about, state)
select %(ana)s, clinic_id, name, name_folded, specialization_id, timezone, fee_amount, '{}', '', 'left'
from people_doctor limit 1
"""

# The rule, what breaks it, and the other rules that cannot but be broken with it.
BREACHES: list[tuple[str, str, set[str]]] = [
    (
        "a slot is given once",
        f"""{AN_APPOINTMENT} (slot_id, starts_at, ends_at) = (select slot_id, starts_at, ends_at
        from booking_appointment where id = %(seen)s) where id = %(thrice)s""",
        {"a doctor sees one patient at a time"},
    ),
    (
        "no slot that may be had is before its doctor's first opening",
        "update schedule_firstopening set not_before = not_before + interval '1 day'",
        set(),
    ),
    (
        "a doctor sees one patient at a time",
        f"{AN_APPOINTMENT} starts_at = starts_at - interval '5 min' where id = %(reopened)s",
        {"an appointment is where and when its slot is"},
    ),
    (
        "a patient is in one place at a time",
        f"{AN_APPOINTMENT} patient_id = %(ana)s where id = %(free)s",
        {"each is told of their own visit alone"},
    ),
    (
        "a doctor's hours do not overlap",
        """update schedule_availability set ends_at = ends_at + interval '5 hours'
        where start_time = '09:00'""",
        set(),
    ),
    (
        "a doctor's slots do not overlap",
        """insert into schedule_slot (doctor_id, availability_id, starts_at, ends_at)
        select doctor_id, availability_id, starts_at + interval '5 min', ends_at + interval '5 min'
        from schedule_slot order by starts_at limit 1""",
        set(),
    ),
    (
        "a slot lies in its doctor's hours and is as long as they say",
        "update schedule_availability set starts_at = starts_at + interval '1 min'",
        set(),
    ),
    (
        "a slot lies in its doctor's hours and is as long as they say",
        "update schedule_availability set duration_minutes = 14",
        set(),
    ),
    (
        "an appointment ends after it starts",
        f"{AN_APPOINTMENT} ends_at = starts_at where id = %(withdrawn)s",
        set(),
    ),
    (
        "an appointment is where and when its slot is",
        f"{AN_APPOINTMENT} ends_at = ends_at - interval '1 min' where id = %(declined)s",
        set(),
    ),
    (
        "only a cancelled appointment may be without its slot",
        f"{AN_APPOINTMENT} slot_id = null where id = %(seen)s",
        set(),
    ),
    (
        "a hold takes one of its patient's two places",
        f"{AN_APPOINTMENT} hold_place = null where id = %(held)s",
        set(),
    ),
    (
        "a hold takes one of its patient's two places",
        f"{AN_APPOINTMENT} hold_place = 2 where id in (%(held)s, %(also_held)s)",
        set(),
    ),
    (
        "a hold takes one of its patient's two places",
        f"{AN_APPOINTMENT} hold_place = 1 where id = %(moved)s",
        set(),
    ),
    (
        "a hold takes one of its patient's two places",
        f"{AN_APPOINTMENT} hold_place = 1 where id = %(offered)s",
        set(),
    ),
    (
        "what is offered is earlier, and for a visit of this patient with this doctor that stands",
        f"{AN_APPOINTMENT} offer_for_id = %(reopened)s where id = %(offered)s",
        set(),
    ),
    (
        "what is offered is earlier, and for a visit of this patient with this doctor that stands",
        f"{AN_APPOINTMENT} offer_for_id = %(seen)s where id = %(offered)s",
        set(),
    ),
    (
        "an offer has no particulars, no price and no confirmation",
        f"{AN_APPOINTMENT} phone_sealed = 'a number' where id = %(offered)s",
        set(),
    ),
    (
        "a visit is offered one time at once",
        f"{AN_APPOINTMENT} offer_for_id = %(waiting)s, hold_place = null where id = %(held)s",
        {
            "an offer has no particulars, no price and no confirmation",
            "what is offered is earlier, and for a visit of this patient with this doctor that stands",
        },
    ),
    (
        "who waits for an earlier time has a later one",
        "update booking_waitlistentry set appointment_id = %(withdrawn)s",
        set(),
    ),
    (
        "nobody waits for an earlier time once their visit has begun",
        "update booking_waitlistentry set appointment_id = %(seen)s",
        set(),
    ),
    (
        "a hold ends before its visit starts",
        f"{AN_APPOINTMENT} held_until = starts_at + interval '1 sec' where id = %(held)s",
        set(),
    ),
    (
        "a doctor who has left has no visit to come",
        """with silva as (
          update people_doctor set state = 'left' where name = 'Dr Nimal Silva' returning *),
        account as (
          update people_user set is_active = false where id in (select user_id from silva))
        insert into booking_departure (doctor_id, by_id, call_off, left_at)
        select user_id, user_id, false, clinic_now() + interval '1 day' from silva""",
        set(),
    ),
    (
        "a doctor who has left offers no time and has no open account",
        A_DOCTOR_WHO_LEFT,
        set(),
    ),
    (
        "a doctor who has left offers no time and has no open account",
        f"""with gone as ({A_DOCTOR_WHO_LEFT}),
        account as (update people_user set is_active = false where id = %(ana)s)
        insert into schedule_slot (doctor_id, availability_id, starts_at, ends_at)
        select %(ana)s, availability_id, starts_at, ends_at from schedule_slot
        where starts_at > clinic_now() limit 1""",
        {
            "a slot lies in its doctor's hours and is as long as they say",
            "no slot that may be had is before its doctor's first opening",
        },
    ),
    (
        "an idempotency key stands for an appointment of its user, or that they asked for",
        "update records_idempotencykey set made = gen_random_uuid()",
        set(),
    ),
    (
        "an idempotency key stands for an appointment of its user, or that they asked for",
        "update records_idempotencykey set user_id = %(ana)s",
        set(),
    ),
    (
        "every step is one that may follow the one before it",
        f"{A_STEP} from_status = 'completed' where to_status = 'pending'",
        set(),
    ),
    (
        "every step is one that may follow the one before it",
        f"{A_STEP} to_status = 'pending' where why = 'reopened'",
        {"an appointment stands where its last step left it, for the same reason"},
    ),
    (
        "every step is one that may follow the one before it",
        f"{A_STEP} actor = 'patient' where appointment_id = %(revived)s and actor = 'payment'",
        set(),
    ),
    (
        "every step is one that may follow the one before it",
        f"{A_STEP} why = 'by_patient' where appointment_id = %(revived)s and actor = 'clock'",
        set(),
    ),
    (
        "a step is never before the one before it",
        f"{A_STEP} at = at - interval '1 sec' where why = 'moved'",
        set(),
    ),
    (
        "an appointment stands where its last step left it, for the same reason",
        f"{AN_APPOINTMENT} status = 'confirmed', outcome = '' where id = %(seen)s",
        set(),
    ),
    (
        "an appointment stands where its last step left it, for the same reason",
        f"{AN_APPOINTMENT} cancel_reason = 'by_clinic' where id = %(withdrawn)s",
        set(),
    ),
    (
        "an appointment was made, confirmed and ended when its steps say",
        f"{AN_APPOINTMENT} created_at = created_at - interval '1 sec' where id = %(held)s",
        set(),
    ),
    (
        "an appointment was made, confirmed and ended when its steps say",
        f"{AN_APPOINTMENT} confirmed_at = null where id = %(revived)s",
        set(),
    ),
    (
        "an appointment was made, confirmed and ended when its steps say",
        f"{AN_APPOINTMENT} ended_at = null where id = %(seen)s",
        set(),
    ),
    (
        "an appointment was made, confirmed and ended when its steps say",
        f"{AN_APPOINTMENT} ended_at = confirmed_at where id = %(reopened)s",
        set(),
    ),
    (
        "nothing of a guest's is confirmed",
        f"{AN_APPOINTMENT} patient_id = %(guest)s where id = %(free)s",
        {"each is told of their own visit alone"},
    ),
    (
        "a guest is shown no page to pay on",
        f"{AN_APPOINTMENT} patient_id = %(guest)s where id = %(declined)s",
        set(),
    ),
    (
        "a visit is confirmed before it starts",
        f"""with one as ({AN_APPOINTMENT} confirmed_at = starts_at where id = %(free)s returning *)
        {A_STEP} at = one.starts_at from one
        where appointment_id = one.id and to_status = 'confirmed'""",
        {
            "who has a visit was told so",
            "what is told of a step was told when it had been taken",
        },
    ),
    (
        "a visit is completed after it has started",
        f"""with one as ({AN_APPOINTMENT} ended_at = confirmed_at where id = %(seen)s returning *)
        {A_STEP} at = one.ended_at from one
        where appointment_id = one.id and to_status = 'completed'""",
        set(),
    ),
    (
        "a visit has a channel and a token, and nothing else has a token",
        f"{AN_APPOINTMENT} channel_name = '' where id = %(moved)s",
        set(),
    ),
    (
        "a visit has a channel and a token, and nothing else has a token",
        f"{AN_APPOINTMENT} token_expires_at = null where id = %(seen)s",
        set(),
    ),
    (
        "a visit has a channel and a token, and nothing else has a token",
        f"{AN_APPOINTMENT} token_sealed = 'sealed' where id = %(withdrawn)s",
        set(),
    ),
    (
        "a visit has a channel and a token, and nothing else has a token",
        f"{AN_APPOINTMENT} token_uid = 2 where id = %(held)s",
        set(),
    ),
    (
        "a channel is named after its appointment",
        f"{AN_APPOINTMENT} channel_name = 'appt_' || %(seen)s where id = %(moved)s",
        set(),
    ),
    (
        "a token ends with its room",
        f"""{AN_APPOINTMENT} token_expires_at = ends_at + interval '15 min 1 sec'
        where id = %(moved)s""",
        set(),
    ),
    (
        "a free visit has no payment and any other has one",
        f"{AN_APPOINTMENT} price_amount = 0 where id = %(held)s",
        set(),
    ),
    (
        "a payment is of one appointment, or of none and beside one that is",
        """insert into payments_payment (id, provider, checkout_url, state, amount, currency,
          created_at, under_way, looks, trouble)
        values (gen_random_uuid(), 'bank', '', 'failed', 1, 'LKR', clinic_now(), false, 0, '')""",
        set(),
    ),
    (
        "a payment is of one appointment, or of none and beside one that is",
        f"{A_PAYMENT} beside_id = %(twice_pays)s where id = %(declined_pays)s",
        set(),
    ),
    (
        "a hold waits for a payment that may still succeed",
        f"{A_PAYMENT} state = 'failed' where id = %(held_pays)s",
        set(),
    ),
    (
        "a visit that costs something is paid for",
        f"""{AN_APPOINTMENT} price_amount = price_amount + case id when %(seen)s then 1 else -1 end
        where id in (%(seen)s, %(moved)s)""",
        set(),
    ),
    (
        "of the money for a visit just that is owed back which was agreed",
        f"""{A_REFUND} amount = amount + case payment_id when %(half_back_pays)s then 1 else -1 end
        where payment_id in (%(half_back_pays)s, %(also_half_pays)s)""",
        set(),
    ),
    (
        "of the money for a visit just that is owed back which was agreed",
        "delete from payments_refund where payment_id = %(half_back_pays)s",
        {"what was taken is what was earned, kept as agreed, or is owed back"},
    ),
    (
        "of the money for a visit just that is owed back which was agreed",
        f"{A_REFUND} payment_id = %(seen_pays)s where payment_id = %(half_back_pays)s",
        set(),
    ),
    (
        "of the money for a visit just that is owed back which was agreed",
        f"{AN_APPOINTMENT} refund_percent = 51 where id = %(half_back)s",
        {"what was taken is what was earned, kept as agreed, or is owed back"},
    ),
    (
        "of the money for a visit just that is owed back which was agreed",
        f"{AN_APPOINTMENT} refund_hours = 72 where id = %(half_back)s",
        {"what was taken is what was earned, kept as agreed, or is owed back"},
    ),
    (
        "of the money for a visit just that is owed back which was agreed",
        f"{AN_APPOINTMENT} refund_hours = 0 where id = %(kept_whole)s",
        {"what was taken is what was earned, kept as agreed, or is owed back"},
    ),
    (
        "money that came beside the payment is owed back whole",
        f"{A_REFUND} amount = amount - 1 where id = %(needs_human)s",
        {"what was taken is what was earned, kept as agreed, or is owed back"},
    ),
    (
        "only money that was taken is owed back, and never more",
        """insert into payments_refund (id, payment_id, amount, state, created_at, tries, next_try_at,
          attempt, trouble)
        values (gen_random_uuid(), %(declined_pays)s, 1, 'requested', clinic_now(), 0, clinic_now(),
          1, '')""",
        set(),
    ),
    (
        "what was taken is what was earned, kept as agreed, or is owed back",
        f"{A_PAYMENT} amount = amount + 1 where id = %(off_pays)s",
        set(),
    ),
    (
        "a payment that is open is asked about, or a person has been told",
        f"{A_PAYMENT} next_look_at = null where id = %(held_pays)s",
        set(),
    ),
    (
        "nothing more is asked about money that was taken",
        f"{A_PAYMENT} next_look_at = clinic_now() where id = %(seen_pays)s",
        set(),
    ),
    (
        "nothing more is asked about money that was taken",
        f"{A_PAYMENT} under_way = true where id = %(seen_pays)s",
        set(),
    ),
    (
        "nothing more is asked about money that was taken",
        f"{A_PAYMENT} trouble = 'mismatch' where id = %(seen_pays)s",
        set(),
    ),
    (
        "a refund is sent until it is done or the provider refuses it",
        f"{A_REFUND} next_try_at = null where payment_id = %(half_back_pays)s",
        set(),
    ),
    (
        "a refund is sent until it is done or the provider refuses it",
        f"{A_REFUND} trouble = 'no_answer' where id = %(needs_human)s",
        set(),
    ),
    (
        "a refund needs a person for a reason",
        f"{A_REFUND} trouble = '' where id = %(needs_human)s",
        set(),
    ),
    (
        "what was given back by hand is not sent as well",
        f"{A_REFUND} by_hand = gen_random_uuid() where id = %(needs_human)s",
        set(),
    ),
    (
        "what was given back by hand is not sent as well",
        f"{A_REFUND} next_try_at = clinic_now() where id = %(by_hand)s",
        set(),
    ),
    (
        "a provider names a payment once",
        f"""{A_PAYMENT} provider_ref = (select provider_ref from payments_payment
        where id = %(twice_pays)s) where id = %(off_pays)s""",
        set(),
    ),
    (
        "a provider tells an event once",
        "update payments_event set event_id = 'the same' where payment_id = %(twice_pays)s"
        " or quarantined <> ''",
        set(),
    ),
    (
        "an event is about a payment at the provider that told it, or set aside",
        "update payments_event set payment_id = null",
        set(),
    ),
    (
        "an event is about a payment at the provider that told it, or set aside",
        "update payments_event set payment_id = %(seen_pays)s where payment_id = %(twice_pays)s",
        set(),
    ),
    (
        "the sandbox took what we have down as taken",
        "update payments_sandboxcheckout set amount = amount - 1 where reference = %(seen_pays)s",
        set(),
    ),
    (
        "the sandbox took what we have down as taken",
        "update payments_sandboxcheckout set succeeds_at = null where reference = %(seen_pays)s",
        set(),
    ),
    (
        "the sandbox took what we have down as taken",
        """update payments_sandboxcheckout set succeeds_at = clinic_now()
        where reference = %(declined_pays)s""",
        set(),
    ),
    (
        "the sandbox gave back what we have down as given back",
        "delete from payments_sandboxrefund",
        set(),
    ),
    (
        "the sandbox gave back what we have down as given back",
        "update payments_sandboxrefund set amount = amount - 1",
        set(),
    ),
    (
        "the sandbox gave back what we have down as given back",
        f"{A_REFUND} by_hand = gen_random_uuid() where payment_id = %(lost_pays)s",
        set(),
    ),
    (
        "the sandbox gave back what we have down as given back",
        """insert into payments_sandboxrefund (reference, checkout_id, amount)
        select gen_random_uuid(), checkout_id, 1 from payments_sandboxrefund limit 1""",
        set(),
    ),
    (
        "who has a visit was told so",
        "delete from booking_message where kind = 'confirmed' and appointment_id = %(free)s",
        set(),
    ),
    (
        "what is told of a step was told when it had been taken",
        f"{A_MESSAGE} kind = 'moved' where kind = 'cancelled' and appointment_id = %(withdrawn)s",
        set(),
    ),
    (
        "no reminder goes out of a visit that is off, or of another time",
        f"""{A_MESSAGE} kind = 'reminder_day', state = 'sent', sent_at = written_at + interval '3 min'
        where kind = 'cancelled' and appointment_id = %(withdrawn)s""",
        set(),
    ),
    (
        "no reminder goes out of a visit that is off, or of another time",
        f"""{A_MESSAGE} kind = 'reminder_hour', state = 'sent', sent_at = written_at + interval '3 min',
        about = about - interval '1 day' where kind = 'moved' and appointment_id = %(moved)s""",
        set(),
    ),
    (
        "each is told of their own visit alone",
        f"{A_MESSAGE} to_id = %(guest)s where appointment_id = %(free)s",
        set(),
    ),
    (
        "a lapsed hold is cleared away",
        f"{AN_APPOINTMENT} held_until = clinic_now() - interval '121 sec' where id = %(held)s",
        set(),
    ),
    (
        "a payment is asked about when it is due",
        f"{A_PAYMENT} next_look_at = clinic_now() - interval '121 sec' where id = %(held_pays)s",
        set(),
    ),
    (
        "a refund is sent when it is due",
        f"""{A_REFUND} next_try_at = clinic_now() - interval '121 sec'
        where payment_id = %(half_back_pays)s""",
        set(),
    ),
    (
        # Everybody has been away for days.
        "a visit is over for good a day after its end",
        """create or replace function clinic_now() returns timestamptz language sql volatile
        as $$select timestamptz '2026-12-01 00:00Z'$$""",
        {
            "a lapsed hold is cleared away",
            "a payment is asked about when it is due",
            "a refund is sent when it is due",
            "nobody waits for an earlier time once their visit has begun",
        },
    ),
]

WITHOUT_CONSTRAINTS = """
do $$
declare one record;
begin
  for one in
    select conrelid::regclass as owner, conname from pg_constraint
    where contype in ('c', 'f', 'u', 'x') and connamespace = 'public'::regnamespace
      and conrelid::regclass::text ~ '^(booking|payments|records|schedule)_'
    order by contype = 'f' desc
  loop
    execute format('alter table %s drop constraint %I', one.owner, one.conname);
  end loop;
  for one in
    select indexrelid::regclass as name from pg_index
    where indisunique and not indisprimary
      and indrelid::regclass::text ~ '^(booking|payments|records|schedule)_'
  loop
    execute format('drop index %s', one.name);
  end loop;
end $$
"""


def test_every_rule_is_shown_a_breach() -> None:
    assert {rule for rule, _, _ in BREACHES} == set(EVERYTHING)


@pytest.mark.breaks_rules
def test_a_breach_is_found_by_the_rule_it_breaks_and_no_other(busy_clinic: dict[str, UUID]) -> None:
    otherwise = []
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(WITHOUT_CONSTRAINTS)
        for rule, corruption, follows in BREACHES:
            with transaction.atomic():
                cursor.execute(corruption, busy_clinic)
                assert cursor.rowcount, corruption
                found = {breach.rule for breach in breaches(EVERYTHING)}
                transaction.set_rollback(True)
            if found != {rule} | follows:
                otherwise.append((corruption, found))
    assert otherwise == []
