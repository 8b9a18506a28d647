"""What a vendor of a sandbox is: which paths are its own, how a call is counted, refused and answered."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson

from sugeup.sandbox.limits import Counts
from sugeup.sandbox.moment import Moment

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Call:
    """One request. `headers` by lower-case name; `at`: real seconds at which it arrived."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @cached_property
    def given(self) -> dict[str, str]:
        """Parameters of the query, blank ones too."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, str]:
        """Parameters of a form in the body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @cached_property
    def object(self) -> dict[str, Any] | None:
        """The object that the body holds as JSON; None when it holds none."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None
        return found if isinstance(found, dict) else None


@dataclass(frozen=True)
class Sent:
    """What goes back: an object or a list that is written as JSON, or bytes as they are."""

    body: Mapping[str, Any] | list[Any] | bytes
    status: int = 200
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> bytes:
        """The body on the wire."""
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


class Service(Protocol):
    """One vendor over the simulated market."""

    name: str
    title: str
    counts: Counts

    def owns(self, path: str) -> bool:
        """Whether a path is this vendor's."""
        ...

    def identifier(self, call: Call) -> str:
        """What is asked (tr_id, TR, endpoint); empty for what has no pace and no faults, such as a token."""
        ...

    def key(self, call: Call) -> str:
        """Whose call it is."""
        ...

    def hurried(self, call: Call) -> Sent | None:
        """The refusal of a call that came too soon; None when it may go on. Counted when it arrives."""
        ...

    def answer(self, call: Call, moment: Moment) -> Sent:
        """The answer to a call."""
        ...

    def too_often(self) -> Sent:
        """The refusal of a call as too frequent."""
        ...

    def trouble(self, chance: random.Random) -> Sent:
        """What a gateway in trouble answers."""
        ...

    def end_tokens(self, key: str, *, revoked: bool) -> None:
        """Let every token of a key end now; nothing where there are none."""
        ...

    def shown(self) -> Mapping[str, Any]:
        """How it behaves, as plain JSON."""
        ...
