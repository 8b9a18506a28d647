"""What a question about holdings of one stock is answered from: holdings, prices and flows on the same sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.metrics.outcome import REASONS
from sugeup.usecases import doors, securities, share_basis, standing, stock_bars, windows
from sugeup.usecases.securities import Security
from sugeup.usecases.share_basis import ShareBasis

SESSIONS = {"1M": 20, "3M": 60, "6M": 120, "1Y": 250}
NETS = {group: f"{group}_net_volume" for group in ("foreign", "institution", "individual")}
_HOLDING = ("held_shares", "limit_shares", "listed_shares", "limit_use_pct")


@dataclass
class Scene:
    """One stock with a frame of one row per session up to the session of the answer, oldest first.

    `first` and `last` are the places of the first and the last stored holding of the period; `adjusted` are the shares
    held in the basis of the last session, NaN where none is stored or a factor is missing (`blocked`: which of them).
    """

    security: Security
    period: str
    window: windows.Window
    basis: ShareBasis
    first: int
    last: int
    adjusted: NDArray[np.float64]
    blocked: NDArray[np.bool_]
    sources: list[str]
    provisional: bool
    simulated: bool
    warnings: list[str] = field(default_factory=list)

    @property
    def as_of(self) -> datetime:
        """Close of the session of the newest holding used."""
        return windows.closing_moment(self.window.session)

    @property
    def span(self) -> slice:
        """Places of the period's sessions."""
        return slice(len(self.window.days) - min(SESSIONS[self.period], len(self.window.days)), len(self.window.days))

    def column(self, name: str) -> NDArray[np.float64]:
        """A column over all sessions, NaN where missing."""
        found: NDArray[np.float64] = self.window.series(name)[0]
        return found

    @property
    def listed(self) -> NDArray[np.float64]:
        """Listed shares of each session, raw: of the holding's source, else of the bar."""
        told = self.column("holding_listed")
        return np.where(np.isnan(told), self.column("listed_shares"), told)

    @property
    def percent(self) -> NDArray[np.float64]:
        """Shares held in % of the listed shares of the same session, which no split changes."""
        listed = self.listed
        return 100 * self.column("held_shares") / np.where(listed > 0, listed, np.nan)


def load(archive: Archive, stock: str, period: str, session: date | None) -> Scene:
    """Read and align everything, ending with the session asked for or the newest holding.

    Raises NoData: NOT_COLLECTED where no holding of the stock is stored, and what `windows.choose` raises.
    """
    security = securities.resolve(archive, stock)
    held = archive.read("foreign_holding", columns=_HOLDING, scopes=[security.code])
    held = held.filter((pl.col("venue") == "KRX") & pl.col("held_shares").is_not_null())
    if held.is_empty():
        raise absent(archive, security)
    last = windows.choose(archive, "foreign_holding", held, "code", [security.code], session)
    held = held.filter(pl.col("session") <= last)
    days = windows.align(held.select("session"), last).days
    bars = stock_bars.load(archive, security.code, days)
    flows = archive.read(
        "investor_day_stock", columns=list(NETS.values()), scopes=[security.code], start=days[0], end=last
    ).filter(pl.col("venue") == "KRX")
    frame = (
        held.select(
            "session",
            "held_shares",
            "limit_shares",
            "limit_use_pct",
            pl.col("listed_shares").alias("holding_listed"),
            pl.lit(value=True).alias("stored"),
        )
        .join(bars.drop("source", "final"), on="session", how="full", coalesce=True)
        .join(flows.select("session", *NETS.values()), on="session", how="full", coalesce=True)
    )
    window = windows.align(frame, last)
    basis = share_basis.load(archive, security.code, window.days, bars)
    raw = window.series("held_shares")[0]
    adjusted = basis.latest(raw)
    places = np.flatnonzero(np.isfinite(raw[-SESSIONS[period] :])) + max(len(window.days) - SESSIONS[period], 0)
    used = held.filter(pl.col("session") >= window.days[places[0]])
    sources = used["source"].unique().sort().to_list()
    others = [bars[name] for name in ("source", "base_source", "size_source")] + [flows["source"]]
    sources += [one for one in pl.concat(others).drop_nulls().unique().sort() if one not in sources]
    scene = Scene(
        security,
        period,
        window,
        basis,
        int(places[0]),
        int(places[-1]),
        adjusted.value,
        adjusted.reason == REASONS.index("CORPORATE_ACTION_GAP"),
        sources=[archive.origin(source).name for source in sources],
        provisional=not used["final"].all(),
        simulated=archive.name == "simulated" or any(archive.origin(source).simulated for source in sources),
    )
    _warn(archive, scene, bars, asked=session is not None)
    return scene


def absent(archive: Archive, security: Security) -> NoData:
    """The error for a known stock whose holdings are not stored."""
    return NoData(
        f"No foreign holdings (외국인 보유) are stored for {security.title} in the {archive.name} lake.",
        code="NOT_COLLECTED",
        hint=doors.hint(archive, "foreign_holding"),
    )


def _warn(archive: Archive, scene: Scene, bars: pl.DataFrame, *, asked: bool) -> None:
    newest = scene.window.session
    age = archive.clock.now().astimezone(windows.SEOUL).date() - newest
    if age.days > 7 and not asked:
        scene.warnings.append(f"The newest holdings are of {newest}, {age.days} days ago.")
    if not asked:
        scene.warnings += standing.since(archive, scene.security.code, scene.security.delisted_on, newest)
    priced = bars["session"].max()
    if priced is None:
        scene.warnings.append("No prices are stored for it, so values and correlations are null.")
    elif isinstance(priced, date) and priced < newest:
        scene.warnings.append(f"Prices end on {priced}; what needs a later one is null.")
    start = scene.span.start
    told = int(np.isfinite(scene.column("held_shares")[start:]).sum())
    if told < len(scene.window.days) - start:
        scene.warnings.append(f"{told} of the period's {len(scene.window.days) - start} sessions have a holding.")
    inside = [day for day in scene.basis.changed if day > scene.window.days[scene.first]]
    for day in inside:
        state = "no factor is stored for it" if day in scene.basis.gaps else "shares before it are on the new scale"
        scene.warnings.append(f"Share count changed on {day} (액면분할·권리락): {state}.")
