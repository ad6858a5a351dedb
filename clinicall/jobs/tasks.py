"""What the worker runs, and when."""

from procrastinate.contrib.django import app

from clinicall import wiring
from clinicall.booking.searching import raise_first_openings
from clinicall.booking.waitlist import offer_times
from clinicall.consultation.closing import close_visits
from clinicall.jobs.alerts import alert, alert_of_kept_money
from clinicall.jobs.channels import empty_channels
from clinicall.jobs.departures import see_off
from clinicall.jobs.executor import in_thread
from clinicall.jobs.forgetting import finish_erasing
from clinicall.jobs.tidy import A_MONTH, reconcile, tidy
from clinicall.messages import sending
from clinicall.messages.for_doctors import list_days, tell_who_waits
from clinicall.messages.reminding import remind
from clinicall.records.sealing import seal_audit
from clinicall.rights import retention

EVERY_FIVE_SECONDS = "* * * * * */5"
EVERY_MINUTE = "* * * * *"
EVERY_HOUR = "17 * * * *"
EVERY_NIGHT = "43 2 * * *"


@app.periodic(cron=EVERY_FIVE_SECONDS)
@app.task(name="tidy", queueing_lock="tidy", lock="tidy")
@in_thread
def tidy_up(timestamp: int) -> None:  # noqa: ARG001 (procrastinate tells when it was due)
    tidy()


@app.periodic(cron=EVERY_FIVE_SECONDS)
@app.task(name="offer_times", queueing_lock="offer_times", lock="offer_times")
@in_thread
def offer_what_is_free(timestamp: int) -> None:  # noqa: ARG001 (as above)
    offer_times()


# No lock: a provider that is slow with one round must not keep the next waiting, and each takes its own.
@app.periodic(cron=EVERY_FIVE_SECONDS)
@app.task(name="send", queueing_lock="send")
@in_thread
def send_messages(timestamp: int) -> None:  # noqa: ARG001 (as above)
    sending.send_due(wiring.text_sender())


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="remind", queueing_lock="remind", lock="remind")
@in_thread
def write_reminders(timestamp: int) -> None:  # noqa: ARG001 (as above)
    remind()


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="tell_doctors", queueing_lock="tell_doctors", lock="tell_doctors")
@in_thread
def tell_doctors(timestamp: int) -> None:  # noqa: ARG001 (as above)
    tell_who_waits()
    list_days()


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="alert", queueing_lock="alert", lock="alert")
@in_thread
def tell_who_can_help(timestamp: int) -> None:  # noqa: ARG001 (as above)
    alert()


@app.periodic(cron=EVERY_HOUR)
@app.task(name="alert_of_kept_money", queueing_lock="alert_of_kept_money", lock="alert")
@in_thread
def tell_of_kept_money(timestamp: int) -> None:  # noqa: ARG001 (as above)
    alert_of_kept_money()


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="raise_first_openings", queueing_lock="raise_openings", lock="raise_openings")
@in_thread
def keep_searches_short(timestamp: int) -> None:  # noqa: ARG001 (as above)
    raise_first_openings()


@app.periodic(cron=EVERY_HOUR)
@app.task(name="reconcile", queueing_lock="reconcile", lock="reconcile")
@in_thread
def compare_with_the_provider(timestamp: int) -> None:  # noqa: ARG001 (as above)
    reconcile()


@app.periodic(cron=EVERY_NIGHT)
@app.task(name="reconcile_month", queueing_lock="reconcile_month", lock="reconcile")
@in_thread
def compare_the_month(timestamp: int) -> None:  # noqa: ARG001 (as above)
    reconcile(A_MONTH)


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="close_visits", queueing_lock="close_visits", lock="close_visits")
@in_thread
def close_what_is_over(timestamp: int) -> None:  # noqa: ARG001 (as above)
    close_visits()


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="departures", queueing_lock="departures", lock="departures")
@in_thread
def go_on_with_departures(timestamp: int) -> None:  # noqa: ARG001 (as above)
    see_off()


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="empty_channels", queueing_lock="empty_channels", lock="empty_channels")
@in_thread
def put_out_who_is_left(timestamp: int) -> None:  # noqa: ARG001 (as above)
    empty_channels()


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="finish_erasing", queueing_lock="finish_erasing", lock="finish_erasing")
@in_thread
def finish_what_was_begun(timestamp: int) -> None:  # noqa: ARG001 (as above)
    finish_erasing()


@app.periodic(cron=EVERY_NIGHT)
@app.task(name="retention", queueing_lock="retention", lock="retention")
@in_thread
def clear_away(timestamp: int) -> None:  # noqa: ARG001 (as above)
    retention.clear()


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="seal_audit", queueing_lock="seal_audit", lock="seal_audit")
@in_thread
def seal_what_was_noted(timestamp: int) -> None:  # noqa: ARG001 (as above)
    seal_audit()
