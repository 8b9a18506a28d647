"""투자자 행동: how each group behaves in one stock, with intervals, counts, and what each figure tells."""

from __future__ import annotations

from datetime import date

import numpy as np
from pydantic import Field

from sugeup.archive import Archive
from sugeup.market import investors
from sugeup.metrics import investor
from sugeup.registry import usecase
from sugeup.usecases import adjusted_bars, behavior_measures, daily_scope, doors
from sugeup.usecases.answers import Answer, Gap, Meta, Shown
from sugeup.usecases.arguments import InvestorType, Session, StockCode
from sugeup.usecases.behavior_measures import Behavior, Timed
from sugeup.usecases.daily_scope import Scope
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.stock_behavior_text import rows, text
from sugeup.usecases.wording import moment

PERIOD = 20
"""Sessions that sums are taken over."""


class Liquidity(Shown):
    """What it costs to move the stock, whoever trades."""

    amihud: float | None = Field(description="Mean |return| per 1bn won of turnover.")
    meta: Meta


class StockBehavior(Answer):
    """Groups in order of the flow answer; `explanations`: field -> what it tells, in one sentence."""

    code: str
    name: str | None
    market: str | None
    session: date
    sessions_read: int = Field(description="Sessions from the first stored flow on, 400 at most.")
    investors: dict[str, Behavior]
    liquidity: Liquidity
    explanations: dict[str, str]


@usecase(path="/stocks/{stock_code}/behavior", verb="behavior", title="투자자 행동", text=text, rows=rows)
def get_stock_behavior(
    archive: Archive, *, stock_code: StockCode, investor_type: InvestorType = "ALL", session: Session | None = None
) -> StockBehavior:
    """How each investor group behaves in one Korean stock (투자자 행동): how one-sided, trend-following, well timed.

    Consistency, feedback on past returns, timing against what came after, flow trend, intensity, correlation and price
    impact, each with interval, count and explanation. Descriptive: past timing predicts nothing by itself.
    """
    scope = daily_scope.load(archive, stock_code, "ALL", session, PERIOD)
    assert scope.security is not None
    index, indexed = adjusted_bars.index_closes(archive, scope.security.market, scope.scene.window)
    for source in indexed:
        scope.add_source(archive.origin(source).name)
    timed = Timed(scope, index)
    skills = behavior_measures.skills(timed)
    names = investors.GROUPS if investor_type == "ALL" else (investor_type.lower(),)
    told = {name: behavior_measures.measures(timed, name, skills[name]) for name in names}
    return StockBehavior(
        as_of=moment(scope.as_of),
        generated_at=moment(archive.clock.now()),
        scope="STOCK",
        venue="KRX",
        sources=scope.sources,
        provisional=not scope.period_rows["final"].all(),
        simulated=scope.simulated,
        coverage=_gaps(archive, scope, timed),
        warnings=scope.warnings,
        code=scope.security.code,
        name=scope.security.name,
        market=scope.security.market,
        session=scope.session,
        sessions_read=len(timed.ret),
        investors=told,
        liquidity=_liquidity(scope),
        explanations=behavior_measures.EXPLAINED,
    )


def _liquidity(scope: Scope) -> Liquidity:
    scene, draft = scope.scene, Draft({}, {})
    turnover = scene.window.history("turnover_amount")
    cell = scene.told(investor.amihud(scene.window.history("ret"), turnover, last=1).at(0, -1))
    draft.measure("amihud", cell, 6, unit="per 1bn won", window="20D", n=cell["n"], metric="inv.amihud")
    return Liquidity(**draft.values, meta=draft.meta)


def _gaps(archive: Archive, scope: Scope, timed: Timed) -> list[Gap]:
    gaps: list[Gap] = []
    if np.isnan(timed.ret).all():
        gaps.append(
            Gap(what="prices (daily_bars) for returns", reason="MISSING_INPUT", how=doors.how(archive, "daily_bars"))
        )
    if np.isnan(timed.bench).all():
        how = doors.how(archive, "index_day")
        gaps.append(Gap(what="index of its market (index_day)", reason="MISSING_INPUT", how=how))
    if scope.scene.basis != "AMOUNT":
        what = "won of each group (거래대금); measures stand on shares"
        gaps.append(Gap(what=what, reason="MISSING_INPUT", how="no stored source has the amounts"))
    return gaps
