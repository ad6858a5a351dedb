"""The back office: what an operator looks up. Nothing of an appointment is here, and nothing is deleted.

The daily work has its own pages, which write down who did what.
"""

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from clinicall.core.refusals import Refusal
from clinicall.people.models import Clinic, Doctor, Specialization, User
from clinicall.people.staffing import bring_back, dismiss, who_run_clinics


class KeptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_delete_permission(self, *_: object, **__: object) -> bool:
        return False


class LookedUpAdmin(KeptAdmin):
    def has_add_permission(self, *_: object, **__: object) -> bool:
        return False


@admin.register(Clinic)
class ClinicAdmin(LookedUpAdmin):
    list_display = ("name", "timezone", "currency", "phone")

    def has_change_permission(self, *_: object, **__: object) -> bool:
        return False


@admin.register(Specialization)
class SpecializationAdmin(KeptAdmin):
    list_display = ("name",)
    search_fields = ("name",)


@admin.register(Doctor)
class DoctorAdmin(LookedUpAdmin):
    list_display = ("name", "specialization", "clinic", "state", "licence")
    list_filter = ("state", "clinic", "specialization")
    search_fields = ("name", "licence", "user__email")

    def has_change_permission(self, *_: object, **__: object) -> bool:
        return False


@admin.register(User)
class UserAdmin(LookedUpAdmin):
    """Who runs the clinics; only whether the account is open can be changed.

    Patients are on no list here, because nobody's look would be noted. Doctors come and go by the
    clinic's own pages, which see to their visits.
    """

    fields = ("email", "role", "clinic", "timezone", "date_joined", "last_login", "is_active")
    readonly_fields = ("email", "role", "clinic", "timezone", "date_joined", "last_login")
    list_display = ("email", "role", "clinic", "is_active", "last_login")
    list_filter = ("role", "is_active", "clinic")
    search_fields = ("email",)

    def get_queryset(self, _: HttpRequest) -> QuerySet[User]:
        return who_run_clinics()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Django lets an address ask for any column, and so a hash is guessed letter by letter."""
        is_a_filter = lookup.partition("__")[0] in self.list_filter
        return is_a_filter and super().lookup_allowed(lookup, value, request)

    def save_model(self, request: HttpRequest, obj: Model, *_: object, **__: object) -> None:
        assert isinstance(obj, User)
        assert isinstance(request.user, User)
        if obj.is_active:
            bring_back(obj.pk, by=request.user)
            return
        try:
            dismiss(obj.pk, by=request.user)
        except Refusal as refusal:
            self.message_user(request, f"{refusal.detail}.", messages.ERROR)
