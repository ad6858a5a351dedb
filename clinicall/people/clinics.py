"""The clinic that the settings describe."""

from django.conf import settings

from clinicall.people.models import Clinic


def first_clinic() -> Clinic:
    """The clinic there is, else one made from the settings."""
    clinic = Clinic.objects.first()
    if clinic is None:
        clinic = Clinic.objects.create(
            name=settings.CLINIC_NAME,
            timezone=settings.CLINIC_TIMEZONE,
            currency=settings.CURRENCY,
        )
    return clinic


def clinic_phone() -> str:
    """Of the first clinic, for who needs help; empty where it has none."""
    return Clinic.objects.order_by("pk").values_list("phone", flat=True).first() or ""
