"""What we add to allauth: everyone who signs up on a page is a patient."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from clinicall.people.models import Patient, User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def save_user(
        self, request: HttpRequest, user: User, form: object, commit: bool = True
    ) -> User:
        saved: User = super().save_user(request, user, form, commit)
        if commit:
            Patient.objects.get_or_create(user=saved)
        return saved
