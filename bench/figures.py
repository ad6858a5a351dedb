"""Two ways to do one thing, told side by side, and how far one of them spreads."""

import statistics
from collections.abc import Sequence


def tell(names: tuple[str, str], rounds: Sequence[tuple[float, float]], unit: str) -> None:
    """Prints the medians of a baseline and of ours, and how many times the baseline ours is."""
    ratios = sorted(ours / base for base, ours in rounds)
    for name, figures in zip(names, zip(*rounds, strict=True), strict=True):
        print(
            f"{name:16} {statistics.median(figures):8.0f} {unit} (median of {len(rounds)} rounds)"
        )
    print(f"{'ratio':16} {statistics.median(ratios):8.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")


def spread(name: str, figures: Sequence[float]) -> None:
    """Prints how long the middle one of these microseconds is, and the slow ones."""
    cuts = statistics.quantiles(figures, n=100, method="inclusive")
    told = ", ".join(f"p{n} {cuts[n - 1] / 1e3:.1f} ms" for n in (50, 95, 99))
    print(f"{name:16} {told} (of {len(figures)})")
