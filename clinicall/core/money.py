"""Money is an integer of minor units and an ISO 4217 currency."""

from dataclasses import dataclass

# ISO 4217: currencies whose minor unit is not a hundredth.
EXPONENTS = {
    **dict.fromkeys(
        ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"], 0
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}


@dataclass(frozen=True)
class Money:
    amount: int
    currency: str

    def __str__(self) -> str:
        """As people write it: `LKR 2,500.00`."""
        exponent = EXPONENTS.get(self.currency, 2)
        return f"{self.currency} {self.amount / 10**exponent:,.{exponent}f}"
