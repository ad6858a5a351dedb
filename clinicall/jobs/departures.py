"""Doctors who leave: what is left to do about their visits, however often a run of it dies."""

import logging

from clinicall import wiring
from clinicall.booking import leaving

log = logging.getLogger(__name__)


def see_off() -> None:
    """One round: whatever can be done now for each doctor who is leaving."""
    for departure in leaving.under_way():
        try:
            leaving.go_on(
                departure.pk, gateway_for=wiring.payment_gateway, line=wiring.video_line()
            )
        except Exception:  # a fault with one of them must not keep the others here
            log.exception("the departure of %s waits for the next round", departure.pk)
