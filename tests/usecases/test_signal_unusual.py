"""이상 수급 of a stored market: the evening tells what the research on all sessions says of it, with its test."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sugeup.faces import evaluating_market
from sugeup.research.unusual import unusual
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from sugeup.usecases import signal_unusual, smart_money_scene
from sugeup.usecases.signal_kinds import KOREAN
from sugeup.usecases.signal_rows import frame
from tests.support.simulated import fill, open_simulated

PLAN = Plan(seed=11, stocks=150, sessions=240, events=3, event_count=2)
LATE = 150
"""Sessions after which the year has figures enough to judge by, whichever stocks of the evening are left out."""


@pytest.mark.slow
def test_the_evening_tells_what_research_finds_on_its_session(tmp_path: Path) -> None:
    market = SimulatedMarket(PLAN)
    seen = evaluating_market.read(market)
    found = unusual(seen)
    at = LATE + int(np.argmax(sum(one.fired[:, LATE:].sum(axis=0) for one in found)))
    expected = {(one.kind, one.direction, seen.codes[row]) for one in found for row in np.flatnonzero(one.fired[:, at])}
    assert expected
    archive = open_simulated(tmp_path / "lake", market.sessions[-1])
    fill(archive, market, ("daily_bars", "investor_day_stock", "index_day", "instruments"))
    scene = smart_money_scene.load(archive, "ALL", market.sessions[at])
    families = signal_unusual.found(scene, provisional=False)
    rows = frame(families, market.sessions[at], archive.clock.now())
    assert expected == set(rows.select("kind", "direction", "code").iter_rows())
    assert [
        ("FOREIGN_UNUSUAL_BUYING", "FOREIGN_UNUSUAL_SELLING"),
        ("INSTITUTION_UNUSUAL_BUYING", "INSTITUTION_UNUSUAL_SELLING"),
    ] == [family.kinds for family in families]
    for row in rows.iter_rows(named=True):
        assert 0 <= row["p"] < 1e-3 and row["p_adj"] <= 0.10 and 99.9 < row["strength"] <= 100
        assert "smt.unusual_flow" == row["metric"] and 100 < row["n_tested"] <= 150
        evidence = json.loads(row["evidence"])
        assert evidence["window"] in (3, 5, 10, 15) and 250 == evidence["tested_together"]
        assert row["z"] > 3 if row["direction"] == "BUY" else row["z"] < -3
        assert KOREAN[row["kind"]].startswith(("외국인", "기관"))
