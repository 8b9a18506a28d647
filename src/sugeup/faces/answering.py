"""The seam between faces and use-cases: a question goes in, an answer comes out with its JSON text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from pydantic import BaseModel

from sugeup.app import App
from sugeup.faces import payload
from sugeup.registry import UseCase


@dataclass(frozen=True)
class Answered:
    """An answer, and what a face sends of it; computed once, however often it is sent."""

    answer: BaseModel

    @cached_property
    def plain(self) -> dict[str, Any]:
        """The answer as JSON values."""
        return payload.plain(self.answer)

    @cached_property
    def body(self) -> bytes:
        """The answer as JSON text."""
        return orjson.dumps(self.plain)

    @cached_property
    def etag(self) -> str:
        """Strong entity tag of the JSON text."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


class Answering:
    """Answers the questions of one application."""

    def __init__(self, app: App) -> None:
        self.app = app

    def ask(self, case: UseCase, arguments: Mapping[str, Any]) -> Answered:
        """The answer of a use-case to arguments as a client wrote them; raises what the use-case raises."""
        return Answered(case.run(self.app.archive, **arguments))
