"""A language model at work: it is asked a question, calls tools over MCP; its last line is held against the rule."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
import httpx
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from evals import scoring
from evals.asking import Reply, call
from evals.questions import Question
from evals.wires import Call, Tool, Turn, Wire, WireError

TASK = f"""\
Answer the question from what the tools say and from nothing else. Call as few tools as you need.
End with one line, and write nothing after it:
{scoring.MARK} the answer alone: a number in the unit and with the sign that the question asks for, a name, a code, \
a word, or a date as YYYY-MM-DD.
If the tools say that it is not known, do not guess. End with their reason word instead, as in:
{scoring.MARK} {scoring.UNKNOWN} MISSING_INPUT"""

PATIENCE, TRIES, WAIT = 180.0, 4, 60.0
"""Seconds for one turn; how often a busy server is asked; seconds at most between two tries."""


@dataclass(frozen=True)
class Outcome:
    """How a model did on one question; `right` and `thrifty` (within the limits of the question) are told apart."""

    id: str
    right: bool
    thrifty: bool
    answer: str | None
    expected: str
    called: tuple[str, ...]
    tool_tokens: int
    read: int
    written: int
    seconds: float
    error: str | None = None


@dataclass(frozen=True)
class Model:
    """A model behind an address; `key` goes into a header and nowhere else."""

    endpoint: str
    name: str
    key: str | None = None


class Asker:
    """Asks a model questions, one conversation for each."""

    def __init__(self, http: httpx.AsyncClient, wire: Wire, model: Model) -> None:
        self._http, self._wire, self._model = http, wire, model

    async def ask(self, client: Client, tools: Sequence[Tool], question: Question) -> Outcome:
        """One question; what goes wrong on the way is an outcome too."""
        begun = time.perf_counter()
        replies: list[Reply] = []
        called: list[str] = []
        turns: list[Turn] = []
        error = None
        try:
            await self._converse(client, tools, question, replies, called, turns)
        except (WireError, httpx.HTTPError) as fault:
            error = self._without_key(f"{type(fault).__name__}: {fault}")
        said = turns[-1].text if turns else ""
        spent = sum(one.tokens for one in replies)
        return Outcome(
            question.id,
            error is None and scoring.replied(question.answer, said),
            len(called) <= question.calls and spent <= question.tokens,
            scoring.last_line(said),
            str(question.answer.value),
            tuple(called),
            spent,
            sum(one.read for one in turns),
            sum(one.written for one in turns),
            round(time.perf_counter() - begun, 3),
            error,
        )

    async def _converse(
        self,
        client: Client,
        tools: Sequence[Tool],
        question: Question,
        replies: list[Reply],
        called: list[str],
        turns: list[Turn],
    ) -> None:
        instructions = "\n\n".join(filter(None, (client.instructions, TASK)))
        self._wire.begin(self._model.name, instructions, question.question, tools)
        for _ in range(3 * question.calls + 3):
            turn = self._wire.read(await self._turn())
            turns.append(turn)
            if not turn.calls:
                return
            answered = [(one, await _answer(client, one)) for one in turn.calls]
            called += [one.name for one in turn.calls]
            replies += [reply for _one, reply in answered]
            self._wire.hand_over([(one, reply.text, reply.failed) for one, reply in answered])
        raise WireError(f"no answer after {len(turns)} turns")

    async def _turn(self) -> dict[str, object]:
        address = self._model.endpoint.rstrip("/") + self._wire.path()
        for attempt in range(1, TRIES + 1):
            found = await self._http.post(
                address, json=self._wire.body(), headers=self._wire.headers(self._model.key), timeout=PATIENCE
            )
            busy = found.status_code == 429 or found.status_code >= 500
            if not busy or attempt == TRIES:
                break
            await anyio.sleep(_wait(found.headers.get("retry-after"), attempt))
        if found.status_code != 200:
            raise WireError(f"HTTP {found.status_code}: {found.text[:300]}")
        try:
            turn = found.json()
        except ValueError:
            raise WireError("the model's server answered no JSON") from None
        if not isinstance(turn, dict):
            raise WireError("the model's server answered no object")
        return turn

    def _without_key(self, text: str) -> str:
        return text.replace(self._model.key, "***") if self._model.key else text


async def listed(client: Client) -> list[Tool]:
    """The tools that the server offers."""
    return [Tool(one.name, one.description or "", one.input_schema) for one in (await client.list_tools()).tools]


async def _answer(client: Client, asked: Call) -> Reply:
    """What a tool says; a tool that there is not is told to the model as an error."""
    try:
        return await call(client, asked.name, asked.arguments)
    except MCPError as error:
        return Reply(str(error), {}, True)


def _wait(said: str | None, attempt: int) -> float:
    try:
        seconds = float(said or "")
    except ValueError:
        seconds = math.nan
    return min(WAIT, seconds if seconds >= 0 else 2.0**attempt)
