"""The page that everything about one's own account starts from."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from clinicall.booking import particulars
from clinicall.people.models import User
from clinicall.web.filled_in import usable
from clinicall.web.signed_in import SignedInRequest, signed_in
from clinicall.web.time_zone import zone_choices


def own_choices() -> list[tuple[str, object]]:
    return [("", _("The clinic’s")), *zone_choices()]


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    timezone = forms.ChoiceField(
        choices=own_choices,
        required=False,
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy(
            "Mails tell times in this zone, and so do pages where your browser does not say where it is. It "
            "changes when you sign in or book from elsewhere."
        ),
        error_messages={"invalid_choice": gettext_lazy("Choose a town from the list.")},
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "timezone"]
        labels = {
            "first_name": gettext_lazy("First name"),
            "last_name": gettext_lazy("Last name"),
        }
        widgets = dict.fromkeys(("first_name", "last_name"), forms.TextInput({"dir": "auto"}))

    def clean_first_name(self) -> str:
        return _name(self.cleaned_data["first_name"])

    def clean_last_name(self) -> str:
        return _name(self.cleaned_data["last_name"])


def _name(told: str) -> str:
    return usable(particulars.person_name, told) if told else ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def account(request: SignedInRequest) -> HttpResponse:
    # A row of its own: what the form refuses must not be seen elsewhere on the page.
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=person)
    if request.method != "POST":
        return render(request, "account/account.html", {"form": form})
    if not form.is_valid():
        return render(request, "account/account.html", {"form": form}, status=422)
    form.save()
    messages.success(request, _("Saved."))
    return redirect("account")
