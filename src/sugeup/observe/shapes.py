"""Whether a live answer has the shape that the specification of its vendor tells: blocks, fields, types, units. Pure.

The specification is data (`sugeup.specifications`), written down apart from what the sources read, so that a change of
the vendor is found in fields that nobody reads as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import orjson

from sugeup.sources.vendor import Request

_NUMBER = re.compile(r"[+-]?(\d[\d,]*)?\.?\d+(%|[eE][+-]?\d+)?")
_NUMERIC = re.compile(r"\b(won|shares|percent|points|contracts|stocks|trades|rank|days|times|ratio)\b")
_FORMS = {"date": re.compile(r"\d{4}[-./]?\d{2}[-./]?\d{2}"), "time": re.compile(r"[\d:. ]{4,12}")}
_ROWS = 50
"""Rows of a block that are looked at."""
_ALIKE = 0.6
"""From which likeness on a new field beside a missing one is said to be its new name."""


@dataclass(frozen=True)
class Change:
    """One difference. `kind`: missing_block, new_block, shape, missing_field, new_field, type; `field` may be empty."""

    kind: str
    block: str
    field: str
    said: str


@dataclass(frozen=True)
class Shape:
    """A block as the specification tells it: its key (empty: the answer itself), object or list, field → unit."""

    key: str
    listed: bool
    fields: Mapping[str, str]


def entry(specification: Mapping[str, Any], request: Request) -> tuple[str, Mapping[str, Any]] | None:
    """Name and facts of the endpoint that a request asks: by its identifier, else by its path; None: unknown."""
    endpoints: Mapping[str, Mapping[str, Any]] = specification["endpoints"]
    asked = request.headers.get("tr_id") or request.headers.get("tr_cd")
    for name, facts in endpoints.items():
        own = facts.get("tr_id") or facts.get("tr_cd")
        if own == asked if asked else _is(str(facts.get("path", "")), request.path):
            return name, facts
    return None


def shapes(facts: Mapping[str, Any]) -> tuple[Shape, ...]:
    """The blocks of an endpoint, in whichever of the specifications' forms they are told."""
    if "blocks" in facts:
        told = {one["key"]: one for one in facts["blocks"]}
        return tuple(
            Shape(key, one.get("shape") == "list", _fields(told, one)) for key, one in told.items() if key[:1] != "("
        )
    key = facts.get("block") or ("content" if facts.get("shape") == "page" else "")
    return (Shape(key, True, facts.get("fields", {})),)


def changes(facts: Mapping[str, Any], body: bytes) -> list[Change] | None:
    """How an answer differs from what is known of its endpoint; None when it holds no rows to compare.

    An answer that says nothing at all is no change: there may be nothing to say.
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return [Change("shape", "", "", "the answer is no JSON")]
    known = shapes(facts)
    document = {key.lower(): value for key, value in found.items()} if isinstance(found, dict) else {"": found}
    envelope = {name.lower() for name in facts.get("envelope", ())}
    there = {one.key.lower() for one in known}
    new = [key for key in document if key not in there | envelope and isinstance(document[key], dict | list)]
    if not there & set(document) and not new:
        return None
    strange = [Change("new_block", key, "", f"the block {key} is new") for key in new if "envelope" in facts]
    read = [_block(one, facts.get("also", {}), document) for one in known]
    if not strange and all(one is None for one in read):
        return None
    return [*strange, *(change for one in read for change in one or ())]


def _block(one: Shape, also: Mapping[str, str], document: Mapping[str, Any]) -> list[Change] | None:
    """Changes of one block; None when it has no rows."""
    if one.key.lower() not in document:
        return [Change("missing_block", one.key, "", f"the block {one.key} is missing")]
    value = document[one.key.lower()]
    if not value:
        return None
    rows = [value] if isinstance(value, dict) else value
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return [Change("shape", one.key, "", f"the block {one.key} is neither an object nor a list of objects")]
    rows = [row for row in rows if row][:_ROWS]
    if not rows:
        return None
    found = []
    if isinstance(value, dict) is one.listed:
        was, now = ("a list", "an object") if one.listed else ("an object", "a list")
        found.append(Change("shape", one.key, "", f"the block {one.key} is {now} and was {was}"))
    return found + _named(one, also, rows) + _typed(one, rows)


def _named(one: Shape, also: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> list[Change]:
    there = dict.fromkeys(name for row in rows for name in row)
    other = {name for pair in also.items() for name in pair}
    missing = [name for name in one.fields if name not in there and also.get(name) not in there]
    new = [name for name in there if name not in one.fields and name not in other]
    found = []
    for name in missing:
        like = max(new, key=lambda given: SequenceMatcher(None, name, given).ratio(), default=None)
        if like is not None and SequenceMatcher(None, name, like).ratio() >= _ALIKE:
            new.remove(like)
            found.append(Change("missing_field", one.key, name, f"{name} is missing; it may be {like} now"))
        else:
            found.append(Change("missing_field", one.key, name, f"{name} is missing"))
    return found + [Change("new_field", one.key, name, f"{name} is new") for name in new]


def _typed(one: Shape, rows: Sequence[Mapping[str, Any]]) -> list[Change]:
    found = []
    for name, unit in one.fields.items():
        form = _FORMS.get(unit) or (_NUMBER if _NUMERIC.search(unit) else None)
        given = [row[name] for row in rows if name in row and str(row[name] if row[name] is not None else "").strip()]
        if form is None or not given:
            continue
        wrong = [value for value in given if isinstance(value, dict | list) or not form.fullmatch(str(value).strip())]
        if 2 * len(wrong) > len(given):
            kind = unit if unit in _FORMS else f"number ({unit})"
            found.append(Change("type", one.key, name, f"{name} is no {kind} any more: {str(wrong[0])[:24]!r}"))
    return found


def _fields(told: Mapping[str, Mapping[str, Any]], one: Mapping[str, Any]) -> Mapping[str, str]:
    return one["fields"] if "fields" in one else told[one["same_as"]]["fields"]  # type: ignore[no-any-return]


def _is(template: str, path: str) -> bool:
    """Whether a path is one of a template such as /detail/{code}/trend."""
    parts = re.split(r"\{[^}]*\}", template)
    return re.fullmatch("[^/]+".join(re.escape(part) for part in parts), path) is not None
