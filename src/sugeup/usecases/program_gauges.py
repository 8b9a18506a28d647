"""What programme trading is held against: turnover, the same minute of past sessions, the future, the index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sugeup.archive import Archive
from sugeup.market import calendar_tables, investors, sessions
from sugeup.usecases import windows
from sugeup.usecases.program_figures import CALL, MINUTE, Figures, settled

REFERENCE = 60
"""Past sessions that the strength of arbitrage is compared with."""
INDEX = "KOSPI200"
_BUYS = tuple(investors.column(group, "buy", "amount") for group in investors.GROUPS)
_ARBITRAGE = ("arbitrage_buy_amount", "arbitrage_sell_amount")


@dataclass(frozen=True)
class Turnover:
    """One-sided won of the markets up to a moment, and how it was found; None where it is not stored."""

    amount: int | None
    sources: tuple[str, ...] = ()
    method: str | None = None

    @property
    def source(self) -> str | None:
        """The sources in one text."""
        return ", ".join(self.sources) or None


@dataclass(frozen=True)
class Future:
    """The most traded index future and its index in the newest minute that has both.

    `theoretical`: as the source `told` computes it in that minute.
    """

    contract: str
    at: datetime
    close: float
    spot: float
    theoretical: float | None
    sources: tuple[str, ...]
    told: str | None


def turnover(archive: Archive, figures: Figures, at: datetime | None) -> Turnover:
    """Turnover of the markets up to a moment (None: of the day).

    By minute it is that of the index bars that had ended by then, else what all groups of investors had bought by then.
    """
    if at is None:
        rows = archive.read(
            "index_day",
            columns=("amount",),
            scopes=figures.scopes,
            start=figures.session,
            end=figures.session,
            having=("amount",),
        )
        return _whole(rows, figures, "amount", None)
    bar = ended(figures.session, at)
    rows = archive.read(
        "index_minute", columns=("amount",), scopes=figures.scopes, start=figures.session, end=figures.session
    )
    found = _whole(rows.filter(pl.col("at") == bar), figures, "amount", None)
    if found.amount is not None:
        return found
    rows = archive.read(
        "investor_minute_market", columns=_BUYS, scopes=figures.scopes, start=figures.session, end=figures.session
    ).filter(pl.col("at") == at)
    bought = rows.with_columns(pl.sum_horizontal(_BUYS, ignore_nulls=False).alias("bought"))
    return _whole(bought, figures, "bought", "SUM_OF_INVESTORS")


def _whole(rows: pl.DataFrame, figures: Figures, column: str, method: str | None) -> Turnover:
    """The sum over the markets when each has a figure."""
    if rows.height != len(figures.scopes) or rows[column].null_count():
        return Turnover(None)
    return Turnover(int(rows[column].sum()), tuple(rows["source"].unique().sort()), method)


def ended(session: date, at: datetime) -> datetime:
    """Label of the newest index bar that had ended at a moment: nothing trades while the auction is prepared."""
    close = windows.closing_moment(session).astimezone(UTC)
    return close if settled(session, at) else min(at.astimezone(UTC), close - CALL) - MINUTE


def reference(archive: Archive, figures: Figures) -> tuple[NDArray[np.float64], str]:
    """Arbitrage bought and sold over turnover, at the same minute of past sessions or of whole days, and how.

    Whole days where the closing auction is in the figures; sessions without both are NaN.
    """
    days = sessions.sessions(calendar_tables.FIRST, figures.session)[-REFERENCE - 1 : -1]
    if not days:
        return np.empty(0), "WHOLE_DAYS"
    if figures.complete:
        traded = archive.read(
            "index_day", columns=("amount",), scopes=figures.scopes, start=days[0], end=days[-1], having=("amount",)
        )
        return _shares(figures.days, traded, figures, days), "WHOLE_DAYS"
    assert figures.at is not None
    arbitrage = archive.read(
        "program_minute_market", columns=_ARBITRAGE, scopes=figures.scopes, start=days[0], end=days[-1]
    )
    traded = archive.read("index_minute", columns=("amount",), scopes=figures.scopes, start=days[0], end=days[-1])
    minute = _of_day(figures.at)
    same = arbitrage.filter((pl.col("venue") == "KRX") & (_clock() == minute))
    whole = _per_session(same, figures, _ARBITRAGE)
    bar = _of_day(ended(figures.session, figures.at))
    return _shares(whole, traded.filter(_clock() == bar), figures, days), "SAME_MINUTE"


def _shares(
    arbitrage: pl.DataFrame, traded: pl.DataFrame, figures: Figures, days: tuple[date, ...]
) -> NDArray[np.float64]:
    joined = pl.DataFrame({"session": days}).join(arbitrage, on="session", how="left", maintain_order="left")
    joined = joined.join(_per_session(traded, figures, ("amount",)), on="session", how="left", maintain_order="left")
    share = joined.select(
        (pl.col(_ARBITRAGE[0]) + pl.col(_ARBITRAGE[1])) / pl.when(pl.col("amount") > 0).then(pl.col("amount"))
    ).to_series()
    return share.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _per_session(rows: pl.DataFrame, figures: Figures, columns: tuple[str, ...]) -> pl.DataFrame:
    return (
        rows.group_by("session")
        .agg(
            pl.len().alias("scopes"),
            *(
                pl.when(pl.col(name).is_null().any()).then(None).otherwise(pl.col(name).sum()).alias(name)
                for name in columns
            ),
        )
        .filter(pl.col("scopes") == len(figures.scopes))
        .drop("scopes")
    )


def _of_day(at: datetime) -> int:
    local = at.astimezone(windows.SEOUL)
    return local.hour * 60 + local.minute


def _clock() -> pl.Expr:
    local = pl.col("at").dt.convert_time_zone("Asia/Seoul")
    return local.dt.hour().cast(pl.Int32) * 60 + local.dt.minute()


def future(archive: Archive, figures: Figures) -> Future | None:
    """The index future with the most turnover, in the newest minute up to the figures' that the index has too."""
    session = figures.session
    asked: dict[str, Any] = {"start": session, "end": session}
    rows = archive.read("futures_minute", columns=("close", "amount"), having=("close",), **asked)
    rows = rows.filter((pl.col("at") <= _last_bar(figures)) & (pl.col("close") > 0))
    if rows.is_empty():
        return None
    traded = rows.group_by("contract").agg(pl.col("amount").max()).sort("amount", "contract", nulls_last=False)
    nearest = rows.filter(pl.col("contract") == traded["contract"][-1])
    contract = nearest["contract"][0]
    told = archive.read(
        "futures_minute", columns=("spot", "theoretical"), scopes=(contract,), having=("spot",), **asked
    )
    told = told.select("at", "spot", "theoretical", pl.col("source").alias("told_source"))
    index = archive.read("index_minute", columns=("close",), scopes=(INDEX,), **asked)
    index = index.select("at", pl.col("close").alias("level"), pl.col("source").alias("index_source"))
    both = nearest.join(told, on="at", how="left").join(index, on="at", how="left")
    both = both.filter(pl.coalesce("level", "spot") > 0).sort("at")
    if both.is_empty():
        return None
    last = both.row(-1, named=True)
    indexed = last["level"] is not None
    return Future(
        contract=contract,
        at=last["at"],
        close=last["close"],
        spot=last["level"] if indexed else last["spot"],
        theoretical=last["theoretical"],
        sources=tuple(sorted({last["source"], last["index_source"] if indexed else last["told_source"]})),
        told=last["told_source"],
    )


def returns(archive: Archive, figures: Figures, index_code: str) -> NDArray[np.float64]:
    """Log-returns of an index by minute up to the figures' moment, call auctions left out; NaN where a minute lacks."""
    session = figures.session
    opened, closed = sessions.open_at(session), sessions.close_at(session)
    if opened is None or closed is None:
        return np.empty(0)
    opened, closed = opened.astimezone(UTC), closed.astimezone(UTC)
    until = min(_last_bar(figures), closed - CALL - MINUTE)
    count = int((until - opened) / MINUTE) + 1
    if count < 1:
        return np.empty(0)
    rows = archive.read("index_minute", columns=("close",), scopes=(index_code,), start=session, end=session)
    levels = np.full(count, np.nan)
    kept = rows.filter((pl.col("at") >= opened) & (pl.col("at") <= until) & (pl.col("close") > 0))
    places = ((kept["at"] - opened) / MINUTE).cast(pl.Int64).to_numpy()
    levels[places] = kept["close"].to_numpy()
    return np.diff(np.log(levels))


def _last_bar(figures: Figures) -> datetime:
    """Label of the newest bar that belongs to the figures."""
    close = windows.closing_moment(figures.session)
    return (close if figures.at is None else min(figures.at - MINUTE, close)).astimezone(UTC)
