"""투자자별 매매동향: who bought and who sold, of one stock or of a market, and what that says."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import polars as pl
from pydantic import Field

from sugeup.archive import Archive
from sugeup.market import investors
from sugeup.registry import usecase
from sugeup.usecases import daily_scope, investor_blocks, investor_program, market_impact
from sugeup.usecases.answers import Answer, Gap, Meta, Shown
from sugeup.usecases.arguments import Details, InvestorType, MarketOrAll, Period, Session, StockCode
from sugeup.usecases.daily_scope import Scope
from sugeup.usecases.investor_blocks import Draft, InvestorBlock, SubCategories
from sugeup.usecases.investor_program import Program
from sugeup.usecases.investor_trading_text import rows, text
from sugeup.usecases.market_impact import HistoricalComparison, MarketImpact
from sugeup.usecases.wording import moment

_ASKED: dict[str, tuple[str, ...]] = {
    "FOREIGN": ("foreign",),
    "INSTITUTION": ("institution",),
    "INDIVIDUAL": ("individual",),
    "ALL": investors.GROUPS,
}


class StockInfo(Shown):
    """The stock and its price on the session of the answer."""

    code: str
    name: str | None
    market: str | None
    current_price: int | None = Field(description="Last regular-session price, won.")
    change_rate: float | None = Field(description="100 x (price / base price - 1), %.")
    halted: bool | None = Field(description="거래정지 on the session.")
    meta: Meta


class InvestorData(Shown):
    """One block per investor asked for. The four groups add to zero; three of them do not."""

    individual: InvestorBlock | None = None
    foreign: InvestorBlock | None = None
    institution: InvestorBlock | None = None
    other_corporation: InvestorBlock | None = None
    program: Program | None = None


class DataQuality(Shown):
    """Whether the groups add to zero in every session of the period, and which sessions have no row."""

    closure_ok: bool | None
    missing_rows: int
    provisional: bool
    venue: str
    products: str


class PeriodCovered(Shown):
    """The sessions summed."""

    name: Literal["1D", "5D", "20D", "60D"]
    start: date
    end: date
    sessions: int


class InvestorTrading(Answer):
    """투자자별 매매동향. `meta`: field -> {unit, window, n, reason, note, method, ci, percentile, metric, source}."""

    market: str | None
    period: PeriodCovered
    stock_info: StockInfo | None = None
    investor_data: InvestorData
    market_impact: MarketImpact | None = None
    historical_comparison: HistoricalComparison | None = None
    data_quality: DataQuality


@usecase(
    tool="get_investor_trading",
    path="/investor-trading",
    verb="investor-trading",
    title="투자자별 매매동향",
    text=text,
    rows=rows,
)
def get_investor_trading(
    archive: Archive,
    *,
    stock_code: StockCode | None = None,
    investor_type: InvestorType = "ALL",
    period: Period = "1D",
    market: MarketOrAll = "ALL",
    include_details: Details = True,
    session: Session | None = None,
) -> InvestorTrading:
    """Who is buying and who is selling (투자자별 매매동향): one Korean stock, or a whole market without stock_code.

    Net purchases of 외국인, 기관(sub-types), 개인, 기타법인 over the last sessions, with trend, intensity, price
    correlation and change. Positive net = buying. Null comes with its reason. Unsure of a code? search_stock first.
    """
    scope = daily_scope.load(archive, stock_code, market, session, int(period[:-1]))
    blocks: dict[str, InvestorBlock | Program] = {}
    gaps: list[Gap] = []
    for name in _ASKED[investor_type]:
        draft = investor_blocks.block(scope.scene, name, details=include_details)
        blocks[name] = _finished(archive, scope, name, draft, details=include_details)
    if investor_type == "ALL" and include_details:
        blocks["program"], gaps = investor_program.program(archive, scope)
    gaps = [*_gaps(scope), *gaps]
    provisional = not scope.period_rows["final"].all()
    selected = "foreign" if investor_type == "ALL" else _ASKED[investor_type][0]
    parts: dict[str, Any] = {}
    if scope.security is not None:
        parts["stock_info"] = _stock_info(archive, scope)
    if include_details:
        parts["market_impact"] = market_impact.impact(scope.scene, selected)
        parts["historical_comparison"] = market_impact.comparison(scope.scene, _ASKED[investor_type])
    return InvestorTrading(
        as_of=moment(scope.as_of),
        generated_at=moment(archive.clock.now()),
        scope="STOCK" if scope.security else "MARKET",
        venue="KRX",
        sources=scope.sources,
        provisional=provisional,
        simulated=scope.simulated,
        coverage=gaps,
        warnings=scope.warnings,
        market=scope.security.market if scope.security else market,
        period=PeriodCovered(
            name=period, start=scope.period_days[0], end=scope.period_days[-1], sessions=len(scope.period_days)
        ),
        investor_data=InvestorData.model_validate(blocks),
        data_quality=DataQuality(
            closure_ok=scope.closure_ok,
            missing_rows=scope.missing_rows,
            provisional=provisional,
            venue="KRX",
            products="STOCK",
        ),
        **parts,
    )


def _finished(archive: Archive, scope: Scope, name: str, draft: Draft, *, details: bool) -> InvestorBlock:
    if name != "institution":
        return InvestorBlock(**draft.values, meta=draft.meta)
    values = dict(draft.values)
    if details:
        leaves = daily_scope.leaves(archive, scope)
        inside = investor_blocks.sub_categories(
            leaves.rows, scope.period_days, values["net_amount"], leaves.unit, leaves.source, leaves.absent
        )
        values["sub_categories"] = SubCategories(**inside.values, meta=inside.meta)
        scope.add_source(leaves.source)
    return InvestorBlock(**values, meta=draft.meta)


def _stock_info(archive: Archive, scope: Scope) -> StockInfo:
    assert scope.security is not None
    last = scope.scene.window.frame.row(-1, named=True)
    draft = Draft({}, {})
    price, base, halted = last["raw_close"], last["base_price"], last["status"]
    missing = None if price is not None else "no price of this session is stored"
    draft.put("current_price", price, unit="won", reason="MISSING_INPUT" if missing else None, note=missing)
    if price is None or base is None:
        draft.put(
            "change_rate", None, unit="%", reason="MISSING_INPUT", note=missing or "no base price (기준가) is stored"
        )
    else:
        source = last["base_source"]
        derived = "base_price" in archive.origin(source).notes.get("daily_bars", "")
        rate = round(100 * last["ret"], 2) if last["ret"] is not None else round(100 * (price / base - 1), 2)
        draft.put("change_rate", rate, unit="%", method="DERIVED_BASE_PRICE" if derived else None, source=source)
        scope.add_source(source)
    draft.put("halted", None if halted is None else halted == "HALTED", reason=None if halted else "MISSING_INPUT")
    security = scope.security
    return StockInfo(code=security.code, name=security.name, market=security.market, **draft.values, meta=draft.meta)


def _gaps(scope: Scope) -> list[Gap]:
    frame = scope.scene.trading
    silent = [kind for kind, column in _CHECKED.items() if _empty(frame, column)]
    return [Gap(what=", ".join(silent), reason="MISSING_INPUT", how=scope.scene.silent)] if silent else []


_CHECKED = {
    "net won": "foreign_net_amount",
    "buy and sell won": "foreign_buy_amount",
    "net shares": "foreign_net_volume",
    "buy and sell shares": "foreign_buy_volume",
}


def _empty(frame: pl.DataFrame, column: str) -> bool:
    return frame[column].null_count() == frame.height
