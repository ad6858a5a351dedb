"""Who calls, whether they may, and whether what the path names exists for them.

All of it is settled before anything else that was sent is looked at.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.headless.contrib.ninja.security import x_session_token_auth
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from pydantic_core import PydanticCustomError

from clinicall.api.fields import day_of
from clinicall.booking.explaining import explained_to
from clinicall.booking.looking import look_at
from clinicall.booking.models import Appointment
from clinicall.core.limits import PUBLIC_READS
from clinicall.core.refusals import (
    PROBLEM,
    CsrfFailed,
    Invalid,
    NotFound,
    NotSignedIn,
    Refusal,
    SecondFactorRequired,
    SlowDown,
    WrongRole,
)
from clinicall.people import second_factor
from clinicall.people.models import Doctor, DoctorState, Role, User
from clinicall.people.sessions import name_in, name_of
from clinicall.schedule.models import Availability

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class ApiRequest(HttpRequest):
    """A request that a SignedIn let pass."""

    person: User
    looked_at: tuple[Appointment, datetime]  # where what is asked for is an appointment as it is


class _Csrf(CsrfViewMiddleware):
    def _reject(self, *_: Any) -> HttpResponse:
        raise CsrfFailed


def _operation() -> HttpResponse:
    """What the check asks about: an operation that is not exempt."""
    raise AssertionError("only looked at")


_csrf = _Csrf(lambda _request: HttpResponse())


class Anyone:
    """Needs no account, and is counted. `check` raises NotFound for a path that names nothing."""

    def __init__(self, check: Callable[[HttpRequest], None] | None = None) -> None:
        self.check = check
        self.refusals: list[type[Refusal]] = [NotFound, SlowDown] if check else [SlowDown]

    def __call__(self, request: HttpRequest) -> bool:
        PUBLIC_READS.count(request.META["REMOTE_ADDR"])
        if self.check:
            self.check(request)
        return True


class SignedIn:
    """Needs an account, of one of these roles where any is named. `check` is for what the path names.

    A program sends `X-Session-Token`; a browser its cookie, and then a CSRF token to change anything.
    """

    def __init__(self, *roles: Role, check: Callable[[ApiRequest], None] | None = None) -> None:
        self.roles, self.check = roles, check
        self.refusals: list[type[Refusal]] = [NotSignedIn, CsrfFailed, SecondFactorRequired]
        self.refusals += [WrongRole] if roles else []
        self.refusals += [NotFound] if check else []

    def __call__(self, request: ApiRequest) -> User:
        request.person = _person(request)
        if second_factor.is_missing(request.person):
            raise SecondFactorRequired
        if self.roles and request.person.role not in self.roles:
            raise WrongRole
        if Role.DOCTOR in self.roles and _has_only_applied(request.person):
            raise WrongRole
        if self.check:
            self.check(request)
        return request.person


def session_of(request: ApiRequest) -> str:
    """The name of the session in which it was asked."""
    token = request.headers.get("X-Session-Token")
    return name_of(token) if token else name_in(request)


def _has_only_applied(person: User) -> bool:
    return Doctor.objects.filter(pk=person.pk, state=DoctorState.APPLIED).exists()


def _person(request: HttpRequest) -> User:
    if request.headers.get("X-Session-Token"):
        person = x_session_token_auth(request)
        if not isinstance(person, User):
            raise NotSignedIn
        return person
    if not request.user.is_authenticated:
        raise NotSignedIn
    if request.method not in SAFE_METHODS:
        _csrf.process_view(request, _operation, (), {})
    return request.user


# --- What paths name ---


def _in_path(request: HttpRequest, name: str) -> str:
    assert request.resolver_match
    return str(request.resolver_match.kwargs[name])


def _id_in_path(request: HttpRequest, name: str) -> UUID:
    text = _in_path(request, name)
    try:
        named = UUID(text)
    except ValueError:
        raise NotFound from None
    if str(named) != text:  # one spelling, so that no two addresses mean one thing
        raise NotFound
    return named


def _active_doctor(request: HttpRequest) -> None:
    doctor_id = _id_in_path(request, "doctor_id")
    if not Doctor.objects.filter(pk=doctor_id, active=True).exists():
        raise NotFound


def _doctor_to_explain(request: ApiRequest) -> None:
    doctor_id = _id_in_path(request, "doctor_id")
    if not explained_to(request.person).filter(pk=doctor_id).exists():
        raise NotFound


def _own_appointment(request: ApiRequest) -> None:
    appointment_id = _id_in_path(request, "appointment_id")
    if not Appointment.objects.visible_to(request.person).filter(pk=appointment_id).exists():
        raise NotFound


def _own_appointment_as_it_is(request: ApiRequest) -> None:
    request.looked_at = look_at(_id_in_path(request, "appointment_id"), by=request.person)


def _own_day(request: ApiRequest) -> None:
    try:
        day = day_of(_in_path(request, "day"))
    except PydanticCustomError:
        raise NotFound from None
    if not Availability.objects.filter(doctor=request.person.pk, date=day).exists():
        raise NotFound


anyone = Anyone()
anyone_to_a_doctor = Anyone(_active_doctor)
someone = SignedIn()
patient = SignedIn(Role.PATIENT)
doctor = SignedIn(Role.DOCTOR)
doctor_on_their_day = SignedIn(Role.DOCTOR, check=_own_day)
linked = SignedIn(check=_own_appointment)
linked_to_look = SignedIn(check=_own_appointment_as_it_is)
linked_patient = SignedIn(Role.PATIENT, check=_own_appointment)
linked_doctor = SignedIn(Role.DOCTOR, check=_own_appointment)
who_may_ask_why = SignedIn(Role.DOCTOR, Role.STAFF, Role.ADMIN, check=_doctor_to_explain)


def may(caller: Anyone | SignedIn | None, *refusals: type[Refusal]) -> dict[str, Any]:
    """How an operation is declared: who may call it, and with which refusals it may answer."""
    known = (*(caller.refusals if caller else ()), Invalid, *refusals)
    by_status: dict[int, list[str]] = defaultdict(list)
    for refusal in known:
        by_status[refusal.status].append(f"{refusal.code}: {refusal.title}")
    schema = {"$ref": "#/components/schemas/Problem"}
    extra: dict[str, Any] = {
        "responses": {
            status: {
                "description": "\n".join(lines),
                "content": {PROBLEM: {"schema": schema}},
            }
            for status, lines in sorted(by_status.items())
        }
    }
    if isinstance(caller, SignedIn):
        extra["security"] = [{"token": []}, {"cookie": []}]
    return {"auth": caller, "by_alias": True, "openapi_extra": extra}
