"""시장 신호: a change of regime, and selling by foreigners as rare as once in a hundred sessions."""

from __future__ import annotations

from datetime import date

import numpy as np

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import sessions
from sugeup.usecases import sentiment_regime, sentiment_scene, unusual
from sugeup.usecases.sentiment_scores import ranks
from sugeup.usecases.signal_rows import Family, Finding, figure

REGIMES = {"RISK_ON": "REGIME_RISK_ON", "RISK_OFF": "REGIME_RISK_OFF"}
SELLING = "MASSIVE_FOREIGN_SELLING"
RARE = 1.0
"""Percentile of net ÷ turnover among 250 sessions up to which selling by foreigners is told."""


def found(archive: Archive, market: str, session: date) -> tuple[Family, ...]:
    """Signals of KOSPI or KOSDAQ on a session."""
    return regime(archive, market, session), selling(archive, market, session)


def regime(archive: Archive, market: str, session: date) -> Family:
    """The regime of the session where it is another than that of the session before, each as it was told then."""
    now, before = (sentiment_regime.block(archive, market, day) for day in (session, sessions.previous(session)))
    rows = archive.read("index_day", columns=[], scopes=(market,), start=session, end=session)
    stored = not rows.is_empty()
    provisional = stored and not rows["final"].all()
    told = now.current is not None and before.current is not None and stored
    listed = []
    if told and now.current != before.current:
        about = {
            "from": before.current,
            "to": now.current,
            "confidence": now.confidence,
            "expected_duration": now.expected_duration,
            "model": now.meta["current"].method,
        }
        listed.append(
            Finding(
                code=market,
                kind=REGIMES[str(now.current)],
                direction="NONE",
                metric="sen.hamilton_filter",
                family=market,
                scope="MARKET",
                statistic=now.confidence,
                horizon=None,
                evidence=about,
            )
        )
    return Family(tuple(REGIMES.values()), listed, told, provisional, "index_day")


def selling(archive: Archive, market: str, session: date) -> Family:
    """Net ÷ turnover of foreigners in the market at the first percentile of its past or below, and they sold."""
    try:
        scene = sentiment_scene.load(archive, market, session, last=1)
    except NoData:
        return Family((SELLING,), (), False, False, "investor_day_market")
    net = scene.net("foreign")[None]
    x = unusual.ratios(net, scene.turnover[None], 1)
    rank = ranks(x, 1, 1)[0, 0]
    told = bool(np.isfinite(rank)) and scene.closed is not False
    listed = []
    if told and rank <= RARE and net[0, -1] < 0:
        listed.append(
            Finding(
                code=market,
                kind=SELLING,
                direction="SELL",
                metric="tk.percentile_rank",
                family=market,
                scope="MARKET",
                statistic=figure(rank),
                basis="AMOUNT",
                evidence={"net_amount": int(net[0, -1]), "net_to_turnover": x[0, -1], "percentile": rank},
            )
        )
    return Family((SELLING,), listed, told, scene.provisional, "investor_day_market")
