"""수급 순위: the stocks of a market that an investor group bought or sold most, by four measures."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BeforeValidator, Field

from sugeup.archive import Archive
from sugeup.market import timetable
from sugeup.registry import usecase
from sugeup.usecases import doors, panels, ranking_scene, ranking_table
from sugeup.usecases.answers import Answer, FieldMeta, Gap, Meta
from sugeup.usecases.arguments import Cursor, MarketOrAll, Period, Session
from sugeup.usecases.flow_ranking_text import rows, text
from sugeup.usecases.investor_trading import PeriodCovered
from sugeup.usecases.paging import page
from sugeup.usecases.ranking_scene import LOOKBACK, Scene
from sugeup.usecases.ranking_table import RankedStock
from sugeup.usecases.windows import closing_moment
from sugeup.usecases.wording import moment


def _upper(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


Ranked = Annotated[
    Literal[
        "FOREIGN", "INSTITUTION", "INDIVIDUAL", "OTHER_CORPORATION", "PENSION_FUND", "INVESTMENT_TRUST", "PRIVATE_FUND",
        "FINANCIAL_INVESTMENT", "INSURANCE", "BANK", "OTHER_FINANCIAL", "GOVERNMENT", "FOREIGN_REGISTERED",
        "FOREIGN_OTHER",
    ],
    BeforeValidator(_upper),
]  # fmt: skip
By = Annotated[
    Literal["NET_AMOUNT", "NET_TO_TURNOVER", "STREAK", "DOUBLE"],
    BeforeValidator(_upper),
    Field(
        description="Net won; net % of turnover; sessions in a row; DOUBLE 쌍끌이: 외국인 and 기관 both unusual. "
        "Default NET_AMOUNT, NET_TO_TURNOVER where no won are stored."
    ),
]
_REASONS = {
    "MISSING_INPUT": ("NOT_COLLECTED", "without a figure in a session of the period", "investor_day_stock"),
    "NEW_LISTING": ("NEW_LISTING", "listed after the period began", "ask for a shorter period"),
    "HALTED": ("HALTED", "halted (거래정지) all period", "nothing was traded"),
    "CORPORATE_ACTION_GAP": (
        "CORPORATE_ACTION_GAP",
        "whose number of shares changed by an unknown factor",
        "corporate_actions",
    ),
}


class FlowRanking(Answer):
    """수급 순위. `columns`: unit, window, method and metric of each figure; `total`: stocks that qualify."""

    market: str
    period: PeriodCovered
    investor: str
    direction: Literal["BUY", "SELL"]
    by: str
    universe: int = Field(description="Listed stocks.")
    covered: int = Field(description="Of them with a net of the period.")
    stocks: list[RankedStock]
    total: int
    next_cursor: str | None
    columns: Meta


@usecase(tool="rank_flows", path="/rankings/flows", verb="rank", title="수급 순위", text=text, rows=rows)
def rank_flows(
    archive: Archive,
    *,
    investor: Ranked = "FOREIGN",
    direction: Annotated[Literal["BUY", "SELL"], BeforeValidator(_upper)] = "BUY",
    by: By | None = None,
    period: Period = "1D",
    market: MarketOrAll = "ALL",
    min_market_cap: Annotated[int, Field(ge=0, description="Won; 100000000000 is 1,000억.")] = 0,
    limit: Annotated[int, Field(ge=1, le=100)] = 20,
    cursor: Cursor | None = None,
    session: Session | None = None,
) -> FlowRanking:
    """Rank stocks by what one investor bought or sold (순매수·순매도 상위, 연속 순매수, 쌍끌이), market-wide.

    Each with net, share of turnover, how unusual its week is, streak and 쌍끌이 label. A description, no advice.
    """
    scene = ranking_scene.load(archive, investor.lower(), int(period[:-1]), market, session)
    ranked_by = by or ("NET_TO_TURNOVER" if scene.basis == "VOLUME" else "NET_AMOUNT")
    stocks = ranking_table.table(scene)
    unsized = stocks["market_cap"].null_count() if min_market_cap else 0
    if min_market_cap:
        stocks = stocks.filter(pl.col("market_cap") >= min_market_cap)
    chosen = ranking_table.order(stocks, ranked_by, 1 if direction == "BUY" else -1)
    shown, following = page(chosen, limit, cursor)
    sources = sorted({*scene.flows.sources, *scene.bars.sources})
    return FlowRanking(
        as_of=moment(closing_moment(scene.session)),
        generated_at=moment(archive.clock.now()),
        scope="MARKET",
        venue="KRX",
        sources=[archive.origin(source).name for source in sources],
        provisional=bool(scene.flows.last(scene.period).provisional.any()),
        simulated=archive.name == "simulated" or any(archive.origin(source).simulated for source in sources),
        coverage=_gaps(archive, scene, ranked_by, market, unsized),
        warnings=_warnings(scene, by, ranked_by),
        market=market,
        period=PeriodCovered(name=period, start=scene.days[0], end=scene.session, sessions=len(scene.days)),
        investor=scene.investor,
        direction=direction,
        by=ranked_by,
        universe=len(scene.stocks),
        covered=sum(why is None for why in scene.why_net),
        stocks=[ranking_table.shown(row, scene) for row in shown.iter_rows(named=True)],
        total=chosen.height,
        next_cursor=following,
        columns=_columns(scene, period),
    )


def _columns(scene: Scene, period: str) -> dict[str, FieldMeta]:
    """What each column of the ranking is."""
    method = "VOLUME_BASIS" if scene.basis == "VOLUME" else None
    week = "5 sessions against the 60 windows before"
    return {
        "net_amount": FieldMeta(unit="won", window=period),
        "net_to_turnover": FieldMeta(unit="%", window=period, method=method),
        "z": FieldMeta(unit="z", window=week, metric="tk.robust_z", method=method),
        "foreign_z": FieldMeta(unit="z", window=week, metric="tk.robust_z", method=method),
        "institution_z": FieldMeta(unit="z", window=week, metric="tk.robust_z", method=method),
        "streak": FieldMeta(
            unit="sessions", window=f"at most {LOOKBACK}", metric="own.streak", note="a halt or a gap ends a run"
        ),
        "focus": FieldMeta(
            window="5D", metric="alr.focus", method=method, note="a screen of all stocks, not a tested signal"
        ),
        "change_rate": FieldMeta(unit="%", window="1D"),
        "market_cap": FieldMeta(unit="won"),
        "current_price": FieldMeta(unit="won"),
    }


def _gaps(archive: Archive, scene: Scene, by: str, market: str, unsized: int) -> list[Gap]:
    """What the ranking does not reach: markets, stocks by reason, figures that no source gives."""
    gaps, lacking = [], doors.how(archive, "investor_day_stock")
    stored = {place for place, rows in zip(scene.stocks.markets, scene.flows.stored, strict=True) if rows.any()}
    for one in panels.MARKETS if market == "ALL" and scene.basis is not None else ():
        if one in scene.stocks.markets and one not in stored:
            gaps.append(Gap(what=f"stocks of {one}", reason="NOT_COLLECTED", how=lacking))
    if scene.basis is None:
        gaps.append(
            Gap(
                what=f"{scene.investor} of stocks",
                reason="NOT_AVAILABLE_FROM_SOURCE",
                how="no stored source publishes this investor per stock; ask for its group",
            )
        )
    elif scene.basis == "VOLUME":
        how = "the stored sources publish shares only"
        gaps.append(Gap(what="net won", reason="NOT_AVAILABLE_FROM_SOURCE", how=how))
    counted = Counter(why for why in scene.why_net if why is not None)
    for why, (reason, words, how) in _REASONS.items():
        if counted[why] and scene.basis is not None:
            how = doors.how(archive, how) if how in timetable.COLLECTED_BY else how
            gaps.append(Gap(what=f"{counted[why]:,} of {len(scene.stocks):,} stocks {words}", reason=reason, how=how))
    if unsized:
        how = doors.how(archive, "daily_bars")
        gaps.append(Gap(what=f"market capitalisation of {unsized:,} stocks", reason="NOT_COLLECTED", how=how))
    if by == "NET_AMOUNT" and scene.basis == "VOLUME":
        gaps.append(
            Gap(what="ranking by won", reason="NOT_AVAILABLE_FROM_SOURCE", how="ask by NET_TO_TURNOVER or STREAK")
        )
    return gaps


def _warnings(scene: Scene, asked: str | None, by: str) -> list[str]:
    said = list(scene.warnings)
    if asked is None and by != "NET_AMOUNT":
        said.append("No net won of stocks are stored, so the order is by net to turnover, on shares.")
    prices = scene.bars.until
    if prices is None or prices < scene.session:
        newest = "are not stored" if prices is None else f"end on {prices}"
        said.append(f"Prices and turnover {newest}; ratios, z and 쌍끌이 are null for later sessions.")
    if by == "DOUBLE":
        said.append(
            f"쌍끌이 looks at {len(scene.stocks):,} stocks at once: some pass z of 2 by chance. It predicts nothing."
        )
    return said
