"""One history: some days at a clinic, made of steps that a seed has chosen."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from django.db import OperationalError

from clinicall.booking import ending, moving, settling, waitlist, withdrawing
from clinicall.booking.checkout import book
from clinicall.booking.holds import ANYWHERE, Once, Wish, lapse
from clinicall.booking.models import Appointment, Delivery, Message
from clinicall.booking.searching import raise_first_openings
from clinicall.booking.states import LIVE, CancelReason, Outcome, Status
from clinicall.core.refusals import IdempotencyKeyReused, Refusal, TryAgain
from clinicall.messages import sending
from clinicall.messages.reminding import BEFORE, remind
from clinicall.payments import refunds
from clinicall.payments.gateway import Gateway, GatewayDown, Given, Hint
from clinicall.payments.models import OPEN, Payment, Refund, RefundState, Trouble
from clinicall.people.models import Doctor, Patient, User
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from clinicall.video.peer import PeerLine
from tests.clinic_clock import NOON, ClinicClock
from tests.simulator import world as worlds
from tests.simulator.bank import Page, SimulatedBank
from tests.simulator.checking import check_bank, check_end, check_known, check_rows, steps_taken
from tests.simulator.machine import Crash, Machine, Violation, had_to_wait
from tests.simulator.post import SimulatedPost
from tests.simulator.world import World

STEPS = 40
LINE = PeerLine("a key of the simulator alone", "", "")
TOMORROW = date(2026, 11, 24)
DONE = "done"
Made = TypeVar("Made")


@dataclass(frozen=True)
class Sent:
    """A request to book that may come again: with the same key it must make the same thing."""

    patient: Patient
    wish: Wish
    once: Once


@dataclass
class History:
    seed: int
    world: World
    clock: ClinicClock
    machine: Machine
    tally: Counter[str]
    trace: list[str] = field(default_factory=list)
    taken: int = 0  # steps, also those inside others
    sent: list[Sent] = field(default_factory=list)
    # What each key has made, and when. It is remembered for a day.
    made: dict[str, tuple[UUID, datetime]] = field(default_factory=dict)
    doing: list[str] = field(default_factory=list)  # requests inside each other
    _known: dict[UUID, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.bank = SimulatedBank(self.random, self.machine, self.clock, self.tally)
        self.post = SimulatedPost(self.random, self.machine, self.clock, self.tally, self._say)

    def run(self, steps: int = STEPS) -> None:
        """Raises Violation; the trace then ends where it was found."""
        with worlds.names_drawn_from(self.random), self.post.open():
            worlds.begin(self.world, self.clock, self.random)
            self.machine.begin(self.random, self._meanwhile)
            self._publish_first()
            for _ in range(steps):
                self._step(ACTS)
            self._visits_come_near()
            self._come_to_rest()
            self._count_transitions()

    # --- Steps ---

    def _step(self, acts: "Acts") -> None:
        act = self.random.choices(list(acts), list(acts.values()))[0]
        self.taken += 1
        # So that no two rows are of one instant, whose order would be anybody's guess.
        self.clock.move(timedelta(milliseconds=self.random.randrange(1, 900)))
        act(self)

    def _meanwhile(self) -> None:
        """What happens while a request waits; more often than not something about the same thing."""
        kin = KIN.get(self.doing[-1], {})
        for _ in range(self.random.choice((1, 1, 2, 3))):
            self._step(kin if kin and self.random.random() < 0.6 else MEANWHILE)

    def _say(self, line: str) -> None:
        self.trace.append(f"{self.clock.now:%a %H:%M:%S} {'    ' * self.machine.depth}{line}")

    def _do(self, what: str, act: Callable[[], object], *, expected: str | None = None) -> str:
        """One request. `expected` is how it must end unless something happens to it meanwhile."""
        self._say(what)
        disturbed = self.machine.disturbances
        self.doing.append(what.split()[0])
        came = self._outcome(act)
        self.doing.pop()
        self._say(f"= {came}")
        self.tally[f"{what.split()[0]}: {came}"] += 1
        alone = self.machine.disturbances == disturbed and came != "the bank is down"
        if expected and alone and self.machine.depth == 0 and came != expected:
            raise Violation(f"it should have been: {expected}")
        check_rows()
        check_bank(self.bank)
        return came

    def _outcome(self, act: Callable[[], object]) -> str:
        try:
            with self.machine.request():
                act()
        except Crash as crash:
            return f"died at {crash}"
        except TryAgain as fault:
            raise Violation("someone was told to try again, though rows are locked") from fault
        except Refusal as refusal:
            return refusal.code
        except GatewayDown:
            return "the bank is down"
        except OperationalError as error:
            if not had_to_wait(error):
                raise Violation(f"a fault: {error!r}") from error
            self.tally["had to wait for a lock"] += 1
            return "had to wait"
        except Exception as fault:
            raise Violation(f"a fault: {fault!r}") from fault
        return DONE

    def _gateway(self, name: str) -> Gateway | None:
        return self.bank if name == self.bank.name else None

    def _name(self, kind: str, row: UUID) -> str:
        return self._known.setdefault(row, f"{kind}{len(self._known) + 1}")

    def _one_of(self, rows: list[Made]) -> Made | None:
        return self.random.choice(rows) if rows else None

    # --- Doctors' hours ---

    def _publish_first(self) -> None:
        self.machine.calm = True
        osei, perera, silva = self.world.doctors
        for doctor, day in ((osei, 0), (osei, 1), (perera, 0), (silva, 0), (silva, 1)):
            date_ = TOMORROW + timedelta(days=day)
            window = Window(date_, time(9), time(10), self.random.choice((15, 20, 30)))
            self._do(f"publish {doctor.name}", partial(self._publish, doctor, window))
        self.machine.calm = False

    def _publish(self, doctor: Doctor, window: Window) -> None:
        publish(doctor, [window], now=self.clock.now)

    def _a_window(self) -> Window:
        day = TOMORROW + timedelta(days=self.random.randrange(3))
        start = self.random.choice((9, 10))
        return Window(day, time(start), time(start + 1), self.random.choice((15, 20, 30)))

    def publishes(self) -> None:
        doctor, window = self.random.choice(self.world.doctors), self._a_window()
        what = f"publish {doctor.name} {window.date:%a} {window.start:%H}h by {window.minutes}"
        self._do(what, lambda: self._publish(doctor, window))

    def replaces(self) -> None:
        doctor, day = self._published()
        window, now = replace(self._a_window(), date=day), self.clock.now
        what = f"replace {doctor.name} {day:%a} {window.start:%H}h by {window.minutes}"
        self._do(
            what,
            lambda: withdrawing.replace_day(doctor, day, [window], now=now),
            expected=self._replacing_ends(doctor, day),
        )

    def withdraws(self) -> None:
        (doctor, day), now = self._published(), self.clock.now
        self._do(
            f"withdraw {doctor.name} {day:%a}",
            lambda: withdrawing.withdraw_day(doctor, day, now=now),
            expected=self._withdrawing_ends(doctor, day),
        )

    def _published(self) -> tuple[Doctor, date]:
        """A doctor and a day, of those with hours while there are any."""
        doctor = self.random.choice(self.world.doctors)
        hours = Availability.objects.filter(doctor=doctor).order_by("date")
        days = sorted(set(hours.values_list("date", flat=True)))
        return doctor, self._one_of(days) or TOMORROW

    def _replacing_ends(self, doctor: Doctor, day: date) -> str:
        ends = self._withdrawing_ends(doctor, day)
        # Who has left may take hours back, and publishes none.
        has_left = not Doctor.objects.filter(pk=doctor.pk, active=True).exists()
        return "invalid" if ends == DONE and has_left else ends

    def _withdrawing_ends(self, doctor: Doctor, day: date) -> str:
        if not Availability.objects.filter(doctor=doctor, date=day).exists():
            return "not_found"
        if day <= (self.clock.now + timedelta(hours=5, minutes=30)).date():  # in Colombo
            return "not_future"
        there = Slot.objects.filter(availability__doctor=doctor, availability__date=day)
        return "slots_in_use" if self._live().filter(slot__in=there).exists() else DONE

    def _live(self) -> Any:
        """Appointments that are live by the clock, whatever anyone wrote about the lapsed ones."""
        lapsed = {"status": Status.PENDING, "held_until__lte": self.clock.now}
        live = Appointment.objects.filter(status__in=LIVE)
        return live.exclude(**lapsed)

    def something_changes_at_the_clinic(self) -> None:
        """Fees and policies bind no one who has booked; a doctor who has left gets no more patients."""
        doctor = self.random.choice(self.world.doctors[:2])
        fee, active = self.random.choice((250_000, 99_999, 1)), self.random.random() < 0.8
        hours, percent = self.random.choice(worlds.POLICIES)
        if self.machine.in_a_transaction:
            return  # it would wait for whoever holds these rows
        self._say(f"{doctor.name} costs {fee}, active: {active}; {percent}% until {hours}h before")
        worlds.doctor_costs(doctor, fee, active=active)
        worlds.clinic_gives_back(hours, percent)

    # --- Booking ---

    def books(self) -> None:
        slots = list(
            Slot.objects.filter(starts_at__gt=self.clock.now).order_by("starts_at", "doctor")
        )
        if self.random.random() < 0.5:  # what others want, or what lies over one's own
            wanted = set(self._live().values_list("starts_at", flat=True))
            slots = [slot for slot in slots if slot.starts_at in wanted] or slots
        if self.random.random() < 0.05:
            slots = list(Slot.objects.order_by("starts_at", "doctor"))
        slot = self._one_of(slots)
        if slot is None:
            return
        patient = self.random.choice(self.world.patients)
        key = f"key{len(self.sent) + 1}"
        wish = Wish(slot.pk, "A", "B", "+94112345678", "199012345678", "a@b.example", "Cough")
        sent = Sent(patient, wish, Once(key, f"{slot.pk}".encode()))
        self.sent.append(sent)
        expected = self._booking_ends(slot, patient)
        self._books(sent, f"book {self._slot_name(slot)}", expected)

    def _books(self, sent: Sent, what: str, expected: str | None) -> None:
        who = self.world.name(sent.patient.pk)

        def act() -> None:
            made = book(sent.wish, sent.patient, gateway=self.bank, line=LINE, once=sent.once)
            if self._remembered(sent) and self.made[sent.once.key][0] != made:
                raise Violation(f"{sent.once.key} has made two appointments")
            # A request that died may have made it long before anybody was told.
            made_at = Appointment.objects.values_list("created_at", flat=True).get(pk=made)
            self.made.setdefault(sent.once.key, (made, made_at))
            self._say(f"{self._name('a', made)} is {sent.once.key}'s")

        self._do(f"{what} for {who} with {sent.once.key}", act, expected=expected)

    def _booking_ends(self, slot: Slot, patient: Patient) -> str:
        """Found anew by looking at all there is."""
        doctor = Doctor.objects.get(pk=slot.doctor_id)
        live = self._live()
        here = live.filter(starts_at__lt=slot.ends_at, ends_at__gt=slot.starts_at)
        if not doctor.active:
            return "slot_gone"
        if slot.starts_at <= self.clock.now:
            return "too_late"
        if here.filter(doctor=doctor).exclude(patient=patient).exists():
            return "slot_taken"
        if here.filter(patient=patient).exists():
            return "patient_busy"
        if live.filter(patient=patient, status=Status.PENDING, offer_for=None).count() >= 2:
            return "too_many_holds"
        return DONE

    def books_again(self) -> None:
        """A client that has heard nothing sends the same again, or by mistake something else."""
        sent = self._one_of(self.sent)
        if sent is None:
            return
        if self.random.random() < 0.15:
            other = Sent(sent.patient, sent.wish, Once(sent.once.key, b"another body"))
            if self._remembered(sent):
                self._books(other, "mistake", IdempotencyKeyReused.code)
            return
        self._books(sent, "repeat", DONE if self._remembered(sent) else None)

    def _remembered(self, sent: Sent) -> bool:
        made = self.made.get(sent.once.key)
        return made is not None and self.clock.now - made[1] < timedelta(hours=23)

    def _slot_name(self, slot: Slot) -> str:
        return f"{self.world.name(slot.doctor_id)} {slot.starts_at:%a %H:%M}"

    # --- What becomes of an appointment ---

    def _an_appointment(self, *statuses: Status) -> Appointment | None:
        rows = Appointment.objects.filter(offer_for=None).order_by("created_at", "pk")
        if self.random.random() < 0.9:
            rows = rows.filter(status__in=statuses)
        return self._one_of(list(rows))

    def _someone(self, appointment: Appointment) -> User:
        users = [self.world.desk]
        users += [p.user for p in self.world.patients if p.pk == appointment.patient_id] * 2
        users += [d.user for d in self.world.doctors if d.pk == appointment.doctor_id]
        return self.random.choice(users)

    def cancels(self) -> None:
        found = self._an_appointment(Status.PENDING, Status.CONFIRMED)
        if found is None:
            return
        by, again = self._someone(found), self.random.random() < 0.5
        self._do(
            f"cancel {self._name('a', found.pk)} by {by.first_name}, offered again: {again}",
            lambda: ending.cancel(
                found.pk, by=by, gateway_for=self._gateway, line=LINE, offer_again=again
            ),
        )

    def moves(self) -> None:
        found = self._an_appointment(Status.CONFIRMED)
        if found is None:
            return
        theirs = Slot.objects.filter(doctor_id=found.doctor_id).order_by("starts_at")
        slot = self._one_of(list(theirs))
        if slot is None:
            return
        by = self._someone(found)
        self._do(
            f"move {self._name('a', found.pk)} to {self._slot_name(slot)} by {by.first_name}",
            lambda: moving.move(found.pk, slot.pk, by=by, line=LINE),
            expected=self._moving_ends(found, slot, by),
        )

    def _moving_ends(self, found: Appointment, slot: Slot, by: User) -> str | None:
        # What is offered for it is free for it.
        others = self._live().exclude(pk=found.pk).exclude(offer_for=found.pk)
        here = others.filter(starts_at__lt=slot.ends_at, ends_at__gt=slot.starts_at)
        now = self.clock.now
        if found.status != Status.CONFIRMED:
            return "not_possible_now"
        if found.slot_id == slot.pk:
            return DONE
        if not Doctor.objects.get(pk=found.doctor_id).active:
            return "slot_gone"
        if now >= moving.move_until(found, by):
            return "too_late"
        if slot.starts_at <= now:
            return "too_late"
        if here.filter(doctor_id=found.doctor_id).exclude(patient_id=found.patient_id).exists():
            return "slot_taken"
        if here.filter(patient_id=found.patient_id).exists():
            return "patient_busy"
        return DONE

    def waits(self) -> None:
        """For an earlier time, of which there are most before the last visits; or not any more."""
        visits = Appointment.objects.filter(status=Status.CONFIRMED).order_by("-starts_at", "pk")
        found = self._one_of(list(visits[:2]))
        if found is None:
            return
        act = waitlist.stop_waiting if self.random.random() < 0.1 else waitlist.wait
        what = f"{act.__name__} with {self._name('a', found.pk)}"
        self._do(what, lambda: act(found.pk, by=found.patient.user))
        if self.random.random() < 0.7:
            self.offers()

    def offers(self) -> None:
        self._do("offer", waitlist.offer_times)
        if self.random.random() < 0.3:
            self.time_passes()
        if self.random.random() < 0.6:
            self.answers()

    def raises(self) -> None:
        """Bounds, of which none may then be too high (clinicall/schedule/first_openings.py)."""
        self._do("raise", raise_first_openings)

    def answers(self) -> None:
        rows = Appointment.objects.exclude(offer_for=None).order_by("created_at", "pk")
        if self.random.random() < 0.9:
            rows = rows.filter(status=Status.PENDING)
        found = self._one_of(list(rows))
        if found is None:
            return
        by = found.patient.user
        if self.random.random() < 0.3:
            what = f"decline {self._name('a', found.pk)}"
            self._do(what, lambda: waitlist.decline(found.pk, by=by))
        else:
            what = f"take {self._name('a', found.pk)}"
            self._do(what, lambda: waitlist.take(found.pk, by=by, line=LINE))

    def completes(self) -> None:
        found = self._an_appointment(Status.CONFIRMED, Status.COMPLETED)
        begun = Appointment.objects.filter(status=Status.CONFIRMED, starts_at__lte=self.clock.now)
        found = begun.order_by("starts_at", "pk").first() or found
        if found is None:
            return
        doctor = next(d for d in self.world.doctors if d.pk == found.doctor_id)
        outcome = self.random.choice(list(Outcome))
        self._do(
            f"complete {self._name('a', found.pk)} {outcome}",
            lambda: ending.complete(found.pk, outcome, by=doctor.user),
        )
        if self.random.random() < 0.3:
            self.reopens()

    def reopens(self) -> None:
        found = self._an_appointment(Status.COMPLETED)
        if found is None:
            return
        doctor = next(d for d in self.world.doctors if d.pk == found.doctor_id)
        self._do(
            f"reopen {self._name('a', found.pk)}", lambda: ending.reopen(found.pk, by=doctor.user)
        )

    # --- Money ---

    def pays(self) -> None:
        """Somebody does something on a page of the bank; what we wrote of it does not matter to them."""
        page = self._one_of([page for page in self.bank.pages.values() if page.open])
        if page is None:
            return
        how = self.random.choices(
            ("pays", "slow", "declined", "wrong sum", "leaves"), (50, 18, 15, 2, 15)
        )[0]
        self._say(f"at {page.ref} of {self._name('p', page.reference)}: {how}")
        self.tally[f"a payer: {how}"] += 1
        match how:
            case "pays":
                self.bank.pay(page)
            case "slow":
                after = self.random.choice(
                    (
                        timedelta(seconds=10),
                        timedelta(minutes=9),
                        timedelta(hours=1),
                        timedelta(days=self.random.choice((2, 9))),
                    )
                )
                self.bank.pay_slowly(page, after, well=self.random.random() < 0.7)
            case "declined":
                self.bank.decline(page)
            case "wrong sum":
                self.bank.take_a_wrong_sum(page)
            case "leaves":
                self._turns_back(page)
                return
        if self.random.random() < 0.4:
            self._returns(page)

    def _turns_back(self, page: Page) -> None:
        found = Appointment.objects.filter(payment=page.reference).first()
        if found:
            self._do(
                f"turn back from {page.ref}",
                lambda: settling.turn_back(found.pk, gateway_for=self._gateway, line=LINE),
            )

    def _returns(self, page: Page) -> None:
        self._do(
            f"return from {page.ref}",
            lambda: settling.settle(page.reference, gateway_for=self._gateway, line=LINE),
        )

    def hears(self) -> None:
        """Hints come in any order, late, more than once; some are of nothing we know."""
        if self.random.random() < 0.1:
            self.bank.say_something_odd()
        hint = self._one_of(self.bank.post)
        if hint is None:
            return
        if self.random.random() < 0.6:
            self.bank.post.remove(hint)
        self._hears(hint)

    def _hears(self, hint: Hint) -> None:
        at_once = self.random.random() < 0.5

        def act() -> None:
            payment = settling.hear(self.bank.name, hint)
            if payment and at_once:
                settling.settle(payment, gateway_for=self._gateway, line=LINE)

        about = self._name("p", hint.reference) if hint.reference else "nothing"
        self._do(f"hear {hint.event_id}: {hint.kind} {hint.provider_ref} of {about}", act)

    def asks(self) -> None:
        """The poller. It may die between taking a payment and asking about it."""
        due: list[UUID] = []
        self._do("poll", lambda: due.extend(settling.take_due(50)))
        for payment in sorted(due):
            self._do(
                f"settle {self._name('p', payment)}",
                partial(settling.settle, payment, gateway_for=self._gateway, line=LINE),
            )

    def sweeps(self) -> None:
        self._do("sweep", lambda: lapse(ANYWHERE))

    def gives_back(self) -> None:
        due: list[UUID] = []
        self._do("send refunds", lambda: due.extend(refunds.take_due(50)))
        for refund in sorted(due):
            self._do(
                f"give back {self._name('r', refund)}",
                partial(refunds.give_back, refund, gateway_for=self._gateway),
            )

    def reconciles(self) -> None:
        self._do("reconcile", lambda: settling.reconcile(self.bank, since=NOON))

    def somebody_looks_at_the_money(self) -> None:
        """Only what the bank refuses is given back by hand; anything may be asked for again."""
        waiting = Refund.objects.filter(state=RefundState.NEEDS_HUMAN).order_by("created_at", "pk")
        refund = self._one_of(list(waiting))
        if refund is None:
            return
        at_bank = self.bank.returns.get(refund.pk)
        refused = at_bank and at_bank.state is Given.REFUSED and refund.trouble == Trouble.REFUSED
        by_hand = refused and not self.machine.depth and self.random.random() < 0.3
        act = partial(refunds.try_again, refund.pk)
        if by_hand:
            act = partial(refunds.given_by_hand, refund.pk, by=self.world.desk.pk)
        self._do(f"{'by hand' if by_hand else 'try again'} {self._name('r', refund.pk)}", act)

    def _somebody_has_payments_asked_about_again(self) -> None:
        silent = Payment.objects.filter(trouble=Trouble.NO_ANSWER).order_by("created_at", "pk")
        for payment in silent:
            self._do(
                f"ask again {self._name('p', payment.pk)}", partial(settling.ask_again, payment.pk)
            )

    # --- Messages ---

    def reminds(self) -> None:
        """More often than not just when a visit is so near that one is due."""
        to_come = Appointment.objects.filter(
            status=Status.CONFIRMED, starts_at__gt=self.clock.now
        ).order_by("starts_at", "pk")
        visit = self._one_of(list(to_come))
        if visit is None:
            return
        due_at = visit.starts_at - self.random.choice(list(BEFORE.values()))
        if due_at > self.clock.now and not self.machine.depth and self.random.random() < 0.6:
            self.clock.set(due_at)
            self.bank.let_time_work()
        self._do("remind", remind)

    def sends(self) -> None:
        self._do("mail", lambda: sending.send_due(None))
        self.post.check_dropped()

    def _visits_come_near(self) -> None:
        """So that reminders are due; some visits are called off or moved just then."""
        visits = Appointment.objects.filter(
            status=Status.CONFIRMED, starts_at__gt=self.clock.now
        ).order_by("starts_at", "pk")
        starts = sorted(set(visits.values_list("starts_at", flat=True)))
        for due_at in sorted(at - before for at in starts for before in BEFORE.values()):
            if due_at < self.clock.now:
                continue
            self.clock.set(due_at)
            self.bank.let_time_work()
            self._do("remind", remind)
            for _ in range(2):
                self._step(AS_VISITS_COME_NEAR)

    # --- Time ---

    def time_passes(self) -> None:
        if self.machine.in_a_transaction:
            by = timedelta(seconds=self.random.randrange(5))
        elif self.machine.depth:
            by = timedelta(seconds=self.random.choice((10, 60, 300, 660)))
        else:
            by = self._a_while()
        self.clock.move(by)
        self.bank.let_time_work()
        self._say(f"{by} pass")

    def _a_while(self) -> timedelta:
        chance = self.random.random()
        if chance < 0.5:
            return timedelta(seconds=self.random.choice((20, 60, 240, 580, 660, 1900)))
        if chance < 0.9:
            # To where something begins or ends, or a moment before or after.
            live = Appointment.objects.exclude(status=Status.CANCELLED)
            rows = live.values_list("held_until", "starts_at", "ends_at").order_by(
                "starts_at", "pk"
            )
            instants = [instant for row in rows for instant in row if instant > self.clock.now]
            if instants:
                beside = timedelta(seconds=self.random.choice((-3, 0, 3, 300)))
                return max(self.random.choice(instants) + beside - self.clock.now, timedelta(0))
        return timedelta(hours=self.random.choice((1, 3, 12)))

    # --- The end ---

    def _come_to_rest(self) -> None:
        """Nothing fails any more, and what the bank has begun it finishes."""
        self._say("--- everything comes to rest")
        self.machine.calm = True
        if self.random.random() < 0.5:
            for hint in self.random.sample(self.bank.post, len(self.bank.post)):
                self._hears(hint)
        for leap in REST:
            self.clock.move(leap)
            self.bank.let_time_work()
            self._do_what_is_due()
            if leap in (REST[0], REST[-1]):
                self.reconciles()
                self.somebody_looks_at_the_money()
                self._do_what_is_due()
        for _ in range(20):
            if self._is_at_rest():
                break
            self.clock.move(timedelta(days=1))
            self.bank.let_time_work()
            self.reconciles()
            self._do_what_is_due()
            check_known(self.bank)
            self._somebody_has_payments_asked_about_again()
        else:
            raise Violation("something is still under way after weeks")
        check_end(self.bank, self.post)

    def _do_what_is_due(self) -> None:
        now = self.clock.now
        if Appointment.objects.filter(status=Status.PENDING, held_until__lte=now).exists():
            self.sweeps()
        if Payment.objects.filter(next_look_at__lte=now).exists():
            self.asks()
        if Refund.objects.filter(next_try_at__lte=now).exists():
            self.gives_back()
        to_come = Appointment.objects.filter(status=Status.CONFIRMED, starts_at__gt=now)
        if to_come.filter(starts_at__lte=now + max(BEFORE.values())).exists():
            self._do("remind", remind)
        if Message.objects.filter(next_try_at__lte=now).exists():
            self.sends()

    def _is_at_rest(self) -> bool:
        unpaid = Payment.objects.filter(state__in=OPEN).exclude(trouble=Trouble.MISMATCH)
        owed = Refund.objects.filter(state__in=refunds.ON_THEIR_WAY)
        due = Payment.objects.exclude(next_look_at=None).exists()
        due = due or Refund.objects.exclude(next_try_at=None).exists()
        held = Appointment.objects.filter(status=Status.PENDING)
        to_tell = Message.objects.filter(state=Delivery.WAITING)
        left = (unpaid, owed, held, to_tell)
        return not (due or any(rows.exists() for rows in left))

    def _count_transitions(self) -> None:
        for before, after, actor, why, _ in steps_taken():
            self.tally[f"step: {before or 'nothing'} to {after} by {actor} {why}"] += 1
        for refund in Refund.objects.select_related("payment__appointment"):
            self.tally[f"money back: of {_what_was_paid(refund.payment)}"] += 1


def _what_was_paid(payment: Payment) -> str:
    if payment.beside_id:
        return "a second page"
    appointment = payment.appointment
    if appointment.confirmed_at:
        return "a visit that was cancelled"
    reason = appointment.cancel_reason
    if reason.startswith("by_"):
        return "a hold that was cancelled"
    return {
        CancelReason.HOLD_EXPIRED: "a hold that lapsed",
        CancelReason.SLOT_GONE: "a hold whose time has gone",
        CancelReason.PAYMENT_FAILED: "a payment that had failed",
    }[CancelReason(reason)]


REST = [timedelta(minutes=1), timedelta(minutes=12), timedelta(hours=2)]
REST += [timedelta(days=d) for d in (1, 2, 6)] + [timedelta(hours=h) for h in (3, 4)]

Acts = dict[Callable[[History], None], int]  # with how likely each is
ACTS: Acts = {
    History.books: 18,
    History.books_again: 4,
    History.pays: 28,
    History.hears: 10,
    History.asks: 7,
    History.sweeps: 3,
    History.gives_back: 8,
    History.reconciles: 2,
    History.cancels: 7,
    History.moves: 5,
    History.waits: 10,
    History.offers: 6,
    History.answers: 5,
    History.raises: 3,
    History.completes: 4,
    History.reopens: 2,
    History.publishes: 2,
    History.replaces: 2,
    History.withdraws: 2,
    History.something_changes_at_the_clinic: 1,
    History.somebody_looks_at_the_money: 4,
    History.time_passes: 14,
    History.reminds: 5,
    History.sends: 8,
}
MEANWHILE = ACTS | {
    History.books: 10,
    History.gives_back: 8,
    History.somebody_looks_at_the_money: 5,
    History.reconciles: 4,
    History.sweeps: 6,
    History.time_passes: 10,
}

AS_VISITS_COME_NEAR: Acts = {History.sends: 6, History.cancels: 2, History.moves: 2}
_MONEY: Acts = {
    History.time_passes: 4,
    History.pays: 4,
    History.hears: 2,
    History.asks: 3,
    History.sweeps: 2,
    History.cancels: 2,
    History.reconciles: 2,
    History.books: 2,
}
KIN: dict[str, Acts] = {
    "book": _MONEY | {History.books_again: 3},
    "repeat": _MONEY,
    "settle": _MONEY,
    "return": _MONEY,
    "hear": _MONEY,
    "turn": _MONEY,
    "reconcile": _MONEY,
    "cancel": {
        History.cancels: 3,
        History.moves: 3,
        History.completes: 2,
        History.gives_back: 1,
        History.sends: 2,
    },
    "offer": {History.cancels: 3, History.moves: 2, History.books: 3, History.waits: 1},
    "take": {History.time_passes: 2, History.sweeps: 2, History.answers: 3, History.cancels: 2},
    "raise": {History.cancels: 3, History.moves: 3, History.publishes: 1},
    "move": {
        History.moves: 3,
        History.cancels: 3,
        History.books: 3,
        History.withdraws: 1,
        History.sends: 2,
    },
    "mail": {
        History.cancels: 4,
        History.moves: 3,
        History.sends: 3,
        History.reminds: 2,
        History.time_passes: 2,
    },
    "remind": {History.cancels: 3, History.moves: 3, History.reminds: 3, History.sends: 3},
    "give": {
        History.time_passes: 4,
        History.gives_back: 4,
        History.somebody_looks_at_the_money: 2,
        History.hears: 1,
    },
    "replace": {History.books: 4, History.asks: 2, History.withdraws: 1},
    "withdraw": {History.books: 4, History.asks: 2, History.replaces: 1},
}
