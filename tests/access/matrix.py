"""Who may do what: every address of the clinic, and what it answers to whom.

A row names a door, the methods that the address takes, and the address as the URL conf writes it. The
door says who gets through. Any method that no row of an address names is answered with 405, or as the
door answers. To add an address, add a row; a new kind of door is a new line of DOORS.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# `+` gets through; `-` is sent to sign in (a program: 401); `F` 403; `N` 404, as if it did not exist.
# Ana is the patient of what the address names, Ben another one, and Gita a guest whom nobody has
# identified. Dr Osei is the doctor, Dr Silva another of the same clinic, Dr Ruiz one of another clinic,
# Dr Mensah suspended. The far staff are those of Dr Ruiz's clinic.
DOORS_AS_A_TABLE = """
                     nobody  Ana Ben Gita  Osei Silva Ruiz Mensah  staff far_staff admin
anyone                 +      +   +   +     +     +    +     +       +       +       +
somebody               -      +   +   +     +     +    +     +       +       +       +
nobody                 N      N   N   N     N     N    N     N       N       N       N
patients               -      +   +   +     F     F    F     F       F       F       F
its_patient            -      +   N   N     F     F    F     F       F       F       F
its_patient_so_far     -      +   N   N     N     N    N     N       N       N       N
its_two                -      +   N   N     +     N    N     N       N       N       N
its_doctor             -      F   F   F     +     N    N     N       F       F       F
doctors                -      F   F   F     +     +    +     +       F       F       F
doctor_and_clinic      -      F   F   F     +     N    N     N       +       N       +
the_clinics            -      F   F   F     F     F    F     F       +       +       +
its_clinic             -      F   F   F     F     F    F     F       +       N       +
the_only_clinics       -      F   F   F     F     F    F     F       N       N       +
back_office            -      -   -   -     -     -    -     -       -       -       +
back_office_door       -      F   F   F     F     F    F     F       F       F       +
"""

_head, *_lines = DOORS_AS_A_TABLE.strip().splitlines()
COLUMNS = _head.split()
DOORS: Mapping[str, Mapping[str, str]] = {
    door: dict(zip(COLUMNS, marks, strict=True)) for door, *marks in map(str.split, _lines)
}

# An account that was switched off is nobody; a program has Ana's session, which counts where programs
# are served and nowhere else.
ACTORS = [*COLUMNS, "inactive", "program"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
LOOKS = "GET HEAD"
ANY = " ".join(METHODS)


@dataclass(frozen=True)
class Row:
    door: str
    methods: str
    path: str
    # Of the appointments in tests/access/scene.py, another one than the visit that is on.
    of: str = ""
    # An address that fits the path, where that is a pattern or needs a query.
    at: str = ""
    sends: str = ""  # a body; `{name}` stands for what the scene calls so
    headers: Mapping[str, str] = field(default_factory=dict)
    # What those get who get through: `+`, or `R` where nothing sensible can be sent from here.
    then: str = "+"
    # Exceptions to the door, by actor.
    but: Mapping[str, str] = field(default_factory=dict)
    # The tables that even looking may write.
    writes: frozenset[str] = frozenset()

    def expected(self, actor: str) -> str:
        mark = self.but.get(actor) or DOORS[self.door][self.column(actor)]
        return self.then if mark == "+" else mark

    def column(self, actor: str) -> str:
        if self.path.startswith("_allauth/"):  # takes no cookies
            return "Ana" if actor == "program" else "nobody"
        if actor == "program":
            return "Ana" if self.path.startswith("api/") else "nobody"
        return "nobody" if actor == "inactive" else actor


VISIT = "appointments/<uuid:appointment_id>/"
API = "api/v1/"
API_VISIT = "api/v1/appointments/<appointment_id>"
PARTICULARS = (
    "first_name=Ana&last_name=Perera&phone=%2B94112345678&nic=199012345678"
    "&email=ana%40clinic.example&reason=Cough&once=first-form"
)
PERIOD = "start_1=13:00&end_1=14:00&minutes_1=15"
WEEK, DAYS = "week=2026-W48", "from=2026-11-24&to=2026-11-30"
WINDOW = '"startTime":"13:00","endTime":"14:00","durationMinutes":15'

PAGES = [
    Row("anyone", LOOKS, ""),
    Row("somebody", LOOKS, "home/"),
    Row("anyone", LOOKS, "doctors/<uuid:doctor_id>/"),
    Row("patients", LOOKS, "doctors/<uuid:doctor_id>/slots/<int:slot_id>/"),
    Row("patients", "POST", "doctors/<uuid:doctor_id>/slots/<int:slot_id>/", sends=PARTICULARS),
    Row("doctor_and_clinic", LOOKS, "doctors/<uuid:doctor_id>/explain/"),
    Row("anyone", LOOKS, "sandbox/<slug:token>/"),
    Row("anyone", "POST", "sandbox/<slug:token>/", sends="outcome=succeed"),
    Row("patients", LOOKS, "appointments/"),
    Row("its_two", LOOKS, VISIT),
    Row("its_patient_so_far", LOOKS, VISIT, of="hold"),
    Row("its_patient", LOOKS, f"{VISIT}unpaid/"),
    Row("its_patient", "POST", f"{VISIT}again/", of="lapsed"),
    Row("its_two", LOOKS, f"{VISIT}cancel/"),
    Row("its_two", "POST", f"{VISIT}cancel/", of="later"),
    Row("its_patient", LOOKS, f"{VISIT}move/", of="later"),
    Row("its_patient", LOOKS, f"{VISIT}move/<int:slot_id>/", of="later"),
    Row("its_patient", "POST", f"{VISIT}move/<int:slot_id>/", of="later"),
    Row("its_two", LOOKS, f"{VISIT}room/"),
    Row("its_doctor", "POST", f"{VISIT}complete/", sends="outcome=attended"),
    Row("its_doctor", "POST", f"{VISIT}reopen/", of="done"),
    Row("somebody", LOOKS, "device-check/"),
    Row(
        "somebody",
        "POST",
        "device-check/",
        sends="camera=ok&microphone=ok&speaker=heard&connection=good",
    ),
    Row("doctors", LOOKS, "agenda/"),
    Row("doctors", LOOKS, "schedule/"),
    Row("doctors", LOOKS, "schedule/add/"),
    Row("doctors", "POST", "schedule/add/", sends=f"day=2026-12-01&weeks=1&{PERIOD}"),
    Row("its_doctor", LOOKS, "schedule/repeat/", at=f"schedule/repeat/?{WEEK}"),
    Row("its_doctor", "POST", "schedule/repeat/", at=f"schedule/repeat/?{WEEK}", sends="weeks=1"),
    Row("doctors", LOOKS, "schedule/usual/"),
    Row("doctors", "POST", "schedule/usual/"),
    Row("doctors", LOOKS, "schedule/usual/use/"),
    Row("doctors", "POST", "schedule/usual/use/", sends="week=2026-12-07&weeks=1"),
    Row("doctors", LOOKS, "schedule/upload/"),
    Row("doctors", "POST", "schedule/upload/", then="R"),
    Row("doctors", LOOKS, "schedule/template.csv"),
    Row("doctors", LOOKS, "schedule/export.csv", at=f"schedule/export.csv?{DAYS}"),
    Row("its_doctor", LOOKS, "schedule/<str:day>/"),
    Row("its_doctor", "POST", "schedule/<str:day>/", sends=f"{PERIOD}&confirmed=1"),
    Row("its_doctor", LOOKS, "schedule/<str:day>/copy/"),
    Row("its_doctor", "POST", "schedule/<str:day>/copy/", sends="dates=2026-12-02"),
    Row("its_doctor", LOOKS, "schedule/<str:day>/delete/"),
    Row("its_doctor", "POST", "schedule/<str:day>/delete/"),
    Row("the_clinics", LOOKS, "money/"),
    Row("its_clinic", "POST", "money/refunds/<uuid:refund_id>/again/"),
    Row("its_clinic", "POST", "money/refunds/<uuid:refund_id>/by-hand/", sends="given=on"),
    Row("its_clinic", "POST", "money/payments/<uuid:payment_id>/again/"),
    Row("its_clinic", "POST", "money/payments/<uuid:payment_id>/by-hand/", sends="ended=on"),
    # No payment of ours is known to it, so with two clinics nobody's staff can claim it.
    Row("the_only_clinics", "POST", "money/events/<int:event_id>/seen/"),
    Row("anyone", LOOKS, "outbox/"),
    Row("anyone", LOOKS, "time-zone/"),
    Row("anyone", "POST", "time-zone/", sends="timezone=Asia/Colombo"),
]

CALLS = [
    Row("nobody", ANY, API),
    Row("anyone", ANY, f"{API}openapi.json"),
    Row("anyone", LOOKS, "api/docs"),
    Row("anyone", "GET", f"{API}specializations"),
    Row("anyone", "GET", f"{API}doctors"),
    Row("anyone", "GET", f"{API}doctors/<doctor_id>"),
    Row("anyone", "GET", f"{API}doctors/<doctor_id>/slots"),
    Row(
        "doctor_and_clinic",
        "GET",
        f"{API}doctors/<doctor_id>/explain",
        at=f"{API}doctors/<doctor_id>/explain?at=2026-11-26T04:00:00Z",
    ),
    Row("doctors", "GET", f"{API}availability"),
    Row(
        "doctors",
        "POST",
        f"{API}availability",
        sends=f'{{"windows":[{{"date":"2026-12-01",{WINDOW}}}]}}',
    ),
    Row("its_doctor", "PUT", f"{API}availability/<day>", sends=f'{{"windows":[{{{WINDOW}}}]}}'),
    Row("its_doctor", "DELETE", f"{API}availability/<day>"),
    Row("somebody", "GET", f"{API}appointments"),
    Row(
        "patients",
        "POST",
        f"{API}appointments",
        sends='{"slotId":"{slot_id}","firstName":"Ana","lastName":"Perera","phone":"+94112345678",'
        '"nic":"199012345678","email":"ana@clinic.example","reason":"Cough"}',
        headers={"Idempotency-Key": "one"},
    ),
    Row("its_two", "GET", API_VISIT),
    Row("its_patient_so_far", "GET", API_VISIT, of="hold"),
    Row("its_two", "POST", f"{API_VISIT}/cancel", of="later", sends="{}"),
    Row(
        "its_patient",
        "POST",
        f"{API_VISIT}/reschedule",
        of="later",
        sends='{"slotId":"{slot_id}"}',
    ),
    Row("its_doctor", "POST", f"{API_VISIT}/complete", sends='{"outcome":"attended"}'),
    Row("its_doctor", "POST", f"{API_VISIT}/reopen", of="done"),
    Row("its_two", "POST", f"{API_VISIT}/call"),
    Row("its_two", "POST", f"{API_VISIT}/call/leave"),
    # Not set up here; where they are, what is not signed is refused (tests of each provider).
    Row("nobody", ANY, "webhooks/stripe"),
    Row("nobody", ANY, "webhooks/agora"),
]

# allauth's own; PUT is their POST, and they tell everybody their methods.
FORM, PAGE = "GET HEAD POST PUT OPTIONS", "GET HEAD OPTIONS"
ACCOUNT = [
    *(
        Row("anyone", FORM, f"account/{page}/")
        for page in ("login", "login/code", "signup", "password/reset")
    ),
    Row("anyone", "GET HEAD POST OPTIONS", "account/logout/"),
    *(
        Row("anyone", PAGE, f"account/{page}/")
        for page in ("inactive", "password/reset/done", "password/reset/key/done")
    ),
    Row(
        "anyone",
        FORM,
        "account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        at="account/password/reset/key/1-a-b/",
    ),
    *(
        Row("somebody", FORM, f"account/{page}/")
        for page in (
            "confirm-email",
            "email",
            "login/code/confirm",
            "password/change",
            "password/set",
            "reauthenticate",
        )
    ),
]

# For programs: what nothing sensible can be sent to from here answers `R`, and every body is looked at
# before the session.
HEADLESS = "_allauth/app/v1/"
SIGNING_IN = [
    Row("anyone", "GET HEAD OPTIONS", f"{HEADLESS}config", sends="{}"),
    *(
        Row("anyone", "POST", f"{HEADLESS}auth/{step}", sends="{}", then="R")
        for step in (
            "code/confirm",
            "code/request",
            "code/resend",
            "email/verify",
            "email/verify/resend",
            "login",
            "password/request",
            "password/reset",
            "phone/verify",
            "phone/verify/resend",
            "signup",
            "webauthn/login",
        )
    ),
    Row("anyone", "POST", f"{HEADLESS}tokens/refresh", sends="{}", then="R"),
    Row("somebody", "GET HEAD", f"{HEADLESS}auth/session", sends="{}"),
    Row("somebody", "GET HEAD", f"{HEADLESS}auth/sessions", sends="{}"),
    Row("somebody", "GET HEAD", f"{HEADLESS}account/authenticators", sends="{}"),
    Row("somebody", "GET HEAD", f"{HEADLESS}account/email", sends="{}"),
    *(
        Row("somebody", "POST", f"{HEADLESS}{step}", sends="{}", then="R")
        for step in (
            "account/authenticators/recovery-codes",
            "account/authenticators/totp",
            "account/authenticators/webauthn",
            "account/password/change",
            "auth/2fa/reauthenticate",
            "auth/reauthenticate",
            "auth/webauthn/reauthenticate",
        )
    ),
    # The second step of signing in, which nobody here has begun.
    *(
        Row("somebody", "POST", f"{HEADLESS}auth/{factor}/authenticate", sends="{}", then="-")
        for factor in ("2fa", "webauthn")
    ),
    # Nobody signs in by phone here.
    Row("nobody", ANY, f"{HEADLESS}account/phone"),
]

OF_A_KIND = (
    "",
    "add/",
    *(f"<path:object_id>/{act}" for act in ("", "change/", "delete/", "history/")),
)
LEADS_ON = ("<path:object_id>/", "<path:object_id>/history/")
BACK_OFFICE = [
    *(
        Row("back_office", "GET HEAD", f"admin/{page}")
        for page in ("", "jsi18n/", "password_change/", "password_change/done/")
    ),
    Row("anyone", "POST", "admin/logout/"),
    Row("back_office_door", "GET HEAD POST", "admin/login/"),
    Row("back_office", "GET HEAD", "admin/autocomplete/", then="F"),
    Row("back_office", "GET HEAD", "admin/r/<path:content_type_id>/<path:object_id>/", then="N"),
    Row(
        "back_office",
        "GET HEAD",
        "admin/^(?P<app_label>auth|account|mfa|usersessions|procrastinate)/$",
        at="admin/auth/",
        then="N",
    ),
    Row("back_office", "GET HEAD", "admin/(?P<url>.*)$", at="admin/nothing/", then="N"),
    *(
        Row("back_office", "GET HEAD POST", f"admin/{kind}/{page}", then=then)
        for kind in (
            "account/emailaddress",
            "auth/group",
            "mfa/authenticator",
            "procrastinate/procrastinatejob",
            "usersessions/usersession",
        )
        # No role may look into these there; what is not there leads back to the start.
        for page in OF_A_KIND
        for then in (["+"] if page in LEADS_ON else ["F"])
    ),
]

TABLE = [*PAGES, *CALLS, *ACCOUNT, *SIGNING_IN, *BACK_OFFICE]
