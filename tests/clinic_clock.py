"""The clinic's clock in a test's hand: `clinic_now()` is replaced, and every connection sees it at once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # a Monday; midday in Colombo

REPLACE = (
    "create or replace function clinic_now() returns timestamptz language sql volatile as $${}$$"
)


@dataclass
class ClinicClock:
    """Stands still until it is moved, or let run."""

    now: datetime = NOON

    def set(self, now: datetime) -> None:
        self.now = now
        with connection.cursor() as cursor:
            cursor.execute(REPLACE.format(f"select timestamptz '{now.isoformat()}'"))

    def move(self, by: timedelta) -> None:
        self.set(self.now + by)

    def run(self) -> None:
        """From where it stands, as real clocks do: no two readings are the same instant."""
        with connection.cursor() as cursor:
            cursor.execute(
                REPLACE.format(
                    f"select timestamptz '{self.now.isoformat()}' + "
                    f"(clock_timestamp() - timestamptz '{datetime.now(UTC).isoformat()}')"
                )
            )

    def back_to_real_time(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(REPLACE.format("select clock_timestamp()"))
