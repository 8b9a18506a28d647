"""How flow and price move together, and how the period's net compares with earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sugeup.market import investors
from sugeup.metrics import intervals, investor
from sugeup.usecases.answers import Meta, Shown
from sugeup.usecases.investor_blocks import Draft, Scene

_LAGS = {"vs_yesterday": 1, "vs_week_ago": 5, "vs_month_ago": 20}


class PriceImpact(Shown):
    """Return per unit of flow."""

    kyle_lambda: float | None = Field(description="Return per unit of net / turnover.")
    amihud: float | None = Field(description="Mean |return| per 1bn won of turnover.")
    meta: Meta


class MarketImpact(Shown):
    """Association of one investor's flow with price. Contemporaneous, not predictive."""

    investor: str
    price_correlation: float | None = Field(description="Spearman, -1 to 1.")
    volume_contribution: float | None = Field(description="100 x (buy + sell) / (2 x turnover), %.")
    momentum_score: float | None = Field(description="0 to 10, 5 neutral.")
    price_impact: PriceImpact
    meta: Meta


class Change(Shown):
    """Period sum minus the same-length sum that ended earlier."""

    individual_net_change: int | None = None
    foreign_net_change: int | None = None
    institution_net_change: int | None = None
    other_corporation_net_change: int | None = None
    meta: Meta = Field(default_factory=dict)


class HistoricalComparison(Shown):
    """Won; the base is signed, so there is no percent change."""

    vs_yesterday: Change
    vs_week_ago: Change
    vs_month_ago: Change


def impact(scene: Scene, name: str) -> MarketImpact:
    """Correlation, participation, momentum and price impact of one investor."""
    draft, inner = Draft({}, {}), Draft({}, {})
    ret, method = scene.window.history("ret"), scene.method
    alone = None if scene.stock or _has_returns(scene) else "no single index covers KOSPI and KOSDAQ together"
    if scene.basis is None:
        for field in ("price_correlation", "momentum_score"):
            draft.put(field, None, reason="MISSING_INPUT", note=scene.silent)
        inner.put("kyle_lambda", None, reason="MISSING_INPUT", note=scene.silent)
    else:
        net, turnover = scene.net(name), scene.turnover()
        correlation = scene.told(investor.price_correlation(net, turnover, ret, last=1).at(0, -1))
        interval = _interval(net, turnover, ret) if correlation["value"] is not None else None
        draft.measure(
            "price_correlation",
            correlation,
            3,
            window="60D",
            n=correlation["n"],
            ci=interval,
            metric="inv.price_correlation",
            method=method,
            note=alone,
        )
        momentum = scene.strength("momentum", name)
        draft.measure("momentum_score", momentum, 1, unit="0-10", metric="inv.momentum_score", method=method)
        slope = scene.told(investor.kyle_lambda(net, turnover, _unlimited(scene, ret), last=1).at(0, -1))
        inner.measure(
            "kyle_lambda", slope, 6, window="60D", n=slope["n"], metric="inv.kyle_lambda", method=method, note=alone
        )
    _participation(scene, name, draft)
    amihud = scene.told(investor.amihud(ret, scene.window.history("turnover_amount"), last=1).at(0, -1))
    inner.measure("amihud", amihud, 6, unit="per 1bn won", window="20D", n=amihud["n"], metric="inv.amihud", note=alone)
    return MarketImpact(
        investor=name, **draft.values, price_impact=PriceImpact(**inner.values, meta=inner.meta), meta=draft.meta
    )


def comparison(scene: Scene, names: Sequence[str]) -> HistoricalComparison:
    """Change of the period's net won against one session, one week and one month earlier."""
    return HistoricalComparison(**{key: _change(scene, names, lag) for key, lag in _LAGS.items()})


def _change(scene: Scene, names: Sequence[str], lag: int) -> Change:
    draft = Draft({}, {})
    nets = np.concatenate([scene.window.history(investors.column(name, "net", "amount")) for name in names])
    changes = investor.change_vs(nets, period=scene.period, lag=lag, last=1)
    for row, name in enumerate(names):
        outcome = scene.told(changes.at(row, -1))
        value = outcome["value"]
        draft.put(
            f"{name}_net_change",
            None if value is None else round(value),
            unit="won",
            reason=outcome.get("reason"),
            note=scene.silent if value is None and scene.basis != "AMOUNT" else None,
            metric="inv.change_vs" if value is None else None,
        )
    return Change(**draft.values, meta=draft.meta)


def _participation(scene: Scene, name: str, draft: Draft) -> None:
    rows = scene.trading
    columns = [investors.column(name, "buy", "amount"), investors.column(name, "sell", "amount"), "turnover_amount"]
    sums = [float("nan") if rows[c].null_count() or rows.is_empty() else float(rows[c].sum()) for c in columns]
    outcome = investor.participation(*([value] for value in sums)).at(0)
    known, sides = outcome["value"] is not None, scene.sides
    draft.measure(
        "volume_contribution",
        outcome,
        2,
        unit="%",
        window=scene.span,
        metric="inv.participation",
        note=None if known else scene.silent,
        source=sides.source if known else None,
        provisional=(sides.provisional or None) if known else None,
    )


def _interval(
    net: NDArray[np.float64], turnover: NDArray[np.float64], ret: NDArray[np.float64]
) -> tuple[float, float] | None:
    """95% interval of the correlation over its 60 sessions."""
    with np.errstate(divide="ignore", invalid="ignore"):
        flow = net[0, -60:] / turnover[0, -60:]
    found = intervals.spearman(flow, ret[0, -60:])
    return None if found is None else (round(found[0], 3), round(found[1], 3))


def _unlimited(scene: Scene, ret: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns without the sessions that closed at the price limit, where the return is censored (metrics of impact)."""
    limited = scene.window.frame["limited"].fill_null(value=False).to_numpy()[scene.window.begun :]
    return np.where(limited, np.nan, ret)


def _has_returns(scene: Scene) -> bool:
    return scene.window.frame["ret"].null_count() < scene.window.frame.height
