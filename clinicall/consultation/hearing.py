"""Hearing from the video provider who came to a call and who left it."""

from clinicall.booking.models import Appointment
from clinicall.consultation.models import ChannelNotice, Side
from clinicall.video.provider import DOCTOR_UID, PATIENT_UID, Notice, appointment_of

SIDES = {DOCTOR_UID: Side.DOCTOR, PATIENT_UID: Side.PATIENT}


def hear(notice: Notice) -> None:
    """Keep it, once; nothing else follows from it at this moment. What is not about the two people of
    one of our appointments is dropped."""
    named, side = appointment_of(notice.channel), SIDES.get(notice.uid)
    appointment = Appointment.objects.filter(pk=named).first() if named else None
    if appointment and side:
        ChannelNotice.objects.get_or_create(
            notice_id=notice.notice_id,
            kind=notice.kind,
            defaults={
                "appointment": appointment,
                "side": side,
                "sequence": notice.sequence,
                "at": notice.at,
                "came": notice.came,
                "stayed": notice.stayed,
            },
        )
