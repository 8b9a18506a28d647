"""Which TR is answered by what, and the checks before it: code, path, fields, their types, lengths and values.

The header `tr_cd` decides. Paths, fields, allowed values and limits are those of the specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sugeup.sandbox.ls import (
    bars,
    chart,
    funds,
    index,
    investors,
    leverage,
    market_flows,
    members,
    minutes,
    program,
    program_stock,
    stock,
)
from sugeup.sandbox.ls.auth import Said, failed
from sugeup.sandbox.ls.desk import Answering, BadDay, Desk, Fields, Told
from sugeup.sandbox.ls.writing import Row, blank, body
from sugeup.sandbox.service import Call, Sent
from sugeup.specifications import specification

_MODULES = (
    stock,
    bars,
    investors,
    market_flows,
    members,
    minutes,
    chart,
    program,
    program_stock,
    leverage,
    index,
    funds,
)
_LOOSE = frozenset({"exchgubun", "upcode"})
"""Fields in which the vendor takes what it does not know for something else."""
SPELT = {"t1702": {"amt0017": "tjj0017"}, "t1664": {"bdgubun": "bgubun"}}
"""Fields that are called otherwise than in the vendor's tables; of a question both are taken."""
SINGLE = frozenset({"t1717", "t1941", "t1514"})
"""Questions whose list is an object when it has one row; the vendor does not say which do so."""
INVESTORS = ("/stock/investor", "/stock/frgr-itt", "/stock/program")
"""Paths of what a paper key is answered with nothing."""


@dataclass(frozen=True, eq=False)
class Route:
    """One TR: path, calls in a second, fields of the question, blocks of the answer with their shape, what answers."""

    name: str
    path: str
    calls: int
    fields: Mapping[str, Mapping[str, Any]]
    blocks: Mapping[str, Fields]
    shapes: Mapping[str, str]
    answer: Answering | None

    def nothing(self) -> Sent:
        """A successful answer without rows: lists are left away."""
        shown = {key: blank(fields) for key, fields in self.blocks.items() if self.shapes[key] == "object"}
        return Sent(body(shown), headers={"tr_cd": self.name, "tr_cont": "N", "tr_cont_key": ""})


@dataclass(frozen=True)
class Asked:
    """A question that may be asked, with its fields."""

    route: Route
    given: Mapping[str, Any]


@cache
def routes() -> dict[str, Route]:
    """Every TR of the specification that is answered."""
    told = specification("ls")
    found = {}
    for name, entry in told["endpoints"].items():
        handlers = [getattr(module, name) for module in _MODULES if _owns(module, name)]
        blocks = {block["key"]: block for block in entry["blocks"]}
        spelt = SPELT.get(name, {})
        fields = {key: blocks[block.get("same_as", key)]["fields"] for key, block in blocks.items()}
        found[name] = Route(
            name,
            entry["path"],
            int((entry["per_second"] or {}).get("personal") or told["limits"]["personal_per_second"]),
            entry["request"][f"{name}InBlock"],
            {key: {spelt.get(field, field): unit for field, unit in block.items()} for key, block in fields.items()},
            {key: block["shape"] for key, block in blocks.items()},
            handlers[0] if handlers else None,
        )
    return found


def _owns(module: Any, name: str) -> bool:
    return str(getattr(getattr(module, name, None), "__module__", "")) == str(module.__name__)


@cache
def paths() -> frozenset[str]:
    """Every path of the specification."""
    return frozenset(route.path for route in routes().values())


def refuse(call: Call) -> Said | Asked:
    """The question, if it may be asked, else why not."""
    name, headers = call.headers.get("tr_cd", ""), call.headers
    route = routes().get(name)
    if "application/json" not in headers.get("content-type", ""):
        return failed("IGW00133", 400)
    if not name:
        return failed("IGW00214", 400, "tr_cd가 없습니다.")
    if route is None or route.answer is None or route.path != call.path or call.method != "POST":
        return failed("IGW00215", 400, f"유효하지 않은 tr_cd 입니다. [{name[:20]}]")
    if headers.get("tr_cont", "") not in {"N", "Y"}:
        return failed("IGW40010", 400, "tr_cont가 없습니다.")
    given = (call.object or {}).get(f"{name}InBlock")
    if not isinstance(given, dict):
        return failed("IGW40013", 400, f"필수 항목이 없습니다. [{name}InBlock]")
    for field, told in route.fields.items():
        other = SPELT.get(name, {}).get(field, field)
        value = given.get(field, given.get(other))
        if wrong := _wrong(field, told, value):
            return wrong
    return Asked(route, given)


def _wrong(field: str, told: Mapping[str, Any], value: Any) -> Said | None:
    if value is None:
        return None if field == "exchgubun" else failed("IGW40013", 400, f"필수 항목이 없습니다. [{field}]")
    number = told["type"] == "number"
    if number != (isinstance(value, int) and not isinstance(value, bool)) or not isinstance(value, int | str):
        return failed("IGW40011", 400, f"입력 값의 형식이 유효하지 않습니다. [{field}]")
    if len(str(value)) > int(told["length"]):
        return failed("IGW40011", 400, f"입력 값의 길이가 유효하지 않습니다. [{field}]")
    allowed = told.get("allowed")
    if allowed and field not in _LOOSE and str(value).strip() and str(value).strip() not in allowed:
        return failed("IGW40013", 400, f"입력 값이 유효하지 않습니다. [{field}]")
    if allowed and len(allowed) > 1 and field not in _LOOSE and not str(value).strip():
        return failed("IGW40013", 400, f"입력 값이 유효하지 않습니다. [{field}]")
    return None


def answered(route: Route, desk: Desk) -> Sent:
    """The answer of a route."""
    assert route.answer is not None
    try:
        told = route.answer(desk)
    except BadDay as error:
        return sent(failed("IGW40013", 400, f"입력 값이 유효하지 않습니다. [{error}]"))
    blocks = {key: _shaped(route, key, told) for key in route.blocks}
    more = {
        "tr_cd": route.name,
        "tr_cont": "Y" if told.more else "N",
        "tr_cont_key": told.key[:18] if told.more else "",
    }
    return Sent(body(blocks), headers=more)


def _shaped(route: Route, key: str, told: Told) -> Row | list[Row]:
    """A block with exactly its fields, a list of one row as the object that some have."""
    found, fields = told.blocks[key], route.blocks[key]
    nothing = blank(fields)
    if isinstance(found, dict):
        return {name: found.get(name, value) for name, value in nothing.items()}
    rows = [{name: row.get(name, value) for name, value in nothing.items()} for row in found]
    return rows[0] if len(rows) == 1 and route.name in SINGLE else rows


def sent(said: Said) -> Sent:
    """A refusal on the wire."""
    return Sent(said[0], said[1])
