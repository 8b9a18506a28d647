"""A run of a model over the questions, and its report as JSON and as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import anyio
import httpx

from evals.agent import Asker, Model, Outcome, listed
from evals.asking import connected
from evals.questions import Question
from evals.wires import Wire
from sugeup.faces.answering import Answering


def ask_all(
    chosen: Sequence[Question],
    lakes: Mapping[str, Answering],
    wire: Wire,
    model: Model,
    tell: Callable[[Outcome], None] = lambda _outcome: None,
) -> list[Outcome]:
    """Ask a model every question, one after the other; `tell` hears of each as it is answered."""
    outcomes: dict[str, Outcome] = {}

    async def over(lake: str) -> None:
        async with httpx.AsyncClient() as http, connected(lakes[lake]) as client:
            tools, asker = await listed(client), Asker(http, wire, model)
            for one in chosen:
                if one.lake == lake:
                    outcomes[one.id] = await asker.ask(client, tools, one)
                    tell(outcomes[one.id])

    for lake in dict.fromkeys(one.lake for one in chosen):
        anyio.run(over, lake)
    return [outcomes[one.id] for one in chosen]


def report(chosen: Sequence[Question], outcomes: Sequence[Outcome], api: str, model: Model) -> dict[str, Any]:
    """Shares and sums of a run, for all and by kind of question, and every outcome. Holds no key."""
    pairs = list(zip(chosen, outcomes, strict=True))
    kinds: dict[str, Callable[[Question], bool]] = {
        "all": lambda _one: True,
        "ko": lambda one: one.language == "ko",
        "en": lambda one: one.language == "en",
        "several_tools": lambda one: len(one.steps) > 1,
        "not_known": lambda one: one.answer.rule == "reason",
        "demo": lambda one: one.lake == "demo",
        "simulated": lambda one: one.lake == "simulated",
    }
    scores = {kind: _score([out for one, out in pairs if belongs(one)]) for kind, belongs in kinds.items()}
    return {
        "model": model.name,
        "api": api,
        "endpoint": model.endpoint,
        "scores": {kind: score for kind, score in scores.items() if score["asked"]},
        "outcomes": [asdict(one) for one in outcomes],
    }


def _score(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    asked = len(outcomes)
    return {
        "asked": asked,
        "right": sum(one.right for one in outcomes),
        "right_and_thrifty": sum(one.right and one.thrifty for one in outcomes),
        "errors": sum(one.error is not None for one in outcomes),
        "calls": sum(len(one.called) for one in outcomes),
        "tool_tokens": sum(one.tool_tokens for one in outcomes),
        "tokens_read": sum(one.read for one in outcomes),
        "tokens_written": sum(one.written for one in outcomes),
        "seconds": round(sum(one.seconds for one in outcomes), 1),
    }
