"""All settings, from the environment (config/env.py). docs/operating.md lists the variables."""

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from clinicall.config import keys, languages
from clinicall.config.env import Env

env = Env()
PACKAGE = Path(__file__).resolve().parents[1]

# --- Where it lives ---
PORT = env.number("PORT", 8000, 1, 65535)
SITE_URL = env.text("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
_site = urlsplit(SITE_URL)
if _site.scheme not in ("http", "https") or not _site.hostname or _site.path:
    raise ImproperlyConfigured(
        f"SITE_URL={SITE_URL!r}: use a scheme and a host, like https://clinic.lk."
    )
LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"]
# Production is wherever other people can reach it; there is no switch to get wrong.
PRODUCTION = _site.hostname not in ("127.0.0.1", "localhost", "::1")
ALLOWED_HOSTS = [_site.hostname] if PRODUCTION else LOOPBACK_NAMES
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# Whose word counts for where a request comes from; without them, each request's own connection.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
DEBUG = False
DATA = Path(env.text("CLINICALL_DATA", "data")).resolve()

SECRET_KEY = env.text("SECRET_KEY") or keys.kept_in(DATA / "secret_key")
FIELD_KEYS = [
    k.strip() for k in (env.text("FIELD_KEY") or keys.kept_in(DATA / "field_key")).split(",")
]

# --- The clinic ---
CLINIC_NAME = env.text("CLINIC_NAME", "Clinicall")
CLINIC_TIMEZONE = env.timezone("CLINIC_TIMEZONE", "Asia/Colombo")
CURRENCY = env.text("CURRENCY", "LKR")
COUNTRY = env.text("COUNTRY", "LK")
HOLD_MINUTES = env.number("HOLD_MINUTES", 10, 1, 60)
JOIN_EARLY_MINUTES = env.number("JOIN_EARLY_MINUTES", 10, 5, 10)
KEEP_VISITS_YEARS = env.number("KEEP_VISITS_YEARS", 10, 1, 100)
CANCEL_UNTIL_MINUTES = env.number("CANCEL_UNTIL_MINUTES", 120, 0, 7 * 24 * 60)

# --- Providers (clinicall/wiring.py picks) ---
PAYMENT_PROVIDER = env.choice("PAYMENT_PROVIDER", "sandbox", "stripe", "none")
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET")
STRIPE_API_BASE = env.text("STRIPE_API_BASE").rstrip("/")
AGORA_APP_ID = env.text("AGORA_APP_ID")
AGORA_APP_CERTIFICATE = env.text("AGORA_APP_CERTIFICATE")
AGORA_NOTIFICATION_SECRET = env.text("AGORA_NOTIFICATION_SECRET")
AGORA_CUSTOMER_KEY = env.text("AGORA_CUSTOMER_KEY")
AGORA_CUSTOMER_SECRET = env.text("AGORA_CUSTOMER_SECRET")
TURN_URL = env.text("TURN_URL")
TURN_SECRET = env.text("TURN_SECRET")

# --- Database ---
# `clinicall` sets DATABASE_URL to the embedded server when nobody else did (clinicall/__main__.py).
_database = env.database("DATABASE_URL", "postgresql:///clinicall")
DATABASES = {
    "default": {
        "ENGINE": "clinicall.core.postgres",
        "NAME": _database.pop("dbname", ""),
        "USER": _database.pop("user", ""),
        "PASSWORD": _database.pop("password", ""),
        "HOST": _database.pop("host", ""),
        "PORT": _database.pop("port", ""),
        "OPTIONS": {
            # Nothing we ask for is worth compiling: that took longer than all the rest of it.
            "options": "-c jit=off",
            **_database,
            "application_name": "clinicall",
        },
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }
}
# Where the hot reads may be asked (live/replica.py): no alias of Django's, so that nothing else ever is.
REPLICA = env.database("REPLICA_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Counted limits must be shared by all workers, so they live in the database too.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "KEY_FUNCTION": "clinicall.core.limits.cache_key",
        # More than anybody could fill to push counts out before they end.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- The application ---
INSTALLED_APPS = [
    "clinicall.core",
    "clinicall.records",
    "clinicall.people",
    "clinicall.payments",
    "clinicall.schedule",
    "clinicall.booking",
    "clinicall.consultation",
    "clinicall.messages.apps.MessagesConfig",
    "clinicall.rights",
    "clinicall.api",
    "clinicall.web",
    "clinicall.jobs",
    "clinicall.server",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
    "django_vite",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "clinicall.core.requests.RequestIdMiddleware",
    "clinicall.api.problems.ApiMiddleware",
    "clinicall.web.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Static files come compressed from the build; this is for pages and answers of the API.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinicall.web.slow_down.SlowDownMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "clinicall.web.account.second_factor.SecondFactorMiddleware",
    "clinicall.web.account.refused_forms.RefusedFormsMiddleware",
    "clinicall.web.viewer.ViewerMiddleware",
    "clinicall.core.requests.FormsInUtf8Middleware",
]
ROOT_URLCONF = "clinicall.config.urls"
WSGI_APPLICATION = None
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinicall.web.viewer.clinic",
            ],
            "builtins": ["clinicall.web.templatetags.times"],
        },
    }
]
TEST_RUNNER = "django.test.runner.DiscoverRunner"

# --- Language and time ---
LANGUAGE_CODE = "en"
USE_I18N = True
# A clinic may bring languages of its own, beside those that come with the product.
LOCALE_PATHS = [PACKAGE / "locale", DATA / "locale"]
LANGUAGES = languages.found_in(LOCALE_PATHS)
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = _site.scheme == "https"
FORMAT_MODULE_PATH = "clinicall.web.formats"
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files: built by Vite with hashed names, served by the application itself ---
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
# What browsers and search engines look for at the root of a site.
WHITENOISE_ROOT = PACKAGE / "web" / "root"
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/built/assets/"
DJANGO_VITE = {
    "default": {
        "manifest_path": PACKAGE / "web" / "static" / "built" / ".vite" / "manifest.json",
        "static_url_prefix": "built",
    },
}

# --- Accounts ---
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["clinicall.people.signing_in.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "clinicall.people.passwords.LengthValidator"},
    {"NAME": "clinicall.people.passwords.NotTheClinicValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email"]},
    },
]
ACCOUNT_ADAPTER = "clinicall.people.signing_in.AccountAdapter"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
REQUIRE_SECOND_FACTOR = env.choice("REQUIRE_SECOND_FACTOR", "on", "off") == "on"
MFA_ADAPTER = "clinicall.people.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = CLINIC_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# docs/limits.md has them all. Where one has several, the longer windows are the back-off.
RATE_LIMITS = env.choice("RATE_LIMITS", "on", "off") == "on"
SIGN_IN_LIMITS = {
    "login": "20/m/ip,200/h/ip",
    "login_failed": "20/m/ip,100/h/ip,5/m/key,20/h/key",
    "request_login_code": "20/m/ip,3/m/key,10/h/key",
    "reset_password": "20/m/ip,3/h/key",
    "reset_password_from_key": "20/m/ip",
    "signup": "10/h/ip",
    "confirm_email": "1/10s/key",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "reauthenticate": "10/m/user",
}
PASSKEY_LIMITS = {"webauthn_login": "10/m/ip"}
ACCOUNT_RATE_LIMITS = SIGN_IN_LIMITS if RATE_LIMITS else False
MFA_RATE_LIMITS = PASSKEY_LIMITS if RATE_LIMITS else False
ACCOUNT_SESSION_REMEMBER = True
HEADLESS_CLIENTS = ["app"]
HEADLESS_TOKEN_STRATEGY = "clinicall.people.sessions.TokenStrategy"  # noqa: S105 (a class)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "search"

# --- Cookies and headers ---
SESSION_ENGINE = "clinicall.people.sessions"
SESSION_COOKIE_AGE = 7 * 24 * 3600
# Browsers take a cookie of this name from nobody but this host, and from encrypted pages only.
SESSION_COOKIE_NAME = "__Host-sessionid" if _site.scheme == "https" else "sessionid"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _site.scheme == "https"
# Browsers take such a name from this very host alone, and encrypted. Scripts read it: not HttpOnly.
CSRF_COOKIE_NAME = "__Host-csrftoken" if CSRF_COOKIE_SECURE else "csrftoken"
# Two years, by https alone; who serves http on loopback today must not be kept from it tomorrow.
SECURE_HSTS_SECONDS = 63_072_000 if _site.scheme == "https" else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
# Files are read and forgotten; none waits on the disk, and one too long for that is passed over.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

# --- Mail ---
_mail_url = env.text("EMAIL_URL", "" if PRODUCTION else "outbox:")
_mail = urlsplit(_mail_url)
if _mail.scheme not in ("", "outbox", "console", "smtp", "smtps", "anymail"):
    raise ImproperlyConfigured("EMAIL_URL: use smtp://, smtps://, anymail:, console: or outbox:.")
# By anymail, the company whose interface is asked instead of a mail server.
MAIL_PROVIDER = _mail.path if _mail.scheme == "anymail" else ""
if _mail.scheme == "anymail" and not MAIL_PROVIDER.isidentifier():
    raise ImproperlyConfigured("EMAIL_URL: name a provider, like anymail:mailgun.")
EMAIL_CONFIGURED = bool(_mail.scheme)
EMAIL_BACKEND = {
    "outbox": "clinicall.messages.outbox.OutboxBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "anymail": "clinicall.messages.by_provider.ProviderBackend",
}.get(_mail.scheme, "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = _mail.hostname or "localhost"
EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 587)
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = _mail.scheme == "smtp" and EMAIL_HOST not in ("localhost", "127.0.0.1")
EMAIL_TIMEOUT = 10
ANYMAIL = {
    **(env.all_of("ANYMAIL_") if MAIL_PROVIDER else {}),
    "REQUESTS_TIMEOUT": EMAIL_TIMEOUT,
    # Of a mail's parts some companies take no calendar; without it the mail still says all.
    "IGNORE_UNSUPPORTED_FEATURES": True,
}
DEFAULT_FROM_EMAIL = f"{json.dumps(CLINIC_NAME, ensure_ascii=False)} <no-reply@{_site.hostname}>"

# --- Texts to the phone ---
SMS_URL = env.text("SMS_URL", "outbox:" if _mail.scheme == "outbox" and not PRODUCTION else "")
_sms = urlsplit(SMS_URL).scheme
if _sms not in ("", "outbox", "console", "twilio", "https", "http", "post+https", "post+http"):
    raise ImproperlyConfigured(
        "SMS_URL: use https://, post+https://, twilio://, console: or outbox:."
    )
SMS_CONFIGURED = bool(_sms)
OUTBOX_PAGE = "outbox" in (_mail.scheme, _sms)

# --- Logs: routes and ids only; a body, a query or a header may name a patient ---
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "clinicall.core.logs.DiscreetFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # At DEBUG it repeats every statement with its values.
        "django.db.backends": {"level": "INFO"},
        "procrastinate": {"level": "WARNING"},
        # Each of its addresses names a payment.
        "stripe": {"level": "WARNING"},
    },
}
