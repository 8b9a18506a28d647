"""Short selling (공매도): the exchange's overheating rule, reproduced, and days to cover."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sugeup.errors import Refused
from sugeup.market import overheating
from sugeup.market.overheating import Condition, Rule
from sugeup.metrics import samples
from sugeup.metrics.dense import Floats, between, by_blocks, cells, lines, whole
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.registry import metric

VERDICTS = ("NONE", *overheating.TYPES, "EXTENDED")
COVER_SESSIONS = 20


@metric(
    "sht.overheat",
    korean="공매도 과열종목 판정",
    formula="the exchange's rule of the date. Standing: TYPE1 -10 < return ≤ -5, short share ≥ threshold and multiple "
    "≥ 6 (KOSDAQ, KONEX 5); TYPE2 return ≤ -10 and multiple ≥ 6 (5); TYPE3, KOSDAQ only, multiple ≥ 5 and 40-session "
    "share ≥ 5; TYPE4 return ≤ -3, share ≥ 30 and multiple ≥ 2; EXTENDED on a banned session with return ≤ -5, before "
    "the types; threshold = 3 * quarter_ratio, rounded to whole percent first (halves up), at most cap",
    unit="label; threshold in % of turnover",
    window="one session; 40 sessions before it and the previous quarter, full bans left out of both",
    null_rule="NEW_LISTING: traded on fewer than 20 of the 40 sessions; MISSING_INPUT: any other input is null "
    "(avg40_ratio only where the market has a TYPE3)",
    source="공매도 과열종목 지정기준, Korea Exchange; a reproduction, to be shown beside the official designation",
)
def overheat(
    market: ArrayLike,
    ret_pct: ArrayLike,
    short_ratio: ArrayLike,
    quarter_ratio: ArrayLike,
    multiple: ArrayLike,
    avg40_ratio: ArrayLike,
    days_traded_40: ArrayLike,
    banned_today: ArrayLike,
    *,
    cap: float = overheating.QUARTER_CAP,
    rule: Rule | None = None,
) -> Outcome:
    """Does the exchange bar short selling of this stock tomorrow (공매도 과열종목), and by which type?

    market: KOSPI, KOSDAQ or KONEX, else Refused, one text or as many as stocks; ret_pct: return in % against the base
    price; short_ratio, quarter_ratio, avg40_ratio: short value in % of turnover, of the stock today, of the market in
    the previous quarter, of the stock over 40 sessions; multiple: short value ÷ its mean over the 40 sessions;
    banned_today: true or 1 when short selling of it was barred today; all (...). rule: `market.overheating.on(day)`;
    None is the standing rule. Extra `threshold`.

    >>> overheat("KOSPI", -6, 16, 4.8, 7, 2, 40, False).at()
    {'value': 'TYPE1', 'threshold': 15.0}
    """
    between("cap", cap, 0, 100)
    table = rule or overheating.STANDING
    numbers = cells(
        market=_places(market),
        ret_pct=ret_pct,
        short_ratio=short_ratio,
        quarter_ratio=quarter_ratio,
        multiple=multiple,
        avg40_ratio=avg40_ratio,
        days_traded_40=days_traded_40,
        banned_today=banned_today,
    )

    def work(listed: Floats, *figures: Floats) -> Outcome:
        ret, share, quarter, multiple, mean, days, barred = figures
        threshold = np.minimum(overheating.QUARTER_TIMES * np.floor(quarter + 0.5), cap)
        asked = np.zeros(ret.shape, dtype=bool)
        value = np.zeros(ret.shape)
        for condition in reversed(table.conditions):
            applies = np.isin(listed, [overheating.MARKETS.index(name) for name in condition.markets])
            asked |= applies & (condition.mean_share is not None)
            value[applies & _holds(condition, threshold, *figures)] = VERDICTS.index(condition.type)
        if table.extension is not None:
            value[(barred > 0) & (ret <= -table.extension)] = VERDICTS.index("EXTENDED")
        needed = [listed, ret, share, quarter, multiple, days, barred]
        missing = np.isnan(needed).any(axis=0) | (asked & np.isnan(mean))
        young = days < overheating.LEAST_DAYS
        reason = codes(ret.shape, (young, Reason.NEW_LISTING), (missing, Reason.MISSING_INPUT))
        floor = np.where(young, np.nan, threshold)
        return Outcome(np.where(reason > 0, np.nan, value), reason, {"threshold": floor}, VERDICTS)

    return by_blocks(work, *numbers)


@metric(
    "sht.days_to_cover",
    korean="공매도 잔고 상환 소요일",
    formula="balance_shares ÷ mean volume of the 20 sessions up to the date of the balance",
    unit="sessions",
    window="20 sessions; sessions without trade or without a volume are left out",
    null_rule="NOT_PUBLISHED_YET: the balance is null; MISSING_INPUT: volumes were given and all are null, or the "
    "balance is negative; ZERO_DENOMINATOR: no session with trade; INSUFFICIENT_HISTORY: fewer than min_n with trade",
    source="definition; reported positions only, so it is a lower bound",
)
def days_to_cover(balance_shares: ArrayLike, volume: ArrayLike, *, min_n: int = 10) -> Outcome:
    """How many average sessions it would take to buy the short balance back (상환 소요일).

    balance_shares: (...) in shares, with the date of the balance; volume: (..., sessions) in shares up to that date,
    oldest first, of which the last 20 count.

    >>> days_to_cover(500, [100] * 20).at()
    {'value': 5.0}
    """
    least = whole("min_n", min_n, 1)
    if isinstance(volume, np.ndarray) and volume.ndim:
        volume = volume[..., -COVER_SESSIONS:]  # the sessions before are not looked at
    shape, (rows,) = lines(volume=volume)
    balance, _ = cells(balance_shares=balance_shares, volume=np.zeros(shape[:-1]))
    traded = np.broadcast_to(rows.reshape(shape), (*balance.shape, shape[-1]))[..., -COVER_SESSIONS:]

    def work(balance: Floats, traded: Floats) -> Outcome:
        present = samples.counts(np.where(traded >= 0, traded, np.nan))
        shares = np.where(traded > 0, traded, np.nan)
        n = samples.counts(shares)
        reason = codes(
            balance.shape,
            (np.isnan(balance), Reason.NOT_PUBLISHED_YET),
            (balance < 0, Reason.MISSING_INPUT),
            ((present == 0) & (traded.shape[-1] > 0), Reason.MISSING_INPUT),
            (present < least, Reason.INSUFFICIENT_HISTORY),
            (n == 0, Reason.ZERO_DENOMINATOR),
            (n < least, Reason.INSUFFICIENT_HISTORY),
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.nansum(shares, axis=-1) / n
            return Outcome(np.where(reason > 0, np.nan, balance / mean), reason)

    return by_blocks(work, balance, traded)


def _places(market: ArrayLike) -> Floats:
    """Index of each market in the exchange's list, NaN for none. Raises Refused for another name."""
    listed = np.asarray(market, dtype=object)
    places = np.full(listed.shape, np.nan)
    for place, name in enumerate(overheating.MARKETS):
        places[listed == name] = place
    unknown = {name for name in listed[np.isnan(places)].flat if name is not None}
    if unknown:
        allowed = ", ".join(overheating.MARKETS)
        raise Refused(f"market={min(unknown, key=str)!r} is not allowed; allowed: {allowed}.")
    return places


def _holds(
    condition: Condition,
    threshold: Floats,
    ret: Floats,
    share: Floats,
    quarter: Floats,
    multiple: Floats,
    mean: Floats,
    days: Floats,
    barred: Floats,
) -> NDArray[np.bool_]:
    """Where one condition is met, whatever the market; false where a figure that it asks for is null."""
    met = multiple >= condition.multiple
    if condition.fall is not None:
        met &= ret <= -condition.fall
    if condition.fall_below is not None:
        met &= ret > -condition.fall_below
    if condition.share is not None:
        met &= share >= condition.share
    if condition.mean_share is not None:
        met &= mean >= condition.mean_share
    if condition.quarter:
        met &= share >= threshold
    return np.asarray(met)
