"""What a visitor without an account holds."""

from django import template
from django.http import HttpRequest

from clinicall.web.patient import held
from clinicall.web.standing import Standing

register = template.Library()


@register.simple_tag(takes_context=True)
def held_as_guest(context: dict[str, HttpRequest]) -> Standing | None:
    return held.held_by(context["request"])
