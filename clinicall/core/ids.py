"""Names for things: random, and readable aloud where people must say them."""

import secrets

# No 0 O 1 I: they are misheard and misread.
READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_reference() -> str:
    """Eight readable characters: what a patient quotes on the phone."""
    return "".join(secrets.choice(READABLE) for _ in range(8))
