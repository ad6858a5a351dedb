"""What every answer says to browsers, whoever answers: Django, a live route, or the bridge itself.

Django adds the same to its own by its middleware, from the same settings, and pages have more to say
(web/headers.py); what is said already stays.
"""

from django.conf import settings
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinicall.web.headers import NO_DEVICES, NO_PAGE


def on_every_answer() -> dict[str, str]:
    always = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "Content-Security-Policy": NO_PAGE,
        "Permissions-Policy": NO_DEVICES,
        "Cache-Control": "no-store",
    }
    if settings.SECURE_HSTS_SECONDS:
        age = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains"
        always["Strict-Transport-Security"] = age
    return always


def with_headers(app: ASGIApp) -> ASGIApp:
    always = [(name.lower().encode(), value.encode()) for name, value in on_every_answer().items()]

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                # In small letters already: ASGI has all names so.
                said = {name for name, _ in message["headers"]}
                missing = [header for header in always if header[0] not in said]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        await app(scope, receive, send_with_headers)

    return guarded
