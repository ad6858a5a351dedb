"""Pure: what a patient says of themselves, checked the same way wherever they say it.

Each function answers the text as it is kept, or raises NotUsable. The detail tells what to write and
never repeats what was written.
"""

import re
import unicodedata

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.formats import number_format
from django.utils.translation import gettext as _

NAME_LENGTH = 100
REASON_LENGTH = 2000
PURPOSE_LENGTH = 200
SHOWN_OF_A_NIC = 4
LOCAL_LENGTH = 64  # RFC 5321, 4.5.3.1.1
EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
ONE_NAME = "–"  # what someone with a single name puts in the other field

# Joiners shape letters in Sinhala, Persian and many other scripts, so a name may hold them.
JOINERS = "\u200c\u200d"
# Letters by Unicode's word, but nobody sees them: the Hangul fillers.
INVISIBLE = "\u115f\u1160\u3164\uffa0"
BIDI_OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
EMOJI_STYLE = "\ufe0f"

PHONE = re.compile(r"\+?[0-9 \u00a0()./–-]{4,40}")
COSTS_EXTRA = (
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.SHARED_COST,
)

# Sri Lanka: nine digits and V or X before 2016, twelve digits since. Both hold the day of birth as a
# day of the year, plus 500 for women. Published check digits contradict each other, so none is asked.
NIC_OF_SRI_LANKA = re.compile(
    r"[0-9]{2}(?P<old>[0-9]{3})[0-9]{4}[VX]|[0-9]{4}(?P<new>[0-9]{3})[0-9]{5}"
)
NIC_ELSEWHERE = re.compile(r"[A-Z0-9][A-Z0-9 ./-]{2,28}[A-Z0-9]")

# As they are printed or pasted: 13 to 19 digits in one, in fours, or in American Express's groups.
CARD_NUMBER = re.compile(
    r"(?<![0-9])(?=[2-6])(?:[0-9]{13,19}"
    r"|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}"
    r"|[0-9]{4}([ -])[0-9]{6}\2[0-9]{5})(?![0-9])"
)

# A clinic's mail has to reach a person, so no machine's own name will do.
_email_address = EmailValidator(allowlist=[])


class NotUsable(ValueError):
    """This cannot be what was asked for; the text says what to write instead."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def person_name(text: str) -> str:
    """A first or last name in any script, or the dash of someone who has one name only."""
    name = unicodedata.normalize("NFC", text.strip(" "))
    if not name:
        raise NotUsable("required", _("Enter a name."))
    if len(name) > NAME_LENGTH:
        raise NotUsable("too_long", _("Use at most %(most)s characters.") % {"most": NAME_LENGTH})
    if any(_has_no_place_in_a_name(character) for character in name):
        raise NotUsable("characters", _("Use letters, and no signs that cannot be printed."))
    if name != ONE_NAME and not any(unicodedata.category(c).startswith("L") for c in name):
        raise NotUsable(
            "no_letter",
            _("Enter a name; with one name only, write %(dash)s here.") % {"dash": ONE_NAME},
        )
    return name


def _has_no_place_in_a_name(character: str) -> bool:
    if character in JOINERS:
        return False
    # C: control, format, surrogate, private, unassigned. So and Me: emoji and their frames.
    unprintable = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    emoji = unicodedata.category(character) in ("So", "Me") or character in SKIN_TONES + EMOJI_STYLE
    return unprintable or emoji or character in INVISIBLE


def phone(text: str, country: str) -> str:
    """The number in E.164. `country` (ISO 3166-1 alpha-2) is where numbers without + are from."""
    if not text.strip(" "):
        raise NotUsable("required", _("Enter a phone number."))
    if not PHONE.fullmatch(text.strip(" ")):
        raise NotUsable("not_a_phone", _("Enter a phone number: digits, spaces and + only."))
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise NotUsable("not_a_phone", _("Enter a phone number with its area code.")) from None
    if not phonenumbers.is_valid_number(number):
        raise NotUsable(
            "not_a_phone",
            _("Check the number. Start with + and the country code if it is from another country."),
        )
    if phonenumbers.number_type(number) in COSTS_EXTRA:
        raise NotUsable("not_a_phone", _("Enter a number that costs nothing extra to call."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def nic(text: str, country: str) -> str:
    """A national identity number in capitals, by the scheme of `country` (ISO 3166-1 alpha-2)."""
    number = text.strip(" ")
    if not number:
        raise NotUsable("required", _("Enter the number of your identity card."))
    # Only ASCII is folded: some letters beyond it have ASCII capitals, and would pass for them.
    number = number.upper() if number.isascii() else number
    if country != "LK":
        if not NIC_ELSEWHERE.fullmatch(number):
            raise NotUsable("not_a_nic", _("Use 4 to 30 letters and digits, as on your card."))
        return number
    found = NIC_OF_SRI_LANKA.fullmatch(number)
    if not found:
        raise NotUsable("not_a_nic", _("Use 9 digits then V or X, or 12 digits, as on your card."))
    day = int(found["old"] or found["new"])
    if not (1 <= day <= 366 or 501 <= day <= 866):
        raise NotUsable("not_a_nic", _("Check the NIC: these digits hold no day of birth."))
    return number


def email(text: str) -> str:
    """An address that mail can reach; its domain in small ASCII letters, as mail servers write it."""
    address = text.strip(" ")
    if not address:
        raise NotUsable("required", _("Enter an e-mail address."))
    if not address.isprintable():
        raise NotUsable("characters", _("Leave out signs that cannot be printed."))
    try:
        _email_address(address)
        local, _at, domain = address.rpartition("@")
        domain = domain.encode("idna").decode().lower()
    except (ValidationError, UnicodeError):
        raise NotUsable(
            "not_an_email", _("Enter an e-mail address, like name@example.com.")
        ) from None
    last = domain.rpartition(".")[2]
    too_long = len(local) > LOCAL_LENGTH or len(local) + 1 + len(domain) > EMAIL_LENGTH
    if domain.startswith("[") or last.isdigit() or last == "localhost" or too_long:
        raise NotUsable("not_an_email", _("Enter an e-mail address, like name@example.com."))
    return f"{local}@{domain}"


def masked_nic(number: str) -> str:
    """The last four characters, behind dots that do not tell how many more there are."""
    return f"••••••{number[-SHOWN_OF_A_NIC:]}"


def reason(text: str) -> str:
    """Why they want to see the doctor, in their own words; lines end in `\\n`."""
    return _a_few_words(text, at_most=REASON_LENGTH)


def purpose(text: str) -> str:
    """What somebody needs a hidden number for, in their own words."""
    return _a_few_words(text, at_most=PURPOSE_LENGTH)


def _a_few_words(text: str, *, at_most: int) -> str:
    words = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip(
        " \n"
    )
    if not any(unicodedata.category(c)[0] in "LNPS" and c not in INVISIBLE for c in words):
        raise NotUsable("required", _("Write a few words."))
    if len(words) > at_most:
        most = number_format(at_most, force_grouping=True)
        raise NotUsable("too_long", _("Use at most %(most)s characters.") % {"most": most})
    if any(_cannot_be_shown(character) for character in words):
        raise NotUsable("characters", _("Leave out signs that cannot be printed."))
    if any(_has_a_cards_check_digit(found[0]) for found in CARD_NUMBER.finditer(words)):
        raise NotUsable("looks_like_card", _("Leave out card numbers: nobody needs one here."))
    return words


def _has_a_cards_check_digit(number: str) -> bool:
    """By Luhn's formula (ISO/IEC 7812-1, annex B): every second digit from the right counts twice."""
    digits = [int(digit) for digit in reversed(number) if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _cannot_be_shown(character: str) -> bool:
    return character in BIDI_OVERRIDES or (
        character != "\n" and unicodedata.category(character) in ("Cc", "Cs")
    )
