"""The bins of a market's day: what each group bought and sold, how strongly, and where the index went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isnan

import numpy as np

from sugeup.market import investors
from sugeup.metrics import intervals, slots, statistics
from sugeup.metrics.dense import Floats
from sugeup.metrics.outcome import REASONS, Outcome
from sugeup.usecases.answers import FieldMeta
from sugeup.usecases.day_clock import Bin
from sugeup.usecases.minute_board import SIDES, Board
from sugeup.usecases.time_flow_blocks import BinImpact, Flow, FlowBin

REFERENCE = 20
"""Sessions that a bin is compared with."""
LEAST_BINS = 20
"""Bins that a correlation over the day needs."""


@dataclass
class Bins:
    """The bins shown, what holds for all of them, how many lack a bound, and how many have one that does not add up."""

    shown: list[FlowBin]
    meta: dict[str, FieldMeta] = field(default_factory=dict)
    missed: int = 0
    withheld: int = 0


def over(board: Board, bins: Sequence[Bin], now: datetime) -> tuple[Bin, ...]:
    """The bins whose last figure can be there: those of a running session end with the present."""
    return tuple(one for one in bins if board.clock.moment(one.end) <= now)


def build(board: Board, bins: Sequence[Bin], alone: str | None) -> Bins:
    """One block per bin. `alone` says why no single index stands for the scope."""
    names = [investors.column(group, side, "amount") for group in investors.GROUPS for side in SIDES]
    traded = {name: board.traded(name, bins) for name in names}
    turnover = board.traded("turnover", bins)
    found = Bins([], _shared(board))
    silent = {name for name in names if not np.isfinite(board.reach[name][-1]).any()}
    strengths = {group: _intensity(traded[f"{group}_net_amount"], turnover) for group in investors.GROUPS}
    impacts = _impacts(board, bins, traded["foreign_net_amount"][-1], turnover[-1], alone, found.meta)
    _explain_silent(found.meta, silent, board)
    shown = {name: figures[-1].tolist() for name, figures in (traded | {"turnover": turnover}).items()}
    for place, one in enumerate(bins):
        meta: dict[str, FieldMeta] = {}
        why = _why(board, one)
        groups = {}
        for group in investors.GROUPS:
            figures = {side: _whole(shown[f"{group}_{side}_amount"][place]) for side in SIDES}
            for side, value in figures.items():
                if value is None and f"{group}_{side}_amount" not in silent:
                    meta[f"{group}.{side}"] = why
            strength, reason = _rounded(strengths[group][0][place], 1), strengths[group][1][place]
            if strength is None and f"time_flow_data.{group}.intensity" not in found.meta:
                meta[f"{group}.intensity"] = (
                    _short(reason) if reason != "MISSING_INPUT" else why.model_copy(update=SCALE)
                )
            groups[group] = Flow(**figures, avg_price=None, intensity=strength)
        whole = _whole(shown["turnover"][place])
        if whole is None and board.turnover is not None:
            meta["turnover"] = _why_turnover(board, why)
        if any(f"{group}.{side}" in meta for group in investors.GROUPS for side in SIDES):
            wrong = why.reason == "RECONCILIATION_FAILED"
            found.withheld, found.missed = found.withheld + wrong, found.missed + (not wrong)
        impact, said = impacts[place]
        found.shown.append(
            FlowBin(
                time=board.clock.label(one.start),
                until=board.clock.label(one.end),
                turnover=whole,
                price_impact=impact,
                meta=meta | said,
                **groups,
            )
        )
    return found


def _shared(board: Board) -> dict[str, FieldMeta]:
    meta = {}
    for group in investors.GROUPS:
        key = f"time_flow_data.{group}."
        meta[key + "avg_price"] = FieldMeta(
            unit="won", reason="OUT_OF_SCOPE", metric="inv.avg_price", note="a market has no average price"
        )
    if board.turnover is None:
        meta["time_flow_data.turnover"] = FieldMeta(
            unit="won", reason="MISSING_INPUT", note="neither index_minute nor the buys of all groups are stored"
        )
    else:
        meta["time_flow_data.turnover"] = FieldMeta(unit="won", method=board.turnover_from)
    return meta


def _explain_silent(meta: dict[str, FieldMeta], silent: set[str], board: Board) -> None:
    note = f"{', '.join(board.sources)}: no snapshot of the session has it"
    for name in silent:
        group, side = name.removesuffix("_amount").rsplit("_", 1)
        meta[f"time_flow_data.{group}.{side}"] = FieldMeta(unit="won", reason="MISSING_INPUT", note=note)
        if side == "net":
            meta[f"time_flow_data.{group}.intensity"] = FieldMeta(reason="MISSING_INPUT", note=note)
    if board.turnover is None:
        for group in investors.GROUPS:
            meta[f"time_flow_data.{group}.intensity"] = FieldMeta(reason="MISSING_INPUT", note="no turnover is stored")


def _intensity(net: Floats, turnover: Floats) -> tuple[Floats, list[str]]:
    """Intensity of each bin, and the reason where it is null."""
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(turnover > 0, np.abs(net) / turnover, np.nan)
    outcome = slots.intensity(size[-1], size[:-1], window=REFERENCE)
    reasons = [REASONS[code] for code in outcome.reason]
    idle = turnover[-1] == 0
    missing = np.isnan(size[-1])
    return outcome.value, [
        "ZERO_DENOMINATOR" if idle[place] else "MISSING_INPUT" if missing[place] else _history(reason)
        for place, reason in enumerate(reasons)
    ]


def _history(reason: str) -> str:
    """No past session at all is a short history, not a missing figure."""
    return "INSUFFICIENT_HISTORY" if reason else ""


def _short(reason: str) -> FieldMeta:
    note = {
        "INSUFFICIENT_HISTORY": f"fewer than {REFERENCE} past sessions have this bin",
        "ZERO_DENOMINATOR": "nothing was traded",
    }
    return FieldMeta(**SCALE, reason=reason, note=note.get(reason))


SCALE = {"unit": "1-10", "window": f"{REFERENCE}D"}
"""What an intensity is told in, also where it is withheld with the won of its bin."""


def _why(board: Board, one: Bin) -> FieldMeta:
    """Why a figure of the bin is missing: which bound has no snapshot, or one in which the groups do not add up."""
    bounds = ((one.start, board.starts([one])[0]), (one.end, board.ends([one])[0]))
    if any(board.unclosed[-1, column] for _, column in bounds):
        return FieldMeta(unit="won", reason="RECONCILIATION_FAILED", note="the groups do not add to zero at a bound")
    known = board.known
    words = ("at", "after" if one.auction else "at")
    gaps = [
        f"{word} {board.clock.label(minute)}"
        for word, (minute, column) in zip(words, bounds, strict=True)
        if not known[column]
    ]
    note = f"no snapshot {' and '.join(gaps)}" if gaps else "the source does not have it at both bounds"
    return FieldMeta(unit="won", reason="MISSING_INPUT", note=note)


def _why_turnover(board: Board, why: FieldMeta) -> FieldMeta:
    if board.turnover_from == "SUM_OF_BUYS":
        return why
    return FieldMeta(unit="won", reason="MISSING_INPUT", note="index_minute has no row at a bound of the bin")


def _impacts(
    board: Board, bins: Sequence[Bin], net: Floats, turnover: Floats, alone: str | None, shared: dict[str, FieldMeta]
) -> list[tuple[BinImpact, dict[str, FieldMeta]]]:
    """Price impact of each bin, with what is to say about it; what holds for all goes to `shared`."""
    fields = ("open", "close", "change", "correlation")
    levels = board.levels(bins)
    if levels is None:
        reason, note = ("OUT_OF_SCOPE", alone) if alone else ("MISSING_INPUT", "no index_minute is stored")
        for name in fields:
            shared[f"time_flow_data.price_impact.{name}"] = FieldMeta(reason=reason, note=note)
        return [(BinImpact(**dict.fromkeys(fields)), {})] * len(bins)
    opens, closes = levels[0][-1], levels[1][-1]
    moves = closes / opens - 1
    outcome = _so_far(net, turnover, moves)
    rho = outcome.value
    ci = _interval(net, turnover, moves) if len(rho) and np.isfinite(rho[-1]) else None
    shared["time_flow_data.price_impact.correlation"] = FieldMeta(
        method="SPEARMAN",
        metric="tk.spearman",
        ci=ci,
        n=int(np.isfinite(moves * net / np.where(turnover > 0, turnover, np.nan)).sum()),
        note="foreign net / turnover with index return over the day's bins so far; n and interval: of the newest bin. "
        "At the same time, not ahead.",
    )
    found = []
    for place in range(len(bins)):
        said = {}
        for name, figure in (("open", opens[place]), ("close", closes[place]), ("change", moves[place])):
            if np.isnan(figure):
                said[f"price_impact.{name}"] = FieldMeta(reason="MISSING_INPUT", note="no index_minute row there")
        if np.isnan(rho[place]):
            flat = REASONS[outcome.reason[place]] == "ZERO_VARIANCE"
            said["price_impact.correlation"] = FieldMeta(
                reason="ZERO_VARIANCE" if flat else "INSUFFICIENT_HISTORY",
                note="flow or index did not change" if flat else f"fewer than {LEAST_BINS} complete bins so far",
            )
        figures = (_rounded(opens[place], 2), _rounded(closes[place], 2), _rounded(100 * moves[place], 2))
        impact = dict(zip(fields, (*figures, _rounded(rho[place], 3)), strict=True))
        found.append((BinImpact(**impact), said))
    return found


def _so_far(net: Floats, turnover: Floats, moves: Floats) -> Outcome:
    """(bins,): rank correlation over the bins up to each."""
    with np.errstate(invalid="ignore", divide="ignore"):
        flow = np.where(turnover > 0, net / turnover, np.nan)
    upto = np.tri(len(flow), dtype=bool)
    left, right = (np.where(upto, series, np.nan) for series in (flow, moves))
    return statistics.spearman(left, right, min_n=LEAST_BINS)


def _interval(net: Floats, turnover: Floats, moves: Floats) -> tuple[float, float] | None:
    with np.errstate(invalid="ignore", divide="ignore"):
        found = intervals.spearman(np.where(turnover > 0, net / turnover, np.nan), moves)
    return None if found is None else (round(found[0], 3), round(found[1], 3))


def _whole(value: float) -> int | None:
    return None if isnan(value) else round(value)


def _rounded(value: float, digits: int) -> float | None:
    return None if isnan(value) else round(float(value), digits) + 0.0  # no -0.0
