"""The coverage of a run, as people read it: which steps and branches were reached, and how often."""

from collections import Counter
from collections.abc import Iterator

# Every row begins so in the tally; the last column says how often.
REACHED = {
    "a hold is made (T1)": "step: nothing to pending by patient",
    "a free visit is confirmed (T2)": "step: pending to confirmed by patient",
    "a paid visit is confirmed (T2)": "step: pending to confirmed by payment",
    "a hold lapses by the clock (T3)": "step: pending to cancelled by clock hold_expired",
    "a hold lapses by its payment's end (T3)": "step: pending to cancelled by payment hold_expired",
    "a payment fails in time (T3)": "step: pending to cancelled by payment payment_failed",
    "a paid hold finds its time gone": "step: pending to cancelled by payment slot_gone",
    "late money revives a hold (T4)": "step: cancelled to confirmed by payment",
    "the patient cancels a hold (T5)": "step: pending to cancelled by patient",
    "the doctor cancels a hold (T5)": "step: pending to cancelled by doctor",
    "the clinic cancels a hold (T5)": "step: pending to cancelled by staff",
    "the patient cancels a visit (T6)": "step: confirmed to cancelled by patient",
    "the doctor cancels a visit (T6)": "step: confirmed to cancelled by doctor",
    "the clinic cancels a visit (T6)": "step: confirmed to cancelled by staff",
    "a visit is attended (T7)": "step: confirmed to completed by doctor attended",
    "a patient does not come (T7)": "step: confirmed to completed by doctor no_show_patient",
    "completing is undone": "step: completed to confirmed by doctor reopened",
    "the patient moves a visit": "step: confirmed to confirmed by patient moved",
    "the doctor moves a visit": "step: confirmed to confirmed by doctor moved",
    "an earlier time is offered": "step: nothing to pending by clock",
    "it is taken": "take: done",
    "it is taken too late": "take: too_late",
    "it is declined": "decline: done",
    "late money for a lapsed hold goes back": "money back: of a hold that lapsed",
    "money for a time that has gone goes back": "money back: of a hold whose time has gone",
    "money for a cancelled hold goes back": "money back: of a hold that was cancelled",
    "money for a cancelled visit goes back": "money back: of a visit that was cancelled",
    "money of a second page goes back": "money back: of a second page",
    "a payer pays slowly": "a payer: slow",
    "a payer is declined": "a payer: declined",
    "a payer turns back": "turn: done",
    "a payer pays a wrong sum": "a payer: wrong sum",
    "the bank gives back at once": "asked for a refund: back",
    "the bank refuses to give back": "asked for a refund: refused",
    "a refund under way is done": "a refund under way: back",
    "a refund under way fails": "a refund under way: refused",
    "a person has a refund tried again": "try: done",
    "a person gives back by hand": "by: done",
    "a person has a silent bank asked again": "ask: done",
    "the bank is down before it opens a page": "down: open not done",
    "the bank opens a page and does not say": "down: open done",
    "the bank closes a page and does not say": "down: close done",
    "the bank gives back and does not say": "down: give back done",
    "a repeated request is answered": "repeat: done",
    "a key comes with another request": "mistake: idempotency_key_reused",
    "two want one time": "book: slot_taken",
    "a patient is elsewhere": "book: patient_busy",
    "a patient holds two already": "book: too_many_holds",
    "a day is replaced": "replace: done",
    "a day is withdrawn": "withdraw: done",
    "a day in use stays": "withdraw: slots_in_use",
    "dies at a statement": "died at a statement",
    "dies at a commit": "died at a commit",
    "dies behind a commit": "died at behind a commit",
    "dies before the bank acts": "died at the bank before it acts",
    "dies after the bank acted": "died at the bank after it acted",
    "interrupted at a statement": "interrupted at a statement",
    "interrupted at a commit": "interrupted at a commit",
    "interrupted behind a commit": "interrupted at behind a commit",
    "interrupted before the bank acts": "interrupted at the bank before it acts",
    "interrupted after the bank acted": "interrupted at the bank after it acted",
    "a patient is told of a visit": "told: confirmed",
    "somebody is told of a move": "told: moved",
    "somebody is told of a cancelling": "told: cancelled",
    "a patient is told of money that goes back": "told: money_back",
    "a patient is reminded a day before": "told: reminder_day",
    "a patient is reminded an hour before": "told: reminder_hour",
    "a patient is told to check their device": "told: device_check",
    "a visit is not told any more": "not told any more: confirmed",
    "a move is not told any more": "not told any more: moved",
    "a day's reminder is not sent any more": "not told any more: reminder_day",
    "an hour's reminder is not sent any more": "not told any more: reminder_hour",
    "the post is down": "post: down",
    "the post refuses for good": "post: refused",
    "the post takes a mail and does not say": "post: taken, and does not say",
    "one mail goes out twice": "post: taken twice",
    "dies before the post takes a mail": "died at the post before it takes a mail",
    "dies after the post took a mail": "died at the post after it took a mail",
    "meets another's lock": "had to wait for a lock",
}


def reached(tally: Counter[str]) -> dict[str, int]:
    """How often each of the branches above was reached."""
    return {
        name: sum(count for key, count in tally.items() if key.startswith(beginning))
        for name, beginning in REACHED.items()
    }


def table(tally: Counter[str]) -> Iterator[str]:
    for name, count in reached(tally).items():
        yield f"{count or 'NEVER':>9}  {name}"
