"""What we add to allauth: everyone who signs up on a page is a patient."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from clinicall.people.models import Patient, User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    # What allauth says in fewer words, with the next step.
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": "This is not the code we sent. Check it, or ask for a new one below.",
        "email_password_mismatch": "No account has this email and password. Check both.",
        "too_many_login_attempts": "Too many attempts have failed. Wait some minutes, then try again.",
        "rate_limited": "That was asked for too often. Wait some minutes, then try again.",
    }

    def save_user(
        self, request: HttpRequest, user: User, form: object, commit: bool = True
    ) -> User:
        saved: User = super().save_user(request, user, form, commit)
        if commit:
            Patient.objects.get_or_create(user=saved)
        return saved
