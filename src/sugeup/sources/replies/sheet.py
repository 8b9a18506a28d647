"""An answer as a table: the fields and blocks that are read of it, and its rows in our columns and units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, ClassVar

import orjson
import polars as pl

from sugeup.errors import SchemaDrift
from sugeup.records import Kind
from sugeup.records.schema import FRAME_TYPES
from sugeup.sources.files.layout import FAULT_SCHEMA, ROW, no_faults
from sugeup.sources.replies import values
from sugeup.sources.vendor import Reply

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the vendor and our column; `unit`: won or shares in a 1 of the vendor's; `zero`: whether 0 is told.

    Where `zero` is false, 0 stands for a figure that is not there.
    """

    name: str
    column: str
    unit: int = 1
    kind: Kind = Kind.INTEGER
    zero: bool = True


@dataclass(frozen=True)
class Block:
    """A block of the answer under one of `keys` (the first that is there), and the fields that are read of each row.

    `dated`: field whose emptiness marks a padding row.
    """

    keys: tuple[str, ...]
    fields: tuple[Field, ...]
    dated: str | None = None


@dataclass(frozen=True)
class Sheet:
    """Rows of a block in our columns with `row`, as lists, because a page is small and a frame of many columns is not
    cheap to ask questions of; `faults`: rows that could not be read; `padding`: rows that only fill the answer.
    """

    columns: dict[str, list[Any]]
    kinds: Mapping[str, pl.DataType]
    faults: pl.DataFrame = field(default_factory=no_faults)
    padding: int = 0

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.columns[ROW])

    @property
    def frame(self) -> pl.DataFrame:
        """The rows as a frame."""
        # polars takes a type's class faster than an instance of it; an instant alone needs its own
        plain = {name: kind if isinstance(kind, pl.Datetime) else type(kind) for name, kind in self.kinds.items()}
        return pl.DataFrame([pl.Series(name, self.columns[name], kind) for name, kind in plain.items()])

    def across(self, names: Sequence[str]) -> list[tuple[Any, ...]]:
        """The values of some columns, row by row."""
        return list(zip(*(self.columns[name] for name in names), strict=True))

    def keep(self, mask: Sequence[bool]) -> Sheet:
        """The rows whose place in the mask is true."""
        if all(mask):
            return self
        kept = {name: list(compress(values, mask)) for name, values in self.columns.items()}
        return Sheet(kept, self.kinds, self.faults, self.padding)

    def reject(self, wrong: Sequence[tuple[int, str, str]]) -> Sheet:
        """Without the rows of these numbers, which join the faults with reason and value."""
        if not wrong:
            return self
        first = {number: (number, reason, value) for number, reason, value in reversed(wrong)}
        listed = pl.DataFrame([first[number] for number in sorted(first)], schema=FAULT_SCHEMA, orient="row")
        sound = self.keep([number not in first for number in self.columns[ROW]])
        return Sheet(sound.columns, self.kinds, pl.concat([self.faults, listed]), self.padding)


class Answering:
    """What a description of one question can read of the answer; the description has a `name` and is of a `vendor`."""

    vendor: ClassVar[str]
    title: ClassVar[str]
    name: str
    blocks: tuple[Block, ...]

    def document(self, reply: Reply) -> dict[str, Any]:
        """The answer, keys of its blocks in lower case; SchemaDrift when it is no JSON object."""
        try:
            found = orjson.loads(reply.body)
        except orjson.JSONDecodeError:
            raise self.drift("(body)", "the answer is not JSON") from None
        if not isinstance(found, dict):
            raise self.drift("(body)", f"the answer is a {type(found).__name__}, not an object")
        return {key.lower(): value for key, value in found.items()}

    def rows(self, document: Mapping[str, Any], block: Block) -> list[Row]:
        """The rows of a block: an object is one row, nothing is none; SchemaDrift when the block is missing."""
        for key in block.keys:
            if key in document:
                return self._listed(key, document[key])
        raise self.drift(block.keys[0], "the block is missing")

    def sheet(self, document: Mapping[str, Any], block: Block) -> Sheet:
        """The block as a frame in our columns and units; SchemaDrift naming the field that is missing."""
        listed = self.rows(document, block)
        dated = block.dated
        if dated is None:
            places, kept = range(1, len(listed) + 1), listed
        else:
            if any(row and dated not in row for row in listed):
                raise self.drift(dated)
            full = [(place, row) for place, row in enumerate(listed, 1) if row and str(row[dated] or "").strip()]
            places, kept = [place for place, _ in full], [row for _, row in full]  # type: ignore[assignment]
        return self._sheet(block.fields, list(places), kept, len(listed) - len(kept))

    def _listed(self, key: str, found: Any) -> list[Row]:
        if isinstance(found, dict):
            return [found] if found else []
        if not found:
            return []
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise self.drift(key, "the block is neither an object nor a list of objects")
        return found

    def drift(self, name: str, said: str = "the field is missing") -> SchemaDrift:
        """The error of an answer that no longer has the known shape, naming vendor, endpoint and field."""
        return drift(self.vendor, self.title, self.name, name, said)

    def _sheet(self, fields: tuple[Field, ...], places: list[int], rows: list[Row], padding: int) -> Sheet:
        columns: dict[str, list[Any]] = {ROW: places}
        kinds: dict[str, pl.DataType] = {ROW: pl.Int64()}
        wrong: list[tuple[int, str, str]] = []
        for one in fields:
            try:
                texts = [row[one.name] for row in rows]
            except KeyError:
                raise self.drift(one.name) from None
            found, bad = values.READERS[one.kind](texts, one.unit) if texts else ([], [])
            for place in bad:
                said = f"{one.name} is not {values.ALLOWED[one.kind]}"
                wrong.append((places[place], said, str(texts[place])[:80]))
            columns[one.column] = found if one.zero else [value or None for value in found]
            kinds[one.column] = FRAME_TYPES[one.kind]
        return Sheet(columns, kinds, padding=padding).reject(wrong)


def drift(vendor: str, title: str, endpoint: str, name: str, said: str = "the field is missing") -> SchemaDrift:
    """The error of an answer that no longer has the known shape, naming vendor, endpoint and field."""
    return SchemaDrift(
        f"{title} {endpoint}: {said}: {name}.",
        hint="The vendor changed its answer: nothing of it was stored. Update sugeup or report the field.",
        details={"vendor": vendor, "endpoint": endpoint, "field": name},
    )
