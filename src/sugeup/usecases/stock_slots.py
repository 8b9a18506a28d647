"""A stock's day by the five tallies of brokers' staff (가집계): the only intraday figures by investor that exist.

Shares only, two groups, estimated, and 30 to 90 minutes old when told. A group is compared with its own tally before:
foreigners are not told in slot 2, institutions not in slot 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.errors import Refused
from sugeup.market import investors, publication, sessions
from sugeup.metrics import accounting, slots
from sugeup.metrics.dense import Floats
from sugeup.metrics.outcome import REASONS
from sugeup.usecases import doors, securities, session_choice
from sugeup.usecases.answers import FieldMeta, Gap
from sugeup.usecases.day_clock import HALF, DayClock, Part, day_clock
from sugeup.usecases.securities import Security
from sugeup.usecases.slot_prices import SlotPrices, prices
from sugeup.usecases.time_flow_bins import REFERENCE, Bins
from sugeup.usecases.time_flow_blocks import BinImpact, Flow, FlowBin, Pattern, Patterns, TradingWindows

DATASET = "stock_estimate"
TOLD = {"foreign": accounting.WITHOUT_FOREIGN, "institution": accounting.WITHOUT_INSTITUTION}
"""Groups in the tallies, and the slot in which each is not told."""
_ABSENT = ("individual", "other_corporation")
_NAMES = {"foreign": "외국인 foreigners", "institution": "기관 institutions"}
_LATE = "five tallies a day, up to 90 minutes late, do not tell the hour"


@dataclass(frozen=True)
class Tally:
    """The tallies of one stock: running totals (sessions, slots + 1) by group, from the open on; sessions oldest first.

    `slots` are the numbers of the tallies that lie after the open of the answer's session, `minutes` their minutes
    since that open; `stored` counts rows of the session, `until` is the newest slot that could be there.
    """

    security: Security
    clocks: tuple[DayClock, ...]
    slots: tuple[int, ...]
    minutes: tuple[int, ...]
    reach: Mapping[str, Floats]
    until: int
    newest: datetime
    stored: int
    prices: SlotPrices
    sources: tuple[str, ...]
    simulated: bool
    warnings: tuple[str, ...]

    @property
    def clock(self) -> DayClock:
        """The clock of the answer's session."""
        return self.clocks[-1]

    @property
    def past(self) -> int:
        """Stored sessions before the one of the answer."""
        return len(self.clocks) - 1

    def since(self, group: str, place: int) -> int:
        """Place of the bound before a slot at which the group is told: 0 is the open."""
        before = place - 1
        return before - 1 if before and self.slots[before - 1] == TOLD[group] else before


def load(archive: Archive, text: str, market: str, day: date | None, past: int) -> Tally:
    """The tallies of a session (default: the newest stored) and of up to `past` sessions before it."""
    security = securities.resolve(archive, text)
    if security.market is not None and market not in {"ALL", security.market}:
        raise Refused(
            f"market={market!r}: {security.title} is listed on {security.market}.", hint="Leave market out for a stock."
        )
    groups = [f"{group}_net_volume" for group in TOLD]
    chosen = session_choice.choose(archive, DATASET, "code", [security.code], day, past, groups)
    rows = chosen.rows
    days = [found for found in rows["session"].unique().sort().to_list() if sessions.open_at(found) is not None]
    clocks = tuple(day_clock(found) for found in days)
    clock = clocks[-1]
    numbered = [(slot, clock.minute(at)) for slot, at in enumerate(publication.SLOTS, 1) if clock.minute(at) > 0]
    numbers = tuple(slot for slot, _ in numbered)
    minutes = tuple(minute for _, minute in numbered)
    reach = _totals(rows, days, numbers)
    today = rows.filter(pl.col("session") == clock.session)
    now = archive.clock.now()
    until = sum(clock.moment(minute) + publication.SLOT_TOLERANCE <= now for minute in minutes)
    last = max((numbers.index(slot) for slot in today["slot"] if slot in numbers), default=-1)
    found = prices(archive, security.code, clocks[-1 - REFERENCE :], [publication.SLOTS[slot - 1] for slot in numbers])
    origins = [archive.origin(source) for source in today["source"].unique().sort()]
    ahead = "The session is running: later slots are not told yet."
    return Tally(
        security,
        clocks,
        numbers,
        minutes,
        reach,
        until=max(until, last + 1),
        newest=clock.moment(minutes[last]) if last >= 0 else clock.opens,
        stored=today.height,
        prices=found,
        sources=tuple(dict.fromkeys([*(origin.name for origin in origins), *found.sources])),
        simulated=archive.name == "simulated" or any(origin.simulated for origin in origins),
        warnings=(
            *chosen.warnings,
            "가집계: estimates of brokers' staff, shares only; no source has minutes of a stock by investor.",
            *([ahead] if max(until, last + 1) < len(numbers) else []),
        ),
    )


def _totals(rows: pl.DataFrame, days: Sequence[date], numbers: Sequence[int]) -> dict[str, Floats]:
    """Running totals at the open and at each slot; null where a slot was missed or does not tell the group."""
    places = {slot: place for place, slot in enumerate(numbers, 1)}
    reach = {group: np.full((len(days), len(numbers) + 1), np.nan) for group in TOLD}
    told: dict[date, list[dict[str, int | None]]] = {day: [] for day in days}
    names = [f"{group}_net_volume" for group in TOLD]
    for day, slot, foreign, institution in rows.select("session", "slot", *names).iter_rows():
        if day in told:
            told[day].append({"slot": slot, "foreign": foreign, "institution": institution})
    for row, day in enumerate(days):
        for given, entry in zip(told[day], accounting.estimate_slots(told[day]).value or (), strict=True):
            place = places.get(given["slot"] or 0)
            for group in TOLD:
                if place is not None and entry[group] is not None:
                    reach[group][row, place] = entry[group]
    for totals in reach.values():
        totals[:, 0] = 0.0
    return reach


def build(tally: Tally, part: Part) -> Bins:
    """One block per slot that is over, from the slot before."""
    found = Bins([], _shared(tally))
    for place, minute in enumerate(tally.minutes[: tally.until], 1):
        if part != "ALL" and (minute <= HALF) != (part == "MORNING"):
            continue
        meta: dict[str, FieldMeta] = {}
        flows = {group: _flow(tally, group, place, meta) for group in TOLD}
        found.missed += any(
            entry.reason == "MISSING_INPUT" for name, entry in meta.items() if name.endswith("net_volume")
        )
        start = tally.minutes[place - 2] if place > 1 else 0
        first, last, won = tally.prices.span(place)
        if tally.prices.covered and first is None:
            meta |= {
                f"price_impact.{name}": FieldMeta(reason="MISSING_INPUT", note="no trade in the slot")
                for name in ("open", "close", "change")
            }
        if tally.prices.covered and won is None:
            meta["turnover"] = FieldMeta(unit="won", reason="MISSING_INPUT", note="a minute has no turnover")
        change = None if first is None or last is None else round(100 * (last / first - 1), 2) + 0.0  # no -0.0
        found.shown.append(
            FlowBin(
                time=tally.clock.label(start),
                until=tally.clock.label(minute),
                turnover=won,
                individual=_nothing(),
                other_corporation=_nothing(),
                price_impact=BinImpact(open=first, close=last, change=change, correlation=None),
                meta=meta,
                **flows,
            )
        )
    return found


def _nothing() -> Flow:
    return Flow(buy=None, sell=None, net=None, net_volume=None, avg_price=None, intensity=None)


def _flow(tally: Tally, group: str, place: int, meta: dict[str, FieldMeta]) -> Flow:
    """A group's shares since its own tally before, with what is to say about them."""
    number, bound = tally.slots[place - 1], tally.since(group, place)
    totals = tally.reach[group]
    moved = slots.increments(totals[:, [bound, place]])[:, 0]
    value = None if np.isnan(moved[-1]) else round(float(moved[-1]))
    key = f"{group}.net_volume"
    if number == TOLD[group]:
        meta[key] = FieldMeta(
            unit="shares", reason="NOT_PUBLISHED_YET", note=f"slot {number} does not tell {_NAMES[group]}"
        )
    elif value is None:
        gaps = [f"slot {tally.slots[at - 1]}" for at in (bound, place) if at and np.isnan(totals[-1, at])]
        meta[key] = FieldMeta(unit="shares", reason="MISSING_INPUT", note=f"{' and '.join(gaps)} is not stored")
    elif bound != place - 1:
        begin = tally.clock.label(tally.minutes[bound - 1] if bound else 0)
        meta[key] = FieldMeta(unit="shares", estimated=True, note=f"since {begin}, the tally before")
    strength = None
    if tally.prices.covered:
        strength = _intensity(tally, group, place, bound, moved, meta)
    return Flow(
        buy=None,
        sell=None,
        net=None,
        net_volume=value,
        avg_price=None,
        intensity=strength,
    )


def _intensity(
    tally: Tally, group: str, place: int, bound: int, moved: Floats, meta: dict[str, FieldMeta]
) -> float | None:
    """|net| ÷ volume of the slot against the same slot of the 20 stored sessions before, on shares."""
    volume = tally.prices.volume(bound, place)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(volume > 0, np.abs(moved[-len(volume) :]) / volume, np.nan)
    outcome = slots.intensity(size[-1:], size[:-1, None], window=REFERENCE)
    if np.isfinite(outcome.value[0]):
        return round(float(outcome.value[0]), 1)
    reason = REASONS[outcome.reason[0]]
    known = meta.get(f"{group}.net_volume")
    if np.isnan(size[-1]):
        reason = known.reason if known is not None and known.reason else "ZERO_DENOMINATOR"
        note = known.note if known is not None and known.reason else "nothing was traded"
    else:
        reason = "NEW_LISTING" if _recent(tally) else "INSUFFICIENT_HISTORY"
        note = f"fewer than {REFERENCE} stored sessions have the slot with its volume"
    meta[f"{group}.intensity"] = FieldMeta(window=f"{REFERENCE}D", reason=reason, note=note)
    return None


def _recent(tally: Tally) -> bool:
    listed = tally.security.listed_on
    return listed is not None and listed > sessions.previous(tally.clock.session, REFERENCE)


def _shared(tally: Tally) -> dict[str, FieldMeta]:
    """What holds for every slot."""
    meta = {}
    none = "NOT_AVAILABLE_FROM_SOURCE"
    for group in investors.GROUPS:
        key = f"time_flow_data.{group}."
        told = group in TOLD
        note = "the tallies have net shares only" if told else "the tallies do not have it, and it is no residual"
        for name in ("buy", "sell", "net", "avg_price"):
            meta[key + name] = FieldMeta(unit="won", reason=none, note=note)
        if told:
            about = "since the group's tally before; staff estimates, 30 to 90 minutes old"
            meta[key + "net_volume"] = FieldMeta(unit="shares", estimated=True, metric="acc.estimate_slots", note=about)
            if tally.prices.covered:
                meta[key + "intensity"] = FieldMeta(
                    unit="1-10", window=f"{REFERENCE}D", estimated=True, method="VOLUME_BASIS"
                )
            else:
                meta[key + "intensity"] = FieldMeta(reason="MISSING_INPUT", note=_NO_BARS)
        else:
            meta[key + "net_volume"] = FieldMeta(unit="shares", reason=none, note=note)
            meta[key + "intensity"] = FieldMeta(reason=none, note=note)
    if tally.prices.covered:
        meta["time_flow_data.turnover"] = FieldMeta(unit="won", method="MINUTE_BARS")
    else:
        for name in ("turnover", "price_impact.open", "price_impact.close", "price_impact.change"):
            meta[f"time_flow_data.{name}"] = FieldMeta(reason="MISSING_INPUT", note=_NO_BARS)
    meta["time_flow_data.price_impact.correlation"] = FieldMeta(
        reason="INSUFFICIENT_HISTORY", note="five slots; a correlation needs 20 bins"
    )
    return meta


_NO_BARS = "no minute_bars of the whole session are stored"


def patterns() -> Patterns:
    """Nothing of it can be told from five tallies."""
    fields = [name for name in Pattern.model_fields if name != "meta"]
    about = {name: FieldMeta(reason="NOT_AVAILABLE_FROM_SOURCE", note=_LATE) for name in fields}
    one = Pattern(**dict.fromkeys(fields), meta=about)
    return Patterns(foreign=one, institution=one, individual=one, other_corporation=one)


def trading_windows() -> TradingWindows:
    """Described for markets only."""
    fields = ("low_impact", "high_liquidity", "foreign_active")
    about = {name: FieldMeta(reason="OUT_OF_SCOPE", note="of a market; ask without stock_code") for name in fields}
    return TradingWindows(**dict.fromkeys(fields), meta=about)


def no_anomalies(tally: Tally) -> FieldMeta:
    """Why the slots of one stock are never tested: too few to give a p-value."""
    n = sum(int(np.isfinite(slots.increments(totals)[:-1]).sum()) for totals in tally.reach.values())
    note = f"{n} past slots of one stock; p-values need {slots.POOL:,} pooled z-scores"
    return FieldMeta(reason="INSUFFICIENT_HISTORY", n=n, metric="tk.robust_z", note=note)


def gaps(archive: Archive, tally: Tally) -> list[Gap]:
    """What the answer lacks."""
    found = [
        Gap(
            what="minutes of a stock by investor",
            reason="NOT_AVAILABLE_FROM_SOURCE",
            how="no source publishes them; a market's minutes: leave stock_code out",
        )
    ]
    missing = tally.until - sum(
        np.isfinite([totals[-1, at] for totals in tally.reach.values()]).any() for at in range(1, tally.until + 1)
    )
    if missing:
        found.append(
            Gap(
                what=f"{missing} of {tally.until} slots",
                reason="MISSING_INPUT",
                how=doors.how(archive, "stock_estimate"),
            )
        )
    if not tally.prices.covered:
        found.append(
            Gap(
                what="minute_bars: price and turnover by slot",
                reason="NOT_COLLECTED",
                how=doors.how(archive, "minute_bars"),
            )
        )
    return found
