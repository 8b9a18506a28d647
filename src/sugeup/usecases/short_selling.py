"""공매도: how much of a stock or of a market is sold short, and what the exchange's overheating rule says about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import polars as pl
from pydantic import BeforeValidator, Field

from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.market import overheating, sessions
from sugeup.registry import usecase
from sugeup.usecases import (
    daily_scope,
    doors,
    securities,
    short_market,
    short_overheating,
    short_panel,
    short_stock,
    standing,
    windows,
)
from sugeup.usecases.answers import Gap
from sugeup.usecases.arguments import MarketOrAll, Period, Session, StockCode
from sugeup.usecases.securities import Security
from sugeup.usecases.short_market import RankBy, absent_in
from sugeup.usecases.short_models import ShortSelling, StockShorts
from sugeup.usecases.short_text import rows, text
from sugeup.usecases.wording import moment

Ranking = Annotated[
    RankBy,
    BeforeValidator(lambda value: value.strip().upper() if isinstance(value, str) else value),
    Field(description="Order of a market's list; MULTIPLE = value / its 40-session mean."),
]
Top = Annotated[int, Field(ge=1, le=100, description="Stocks in a market's list.")]


@usecase(
    tool="get_short_selling",
    path="/short-selling",
    verb="short-selling",
    title="공매도",
    text=text,
    rows=rows,
)
def get_short_selling(
    archive: Archive,
    *,
    stock_code: StockCode | None = None,
    market: MarketOrAll = "ALL",
    period: Period = "20D",
    rank_by: Ranking = "RATIO",
    top: Top = 20,
    session: Session | None = None,
) -> ShortSelling:
    """Short selling (공매도) of one Korean stock, or a market's ranking without stock_code.

    Volume, 공매도 비중, the exchange's 과열종목 rule with the distance to each type beside the official list, 잔고,
    days to cover, 대차, 신용. Balances are public days later. Null in a full ban.
    """
    if stock_code is not None:
        return _stock(archive, securities.resolve(archive, stock_code), market, int(period[:-1]), session)
    return _market(archive, daily_scope.MARKETS if market == "ALL" else (market,), rank_by, top, session)


def _stock(archive: Archive, security: Security, market: str, period: int, session: date | None) -> ShortSelling:
    if security.market is not None and market not in {"ALL", security.market}:
        raise Refused(
            f"market={market!r}: {security.title} is listed on {security.market}.", hint="Leave market out for a stock."
        )
    day = _session(archive, security, session)
    scene = short_stock.load(archive, security, day)
    history = short_stock.history(scene, period)
    parts = StockShorts(
        stock_info=short_stock.stock(scene),
        trading=short_stock.trading(scene, period),
        overheating=short_overheating.overheating(archive, scene),
        balance=short_stock.balance(archive, scene),
        lending=short_stock.lending(archive, scene),
        credit=short_stock.credit(archive, scene),
        history=history,
        meta=absent_in("history", history),
    )
    gaps = [
        Gap(what=what, reason="NOT_COLLECTED", how=doors.how(archive, dataset))
        for what, block, dataset in (
            ("short balance 공매도 잔고", parts.balance, "short_balance"),
            ("lending 대차", parts.lending, "lending"),
            ("credit 신용", parts.credit, "credit"),
        )
        if block.session is None
    ]
    if parts.trading.short_amount is None and not scene.banned:
        how = f"the stored source publishes shares only; {doors.how(archive, 'short_day')}"
        gaps.append(Gap(what="short value in won", reason="MISSING_INPUT", how=how))
    warnings = _age(archive, day, asked=session is not None)
    if session is None:
        warnings += standing.since(archive, security.code, security.delisted_on, day)
    if parts.balance.session is not None and parts.balance.session < day:
        warnings.append(f"The newest balance (잔고) is of {parts.balance.session}.")
    return ShortSelling(**_envelope(archive, day, scene.used, scene.panel.final, "STOCK", gaps, warnings), stock=parts)


def _market(archive: Archive, markets: Sequence[str], rank_by: RankBy, top: int, session: date | None) -> ShortSelling:
    day = session
    if day is None or not (sessions.is_session(day) and overheating.banned(day)):
        day = _market_session(archive, markets, day)
    warnings = _age(archive, day, asked=session is not None)
    if overheating.banned(day):
        parts = short_market.banned(markets)
        return ShortSelling(**_envelope(archive, day, (), True, "MARKET", [], warnings), market=parts)
    scene = short_market.load(archive, markets, day)
    parts = short_market.block(scene, rank_by, top)
    gaps = [
        Gap(
            what=f"short sales of {total.without} stocks of {total.market} that traded",
            reason="MISSING_INPUT",
            how=f"totals are of the stored ones; {doors.how(archive, 'short_day')}",
        )
        for total in parts.totals
        if total.without
    ]
    if not parts.judged and parts.totals[0].meta["quarter_ratio"].reason:
        note, how = parts.totals[0].meta["quarter_ratio"].note or "", doors.how(archive, "short_day", "daily_bars")
        gaps.append(Gap(what=f"overheating 과열: {note}", reason="MISSING_INPUT", how=how))
    return ShortSelling(
        **_envelope(archive, day, scene.panel.sources, scene.panel.final, "MARKET", gaps, warnings), market=parts
    )


_BAN = "All short selling was forbidden on the session (전면 금지); figures are null, not 0."


def _session(archive: Archive, security: Security, day: date | None) -> date:
    """The session asked for, also without short sales in a ban; else the newest with short sales of the stock."""
    if day is not None and sessions.is_session(day) and overheating.banned(day):
        return day
    codes = [security.code]
    keys = short_panel.newest(archive, codes) if day is None else short_panel.keys(archive, codes, start=day, end=day)
    if keys.is_empty():
        keys = short_panel.keys(archive, codes)
    if keys.is_empty():
        raise _absent(archive, f" for {security.title}")
    return windows.choose(archive, "short_day", keys, "code", codes, day)


def _market_session(archive: Archive, markets: Sequence[str], day: date | None) -> date:
    """The session asked for, else the newest that every market has."""
    listed = securities.newest(archive.read("instruments", columns=("market",)), ("code",)).select("code", "market")
    listed = listed.filter(pl.col("market").is_in(markets))

    def placed(keys: pl.DataFrame) -> pl.DataFrame:
        return keys.join(listed, on="code")

    keys = placed(short_panel.newest(archive) if day is None else short_panel.keys(archive, None, start=day, end=day))
    if keys["market"].n_unique() < len(markets):
        keys = placed(short_panel.keys(archive, None))
    if day is None:
        keys = _filled(keys)
    if keys.is_empty():
        raise _absent(archive, "")
    return windows.choose(archive, "short_day", keys, "market", markets, day)


def _filled(keys: pl.DataFrame) -> pl.DataFrame:
    """Keys of the sessions on which a market has at least half as many stocks as on its fullest one.

    A session whose collection is under way is not yet the newest session of a market.
    """
    counts = keys.group_by("market", "session").len()
    full = counts.filter(pl.col("len") * 2 >= pl.col("len").max().over("market"))
    return keys.join(full.select("market", "session"), on=["market", "session"], how="semi")


def _absent(archive: Archive, whose: str) -> NoData:
    return NoData(
        f"No short sales (공매도) are stored{whose} in the {archive.name} lake.",
        code="NOT_COLLECTED",
        hint=doors.hint(archive, "short_day"),
    )


def _age(archive: Archive, day: date, *, asked: bool) -> list[str]:
    age = archive.clock.now().astimezone(windows.SEOUL).date() - day
    said = [_BAN] if overheating.banned(day) else []
    return said if asked or age.days <= 7 else [*said, f"The newest short sales are of {day}, {age.days} days ago."]


def _envelope(
    archive: Archive,
    day: date,
    used: Sequence[str] | set[str] | tuple[str, ...],
    final: bool,
    scope: str,
    gaps: list[Gap],
    warnings: list[str],
) -> dict[str, Any]:
    origins = [archive.origin(source) for source in sorted(used)]
    return {
        "as_of": moment(windows.closing_moment(day)),
        "generated_at": moment(archive.clock.now()),
        "scope": scope,
        "venue": "KRX",
        "sources": [origin.name for origin in origins],
        "provisional": not final,
        "simulated": archive.name == "simulated" or any(origin.simulated for origin in origins),
        "coverage": gaps,
        "warnings": warnings,
        "session": day,
        "ban": overheating.banned(day),
    }
