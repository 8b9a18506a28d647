"""Equal records of an answer as tables: the header once, a table for each block inside them, exact values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sugeup.usecases.whole_words import ATTRIBUTES, WIDTH, About, cell, flat, grouped, remark, why, wrapped
from sugeup.usecases.wording import ABSENT, Grid, screen_width

_PROSE = 40
"""Columns of a cell from which on a field is told below the table, each wording once."""
_ACROSS = 6
"""Records at most that stand side by side, a line for each field, when they have more fields than that."""
_LISTED = 6
"""Records named at most where several reasons hold for one field; more are counted."""
_GAP = 2
"""Columns between two cells of a grid."""
_OF_COLUMNS = ("unit", "window", "metric")
_TIMES = ("date", "session", "time", "start", "known_at")


@dataclass(frozen=True)
class Record:
    """One record: its fields, and what is to know about each."""

    values: dict[str, Any]
    meta: dict[str, About]


@dataclass(frozen=True)
class Table:
    """Records of one kind; `given` are the columns that tell which record around them each belongs to."""

    path: str
    records: Sequence[Record]
    given: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> list[str]:
        """Fields that are written in place, in their order."""
        names = dict.fromkeys(name for one in self.records for name in one.values if name != "meta")
        return [name for name in names if all(flat(one.values.get(name)) for one in self.records)]

    @property
    def sparse(self) -> bool:
        """Whether the records have so few fields in common that a table of them would be mostly empty."""
        fields = dict.fromkeys(name for one in self.records for name in one.values)
        return 2 * sum(len(one.values) for one in self.records) < len(fields) * len(self.records)

    @cached_property
    def remarked(self) -> list[str]:
        """Fields that `meta` says something of; those inside a block of the records are told with the block."""
        names = dict.fromkeys(name for one in self.records for name in one.meta)
        inside = {name for one in self.records for name in one.values} - {*self.columns}
        return [name for name in names if "." not in name or name.split(".")[0] not in inside]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell the records apart: those given, then words; () when nothing does."""
        keys = list(self.given)
        for name in self.columns:
            if self._apart(keys):
                break
            values = [one.values.get(name) for one in self.records]
            if name not in keys and all(isinstance(one, str) and screen_width(one) < _PROSE for one in values):
                keys.append(name)
        return tuple(keys) if self._apart(keys) else self.given

    def names(self) -> list[str]:
        """Each record in a word: its keys, or its number."""
        own = [name for name in self.keys if name not in self.given] or list(self.keys)
        if not self._apart(list(self.keys)):
            return [str(number + 1) for number in range(len(self.records))]
        if len({tuple(one.values.get(name) for name in own) for one in self.records}) < len(self.records):
            own = list(self.keys)
        return [" ".join(cell(one.values.get(name)) for name in own) for one in self.records]

    def cut(self, most: int) -> tuple[Table, str]:
        """The first records, or of a run of times the last ones, and what was left out in words."""
        if len(self.records) <= most:
            return self, ""
        times = [one.values.get(name) for name in _TIMES for one in self.records if name in one.values]
        late = len(times) >= len(self.records) and str(times[0]) < str(times[len(self.records) - 1])
        kept = self.records[-most:] if late else self.records[:most]
        which = "last" if late else "first"
        return Table(self.path, kept, self.given), f"{self.path}: the {which} {most:,} of {len(self.records):,}"

    def parts(self) -> list[object]:
        """The grids, then what is to know about their columns, then long words."""
        if not self.columns:
            return []
        cells = {name: [cell(one.values.get(name)) for one in self.records] for name in self.columns}
        cells |= self._varying()
        prose = {n: told for n, told in cells.items() if n not in self.keys and max(map(screen_width, told)) > _PROSE}
        grids = self._grids({name: told for name, told in cells.items() if name not in prose})
        names = self.names()
        lines: list[object] = [*grids, *self._about()]
        for name, told in prose.items():
            for words, whose in grouped(zip(names, told, strict=True)).items():
                if words != ABSENT:
                    every = len(whose) == len(self.records)
                    lines += [f"{name}: {words}"] if every else [*wrapped(name, whose, ", "), f"  {words}"]
        return lines

    def reasons(self) -> list[tuple[str, About]]:
        """Why fields are null: fields (with the records, where not all are null for this reason), and reason."""
        labels = self.names()
        found: dict[tuple[str, str], tuple[list[str], About]] = {}
        for name in self.remarked:
            whose: dict[str, tuple[About, list[str]]] = {}
            for record, label in zip(self.records, labels, strict=True):
                about = record.meta.get(name, {})
                if about.get("reason"):
                    whose.setdefault(why(about), (about, []))[1].append(label)
            most = max((len(held) for _about, held in whose.values()), default=0)
            for reason, (about, held) in whose.items():
                few = len(held) <= _LISTED or (len(whose) > 1 and len(held) < most)
                which = f" ({', '.join(held) if few else f'{len(held):,} of {len(labels):,}'})"
                found.setdefault((reason, "" if len(held) == len(labels) else which), ([], about))[0].append(name)
        return [(", ".join(names) + which, about) for (_reason, which), (names, about) in found.items()]

    def _apart(self, keys: Sequence[str]) -> bool:
        found = {tuple(cell(one.values.get(name)) for name in keys) for one in self.records}
        return bool(keys) and len(found) == len(self.records)

    def _grids(self, cells: dict[str, list[str]]) -> list[Grid]:
        fields = [name for name in cells if name not in self.keys]
        labels = self.names()
        if len(self.records) <= _ACROSS and len(self.records) < len(fields):
            across = Grid(["", *labels], [[name, *(cells[name][at] for at in range(len(labels)))] for name in fields])
            if max(map(screen_width, str(across).splitlines())) <= WIDTH:
                return [across]
        keys = {name: cells[name] for name in self.keys} or {"#": labels}
        wide = {name: max(map(screen_width, [name, *told])) + _GAP for name, told in (cells | keys).items()}
        found: list[Grid] = []
        chosen: list[str] = []
        for name in fields:
            if chosen and sum(wide[one] for one in [*keys, *chosen, name]) - _GAP > WIDTH:
                found.append(_grid(keys, {one: cells[one] for one in chosen}))
                chosen = []
            chosen.append(name)
        return [*found, _grid(keys, {one: cells[one] for one in chosen})]

    def _remarks(self, name: str, attribute: str) -> list[Any]:
        """A remark on a field in each record; a note that explains a null is none."""
        found = []
        for one in self.records:
            about = one.meta.get(name, {})
            found.append(None if attribute == "note" and about.get("reason") else about.get(attribute))
        return found

    def _steady(self, name: str, attribute: str) -> Any:
        """The remark where it is the same on every value, None where it is not; a null needs no unit of its own."""
        said = self._remarks(name, attribute)
        here = [one for one, record in zip(said, self.records, strict=True) if record.values.get(name) is not None]
        if attribute in _OF_COLUMNS:
            said = [one for one in here if one is not None] or said
        known = [one for one in said if one is not None]
        same = bool(known) and all(one == known[0] for one in known)
        return known[0] if same and (None not in here or None not in said or attribute in _OF_COLUMNS) else None

    def _varying(self) -> dict[str, list[str]]:
        """Columns `field.remark` for remarks that are not the same in every record."""
        found = {}
        for name in self.remarked:
            for attribute in ATTRIBUTES:
                said = self._remarks(name, attribute)
                if any(one is not None for one in said) and self._steady(name, attribute) is None:
                    found[f"{name}.{attribute}"] = [cell(one) for one in said]
        return found

    def _about(self) -> list[str]:
        """`about: (remarks) fields · (remarks) fields` of what is the same in every record."""
        pairs = []
        for name in self.remarked:
            steady = {attribute: self._steady(name, attribute) for attribute in ATTRIBUTES}
            said = ", ".join(remark(attribute, value) for attribute, value in steady.items() if value is not None)
            if said:
                pairs.append((name, said))
        return wrapped("about", [f"({said}) {', '.join(names)}" for said, names in grouped(pairs).items()])


def _grid(keys: dict[str, list[str]], cells: dict[str, list[str]]) -> Grid:
    columns = keys | cells
    words = [at for at, (name, told) in enumerate(columns.items()) if name in keys or not _figures(told)]
    return Grid(list(columns), list(zip(*columns.values(), strict=True)), words)


def _figures(cells: Sequence[str]) -> bool:
    return all(one[:1] in "-0123456789[–" and one[4:5] != "-" for one in cells)
