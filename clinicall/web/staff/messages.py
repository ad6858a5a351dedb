"""What patients and doctors were told: what has gone out, what waits, and what failed. No words of it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from clinicall.booking.models import Channel, Delivery, Message
from clinicall.booking.overseeing import LATELY, messages_of, stuck_at
from clinicall.booking.states import Kind
from clinicall.core import clock
from clinicall.messages import sending
from clinicall.people.models import Role
from clinicall.web.signed_in import SignedInRequest
from clinicall.web.staff.staff_only import staff_only
from clinicall.web.time_zone import way_back

PAGE = 50
WHAT: dict[str, str | Promise] = {
    Kind.CONFIRMED: gettext_lazy("Confirmation"),
    Kind.MOVED: gettext_lazy("Another time"),
    Kind.CANCELLED: gettext_lazy("Cancellation"),
    Kind.MONEY_BACK: gettext_lazy("Money back"),
    Kind.REMINDER_DAY: gettext_lazy("Reminder, a day before"),
    Kind.REMINDER_HOUR: gettext_lazy("Reminder, an hour before"),
    Kind.DEVICE_CHECK: gettext_lazy("Device check"),
    Kind.RUNNING_LATE: gettext_lazy("Doctor running late"),
    Kind.PATIENT_WAITING: gettext_lazy("Patient waiting"),
    Kind.DAY_LIST: gettext_lazy("Visits of the day"),
    Kind.EARLIER_TIME: gettext_lazy("Earlier time"),
}
STATES: dict[str, str | Promise] = {
    Delivery.FAILED: pgettext_lazy("message", "Failed"),
    Delivery.WAITING: pgettext_lazy("message", "Waiting"),
    Delivery.SENT: pgettext_lazy("message", "Sent"),
    Delivery.DROPPED: pgettext_lazy("message", "Not needed"),
}
CHIPS: dict[str, str] = {Delivery.FAILED: "danger", Delivery.SENT: "ok", Delivery.DROPPED: "over"}


@dataclass(frozen=True)
class Told:
    """A message as the clinic sees it."""

    message: Message

    @property
    def what(self) -> str | Promise:
        return WHAT[self.message.kind]

    @property
    def how(self) -> str:
        return _("By text") if self.message.channel == Channel.SMS else _("By mail")

    @property
    def to(self) -> str:
        return _("Doctor") if self.message.to.role == Role.DOCTOR else _("Patient")

    @property
    def chip(self) -> str | Promise:
        return STATES[self.message.state]

    @property
    def chip_kind(self) -> str:
        if self.message.state == Delivery.WAITING:
            return "warn" if self.message.tries else "info"
        return CHIPS[self.message.state]


@require_safe
@staff_only
def staff_messages(request: SignedInRequest) -> HttpResponse:
    """Of the last days, what failed first, then what waits for long; `?state=sent` is one of STATES."""
    now = clock.now()
    wanted = request.GET.get("state", "")
    found = messages_of(request.user).filter(written_at__gt=now - LATELY)
    if wanted in STATES:
        found = found.filter(state=wanted)
    urgency = Case(
        When(state=Delivery.FAILED, then=Value(0)),
        When(stuck_at(now), then=Value(1)),
        default=Value(2),
    )
    found = found.order_by(urgency, "-written_at", "pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "shown": [Told(message) for message in page],
        "states": STATES.items(),
        "wanted": wanted if wanted in STATES else "",
        "days": LATELY.days,
    }
    return render(request, "staff/messages.html", context)


@require_POST
@staff_only
def message_again(request: SignedInRequest, message_id: UUID) -> HttpResponse:
    """A repeated press changes nothing."""
    message = get_object_or_404(messages_of(request.user), pk=message_id)
    if message.state == Delivery.FAILED:
        sending.send_again(message_id)
        messages.success(request, _("It is sent again now, if it is still true."))
    else:
        messages.info(request, _("This message has not failed. Nothing was changed."))
    return redirect(way_back(request))
