"""With the exchange alone, its interface and its pages for members, sectors are collected and answered."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from typing import Any

import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.jobs.daily import UNSORTED
from sugeup.market import sector_names
from sugeup.sandbox.plan import Plan
from tests.support.required import unavailable
from tests.support.sandboxes import market
from tests.support.several import Several, filling, serving

pytestmark = pytest.mark.torture

PLAN = Plan(seed=2026, stocks=24, first=date(2025, 3, 4), sessions=44)
EVENING = market(PLAN).sessions[40]
DOORS = {"exchange": ("krx", "krx_login"), "pages": ("krx_login",), "broker": ("kis",)}
Notes = dict[str, str | None]


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Archive, Notes]]]:
    """Two lakes after three sessions, an evening and its morning, what the evening said; the broker's with lists."""
    if importlib.util.find_spec("pykrx") is None:
        unavailable("pykrx is not installed")
    with ExitStack() as stack:
        address, sandbox = stack.enter_context(serving(market(PLAN)))
        found = {}
        for name, doors in DOORS.items():
            lake = stack.enter_context(filling(tmp_path_factory.mktemp(name), address, sandbox, *doors))
            found[name] = (lake.archive, _evening(lake))
        yield found


def _evening(lake: Several) -> Notes:
    lake.at(market(PLAN).sessions[39], 19)
    assert lake.run("universe").error is None
    if tuple(lake.names) == DOORS["broker"]:
        return {}
    assert lake.run("backfill", sessions=3).error is None
    lake.at(EVENING, 19)
    outcome = lake.run("daily")
    assert outcome.error is None
    lake.at(market(PLAN).sessions[41], 8, 10)
    assert lake.run("confirm").error is None
    return {step.step: step.note for step in outcome.steps}


def members(archive: Archive) -> dict[str, set[tuple[str, str]]]:
    held = archive.read("sector_membership").filter(pl.col("valid_to").is_null())
    return {str(scheme): set(rows.select("code", "sector").rows()) for (scheme,), rows in held.group_by("scheme")}


def asked(archive: Archive, case: str, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = payload.plain(registry.bind(registry.usecases()[case], archive)(**given))
    return found


@pytest.mark.parametrize("name", ["exchange", "pages"])
def test_the_exchange_tells_of_every_stock_what_the_broker_tells(
    name: str, lakes: dict[str, tuple[Archive, Notes]]
) -> None:
    broker, mine = members(lakes["broker"][0]), members(lakes[name][0])
    assert {"KRX_INDUSTRY", "INDEX"} == set(broker) == set(mine)
    numbered = {one for one in broker["KRX_INDUSTRY"] if sector_names.industry(one[1]) is not None}
    assert numbered == mine["KRX_INDUSTRY"] and len(numbered) > 20
    assert broker["INDEX"] == mine["INDEX"]


def test_levels_of_industries_come_from_the_interface_of_the_exchange(
    lakes: dict[str, tuple[Archive, Notes]],
) -> None:
    archive, said = lakes["exchange"]
    sectors = {sector for _, sector in members(archive)["KRX_INDUSTRY"]}
    held = archive.read("index_day")
    assert {"KOSPI", "KOSDAQ", "KOSPI200", *sectors} == {*held["index_code"]}
    assert EVENING == held["session"].max()
    assert UNSORTED not in {*said.values()}
    flows = archive.read("investor_day_market")
    assert {"KOSPI", "KOSDAQ"} == {*flows["market"]}


@pytest.mark.parametrize("name", ["exchange", "pages"])
def test_flows_of_a_sector_are_the_sum_of_its_stocks(name: str, lakes: dict[str, tuple[Archive, Notes]]) -> None:
    archive = lakes[name][0]
    of = dict(members(archive)["KRX_INDUSTRY"])
    answer = asked(archive, "get_sector_investor_flow", period="1D", top_n=60)
    told = {one["sector_code"]: one for one in answer["sector_flows"]}
    assert {*of.values()} == {*told}
    rows = archive.read("investor_day_stock", start=answer_day(answer), end=answer_day(answer))
    for sector, one in told.items():
        mine = rows.filter(pl.col("code").is_in([code for code in of if of[code] == sector]))
        for group in ("foreign", "institution"):
            sums = [int(mine[f"{group}_{side}_amount"].sum()) for side in ("net", "buy", "sell")]
            assert sums == [one[group][f"{side}_amount"] for side in ("net", "buy", "sell")], (sector, group)
    listed = asked(archive, "list_sectors")["sectors"]
    assert {*of.values()} == {one["sector_code"] for one in listed}


def answer_day(answer: dict[str, Any]) -> date:
    return date.fromisoformat(answer["as_of"][:10])
