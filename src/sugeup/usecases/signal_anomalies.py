"""이상 신호 of a whole market: stocks whose day is strange against what was ordinary in the year before the month.

A model is fitted once a month on the sessions before it, and frozen; what it looks at was known on each session.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import sessions
from sugeup.metrics import anomalies, anomaly_features, anomaly_models
from sugeup.metrics.anomaly_features import REFERENCE, Features
from sugeup.metrics.anomaly_models import CALIBRATION_SESSIONS, FIT_SESSIONS, AnomalyModel
from sugeup.usecases import panels, smart_money_scene
from sugeup.usecases.signal_panels import Panels
from sugeup.usecases.signal_rows import Family, Finding, figure

KIND = "ANOMALY"
_GROUPS = ("foreign", "institution", "individual")
NEEDED = REFERENCE + 1 + FIT_SESSIONS + CALIBRATION_SESSIONS
"""Sessions before a month that its model is made from."""


def found(stocks: Panels, model: AnomalyModel | None, provisional: bool) -> Family:
    """Stocks whose p of strangeness survives the correction for all stocks scored; none without a model."""
    scene = stocks.scene
    if model is None or scene.basis != "AMOUNT":
        return Family((KIND,), (), False, provisional)
    seen = _features(stocks, REFERENCE + 1, last=1)
    scores = anomaly_models.scores(model, seen.values[:, -1], seen.names)
    told = anomalies.judged(scores, model.calibration)
    tested = int(np.isfinite(told.extra["p"]).sum())
    kinds = _types(seen, stocks)
    listed = []
    for at in np.flatnonzero(told.value == 1):
        z = {name: seen.values[at, -1, place] for place, name in enumerate(seen.names)}
        about = {"severity": told.extra["severity"][at], "type": kinds[at], "model": f"{model.first}~{model.last}"}
        listed.append(
            Finding(
                code=stocks.codes[at],
                kind=KIND,
                direction="NONE",
                detector=model.kind,
                statistic=figure(scores[at]),
                p=figure(told.extra["p"][at]),
                p_adj=figure(told.extra["p_adj"][at]),
                strength=round(100 * (1 - float(told.extra["p"][at])), 2),
                n_tested=tested,
                basis="AMOUNT",
                metric="ano.conformal",
                evidence=about | {"features": z},
            )
        )
    return Family((KIND,), listed, bool((told.reason == 0).any()), provisional)


def _features(stocks: Panels, sessions: int, last: int | None = None) -> Features:
    """What the model looks at, from so many sessions; on won alone."""
    foreign, institution, individual = (stocks.net(one)[:, -sessions:] for one in _GROUPS)
    turnover = np.where(stocks.on_shares[:, None], np.nan, stocks.turnover)[:, -sessions:]
    excess = stocks.excess[:, -sessions:]
    return anomaly_features.features(foreign, institution, individual, turnover, excess_ret=excess, last=last)


def _types(seen: Features, stocks: Panels) -> list[str | None]:
    """`ano.type` of each stock; null without the share of the last half-hour in the turnover, as the metric has it."""
    z = {name: seen.values[:, -1, seen.names.index(name)] for name in anomalies.NAMED if name in seen.names}
    signs = [np.sign(stocks.net(group)[:, -1]) for group in _GROUPS[:2]]
    told = anomalies.type(z, *signs)
    return [told.at(row)["value"] for row in range(len(signs[0]))]


def month(session: date) -> str:
    """The month that a model is for, as 2026-11."""
    return f"{session:%Y-%m}"


def fitted(archive: Archive, session: date) -> AnomalyModel:
    """The model for the month of a session, from the sessions before the month; the same one for the same rows.

    Raises NoData (OUT_OF_HISTORY) when the store does not reach back so far, or holds too few complete rows.
    """
    last = sessions.previous(session.replace(day=1))
    days = panels.span(last, NEEDED)
    for day in (days[0], days[-1]):
        if len(days) < NEEDED or archive.read("investor_day_stock", columns=[], start=day, end=day).is_empty():
            raise _short(days)
    scene = smart_money_scene.load(archive, "ALL", last)
    if scene.basis != "AMOUNT":
        raise NoData("no won of stocks are stored; anomalies are told on won.", code="OUT_OF_HISTORY", hint=_HOW)
    stocks = Panels(archive, scene, tuple(np.array(scene.codes)[scene.tested].tolist()), reach=NEEDED)
    seen = _features(stocks, NEEDED)
    fit, held_out = anomaly_models.training(NEEDED, fit=FIT_SESSIONS, calibrate=CALIBRATION_SESSIONS)
    window = stocks.days[fit]
    model = anomaly_models.fit(seen.rows(fit), seen.names, first=str(window[0]), last=str(window[-1]))
    return anomaly_models.calibrated(model, seen.rows(held_out), seen.names)


def _short(days: Sequence[date]) -> NoData:
    return NoData(
        f"{NEEDED} sessions of trading by investor up to {days[-1]} are needed for a model of ordinary days.",
        code="OUT_OF_HISTORY",
        hint=_HOW,
    )


_HOW = f"`sugeup job run backfill --sessions {NEEDED + 25}` collects the past."
