"""Two ways to do one thing, told side by side."""

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
