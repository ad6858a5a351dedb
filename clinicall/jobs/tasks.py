"""What the worker runs, and when."""

from procrastinate.contrib.django import app

from clinicall.jobs.executor import in_thread
from clinicall.jobs.tidy import tidy

EVERY_FIVE_SECONDS = "* * * * * */5"


@app.periodic(cron=EVERY_FIVE_SECONDS)
@app.task(name="tidy", queueing_lock="tidy", lock="tidy")
@in_thread
def tidy_up(timestamp: int) -> None:  # noqa: ARG001 (procrastinate tells when it was due)
    tidy()
