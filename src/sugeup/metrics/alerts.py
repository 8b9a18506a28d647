"""Conditions of alerts (알림 조건): turns of a flow, and foreigners and institutions on one side (쌍끌이).

A missing input neither triggers nor clears an alert: the answer is null.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sugeup.metrics.dense import Floats, between, by_blocks, cells
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.registry import metric

FOCUS_SESSIONS = 5
FOCUSES = (
    "NONE",
    "FOREIGN_BUY",
    "FOREIGN_SELL",
    "INSTITUTION_BUY",
    "INSTITUTION_SELL",
    "DOUBLE_BUY",
    "DOUBLE_SELL",
)


@metric(
    "alr.flow_reversal",
    korean="수급 방향 전환",
    formula="true when z_now and z_prev have opposite signs and both sizes are at least cut; TO_BUY when z_now is "
    "above 0, else TO_SELL",
    unit="true or false",
    window="the last 5 sessions and the 5 before",
    null_rule="MISSING_INPUT: either z is null",
    source="definition of the rule; the z is tk.robust_z of net ÷ turnover over 5 sessions",
)
def flow_reversal(z_now: ArrayLike, z_prev: ArrayLike, *, cut: float = 1) -> Outcome:
    """Did the flow of a week turn around against the week before (수급 방향 전환)?

    z_now, z_prev: (...), robust z of Σnet ÷ Σturnover over the last 5 sessions and over the 5 before; cut from 0, else
    Refused. Extra `direction`: TO_BUY, TO_SELL, null without a turn.

    >>> flow_reversal(1.4, -1.2).at()
    {'value': True, 'direction': 'TO_BUY'}
    """
    between("cut", cut, 0, np.inf)

    def work(now: Floats, before: Floats) -> Outcome:
        reason = codes(now.shape, (np.isnan(now) | np.isnan(before), Reason.MISSING_INPUT))
        strong = (np.abs(now) >= cut) & (np.abs(before) >= cut)
        up, down = strong & (now > 0) & (before < 0), strong & (now < 0) & (before > 0)
        direction = np.where(up, "TO_BUY", np.where(down, "TO_SELL", ""))
        return Outcome(np.where(reason > 0, np.nan, up | down), reason, {"direction": direction}, (False, True))

    return by_blocks(work, *cells(z_now=z_now, z_prev=z_prev))


@metric(
    "alr.focus",
    korean="외국인·기관 집중 매매 (쌍끌이)",
    formula="a group buys when its z ≥ z_cut with net-buy days ≥ days, and sells when z ≤ -z_cut with 5 - net-buy days "
    "≥ days; DOUBLE_BUY or DOUBLE_SELL when both do the same, the single label when one acts, NONE when none does or "
    "they oppose each other",
    unit="label",
    window="5 sessions",
    null_rule="MISSING_INPUT: any input is null",
    source="definition of the rule",
)
def focus(
    foreign_z: ArrayLike,
    institution_z: ArrayLike,
    foreign_days: ArrayLike,
    institution_days: ArrayLike,
    *,
    z_cut: float = 2,
    days: int = 3,
) -> Outcome:
    """Do foreigners and institutions buy or sell unusually much, together or alone (쌍끌이 매수·매도)?

    foreign_z, institution_z: (...), robust z of the 5-session flow; foreign_days, institution_days: (...), net-buy days
    of the last 5 sessions, 0-5; z_cut above 0 and days in 0-5, else Refused.

    >>> focus(2.3, 2.1, 4, 3).at()
    {'value': 'DOUBLE_BUY'}
    """
    between("z_cut", z_cut, 0, np.inf, open_ended=True)
    for name, given in (("days", days), ("foreign_days", foreign_days), ("institution_days", institution_days)):
        between(name, given, 0, FOCUS_SESSIONS)

    def work(foreign: Floats, institution: Floats, foreign_up: Floats, institution_up: Floats) -> Outcome:
        absent = np.isnan([foreign, institution, foreign_up, institution_up]).any(axis=0)
        reason = codes(foreign.shape, (absent, Reason.MISSING_INPUT))
        sides = []
        for z, up in ((foreign, foreign_up), (institution, institution_up)):
            buys = (z >= z_cut) & (up >= days)
            sells = (z <= -z_cut) & (FOCUS_SESSIONS - up >= days)
            sides.append(buys.astype(np.int64) - sells)
        value = _FOCUS[sides[0] + 1, sides[1] + 1]
        return Outcome(np.where(reason > 0, np.nan, value), reason, {}, FOCUSES)

    named = {"foreign_z": foreign_z, "institution_z": institution_z}
    return by_blocks(work, *cells(**named, foreign_days=foreign_days, institution_days=institution_days))


_FOCUS = np.array(
    [
        [FOCUSES.index(label) for label in labels]
        for labels in (
            ("DOUBLE_SELL", "FOREIGN_SELL", "NONE"),
            ("INSTITUTION_SELL", "NONE", "INSTITUTION_BUY"),
            ("NONE", "FOREIGN_BUY", "DOUBLE_BUY"),
        )
    ]
)
"""Label by what foreigners do (rows: sell, nothing, buy) and institutions do (columns, the same)."""
