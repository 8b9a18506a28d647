"""The daily figures that a question about one stock or a market is answered from, and where they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.errors import Refused
from sugeup.market import calendar_tables, investors, limits, sessions
from sugeup.metrics import accounting
from sugeup.usecases import both_sides, securities, share_basis, standing, windows
from sugeup.usecases.investor_blocks import SUMS, Basis, Scene
from sugeup.usecases.securities import Security

MARKETS = ("KOSPI", "KOSDAQ")
_FLOWS = tuple(f"{group}_{column}" for group in investors.GROUPS for column in SUMS)
_BARS = ("raw_close", "base_price", "volume", "amount", "status")
_LEAVES = tuple(investors.column(leaf, "net", "amount") for leaf in investors.members("institution"))


@dataclass
class Scope:
    """One stock (`security`) or markets (`scopes`), with its scene; `period_rows` are the stored rows of the period."""

    security: Security | None
    scopes: tuple[str, ...]
    scene: Scene
    period_rows: pl.DataFrame
    sources: list[str]
    simulated: bool
    closure_ok: bool | None
    prices_until: date | None
    warnings: list[str] = field(default_factory=list)

    @property
    def session(self) -> date:
        """The session of the answer."""
        return self.scene.window.session

    @property
    def as_of(self) -> datetime:
        """Close of the newest session used."""
        return windows.closing_moment(self.session)

    @property
    def period_days(self) -> tuple[date, ...]:
        """Sessions that are summed, oldest first."""
        return self.scene.window.days[-self.scene.period :]

    @property
    def missing_rows(self) -> int:
        """Sessions of the period without a row of every scope."""
        full = self.period_rows.group_by("session").len().filter(pl.col("len") == len(self.scopes))
        return self.scene.period - full.height

    def add_source(self, source: str | None) -> None:
        """Name one more source in the answer."""
        if source is not None and source not in self.sources:
            self.sources.append(source)


@dataclass(frozen=True)
class Leaves:
    """Rows of the sub-types of 기관계 in the period, their source and its rounding unit; scopes that have none."""

    rows: pl.DataFrame
    source: str | None
    unit: int
    absent: Sequence[str]


def load(archive: Archive, stock: str | None, market: str, session: date | None, period: int) -> Scope:
    """Read and align the figures of a stock or of markets, ending with the session asked for or the newest one."""
    security = securities.resolve(archive, stock) if stock is not None else None
    if security is not None and security.market is not None and market not in {"ALL", security.market}:
        raise Refused(
            f"market={market!r}: {security.title} is listed on {security.market}.", hint="Leave market out for a stock."
        )
    dataset, key, scopes = _table(security, market)
    stored = archive.read(dataset, columns=_FLOWS, scopes=scopes)
    if "products" in stored.columns:
        stored = stored.filter(pl.col("products") == "STOCK")
    stored = stored.filter(pl.col("venue") == "KRX")
    if security is not None and stored.is_empty():
        raise securities.no_flows(archive, security)
    last = windows.choose(archive, dataset, stored, key, scopes, session)
    asked = sessions.sessions(calendar_tables.FIRST, last)[-period:]
    stored, sides = both_sides.filled(archive, dataset, stored, key, scopes, asked)
    flows = _summed(stored.filter(pl.col("session") <= last), len(scopes)).with_columns(pl.lit(True).alias("stored"))
    frame, prices = _with_prices(archive, flows, security, scopes, last)
    window = windows.align(frame, last)
    window = windows.Window(window.days, window.frame.with_columns(pl.col("halted").fill_null(value=False)))
    window, gaps = _on_one_scale(archive, security, window)
    rows = stored.filter(pl.col("session").is_in(list(window.days[-period:])))
    origins = [archive.origin(source) for source in rows["source"].unique().sort().to_list()]
    basis = _basis(window)
    closure = _closure(rows, basis, max((o.unit_won if basis == "AMOUNT" else o.unit_shares) for o in origins))
    silent = (
        f"{' and '.join(origin.name for origin in origins)} do not publish it"
        if len(origins) > 1
        else (f"{origins[0].name} does not publish it" if origins else "no row of the period is stored")
    )
    recent = _recent(security, window)
    scene = Scene(window, period, security is not None, basis, silent, closure is False, recent, sides, gaps)
    scope = Scope(
        security,
        tuple(scopes),
        scene,
        rows,
        sources=[origin.name for origin in origins],
        simulated=archive.name == "simulated" or any(origin.simulated for origin in origins),
        closure_ok=closure,
        prices_until=_until(window),
    )
    for source in (*sides.sources, *prices):
        scope.add_source(source)
    _warn(archive, scope, asked=session is not None)
    return scope


def _on_one_scale(
    archive: Archive, security: Security | None, window: windows.Window
) -> tuple[windows.Window, tuple[date, ...]]:
    """Shares of a stock on the scale of the last day, and the sessions at which they changed by an unknown factor."""
    if security is None:
        return window, ()
    bars = window.frame.select("session", "raw_close", "base_price").drop_nulls("raw_close")
    basis = share_basis.load(archive, security.code, window.days, bars)
    known = np.nan_to_num(basis.factor, nan=1.0)
    if (known == 1).all():
        return window, basis.gaps
    volumes = [name for name in window.frame.columns if name.endswith("_volume")]
    counts = window.frame.select(pl.col(volumes).cast(pl.Float64)).to_numpy().T
    scaled = accounting.split_adjust(counts, known).value.round()
    adjusted = (pl.Series(name, row).fill_nan(None).cast(pl.Int64) for name, row in zip(volumes, scaled, strict=True))
    return windows.Window(window.days, window.frame.with_columns(*adjusted)), basis.gaps


def _table(security: Security | None, market: str) -> tuple[str, str, tuple[str, ...]]:
    """Dataset, its scope column and the scopes that a question is about."""
    if security is not None:
        return "investor_day_stock", "code", (security.code,)
    return "investor_day_market", "market", MARKETS if market == "ALL" else (market,)


def leaves(archive: Archive, scope: Scope) -> Leaves:
    """The sub-types of 기관계 over the period, from the best source that has them, which may not be the group's."""
    days = scope.period_days
    dataset, key = ("investor_day_stock", "code") if scope.security else ("investor_day_market", "market")
    rows = archive.read(
        dataset, columns=_LEAVES, scopes=scope.scopes, start=days[0], end=days[-1], having=_LEAVES
    ).filter(pl.col("venue") == "KRX")
    if "products" in rows.columns:
        rows = rows.filter(pl.col("products") == "STOCK")
    sources = rows["source"].unique().sort().to_list()
    unit = max((archive.origin(source).unit_won for source in sources), default=1)
    absent = [one for one in scope.scopes if one not in rows[key].unique()]
    if len(scope.scopes) > 1:
        rows = _summed(rows, len(scope.scopes))
    return Leaves(rows, ", ".join(sources) if rows.height else None, unit, absent)


def _summed(stored: pl.DataFrame, scopes: int) -> pl.DataFrame:
    """One row per session: the sum over the scopes, null where any of them is missing."""
    figures = [name for name in stored.columns if name.endswith(("_amount", "_volume"))]
    return (
        stored.group_by("session", maintain_order=True)
        .agg(
            pl.len().alias("scopes"),
            *(
                pl.when(pl.col(name).is_null().any()).then(None).otherwise(pl.col(name).sum()).alias(name)
                for name in figures
            ),
        )
        .filter(pl.col("scopes") == scopes)
        .drop("scopes")
    )


def _with_prices(
    archive: Archive, flows: pl.DataFrame, security: Security | None, scopes: Sequence[str], last: date
) -> tuple[pl.DataFrame, list[str]]:
    """Flows with turnover, return and halt of each session; and the sources of the prices."""
    if security is not None:
        bars, prices = _stock_prices(archive, security, last)
    else:
        bars = archive.read("index_day", columns=("close", "amount", "volume"), scopes=scopes, end=last)
        whole = _index(bars, len(scopes))
        prices = whole.with_columns(
            pl.lit(None, pl.Int64).alias("raw_close"),
            pl.lit(None, pl.Int64).alias("base_price"),
            pl.lit(None, pl.String).alias("status"),
            pl.lit(None, pl.String).alias("base_source"),
            pl.lit(False).alias("halted"),
            pl.lit(False).alias("limited"),
        )
    return flows.join(prices, on="session", how="full", coalesce=True), bars["source"].unique().sort().to_list()


def _stock_prices(archive: Archive, security: Security, last: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bars of a stock, and from them price, turnover, return and halt of each session.

    The return is that of one row, its close over its own base price: where the preferred row has no base price
    (기준가), the best row that has one gives the return.
    """
    days = sessions.sessions(calendar_tables.FIRST, last)[-windows.LOOKBACK :]
    asked: dict[str, Any] = {"columns": _BARS, "scopes": [security.code], "start": days[0], "end": last}
    bars = archive.read("daily_bars", **asked).filter(pl.col("venue") == "KRX")
    based = bars
    if bars["base_price"].null_count():
        based = archive.read("daily_bars", **asked, having=["base_price"]).filter(pl.col("venue") == "KRX")
    returns = based.select(
        "session",
        "base_price",
        pl.col("source").alias("base_source"),
        pl.when(pl.col("status") == "HALTED")
        .then(None)
        .otherwise(pl.col("raw_close") / pl.col("base_price") - 1)
        .alias("ret"),
        _limited(),
    )
    prices = bars.select(
        "session",
        "raw_close",
        "status",
        pl.col("amount").alias("turnover_amount"),
        pl.col("volume").alias("turnover_volume"),
        (pl.col("status") == "HALTED").fill_null(value=False).alias("halted"),
    ).join(returns, on="session", how="left")
    return bars, prices


@cache
def _limited() -> pl.Expr:
    """Built once: the dated rules make it a large expression."""
    return limits.at_limit("raw_close", "base_price", "session").alias("limited")


def _index(bars: pl.DataFrame, scopes: int) -> pl.DataFrame:
    """Turnover over the markets; the return only where one index stands for the scope."""
    turnover = _summed(bars.rename({"amount": "turnover_amount", "volume": "turnover_volume"}), scopes)
    if scopes > 1:
        return turnover.with_columns(pl.lit(None, pl.Float64).alias("ret"))
    returns = bars.sort("session").select("session", (pl.col("close") / pl.col("close").shift() - 1).alias("ret"))
    return turnover.join(returns, on="session", how="left")


def _basis(window: windows.Window) -> Basis | None:
    """Won where the newest session has won, else shares; None when it has neither."""
    last = window.tail(1)
    for measure in investors.MEASURES:
        if any(last[investors.column(group, "net", measure)].null_count() == 0 for group in investors.GROUPS):
            return "AMOUNT" if measure == "amount" else "VOLUME"
    return None


def _closure(rows: pl.DataFrame, basis: Basis | None, unit: int) -> bool | None:
    """Whether the four groups add to zero on every row; None where a group is missing."""
    if basis is None:
        return None
    measure = "amount" if basis == "AMOUNT" else "volume"
    nets = {
        group: np.array(rows[investors.column(group, "net", measure)].cast(pl.Float64)) for group in investors.GROUPS
    }
    outcome = accounting.closure_check(nets, unit)
    results = [outcome.at(row)["ok"] for row in range(rows.height)]
    if any(result is None for result in results):
        return None
    return all(results)


def _until(window: windows.Window) -> date | None:
    """Newest session of the window with turnover."""
    filled = window.frame.filter(pl.any_horizontal(pl.col("turnover_amount", "turnover_volume").is_not_null()))
    newest = filled["session"].max()
    return newest if isinstance(newest, date) else None


def _recent(security: Security | None, window: windows.Window) -> bool:
    """Whether the history is short because the stock was listed inside the window."""
    if security is None or security.listed_on is None or window.begun == len(window.days):
        return False
    return window.days[0] < security.listed_on and window.days[window.begun] <= sessions.next(security.listed_on)


def _warn(archive: Archive, scope: Scope, *, asked: bool) -> None:
    newest = scope.session
    age = archive.clock.now().astimezone(windows.SEOUL).date() - newest
    if age.days > 7 and not asked:
        scope.warnings.append(f"The newest figures are of {newest}, {age.days} days ago.")
    if scope.security is not None and not asked:
        scope.warnings += standing.since(archive, scope.security.code, scope.security.delisted_on, newest)
    older = scope.prices_until
    if older is None:
        scope.warnings.append("No prices or turnover are stored for it, so ratios, trend and correlation are null.")
    elif older < newest:
        scope.warnings.append(f"Prices and turnover end on {older}; what needs them is null for later sessions.")
    if scope.closure_ok is None:
        scope.warnings.append("A group is missing, so it cannot be checked that all groups add to zero.")
    elif scope.closure_ok is False:
        scope.warnings.append("The groups do not add to zero in a session of the period; net figures are withheld.")
    if scope.missing_rows:
        scope.warnings.append(
            f"{scope.missing_rows} of {scope.scene.period} sessions have no row; there are no partial sums."
        )
