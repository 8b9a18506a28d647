"""The KRX OPEN API sandbox without its wire: keys with the APIs that they are approved for, a quota, the lists."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sugeup.sandbox.faults import PAGE
from sugeup.sandbox.kis.auth import KEY
from sugeup.sandbox.krx import lists
from sugeup.sandbox.limits import Counts
from sugeup.sandbox.moment import Moment
from sugeup.sandbox.service import Call, Sent
from sugeup.sandbox.world import World
from sugeup.specifications import specification

ROOT = "/svc/apis"
_SPECIFICATION = specification("krx")
_PATHS: dict[str, str] = {ROOT + one["path"]: name for name, one in _SPECIFICATION["endpoints"].items()}
_HEADER = str(_SPECIFICATION["header"]).lower()
_WORDS = _SPECIFICATION["errors"]
QUOTA = int(_SPECIFICATION["limits"]["calls_a_day"])


@dataclass(frozen=True)
class Options:
    """How the vendor behaves. `keys`: a key and the APIs that it is not approved for. `quota`: calls of a key a day."""

    keys: Mapping[str, frozenset[str]] = field(default_factory=lambda: {KEY: frozenset()})
    quota: int = QUOTA


class Krx:
    """Serves a simulated market as the exchange's open interface would, at the moment of its clock."""

    name = "krx"
    title = "KRX OPEN API"

    def __init__(self, world: World, options: Options | None = None) -> None:
        self.world = world
        self.options = options or Options()
        self.figures = world.figures_of(self.name)
        self.counts = Counts()
        self._used: Counter[tuple[str, str]] = Counter()

    def owns(self, path: str) -> bool:
        """Everything below its root."""
        return path.startswith(f"{ROOT}/")

    def identifier(self, call: Call) -> str:
        """The API."""
        return _PATHS.get(call.path, "")

    def key(self, call: Call) -> str:
        """The key in the header."""
        return call.headers.get(_HEADER, "")

    def hurried(self, call: Call) -> Sent | None:
        """No limit by second is published: a call only counts."""
        self.counts.arrived(self.identifier(call), call.at)
        return None

    def too_often(self) -> Sent:
        """The refusal of a call beyond the quota."""
        self.counts.rejected += 1
        return _refused("429", _WORDS["429"]["over_quota"])

    def trouble(self, chance: random.Random) -> Sent:
        """A page of the gateway."""
        return Sent(PAGE, 500 if chance.random() < 0.5 else 503, "text/html")

    def end_tokens(self, key: str, *, revoked: bool) -> None:
        """There are no tokens."""

    def answer(self, call: Call, moment: Moment) -> Sent:
        """The list of a day, or why there is none for this key."""
        api = self.identifier(call)
        if not api:
            return _refused("404", "Not Found")
        lacking = self.options.keys.get(self.key(call))
        if lacking is None:
            return _refused("401", _WORDS["401"]["wrong_key"])
        if api in lacking:
            return _refused("401", _WORDS["401"]["unapproved"])
        used = (self.key(call), moment.day.isoformat())
        self._used[used] += 1
        if self._used[used] > self.options.quota:
            return self.too_often()
        self.counts.answers[api] += 1
        return Sent({"OutBlock_1": lists.answer(api, call.given.get("basDd", ""), self.figures, moment)})

    def shown(self) -> Mapping[str, Any]:
        """Its quota."""
        return {"quota": self.options.quota}


def _refused(code: str, said: str) -> Sent:
    return Sent({"respMsg": said, "respCode": code}, int(code))
