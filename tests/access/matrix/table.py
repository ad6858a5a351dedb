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
strangers              +      F   F   F     F     F    F     F       F       F       F
patients               -      +   +   +     F     F    F     F       F       F       F
patients_and_guests    +      +   +   +     F     F    F     F       F       F       F
its_patient            -      +   N   N     F     F    F     F       F       F       F
its_patient_or_guest   N      +   N   N     F     F    F     F       F       F       F
its_patient_so_far     -      +   N   N     N     N    N     N       N       N       N
its_two                -      +   N   N     +     N    N     N       N       N       N
its_doctor             -      F   F   F     +     N    N     N       F       F       F
doctors                -      F   F   F     +     +    +     +       F       F       F
doctor_and_clinic      -      F   F   F     +     N    N     N       +       N       +
the_clinics            -      F   F   F     F     F    F     F       +       +       +
its_clinic             -      F   F   F     F     F    F     F       +       N       +
the_only_clinics       -      F   F   F     F     F    F     F       N       N       +
admins                 -      F   F   F     F     F    F     F       F       F       +
back_office            -      -   -   -     -     -    -     -       -       -       +
back_office_door       -      F   F   F     F     F    F     F       F       F       +
"""

_head, *_lines = DOORS_AS_A_TABLE.strip().splitlines()
COLUMNS = _head.split()
DOORS: Mapping[str, Mapping[str, str]] = {
    door: dict(zip(COLUMNS, marks, strict=True)) for door, *marks in map(str.split, _lines)
}

# Those who stand in another's column. An account that was switched off is nobody; a program has Ana's
# session, which counts where programs are served and nowhere else; the holder is a browser that holds a
# time without an account. Dr Addo has only applied to the clinic, and Dr Boye has no second factor where
# one must be.
OTHERS = {
    "inactive": "nobody",
    "program": "Ana",
    "holder": "nobody",
    "applied": "Silva",
    "unenrolled": "Silva",
}
ACTORS = [*COLUMNS, *OTHERS]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
LOOKS = "GET HEAD"
ANY = " ".join(METHODS)


@dataclass(frozen=True)
class Row:
    door: str
    methods: str
    path: str
    # Of the appointments in tests/access/matrix/scene.py, another one than the visit that is on.
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
    # Whether somebody who has not shown for ten minutes who they are must do so again.
    asks_again: bool = False

    def expected(self, actor: str) -> str:
        if actor in self.but:
            return self.but[actor]
        if actor == "unenrolled" and not self.is_on_the_way:
            return self.without_second_factor
        mark = DOORS[self.door][self.column(actor)]
        if actor == "applied" and self.door in FOR_DOCTORS:
            return "F" if self.is_call else "A"  # to their application
        return self.then if mark == "+" else mark

    def column(self, actor: str) -> str:
        if self.path.startswith("_allauth/"):  # takes no cookies
            return "Ana" if actor == "program" else "nobody"
        if actor == "program" and not self.is_call:
            return "nobody"
        return OTHERS.get(actor, actor)

    @property
    def is_call(self) -> bool:
        return self.path.startswith("api/")

    @property
    def is_on_the_way(self) -> bool:
        """Whether one may come by on the way to a second factor."""
        return self.path in ON_THE_WAY or self.path.startswith(
            ("account/second-step/", "_allauth/")
        )

    @property
    def without_second_factor(self) -> str:
        if self.path.startswith(("api/", "webhooks/")):
            mark = DOORS[self.door]["nobody"]
            return "F" if mark == "-" else mark
        return "E"  # to the page that sets one up


FOR_DOCTORS = ("its_doctor", "doctors")
ON_THE_WAY = (
    "account/confirm-email/",
    "account/logout/",
    "account/reauthenticate/",
    "account/reauthenticate/code/",
    "time-zone/",
    "theme/",
)
VISIT = "appointments/<uuid:appointment_id>/"
STAFF_VISIT = "staff/appointments/<uuid:appointment_id>/"
STAFF_DOCTOR = "staff/doctors/<uuid:doctor_id>/"
API = "api/v1/"
API_VISIT = "api/v1/appointments/<appointment_id>"
PARTICULARS = (
    "first_name=Ana&last_name=Perera&phone=%2B94112345678&nic=199012345678"
    "&email=ana%40clinic.example&reason=Cough&once=first-form"
)
PERIOD = "start_1=13:00&end_1=14:00&minutes_1=15"
# Nobody could book what they publish, and they are told so.
SUSPENDED = {"Mensah": "R"}
WEEK, DAYS = "week=2026-W48", "from=2026-11-24&to=2026-11-30"
WINDOW = '"startTime":"13:00","endTime":"14:00","durationMinutes":15'

PAGES = [
    Row("anyone", LOOKS, ""),
    Row("somebody", LOOKS, "home/"),
    Row("anyone", LOOKS, "doctors/<uuid:doctor_id>/"),
    Row("strangers", LOOKS, "doctors/apply/"),
    Row("strangers", "POST", "doctors/apply/", then="R"),
    # Who has not applied just now is led to where one does.
    Row("anyone", "GET HEAD POST", "doctors/apply/code/"),
    Row("doctors", LOOKS, "application/", but={"applied": "+"}),
    Row("patients_and_guests", LOOKS, "doctors/<uuid:doctor_id>/slots/<int:slot_id>/"),
    Row(
        "patients_and_guests",
        "POST",
        "doctors/<uuid:doctor_id>/slots/<int:slot_id>/",
        sends=PARTICULARS,
    ),
    Row("doctor_and_clinic", LOOKS, "doctors/<uuid:doctor_id>/explain/"),
    Row("anyone", LOOKS, "sandbox/<slug:token>/"),
    Row("anyone", "POST", "sandbox/<slug:token>/", sends="outcome=succeed"),
    Row("patients", LOOKS, "appointments/"),
    Row("its_two", LOOKS, "a/<slug:reference>/"),
    Row("its_two", LOOKS, VISIT),
    Row("its_patient_so_far", LOOKS, VISIT, of="hold"),
    Row("its_two", LOOKS, VISIT, of="cancelled"),
    Row("its_patient", LOOKS, f"{VISIT}calendar.ics"),
    Row("its_patient", LOOKS, f"{VISIT}unpaid/"),
    Row("its_patient_or_guest", "POST", f"{VISIT}again/", of="lapsed", but={"holder": "+"}),
    Row("its_two", LOOKS, f"{VISIT}claim/"),
    Row("nobody", "POST", f"{VISIT}let-go/", of="as_guest", but={"holder": "+"}),
    Row("its_doctor", LOOKS, f"{VISIT}nic/"),
    Row("its_doctor", "POST", f"{VISIT}nic/", sends="purpose=A prescription"),
    Row("its_two", LOOKS, f"{VISIT}cancel/"),
    Row("its_two", "POST", f"{VISIT}cancel/", of="later"),
    Row("its_patient", LOOKS, f"{VISIT}move/", of="later"),
    Row("its_patient", LOOKS, f"{VISIT}move/<int:slot_id>/", of="later"),
    Row("its_patient", "POST", f"{VISIT}move/<int:slot_id>/", of="later"),
    Row("its_patient", "POST", f"{VISIT}wait/", of="later"),
    Row("its_patient", "POST", f"{VISIT}stop-waiting/", of="later"),
    Row("its_patient", "POST", f"{VISIT}offers/<uuid:offer_id>/take/", of="waiting"),
    Row("its_patient", "POST", f"{VISIT}offers/<uuid:offer_id>/decline/", of="waiting"),
    # An offer is no appointment to anybody.
    Row("its_patient_so_far", LOOKS, VISIT, of="offer", but={"Ana": "N"}),
    Row("its_two", LOOKS, f"{VISIT}room/"),
    Row("its_doctor", "POST", f"{VISIT}complete/", sends="outcome=attended"),
    Row("its_doctor", "POST", f"{VISIT}reopen/", of="done"),
    Row("patients", LOOKS, "record/"),
    Row("patients", LOOKS, "record/export/", asks_again=True),
    Row("patients", "POST", "record/export/", asks_again=True),
    Row("patients", LOOKS, "record/erase/", asks_again=True),
    # Not while a visit is on.
    Row(
        "patients",
        "POST",
        "record/erase/",
        sends="understood=on",
        asks_again=True,
        but={"Ana": "R"},
    ),
    Row("anyone", LOOKS, "record/erased/"),
    Row("somebody", LOOKS, "device-check/"),
    Row(
        "somebody",
        "POST",
        "device-check/",
        sends="camera=ok&microphone=ok&speaker=heard&connection=good",
    ),
    Row("doctors", LOOKS, "agenda/"),
    Row("doctors", "POST", "agenda/late/", sends="minutes=20"),
    Row("doctors", LOOKS, "calendar-feed/"),
    Row("doctors", "POST", "calendar-feed/", sends="shows_initials=on"),
    Row("doctors", "POST", "calendar-feed/renew/", sends="shows_initials=on"),
    Row("doctors", "POST", "calendar-feed/revoke/"),
    # Whoever has the address.
    Row("anyone", LOOKS, "feeds/<str:token>.ics", at="feeds/<feed_token>.ics"),
    Row("doctors", LOOKS, "schedule/"),
    Row("doctors", LOOKS, "schedule/add/"),
    Row(
        "doctors",
        "POST",
        "schedule/add/",
        sends=f"day=2026-12-01&weeks=1&{PERIOD}",
        but=SUSPENDED,
    ),
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
    Row("the_clinics", LOOKS, "staff/"),
    Row("the_clinics", LOOKS, "staff/appointments/"),
    Row("the_clinics", "POST", "staff/appointments/", sends="said=Perera"),
    Row("its_clinic", LOOKS, STAFF_VISIT),
    Row("its_clinic", LOOKS, STAFF_VISIT, of="cancelled"),
    # What a guest holds is nobody's to see.
    Row("its_clinic", LOOKS, STAFF_VISIT, of="as_guest", but={"staff": "N", "admin": "N"}),
    Row("its_clinic", LOOKS, f"{STAFF_VISIT}cancel/", of="later"),
    Row("its_clinic", "POST", f"{STAFF_VISIT}cancel/", of="later", sends="note=The doctor is ill"),
    Row("its_clinic", "POST", f"{STAFF_VISIT}complete/", sends="outcome=attended"),
    Row("its_clinic", "POST", f"{STAFF_VISIT}mail/", of="hold", sends="once=first-press"),
    Row("the_clinics", LOOKS, "staff/book/"),
    Row("its_clinic", LOOKS, "staff/book/<uuid:doctor_id>/"),
    Row("its_clinic", LOOKS, "staff/book/<uuid:doctor_id>/slots/<int:slot_id>/"),
    Row(
        "its_clinic",
        "POST",
        "staff/book/<uuid:doctor_id>/slots/<int:slot_id>/",
        sends=PARTICULARS,
    ),
    Row("the_clinics", LOOKS, "staff/doctors/"),
    Row("the_clinics", LOOKS, "staff/doctors/invite/"),
    Row("the_clinics", "POST", "staff/doctors/invite/", then="R"),
    Row("its_clinic", LOOKS, STAFF_DOCTOR),
    Row("its_clinic", "POST", STAFF_DOCTOR, then="R"),
    Row("its_clinic", LOOKS, f"{STAFF_DOCTOR}leave/"),
    Row("its_clinic", "POST", f"{STAFF_DOCTOR}leave/", sends="visits=hold"),
    *(
        Row("its_clinic", "POST", f"{STAFF_DOCTOR}{step}/")
        for step in ("invite-again", "approve", "decline", "suspend", "bring-back")
    ),
    Row("admins", LOOKS, "staff/people/"),
    Row("admins", "POST", "staff/people/", sends="email=", then="R"),
    *(
        Row("admins", "POST", f"staff/people/<uuid:user_id>/{step}/")
        for step in ("invite-again", "second-step", "close")
    ),
    Row("the_clinics", LOOKS, "staff/clinic/"),
    Row("admins", LOOKS, "staff/clinic/add/"),
    Row("admins", "POST", "staff/clinic/add/", sends="name=", then="R"),
    Row("admins", LOOKS, "staff/clinic/<uuid:clinic_id>/"),
    Row("admins", "POST", "staff/clinic/<uuid:clinic_id>/", sends="name=", then="R"),
    Row("the_clinics", LOOKS, "staff/messages/"),
    Row("its_clinic", "POST", "staff/messages/<uuid:message_id>/again/"),
    Row("the_clinics", LOOKS, "money/"),
    Row("its_clinic", "POST", "money/refunds/<uuid:refund_id>/again/"),
    Row("its_clinic", "POST", "money/refunds/<uuid:refund_id>/by-hand/", sends="given=on"),
    Row("its_clinic", "POST", "money/payments/<uuid:payment_id>/again/"),
    Row("its_clinic", "POST", "money/payments/<uuid:payment_id>/by-hand/", sends="ended=on"),
    # No payment of ours is known to it, so with two clinics nobody's staff can claim it.
    Row("the_only_clinics", "POST", "money/events/<int:event_id>/seen/"),
    Row("anyone", LOOKS, "outbox/"),
    Row("anyone", LOOKS, "outbox/<int:mail_id>/"),
    Row("anyone", LOOKS, "outbox/<int:mail_id>/sheet/"),
    Row("anyone", LOOKS, "time-zone/"),
    Row("anyone", "POST", "time-zone/", sends="timezone=Asia/Colombo"),
    Row("anyone", LOOKS, "language/"),
    Row("anyone", LOOKS, "language/<str:language>.js", at="language/en.js"),
    Row("anyone", "POST", "language/chosen/", sends="language=en"),
    *(
        Row("anyone", LOOKS, address)
        for address in (
            *("accessibility/", "privacy/", "offline/"),
            *("manifest.webmanifest", "service-worker.js"),
        )
    ),
    # The scene is on loopback; tests/web/test_styleguide.py has what others are told in production.
    Row("anyone", LOOKS, "styleguide/"),
    Row("anyone", "POST", "theme/", sends="theme=dark"),
]

CALLS = [
    Row("nobody", ANY, API),
    Row("anyone", ANY, f"{API}openapi.json"),
    Row("anyone", LOOKS, "api/docs"),
    Row("anyone", "GET", f"{API}specializations"),
    Row("anyone", "GET", f"{API}doctors"),
    Row("anyone", "GET", f"{API}doctors/<doctor_id>"),
    Row("anyone", "GET", f"{API}doctors/<doctor_id>/slots"),
    Row("anyone", "GET", f"{API}doctors/<doctor_id>/days"),
    Row(
        "doctor_and_clinic",
        "GET",
        f"{API}doctors/<doctor_id>/explain",
        at=f"{API}doctors/<doctor_id>/explain?at=2026-11-26T04:00:00Z",
        but={"applied": "F"},
    ),
    Row("doctors", "GET", f"{API}availability"),
    Row(
        "doctors",
        "POST",
        f"{API}availability",
        sends=f'{{"windows":[{{"date":"2026-12-01",{WINDOW}}}]}}',
        but=SUSPENDED,
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
    Row("its_two", "GET", API_VISIT, of="cancelled"),
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
    Row("its_doctor", "POST", f"{API_VISIT}/nic", sends='{"purpose":"A prescription"}'),
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
        for page in ("login", "login/code", "login/code/confirm", "signup", "password/reset")
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
    Row("somebody", LOOKS, "account/"),
    Row("somebody", "POST", "account/", sends="first_name=Ana&last_name=Perera&timezone="),
    Row("patients", LOOKS, "account/told/"),
    Row("patients", "POST", "account/told/", sends="remind_day_before=on"),
    Row("somebody", PAGE, "account/devices/"),
    Row("its_patient_so_far", "POST", "account/devices/<int:session_id>/end/"),
    *(
        Row("somebody", FORM, f"account/{page}/")
        for page in (
            "confirm-email",
            "email",
            "password/change",
            "password/set",
            "reauthenticate",
        )
    ),
    # For who has neither a password nor a second factor; others are asked for those.
    Row("somebody", FORM, "account/reauthenticate/code/", then="again"),
    # Ana has all factors that there are, and the others have none.
    Row("somebody", PAGE, "account/second-step/"),
    Row("somebody", FORM, "account/second-step/authenticate/"),
    Row(
        "somebody",
        FORM,
        "account/second-step/reauthenticate/",
        then="again",
        but={"Ana": "+"},
    ),
    Row(
        "somebody",
        "GET HEAD OPTIONS",
        "account/second-step/webauthn/reauthenticate/",
        then="again",
        but={"Ana": "+"},
    ),
    # allauth leads on with a wrong answer, and from there back to where one is asked again.
    Row(
        "somebody",
        "POST PUT",
        "account/second-step/webauthn/reauthenticate/",
        then="again",
        but={"Ana": "-"},
    ),
    *(
        # That they were seen is noted.
        Row(
            "its_patient_so_far",
            LOOKS,
            f"account/second-step/recovery-codes/{page}",
            writes=frozenset({"mfa_authenticator"}),
        )
        for page in ("", "download/")
    ),
    Row("its_patient_so_far", FORM, "account/second-step/totp/deactivate/", asks_again=True),
    *(
        Row("somebody", FORM, f"account/second-step/{page}/", asks_again=True)
        for page in ("recovery-codes/generate", "totp/activate", "webauthn/add")
    ),
    Row("somebody", PAGE, "account/second-step/webauthn/"),
    *(
        Row(
            "its_patient_so_far",
            "GET HEAD POST",
            f"account/second-step/webauthn/keys/<int:pk>/{act}/",
            asks_again=act == "remove",
        )
        for act in ("edit", "remove")
    ),
    Row(
        "somebody",
        "GET HEAD POST PUT",
        "account/second-step/webauthn/login/",
        but={"holder": "+"},  # to the code of theirs that is on its way
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
    Row(
        "somebody",
        "POST",
        f"{HEADLESS}account/authenticators/recovery-codes",
        sends="{}",
    ),
    *(
        Row("somebody", "POST", f"{HEADLESS}{step}", sends="{}", then="R")
        for step in (
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
ADDED_OR_DELETED = ("add/", "<path:object_id>/delete/")
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
        "admin/^(?P<app_label>people|procrastinate)/$",
        at="admin/people/",
    ),
    Row("back_office", "GET HEAD", "admin/(?P<url>.*)$", at="admin/nothing/", then="N"),
    *(
        Row("back_office", methods, f"admin/procrastinate/procrastinatejob/{page}", then=then)
        for page in OF_A_KIND
        for methods, then in (
            [("GET HEAD POST", "F")]
            if page in ADDED_OR_DELETED
            else [("GET HEAD", "+"), ("POST", "F" if page.endswith("change/") else "+")]
        )
    ),
    # These are looked up there, and hardly anything is changed.
    *(
        Row("back_office", "GET HEAD", f"admin/people/{kind}/{page}", then=then)
        for kind in ("clinic", "doctor", "specialization", "user")
        for page in OF_A_KIND
        for adds in [kind == "specialization" and page == "add/"]
        for then in (["F"] if page in ADDED_OR_DELETED and not adds else ["+"])
    ),
]

TABLE = [*PAGES, *CALLS, *ACCOUNT, *SIGNING_IN, *BACK_OFFICE]
