"""Planted events are where the labels say, as strong as they say, and never two on one stock within sixty sessions."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.sandbox import templates
from sugeup.sandbox.events import APART, LABELS, balanced
from sugeup.sandbox.leaves import SD_FOREIGN, SD_INDIVIDUAL, SD_INSTITUTION
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.measures import net_of_group
from sugeup.sandbox.plan import Plan

PLAN = Plan(seed=4, stocks=400, sessions=170, events=1.0, event_count=6)


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return SimulatedMarket(PLAN)


@pytest.fixture(scope="module")
def quiet() -> SimulatedMarket:
    """The same market without anything planted."""
    return SimulatedMarket(Plan(seed=PLAN.seed, stocks=PLAN.stocks, sessions=PLAN.sessions))


def of_kind(market: SimulatedMarket, kind: str) -> list[dict[str, object]]:
    return market.labels.filter((pl.col("kind") == kind) & ~pl.col("decoy")).to_dicts()


def places(market: SimulatedMarket, label: dict[str, object]) -> tuple[slice, list[int]]:
    first, last = (market.sessions.index(label[name]) for name in ("first", "last"))
    return slice(first, last + 1), [market.codes.index(code) for code in label["codes"]]


def added(market: SimulatedMarket, quiet: SimulatedMarket, label: dict[str, object], series: str) -> np.ndarray:
    """What the event added by session, in amplitudes, as a mean over its stocks."""
    rows, stocks = places(market, label)
    found = []
    for at in stocks:
        with_, without = (_series(one, series)[:, at] for one in (market, quiet))
        noise = without[quiet.traded[:, at]].std()
        found.append((with_[rows] - without[rows]) / noise / label["amplitude"])
    return np.mean(found, axis=0)


def _series(market: SimulatedMarket, series: str) -> np.ndarray:
    if series == "return":
        return np.log(np.maximum(market.priced.close, 1) / np.maximum(market.priced.base, 1))
    return net_of_group(market, series, "volume") / np.maximum(market.priced.volume, 1)


def test_a_plan_without_events_has_no_labels_and_the_columns_of_labels() -> None:
    assert dict(LABELS) == dict(SimulatedMarket(Plan(stocks=20, sessions=10)).labels.schema)
    assert SimulatedMarket(Plan(stocks=20, sessions=10)).labels.is_empty()


def test_every_kind_is_planted_and_about_as_many_decoys(market: SimulatedMarket) -> None:
    counts = dict(market.labels.filter(~pl.col("decoy"))["kind"].value_counts().iter_rows())
    assert set(templates.KINDS) == set(counts)
    assert all(6 == counts[one.kind] for one in templates.SINGLE)
    decoys = market.labels.filter("decoy")
    assert {"random_sign", "near_miss", "index_rebalance", "market_shock", "halt_inside", "own_noise"} <= set(
        decoys["kind"]
    )
    assert 0.7 < len(decoys) / sum(counts.values()) < 1.4


def test_no_stock_has_two_events_within_sixty_sessions(market: SimulatedMarket) -> None:
    spans: dict[str, list[tuple[int, int]]] = {}
    for label in market.labels.to_dicts():
        rows, _ = places(market, label)
        for code in label["codes"]:
            spans.setdefault(code, []).append((rows.start, rows.stop))
    pairs = [pair for several in spans.values() for pair in combinations(sorted(several), 2)]
    assert all(later[0] - earlier[1] >= APART for earlier, later in pairs)


def test_labels_are_numbered_and_lie_inside_the_plan(market: SimulatedMarket) -> None:
    labels = market.labels
    assert labels["event_id"].is_unique().all()
    assert labels.select((pl.col("first") <= pl.col("last")).all()).item()
    assert labels.select(pl.col("first", "last").is_in(list(market.sessions)).all()).row(0) == (True, True)
    assert {1.0} == set(labels["strength"])
    for label in labels.filter(pl.col("amplitude") != 0).to_dicts():
        text = json.loads(label["template"])
        rows, _ = places(market, label)
        assert rows.stop - rows.start == len(text["days"])
        assert {len(text["series"])} == {len(day) for day in text["days"]}


@pytest.mark.parametrize(
    ("kind", "series", "expected"),
    [
        ("accumulation", "foreign", 1.0),
        ("accumulation", "individual", -0.8),
        ("accumulation_inst", "institution", 1.0),
        ("distribution", "institution", -1.0),
        ("foreign_surge", "foreign", 0.65),
        ("block_trade", "other_corporation", -1.0),
        ("pump_and_dump", "return", 0.17),
        ("sector_rotation", "foreign", 0.7),
        ("sector_rotation", "return", 0.5),
    ],
)
def test_a_template_arrives_at_about_its_amplitude(
    market: SimulatedMarket, quiet: SimulatedMarket, kind: str, series: str, expected: float
) -> None:
    found = [added(market, quiet, label, series).mean() for label in of_kind(market, kind)]
    assert float(np.median(found)) == pytest.approx(expected, abs=0.35 * abs(expected) + 0.03)


def test_money_that_leaves_one_industry_enters_another(market: SimulatedMarket) -> None:
    rotations = of_kind(market, "sector_rotation")
    assert 0 == len(rotations) % 2
    for inflow, outflow in zip(rotations[::2], rotations[1::2], strict=True):
        assert (inflow["first"], inflow["amplitude"]) == (outflow["first"], -outflow["amplitude"])
        sectors = [{int(market.stocks.sector[at]) for at in places(market, one)[1]} for one in (inflow, outflow)]
        assert (1, 1) == (len(sectors[0]), len(sectors[1]))
        assert sectors[0] != sectors[1]


def test_window_dressing_ends_a_quarter(market: SimulatedMarket) -> None:
    for label in of_kind(market, "window_dressing"):
        rows, _ = places(market, label)
        third, fourth = market.sessions[rows.start + 2], market.sessions[rows.start + 3]
        assert third.month in (3, 6, 9, 12)
        assert third.month != fourth.month


def test_planted_overheating_meets_the_rule_and_near_misses_do_not(market: SimulatedMarket) -> None:
    marked = set(
        market.rows("designations", market.sessions[0], market.sessions[-1])
        .filter(pl.col("kind") == "SHORT_OVERHEAT")
        .select("code", "session")
        .iter_rows()
    )
    for kind, meets in (("short_overheating", True), ("near_miss", False)):
        for label in market.labels.filter(pl.col("kind") == kind).to_dicts():
            after = places(market, label)[0].stop
            if after < len(market.sessions):
                assert meets == ((label["codes"][0], market.sessions[after]) in marked), label


def test_a_squeeze_drains_the_balance_of_short_positions(market: SimulatedMarket, quiet: SimulatedMarket) -> None:
    for label in of_kind(market, "short_squeeze"):
        rows, (at,) = places(market, label)
        with_, without = (one.followed.short_balance[rows.stop - 1, at] for one in (market, quiet))
        assert with_ < 0.8 * without


def test_stocks_without_an_event_trade_as_if_nothing_was_planted(
    market: SimulatedMarket, quiet: SimulatedMarket
) -> None:
    shocked = market.labels.filter(pl.col("kind") == "market_shock")["first"].to_list()
    first = market.sessions.index(min(shocked))
    untouched = market.planted.untouched
    assert untouched.sum() > 50
    for series in ("close", "volume"):
        before = (getattr(one.priced, series)[:first, untouched] for one in (market, quiet))
        assert np.array_equal(*before)


@given(
    st.fixed_dictionaries(
        {"individual": st.floats(-2, 2)}, optional={"foreign": st.floats(-2, 2), "institution": st.floats(-2, 2)}
    )
)
@settings(max_examples=50)
def test_the_counterpart_of_a_template_leaves_to_individuals_what_it_says(row: dict[str, float]) -> None:
    found = balanced(row)
    assert "individual" not in found
    if not {"foreign", "institution"} <= set(row):
        taken = found.get("foreign", 0.0) * SD_FOREIGN + found.get("institution", 0.0) * SD_INSTITUTION
        assert -taken == pytest.approx(row["individual"] * SD_INDIVIDUAL, abs=1e-9)


def test_strength_scales_the_amplitude() -> None:
    weak, strong = (SimulatedMarket(Plan(stocks=100, sessions=80, events=one)).labels for one in (0.5, 2.0))
    both = weak.join(strong, on="event_id", suffix="_strong").filter(pl.col("amplitude") != 0, ~pl.col("decoy"))
    assert 0 < len(both)
    assert both.select((pl.col("amplitude_strong") / pl.col("amplitude")).unique().round(9)).to_series().to_list() == [
        4.0
    ]
