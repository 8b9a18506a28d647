"""What must be true of every answer, whatever was asked: a walk over its JSON, its text and its flat rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from sugeup.errors import NoData
from sugeup.faces import payload
from sugeup.market import investors
from sugeup.metrics.outcome import Reason
from sugeup.registry import UseCase
from sugeup.sources import origins
from sugeup.usecases import whole_text

IDENTITY = frozenset({"as_of", "next_cursor", "code", "name", "name_en", "stock_name", "market", "listed_on"})
"""Null where a list is of no moment, ends, or where a fact about a security is not known: no measured figures."""
TOLD_APART = {"explain_metric": (".metrics",), "get_data_status": (".datasets", ".jobs"), "list_sources": (".rows",)}
"""Blocks about the software and its store, whose nulls their own columns explain."""
REASONS = {reason.name for reason in Reason if reason} | {*NoData.codes}
"""metrics.md 1.4 and contract 6."""
ADVICE = re.compile(
    r"매수하세요|매도하세요|사세요|파세요|추천|권유|목표가|매수 의견|매도 의견|"
    r"\b(recommend\w*|should (buy|sell)|(strong|must)[ _](buy|sell)|buy (now|signal)|sell (now|signal)|target price)\b",
    re.IGNORECASE,
)
_HEDGED = re.compile(r"no (advice|recommendation)", re.IGNORECASE)

Trail = tuple[tuple[dict[str, Any], tuple[str, ...]], ...]


def wrong(case: UseCase, answer: BaseModel) -> list[str]:
    """Everything that an answer of a use-case breaks; [] for a good one."""
    plain = payload.plain(answer)
    json.dumps(plain, allow_nan=False)
    found = [path for path in _unexplained(plain, "", ()) if not path.startswith(TOLD_APART.get(case.name, ()))]
    said = [f"null without a reason: {path}" for path in found]
    said += [f"meta: {path}" for path in _entries(plain, "")]
    said += [f"the groups add to {rest:+,}: {path}" for path, rest in _open(plain, "", _slack(plain))]
    if plain.get("provisional") is False:
        said += [f"provisional in an answer that is not: {path}" for path in _provisional(plain, "")]
    shorter, longer = (texts(case, answer, detailed) for detailed in (False, True))
    for text in (shorter, longer, json.dumps(plain, ensure_ascii=False)):
        said += [f"advice: {hit.group()}" for hit in ADVICE.finditer(_HEDGED.sub("", text))]
    if case.name not in TOLD_APART and re.search(r"\b(nan|inf|None)\b", longer):
        said.append("text: nan, inf or None")
    case.rows(answer)
    return said


def texts(case: UseCase, answer: BaseModel, detailed: bool) -> str:
    """The page of an answer, short or with every figure."""
    parts = case.text(answer)
    return "\n".join(map(str, whole_text.page(parts, payload.plain(answer)) if detailed else parts))


def _unexplained(node: Any, path: str, trail: Trail) -> Iterator[str]:
    """Paths of nulls that no meta entry explains: one of the block, or one of a block around it by dotted name."""
    if isinstance(node, list):
        for one in node:
            yield from _unexplained(one, f"{path}[]", trail)
    if not isinstance(node, dict):
        return
    if "meta" in node:
        trail = (*trail, (node["meta"], ()))
    for name, value in node.items():
        if name == "meta":
            continue
        inner = tuple((meta, (*parts, name)) for meta, parts in trail)
        if value is None and name not in IDENTITY and not any(_reason(*one) for one in inner):
            yield f"{path}.{name}"
        yield from _unexplained(value, f"{path}.{name}", inner)


def _reason(meta: dict[str, Any], parts: tuple[str, ...]) -> bool:
    return any(meta.get(".".join(parts[:n]), {}).get("reason") for n in range(len(parts), 0, -1))


def _entries(node: Any, path: str) -> Iterator[str]:
    """Entries of meta maps that explain a figure as missing that is there, without words, or by an unknown reason."""
    if isinstance(node, list):
        for one in node:
            yield from _entries(one, f"{path}[]")
    if not isinstance(node, dict):
        return
    for name, about in node.get("meta", {}).items():
        if (reason := about.get("reason")) is None:
            continue
        if reason not in REASONS:
            yield f"{path}.{name}: {reason} is no reason"
        if not about.get("note") and not about.get("metric"):
            yield f"{path}.{name}: {reason} without words"
        if name in node and node[name] is not None and not isinstance(node[name], dict | list):
            yield f"{path}.{name}: {reason} of a figure that is there"
        if about.get("estimated") and name in node and node[name] is None:
            yield f"{path}.{name}: estimated, but null"
    for name, value in node.items():
        if name != "meta":
            yield from _entries(value, f"{path}.{name}")


def _slack(plain: dict[str, Any]) -> int:
    """What rounding to a source's unit may leave of a sum: four groups, two markets, two bounds of a bin, sessions."""
    known = origins()
    units = [known[name].unit_won or 1 for name in plain.get("sources", ()) if name in known]
    period = plain.get("period")
    return max(units, default=1) * 4 * 2 * 2 * (period.get("sessions", 1) if isinstance(period, dict) else 1)


def _open(node: Any, path: str, slack: int) -> Iterator[tuple[str, int]]:
    """Blocks of the four groups whose nets do not add to zero."""
    if isinstance(node, list):
        for one in node:
            yield from _open(one, f"{path}[]", slack)
    if not isinstance(node, dict):
        return
    if set(investors.GROUPS) <= set(node) and all(isinstance(node[one], dict) for one in investors.GROUPS):
        for field in ("net_amount", "net_volume", "net"):
            nets = [node[one].get(field) for one in investors.GROUPS]
            if all(isinstance(net, int) for net in nets) and abs(sum(nets)) > slack:
                yield f"{path}.{field}", sum(nets)
    for name, value in node.items():
        if name != "meta":
            yield from _open(value, f"{path}.{name}", slack)


def _provisional(node: Any, path: str) -> Iterator[str]:
    """Rows that are not final."""
    if isinstance(node, list):
        for one in node:
            yield from _provisional(one, f"{path}[]")
    if isinstance(node, dict):
        if node.get("final") is False:
            yield path
        for name, value in node.items():
            yield from _provisional(value, f"{path}.{name}")
