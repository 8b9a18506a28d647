"""Every endpoint keeps its promises on a recorded answer: rows, units, keys, identities, missing and extra fields."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import polars as pl
import pytest

from sugeup import records
from sugeup.errors import SchemaDrift
from sugeup.records import Kind
from sugeup.sources import origins
from sugeup.sources.checks import Context, check
from sugeup.sources.files.layout import ROW
from sugeup.sources.kis.vendor import ROUTES
from sugeup.sources.vendor import Endpoint, Page
from tests.sources.kis.answers import ASKED, CLOSED, MOMENTS, Document, ask, document, key, recorded, reply, rows

EVERY = pytest.mark.parametrize("endpoint", ASKED, ids=lambda one: one.name)
OTHER_BLOCKS = {
    ("inquire_investor_time_by_market", 1),
    ("inquire_investor_time_by_market_close", 1),
    ("inquire_index_category_price", 1),
}
"""Blocks that the usual scope does not read: derivatives, names of sectors."""
FIELDS = [
    pytest.param(endpoint, number, field, id=f"{endpoint.name}-{field.name}")
    for endpoint in ASKED
    for number, block in enumerate(ROUTES[endpoint.name].blocks)
    for field in block.fields
    if (endpoint.name, number) not in OTHER_BLOCKS
]
CUT = {"inquire_time_itemchartprice": 1, "inquire_time_dailychartprice": 2}
"""Minutes of a recording that the row before is missing of: their turnover is the sum of what was cut out."""


def parsed(endpoint: Endpoint, found: Document) -> Page:
    return endpoint.parse(ask(endpoint), reply(found, MOMENTS.get(endpoint.name, CLOSED)))


def prices(endpoint: Endpoint, frame: pl.DataFrame) -> pl.DataFrame:
    """The day's lowest and highest price as the recording itself tells them; the close twice where it has no more."""
    found: dict[Any, tuple[int, int]] = {}
    for row in rows(document(endpoint), ROUTES[endpoint.name]):
        day = str(row.get("stck_bsop_date") or row.get("deal_date") or row.get("bsop_date") or "")
        close = float(row.get("stck_clpr") or row.get("stck_prpr") or 0)
        found[day] = (int(float(row.get("stck_lwpr") or close)), int(float(row.get("stck_hgpr") or close)))
    listed = frame.select("code", "session").unique(maintain_order=True)
    keyed = [found.get(f"{day:%Y%m%d}", next(iter(found.values()))) for day in listed["session"].to_list()]
    return listed.with_columns(
        pl.Series("raw_low", [low for low, _ in keyed], pl.Int64),
        pl.Series("raw_high", [high for _, high in keyed], pl.Int64),
    )


def context(endpoint: Endpoint, frame: pl.DataFrame) -> Context:
    origin = origins()[endpoint.source]
    priced = endpoint.dataset in {
        "investor_day_stock",
        "program_day_stock",
        "program_minute_stock",
        "lending",
        "credit",
    }
    bars = prices(endpoint, frame) if priced else None
    return Context(now=CLOSED, unit_won=origin.unit_won, unit_shares=origin.unit_shares, bars=bars)


@EVERY
def test_a_recorded_answer_becomes_rows_of_its_dataset(endpoint: Endpoint) -> None:
    page = parsed(endpoint, document(endpoint))
    dataset = records.dataset(endpoint.dataset)
    assert page.frame.height > 0
    assert page.faults.is_empty()
    assert set(page.frame.columns) - {ROW} <= set(dataset.frame_schema)
    assert dataset.conform(page.frame).height == page.frame.height
    required = [column.name for column in dataset.columns if column.required]
    assert page.frame.select(pl.col(required).is_null().any()).row(0) == (False,) * len(required)
    assert {endpoint.source} == set(page.frame["source"])
    assert endpoint.source in origins()
    assert not page.frame.select(pl.struct(dataset.full_key).is_duplicated().any()).item()


@EVERY
def test_rows_are_numbered_for_the_checks(endpoint: Endpoint) -> None:
    numbers = parsed(endpoint, document(endpoint)).frame[ROW]
    assert numbers.dtype == pl.Int64
    assert numbers.is_unique().all()
    assert 1 <= int(numbers.min())  # type: ignore[arg-type]


@EVERY
def test_the_checks_pass_a_recorded_answer(endpoint: Endpoint) -> None:
    page = parsed(endpoint, document(endpoint))
    checked = check(records.dataset(endpoint.dataset), page.frame, context(endpoint, page.frame))
    assert CUT.get(endpoint.name, 0) == checked.faults.height
    assert all("a wrong unit" in reason for reason in checked.faults["reason"])
    assert checked.frame.height == page.frame.height - checked.faults.height


@EVERY
def test_figures_in_another_unit_are_noticed(endpoint: Endpoint) -> None:
    page = parsed(endpoint, document(endpoint))
    against = context(endpoint, page.frame)
    if against.bars is None:
        return
    spoiled = page.frame.with_columns(pl.col("^.*_amount$") // 1_000_000)
    checked = check(records.dataset(endpoint.dataset), spoiled, against)
    assert checked.faults.height > 0


@EVERY
def test_an_empty_answer_is_no_row_and_no_next_page(endpoint: Endpoint) -> None:
    found = document(endpoint)
    route = ROUTES[endpoint.name]
    found[key(found, route)] = []
    page = endpoint.parse(ask(endpoint, last=date(2026, 11, 20)), reply(found))
    assert (0, None, 0) == (page.frame.height, page.after, page.faults.height)


@EVERY
def test_an_answer_without_its_block_is_drift(endpoint: Endpoint) -> None:
    found = document(endpoint)
    del found[key(found, ROUTES[endpoint.name])]
    with pytest.raises(SchemaDrift, match=ROUTES[endpoint.name].name):
        parsed(endpoint, found)


@EVERY
def test_more_fields_than_known_change_nothing(endpoint: Endpoint) -> None:
    found = document(endpoint)
    more = copy.deepcopy(found)
    for number in range(len(ROUTES[endpoint.name].blocks)):
        for row in rows(more, ROUTES[endpoint.name], number):
            row["newly_added"] = "1"
    more["output9"] = [{"newly_added": "1"}]
    assert parsed(endpoint, found).frame.equals(parsed(endpoint, more).frame)


@EVERY
def test_a_block_may_be_an_object_or_a_list_and_its_name_in_capitals(endpoint: Endpoint) -> None:
    found = document(endpoint)
    route = ROUTES[endpoint.name]
    listed = rows(found, route)
    name = key(found, route)
    single = {**found, name: listed[-1]}
    wrapped = {**found, name: [listed[-1]]}
    capitals = {name.upper(): [listed[-1]], **{other: block for other, block in found.items() if other != name}}
    first = parsed(endpoint, single).frame
    assert first.height > 0
    assert first.equals(parsed(endpoint, wrapped).frame)
    assert first.equals(parsed(endpoint, capitals).frame)


@pytest.mark.parametrize(("endpoint", "number", "field"), FIELDS)
def test_a_missing_field_is_drift_that_names_it(endpoint: Endpoint, number: int, field: Any) -> None:
    found = document(endpoint)
    for row in rows(found, ROUTES[endpoint.name], number):
        del row[field.name]
    with pytest.raises(SchemaDrift) as caught:
        parsed(endpoint, found)
    named = {"vendor": "kis", "endpoint": ROUTES[endpoint.name].name, "field": field.name}
    assert named == caught.value.details


@pytest.mark.parametrize(("endpoint", "number", "field"), FIELDS)
def test_an_empty_field_is_null_and_never_zero(endpoint: Endpoint, number: int, field: Any) -> None:
    found = document(endpoint)
    for row in rows(found, ROUTES[endpoint.name], number):
        row[field.name] = " "
    page = parsed(endpoint, found)
    summed = field.column.startswith("institution_") and endpoint.name != "inquire_investor"
    if field.column in page.frame.columns and field.kind is Kind.INTEGER and not summed:
        assert page.frame[field.column].is_null().all()


@pytest.mark.parametrize(("endpoint", "number", "field"), FIELDS)
def test_a_value_of_another_kind_rejects_its_row(endpoint: Endpoint, number: int, field: Any) -> None:
    if field.kind in {Kind.TEXT} or number:
        return
    found = document(endpoint)
    rows(found, ROUTES[endpoint.name], number)[0][field.name] = "n/a"
    page = parsed(endpoint, found)
    assert [1] == page.faults[ROW].to_list()
    assert field.name in page.faults["reason"][0]
    assert ["n/a"] == page.faults["value"].to_list()


@EVERY
def test_a_page_that_does_not_lead_back_is_the_last(endpoint: Endpoint) -> None:
    found = document(endpoint)
    first = parsed(endpoint, found)
    if first.after is None:
        return
    assert first.after.cursor < "20261124"
    assert endpoint.build(first.after) != endpoint.build(ask(endpoint))
    assert endpoint.parse(first.after, reply(found)).after is None


def test_recordings_cut_by_their_source_are_told_apart() -> None:
    route = ROUTES["investor_trade_by_stock_daily"]
    cut = recorded("investor_trade_by_stock_daily.trimmed_20260814")
    read = {field.name for field in route.blocks[0].fields}
    lacking = read - set(cut["output2"][0])
    assert (84, 17) == (len(read) - 1, len(read - lacking) - 1)
    endpoint = next(one for one in ASKED if one.name == "investor_trade_by_stock_daily")
    cut["output2"][0].update(dict.fromkeys(lacking, ""))
    row = parsed(endpoint, cut).frame.row(0, named=True)
    assert (4913432, 1336152000000, None) == (
        row["foreign_net_volume"],
        row["foreign_net_amount"],
        row["individual_buy_amount"],
    )
    assert -1830920 == row["institution_net_volume"]
