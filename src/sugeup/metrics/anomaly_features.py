"""Features of an anomaly model (이상 탐지 특성): one row per stock and session, from what was known at that session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sugeup.metrics import samples
from sugeup.metrics.dense import Floats, lines, newest
from sugeup.metrics.flow import alignment
from sugeup.metrics.outcome import Outcome
from sugeup.metrics.statistics import robust_z
from sugeup.metrics.windows import cut_windows, over_windows

REFERENCE = 60  # sessions before the one described
FEATURES = (
    "foreign_z", "institution_z", "individual_z", "turnover_z", "smart_z", "abs_return_z", "close_share_z",
    "flow_change", "alignment", "program_share", "short_share",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Features:
    """`values` (stocks, sessions, features) in the order of `names`; NaN where a figure or its past is missing.

    A row with any NaN cannot be scored.
    """

    names: tuple[str, ...]
    values: Floats

    def rows(self, sessions: slice = slice(None)) -> Floats:
        """(stocks * sessions, features): the complete rows of some sessions, stock after stock."""
        flat = self.values[:, sessions].reshape(-1, len(self.names))
        return flat[np.isfinite(flat).all(axis=-1)]


def features(
    foreign: ArrayLike,
    institution: ArrayLike,
    individual: ArrayLike,
    turnover: ArrayLike,
    *,
    excess_ret: ArrayLike | None = None,
    close_share: ArrayLike | None = None,
    program: ArrayLike | None = None,
    short_value: ArrayLike | None = None,
    last: int | None = None,
) -> Features:
    """What an anomaly model looks at (이상 탐지 특성), in the order of `FEATURES`.

    foreign, institution, individual: (stocks, sessions), net purchases in KRW; turnover: same, one-sided, in KRW.
    excess_ret: return less index return, decimal; close_share: share of the last 30 minutes in the day's turnover, 0-1;
    program: programme purchases + sales in KRW; short_value: short sales in KRW, as known at the session. A panel that
    is None takes its feature out of the list; a missing cell takes the row out of scoring. last: so many sessions, the
    newest; None: all.

    `…_z`: `tk.robust_z` against the 60 sessions before, of net ÷ turnover, log turnover, (foreign + institution) ÷
    turnover, size of the excess return, closing share. flow_change: (foreign + institution) ÷ turnover less that of the
    session before. alignment: `flow.alignment`. program_share: program ÷ (2 * turnover). short_share: short_value ÷
    turnover. Sessions without trade have none of them and count in no past.
    """
    kept = newest(last)
    given = {"foreign": foreign, "institution": institution, "individual": individual, "turnover": turnover}
    optional = {
        "excess_ret": excess_ret, "close_share": close_share, "program": program, "short_value": short_value,
    }  # fmt: skip
    _, rows = lines(**given, **{name: panel for name, panel in optional.items() if panel is not None})
    panels = dict(zip([*given, *(name for name, panel in optional.items() if panel is not None)], rows, strict=True))
    traded = np.where(panels["turnover"] > 0, panels["turnover"], np.nan)
    sessions = traded.shape[-1] if kept is None else min(kept, traded.shape[-1])
    smart = (panels["foreign"] + panels["institution"]) / traded
    before = np.full(smart.shape, np.nan)
    before[:, 1:] = smart[:, :-1]
    columns = {
        "foreign_z": _unusual(panels["foreign"] / traded, sessions),
        "institution_z": _unusual(panels["institution"] / traded, sessions),
        "individual_z": _unusual(panels["individual"] / traded, sessions),
        "turnover_z": _unusual(np.log(traded), sessions),
        "smart_z": _unusual(smart, sessions),
    }
    if "excess_ret" in panels:
        columns["abs_return_z"] = _unusual(np.where(np.isnan(traded), np.nan, np.abs(panels["excess_ret"])), sessions)
    if "close_share" in panels:
        columns["close_share_z"] = _unusual(np.where(np.isnan(traded), np.nan, panels["close_share"]), sessions)
    columns["flow_change"] = smart - before
    columns["alignment"] = np.where(np.isnan(traded), np.nan, alignment(panels["foreign"], panels["institution"]).value)
    if "program" in panels:
        columns["program_share"] = panels["program"] / (2 * traded)
    if "short_value" in panels:
        columns["short_share"] = panels["short_value"] / traded
    newest_ones = [column[:, column.shape[-1] - sessions :] for column in columns.values()]
    return Features(tuple(columns), np.stack(newest_ones, axis=-1))


def volume_spike(turnover: ArrayLike, *, last: int | None = None) -> Floats:
    """Turnover ÷ its median over the 60 sessions before, traded ones only (거래대금 배율); (stocks, sessions).

    NaN where the stock did not trade, or did on fewer than 20 of the sessions before.
    """
    kept = newest(last)
    _, (rows,) = lines(turnover=turnover)
    traded = np.where(rows > 0, rows, np.nan)
    sessions = traded.shape[-1] if kept is None else min(kept, traded.shape[-1])
    past = cut_windows(traded, REFERENCE + 1, sessions)[..., :-1]
    usual = np.where(samples.counts(past) >= 20, samples.median(past), np.nan)
    return np.asarray(traded[:, traded.shape[-1] - sessions :] / usual)


def _unusual(rows: Floats, last: int) -> Floats:
    """Robust z of each of the last sessions against the sessions before it."""

    def work(window: Floats) -> Outcome:
        return robust_z(window[:, -1], window[:, :-1])

    return over_windows(work, REFERENCE + 1, last, rows).value if rows.size else np.full((len(rows), last), np.nan)
