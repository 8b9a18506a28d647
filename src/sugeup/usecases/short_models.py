"""What an answer about short selling is made of: one stock, or a market with its ranking."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from sugeup.usecases.answers import Answer, Meta, Shown

Verdict = Literal["NONE", "TYPE1", "TYPE2", "TYPE3", "TYPE4", "EXTENDED"]


def _words(said: str, *, many: bool = True) -> WithJsonSchema:
    """A schema told in words, which a client reads as well and which keeps the tool's schema short."""
    if not many:
        return WithJsonSchema({"type": "object", "description": said})
    return WithJsonSchema({"type": "array", "items": {"type": "object"}, "description": said})


class ShortStock(Shown):
    """The stock on the session."""

    code: str
    name: str | None
    market: str | None
    current_price: int | None
    change_rate: float | None
    halted: bool | None
    meta: Meta


class Trading(Shown):
    """공매도 거래 of the session, and over the period."""

    short_volume: int | None
    short_amount: int | None
    turnover: int | None
    short_ratio: float | None = Field(description="공매도 비중: 100 x short / turnover, %; meta has its percentile.")
    average_ratio: float | None = Field(description="Short / turnover summed over the period, %.")
    period_short_volume: int | None
    period_short_amount: int | None
    meta: Meta


class Requirement(Shown):
    """One requirement of a type; `distance`: how far away the value is, in the unit of the measure, 0 when met."""

    measure: str
    value: float | None
    needed: float | None
    distance: float | None


class Kind(Shown):
    """One type of the rule in force, for this market."""

    type: str
    met: bool | None
    requirements: list[Requirement]


class Beside(Shown):
    """Our verdict of one evening beside the exchange's list of the next session."""

    decided_after: date
    in_force: date
    ours: str | None
    official: bool | None
    agree: bool | None
    meta: Meta


class Overheating(Shown):
    """공매도 과열종목: the exchange's rule, reproduced; not its designation."""

    type: Verdict | None
    multiple: float | None = Field(description="Short value / its mean of the 40 sessions before.")
    average_ratio_40: float | None
    traded_40: int | None
    quarter_ratio: float | None
    threshold: float | None = Field(description="Least short ratio of TYPE1, %.")
    barred_today: bool | None = Field(description="On the exchange's list of the session.")
    types: Annotated[list[Kind], _words("type, met, requirements [measure, value, needed, distance: 0 = met]")]
    beside: Annotated[list[Beside], _words("decided_after, in_force, ours, official, agree")]
    meta: Meta


class Balance(Shown):
    """공매도 잔고, of its own session: public three sessions later, reported positions only."""

    session: date | None
    shares: int | None
    amount: int | None
    ratio: float | None = Field(description="% of listed shares.")
    days_to_cover: float | None
    change_20d: int | None = Field(description="Shares, against 20 sessions earlier.")
    meta: Meta


class Lending(Shown):
    """대차거래: feeds short selling but is more than it."""

    session: date | None
    new_shares: int | None
    repaid_shares: int | None
    balance_shares: int | None
    balance_amount: int | None
    meta: Meta


class Credit(Shown):
    """신용거래: loans for buying (융자), shares borrowed by individuals (대주)."""

    session: date | None
    loan_balance_shares: int | None
    loan_balance_amount: int | None
    stock_loan_balance_shares: int | None
    stock_loan_balance_amount: int | None
    meta: Meta


class ShortDay(Shown):
    """One session of the period."""

    session: date
    short_volume: int | None
    short_amount: int | None
    short_ratio: float | None


class StockShorts(Shown):
    """Everything about one stock."""

    stock_info: ShortStock
    trading: Trading
    overheating: Overheating
    balance: Balance
    lending: Annotated[
        Lending, _words("session, new_shares, repaid_shares, balance_shares, balance_amount", many=False)
    ]
    credit: Annotated[
        Credit, _words("session, loan_balance_* 융자, stock_loan_balance_* 대주: shares, amount", many=False)
    ]
    history: Annotated[list[ShortDay], _words("session, short_volume, short_amount, short_ratio")]
    meta: Meta


class Ranked(Shown):
    """One stock of a market's list."""

    code: str
    name: str | None
    market: str | None
    short_ratio: float | None
    short_amount: int | None
    multiple: float | None
    change_rate: float | None
    type: str | None


class Total(Shown):
    """Sums over the stocks of a market that have short sales and turnover in won."""

    market: str
    stocks: int
    without: int = Field(description="Stocks traded on the session without such figures.")
    short_amount: int | None
    turnover: int | None
    short_ratio: float | None
    quarter_ratio: float | None
    meta: Meta


class MarketBeside(Shown):
    """Our verdicts of one evening beside the exchange's list of the next session."""

    decided_after: date
    in_force: date
    judged: int
    both: int | None
    ours_only: list[str]
    official_only: list[str]
    meta: Meta


class MarketShorts(Shown):
    """A market: totals, the largest, and what the rule catches today."""

    totals: list[Total]
    top: list[Ranked]
    overheated: list[Ranked]
    judged: int = Field(description="Stocks with a verdict.")
    unjudged: dict[str, int] = Field(description="Reason -> stocks without a verdict.")
    beside: Annotated[list[MarketBeside], _words("decided_after, in_force, judged, both, ours_only, official_only")]
    meta: Meta


class ShortSelling(Answer):
    """공매도. `meta`: field -> {unit, window, n, reason, note, method, percentile, metric, estimated, as_of}."""

    session: date
    ban: bool = Field(description="전면 금지: short figures are null.")
    stock: StockShorts | None = None
    market: MarketShorts | None = None
