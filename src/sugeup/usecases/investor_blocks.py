"""One investor's part of an answer: sums of the period, and the measures of their direction and strength."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from sugeup.market import investors
from sugeup.metrics import behavior, investor
from sugeup.metrics.outcome import Outcome
from sugeup.usecases import unusual
from sugeup.usecases.answers import FieldMeta, Meta, Shown
from sugeup.usecases.both_sides import Sides
from sugeup.usecases.windows import Window

Basis = Literal["AMOUNT", "VOLUME"]
SUMS = tuple(f"{side}_{measure}" for measure in investors.MEASURES for side in investors.SIDES)
_UNITS = {"amount": "won", "volume": "shares"}
_NOTES = {
    "CORPORATE_ACTION_GAP": "the number of shares changed by a factor that is not stored",
    "INSUFFICIENT_HISTORY": "fewer sessions with figures than the measure needs",
    "MISSING_INPUT": "a session of the window has no figure",
    "NEW_LISTING": "listed too recently",
    "OUT_OF_SCOPE": "a market has no average price",
    "ZERO_DENOMINATOR": "nothing was traded",
    "ZERO_VARIANCE": "the series is constant",
    "HALTED": "거래정지 on the session",
}


class SubCategories(Shown):
    """Net won of the leaves inside 기관계."""

    financial_investment: int | None = None
    insurance: int | None = None
    investment_trust: int | None = None
    private_fund: int | None = None
    bank: int | None = None
    other_financial: int | None = None
    pension_fund: int | None = None
    government: int | None = None
    meta: Meta = Field(default_factory=dict)


class InvestorBlock(Shown):
    """What one investor class did in the period; `sub_categories` belong to 기관계 alone."""

    buy_amount: int | None = None
    sell_amount: int | None = None
    net_amount: int | None = Field(None, description="buy - sell, won; positive: net buying 순매수.")
    buy_volume: int | None = None
    sell_volume: int | None = None
    net_volume: int | None = None
    net_to_turnover: float | None = Field(None, description="100 x net / turnover of the scope, %.")
    net_ratio: float | None = Field(None, description="100 x (buy - sell) / (buy + sell), %.")
    average_buy_price: float | None = None
    average_sell_price: float | None = None
    trend: Literal["ACCUMULATING", "NEUTRAL", "DISTRIBUTING"] | None = None
    intensity: float | None = Field(None, description="1 to 10.")
    consistency: float | None = Field(None, description="0 to 1.")
    momentum: float | None = Field(None, description="z of short against long flow.")
    streak: int | None = Field(None, description="Sessions in a row: + buying, - selling.")
    sub_categories: SubCategories | None = None
    meta: Meta = Field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """What the blocks of one answer share.

    `window.frame` has flows, `turnover_amount`, `turnover_volume`, `ret` and `halted`; `period` counts sessions.
    `silent` says in words why a column that no row fills is missing. `failed`: closure does not hold in the period.
    `recent`: the history is short because the stock was listed lately. `sides`: where buy and sell came from, where not
    from the preferred rows. `gaps`: sessions from which on shares are counted on another, unknown scale.
    """

    window: Window
    period: int
    stock: bool
    basis: Basis | None
    silent: str
    failed: bool
    recent: bool = False
    sides: Sides = field(default_factory=Sides)
    gaps: tuple[date, ...] = ()

    def torn(self, span: int) -> dict[str, Any] | None:
        """Null with its reason where the last sessions lie on both sides of such a change; None otherwise."""
        days = self.window.days[-span:]
        crossed = [day for day in self.gaps if days[0] < day <= days[-1]]
        if not crossed:
            return None
        note = f"the number of shares changed on {crossed[-1]} by a factor that is not stored"
        return {"value": None, "reason": "CORPORATE_ACTION_GAP", "note": note}

    @cached_property
    def trading(self) -> pl.DataFrame:
        """Sessions of the period on which the scope traded."""
        return self.window.tail(self.period).filter(~pl.col("halted"))

    @property
    def span(self) -> str:
        """The period as a window."""
        return f"{self.period}D"

    def net(self, name: str) -> NDArray[np.float64]:
        """Net flow on the scope's basis; halted days are no observation."""
        measure = "amount" if self.basis == "AMOUNT" else "volume"
        series = self.window.history(investors.column(name, "net", measure))
        return np.where(self.window.frame["halted"].to_numpy()[self.window.begun :], np.nan, series)

    def turnover(self) -> NDArray[np.float64]:
        """One-sided turnover on the same basis."""
        return self.window.history("turnover_amount" if self.basis == "AMOUNT" else "turnover_volume")

    @cached_property
    def strengths(self) -> dict[str, Outcome]:
        """Trend, intensity, consistency and momentum of the newest session: a row per group, as `investors.GROUPS`."""
        nets, turnover = np.concatenate([self.net(name) for name in investors.GROUPS]), self.turnover()
        return {
            "trend": investor.trend(nets, turnover, last=1),
            "intensity": investor.intensity(nets, turnover, window=self.period, last=1),
            "consistency": behavior.consistency(nets, last=1),
            "momentum": investor.momentum_score(nets, turnover, last=1),
        }

    def strength(self, measure: str, name: str) -> dict[str, Any]:
        """One of them, of one group; null where its sums of shares would be on two scales."""
        torn = self.torn(max(self.period, 20)) if self.basis == "VOLUME" and measure != "consistency" else None
        if torn is not None:
            return {"value": None, "reason": torn["reason"], "z": None, "percentile": None}
        return self.told(self.strengths[measure].at(investors.GROUPS.index(name), -1))

    def told(self, outcome: dict[str, Any]) -> dict[str, Any]:
        """A metric's cell, with NEW_LISTING where the history is short for that reason."""
        short = self.recent and outcome.get("reason") == "INSUFFICIENT_HISTORY"
        return outcome | {"reason": "NEW_LISTING"} if short else outcome

    @property
    def method(self) -> str | None:
        """What an answer calls a measure that was computed on shares."""
        return "VOLUME_BASIS" if self.basis == "VOLUME" else None


@dataclass
class Draft:
    """Values of a block under construction, with the meta entries that explain them."""

    values: dict[str, Any]
    meta: dict[str, FieldMeta]

    def put(self, name: str, value: Any, **about: Any) -> None:
        """Enter a value; its meta entry is kept when the value is null or when there is something to say."""
        self.values[name] = value
        said = {key: entry for key, entry in about.items() if entry is not None}
        if value is None:
            said.pop("estimated", None)  # nothing was estimated
        if value is None and "note" not in said and said.get("reason") in _NOTES:
            said["note"] = _NOTES[said["reason"]]
        if value is None or said.keys() - {"unit"}:
            self.meta[name] = FieldMeta(**said)

    def measure(self, name: str, outcome: Mapping[str, Any], digits: int | None, **about: Any) -> None:
        """Enter the result of a metric, rounded for the answer; `outcome` is one cell of it."""
        value = outcome["value"]
        if digits is not None and value is not None:
            value = round(value, digits)
        self.put(name, value, reason=outcome.get("reason"), **about)


def block(scene: Scene, name: str, *, details: bool) -> Draft:
    """The draft of one investor's block. Sums need every session of the period; there are no partial sums."""
    draft = Draft({}, {})
    for column in SUMS:
        _sum(scene, draft, name, column)
    _ratios(scene, draft, name)
    if details:
        _prices(scene, draft)
        _measures(scene, draft, name)
    return draft


def _sum(scene: Scene, draft: Draft, name: str, column: str) -> None:
    unit = _UNITS[column.rsplit("_", 1)[1]]
    series = scene.trading[f"{name}_{column}"]
    missing = series.null_count()
    torn = scene.torn(scene.period) if column.endswith("_volume") and missing < len(series) else None
    if torn is not None:
        draft.put(column, unit=unit, **torn)
    elif series.is_empty():
        draft.put(column, None, unit=unit, reason="HALTED", note="no trade in the period")
    elif missing and scene.sides.apart and not column.startswith("net_"):
        note = "the source that has buy and sell tells another net"
        draft.put(column, None, unit=unit, reason="RECONCILIATION_FAILED", note=note)
    elif missing and scene.sides.revised and not column.startswith("net_"):
        note = f"{scene.silent}; what was told of buy and sell before it was confirmed has another net"
        draft.put(column, None, unit=unit, reason="MISSING_INPUT", note=note)
    elif missing == len(series):
        draft.put(column, None, unit=unit, reason="MISSING_INPUT", note=scene.silent)
    elif missing:
        draft.put(
            column, None, unit=unit, reason="MISSING_INPUT", note=f"{missing} of {len(series)} sessions have no figure"
        )
    elif scene.failed and column.startswith("net_"):
        draft.put(column, None, unit=unit, reason="RECONCILIATION_FAILED", note="the groups do not add to zero")
    elif column.startswith("net_"):
        draft.put(column, int(series.sum()), unit=unit)
    else:
        sides = scene.sides
        draft.put(column, int(series.sum()), unit=unit, source=sides.source, provisional=sides.provisional or None)


def _ratios(scene: Scene, draft: Draft, name: str) -> None:
    measure = "amount" if scene.basis == "AMOUNT" else "volume"
    net = draft.values[f"net_{measure}"]
    turnover = scene.trading[f"turnover_{measure}"]
    whole = None if turnover.null_count() else int(turnover.sum())
    if net is None or whole is None:
        about = draft.meta.get(f"net_{measure}") if net is None else None
        reason = "MISSING_INPUT" if about is None else about.reason
        note = "turnover of a session is not stored" if about is None else about.note
        draft.put("net_to_turnover", None, unit="%", window=scene.span, reason=reason, note=note)
    elif whole == 0:
        draft.put("net_to_turnover", None, unit="%", window=scene.span, reason="ZERO_DENOMINATOR")
    else:
        draft.put("net_to_turnover", round(100 * net / whole, 2), unit="%", window=scene.span, method=scene.method)
    sides = "amount" if draft.values["buy_amount"] is not None else "volume"
    outcome = investor.net_ratio(_cell(draft, f"buy_{sides}"), _cell(draft, f"sell_{sides}")).at(0)
    missing = scene.silent if outcome["value"] is None else None
    method = "VOLUME_BASIS" if outcome["value"] is not None and sides == "volume" else None
    draft.measure(
        "net_ratio", outcome, 2, unit="%", window=scene.span, metric="inv.net_ratio", note=missing, method=method
    )


def _prices(scene: Scene, draft: Draft) -> None:
    scope = "STOCK" if scene.stock else "MARKET"
    for side in ("buy", "sell"):
        outcome = investor.avg_price(_cell(draft, f"{side}_amount"), _cell(draft, f"{side}_volume"), scope).at(0)
        about = draft.meta.get(f"{side}_volume")
        torn = about if about is not None and about.reason == "CORPORATE_ACTION_GAP" else None
        outcome = outcome if torn is None else {"value": None, "reason": torn.reason}
        note = None if torn is None else torn.note
        draft.measure(
            f"average_{side}_price", outcome, 2, unit="won", window=scene.span, metric="inv.avg_price", note=note
        )


def _measures(scene: Scene, draft: Draft, name: str) -> None:
    if scene.basis is None:
        for field in ("trend", "intensity", "consistency", "momentum", "streak"):
            draft.put(field, None, reason="MISSING_INPUT", note=scene.silent)
        return
    method = scene.method
    trend = scene.strength("trend", name)
    draft.measure(
        "trend",
        trend,
        None,
        window="5D",
        percentile=_rounded(trend["percentile"], 1),
        metric="inv.trend",
        method=method,
    )
    intensity = scene.strength("intensity", name)
    draft.measure("intensity", intensity, 1, unit="1-10", window=scene.span, metric="inv.intensity", method=method)
    consistency = scene.strength("consistency", name)
    noise = consistency.get("null_expectation")
    draft.measure(
        "consistency",
        consistency,
        3,
        unit="0-1",
        window="20D",
        metric="beh.consistency",
        method=method,
        note=None if consistency["value"] is None else f"pure noise would give {noise:.2f}",
    )
    momentum = scene.strength("momentum", name)
    z = dict(momentum, value=momentum["z"])
    draft.measure("momentum", z, 2, unit="z", window="5D-20D", metric="inv.momentum_score", method=method)
    run = None if scene.failed else unusual.streak(scene.net(name))
    note = "the groups do not add to zero" if scene.failed else scene.silent
    reason = "RECONCILIATION_FAILED" if scene.failed else "MISSING_INPUT"
    why: dict[str, Any] = {"reason": reason, "note": note} if run is None else {}
    draft.put("streak", run, unit="sessions", metric="own.streak", method=method, **why)


def sub_categories(
    rows: pl.DataFrame,
    period: Sequence[Any],
    group: int | None,
    unit: int,
    source: str | None,
    absent: Sequence[str],
) -> Draft:
    """Net won of the leaves of 기관계, summed over the period from one source's rows.

    With every leaf there (국가·지자체 may sit inside 연기금등), they must add to the group within unit x leaves for
    each session, else all are null with RECONCILIATION_FAILED.
    """
    draft = Draft({}, {})
    leaves = investors.members("institution")
    complete = rows.height == len(period)
    for leaf in leaves:
        series = rows[investors.column(leaf, "net", "amount")]
        if not complete or series.is_empty():
            gaps = f"{len(period) - rows.height} of {len(period)} sessions have no sub-types"
            note = f"no stored source has the sub-types of {' and '.join(absent)}" if absent else gaps
            draft.put(leaf, None, unit="won", reason="MISSING_INPUT", note=note)
        elif series.null_count():
            draft.put(leaf, None, unit="won", reason="NOT_AVAILABLE_FROM_SOURCE", note=_unsplit(leaf, source))
        else:
            draft.put(leaf, int(series.sum()), unit="won", source=source)
    nets = [value for leaf, value in draft.values.items() if leaf != "government" or value is not None]
    if group is not None and all(value is not None for value in nets):
        rest = sum(nets) - group
        if abs(rest) > unit * len(leaves) * len(period):
            note = f"sub-types add to {rest:+,} won beside the group"
            for leaf in leaves:
                draft.put(leaf, None, unit="won", reason="RECONCILIATION_FAILED", note=note)
    return draft


def _unsplit(leaf: str, source: str | None) -> str:
    if leaf in {"investment_trust", "private_fund"}:
        return f"{source} publishes 투신 and 사모 as one figure"
    if leaf == "government":
        return f"{source} counts 국가·지자체 inside 연기금등"
    return f"{source} does not publish it"


def _cell(draft: Draft, name: str) -> NDArray[np.float64]:
    value = draft.values[name]
    return np.array([np.nan if value is None else float(value)])


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
