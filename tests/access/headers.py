"""What each family of addresses answers to browsers beside its content, as a snapshot.

One row is one answer. `cache` is Cache-Control, `policy` the Content-Security-Policy, `devices` the
Permissions-Policy, `cookies` all that is set, in alphabetical order.
"""

from dataclasses import dataclass

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
ON_HTTPS = {"strict-transport-security": "max-age=63072000; includeSubDomains"}
# No other site may read an answer.
NOWHERE = ("access-control-allow-origin", "access-control-allow-credentials")

NOT_A_PAGE = "default-src 'none'; frame-ancestors 'none'"
# The nonce is another one in each answer.
BY_NONCE = "script-src 'nonce-…' 'strict-dynamic'"
A_PAGE = (
    "default-src 'none'; {scripts}; style-src 'self' 'nonce-…'; font-src 'self'; img-src 'self';"
    " media-src 'self'; connect-src 'self' {socket}; manifest-src 'self'; worker-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

WORKER = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
PAGE = A_PAGE.replace("{scripts}", BY_NONCE)
BACK_OFFICE = A_PAGE.replace("{scripts}", "script-src 'self'").replace(" 'nonce-…'", "")

NO_DEVICES = "camera=(), microphone=(), display-capture=(), geolocation=(), payment=()"
OWN_DEVICES = "camera=(self), microphone=(self), fullscreen=(self), autoplay=(self)"
CHECK = f"{OWN_DEVICES}, display-capture=(), geolocation=(), payment=()"
CALL = f"{OWN_DEVICES}, display-capture=(self), geolocation=(), payment=()"

NEVER = "max-age=0, no-cache, no-store, must-revalidate, private"
KEPT = "max-age=315360000, public, immutable"

# `{host}` is "__Host-" on https, and `{secure}` "; Secure" there.
CSRF = "{host}csrftoken; Path=/; SameSite=Lax{secure}"
DEVICE = "{host}device; HttpOnly; Path=/; SameSite=Lax{secure}"
SESSION = "{host}sessionid; HttpOnly; Path=/; SameSite=Lax{secure}"
THEME = "theme; HttpOnly; Path=/; SameSite=Lax{secure}"
ZONE = "timezone; Path=/; SameSite=Lax{secure}"
ZONE_CHOSEN = "timezone_chosen; Path=/; SameSite=Lax{secure}"


@dataclass(frozen=True)
class Row:
    """`who` is a name of the cast, or nobody."""

    asked: str
    status: int
    cache: str
    who: str = ""
    policy: str = PAGE
    devices: str = NO_DEVICES
    cookies: tuple[str, ...] = ()
    form: str | None = None  # sent as a form


# By the first part of the address; "" has the start page and all answers of no address of its own.
FAMILIES: dict[str, list[Row]] = {
    "": [
        Row("GET /", 200, "no-cache"),
        Row("GET /", 200, "no-store", who="ana", cookies=(CSRF,)),
        Row("GET /nowhere/", 404, "no-cache"),
        Row("GET /nowhere/", 404, "no-store", who="ana", cookies=(CSRF,)),
        Row("POST /", 403, "no-cache"),
        Row("POST /", 405, "no-cache", form=""),
    ],
    "home": [Row("GET /home/", 302, NEVER, who="ana")],
    "doctors": [
        Row("GET /doctors/{doctor}/", 200, "private, no-cache"),
        Row("GET /doctors/{doctor}/", 200, "no-store", who="ana", cookies=(CSRF,)),
        Row("GET /doctors/{doctor}/slots/{slot}/", 200, NEVER, who="ana", cookies=(CSRF,)),
        Row("GET /doctors/{doctor}/explain/", 200, NEVER, who="silva", cookies=(CSRF,)),
    ],
    "sandbox": [Row("GET /sandbox/no-such-payment/", 404, "no-cache")],
    "a": [
        Row("GET /a/22222222/", 302, NEVER),
        Row("GET /a/22222222/", 404, "no-store", who="ana", cookies=(CSRF,)),
    ],
    "appointments": [
        Row("GET /appointments/", 302, NEVER),
        Row("GET /appointments/", 200, NEVER, who="ana", cookies=(CSRF,)),
        Row("GET /appointments/{visit}/", 200, NEVER, who="ana", cookies=(CSRF,)),
        Row("GET /appointments/{visit}/", 404, "no-store", who="cleo", cookies=(CSRF,)),
        Row(
            "GET /appointments/{visit}/room/", 200, NEVER, who="ana", devices=CALL, cookies=(CSRF,)
        ),
    ],
    "device-check": [
        Row("GET /device-check/", 200, NEVER, who="ana", devices=CHECK, cookies=(CSRF,))
    ],
    "agenda": [Row("GET /agenda/", 200, NEVER, who="silva", cookies=(CSRF,))],
    "calendar-feed": [Row("GET /calendar-feed/", 200, NEVER, who="silva", cookies=(CSRF,))],
    "feeds": [Row("GET /feeds/no-such-feed.ics", 404, "no-cache")],
    "schedule": [
        Row("GET /schedule/", 200, NEVER, who="silva", cookies=(CSRF,)),
        Row("GET /schedule/template.csv", 200, NEVER, who="silva", policy=NOT_A_PAGE),
    ],
    "money": [Row("GET /money/", 403, "no-store", who="ana", cookies=(CSRF,))],
    "record": [Row("GET /record/", 200, NEVER, who="ana", cookies=(CSRF,))],
    "staff": [
        Row("GET /staff/", 403, "no-store", who="ana", cookies=(CSRF,)),
        Row("GET /staff/", 200, NEVER, who="root", cookies=(CSRF,)),
    ],
    "application": [Row("GET /application/", 403, "no-store", who="ana", cookies=(CSRF,))],
    "outbox": [Row("GET /outbox/", 404, "no-cache")],
    "time-zone": [
        Row("GET /time-zone/", 200, "no-cache", cookies=(CSRF,)),
        Row(
            "POST /time-zone/",
            302,
            "no-cache",
            cookies=(ZONE, ZONE_CHOSEN),
            form="timezone=Asia/Colombo",
        ),
    ],
    "language": [Row("GET /language/", 200, "no-cache", cookies=(CSRF,))],
    "accessibility": [Row("GET /accessibility/", 200, "no-cache")],
    "privacy": [
        Row("GET /privacy/", 200, "no-cache"),
        Row("GET /privacy/", 200, "no-store", who="ana", cookies=(CSRF,)),
    ],
    "manifest.webmanifest": [
        Row("GET /manifest.webmanifest", 200, "no-cache", policy=NOT_A_PAGE),
        Row("GET /manifest.webmanifest", 200, "no-cache", who="ana", policy=NOT_A_PAGE),
    ],
    "offline": [Row("GET /offline/", 200, "no-cache")],
    "service-worker.js": [
        Row("GET /service-worker.js", 200, "no-cache", policy=WORKER),
        Row("GET /service-worker.js", 200, "no-cache", who="ana", policy=WORKER),
    ],
    # These two are files.
    "favicon.ico": [Row("GET /favicon.ico", 200, "max-age=60, public", policy=NOT_A_PAGE)],
    "robots.txt": [Row("GET /robots.txt", 200, "max-age=60, public", policy=NOT_A_PAGE)],
    "styleguide": [
        Row("GET /styleguide/", 200, "no-store", who="root", cookies=(CSRF,)),
    ],
    "theme": [
        Row("POST /theme/", 302, "no-cache", cookies=(THEME,), form="theme=dark"),
        Row("POST /theme/", 400, "no-cache", form="theme=sepia"),
    ],
    "account": [
        Row("GET /account/login/", 200, NEVER, cookies=(CSRF,)),
        Row(
            "POST /account/login/",
            302,
            NEVER,
            cookies=(CSRF, DEVICE, SESSION),
            form="login=cleo@clinic.example&password=a long enough secret",
        ),
    ],
    "_allauth": [
        Row("GET /_allauth/app/v1/auth/session", 401, NEVER, policy=NOT_A_PAGE),
    ],
    "admin": [
        Row("GET /admin/", 302, NEVER, policy=BACK_OFFICE),
        Row("GET /admin/", 200, NEVER, who="root", policy=BACK_OFFICE, cookies=(CSRF,)),
    ],
    "api": [
        Row("GET /api/v1/doctors", 200, "no-cache", policy=NOT_A_PAGE),
        Row("GET /api/v1/doctors/{doctor}/slots", 200, "no-cache", policy=NOT_A_PAGE),
        Row("HEAD /api/v1/doctors/{doctor}/slots/stream", 200, "no-store", policy=NOT_A_PAGE),
        Row("GET /api/v1/nowhere", 404, "no-store", policy=NOT_A_PAGE),
        Row("GET /api/v1/appointments", 401, "no-store", policy=NOT_A_PAGE),
        Row("GET /api/v1/appointments", 200, "no-store", who="ana", policy=NOT_A_PAGE),
        Row("GET /api/docs", 200, "no-cache"),
    ],
    "webhooks": [
        Row("POST /webhooks/stripe", 404, "no-store", policy=NOT_A_PAGE),
        Row("POST /webhooks/agora", 404, "no-store", policy=NOT_A_PAGE),
    ],
    "static": [
        Row("GET /static/icon.svg", 200, "max-age=60, public", policy=NOT_A_PAGE),
        Row("GET /static/{asset}", 200, KEPT, policy=NOT_A_PAGE),
        Row("GET /static/nothing.js", 404, "no-cache"),
    ],
    "healthz": [Row("GET /healthz", 200, "no-store", policy=NOT_A_PAGE)],
    "readyz": [Row("GET /readyz", 503, "no-store", policy=NOT_A_PAGE)],
    "ws": [Row("GET /ws/agenda", 404, "no-cache")],
}
