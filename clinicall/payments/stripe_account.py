"""What is known of Stripe without asking it: which keys move real money, and how it counts."""

import re

from clinicall.core.money import THREE, Money

# Of the whole account, or restricted to parts of it. `pk_`, which pages may show, can do nothing for us.
SECRET_KEY = re.compile(r"(sk|rk)_(live|test)_\w+", re.ASCII)

# docs.stripe.com/currencies: as if there were two digits after the point, though there are none.
WITH_TWO_DIGITS = ("ISK", "UGX")
# Of three digits it takes only amounts that end in 0, which a share of a fee may not; and it counts
# ariary without the fifths.
NOT_COUNTED_ALIKE = (*THREE.split(), "MGA")


def is_live(key: str) -> bool:
    """Whether this key moves real money."""
    return "_live_" in key


def as_stripe_counts(money: Money) -> tuple[int, str]:
    """Amount and currency as Stripe writes them, for all currencies but those named above."""
    hundredfold = money.currency in WITH_TWO_DIGITS
    return money.amount * (100 if hundredfold else 1), money.currency.lower()
