"""What was seen of storms, as lines to read. Times are in milliseconds where nothing else is said."""

from collections import Counter
from collections.abc import Mapping

from bench.live_pages import LivePages
from bench.slow_clients import Held, SlowClients
from bench.soak import Soaked

Times = Mapping[str, Mapping[str, float]]


def tell_pages(seen: LivePages) -> None:
    print(f"\n{seen.pages:,} live pages on one server process")
    _line("opened in", f"{seen.opened_in:.1f} s, {seen.memory:.0f} kB each")
    _line("while nothing happens", f"{seen.resting:.1%} of a core")
    _line("heard", f"{seen.heard:,} of {seen.news * seen.pages:,} pieces of news")
    _line("until heard", _spread(seen.until_heard))
    _line("until the hold's answer", _spread(seen.hold))
    _each("with nobody there", seen.reads_without)
    _each("while they stand", seen.reads_with)
    _line("let go of", f"{seen.gone_in:.1f} s after they went")


def tell_slow(seen: SlowClients) -> None:
    told = ", ".join(f"{count} {kind}" for kind, count in seen.slow.items())
    print(f"\n{sum(seen.slow.values())} slow clients ({told}) on one server process")
    _each("without them", seen.without)
    _each("with them", seen.with_them)
    _each("once they have gone", seen.afterwards)
    over = ", ".join(f"{count} {kind}" for kind, count in seen.hung_up_on.items())
    _line("hung up on by the server", over)
    for name, held in (
        ("before", seen.before),
        ("with them", seen.meanwhile),
        ("afterwards", seen.after),
    ):
        _line(name, _held(held))
    _line("let go of", f"{seen.files_after:.1f} s after they went")


def tell_soak(seen: Soaked) -> None:
    print(f"\na soak of {seen.minutes:g} minutes on two server processes and a job worker")
    faults = Counter(what for _, what, _ in seen.faults)
    _line("faults", ", ".join(f"{count} × {what}" for what, count in faults.items()))
    _line("requests", f"{sum(seen.requests.values()):,}")
    for what, count in seen.retried.items():
        _line("  asked again", f"{count} × {what}")
    _line("statuses of 500 and above", ", ".join(map(str, seen.statuses)) or "none")
    _each("until an answer", seen.took)
    _line("holds became", ", ".join(f"{count:,} {end}" for end, count in seen.ends.items()))
    _line("all settled", f"{seen.settled_after:.0f} s after the end")
    _line("live pages", f"cut {seen.cut} times, for {seen.away:.1f} s at most; heard {seen.heard}")
    _line("memory", "{:.0f} MB at first, {:.0f} at the end".format(*seen.memory))
    _line("grows by", f"{seen.growth:+.2f} MB a minute in the second half")
    _line("connections to the database", "{} at first, {} at the end".format(*seen.connections))
    _line("wrong", str(len(seen.wrong)))


def _line(name: str, told: str) -> None:
    print(f"{name:28} {told}", flush=True)


def _each(name: str, times: Times) -> None:
    for what, figures in times.items():
        _line(name, f"{what:16} {_spread(figures)}")


def _spread(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {figure:.1f}" for name, figure in figures.items())


def _held(held: Held) -> str:
    return f"{held.files} files, {held.threads} threads, {held.memory:.0f} MB"
