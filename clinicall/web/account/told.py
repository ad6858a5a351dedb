"""What a patient is told beside the steps of their visits: theirs to choose."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from clinicall.people.models import Patient
from clinicall.web.signed_in import SignedInRequest, patients_only


class ToldForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Patient
        fields = ("remind_day_before", "remind_hour_before", "texts")
        labels = {
            "remind_day_before": gettext_lazy("Remind me a day before a visit"),
            "remind_hour_before": gettext_lazy("Remind me an hour before a visit"),
            "texts": gettext_lazy("Send me texts to the phone too"),
        }
        help_texts = {
            "texts": gettext_lazy("To the number that you give when you book."),
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not settings.SMS_CONFIGURED:
            del self.fields["texts"]


@require_http_methods(["GET", "HEAD", "POST"])
@patients_only
def told(request: SignedInRequest) -> HttpResponse:
    form = ToldForm(
        request.POST if request.method == "POST" else None, instance=request.user.patient
    )
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("told")
    return render(request, "account/told.html", {"form": form})
