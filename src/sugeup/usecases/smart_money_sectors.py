"""업종 점수: which sectors got unusually much of foreigners and institutions, from the panels already read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sugeup.errors import NoData
from sugeup.metrics import statistics
from sugeup.usecases import doors, sector_map, sector_sums, unusual
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.panels import Floats
from sugeup.usecases.sector_sums import WEEK, Rotations, SectorSums
from sugeup.usecases.smart_money_scene import Scene

Q, MOST = 0.10, 5


@dataclass(frozen=True, eq=False)
class SectorScores:
    """z and adjusted p of the abnormal flow of the whole market's sectors, as `get_sector_investor_flow` has them."""

    scene: Scene

    @cached_property
    def sums(self) -> SectorSums | str:
        """Sums by sector, or why there are none."""
        scene = self.scene
        if scene.memberships is None:
            return f"no sector of any stock is stored; {doors.how(scene.archive, 'sector_membership')}"
        if scene.basis != "AMOUNT":
            return "no net won of stocks are stored"
        try:
            scheme = sector_map.choose(scene.memberships, scene.session, None)
        except NoData as absent:
            return absent.message
        listed = sector_map.listed(scene.archive, scene.memberships)
        found = sector_map.load(scene.memberships, scheme, scene.days, listed)
        return sector_sums.sum_up(found, scene.flows, scene.bars, sector_sums.places(found, scene.codes))

    def scores(self, investor: str) -> tuple[Floats, Floats] | str:
        """z of five sessions and p adjusted over the sectors on the session, or why there are none."""
        if isinstance(self.sums, str):
            return self.sums
        z = Rotations(self.sums, investor).z(WEEK, unusual.POOL + 1).value
        p = unusual.pooled_p(z, 1)[:, -1]
        if np.isnan(p).all():
            return "fewer than 1,000 z of sectors are known in the 60 sessions before"
        return z[:, -1], statistics.bh_adjust(p).value

    def focus(self, draft: Draft) -> None:
        """`sector_focus`: sectors with positive z and p_adj up to 0.10, the largest z first."""
        found = self.scores("ALL")
        if isinstance(found, str):
            draft.put("sector_focus", None, window="5D", reason=_reason(found), note=found)
            return
        draft.put("sector_focus", self._named(*found)[:MOST], window="5D", n=_count(found), method="외국인+기관, BH")

    def rotation(self, draft: Draft) -> None:
        """`sector_rotation`: the sector with the largest z of institutions, if its p_adj is up to 0.10."""
        found = self.scores("INSTITUTION")
        if isinstance(found, str):
            draft.put("sector_rotation", None, window="5D", reason=_reason(found), note=found)
            return
        named = self._named(*found)
        none = None if named else f"no sector of {_count(found)} tested has a positive z with p_adj up to {Q}"
        reason = None if named else "NO_PATTERN"
        draft.put("sector_rotation", named[0] if named else None, window="5D", reason=reason, note=none)

    def _named(self, z: Floats, p_adj: Floats) -> list[str]:
        assert not isinstance(self.sums, str)
        there = [int(at) for at in np.flatnonzero((z > 0) & (p_adj <= Q))]
        return [self.sums.map.names[at] for at in sorted(there, key=lambda at: -z[at])]


def _reason(why: str) -> str:
    return "INSUFFICIENT_HISTORY" if why.startswith("fewer") else "MISSING_INPUT"


def _count(found: tuple[Floats, Floats]) -> int:
    return int(np.isfinite(found[1]).sum())
