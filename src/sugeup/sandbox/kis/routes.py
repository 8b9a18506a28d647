"""Which identifier is answered by what, and the checks before it: path, parameters, allowed values.

The identifier (tr_id) decides. Sent to another identifier's path it gets an empty answer, not an error, as in life.
Paths, parameters, allowed values and fields of answers are those of the specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sugeup.errors import NoData
from sugeup.sandbox.kis import (
    bars,
    funds,
    futures,
    index,
    index_charts,
    investors,
    market_flows,
    minutes,
    program,
    ranking,
    short,
    stock,
)
from sugeup.sandbox.kis.desk import Answering, Desk, Fields
from sugeup.sandbox.kis.envelope import Answer, bad_field, done, failed, no_field
from sugeup.specifications import specification

_MODULES = (
    stock,
    bars,
    minutes,
    investors,
    market_flows,
    program,
    short,
    index,
    index_charts,
    funds,
    futures,
    ranking,
)
_LOOSE = frozenset(
    {
        "FID_INPUT_ISCD", "FID_INPUT_ISCD_1", "FID_INPUT_ISCD_2", "FID_INPUT_CNT_1", "FID_PERIOD_DIV_CODE",
        "FID_ETC_CLS_CODE", "FID_ORG_ADJ_PRC", "FID_TRGT_CLS_CODE", "FID_TRGT_EXLS_CLS_CODE", "FID_COND_SCR_DIV_CODE",
        "PRDT_TYPE_CD",
    }
)  # fmt: skip
"""Parameters whose listed values are examples or which the vendor does not check."""
_CHECKED = {
    "inquire_daily_itemchartprice": ("FID_PERIOD_DIV_CODE", "FID_ORG_ADJ_PRC"),
    "inquire_daily_indexchartprice": ("FID_PERIOD_DIV_CODE",),
}
_STOCK_MARKETS = ("J", "NX", "UN")


@dataclass(frozen=True, eq=False)
class Route:
    """One identifier: path, parameters with the values allowed (None: any), blocks, and what answers it."""

    name: str
    tr_id: str
    path: str
    params: Mapping[str, tuple[str, ...] | None]
    required: frozenset[str]
    blocks: Mapping[str, Fields]
    shapes: Mapping[str, str]
    answer: Answering | None

    def empty(self) -> Answer:
        """A successful answer with nothing in it."""
        return done({key: {} if shape == "object" else [] for key, shape in self.shapes.items()})


@cache
def routes() -> dict[str, Route]:
    """Every identifier of the specification."""
    found = {}
    for name, entry in specification("kis")["endpoints"].items():
        if entry["tr_id"] is None:
            continue
        handlers = [getattr(module, name) for module in _MODULES if _owns(module, name)]
        checked = _CHECKED.get(name, ())
        found[entry["tr_id"]] = Route(
            name,
            entry["tr_id"],
            entry["path"],
            {param: _allowed(param, described, param in checked) for param, described in entry["params"].items()},
            frozenset(param for param, described in entry["params"].items() if described.get("required")),
            {block["key"]: block["fields"] for block in entry["blocks"]},
            {block["key"]: block["shape"] for block in entry["blocks"]},
            handlers[0] if handlers else None,
        )
    return found


def _owns(module: Any, name: str) -> bool:
    return str(getattr(getattr(module, name, None), "__module__", "")) == str(module.__name__)


def _allowed(param: str, described: Mapping[str, Any], checked: bool) -> tuple[str, ...] | None:
    values = described.get("allowed")
    if not values or (param in _LOOSE and not checked) or values == [""]:
        return None
    return tuple(values)


@cache
def paths() -> frozenset[str]:
    """Every path that some identifier has."""
    return frozenset(route.path for route in routes().values())


def refuse(path: str, tr_id: str, given: Mapping[str, str]) -> Answer | Route:
    """The route of a question whose parameters may be asked for, else why not."""
    if path not in paths():
        return failed("MCA00124", "존재하지 않는 서비스입니다.", status=404)
    if not tr_id:
        return failed("OPSQ9999", "TR_ID가 없습니다.", rt="1", status=200)
    route = routes().get(tr_id)
    if route is None:
        return failed("OPSQ0002", f"없는 서비스 코드 입니다. [{tr_id[:20]}]", status=200)
    if route.path != path:
        return next(one for one in routes().values() if one.path == path).empty()
    if route.answer is None:
        return failed("OPSQ0002", f"없는 서비스 코드 입니다. (sandbox 미지원: {route.name})", status=200)
    for param in route.params:
        if param in route.required and param not in given:
            return no_field(param)
    for param, allowed in route.params.items():
        if allowed is not None and param in given and given[param] not in allowed:
            return bad_field(param)
        if param.startswith("FID_COND_MRKT_DIV_CODE_") and given.get(param, "") not in {*_STOCK_MARKETS, "U", ""}:
            return bad_field("FID_COND_MRKT_DIV_CODE")
    return route


def answered(route: Route, desk: Desk) -> Answer:
    """The answer of a route."""
    assert route.answer is not None
    try:
        found = route.answer(desk)
    except (ValueError, NoData):  # no date or time, or one beyond the calendar
        dated = [name for name in route.params if "DATE" in name or name.endswith(("_DT", "HOUR_1"))]
        return bad_field(dated[0] if dated else next(iter(route.params)))
    return found if isinstance(found, Answer) else done(found)
