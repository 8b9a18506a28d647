"""Daily figures of the markets that sentiment is read from: nets by group, turnover, index, breadth, loans, shorts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.market import investors, overheating, publication
from sugeup.metrics import accounting
from sugeup.usecases import panels, securities, windows
from sugeup.usecases.panels import Floats

GROUPS = ("foreign", "institution", "individual")
RANKED = 250
"""Past values that a percentile is taken among."""
LEAST = 60
"""Fewer of them give no percentile."""
MONTH, WEEK, TENTH = 20, 5, 10
_NETS = tuple(investors.column(group, "net", "amount") for group in investors.GROUPS)
_SIDES = tuple(f"{group}_{side}_amount" for group in ("institution", "individual") for side in ("buy", "sell"))
_INDEX = ("close", "amount", "advancers", "decliners", "unchanged")
_LOANS = {"KOSPI": "loan_balance_kospi_amount", "KOSDAQ": "loan_balance_kosdaq_amount", "ALL": "loan_balance_amount"}


@dataclass(frozen=True, eq=False)
class Scene:
    """Market figures by session, oldest first, NaN where a market lacks one; `by_market` has a row for each market.

    `last`: how many of the newest sessions are answered for.
    """

    archive: Archive
    market: str
    days: tuple[date, ...]
    figures: dict[str, Floats]
    by_market: dict[str, Floats]
    sources: list[str]
    provisional: bool
    warnings: list[str] = field(default_factory=list)
    last: int = WEEK + 1

    @property
    def session(self) -> date:
        """The session of the answer."""
        return self.days[-1]

    @property
    def scopes(self) -> tuple[str, ...]:
        """The markets."""
        return panels.MARKETS if self.market == "ALL" else (self.market,)

    @property
    def bench(self) -> str:
        """The index whose return counts: that of the market, KOSPI for both."""
        return "KOSPI" if self.market == "ALL" else self.market

    def net(self, group: str) -> Floats:
        """Daily net won of a group."""
        return self.figures[f"{group}_net_amount"]

    @property
    def turnover(self) -> Floats:
        """Daily one-sided won of the markets."""
        return self.figures["amount"]

    @cached_property
    def closed(self) -> bool | None:
        """Whether the four groups add to zero on the session; None where one is missing."""
        nets = {group: self.figures[f"{group}_net_amount"][-1:] for group in investors.GROUPS}
        unit = max((self.archive.origin(source).unit_won for source in self.sources), default=1)
        ok = accounting.closure_check(nets, unit * len(self.scopes)).at(0)["ok"]
        return None if ok is None else bool(ok)

    @cached_property
    def breadth(self) -> Floats:
        """Share of rising stocks among all that traded, by session."""
        up, down, same = (self.figures[name] for name in ("advancers", "decliners", "unchanged"))
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = np.where(up + down + same > 0, up / (up + down + same), np.nan)
        return found

    @cached_property
    def shorts(self) -> tuple[Floats, str | None]:
        """Short won ÷ turnover of the markets by session, and why the last is missing."""
        banned = (
            "all short selling was forbidden on the session (전면 금지)" if overheating.banned(self.session) else None
        )
        listed = _stocks(self.archive, self.scopes)
        days = self.days[-RANKED - self.last :]
        kind = None if listed is None else pl.Enum(listed)
        total, number = np.zeros(len(self.days)), np.zeros(len(self.days))
        for _, month in groupby(days, key=_month):
            self._sold(list(month), kind, total, number)
        if not number.any():
            return np.full(len(self.days), np.nan), banned or "no short value in won is stored"
        total[(number == 0) | (number < panels.ENOUGH * number.max())] = np.nan
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(self.turnover > 0, total / self.turnover, np.nan)
        missing = "short sales of most stocks or the turnover of the session are not stored"
        return share, (banned or missing) if np.isnan(share[-1]) else None

    @cached_property
    def loans(self) -> tuple[Floats, date | None]:
        """Growth of 신용융자 over 20 sessions as known on the evening of each session, and the session it is of."""
        column = _LOANS[self.market]
        rows = self.archive.read("market_funds", columns=(column,), start=self.days[0], end=self.session)
        if rows.is_empty():
            return np.full(len(self.days), np.nan), None
        balance = self._placed(rows.filter(pl.col(column) > 0), column)
        lag = next(lag for lag in range(len(self.days)) if _public("market_funds", self.days[-1 - lag], self.session))
        late = np.full(len(self.days), np.nan)
        late[lag:] = balance[: len(balance) - lag]
        growth = np.full(len(self.days), np.nan)
        growth[MONTH:] = late[MONTH:] / late[:-MONTH] - 1
        if np.isfinite(growth[-1]):
            self._add(rows["source"].unique().to_list())
        return growth, self.days[-1 - lag]

    @cached_property
    def basis(self) -> Floats | None:
        """Future ÷ its fair value as the source computes it - 1 at each close; None where 60 past closes lack.

        Minutes are a file a day: that there is one sixty sessions ago is looked at before the others are read.
        """
        asked: dict[str, Any] = {"columns": ("close", "amount", "theoretical"), "having": ("theoretical",)}
        first = self.days[max(0, len(self.days) - LEAST - 1)]
        if self.archive.read("futures_minute", start=first, end=first, **asked).is_empty():
            return None
        start = self.days[max(0, len(self.days) - RANKED - self.last)]
        rows = self.archive.read("futures_minute", start=start, end=self.session, **asked)
        rows = rows.filter(pl.col("theoretical") > 0).sort("session", "at")
        busiest = rows.group_by("session", "contract").agg(
            pl.col("amount").sum().alias("traded"), pl.col("close").last(), pl.col("theoretical").last()
        )
        busiest = busiest.sort("session", "traded", "contract").unique("session", keep="last")
        self._add(rows["source"].unique().to_list())
        return self._placed(busiest.with_columns(pl.col("close") / pl.col("theoretical") - 1), "close")

    def _sold(self, month: Sequence[date], listed: pl.Enum | None, total: Floats, number: Floats) -> None:
        """Add short won and number of stocks by session of one month: a month at a time spares sorting a year."""
        rows = self.archive.read("short_day", columns=("short_amount",), start=month[0], end=month[-1])
        rows = panels.on_krx(rows)
        if rows.is_empty():
            return
        counted = rows["short_amount"].is_not_null().to_numpy()
        if listed is not None:
            counted = counted & panels.among(rows["code"], listed)
        sold = rows.select("session", "short_amount", "source")
        sold = sold if counted.all() else sold.filter(counted)
        self._add(panels.named(sold["source"]))
        at = panels.columns_of(sold["session"], self.days)
        known, size = at >= 0, len(self.days)
        won = sold["short_amount"].to_numpy()
        total += np.bincount(at[known], won[known], size)
        number += np.bincount(at[known], minlength=size)

    def _placed(self, rows: pl.DataFrame, column: str) -> Floats:
        found = np.full(len(self.days), np.nan)
        place = {day: at for at, day in enumerate(self.days)}
        for day, value in rows.select("session", column).iter_rows():
            if day in place and value is not None:
                found[place[day]] = value
        return found

    def _add(self, sources: Sequence[str]) -> None:
        self.sources.extend(one for one in sorted(sources) if one not in self.sources)


def load(archive: Archive, market: str, session: date | None, last: int = WEEK + 1) -> Scene:
    """Read the markets' figures up to the session asked for or the newest that all of them have.

    Sessions read: 250 past windows of twenty sessions, for each of the `last` ones.
    """
    scopes = panels.MARKETS if market == "ALL" else (market,)
    stored = _of_stocks(archive.read("investor_day_market", columns=("products",), scopes=scopes))
    if stored.is_empty():
        raise securities.nothing_stored(archive, "investor_day_market")
    chosen = windows.choose(archive, "investor_day_market", stored, "market", scopes, session)
    days = panels.span(chosen, RANKED + 2 * MONTH + last)
    sources: set[str] = set()
    figures: dict[str, Floats] = {}
    rows_of: dict[str, Floats] = {}
    provisional = False
    for dataset, key, columns, having in (
        ("investor_day_market", "market", _NETS, ()),
        ("investor_day_market", "market", _SIDES, _SIDES),
        ("index_day", "index_code", _INDEX, ()),
    ):
        rows = archive.read(
            dataset, columns=(*columns, "products"), scopes=scopes, start=days[0], end=chosen, having=having
        )
        rows = _of_stocks(rows)
        sources.update(rows["source"].unique().to_list())
        newest = rows.filter(pl.col("session") == chosen)
        provisional |= columns is _NETS and not newest["final"].all()
        held = panels.by_scope(rows, key, columns, scopes, days)
        rows_of |= held
        figures |= {name: array.sum(axis=0) for name, array in held.items()}
        if dataset == "index_day":
            figures["close"] = held["close"][0]
    scene = Scene(archive, market, days, figures, rows_of, sorted(sources), provisional, last=last)
    age = (archive.clock.now().astimezone(windows.SEOUL).date() - chosen).days
    if age > 7 and session is None:
        scene.warnings.append(f"The newest figures are of {chosen}, {age} days ago.")
    if np.isnan(scene.turnover[-1]):
        scene.warnings.append("Turnover of the markets is not stored for the session; what is relative to it is null.")
    return scene


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _of_stocks(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter((pl.col("venue") == "KRX") & (pl.col("products") == "STOCK"))


def _public(dataset: str, of: date, on: date) -> bool:
    """Whether a figure of one session is public on the evening of another."""
    evening = datetime.combine(on, time(0), windows.SEOUL) + timedelta(days=1)
    return publication.known_at(dataset, of) < evening


def _stocks(archive: Archive, scopes: Sequence[str]) -> pl.Series | None:
    """Codes of stocks ever listed on the markets, delisted ones too; None without instruments."""
    stored = archive.read("instruments", columns=("market", "kind"))
    if stored.is_empty():
        return None
    newest = securities.newest(stored, ("code",))
    kept = newest.filter((pl.col("kind").fill_null("STOCK") == "STOCK") & pl.col("market").is_in(list(scopes)))
    return kept["code"]
