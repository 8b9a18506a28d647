"""Where a figure stands in an answer: `investor_data.foreign.streak`, `matches[0].code`, `stocks[code=005930].z`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_PART = re.compile(r"([^.\[\]]+)|\[(-?\d+)\]|\[([^=\]]+)=([^\]]*)\]")
_REFERENCE = re.compile(r"\$(\d+)\.(.+)")


def find(document: Any, path: str) -> Any:
    """What stands at the path; raises LookupError that names the part that is not there."""
    found = document
    for part in _PART.finditer(path):
        name, position, key, value = part.groups()
        try:
            if name is not None:
                found = found[name]
            elif position is not None:
                found = found[int(position)]
            else:
                found = next(one for one in found if str(one.get(key)) == value)
        except (LookupError, StopIteration, TypeError, AttributeError) as error:
            raise LookupError(f"{path}: nothing at {part.group()!r}") from error
    return found


def refer(given: Any, documents: Sequence[Any]) -> Any:
    """Arguments with each `$2.path` replaced by what stands there in the second answer."""
    if isinstance(given, dict):
        return {name: refer(value, documents) for name, value in given.items()}
    if isinstance(given, list):
        return [refer(value, documents) for value in given]
    if isinstance(given, str) and given.startswith("$"):
        return at(given, documents)
    return given


def at(reference: str, documents: Sequence[Any]) -> Any:
    """What `$n.path` stands for; without `$n.` the path is read in the newest answer. Raises LookupError."""
    matched = _REFERENCE.fullmatch(reference)
    if matched is None:
        if not documents:
            raise LookupError(f"{reference}: there is no answer yet")
        return find(documents[-1], reference)
    number = int(matched[1])
    if not 1 <= number <= len(documents):
        raise LookupError(f"{reference}: there are {len(documents)} answers")
    return find(documents[number - 1], matched[2])
