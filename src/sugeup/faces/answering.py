"""The seam between faces and use-cases: a question goes in, an answer comes out as JSON text, kept for the next one."""

from __future__ import annotations

import importlib.metadata
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import orjson
from pydantic import BaseModel, ValidationError

from sugeup import registry
from sugeup.errors import Retryable, SugeupError
from sugeup.faces import payload
from sugeup.faces.cache import Cache, Question, Recording, Result, Statistics, key
from sugeup.faces.http_content import Content
from sugeup.registry import UseCase

if TYPE_CHECKING:
    from sugeup.app import App

_SEOUL = ZoneInfo("Asia/Seoul")
COMPUTING = 8
"""Computations at the same time; others wait for their turn."""
PATIENCE = 15.0
"""Seconds that a computation waits for its turn before it is refused as BUSY."""


@dataclass(frozen=True)
class Answered:
    """An answer, and what a face sends of it; computed once, however often it is sent."""

    answer: BaseModel
    key: str | None = None
    """Name of the answer in a cache (contract: use-case, arguments, versions); None for one that is not kept."""
    reads: tuple[str, ...] | None = None
    """Datasets that it was computed from; None where that cannot be told."""

    @cached_property
    def plain(self) -> dict[str, Any]:
        """The answer as JSON values; shared by everybody who asks, so it must not be changed."""
        return payload.plain(self.answer)

    @cached_property
    def body(self) -> bytes:
        """The answer as JSON text."""
        return orjson.dumps(self.plain)

    @cached_property
    def content(self) -> Content:
        """The JSON text with its representations for HTTP."""
        return Content(self.body)

    @property
    def etag(self) -> str:
        """Strong entity tag of the JSON text."""
        return self.content.etag


class Answering:
    """Answers the questions of one application; an answer is kept while what it was computed from stays as it is.

    May be used by many threads. `computing` computations run at once, each waits `patience` seconds for its turn.
    """

    def __init__(self, app: App, *, computing: int = COMPUTING, patience: float = PATIENCE) -> None:
        self.app = app
        self._turns = threading.BoundedSemaphore(computing)
        self._patience = patience

    @cached_property
    def _cache(self) -> Cache[Answered]:
        return Cache(self.app.version, self._today, lambda answered: len(answered.body))

    @cached_property
    def _code(self) -> str:
        return importlib.metadata.version("sugeup")

    def ask(self, case: UseCase, arguments: Mapping[str, Any], tell: Callable[[str], None] | None = None) -> Answered:
        """The answer of a use-case to arguments as a client wrote them; raises what the use-case raises.

        Blocks while it is computed, here or by another thread that was asked the same. Raises Retryable(BUSY) when too
        much is being computed. `tell` is called with the name of a dataset at every read, in the computing thread.
        """
        return self.told(case, arguments, tell)[0]

    def told(
        self, case: UseCase, arguments: Mapping[str, Any], tell: Callable[[str], None] | None = None
    ) -> tuple[Answered, bool]:
        """As `ask`, and whether the answer was computed for somebody else before."""
        question = self._question(case, arguments)
        return self._cache.ask(question, lambda: self._compute(case, arguments, question, tell))

    def held(self, case: UseCase, arguments: Mapping[str, Any]) -> Answered | None:
        """The kept answer if it is current, at the cost of comparing versions; None when it has to be computed."""
        question = self._question(case, arguments)
        try:
            return self._cache.held(question)
        except SugeupError:
            return None

    def statistics(self) -> Statistics:
        """Hits, misses and size of the cache."""
        return self._cache.statistics()

    def _question(self, case: UseCase, arguments: Mapping[str, Any]) -> Question:
        try:
            checked = case.arguments.model_validate(arguments)
        except ValidationError as error:
            raise registry.refusal(error, case.arguments) from None
        return case.name, checked.model_dump_json()

    def _compute(
        self,
        case: UseCase,
        arguments: Mapping[str, Any],
        question: Question,
        tell: Callable[[str], None] | None,
    ) -> Result[Answered]:
        archive = Recording(self.app.archive, self.app.version, tell)
        day = self._today()
        try:
            if not self._turns.acquire(timeout=self._patience):
                raise Retryable("Too many questions are being computed.", code="BUSY", hint="Ask again a little later.")
            try:
                answer = case.run(archive, **arguments)
            finally:
                self._turns.release()
        except Exception as error:
            return Result(None, error, day, archive.noted())
        reads = archive.noted()
        name = None if reads is None else key(self.app.archive.name, self._code, question, day, reads)
        answered = Answered(answer, name, None if reads is None else tuple(reads))
        try:
            answered.body  # noqa: B018 (serialised here, in the thread that may take its time)
        except ValueError as error:
            return Result(None, error, day, reads)
        return Result(answered, None, day, reads)

    def _today(self) -> date:
        """The date in Seoul, on which warnings about old figures depend."""
        return self.app.clock.now().astimezone(_SEOUL).date()
