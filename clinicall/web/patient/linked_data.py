"""A doctor as search engines read one: JSON-LD in the words of schema.org."""

import json

from django.conf import settings
from django.urls import reverse

from clinicall.people.models import Clinic, Doctor


def linked_data(doctor: Doctor) -> str:
    """JSON that may stand in a script element as it is: nothing in it can end that."""
    address = f"{settings.SITE_URL}{reverse('doctor', args=[doctor.pk])}"
    said = {
        "@context": "https://schema.org",
        "@type": ["IndividualPhysician", "Physician"],
        "name": doctor.name,
        "url": address,
        "medicalSpecialty": doctor.specialization.name,
        "memberOf": {
            "@type": "MedicalClinic",
            "name": doctor.clinic.name,
            **telephone(doctor.clinic),
        },
        **telephone(doctor.clinic),
        "potentialAction": {
            "@type": "ReserveAction",
            "target": {"@type": "EntryPoint", "urlTemplate": address},
        },
    }
    return json.dumps(said).replace("<", "\\u003c")


def telephone(clinic: Clinic) -> dict[str, str]:
    return {"telephone": clinic.phone} if clinic.phone else {}
