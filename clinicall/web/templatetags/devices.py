"""What a browser says of itself, in the two words that people know it by."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()

# In this order: nearly every browser also names those that it descends from.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


@register.filter
def device(user_agent: str) -> str:
    """Like `Firefox on Windows`; what is neither is a program."""
    browser = next((name for word, name in BROWSERS.items() if word in user_agent), None)
    system = next((name for word, name in SYSTEMS.items() if word in user_agent), None)
    if browser is None:
        return _("A program")
    if system is None:
        return browser
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
