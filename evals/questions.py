"""The questions: text, what the oracle asks, the answer with its rule, and the limits. Read from `questions/*.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

FOLDER = Path(__file__).with_name("questions")
Rule = Literal["number", "word", "name", "date", "code", "reason"]
How = Literal["value", "difference", "sum", "larger", "smaller"]
Language = Literal["ko", "en"]
LakeKind = Literal["demo", "simulated"]


@dataclass(frozen=True)
class Step:
    """A call of the oracle; an argument `$1.path` is taken from the first answer."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The right answer and how an answer is held against it.

    `number`: within `tolerance` of `value`, in `unit`. `word`: `value` or one of `accept`. `name`, `code`, `date`: the
    same. `reason`: not known, because of `value`. `of` says where the figures stand that the answer is made of, `how`
    what is made of them (`labels` name them for larger and smaller), `scale` what a figure is divided by for the unit.
    """

    rule: Rule
    value: Any
    of: tuple[str, ...]
    how: How = "value"
    tolerance: float = 0.0
    unit: str = ""
    scale: float = 1.0
    accept: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question that has one right answer on one lake, within `calls` calls and `tokens` tokens of answers."""

    id: str
    language: Language
    lake: LakeKind
    question: str
    steps: tuple[Step, ...]
    answer: Answer
    calls: int
    tokens: int


def load(folder: Path = FOLDER) -> tuple[Question, ...]:
    """Every question, in the order of the files. Raises ValueError for one that is written wrongly."""
    found: list[Question] = []
    for path in sorted(folder.glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["question"]:
            found.append(_question(entry, path.stem))
    ids = [one.id for one in found]
    if twice := {id for id in ids if ids.count(id) > 1}:
        raise ValueError(f"ids that are there twice: {sorted(twice)}")
    return tuple(found)


def choose(ids: list[str], lake: str | None = None, language: str | None = None) -> tuple[Question, ...]:
    """The questions whose id begins with one of `ids` (none: every one), of a lake and a language."""
    return tuple(
        one
        for one in load()
        if (not ids or one.id.startswith(tuple(ids))) and lake in (None, one.lake) and language in (None, one.language)
    )


def _question(entry: dict[str, Any], lake: str) -> Question:
    name = entry.get("id", "?")
    given = dict(entry["answer"])
    of = given.pop("of")
    answer = Answer(
        of=(of,) if isinstance(of, str) else tuple(of),
        accept=tuple(given.pop("accept", ())),
        labels=tuple(given.pop("labels", ())),
        **given,
    )
    steps = tuple(Step(one["tool"], one.get("arguments", {})) for one in entry["steps"])
    made = Question(
        name,
        entry["language"],
        entry.get("lake", lake),
        entry["question"],
        steps,
        answer,
        entry["calls"],
        entry["tokens"],
    )
    _check(made)
    return made


def _check(made: Question) -> None:
    answer = made.answer
    for value, allowed in (
        (made.language, get_args(Language)),
        (made.lake, get_args(LakeKind)),
        (answer.rule, get_args(Rule)),
        (answer.how, get_args(How)),
    ):
        if value not in allowed:
            raise ValueError(f"{made.id}: {value!r} is none of {', '.join(allowed)}")
    if (answer.rule == "number") != isinstance(answer.value, int | float):
        raise ValueError(f"{made.id}: {answer.value!r} does not fit rule {answer.rule}")
    if answer.rule == "date":
        date.fromisoformat(str(answer.value))
    if answer.how in ("larger", "smaller") and len(answer.labels) != len(answer.of):
        raise ValueError(f"{made.id}: {len(answer.of)} figures need as many labels")
