"""신뢰도 보정: from the strength of a signal to the probability of its event, published only when it proved itself.

Accepted when at least 200 signals are decided, the walk-forward Brier skill is above 0 together with the lower bound of
its 90% interval, and the mean of the probabilities is within 0.05 of what happened. Otherwise there is no confidence,
and the reason is UNCALIBRATED. Why the interval: docs/decisions/012.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from sugeup.metrics import samples, statistics
from sugeup.research import walkforward
from sugeup.research.figures import Floats

LEAST = 200
FARTHEST = 0.05
EVENT = "sign x (stock return - index return) > 0, open of the next session to the close of the {h}th"
BINS = 10
SURE = 0.90
"""Level of the interval of the skill."""
DRAWS, SEED = 2000, 20240101
LEAST_DAYS = 20
"""Sessions with predicted signals below which blocks of them say nothing."""


@dataclass(frozen=True)
class Calibration:
    """One kind of signal. `scores`, `probabilities`: the knots of the map; read linearly, held at the ends.

    `n`: decided signals; `tried`: of them predicted before they were decided; `brier_skill`, the lower bound of its
    interval `skill_low` and `apart` (mean probability less mean outcome) are of those, None where there are none or,
    of the bound, too few sessions. `until`: the session up to which outcomes were known.
    """

    kind: str
    event: str
    horizon: int
    until: date | None
    n: int
    tried: int
    base_rate: float | None
    brier_skill: float | None
    skill_low: float | None
    apart: float | None
    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    @property
    def refused(self) -> str | None:
        """Why it is not accepted, in words; None when it is."""
        if self.n < LEAST:
            return f"{self.n:,} decided signals of this kind, needed: {LEAST}"
        if self.brier_skill is None or self.apart is None:
            return "no signal could be predicted before it was decided (walk-forward)"
        if not self.brier_skill > 0:
            return f"no skill out of sample: Brier skill {self.brier_skill:.4f}"
        if self.skill_low is None:
            return f"the skill has no interval: fewer than {LEAST_DAYS} sessions, or fitted by an older version"
        if not self.skill_low > 0:
            return f"skill may be chance: Brier skill {self.brier_skill:.4f}, lower bound {self.skill_low:.4f}"
        if abs(self.apart) > FARTHEST:
            return f"probabilities are off by {self.apart:+.3f} on average, allowed: {FARTHEST}"
        return None

    def confidence(self, strength: float | None) -> float | None:
        """Probability of the event at a strength; None without an accepted map or without a strength."""
        if self.refused is not None or strength is None or not np.isfinite(strength):
            return None
        return float(np.interp(strength, self.scores, self.probabilities))

    def knots(self) -> str:
        """The map as JSON."""
        return json.dumps([list(self.scores), list(self.probabilities)])


def fit(
    kind: str,
    score: Sequence[float | None],
    outcome: Sequence[float | None],
    told: Sequence[date],
    known: Sequence[date],
    *,
    horizon: int = 5,
) -> Calibration:
    """The calibration of one kind from its decided signals, in any order; those without score or outcome are left out.

    outcome: 1 where the event happened, 0 where not; told, known: session of the signal, and of its last return.
    """
    raw, happened = (np.array([np.nan if one is None else one for one in part]) for part in (score, outcome))
    usable = np.flatnonzero(np.isfinite(raw) & np.isfinite(happened))
    order = usable[np.argsort(np.array(told, dtype="datetime64[D]")[usable], kind="stable")]
    raw, happened = raw[order], happened[order]
    days, decided = [told[at] for at in order], [known[at] for at in order]
    about: dict[str, Any] = {"kind": kind, "event": EVENT.format(h=horizon), "horizon": horizon, "n": len(order)}
    if not len(order):
        return Calibration(**about, until=None, tried=0, base_rate=None, brier_skill=None, skill_low=None,
                           apart=None, scores=(), probabilities=())  # fmt: skip
    said = walkforward.predictions(raw, happened, days, decided, least=LEAST)
    tried = np.isfinite(said)
    skill = low = apart = None
    if tried.any():
        cell = statistics.brier(said[tried], happened[tried]).at()
        low = lower_bound(said[tried], happened[tried], [days[at] for at in np.flatnonzero(tried)], horizon)
        skill, apart = cell["skill"], float(said[tried].mean() - happened[tried].mean())
    at, probability = samples.rising_fit(raw, happened)
    return Calibration(
        **about,
        until=max(decided),
        tried=int(tried.sum()),
        base_rate=float(happened.mean()),
        brier_skill=skill,
        skill_low=low,
        apart=apart,
        scores=tuple(float(part) for part in at),
        probabilities=tuple(float(part) for part in probability),
    )


def lower_bound(said: Floats, happened: Floats, days: Sequence[date], horizon: int) -> float | None:
    """Lower bound of the 90% interval of the Brier skill; None below 20 sessions.

    Resampled are blocks of neighbouring sessions with all their signals, because outcomes of one session move together
    and those of neighbouring sessions overlap: blocks are as long as the horizon, and ⌈n^⅓⌉ of n sessions at least.
    A resample in which everything or nothing happened has no skill. Künsch 1989; Politis & Romano 1992.
    """
    place = np.unique(np.array(days, dtype="datetime64[D]"), return_inverse=True)[1]
    count = int(place.max(initial=-1)) + 1
    if count < LEAST_DAYS:
        return None
    block = min(count, max(horizon, samples.cube_root_up(count)))
    told, lost, won = (
        samples.circular_means(np.bincount(place, part, count).astype(np.float64), block, DRAWS, SEED)
        for part in (np.ones(len(said)), (said - happened) ** 2, happened)
    )
    rate = won / told
    reference = rate * (1 - rate)
    with np.errstate(invalid="ignore", divide="ignore"):
        skill = np.where(reference > 0, 1 - lost / told / reference, 0.0)
    return float(np.quantile(skill, (1 - SURE) / 2))


def row(one: Calibration) -> dict[str, Any]:
    """A row of the dataset `calibrations`, without its provenance."""
    return {
        "kind": one.kind,
        "session": one.until,
        "event": one.event,
        "horizon": one.horizon,
        "n_calibration": one.n,
        "n_tried": one.tried,
        "base_rate": one.base_rate,
        "brier_skill": one.brier_skill,
        "skill_low": one.skill_low,
        "apart": one.apart,
        "accepted": one.refused is None,
        "knots": one.knots(),
    }


def of_row(found: Mapping[str, Any]) -> Calibration:
    """The calibration that a row holds."""
    scores, probabilities = json.loads(found["knots"])
    return Calibration(
        found["kind"],
        found["event"],
        found["horizon"],
        found["session"],
        found["n_calibration"],
        found["n_tried"],
        found["base_rate"],
        found["brier_skill"],
        found["skill_low"],
        found["apart"],
        tuple(scores),
        tuple(probabilities),
    )


def reliability(said: Floats, happened: Floats) -> list[dict[str, float | int]]:
    """Ten bins of equal width: mean probability, share that happened with its interval, how many."""
    found: list[dict[str, float | int]] = []
    place = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    for at in np.unique(place):
        inside = place == at
        cell = statistics.wilson_interval(int(happened[inside].sum()), int(inside.sum())).at()
        found.append({"mean": float(said[inside].mean()), "n": int(inside.sum())} | cell)
    return found
