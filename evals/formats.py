"""What the answers of each tool cost in tokens: concise text, detailed text, and the structured part."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anyio

from evals.asking import call, connected
from evals.counting import tokens
from evals.oracle import Proof
from evals.questions import Question
from sugeup.faces.answering import Answering

LIMIT = 1 / 3
"""Concise text, at most, of the detailed text, with the padding of tables and without."""
_PADDING = re.compile(" {2,}")


@dataclass(frozen=True)
class Cost:
    """Mean tokens of a tool's answers over the distinct calls of the oracle.

    `bare_…` count a run of spaces as one: padding lines up the columns of a table and says nothing.
    """

    tool: str
    calls: int
    concise: float
    detailed: float
    bare_concise: float
    bare_detailed: float
    structured: float

    @property
    def of_text(self) -> float:
        """Concise text as a share of the detailed text."""
        return self.concise / self.detailed

    @property
    def of_bare_text(self) -> float:
        """The same without the padding of tables."""
        return self.bare_concise / self.bare_detailed

    @property
    def of_whole(self) -> float:
        """Concise text as a share of all that a client reads that takes both parts of a detailed answer."""
        return self.concise / (self.detailed + self.structured)

    @property
    def ok(self) -> bool:
        """Whether the limit holds."""
        return max(self.of_text, self.of_bare_text) <= LIMIT


def costs(chosen: Sequence[Question], proofs: Sequence[Proof], lakes: Mapping[str, Answering]) -> list[Cost]:
    """Costs of every tool that the oracle calls; answers that are errors have one format and are left out."""
    asked: dict[tuple[str, str, str], None] = {}
    for question, proof in zip(chosen, proofs, strict=True):
        for step in proof.asked:
            plain = {name: value for name, value in step.arguments.items() if name != "response_format"}
            asked[question.lake, step.tool, json.dumps(plain, sort_keys=True, ensure_ascii=False)] = None
    found: dict[str, list[tuple[int, ...]]] = {}

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
                    bare = (tokens(_PADDING.sub(" ", one.text)) for one in (concise, detailed))
                    found.setdefault(tool, []).append((concise.tokens, detailed.tokens, *bare, body))

    for lake in dict.fromkeys(place for place, _tool, _arguments in asked):
        anyio.run(over, lake)
    return [
        Cost(tool, len(rows), *(round(sum(column) / len(rows), 1) for column in zip(*rows, strict=True)))
        for tool, rows in sorted(found.items())
    ]


def table(found: Sequence[Cost]) -> str:
    """The report as a table of Markdown."""
    lines = [
        "| tool | calls | concise text | detailed text | structured | concise ÷ detailed | without padding "
        "| concise ÷ text and structured |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| `{one.tool}` | {one.calls} | {one.concise:,.0f} | {one.detailed:,.0f} | {one.structured:,.0f} "
        f"| {one.of_text:.2f} | {one.of_bare_text:.2f} | {one.of_whole:.2f}{'' if one.ok else ' MISSED'} |"
        for one in found
    ]
    return "\n".join(lines)
