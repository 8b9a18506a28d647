"""Whether an answer is right: the same rules for what the oracle finds and for what a model writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from evals.paths import at
from evals.questions import Answer

MARK = "ANSWER:"
UNKNOWN = "NOT_KNOWN"
_NUMBER = re.compile(r"[-+−]?\d[\d,]*(?:\.\d+)?")
_DAY = re.compile(r"(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})")
_SLACK = 1e-9


def made_of(answer: Answer, documents: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
    """The answer that follows from structured answers, and the figures it is made of. Raises LookupError."""
    figures = tuple(at(path, documents) for path in answer.of)
    if answer.rule == "number":
        if any(isinstance(one, bool) or not isinstance(one, int | float) for one in figures):
            raise LookupError(f"{answer.of}: {figures} are no numbers")
        figures = tuple(one / answer.scale for one in figures)
    match answer.how:
        case "difference":
            return figures[0] - figures[1], figures
        case "sum":
            return sum(figures), figures
        case "larger" | "smaller":
            pick = max if answer.how == "larger" else min
            return answer.labels[figures.index(pick(figures))], tuple(one / answer.scale for one in figures)
    return figures[0], figures


def right(answer: Answer, given: Any) -> bool:
    """Whether a value (of the oracle, or the end of a model's reply) is the right answer."""
    if answer.rule == "number":
        found = given if isinstance(given, int | float) else _first_number(str(given))
        return found is not None and abs(found - answer.value) <= answer.tolerance + _SLACK
    if answer.rule == "date":
        return _day(str(given)) == str(answer.value)
    if answer.rule == "reason":
        return any(_has(str(given), word) for word in (str(answer.value), *answer.accept))
    said = _folded(str(given))
    if answer.rule == "code":
        return re.search(rf"(?<![0-9a-z]){re.escape(_folded(str(answer.value)))}(?![0-9a-z])", said) is not None
    return any(_folded(word) in said for word in (str(answer.value), *answer.accept))


def replied(answer: Answer, reply: str) -> bool:
    """Whether a model's reply is right: its last line that begins with `ANSWER:` is read, and nothing else.

    An answer that is not known has to say NOT_KNOWN and why; a figure where none is known is wrong, and so is NOT_KNOWN
    where the answer is known.
    """
    said = last_line(reply)
    if said is None:
        return False
    if (answer.rule == "reason") != (UNKNOWN in said.upper()):
        return False
    return right(answer, said)


def last_line(reply: str) -> str | None:
    """What a reply says after its last `ANSWER:`; None when it says no such thing."""
    lines = [line.strip().strip("*`_ ") for line in reply.splitlines()]
    marked = [line for line in lines if line.upper().startswith(MARK)]
    return marked[-1][len(MARK) :].strip().strip("*`_ ") if marked else None


def shown(answer: Answer, figures: Sequence[Any], text: str) -> bool:
    """Whether the text part of the answers shows every figure that the answer is made of."""
    if answer.rule == "number" or answer.how in ("larger", "smaller"):
        numbers = [_value(one) for one in _NUMBER.findall(text)]
        # Text is rounded to what is read: a figure may be off by the tolerance, or by half of its last digit.
        return all(
            any(abs(n - figure) <= max(answer.tolerance, abs(figure) * 0.005) + _SLACK for n in numbers)
            for figure in figures
        )
    if answer.rule == "date":
        return str(answer.value) in text
    if answer.rule == "reason":
        return any(_has(text, word) for word in (str(answer.value), *answer.accept))
    return any(_folded(word) in _folded(text) for word in (str(answer.value), *answer.accept))


def _has(text: str, word: str) -> bool:
    return re.search(rf"(?<![A-Z_]){re.escape(word.upper())}(?![A-Z_])", text.upper()) is not None


def _folded(text: str) -> str:
    return re.sub(r"[\s_·,()]+", "", text).casefold()


def _value(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


def _first_number(text: str) -> float | None:
    found = _NUMBER.search(text)
    return None if found is None else _value(found.group())


def _day(text: str) -> str | None:
    found = _DAY.search(text)
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        return None
