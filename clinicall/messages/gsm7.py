"""Pure: how long a text to the phone is, and in how many parts it travels (3GPP TS 23.038 and 23.040)."""

from typing import Final

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # each takes two places
# How much one message carries, and each of several, which say how they belong together.
SEPTETS: Final = 160, 153
UTF_16: Final = 70, 67
# What typesetters write and phones of 1990 do not, for what is read as the same.
TYPEWRITTEN: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚′", "'"),
        **dict.fromkeys("“”„″", '"'),
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("\u00a0\u202f\u2009", " "),
        "…": "...",
    }
)


def typewritten(text: str) -> str:
    """The same words without quotes, dashes and spaces that would cost the whole text its short alphabet."""
    return text.translate(TYPEWRITTEN)


def septets(text: str) -> int | None:
    """How many places it takes in the short alphabet; None where that does not have all its characters."""
    if not set(text) <= BASIC | EXTENDED:
        return None
    return len(text) + sum(character in EXTENDED for character in text)


def parts(text: str) -> int:
    """How many messages it travels in, and is paid for as."""
    if septets(text) is not None:
        costs = [2 if character in EXTENDED else 1 for character in text]
        alone, together = SEPTETS
    else:
        costs = [len(character.encode("utf-16-le")) // 2 for character in text]
        alone, together = UTF_16
    if sum(costs) <= alone:
        return 1
    count, room = 1, together
    for cost in costs:
        if cost > room:  # no character is split
            count, room = count + 1, together
        room -= cost
    return count
