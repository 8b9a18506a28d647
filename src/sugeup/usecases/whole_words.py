"""How the values of a whole answer are written: exact numbers, remarks on them, reasons of nulls, wrapped lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sugeup.usecases.wording import ABSENT, screen_width

WIDTH = 120
"""Columns of a line or table; a single value that is longer has a line of its own."""
ATTRIBUTES = (
    "unit",
    "window",
    "n",
    "percentile",
    "ci",
    "p_adj",
    "estimated",
    "provisional",
    "method",
    "metric",
    "source",
    "as_of",
    "note",
)
"""What `meta` says of a value, beside the reason of a null, in the order in which it is written."""
_BARE = ("unit", "metric")
About = Mapping[str, Any]


def flat(value: Any) -> bool:
    """Whether a value is written in place: no object and no list that holds one."""
    return not isinstance(value, dict) and not (isinstance(value, list) and any(isinstance(one, dict) for one in value))


def cell(value: Any) -> str:
    """A value as it is, never rounded: thousands separated, a dash for null, lists in brackets."""
    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:,}"
    if isinstance(value, list):
        return f"[{', '.join(map(cell, value))}]" if value else "none"
    return str(value)


def remark(name: str, value: Any) -> str:
    """One remark: a unit and the id of a metric say what they are, the others are named; a flag is its name."""
    if name in _BARE:
        return cell(value)
    return name if value is True else f"{name} {cell(value)}"


def remarks(about: About, *, unit: bool = True) -> str:
    """Every remark on a value but the reason of a null (with its note), comma-separated; "" without any."""
    names = [name for name in ATTRIBUTES if name in about and (unit or name != "unit")]
    return ", ".join(remark(name, about[name]) for name in names if name != "note" or "reason" not in about)


def entry(name: str, value: Any, about: About) -> str:
    """`name value unit (remarks)`; a scale as 0-100 is a remark."""
    unit = str(about.get("unit", ""))
    beside = bool(unit) and value is not None and not unit[0].isdigit()
    said = remarks(about, unit=not beside)
    return f"{name} {cell(value)}{f' {unit}' if beside else ''}" + (f" ({said})" if said else "")


def titled(path: str, about: About) -> str:
    """Head of a block or table with the remarks on it as a whole."""
    said = remarks(about)
    return f"{path} ({said}):" if said else f"{path}:"


def wrapped(head: str, items: Sequence[str], between: str = " · ") -> list[str]:
    """`head item · item · item` in lines of at most WIDTH columns, broken between items and after a long head only."""
    lines, line = [], head
    for number, item in enumerate(items):
        ends = len(between.rstrip()) + 1 if number < len(items) - 1 else 0
        if screen_width(line) + len(between) + screen_width(item) + ends > WIDTH:
            lines.append(line + (between.rstrip() if number else ""))
            line = f"  {item}"
        else:
            line += (between if number else " ") + item
    return [*lines, line] if items else []


@dataclass
class Reasons:
    """Why values are null: every reason once, with the blocks and fields that it holds for."""

    found: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def add(self, path: str, name: str, about: About) -> None:
        """Note the field `name` of the block or table at `path`."""
        if about.get("reason"):
            self.found.setdefault(why(about), {}).setdefault(path, []).append(name)

    def lines(self) -> Iterator[str]:
        """`null REASON: note: block: field, field; block: field`."""
        for reason, places in self.found.items():
            alike: dict[tuple[str, ...], list[str]] = {}
            for path, names in places.items():
                alike.setdefault(tuple(names), []).append(path)
            said = "; ".join(f"{_shared(paths)}{', '.join(names)}" for names, paths in alike.items())
            yield from wrapped(f"null {reason}:", said.split(", "), ", ")


def why(about: About) -> str:
    """Reason and note of a null."""
    return f"{about['reason']}: {about['note']}" if about.get("note") else str(about["reason"])


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Names by what is said of them."""
    found: dict[str, list[str]] = {}
    for name, said in pairs:
        found.setdefault(said, []).append(name)
    return found


def _shared(paths: Sequence[str]) -> str:
    """Paths in one word, what they begin with written once: `a.b: ` or `a.{b, c}: `; "" for the answer itself."""
    parents = {path.rpartition(".")[0] for path in paths}
    if len(paths) > 1 and len(parents) == 1 and (parent := parents.pop()):
        return f"{parent}.{{{', '.join(path.rpartition('.')[2] for path in paths)}}}: "
    return f"{', '.join(paths)}: " if any(paths) else ""
