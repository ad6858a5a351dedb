"""Every component in every state, from the templates and classes that the pages use.

Nothing on it is anybody's: a clinic made up in memory, on one morning that never passes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clinicall.booking.models import Appointment
from clinicall.booking.openings import SlotState
from clinicall.booking.states import CancelReason, Status
from clinicall.people.models import Clinic, Doctor, Patient, Role, Specialization, User
from clinicall.schedule.models import Availability, Slot
from clinicall.web.doctor.agenda import Visit
from clinicall.web.doctor.week import Day, Hours
from clinicall.web.patient.month import by_part, first_of, month_of
from clinicall.web.patient.search import Listed
from clinicall.web.standing import Standing
from clinicall.web.viewer import PageRequest

ICONS = Path(__file__).parent / "templates" / "icons"
COLOMBO = ZoneInfo("Asia/Colombo")
NOW = datetime(2026, 11, 11, 4, 32, tzinfo=UTC)  # 10:02am in Colombo
TODAY = date(2026, 11, 11)
A_VISIT = timedelta(minutes=15)
HELD_UNTIL = NOW + timedelta(minutes=9, seconds=41)

# The colours that lie on each other, by their names in frontend/src/styles/tokens.css, and the contrast
# that WCAG 2.2 asks of them in both themes: of text (1.4.3), and of what tells a control (1.4.11).
TEXT, CONTROL = 4.5, 3.0
TEXTS = [
    *(("ink", back) for back in ("canvas", "surface", "sunken", "tint")),
    *(("ink", f"{kind}-bg") for kind in ("ok", "warn", "danger", "info")),
    *(("muted", back) for back in ("canvas", "surface", "sunken", "tint")),
    *(("brand", back) for back in ("canvas", "surface", "tint")),
    ("brand-hover", "canvas"),
    ("brand-active", "canvas"),
    *(("on-brand", back) for back in ("brand", "brand-hover", "brand-active")),
    ("on-danger", "danger"),
    *((kind, f"{kind}-bg") for kind in ("ok", "warn", "danger", "info")),
    *((kind, "surface") for kind in ("ok", "warn", "danger", "info")),
    ("danger", "canvas"),
]
CONTROLS = [
    *(("edge", back) for back in ("canvas", "surface", "sunken")),
    *(("focus", back) for back in ("canvas", "surface", "sunken", "tint")),
    *(("brand", back) for back in ("canvas", "surface", "tint")),
    *(("danger", back) for back in ("canvas", "surface")),
]


@dataclass(frozen=True)
class Words:
    doctor: str
    other_doctor: str
    patient: str
    specialization: str
    clinic: str
    reason: str


USUAL = Words(
    doctor="Dr Amara Silva",
    other_doctor="Dr Kofi Osei",
    patient="Ana Perera",
    specialization="General practice",
    clinic="Lakeside",
    reason="Cough for two weeks",
)
# Names of 48 letters, and words that no line can hold.
LONG = Words(
    doctor="Dr Wickramasinghe Rajapaksha Mudiyanselage Silva",
    other_doctor="Dr Hubert Blaine Wolfeschlegelsteinhausenberger",
    patient="Anantharajasekaran Perera-Wickramasinghe-Jayawar",
    specialization="Otorhinolaryngology and gastroenterohepatology",
    clinic="Thiruvananthapuram Lakeside Family Medical Centre",
    reason="Pneumonoultramicroscopicsilicovolcanoconiosis since the holidays, " * 4,
)


class SampleForm(forms.Form):
    name = forms.CharField(label="Empty", error_messages={"required": "Enter your name"})
    filled = forms.CharField(label="Filled", initial="Ana Perera", required=False)
    phone = forms.RegexField(
        r"\A\+?[0-9 ]{7,}\Z",
        label="With a hint",
        help_text="The clinic uses it only about this appointment.",
        error_messages={
            "required": "Enter a phone number.",
            "invalid": "Enter a phone number with at least 7 digits.",
        },
    )
    email = forms.EmailField(
        label="Disabled", initial="you@clinic.example", disabled=True, required=False
    )
    town = forms.ChoiceField(
        label="One of many",
        choices=[("", "Choose a town"), ("c", "Colombo"), ("k", "Kandy")],
        error_messages={"required": "Choose a town from the list."},
    )
    day = forms.DateField(
        label="A date", initial=TODAY, required=False, widget=forms.DateInput({"type": "date"})
    )
    file = forms.FileField(label="A file", required=False)
    code = forms.CharField(label="Code", initial="402718", required=False)
    length = forms.ChoiceField(
        label="One of a few",
        choices=[("15", "15 minutes"), ("30", "30 minutes"), ("60", "An hour")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a length"},
    )
    agreed = forms.BooleanField(
        label="I have read what happens to my data",
        help_text="It can be taken back at any time.",
        error_messages={"required": "Say that you have read it"},
    )
    reason = forms.CharField(
        label="Many lines", initial="Cough for two weeks", widget=forms.Textarea({"rows": 3})
    )


REFUSED = {"filled": "Ana Perera", "phone": "12", "code": "402718", "reason": "Cough"}


@require_safe
def styleguide(request: PageRequest) -> HttpResponse:
    """`?dir=rtl` turns the page round, `?texts=long` fills it with long names, `?form=refused` sends its
    form. For staff and admins; where only developers can be, for anybody."""
    user = request.user
    is_staff = user.is_authenticated and user.role in (Role.STAFF, Role.ADMIN)
    if settings.PRODUCTION and not is_staff:
        raise Http404
    sampled = MadeUp(LONG if request.GET.get("texts") == "long" else USUAL)
    is_refused = request.GET.get("form") == "refused"
    context = {
        "direction": "rtl" if request.GET.get("dir") == "rtl" else "ltr",
        "texts": request.GET.get("texts", ""),
        "texts_on": [(*pair, TEXT) for pair in TEXTS],
        "controls_on": [(*pair, CONTROL) for pair in CONTROLS],
        "icons": sorted(icon.name for icon in ICONS.glob("*.svg")),
        "sample": SampleForm(REFUSED if is_refused else None),
        **sampled.month(),
        **sampled.lists(),
    }
    return render(request, "styleguide.html", context)


class MadeUp:
    """A doctor, a patient and their appointments, in these words and in no database."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.clinic = Clinic(name=words.clinic, timezone=COLOMBO.key, currency="LKR")
        self.patient = User(role=Role.PATIENT)
        self.doctor = self._doctor(words.doctor)

    def _doctor(self, name: str, fee: int = 250_000) -> Doctor:
        return Doctor(
            user=User(role=Role.DOCTOR),
            clinic=self.clinic,
            name=name,
            specialization=Specialization(pk=1, name=self.words.specialization),
            timezone=COLOMBO.key,
            fee_amount=fee,
            languages=["English", "Sinhala", "Tamil"],
        )

    def _slots(self, day: date, *times: time) -> list[Slot]:
        starts = [datetime.combine(day, at, COLOMBO) for at in times]
        return [
            Slot(pk=n, doctor=self.doctor, starts_at=at, ends_at=at + A_VISIT)
            for n, at in enumerate(starts, start=1)
        ]

    def _appointment(self, status: Status, starts_in: timedelta, **more: Any) -> Appointment:
        starts_at = NOW + starts_in
        first, _, last = self.words.patient.partition(" ")
        appointment = Appointment(
            reference="K7Q2M9XA",
            doctor=self.doctor,
            patient=Patient(user=self.patient),
            status=status,
            starts_at=starts_at,
            ends_at=starts_at + A_VISIT,
            held_until=HELD_UNTIL,
            price_amount=250_000,
            currency="LKR",
            first_name=first,
            last_name=last,
            **more,
        )
        appointment.reason = self.words.reason
        return appointment

    def _appointments(self) -> list[Appointment]:
        """One of each: on now, waiting for money, confirmed, completed, cancelled."""
        return [
            self._appointment(Status.CONFIRMED, timedelta(minutes=-2)),
            self._appointment(Status.PENDING, timedelta(days=1, minutes=13)),
            self._appointment(Status.CONFIRMED, timedelta(days=2, minutes=43)),
            self._appointment(Status.COMPLETED, timedelta(hours=-1, minutes=-2), ended_at=NOW),
            self._appointment(
                Status.CANCELLED, timedelta(hours=3), cancel_reason=CancelReason.BY_PATIENT
            ),
        ]

    def month(self) -> dict[str, Any]:
        """What patient/_picker.html shows: days past, of today, with none, few, some and many times."""
        chosen = TODAY + timedelta(days=14)
        free = {TODAY + timedelta(days=n): (2, 6, 14, 0)[n % 4] for n in range(20)}
        times = self._slots(
            chosen, *(time(hour, minute) for hour in (9, 12, 17) for minute in (0, 15, 30))
        )
        self.doctor.next_opening = datetime.combine(  # type: ignore[attr-defined]  # as a query adds it
            TODAY, time(11, 0), COLOMBO
        )
        latest = TODAY + timedelta(days=60)
        return {
            "doctor": self.doctor,
            "doctor_zone": COLOMBO,
            "month": month_of(first_of(TODAY), free, earliest=TODAY, latest=latest),
            "today": TODAY,
            "next_day": TODAY,
            "chosen": chosen,
            "first_time": times[0].starts_at,
            "parts": by_part(times, COLOMBO),
            "change_zone": reverse("time_zone"),
        }

    def lists(self) -> dict[str, Any]:
        tomorrow = TODAY + timedelta(days=1)
        doctors = [self.doctor, self._doctor(self.words.other_doctor, fee=0)]
        times = self._slots(tomorrow, time(9), time(9, 15), time(11, 30))
        return {
            "now": NOW,
            "hold_ends": HELD_UNTIL,
            "start": NOW,
            "found": [Listed(doctor, tomorrow, times) for doctor in doctors],
            "standings": [Standing(one, self.patient, NOW) for one in self._appointments()],
            "visits": [Visit(one, self.doctor.user, NOW) for one in self._appointments()],
            "week": self._week(),
            "page": Paginator(range(100), 20).page(2),
        }

    def _week(self) -> Sequence[Day]:
        free, held, booked = SlotState.OPEN, SlotState.HELD, SlotState.BOOKED
        states: list[list[SlotState]] = [
            [SlotState.PAST] * 8,
            [],
            [free] * 3 + [booked] * 3,
            [free] * 12,
            [free] * 4 + [booked] * 4,
            [free] * 7 + [held],
            [booked] * 8,
        ]
        monday = TODAY - timedelta(days=TODAY.weekday())
        days = [monday + timedelta(days=n) for n in range(7)]
        return [
            Day(day, (day - TODAY).days, [Hours(of_day, self._hours(day))] if of_day else [])
            for day, of_day in zip(days, states, strict=True)
        ]

    def _hours(self, day: date) -> Availability:
        return Availability(
            doctor=self.doctor,
            date=day,
            timezone=COLOMBO.key,
            start_time=time(9),
            end_time=time(11),
            duration_minutes=15,
        )
