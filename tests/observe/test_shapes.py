"""An answer is held against the specification of its vendor: what is missing, new or of another type is named."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from sugeup.observe import shapes, units
from sugeup.observe.units import Misfit
from sugeup.sources.vendor import Request
from sugeup.specifications import specification

FACTS = {
    "envelope": ["rt_cd", "msg1"],
    "blocks": [
        {"key": "output1", "shape": "object", "fields": {"name": "text", "close": "won"}},
        {"key": "output2", "shape": "list", "fields": {"day": "date", "at": "time", "volume": "shares", "note": ""}},
    ],
}
ROW = {"day": "20250602", "at": "090000", "volume": "1234", "note": "x"}
SOUND = {"rt_cd": "0", "msg1": "", "output1": {"name": "가", "close": "100"}, "output2": [ROW, ROW]}


def found(body: Any, facts: Any = FACTS) -> list[tuple[str, str, str]]:
    changes = shapes.changes(facts, json.dumps(body).encode())
    assert changes is not None
    assert all(one.said for one in changes)
    return [(one.kind, one.block, one.field) for one in changes]


def with_row(**changed: Any) -> dict[str, Any]:
    return SOUND | {"output2": [{**ROW, **changed}] * 3}


def test_a_sound_answer_has_no_change() -> None:
    assert [] == found(SOUND)


def test_keys_of_blocks_may_be_written_in_any_case() -> None:
    assert [] == found({name.upper(): value for name, value in SOUND.items()})


def test_a_missing_and_a_new_field_are_named() -> None:
    rows = [{name: value for name, value in ROW.items() if name != "note"}] * 2
    assert [("missing_field", "output2", "note")] == found(SOUND | {"output2": rows})
    assert [("new_field", "output2", "extra")] == found(with_row(extra="1"))


def test_a_field_with_a_new_name_is_one_change() -> None:
    rows = [{("volume_new" if name == "volume" else name): value for name, value in ROW.items()}] * 2
    changes = shapes.changes(FACTS, json.dumps(SOUND | {"output2": rows}).encode())
    assert changes is not None and ["volume is missing; it may be volume_new now"] == [one.said for one in changes]


def test_a_field_that_some_rows_lack_is_there() -> None:
    assert [] == found(SOUND | {"output2": [ROW, {"day": "20250603"}]})


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"volume": "many"}, "volume"), ({"volume": [1]}, "volume"), ({"day": "June"}, "day"), ({"at": "noon"}, "at")],
)
def test_a_changed_type_is_named(changed: dict[str, Any], field: str) -> None:
    assert [("type", "output2", field)] == found(with_row(**changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"volume": 1234},
        {"volume": "-1,234"},
        {"volume": "+.5"},
        {"volume": ""},
        {"volume": None},
        {"volume": 1.5e9},
        {"day": "2025-06-02"},
        {"at": "09:00"},
        {"note": {"any": "thing"}},
    ],
)
def test_what_vendors_write_is_no_change(changed: dict[str, Any]) -> None:
    assert [] == found(with_row(**changed))


def test_a_stray_value_is_no_change_of_type() -> None:
    assert [] == found(SOUND | {"output2": [ROW, ROW, {**ROW, "volume": "-"}]})


def test_blocks_are_missing_new_or_of_another_shape() -> None:
    without = {name: value for name, value in SOUND.items() if name != "output2"}
    assert [("missing_block", "output2", "")] == found(without)
    assert [("new_block", "output3", ""), ("missing_block", "output2", "")] == found(without | {"output3": [ROW]})
    assert [("shape", "output2", "")] == found(SOUND | {"output2": ROW})
    assert [("shape", "output2", "")] == found(SOUND | {"output2": "none"})


@pytest.mark.parametrize(
    "body", [{"rt_cd": "0"}, {"rt_cd": "0", "output1": {}, "output2": []}, {"output1": {}, "output2": [{}]}]
)
def test_an_answer_without_rows_tells_nothing(body: dict[str, Any]) -> None:
    assert shapes.changes(FACTS, json.dumps(body).encode()) is None


def test_what_is_no_json_is_a_change() -> None:
    changes = shapes.changes(FACTS, b"<html>")
    assert changes is not None and ["shape"] == [one.kind for one in changes]


def test_every_form_of_specification_is_read() -> None:
    listed = {"block": "OutBlock_1", "fields": {"BAS_DD": "date"}}
    assert [] == found({"OutBlock_1": [{"BAS_DD": "20250602"}]}, listed)
    assert [("missing_field", "OutBlock_1", "BAS_DD")] == found({"OutBlock_1": [{"x": ""}], "status": "000"}, listed)[
        :1
    ]
    page = {"shape": "page", "fields": {"bizdate": "date", "nets": "list"}}
    assert [] == found({"content": [{"bizdate": "20250602", "nets": [1]}], "totalPages": 1}, page)
    assert [] == found([{"bizdate": "20250602", "nets": []}], page | {"shape": "list"})
    same = {"blocks": [{"key": "a", "shape": "object", "fields": {"x": "won"}}, {"key": "b", "same_as": "a"}]}
    assert [("missing_field", "b", "x")] == found({"a": {"x": "1"}, "b": [{"qq": "1"}]}, same)[-2:-1]


def test_another_name_that_the_specification_knows_is_none_of_news() -> None:
    facts = {"also": {"new": "old"}, "blocks": [{"key": "a", "shape": "object", "fields": {"new": "won"}}]}
    assert [] == found({"a": {"old": "1"}}, facts)


@pytest.mark.parametrize(
    ("vendor", "request_", "name"),
    [
        ("kis", Request("/whatever", headers={"tr_id": "FHKST01010900"}), "inquire_investor"),
        ("ls", Request("/stock/chart", headers={"tr_cd": "t8410"}), "t8410"),
        ("krx", Request("/sto/stk_bydd_trd"), "stk_bydd_trd"),
        ("naver", Request("/api/domestic/detail/005930/trend"), "stock_trend"),
    ],
)
def test_a_request_is_found_in_its_specification(vendor: str, request_: Request, name: str) -> None:
    known = shapes.entry(specification(vendor), request_)
    assert known is not None and name == known[0]


def test_an_unknown_request_has_no_specification() -> None:
    assert shapes.entry(specification("kis"), Request("/x", headers={"tr_id": "NONE"})) is None
    assert shapes.entry(specification("krx"), Request("/sto/none")) is None


def flows(amount: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"individual_buy_volume": [1_000, 2_000], "individual_buy_amount": [amount, 2 * amount], "net_amount": [1, 1]}
    )


def test_amounts_in_another_unit_are_named_with_the_factor() -> None:
    assert [] == units.misfits(flows(50_000 * 1_000), 52_000.0)
    (wrong,) = units.misfits(flows(50), 50_000.0)
    assert "individual_buy_amount" == wrong.name and 1e-6 == pytest.approx(wrong.times)
    assert isinstance(wrong, Misfit)


def test_few_shares_and_missing_figures_tell_nothing() -> None:
    few = pl.DataFrame({"buy_volume": [5, None], "buy_amount": [1, 7]})
    assert [] == units.misfits(few, 50_000.0)
    assert [] == units.misfits(pl.DataFrame({"buy_amount": [7]}), 1.0)


def test_the_price_is_the_newest_close() -> None:
    bars = pl.DataFrame({"session": [2, 1, 3], "raw_close": [20, 10, None]})
    assert 20.0 == units.price(bars)
    assert units.price(bars.head(0)) is None and units.price(pl.DataFrame({"a": [1]})) is None
