"""The oracle: asks what a question's steps say and proves that structure and text of the answers hold the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anyio
from mcp.client import Client

from evals import scoring
from evals.asking import Era, Reply, call, connected
from evals.paths import refer
from evals.questions import Question, Step
from sugeup.faces.answering import Answering


@dataclass(frozen=True)
class Proof:
    """What the oracle found for one question; `failures` is empty when it is answerable as stated."""

    id: str
    found: Any
    calls: int
    tokens: int
    failures: tuple[str, ...]
    asked: tuple[Step, ...] = ()
    """The calls that were made, with the arguments that earlier answers gave."""


def prove(chosen: Sequence[Question], lakes: Mapping[str, Answering], era: Era = "auto") -> list[Proof]:
    """Ask every question of `lakes` by its steps; in the order given."""
    proofs: dict[str, Proof] = {}

    async def ask(lake: str) -> None:
        async with connected(lakes[lake], era) as client:
            for one in chosen:
                if one.lake == lake:
                    proofs[one.id] = await _prove(client, one)

    for lake in dict.fromkeys(one.lake for one in chosen):
        anyio.run(ask, lake)
    return [proofs[one.id] for one in chosen]


async def _prove(client: Client, question: Question) -> Proof:
    replies: list[Reply] = []
    failures: list[str] = []
    asked: list[Step] = []
    found: Any = None
    try:
        for step in question.steps:
            arguments = refer(step.arguments, [one.structured for one in replies])
            asked.append(Step(step.tool, arguments))
            replies.append(await call(client, step.tool, arguments))
        found, figures = scoring.made_of(question.answer, [one.structured for one in replies])
    except LookupError as error:
        said = replies[-1].text.splitlines()[0] if replies and replies[-1].failed else ""
        failures.append(" ".join(filter(None, (str(error.args[0]), said))))
    else:
        if not scoring.right(question.answer, found):
            failures.append(f"found {found!r}, expected {question.answer.value!r} ± {question.answer.tolerance}")
        if not scoring.shown(question.answer, figures, "\n".join(one.text for one in replies)):
            failures.append(f"the text shows not all of {figures!r}")
    spent = sum(one.tokens for one in replies)
    if len(question.steps) > question.calls:
        failures.append(f"{len(question.steps)} calls, at most {question.calls}")
    if spent > question.tokens:
        failures.append(f"{spent} tokens, at most {question.tokens}")
    return Proof(question.id, found, len(question.steps), spent, tuple(failures), tuple(asked))
