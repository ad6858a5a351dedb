"""Money is an integer of minor units and an ISO 4217 currency."""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

HIGHEST = 2**31 - 1  # minor units, as a column holds them
# ISO 4217: digits after the point, where they are not two.
NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE = "BHD IQD JOD KWD LYD OMR TND"
EXPONENTS = dict.fromkeys(NONE.split(), 0) | dict.fromkeys(THREE.split(), 3)


def exponent(currency: str) -> int:
    """How many digits of an amount stand after the point."""
    return EXPONENTS.get(currency, 2)


def minor_units(text: str, currency: str) -> int:
    """An amount as a person writes it, `2500` or `2500.00`. Raises ValueError, saying what to write."""
    digits = exponent(currency)
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,3})?", text):
        raise ValueError(_("use digits, like 2500 or 2500.00."))
    amount = Decimal(text).scaleb(digits)
    if amount != int(amount):
        told = {"currency": currency, "digits": digits}
        raise ValueError(_("%(currency)s has %(digits)s digits after the point.") % told)
    if amount > HIGHEST:
        raise ValueError(_("this is too much."))
    return int(amount)


@dataclass(frozen=True)
class Money:
    amount: int
    currency: str

    def __str__(self) -> str:
        """As people write it: `LKR 2,500.00`."""
        digits = exponent(self.currency)
        return f"{self.currency} {self.amount / 10**digits:,.{digits}f}"
