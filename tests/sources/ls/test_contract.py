"""Every endpoint keeps its promises on the vendor's examples: rows, units, keys, identities, fields more or less."""

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
from sugeup.sources.vendor import Endpoint, Page, Scope
from tests.sources.ls.answers import (
    ASKED,
    CLOSED,
    SERIES,
    Document,
    ask,
    documents,
    key,
    question,
    reply,
    rows,
    turned,
)

EVERY = pytest.mark.parametrize("endpoint", ASKED, ids=lambda one: one.name)
SEVERAL = pytest.mark.parametrize(
    "endpoint", [one for one in ASKED if one.name in SERIES and one.scope is not Scope.NONE], ids=lambda one: one.name
)
"""Endpoints of which a row takes several questions."""
READ = {"t1102_bar": 1, "t1716_holding": 1, "t1716_short": 2, "t1637_minute": 1}
"""Which description of the block an endpoint reads, where it is not the first."""
PAGED = {"t1602", "t1632"}
"""Endpoints whose rows are of several pages, and numbered anew."""
FIELDS = [
    pytest.param(endpoint, field, id=f"{endpoint.name}-{field.name}")
    for endpoint in ASKED
    for field in question(endpoint).blocks[READ.get(endpoint.name, 0)].fields
]


def parsed(endpoint: Endpoint, answers: list[Document]) -> Page:
    return turned(endpoint, answers)


def prices(endpoint: Endpoint, frame: pl.DataFrame) -> pl.DataFrame:
    """The day's lowest and highest price as the example itself tells them: the close twice where it has no more."""
    found: dict[Any, tuple[int, int]] = {}
    for row in rows(documents(endpoint)[0], question(endpoint)):
        close = int(row.get("close") or row.get("price") or 0)
        found[row.get("date")] = (int(row.get("low") or close), int(row.get("high") or close))
    listed = frame.select("code", "session").unique(maintain_order=True)
    keyed = [found.get(f"{day:%Y%m%d}", next(iter(found.values()))) for day in listed["session"].to_list()]
    return listed.with_columns(
        pl.Series("raw_low", [low for low, _ in keyed], pl.Int64),
        pl.Series("raw_high", [high for _, high in keyed], pl.Int64),
    )


def context(endpoint: Endpoint, frame: pl.DataFrame) -> Context:
    origin = origins()[endpoint.source]
    priced = endpoint.name in {"t1702", "t1637", "t1941", "t1926", "t1921"}
    bars = prices(endpoint, frame) if priced else None
    return Context(now=CLOSED, unit_won=origin.unit_won, unit_shares=origin.unit_shares, bars=bars)


@EVERY
def test_an_example_becomes_rows_of_its_dataset(endpoint: Endpoint) -> None:
    page = parsed(endpoint, documents(endpoint))
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
    numbers = parsed(endpoint, documents(endpoint)).frame[ROW]
    assert numbers.dtype == pl.Int64
    assert numbers.is_unique().all()
    assert 1 <= int(numbers.min())  # type: ignore[arg-type]


@EVERY
def test_the_checks_pass_an_example(endpoint: Endpoint) -> None:
    page = parsed(endpoint, documents(endpoint))
    checked = check(records.dataset(endpoint.dataset), page.frame, context(endpoint, page.frame))
    assert [] == checked.faults["reason"].to_list()
    assert checked.frame.height == page.frame.height


@EVERY
def test_an_empty_answer_is_no_row_and_no_next_page(endpoint: Endpoint) -> None:
    answers = documents(endpoint)
    for found in answers:
        found[key(found, question(endpoint))] = []
    page = turned(endpoint, answers, ask(endpoint, last=date(2026, 11, 20)))
    assert (0, None, 0) == (page.frame.height, page.after, page.faults.height)


@EVERY
def test_an_answer_that_says_nothing_but_success_is_empty(endpoint: Endpoint) -> None:
    page = parsed(endpoint, [{"rsp_cd": "00000"}] * 4)
    assert (0, 0) == (page.frame.height, page.faults.height)


@EVERY
def test_an_answer_with_an_unknown_block_in_place_of_its_own_is_drift(endpoint: Endpoint) -> None:
    answers = documents(endpoint)
    name = key(answers[0], question(endpoint))
    answers[0]["renamedOutBlock1"] = answers[0].pop(name)
    with pytest.raises(SchemaDrift, match="renamedoutblock1") as caught:
        parsed(endpoint, answers)
    assert caught.value.details["endpoint"] == question(endpoint).name


@EVERY
def test_more_fields_than_known_change_nothing(endpoint: Endpoint) -> None:
    answers = documents(endpoint)
    more = copy.deepcopy(answers)
    for found in more:
        for row in rows(found, question(endpoint)):
            row["newly_added"] = "1"
        found["t9999OutBlock9"] = [{"newly_added": "1"}]
    assert parsed(endpoint, answers).frame.equals(parsed(endpoint, more).frame)


@EVERY
def test_a_block_may_be_an_object_or_a_list_and_its_name_in_capitals(endpoint: Endpoint) -> None:
    single, wrapped, capitals = [], [], []
    for found in documents(endpoint):
        last = rows(found, question(endpoint))[-1]
        name = key(found, question(endpoint))
        others = {other: block for other, block in found.items() if other != name}
        single.append({**others, name: last})
        wrapped.append({**others, name: [last]})
        capitals.append({**others, name.upper(): [last]})
    first = parsed(endpoint, single).frame
    assert first.height > 0
    assert first.equals(parsed(endpoint, wrapped).frame)
    assert first.equals(parsed(endpoint, capitals).frame)


@EVERY
def test_numbers_may_come_as_padded_text(endpoint: Endpoint) -> None:
    answers = documents(endpoint)
    padded = copy.deepcopy(answers)
    for found in padded:
        for row in rows(found, question(endpoint)):
            for name, value in row.items():
                if isinstance(value, int):
                    row[name] = f"{value:013d}"
    assert parsed(endpoint, answers).frame.equals(parsed(endpoint, padded).frame)


@pytest.mark.parametrize(("endpoint", "field"), FIELDS)
def test_a_missing_field_is_drift_that_names_it(endpoint: Endpoint, field: Any) -> None:
    answers = documents(endpoint)
    for row in rows(answers[0], question(endpoint)):
        del row[field.name]
    with pytest.raises(SchemaDrift) as caught:
        parsed(endpoint, answers)
    named = {"vendor": "ls", "endpoint": question(endpoint).name, "field": field.name}
    assert named == caught.value.details


@pytest.mark.parametrize(("endpoint", "field"), FIELDS)
def test_an_empty_field_is_null_and_never_zero(endpoint: Endpoint, field: Any) -> None:
    answers = documents(endpoint)
    for found in answers:
        for row in rows(found, question(endpoint)):
            row[field.name] = " "
    page = parsed(endpoint, answers)
    summed = field.column.startswith("institution_") and endpoint.name != "t1716"
    if field.column in page.frame.columns and field.kind is Kind.INTEGER and not summed:
        assert page.frame[field.column].is_null().all()


@pytest.mark.parametrize(("endpoint", "field"), FIELDS)
def test_a_value_of_another_kind_rejects_its_row(endpoint: Endpoint, field: Any) -> None:
    if field.kind is Kind.TEXT:
        return
    answers = documents(endpoint)
    rows(answers[0], question(endpoint))[0][field.name] = "n/a"
    page = parsed(endpoint, answers)
    assert [1] == page.faults.filter(pl.col(ROW) > 0)[ROW].to_list()
    assert field.name in page.faults["reason"][0]
    assert "n/a" == page.faults["value"][0]
    if endpoint.name not in PAGED:
        assert 1 not in page.frame[ROW].to_list()


@EVERY
def test_a_page_that_does_not_lead_back_is_the_last(endpoint: Endpoint) -> None:
    answers = documents(endpoint)
    page = parsed(endpoint, answers)
    if page.after is None:
        return
    assert endpoint.build(page.after) != endpoint.build(ask(endpoint))
    assert turned(endpoint, answers, page.after).after is None


@SEVERAL
def test_a_row_that_one_of_its_answers_lacks_is_a_fault_and_no_row(endpoint: Endpoint) -> None:
    answers = documents(endpoint)
    whole = parsed(endpoint, answers)
    listed = answers[-1][key(answers[-1], question(endpoint))]
    if not isinstance(listed, list):
        return
    listed.pop()
    page = parsed(endpoint, answers)
    assert whole.frame.height - 1 == page.frame.height
    assert ["the row is in one answer and not in another to the same question"] == page.faults["reason"].to_list()


@SEVERAL
def test_the_questions_of_one_row_differ_and_are_about_the_same_days(endpoint: Endpoint) -> None:
    asked = ask(endpoint)
    seen = []
    for found in documents(endpoint):
        seen.append(dict(endpoint.build(asked).body or {}))
        following = endpoint.parse(asked, reply(found)).after
        if following is None:
            break
        asked = following
    assert len(seen) == len(documents(endpoint))
    assert all(seen.count(body) == 1 for body in seen)
    fields = [next(iter(body.values())) for body in seen]
    changing = {name for name in fields[0] if len({one[name] for one in fields}) > 1}
    assert changing <= {"volvalgb", "msmdgb", "gubun1", "gubun2", "gubun4"}
