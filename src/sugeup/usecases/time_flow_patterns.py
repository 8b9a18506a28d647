"""What the groups of a market usually do at what time of the day, from the minutes of the last sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from sugeup.market import investors
from sugeup.metrics import intraday, investor, slots, statistics
from sugeup.metrics.dense import Floats
from sugeup.metrics.outcome import Outcome
from sugeup.usecases.answers import FieldMeta
from sugeup.usecases.day_clock import STEPS, Bin
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.minute_board import Board
from sugeup.usecases.time_flow_blocks import Anomaly, Pattern, Patterns, TradingWindows

WINDOW = 20
"""Sessions that a pattern is taken from: the last that are stored and over."""
LIKELY = 0.10
"""Largest corrected p-value of what may be called a signal."""
LISTED = 0.05
"""Largest corrected p-value of an anomaly that is listed."""
MOST = 50
"""Anomalies listed at most, the largest first."""
VOLUME = "turnover"
_SPAN = f"{WINDOW}D"


@dataclass(frozen=True)
class History:
    """The half-hours of the sessions that are over: the last `WINDOW` for patterns, all of them for references."""

    board: Board
    now: datetime

    @cached_property
    def bins(self) -> tuple[Bin, ...]:
        """Half-hours of the day."""
        return self.board.clock.bins(STEPS["30M"])

    @cached_property
    def done(self) -> slice:
        """All sessions, without the last while it runs."""
        clock = self.board.clock
        return slice(None) if clock.moment(clock.length) <= self.now else slice(-1)

    def past(self, series: str) -> Floats:
        """(sessions, half-hours) of every session that is over."""
        return self.board.traded(series, self.bins)[self.done]

    def recent(self, series: str) -> Floats:
        """The same of the last sessions alone."""
        return self.past(series)[-WINDOW:]

    def halves(self, group: str) -> Floats:
        """(sessions, 2): net of the morning and the afternoon."""
        return self.board.halves(f"{group}_net_amount")[self.done][-WINDOW:]

    def spans(self, places: Sequence[int]) -> list[str]:
        """Half-hours as text."""
        return [self.board.clock.span(self.bins[place]) for place in places]


def patterns(history: History) -> Patterns:
    """A block per group; the tests of all groups and halves of the day are corrected together."""
    nets = np.stack([history.halves(group).T for group in investors.GROUPS])
    biases = intraday.bias(nets)
    adjusted = statistics.bh_adjust(biases.extra["p_value"].ravel()).value.reshape(nets.shape[:2])
    return Patterns(
        **{group: _pattern(history, group, biases, adjusted, row) for row, group in enumerate(investors.GROUPS)}
    )


def _pattern(history: History, group: str, biases: Outcome, adjusted: Floats, row: int) -> Pattern:
    draft = Draft({}, {})
    net = history.recent(f"{group}_net_amount")
    for name, parts in (("typical_entry_time", net), ("typical_exit_time", -net)):
        share = slots.shares(parts)
        cell = intraday.active_slot(share).at()
        value, reason = cell["value"], cell.get("reason")
        short = reason in {"MISSING_INPUT", "INSUFFICIENT_HISTORY"}
        draft.put(
            name,
            None if value is None else history.spans([int(value)])[0],
            window=_SPAN,
            n=int(np.isfinite(share).all(axis=-1).sum()),
            metric="itd.active_slot",
            reason="INSUFFICIENT_HISTORY" if short else reason,
            note=(_SHORT if short else "no half-hour stands out")
            if value is None
            else f"{100 * cell['median']:.0f}% of the day's, evenly {100 * cell['uniform']:.0f}%",
        )
    for column, name in enumerate(("morning_bias", "afternoon_bias")):
        _bias(draft, name, biases.at(row, column), adjusted[row, column])
    _consistency(draft, net)
    _batches(draft, history, group)
    _execution(draft, history, group)
    draft.put(
        "average_order_size",
        None,
        unit="won",
        reason="NOT_AVAILABLE_FROM_SOURCE",
        note="orders are not published; trades carry no investor",
    )
    return Pattern(**draft.values, meta=draft.meta)


_SHORT = "fewer than 10 complete sessions with it"


def _bias(draft: Draft, name: str, cell: dict[str, object], adjusted: float) -> None:
    value, n = cell["value"], int(str(cell["n"] or 0))
    if value is None:
        draft.put(
            name,
            None,
            window=_SPAN,
            n=n,
            metric="itd.bias",
            reason="INSUFFICIENT_HISTORY",
            note="fewer than 15 sessions with a net that is not 0",
        )
        return
    said = f"net buying on {cell['n_pos']} of {n} days, p {cell['p_value']:.2g} before correction"
    if value != "NEUTRAL" and adjusted > LIKELY:
        said += "; after correction for eight tests it may be chance"
    draft.put(name, value, window=_SPAN, n=n, metric="itd.bias", p_adj=_short_number(adjusted), note=said)


def _short_number(p: float) -> float:
    """A p-value to three significant digits: a small one is not 0."""
    return float(f"{p:.3g}")


def _consistency(draft: Draft, net: Floats) -> None:
    with np.errstate(invalid="ignore", divide="ignore"):
        profiles = net / np.abs(net).sum(axis=-1, keepdims=True)
    found = slots.likeness(profiles)
    ci = found.extra["ci"]
    draft.put(
        "consistency_score",
        None if found.value is None else round(found.value, 3),
        window=_SPAN,
        n=found.extra["n"],
        reason=found.reason or None,
        ci=None if ci is None else (round(ci[0], 3), round(ci[1], 3)),
        note=_SHORT
        if found.reason == "INSUFFICIENT_HISTORY"
        else "rank correlation of a day's half-hours with the mean of the other days, median",
    )


def _batches(draft: Draft, history: History, group: str) -> None:
    z = slots.past_z(np.abs(history.past(f"{group}_net_amount")))
    found = slots.batches(z, window=WINDOW)
    draft.put(
        "batch_trading_times",
        None
        if found.value is None
        else [history.board.clock.label(history.bins[place].start) for place in found.value],
        window=_SPAN,
        n=found.extra["n"],
        metric="tk.robust_z",
        reason=found.reason or None,
        note="needs 10 sessions that each have 20 before them"
        if found.value is None
        else "half-hours with |net| at z 3 or above on half of the sessions",
    )


def _execution(draft: Draft, history: History, group: str) -> None:
    bought, sold, net = (history.recent(f"{group}_{side}_amount") for side in ("buy", "sell", "net"))
    side = np.where(net.sum(axis=-1, keepdims=True) > 0, bought, sold)
    styles = intraday.execution_style(side, history.recent(VOLUME))
    labels = [styles.at(day)["value"] for day in range(len(side))]
    found = slots.most_frequent([label for label in labels if label is not None])
    note = _SHORT
    if found.reason == "NO_PATTERN":
        note = "two shapes are equally frequent"
    elif found.value is not None:
        note = f"on {found.extra['share']:.0%} of the sessions; the shape of the group's flow, no trader's algorithm"
    draft.put(
        "execution_pattern",
        found.value,
        window=_SPAN,
        n=found.extra["n"],
        estimated=True,
        metric="itd.execution_style",
        reason=found.reason or None,
        note=note,
    )


def trading_windows(history: History, alone: str | None) -> TradingWindows:
    """Half-hours that were deep, in which money moved the index least, and in which foreigners were most active."""
    draft = Draft({}, {})
    traded = history.recent(VOLUME)
    share = slots.shares(traded)
    levels = history.board.levels(history.bins)
    deep = slots.busiest(share)
    about = {"window": _SPAN, "n": int(np.isfinite(share).all(axis=-1).sum()), "metric": "itd.windows"}
    low = None
    if levels is not None:
        opens, closes = (level[history.done][-WINDOW:] for level in levels)
        with np.errstate(invalid="ignore", divide="ignore"):
            illiq = np.where(traded > 0, np.abs(closes / opens - 1) / traded, np.nan)
        illiq[:, -1] = np.nan  # the auction is one price, not a path
        found = intraday.windows(share, illiq)
        low = None if found.value is None else history.spans(found.value["low_impact"])
    reason, note = "INSUFFICIENT_HISTORY", _SHORT
    if levels is None:
        missing = ("OUT_OF_SCOPE", alone) if alone else ("MISSING_INPUT", "no index_minute is stored")
    else:
        missing = (reason, note)
    draft.put("low_impact", low, reason=None if low else missing[0], note=None if low else missing[1], **about)
    _spans(draft, history, "high_liquidity", deep.value, about)
    buy, sell = (history.recent(f"foreign_{side}_amount") for side in ("buy", "sell"))
    active = slots.busiest(investor.participation(buy, sell, traded).value)
    _spans(draft, history, "foreign_active", active.value, about | {"metric": "inv.participation"})
    return TradingWindows(**draft.values, meta=draft.meta)


def _spans(draft: Draft, history: History, name: str, places: list[int] | None, about: dict[str, object]) -> None:
    absent = places is None
    draft.put(
        name,
        None if places is None else history.spans(places),
        reason="INSUFFICIENT_HISTORY" if absent else None,
        note=_SHORT if absent else None,
        **about,
    )


def anomalies(board: Board, bins: Sequence[Bin]) -> tuple[list[Anomaly] | None, FieldMeta]:
    """Bins unlike themselves in past sessions, corrected over all bins and groups of the answer."""
    if not bins:
        return None, FieldMeta(reason="NOT_PUBLISHED_YET", note="no bin of the session is over")
    series = [*(f"{group}_net_amount" for group in investors.GROUPS), VOLUME]
    cells = np.concatenate([board.traded(name, bins) for name in series], axis=1)
    found = slots.unusual(cells)
    pooled = int(found.extra["n"].max(initial=0))
    tested = int(np.isfinite(found.value).sum())
    if not tested:
        short = pooled < slots.POOL
        note = f"{pooled:,} past z-scores of the {slots.POOL:,} that p-values need: 21 stored sessions and more"
        return None, FieldMeta(
            reason="INSUFFICIENT_HISTORY" if short else "MISSING_INPUT",
            n=pooled,
            metric="tk.robust_z",
            note=note if short else "no bin is complete",
        )
    listed = np.flatnonzero(found.extra["p_adj"] <= LISTED)
    order = listed[np.argsort(-np.abs(found.value[listed]), kind="stable")][:MOST]
    shown = []
    for place in order:
        row, column = divmod(int(place), len(bins))
        name = series[row].removesuffix("_net_amount")
        shown.append(
            Anomaly(
                time=board.clock.label(bins[column].start),
                type="UNUSUAL_VOLUME" if name == VOLUME else "FLOW",
                investor="all" if name == VOLUME else name,
                magnitude=round(float(cells[-1, place])),
                z_score=round(float(found.value[place]), 2),
                p_adj=_short_number(found.extra["p_adj"][place]),
            )
        )
    said = f"{len(listed)} of {tested} tests at p_adj ≤ {LISTED}; p from {pooled:,} pooled z-scores"
    return shown, FieldMeta(n=pooled, method="EMPIRICAL_BH", metric="tk.robust_z", note=said)
