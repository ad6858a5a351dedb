"""The only place that picks providers, from settings. A wrong setting says its name."""

from datetime import datetime
from functools import cache
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from clinicall.messages.sender import TextSender
from clinicall.messages.sms import (
    PLACE,
    PLACES,
    POST,
    ConsoleTexts,
    HttpGateway,
    OutboxTexts,
    Twilio,
)
from clinicall.payments import sandbox
from clinicall.payments.gateway import Gateway, Hint
from clinicall.payments.models import SandboxCheckout
from clinicall.payments.sandbox import SandboxGateway
from clinicall.payments.stripe_account import NOT_COUNTED_ALIKE, SECRET_KEY, is_live
from clinicall.payments.stripe_hints import read_hint
from clinicall.video.agora import AgoraLine
from clinicall.video.agora_notices import read_notice
from clinicall.video.agora_rest import AgoraRest
from clinicall.video.agora_token import HEX_ID
from clinicall.video.peer import PeerLine
from clinicall.video.provider import Notice, VideoLine


def video_line(name: str | None = None) -> VideoLine:
    """The line called `name`, "agora" or "peer"; without a name, the one new visits get: Agora
    where it is configured, else browser to browser.

    Raises ImproperlyConfigured, naming the variable, when its settings do not allow it.
    """
    wants_agora = bool(settings.AGORA_APP_ID or settings.AGORA_APP_CERTIFICATE)
    match name or ("agora" if wants_agora else "peer"):
        case "agora":
            if not wants_agora:
                raise ImproperlyConfigured(
                    "This visit is on Agora: set AGORA_APP_ID and AGORA_APP_CERTIFICATE."
                )
            _refuse_if(_agora_errors())
            return AgoraLine(settings.AGORA_APP_ID, settings.AGORA_APP_CERTIFICATE)
        case "peer":
            return peer_line()
        case other:
            raise ValueError(f"There is no video line called {other!r}.")


def peer_line() -> PeerLine:
    """The line whose passes we read ourselves. Raises ImproperlyConfigured like `video_line`."""
    _refuse_if(_turn_errors())
    return PeerLine(settings.SECRET_KEY, settings.TURN_URL, settings.TURN_SECRET)


def call_notice(body: bytes, signature: str, *, now: datetime) -> Notice | None:
    """What a message that claims to be Agora's says of a call, if anything. Raises NotSigned."""
    return read_notice(body, signature, secret=settings.AGORA_NOTIFICATION_SECRET, now=now)


def agora_rest() -> AgoraRest | None:
    """Agora's REST interface; None where the clinic has no key for it."""
    key, secret = settings.AGORA_CUSTOMER_KEY, settings.AGORA_CUSTOMER_SECRET
    if not (settings.AGORA_APP_ID and key and secret):
        return None
    return AgoraRest(settings.AGORA_APP_ID, key=key, secret=secret)


def payment_gateway(name: str | None = None) -> Gateway | None:
    """The gateway called `name`; without a name, the one new payments go through. None where the
    clinic takes no payments and every visit is free of charge, or has no account there (any more).

    Raises ImproperlyConfigured for a gateway that does not exist.
    """
    match name or settings.PAYMENT_PROVIDER:
        case "sandbox":
            return SandboxGateway()
        case "stripe":
            key = settings.STRIPE_SECRET_KEY
            return _stripe_gateway(key, settings.STRIPE_API_BASE) if key else None
        case "none":
            return None
        case other:
            raise ImproperlyConfigured(
                f"PAYMENT_PROVIDER={other!r}: use 'sandbox', 'stripe' or 'none'."
            )


@cache  # it keeps connections open
def _stripe_gateway(key: str, api_base: str) -> Gateway:
    # Importing the SDK takes a quarter of a second, of every command of those who do not use it.
    from clinicall.payments.stripe import StripeGateway

    return StripeGateway(key, api_base=api_base)


def payment_hint(body: bytes, signature: str, *, now: datetime) -> Hint:
    """What a message that claims to be Stripe's says. Raises Unsigned."""
    return read_hint(
        body,
        signature,
        secret=settings.STRIPE_WEBHOOK_SECRET,
        live=is_live(settings.STRIPE_SECRET_KEY),
        now=now,
    )


def payments_are_tests() -> bool:
    """Whether patients would book without paying real money."""
    match settings.PAYMENT_PROVIDER:
        case "sandbox":
            return True
        case "stripe":
            return not is_live(settings.STRIPE_SECRET_KEY)
    return False


def payment_pages() -> str:
    """The site of the provider's pages, to which a booking leads; empty where that is ours."""
    if settings.PAYMENT_PROVIDER != "stripe":
        return ""
    return settings.STRIPE_API_BASE or "https://checkout.stripe.com"


def sandbox_checkout(token: str) -> SandboxCheckout | None:
    """What the sandbox's page asks for; None where it is not the clinic's gateway, or has no such page."""
    is_ours = settings.PAYMENT_PROVIDER == "sandbox"
    return SandboxCheckout.objects.filter(token=token).first() if is_ours else None


def sandbox_pay(token: str, choice: str) -> SandboxCheckout | None:
    """`sandbox.pay`; None where the sandbox is not the clinic's gateway."""
    return sandbox.pay(token, choice) if settings.PAYMENT_PROVIDER == "sandbox" else None


def text_sender() -> TextSender | None:
    """Who takes texts to the phone; None where the clinic sends none (any more)."""
    url = urlsplit(settings.SMS_URL)
    match url.scheme:
        case "":
            return None
        case "outbox":
            return OutboxTexts()
        case "console":
            return ConsoleTexts(aloud=not settings.PRODUCTION)
        case "twilio":
            account, token = unquote(url.username or ""), unquote(url.password or "")
            return Twilio(account, token, unquote(url.path[1:]))
        case _:
            return HttpGateway(settings.SMS_URL)


def configuration_errors() -> list[str]:
    """A sentence for each provider setting that would fail when first used."""
    return _agora_errors() + _turn_errors() + _stripe_errors() + _sms_errors()


def _refuse_if(errors: list[str]) -> None:
    if errors:
        raise ImproperlyConfigured(" ".join(errors))


def _agora_errors() -> list[str]:
    app_id, certificate = settings.AGORA_APP_ID, settings.AGORA_APP_CERTIFICATE
    errors = []
    if certificate and not app_id:
        errors.append("AGORA_APP_CERTIFICATE is set, but AGORA_APP_ID is not.")
    if app_id and not certificate:
        # Without a certificate the project takes no tokens: whoever knows the App ID may join.
        errors.append("AGORA_APP_ID is set, but AGORA_APP_CERTIFICATE is not.")
    if app_id and not HEX_ID.fullmatch(app_id):
        errors.append("AGORA_APP_ID is not 32 hexadecimal characters.")
    if certificate and not HEX_ID.fullmatch(certificate):
        errors.append("AGORA_APP_CERTIFICATE is not 32 hexadecimal characters.")
    if bool(settings.AGORA_CUSTOMER_KEY) != bool(settings.AGORA_CUSTOMER_SECRET):
        errors.append("AGORA_CUSTOMER_KEY and AGORA_CUSTOMER_SECRET go together: one is missing.")
    return errors


def _stripe_errors() -> list[str]:
    if settings.PAYMENT_PROVIDER != "stripe":
        return []
    errors = []
    if not SECRET_KEY.fullmatch(settings.STRIPE_SECRET_KEY):
        errors.append("STRIPE_SECRET_KEY is not a secret key, like sk_live_…")
    if not settings.STRIPE_WEBHOOK_SECRET:
        errors.append("STRIPE_WEBHOOK_SECRET is missing: Stripe's messages could not be believed.")
    base = settings.STRIPE_API_BASE
    if settings.PRODUCTION and base and not base.startswith("https://"):
        errors.append(f"STRIPE_API_BASE is {base}: the key would travel readable.")
    if settings.CURRENCY in NOT_COUNTED_ALIKE:
        errors.append(f"CURRENCY is {settings.CURRENCY}, which Stripe counts in its own way.")
    return errors


def _sms_errors() -> list[str]:
    """They quote nothing of it, as it holds a secret."""
    url = urlsplit(settings.SMS_URL.removeprefix(POST))
    if url.scheme == "twilio":
        complete = url.username and url.password and len(url.path) > 1
        example = "twilio://ACCOUNT:TOKEN@/+15551234567"
        return [] if complete else [f"SMS_URL is not like {example}"]
    if url.scheme not in ("http", "https"):
        return []
    errors = []
    places = set(PLACE.findall(settings.SMS_URL))
    if "text" not in places or not places & {"to", "digits"} or places - set(PLACES):
        names = ", ".join(f"{{{name}}}" for name in PLACES)
        errors.append(f"SMS_URL needs {{text}}, and {{to}} or {{digits}}; it may have {names}.")
    if not url.hostname or url.username is not None:
        errors.append("SMS_URL needs a host, and no name or password before that.")
    if url.scheme == "http" and settings.PRODUCTION:
        errors.append("SMS_URL begins with http://: texts and its keys would travel readable.")
    return errors


def _turn_errors() -> list[str]:
    if settings.TURN_URL and not settings.TURN_SECRET:
        return ["TURN_URL is set, but TURN_SECRET is not."]
    return []
