"""Pure: the four statuses, and which step may follow which."""

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
