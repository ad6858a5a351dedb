"""A copy of all that we keep of a patient, for them: a file for programs and one to read, in an archive."""

import json
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from clinicall.booking.models import Appointment, Message, NicReveal, Transition, WaitlistEntry
from clinicall.consultation.models import DeviceCheck, Presence
from clinicall.core.clock import now as clinic_now
from clinicall.payments.models import Payment, Refund
from clinicall.people.models import Doctor, User
from clinicall.records import audit
from clinicall.records.models import Action, AuditEntry
from clinicall.records.sealed import readable

Facts = dict[str, Any]


def export(person: User, *, by: User | None) -> bytes:
    """A zip archive with `record.json` and `record.html`; instants are UTC. Noted in the audit."""
    audit.note(Action.EXPORTED, "account", by=by, of=[person.pk])
    kept = all_of(person)
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as files:
        files.writestr("record.json", json.dumps(kept, ensure_ascii=False, indent=2))
        files.writestr("record.html", render_to_string("rights/record.html", {"kept": kept}))
    return archive.getvalue()


def all_of(person: User) -> Facts:
    """All that we keep of this patient, in words and numbers that JSON knows; null where a key is lost."""
    appointments = (
        Appointment.objects.filter(patient=person.pk, offer_for=None)
        .select_related("doctor", "payment__refund", "waitlist_entry")
        .prefetch_related(
            Prefetch("reveals", NicReveal.objects.order_by("at")),
            Prefetch("messages", Message.objects.order_by("written_at")),
            Prefetch("transitions", Transition.objects.order_by("pk")),
            Prefetch("offers", Appointment.objects.order_by("created_at")),
            Prefetch("presence", Presence.objects.order_by("since")),
        )
        .order_by("created_at")
    )
    return {
        "exportedAt": _at(clinic_now()),
        "account": _account(person),
        "appointments": [_appointment(a) for a in appointments],
        "deviceCheck": _device_check(person),
        "whoOpenedIt": _opened(person),
    }


def _account(person: User) -> Facts:
    addresses = EmailAddress.objects.filter(user=person)
    return {
        "id": str(person.pk),
        "email": person.email,
        "otherEmails": [a.email for a in addresses if a.email != person.email],
        "firstName": person.first_name,
        "lastName": person.last_name,
        "timezone": person.timezone,
        "language": person.language,
        "since": _at(person.date_joined),
        "lastSignIn": _at(person.last_login),
        "secondFactors": [
            {"kind": a.type, "since": _at(a.created_at), "lastUsed": _at(a.last_used_at)}
            for a in Authenticator.objects.filter(user=person)
        ],
        "devices": [
            {"address": s.ip, "browser": s.user_agent, "lastSeen": _at(s.last_seen_at)}
            for s in UserSession.objects.filter(user=person)
        ],
    }


def _appointment(a: Appointment) -> Facts:
    entry: WaitlistEntry | None = getattr(a, "waitlist_entry", None)
    return {
        "id": str(a.pk),
        "reference": a.reference,
        "doctor": a.doctor.name,
        "status": a.status,
        "startsAt": _at(a.starts_at),
        "endsAt": _at(a.ends_at),
        "firstName": a.first_name,
        "lastName": a.last_name,
        "email": a.email,
        "phone": readable(a, "phone"),
        "nic": readable(a, "nic"),
        "reason": readable(a, "reason"),
        "cancelReason": a.cancel_reason,
        "cancelNote": readable(a, "cancel_note"),
        "outcome": a.outcome,
        "channelName": a.channel_name,
        "payment": _payment(a.payment) if a.payment else None,
        "nicRevealed": [
            {"at": _at(reveal.at), "purpose": readable(reveal, "purpose")}
            for reveal in a.reveals.all()
        ],
        "messages": [
            {"what": m.kind, "by": m.channel, "state": m.state, "sentAt": _at(m.sent_at)}
            for m in a.messages.all()
            if m.to_id == a.patient_id
        ],
        "waitsForEarlierTimeSince": _at(entry.since) if entry else None,
        "earlierTimesOffered": [
            {
                "startsAt": _at(offer.starts_at),
                "offeredAt": _at(offer.created_at),
                "heldUntil": _at(offer.held_until),
                "status": offer.status,
                "cancelReason": offer.cancel_reason,
            }
            for offer in a.offers.all()
        ],
        "steps": [
            {"to": step.to_status, "by": step.actor, "why": step.why, "at": _at(step.at)}
            for step in a.transitions.all()
        ],
        "presence": [
            {"who": p.side, "where": p.place, "from": _at(p.since), "until": _at(p.until)}
            for p in a.presence.all()
        ],
    }


def _payment(payment: Payment) -> Facts:
    refund: Refund | None = getattr(payment, "refund", None)
    return {
        "id": str(payment.pk),
        "provider": payment.provider,
        "status": payment.state,
        "amount": payment.amount,
        "currency": payment.currency,
        "refund": {"amount": refund.amount, "status": refund.state} if refund else None,
    }


def _device_check(person: User) -> Facts | None:
    check = DeviceCheck.objects.filter(user=person).first()
    if check is None:
        return None
    return {
        "at": _at(check.checked_at),
        "camera": check.camera,
        "microphone": check.microphone,
        "speaker": check.speaker,
        "connection": check.connection,
    }


def _opened(person: User) -> list[Facts]:
    """Doctors are told by name, as patients know them; of all others the role."""
    entries = AuditEntry.objects.filter(subjects__contains=[person.pk]).order_by("pk")
    doctors = Doctor.objects.filter(pk__in={entry.actor_id for entry in entries})
    known: dict[UUID | None, str] = dict(doctors.values_list("pk", "name"))
    return [
        {
            "at": _at(entry.at),
            "who": known.get(entry.actor_id, entry.actor_role or _("the clinic’s operator")),
            "did": entry.action,
            "what": entry.what,
        }
        for entry in entries
    ]


def _at(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
