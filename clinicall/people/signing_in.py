"""What we add to allauth: everyone who signs up on a page is a patient."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from clinicall.core.letters import dressed
from clinicall.core.prepared import fetch_object
from clinicall.people.asking_again import answered_lately, has_only_mail
from clinicall.people.known_devices import known_device
from clinicall.people.models import Patient, User

# What allauth and Django say on these pages: in our list of texts for languages that they do not speak.
SAID_BY_OTHERS = (
    gettext_noop("Email address"),
    gettext_noop("Password"),
    gettext_noop("Password (again)"),
    gettext_noop("Current Password"),
    gettext_noop("New Password"),
    gettext_noop("New Password (again)"),
    gettext_noop("Code"),
    gettext_noop("Incorrect password."),
    gettext_noop("Please type your current password."),
    gettext_noop("A user is already registered with this email address."),
    gettext_noop("The new value must be different from the current one."),
    gettext_noop("You must type the same password each time."),
    gettext_noop("Use your password"),
    gettext_noop("This field is required."),
    gettext_noop("Enter a valid email address."),
    gettext_noop("This password is too common."),
    gettext_noop("The password is too similar to the %(verbose_name)s."),
    gettext_noop("Your password can’t be a commonly used password."),
    gettext_noop("Your password can’t be too similar to your other personal information."),
)


class Backend(AuthenticationBackend):  # type: ignore[misc]
    def get_user(self, user_id: UUID) -> User | None:
        """Whose session it is: every page asks it (core/prepared.py)."""
        user = fetch_object(User, "where it.id = %s", [user_id])
        return user if self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    # What allauth says in fewer words, with the next step.
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This is not the code we sent. Check it, or ask for a new one below."
        ),
        "email_password_mismatch": gettext_lazy(
            "No account has this email and password. Check both."
        ),
        "too_many_login_attempts": gettext_lazy(
            "Too many attempts have failed. Wait some minutes, then try again."
        ),
        "rate_limited": gettext_lazy(
            "That was asked for too often. Wait some minutes, then try again."
        ),
    }

    def render_mail(self, *args: Any, **kwargs: Any) -> EmailMultiAlternatives:
        return dressed(super().render_mail(*args, **kwargs))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: str) -> str:
        # Who guesses elsewhere uses up the tries of elsewhere.
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{known_device(request, credentials.get('email', ''))}"

    def save_user(
        self, request: HttpRequest, user: User, form: object, commit: bool = True
    ) -> User:
        saved: User = super().save_user(request, user, form, commit)
        if commit:
            Patient.objects.get_or_create(user=saved)
        return saved

    def is_reauthentication_required(self, *, app: str, **__: object) -> bool:  # noqa: ARG002
        """Not within ten minutes of the last answer. Raises ReauthenticationRequired for those whom
        allauth would let pass unasked, because it knows no way to ask them."""
        request = context.request
        if answered_lately(request):
            return False
        if request.user.is_authenticated and has_only_mail(request.user):
            raise ReauthenticationRequired
        return True

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        if methods or not user.is_authenticated:
            return methods
        url = reverse("reauthenticate_by_code")
        return [{"id": "code", "description": _("Use a code by email"), "url": url}]
