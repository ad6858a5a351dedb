"""Where somebody is signed in, as a socket knows it."""

from allauth.usersessions.models import UserSession
from django.test import Client

from clinicall.people.models import User
from clinicall.people.sessions import name_of


def signed_in(person: User) -> Client:
    """Without the hashing of a password, which is slow by design."""
    browser = Client()
    browser.force_login(person)
    key = str(browser.session.session_key)
    UserSession.objects.create(user=person, session_key=key, ip="127.0.0.1", user_agent="")
    return browser


def name_in(browser: Client) -> str:
    """What the browser's session is called."""
    return name_of(str(browser.session.session_key))


def session_of(person: User) -> str:
    """The name of a session of theirs that nobody ends."""
    return name_in(signed_in(person))
