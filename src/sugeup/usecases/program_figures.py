"""Programme trading of one session of one market or both: by minute where it is stored, else as the day's sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import polars as pl

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import sessions
from sugeup.records.program import KINDS
from sugeup.usecases import doors, windows
from sugeup.usecases.daily_scope import MARKETS

SIDES = ("buy", "sell", "net")
AMOUNTS = tuple(f"{kind}_{side}_amount" for kind in KINDS for side in SIDES)
CALL = timedelta(minutes=10)
"""Orders are collected for so long before the closing auction, and nothing trades."""
SETTLING = timedelta(minutes=10)
"""After the close, until the closing auction is in running totals."""
MINUTE = timedelta(minutes=1)
_LATE = 10
"""Minutes after which the newest moment of a running session is called old."""
Sums = dict[str, int | None]


@dataclass
class Figures:
    """Cumulative won of a session, summed over `scopes`, as `AMOUNTS`; null where a market has none.

    `at` is the newest moment that every market has, None where `now` holds the sums of the day. `series` has one row a
    moment (column `at`), up to `at`; it is empty without minutes. `days` has one row a session, up to the session.
    """

    session: date
    scopes: tuple[str, ...]
    at: datetime | None
    now: Sums
    series: pl.DataFrame
    days: pl.DataFrame
    sources: list[str]
    provisional: bool
    warnings: list[str] = field(default_factory=list)

    @property
    def by_minute(self) -> bool:
        """Whether the figures are those of a moment of the session."""
        return self.at is not None

    @property
    def moment(self) -> datetime:
        """What the figures are as of, in Seoul."""
        return windows.closing_moment(self.session) if self.at is None else self.at.astimezone(windows.SEOUL)

    @property
    def complete(self) -> bool:
        """Whether the closing auction is in the figures."""
        return self.at is None or settled(self.session, self.at)

    def then(self, ago: timedelta) -> Sums | None:
        """The sums so long before `at`: zeros before the open; None where that moment has no row."""
        assert self.at is not None
        moment = self.at - ago
        found = self.series.filter(pl.col("at") == moment)
        if found.height:
            return dict(found.select(AMOUNTS).row(0, named=True))
        return dict.fromkeys(AMOUNTS, 0) if opens_after(self.session, moment) else None

    def add_source(self, *sources: str | None) -> None:
        """Name more sources in the answer."""
        self.sources += [one for one in sources if one is not None and one not in self.sources]


def settled(session: date, at: datetime) -> bool:
    """Whether a running total of that moment holds the whole session."""
    return at >= windows.closing_moment(session) + SETTLING


def opens_after(session: date, moment: datetime) -> bool:
    """Whether nothing had traded by a moment of the session's day."""
    opened = sessions.open_at(session)
    return opened is not None and moment <= opened


def missing(figures: Figures) -> int | None:
    """Minutes from the open to the figures' moment or the close without a row; None where the figures are a day's."""
    opened = sessions.open_at(figures.session)
    if figures.at is None or opened is None:
        return None
    start, end = opened.astimezone(UTC), min(figures.at, windows.closing_moment(figures.session)).astimezone(UTC)
    inside = figures.series.filter((pl.col("at") > start) & (pl.col("at") <= end)).height
    return max(int((end - opened) / MINUTE) - inside, 0)


def load(archive: Archive, market: str, session: date | None, *, moving: bool = False) -> Figures:
    """The session asked for, or the newest that every market has: by minute, unless its day is stored and says more.

    `moving`: a part of the session is asked for, which only minutes have.

    Raises NoData: NOT_COLLECTED with the command, MARKET_CLOSED, NOT_PUBLISHED_YET, OUT_OF_HISTORY.
    """
    scopes = MARKETS if market == "ALL" else (market,)
    days = _read(archive, "program_day_market", scopes, None, None)
    whole = _common(days, len(scopes), "session")
    newest = whole["session"].max()
    start = session if session is not None else newest
    minutes = _read(archive, "program_minute_market", scopes, start if isinstance(start, date) else None, session)
    moments = _common(minutes, len(scopes), "session", "at")
    keys = pl.concat([whole.select("session"), moments.select("session")]).unique()
    if session is not None and not keys["session"].is_in([session]).any():
        every = archive.read("program_minute_market", columns=[], scopes=scopes)
        both = every.group_by("session").agg(pl.col("market").n_unique().alias("found"))
        both = both.filter((pl.col("found") == len(scopes)) & (pl.col("session") != session))
        keys = pl.concat([keys, both.select("session")]).unique()
    if keys.is_empty() and (session is None or sessions.is_session(session)):
        raise nothing(archive, str(session or ""))
    stored = keys.join(pl.DataFrame({"market": scopes}), how="cross")
    chosen = windows.choose(archive, "program_day_market", stored, "market", scopes, session)
    found = _figures(archive, scopes, chosen, minutes, moments, days, whole, moving=moving)
    _stale(archive, found, asked=session is not None)
    return found


def _figures(
    archive: Archive,
    scopes: tuple[str, ...],
    session: date,
    minutes: pl.DataFrame,
    moments: pl.DataFrame,
    days: pl.DataFrame,
    whole: pl.DataFrame,
    *,
    moving: bool,
) -> Figures:
    series = moments.filter(pl.col("session") == session).sort("at")
    past = whole.filter(pl.col("session") <= session).sort("session")
    day = past.filter(pl.col("session") == session)
    last = series["at"].max()
    at = last if isinstance(last, datetime) else None
    warnings: list[str] = []
    if at is None:
        warnings.append("No minutes of the session are stored: the figures are those of the whole day.")
    elif day.height and not settled(session, at):
        said = "" if moving else ": sums are those of the whole day"
        warnings.append(f"Minutes end at {_clock(at)}, without the closing auction{said}.")
        at = at if moving else None
    used = days if at is None else minutes
    used = used.filter(pl.col("session") == session)
    if at is not None:
        used = used.filter(pl.col("at") == at)
    now = (day if at is None else series.tail(1)).select(AMOUNTS).row(0, named=True)
    running = at is not None and not settled(session, at)
    return Figures(
        session=session,
        scopes=scopes,
        at=at,
        now=dict(now),
        series=series,
        days=past,
        sources=used["source"].unique().sort().to_list(),
        provisional=running or not used["final"].all(),
        warnings=warnings,
    )


def _read(archive: Archive, dataset: str, scopes: Sequence[str], start: date | None, end: date | None) -> pl.DataFrame:
    rows = archive.read(dataset, columns=AMOUNTS, scopes=scopes, start=start, end=end)
    return completed(rows.filter(pl.col("venue") == "KRX"))


def completed(rows: pl.DataFrame, sides: Sequence[str] = SIDES) -> pl.DataFrame:
    """Rows of a market with the whole made of its two parts where the source leaves it out."""
    whole, *parts = KINDS
    return rows.with_columns(
        pl.coalesce(
            f"{whole}_{side}_amount",
            pl.sum_horizontal([f"{kind}_{side}_amount" for kind in parts], ignore_nulls=False),
        ).alias(f"{whole}_{side}_amount")
        for side in sides
    )


def _common(rows: pl.DataFrame, scopes: int, *keys: str) -> pl.DataFrame:
    """The sum over the markets where all of them have a row; null where one has no figure."""
    return (
        rows.group_by(keys)
        .agg(
            pl.len().alias("scopes"),
            *(
                pl.when(pl.col(name).is_null().any()).then(None).otherwise(pl.col(name).sum()).alias(name)
                for name in AMOUNTS
            ),
        )
        .filter(pl.col("scopes") == scopes)
        .drop("scopes")
    )


def _stale(archive: Archive, figures: Figures, *, asked: bool) -> None:
    now, session, at = archive.clock.now(), figures.session, figures.at
    age = now.astimezone(windows.SEOUL).date() - session
    if age.days > 7 and not asked:
        figures.warnings.append(f"The newest figures are of {session}, {age.days} days ago.")
    late = None if at is None else int((min(now, windows.closing_moment(session)) - at) / MINUTE)
    if late is not None and late > _LATE:
        until = "the close" if age.days else "now"
        figures.warnings.append(f"The newest moment is {_clock(at)}, {late} minutes before {until}.")


def _clock(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(windows.SEOUL):%H:%M}"


def nothing(archive: Archive, of: str = "") -> NoData:
    """The error for programme trading that is not stored, with the jobs that collect it; `of` says what was asked."""
    return NoData(
        f"No programme trading (프로그램매매){f' of {of}' if of else ''} is stored in the {archive.name} lake.",
        code="NOT_COLLECTED",
        hint=doors.hint(archive, "program_day_market"),
    )
