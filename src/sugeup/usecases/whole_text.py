"""Every figure of an answer as text: exact won and shares, what is to know about each, why nulls are null.

The short page of an answer is written for its question; this one is written by walking through the answer, the same way
for every use-case, so that a reader who is shown text alone lacks nothing that the structured answer has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sugeup.usecases.whole_tables import Record, Table
from sugeup.usecases.whole_words import ATTRIBUTES, About, Reasons, entry, flat, remarks, titled, wrapped

LETTERS = 40_000
"""Letters of a page for a model, a Hangul syllable as four: figures cost a token for two or three letters, and clients
cut what a tool says at 25,000 tokens."""
HEAD = "모든 값 every figure, exact, by the names of the structured answer:"
_MORE = (
    "the structured answer has all; a shorter period, coarser interval, smaller limit or one sector shows whole lists"
)
_ENVELOPE = ("coverage", "warnings")
_REMARKS = {*ATTRIBUTES, "reason"}


def whole(plain: Mapping[str, Any], said: str = "", letters: int | None = None) -> list[object]:
    """Lines and grids with every value of an answer, as JSON values (`payload.plain`).

    `said` is the page that stands before: gaps and warnings that it tells are not told again. `letters` is how long the
    text may be; longer lists are cut, and the last line says which and how to see the rest.
    """
    rows: int | None = None
    while True:
        walk = _Walk(rows)
        parts = walk.page(plain, said)
        if letters is None or (weight := _weight([said, *parts])) <= letters or not walk.longest or rows == 1:
            return parts
        shown = walk.longest if rows is None else min(rows, walk.longest)
        rows = max(1, min(shown - 1, shown * letters // weight))


def page(parts: Sequence[object], plain: Mapping[str, Any], letters: int | None = None) -> list[object]:
    """The detailed page of an answer: the short one, then every figure."""
    return [*parts, "", *whole(plain, "\n".join(map(str, parts)), letters)]


def nulls(plain: Mapping[str, Any]) -> list[str]:
    """Why the empty values of an answer are empty, and nothing else: a line for each reason with its fields."""
    return _Walk(None).reasons(plain)


class _Walk:
    """One way through an answer, with at most so many records of each list."""

    def __init__(self, rows: int | None) -> None:
        self._rows = rows
        self._parts: list[object] = []
        self._reasons = Reasons()
        self._cut: list[str] = []
        self.longest = 0

    def page(self, plain: Mapping[str, Any], said: str) -> list[object]:
        """Envelope and blocks, then reasons of nulls, gaps, warnings, and what was left out."""
        self._parts.append(HEAD)
        self._block("", {name: value for name, value in plain.items() if name not in _ENVELOPE}, {})
        self._parts += self._reasons.lines()
        self._parts += _gaps(
            [one for one in plain.get("coverage", ()) if not all(words in said for words in one.values())]
        )
        self._parts += [f"! {one}" for one in plain.get("warnings", ()) if one not in said]
        self._parts += wrapped("… left out for length:", [*dict.fromkeys(self._cut), _MORE], "; ") if self._cut else []
        return self._parts

    def reasons(self, plain: Mapping[str, Any]) -> list[str]:
        """Reasons of nulls alone."""
        self._block("", {name: value for name, value in plain.items() if name not in _ENVELOPE}, {})
        return list(self._reasons.lines())

    def _block(
        self, path: str, block: Mapping[str, Any], about: About, meta: Mapping[str, About] | None = None
    ) -> None:
        """A line of its own values, then its blocks and lists."""
        known = {**(meta or {}), **block.get("meta", {})}
        inner = {name: value for name, value in block.items() if name != "meta"}
        if path and _remarks_only(inner):
            items = [f"{name} ({said})" for name, one in inner.items() if (said := remarks(one))]
            self._parts += wrapped(titled(path, about), items)
            return
        own = {name: value for name, value in inner.items() if flat(value)}
        items = [entry(name, value, known.get(name, {})) for name, value in own.items()]
        self._parts += wrapped(titled(path, about), items) if path else wrapped("answer:", items)
        self._parts += [titled(path, about)] if path and not items and remarks(about) else []
        deep = [name for name in inner if name not in own]
        for name, one in known.items():
            if name in inner or name.split(".")[0] not in deep:
                self._reasons.add(path, name, one)
        far = {name: one for name, one in known.items() if name not in inner and name.split(".")[0] not in deep}
        self._parts += wrapped(
            f"about {path}:", [f"{name} ({said})" for name, one in far.items() if (said := remarks(one))]
        )
        self._inside(path, {name: inner[name] for name in deep}, known)

    def _inside(self, path: str, inner: Mapping[str, Any], known: Mapping[str, About]) -> None:
        """Blocks and lists of a block; blocks with the same fields beside one another in one table."""
        alike = _siblings(inner)
        told: set[str] = set()
        for name, value in inner.items():
            place = f"{path}.{name}" if path else name
            if isinstance(value, list):
                meta = _below(name, known)
                records = [Record(one, {**meta, **one.get("meta", {})}) for one in value]
                self._table(place, records, known.get(name, {}))
            elif len(group := alike[name]) == 1:
                self._block(place, value, known.get(name, {}), _below(name, known))
            elif name not in told:
                told.update(group)
                blocks = {one: inner[one] for one in group}
                metas = {one: {**_below(one, known), **inner[one].get("meta", {})} for one in group}
                self._beside(path, blocks, metas, known)

    def _beside(
        self,
        path: str,
        blocks: Mapping[str, Any],
        metas: Mapping[str, Mapping[str, About]],
        known: Mapping[str, About],
    ) -> None:
        """Blocks that have the same fields, what is inside them, and what `known` says of each as a whole."""
        start = f"{path}." if path else ""
        table = Table("", [Record({"": name, **block}, dict(metas[name])) for name, block in blocks.items()], ("",))
        self._parts += [f"{start}{{{', '.join(blocks)}}}:", *table.parts()]
        told_of = [f"{name} ({said})" for name in blocks if (said := remarks(known.get(name, {})))]
        self._parts += wrapped("about", told_of)
        for name, meta in metas.items():
            for field, about in meta.items():
                self._reasons.add(f"{start}{name}", field, about)
        inside = dict.fromkeys(field for block in blocks.values() for field in block if field != "meta")
        for field in [field for field in inside if field not in table.columns]:
            holding = [name for name, block in blocks.items() if block.get(field)]
            if len(holding) == 1:
                self._inside(f"{start}{holding[0]}", {field: blocks[holding[0]][field]}, metas[holding[0]])
            elif holding:
                self._nested(f"{start}*", table, field)

    def _table(self, path: str, records: Sequence[Record], about: About, given: tuple[str, ...] = ()) -> None:
        table = Table(path, records, given)
        self.longest = max(self.longest, len(records))
        if self._rows is not None:
            table, left = table.cut(self._rows)
            self._cut += [left] if left else []
        if len(table.records) == 1:
            one = table.records[0]
            self._block(f"{path}[{table.names()[0]}]", {**one.values, "meta": one.meta}, about)
            return
        if table.sparse:
            for one, name in zip(table.records, table.names(), strict=True):
                self._block(f"{path}[{name}]", {**one.values, "meta": one.meta}, about)
            return
        parts = table.parts()
        self._parts += [titled(path, about), *parts] if parts else []
        for name, reason in table.reasons():
            self._reasons.add(path, name, reason)
        names = dict.fromkeys(name for one in table.records for name in one.values if name != "meta")
        for name in [name for name in names if name not in table.columns]:
            self._nested(path, table, name)

    def _nested(self, path: str, table: Table, name: str) -> None:
        """A block or list inside each record: one table of all of them, which repeats the keys of the records."""
        keys = table.keys or ("#",)
        inside = []
        for record, label in zip(table.records, table.names(), strict=True):
            value = record.values.get(name)
            told = [{"#": label, **record.values}[key] for key in keys]
            meta = _below(name, record.meta)
            for one in value if isinstance(value, list) else [value] if isinstance(value, dict) else []:
                inside.append((told, one, {**meta, **one.get("meta", {})}))
        taken = {field for _told, one, _meta in inside for field in one}
        given = tuple(f"{path.rpartition('.')[2]}.{key}" if key in taken else key for key in keys)
        records = [Record({**dict(zip(given, told, strict=True)), **one}, meta) for told, one, meta in inside]
        if records:
            self._table(f"{path}.{name}", records, {}, given)


def _below(name: str, known: Mapping[str, About]) -> dict[str, About]:
    """What a block says about the fields of a block in it, as `inner.field`."""
    return {key[len(name) + 1 :]: about for key, about in known.items() if key.startswith(f"{name}.")}


def _siblings(inner: Mapping[str, Any]) -> dict[str, list[str]]:
    """Of each block the blocks beside it that have the same fields of their own."""
    shapes = {
        name: frozenset(field for field, one in value.items() if field != "meta" and flat(one))
        for name, value in inner.items()
        if isinstance(value, dict)
    }
    return {
        name: [one for one, fields in shapes.items() if fields and fields == shape] or [name]
        for name, shape in shapes.items()
    }


def _remarks_only(inner: Mapping[str, Any]) -> bool:
    """Whether a block holds nothing but remarks on fields, as `columns` of a ranking does."""
    return bool(inner) and all(isinstance(one, dict) and set(one) <= _REMARKS and one for one in inner.values())


def _gaps(coverage: Sequence[Mapping[str, str]]) -> list[str]:
    """What is missing, a line for all that has one reason and one remedy."""
    ways: dict[tuple[str, str], list[str]] = {}
    for gap in coverage:
        ways.setdefault((gap["reason"], gap["how"]), []).append(gap["what"])
    return [f"없음 {', '.join(named)}: {reason}. {how}" for (reason, how), named in ways.items()]


def _weight(parts: Sequence[object]) -> int:
    text = "\n".join(map(str, parts))
    return len(text) + 3 * sum("가" <= letter <= "힣" for letter in text)
