"""What a member or a parameter may be: types that check themselves."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from clinicall.api.reading import LARGEST_NUMBER, LONGEST_NUMBER, is_storable, unusable
from clinicall.booking import particulars
from clinicall.booking.as_json import LARGEST_PAGE, LONGEST_NAME
from clinicall.booking.particulars import NotUsable
from clinicall.core.refusals import Fault, Invalid
from clinicall.core.zones import is_timezone

# Farther dates are mistakes, and some of them do not exist as instants.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
LONGEST_ID = 64

DEFAULT_SPAN = timedelta(days=30)

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WALL_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
INSTANT = re.compile(
    rf"{DAY.pattern}T{WALL_TIME.pattern}:[0-5][0-9](?:\.[0-9]{{1,6}})?(?:Z|[+-]{WALL_TIME.pattern})"
)

Row = TypeVar("Row", bound=Model)


def day_of(text: Any) -> date:
    """A date `YYYY-MM-DD`. Raises PydanticCustomError."""
    try:
        if isinstance(text, str) and DAY.fullmatch(text):
            day = date.fromisoformat(text)
            if FIRST_DAY <= day <= LAST_DAY:
                return day
    except ValueError:
        pass  # not in the calendar
    raise unusable("not_a_date", "Send a date like 2026-11-25.")


def _wall_time(text: Any) -> time:
    if isinstance(text, str) and WALL_TIME.fullmatch(text):
        return time.fromisoformat(text)
    raise unusable("not_a_time", "Send a time from 00:00 to 23:59, like 09:30.")


def _instant(text: Any) -> datetime:
    try:
        if isinstance(text, str) and INSTANT.fullmatch(text):
            instant = datetime.fromisoformat(text).astimezone(UTC)
            if FIRST_DAY <= instant.date() <= LAST_DAY:
                return instant
    except (ValueError, OverflowError):
        pass  # not in the calendar, or beyond its ends
    # In a query a bare `+` is a space.
    raise unusable("not_an_instant", "Send an instant like 2026-11-25T09:30:00Z; write + as %2B.")


def _timezone(name: str) -> str:
    if not is_timezone(name):
        raise unusable("unknown_timezone", "Send a name like Asia/Colombo.")
    return name


def _whole_number(text: Any) -> int:
    if isinstance(text, str) and re.fullmatch(rf"[0-9]{{1,{LONGEST_NUMBER}}}", text):
        number = int(text)
        if number <= LARGEST_NUMBER:
            return number
    raise unusable("not_a_number", "Send a whole number in digits.")


def row_named(some_id: str) -> int | None:
    """The row that an opaque id of ours names; None for what can name none."""
    if some_id.isascii() and some_id.isdecimal() and int(some_id) <= LARGEST_NUMBER:
        return int(some_id)
    return None


def _storable(text: str) -> str:
    if not is_storable(text):
        raise unusable("characters", "Leave out NUL and lone surrogates.")
    return text


def told_by_a_person(check: Callable[[str], str]) -> AfterValidator:
    """A check of booking's, as pydantic wants it."""

    def checked(text: str) -> str:
        try:
            return check(text)
        except NotUsable as error:
            raise unusable(error.code, str(error)) from None

    return AfterValidator(checked)


Day = Annotated[date, BeforeValidator(day_of), Field(examples=["2026-11-25"])]
WallTime = Annotated[
    time,
    BeforeValidator(_wall_time),
    WithJsonSchema({"type": "string", "pattern": f"^{WALL_TIME.pattern}$"}),
]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Timezone = Annotated[str, AfterValidator(_timezone), Field(examples=["Asia/Colombo"])]
Page = Annotated[int, Field(ge=1), BeforeValidator(_whole_number)]
PageSize = Annotated[int, Field(ge=1, le=LARGEST_PAGE), BeforeValidator(_whole_number)]
SearchText = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(_storable)]
SomeId = Annotated[str, Field(max_length=LONGEST_ID, examples=["812"])]


class Asked(BaseModel):
    """The query parameters of an operation."""

    model_config = ConfigDict(alias_generator=to_camel)


class AskedPage(Asked):
    page: Page = 1
    page_size: PageSize = 20

    def of(self, found: QuerySet[Row]) -> tuple[list[Row], int]:
        """The rows of this page, and how many there are in all; a page past the end is empty."""
        total = found.count()
        start = (self.page - 1) * self.page_size
        return (list(found[start : start + self.page_size]) if start < total else []), total


class AskedDays(Asked):
    """Dates of some time zone, both inclusive."""

    first: Day | None = Field(None, alias="from")
    last: Day | None = Field(None, alias="to")

    def span(self, *, today: date, at_most: int) -> tuple[date, date]:
        """Without one of them: from today, for 30 days more. Raises Invalid."""
        first = self.first or today
        last = self.last or first + DEFAULT_SPAN
        self.refuse_backwards(first, last)
        if (last - first).days >= at_most:
            raise Invalid(Fault("#/to", "too_far", f"Ask for at most {at_most} days."))
        return first, last

    @staticmethod
    def refuse_backwards(first: date, last: date) -> None:
        """Raises Invalid."""
        if last < first:
            raise Invalid(Fault("#/to", "before_from", "Send a date that is not before `from`."))


PersonName = Annotated[str, told_by_a_person(particulars.person_name), Field(examples=["සුනිල්"])]
Phone = Annotated[
    str,
    told_by_a_person(lambda text: particulars.phone(text, settings.COUNTRY)),
    Field(examples=["+94 71 234 5678"]),
]
Nic = Annotated[
    str,
    told_by_a_person(lambda text: particulars.nic(text, settings.COUNTRY)),
    Field(examples=["199012342937"]),
]
Email = Annotated[
    str, told_by_a_person(particulars.email), Field(examples=["sunil@clinic.example"])
]
Reason = Annotated[
    str, told_by_a_person(particulars.reason), Field(examples=["Cough for two weeks"])
]
Purpose = Annotated[
    str, told_by_a_person(particulars.purpose), Field(examples=["To write a prescription"])
]
