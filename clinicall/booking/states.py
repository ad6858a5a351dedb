"""Pure: the four statuses, which step may follow which, and what people are told."""

from enum import StrEnum


class Status(StrEnum):
    PENDING = "pending"  # a hold: the slot waits for the payment until `held_until`
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


# These keep their slot from everybody else.
LIVE = (Status.PENDING, Status.CONFIRMED, Status.COMPLETED)
# What is yet to come to its end.
UNFINISHED = (Status.PENDING, Status.CONFIRMED)


class CancelReason(StrEnum):
    HOLD_EXPIRED = "hold_expired"
    PAYMENT_FAILED = "payment_failed"
    BY_PATIENT = "by_patient"
    BY_DOCTOR = "by_doctor"
    BY_CLINIC = "by_clinic"
    DOCTOR_NO_SHOW = "doctor_no_show"
    NOT_HELD = "not_held"
    SLOT_GONE = "slot_gone"
    ACCOUNT_ERASED = "account_erased"


class Outcome(StrEnum):
    ATTENDED = "attended"
    NO_SHOW_PATIENT = "no_show_patient"


NEXT = {
    None: {Status.PENDING},
    Status.PENDING: {Status.CONFIRMED, Status.CANCELLED},
    # It stays confirmed when it is moved to another time.
    Status.CONFIRMED: {Status.COMPLETED, Status.CANCELLED, Status.CONFIRMED},
    # Only a lapsed hold comes back, when its money arrives late and the time is still open.
    Status.CANCELLED: {Status.CONFIRMED},
    # Only by undoing, within minutes and while the room is open.
    Status.COMPLETED: {Status.CONFIRMED},
}


class Kind(StrEnum):
    """What a message tells."""

    CONFIRMED = "confirmed"
    MOVED = "moved"
    CANCELLED = "cancelled"
    MONEY_BACK = "money_back"  # paid for a time that could no longer be had, or paid twice
    REMINDER_DAY = "reminder_day"
    REMINDER_HOUR = "reminder_hour"
    DEVICE_CHECK = "device_check"
    RUNNING_LATE = "running_late"
    PATIENT_WAITING = "patient_waiting"
    DAY_LIST = "day_list"
    EARLIER_TIME = "earlier_time"


# The clock writes these, which looks again and again whether they are due.
TOLD_ONCE = (
    Kind.REMINDER_DAY,
    Kind.REMINDER_HOUR,
    Kind.DEVICE_CHECK,
    Kind.PATIENT_WAITING,
    Kind.DAY_LIST,
)
