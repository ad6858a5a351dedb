"""The back office: what an operator looks up. Nothing of an appointment is here, and nothing is deleted.

The daily work has its own pages, which write down who did what.
"""

from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest

from clinicall.core.refusals import Refusal
from clinicall.people.models import Clinic, Doctor, DoctorState, Specialization, User
from clinicall.people.staffing import dismiss


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
    """Only whether the account is open can be changed."""

    fields = ("email", "role", "clinic", "timezone", "date_joined", "last_login", "is_active")
    readonly_fields = ("email", "role", "clinic", "timezone", "date_joined", "last_login")
    list_display = ("email", "role", "clinic", "is_active", "last_login")
    list_filter = ("role", "is_active", "clinic")
    search_fields = ("email",)

    def save_model(self, request: HttpRequest, obj: Model, *_: object, **__: object) -> None:
        assert isinstance(obj, User)
        assert isinstance(request.user, User)
        if obj.is_active:
            # Whoever has left the clinic comes back by an invitation, with another address.
            left = Doctor.objects.filter(pk=obj.pk, state=DoctorState.LEFT).exists()
            if left:
                self.message_user(request, "This doctor has left: it stays closed.", messages.ERROR)
                return
            User.objects.filter(pk=obj.pk).update(is_active=True)
            return
        try:
            dismiss(obj.pk, by=request.user)
        except Refusal as refusal:
            self.message_user(request, f"{refusal.detail}.", messages.ERROR)
