"""What the answers of each tool cost in tokens: concise text, detailed text, and the structured part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anyio

from evals.asking import call, connected
from evals.counting import tokens
from evals.oracle import Proof
from evals.questions import Question
from sugeup.faces.answering import Answering

LIMIT = 1 / 3
"""Concise text, at most, of the whole detailed answer."""

ALIKE = ("explain_metric", "search_stock")
"""Tools that have one text in both formats, as they explain no nulls: it may not be longer than the structured part."""


@dataclass(frozen=True)
class Cost:
    """Mean tokens of a tool's answers over the distinct calls of the oracle.

    `whole` is the detailed answer as a client that reads both parts pays for it: detailed text and structured part.
    """

    tool: str
    calls: int
    concise: float
    detailed: float
    structured: float

    @property
    def whole(self) -> float:
        """Detailed text and structured part."""
        return self.detailed + self.structured

    @property
    def of_whole(self) -> float:
        """Concise text as a share of the whole detailed answer."""
        return self.concise / self.whole

    @property
    def of_text(self) -> float:
        """Concise text as a share of the detailed text."""
        return self.concise / self.detailed

    @property
    def ok(self) -> bool:
        """Whether the limit holds."""
        if self.tool in ALIKE:
            return self.concise <= self.structured
        return self.of_whole <= LIMIT


def costs(chosen: Sequence[Question], proofs: Sequence[Proof], lakes: Mapping[str, Answering]) -> list[Cost]:
    """Costs of every tool that the oracle calls; answers that are errors have one format and are left out."""
    asked: dict[tuple[str, str, str], None] = {}
    for question, proof in zip(chosen, proofs, strict=True):
        for step in proof.asked:
            plain = {name: value for name, value in step.arguments.items() if name != "response_format"}
            asked[question.lake, step.tool, json.dumps(plain, sort_keys=True, ensure_ascii=False)] = None
    found: dict[str, list[tuple[int, int, int]]] = {}

    async def over(lake: str) -> None:
        async with connected(lakes[lake]) as client:
            for place, tool, arguments in asked:
                if place != lake:
                    continue
                plain = json.loads(arguments)
                concise = await call(client, tool, plain)
                detailed = await call(client, tool, plain | {"response_format": "detailed"})
                if not concise.failed:
                    body = tokens(json.dumps(concise.structured, ensure_ascii=False, separators=(",", ":")))
                    found.setdefault(tool, []).append((concise.tokens, detailed.tokens, body))

    for lake in dict.fromkeys(place for place, _tool, _arguments in asked):
        anyio.run(over, lake)
    return [
        Cost(tool, len(rows), *(round(sum(column) / len(rows), 1) for column in zip(*rows, strict=True)))
        for tool, rows in sorted(found.items())
    ]


def table(found: Sequence[Cost]) -> str:
    """The report as a table of Markdown."""
    lines = [
        "| tool | calls | concise text | detailed text | structured | concise ÷ detailed text | concise ÷ whole |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| `{one.tool}` | {one.calls} | {one.concise:,.0f} | {one.detailed:,.0f} | {one.structured:,.0f} "
        f"| {one.of_text:.2f} | {one.of_whole:.2f}{'' if one.ok else ' MISSED'} |"
        for one in found
    ]
    return "\n".join(lines)
