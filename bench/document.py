"""docs/performance.md, written from bench/results.json: no figure on that page is typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from bench.measure import Figure

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
HEAD = """# Speed

Written by `python -m bench --write-docs` from the results of `make bench`; do not edit.

Every ratio compares the product with the shortest correct code that does the same work on the same data with the bare
library, in the same run: below 1 the product is faster. Both sides take turns, and the medians are compared, so that a
machine that slows down meets both. A limit that is missed makes `make bench` fail.

    make bench                 # everything, about eight minutes on two cores
    make bench ONLY=metrics    # one part: faces, growth, hub, lake, metrics or tools

Data is generated from fixed seeds; nothing is downloaded. Results go to `bench/results.json`.
"""
PARTS: dict[str, tuple[str, str]] = {
    "metrics.time": (
        "Metrics: time",
        "Every metric over 2,800 stocks and 2,500 sessions with nulls, halts, sessions without trading and late "
        "listings. Baseline: the definition written down as one compiled numba loop (`bench/metrics_baseline.py`, "
        "`bench/samples_baseline.py`), which returns the same arrays with the same reasons of null; that both agree is "
        "asserted before the clock starts. Where one pair of runs takes more than 1.5 seconds, one pair is all. "
        "Smaller where a market is smaller: the bootstrap and the hit rates take 250 "
        "sessions, calibration takes a signal for every tenth session. `sum`: all times added; `typical`: geometric "
        "mean of the ratios. `beh.feedback` takes 400 sessions. Metrics without a case "
        "and why: `LEFT_OUT` in `bench/families.py`.",
    ),
    "metrics.memory": (
        "Metrics: peak memory",
        "What the call adds to the resident memory of a process of its own at its peak, results included, as a "
        "multiple of the size of the input arrays (which are held besides).",
    ),
    "metrics.update": (
        "Metrics: the newest session",
        "Every metric that is measured above, and every candlestick pattern, for the newest session of 2,800 stocks, "
        "one after the other in a process of its own.",
    ),
    "metrics.recompute": (
        "Metrics: ten years",
        "The same for all 2,500 sessions. The peak holds the input arrays of a family, too.",
    ),
    "lake": (
        "Lake",
        "7 million rows of 30 columns: 2,800 stocks, 2,500 sessions, a folder a month, past months sorted by code, the "
        "running month as daily upserts leave it. Baselines on a second table with the same files: "
        "`full_day` a delta-rs predicate overwrite of the same frame; `partial_day` (300 of 2,800 stocks of a stored "
        "session get new figures) a delta-rs merge, while the product also keeps what was replaced; `point_read_60d` "
        "(one stock) and `market_panel_60d` (all stocks) a polars scan with the same filters, columns and order.",
    ),
    "faces": (
        "Faces",
        "One stock asked over MCP and REST. Baselines: a server of the same library whose tool or route returns a "
        "constant of the same size, and a minimal server of the same SDK for cold starts.",
    ),
    "growth.stocks": (
        "Growth with the number of stocks",
        "Exponent of cost: 1 when twice the stocks take twice the time. 700, 1,400 and 2,800 stocks.",
    ),
    "growth.sessions": (
        "Growth with the number of sessions",
        "The same over 1,250, 2,500 and 5,000 sessions.",
    ),
    "growth.history": (
        "Growth with stored history",
        "One new session and the last 60 sessions of a lake that holds 625, 1,250 and 2,500 sessions: 0 when history "
        "costs nothing.",
    ),
    "hub": (
        "Hub",
        "Real sockets on this machine, a server that counts, arrivals up to 30 ms late. `utilisation`: two processes "
        "on one limit of 18 calls in 1.05 s, over whole windows. `window_sent` and `window_arrived`: the fullest "
        "second of the same run, where requests left and where they came in. `pace_real` and `pace_tenfold`: 300 and "
        "2,800 pages against calls divided by pace. `parsing`: processor time of reading full pages of the vendor's "
        "daily questions as fast as they may come, by the one that costs most.",
    ),
    "tools.stock": (
        "Questions about one stock",
        "A simulated market of 2,800 stocks and 300 sessions; another stock each time, nothing kept: what a question "
        "costs that nobody asked before. Medians.",
    ),
    "tools.market": (
        "Questions about the market",
        "The same lake, with indices over 800 sessions; another session each time, nothing kept.",
    ),
    "tools.cached": (
        "Questions asked before",
        "Over MCP, against a server of the same library whose tool returns a constant of the same size. "
        "`get_data_status` is never kept: it tells of the ledger.",
    ),
}


def page(figures: Sequence[Figure]) -> str:
    """The page: machine, then a table per part."""
    machines = sorted({one.machine for one in figures})
    return "\n".join([HEAD, f"Measured on: {'; '.join(machines)}.\n", *_sections(figures)])


def _sections(figures: Sequence[Figure]) -> Iterator[str]:
    order = list(PARTS)
    ranked = sorted((order.index(_part(one.name)), place, one) for place, one in enumerate(figures))
    for rank, members in groupby(ranked, key=lambda one: one[0]):
        title, said = PARTS[order[rank]]
        yield f"## {title}\n\n{said}\n"
        yield "| name | value | unit | at most | |\n|---|---:|---|---:|---|"
        for _, _, one in members:
            yield f"| `{one.name}` | {one.value:g} | {one.unit} | {one.limit:g} | {'' if one.ok else '**missed**'} |"
        yield ""


def _part(name: str) -> str:
    """The longest part whose name begins this one."""
    return max((part for part in PARTS if name.startswith(part)), key=len)
