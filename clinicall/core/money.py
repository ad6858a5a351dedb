"""Money is an integer of minor units and an ISO 4217 currency."""

from dataclasses import dataclass

# ISO 4217: digits after the point, where they are not two.
NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE = "BHD IQD JOD KWD LYD OMR TND"
EXPONENTS = dict.fromkeys(NONE.split(), 0) | dict.fromkeys(THREE.split(), 3)


def exponent(currency: str) -> int:
    """How many digits of an amount stand after the point."""
    return EXPONENTS.get(currency, 2)


@dataclass(frozen=True)
class Money:
    amount: int
    currency: str

    def __str__(self) -> str:
        """As people write it: `LKR 2,500.00`."""
        digits = exponent(self.currency)
        return f"{self.currency} {self.amount / 10**digits:,.{digits}f}"
