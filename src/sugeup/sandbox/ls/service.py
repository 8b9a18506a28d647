"""The LS sandbox without its wire: one question in, one answer out, with accounts, limits of each TR and counts."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sugeup.sandbox.faults import PAGE
from sugeup.sandbox.limits import Counts, Windows
from sugeup.sandbox.ls.auth import KEY, SECRET, Accounts, failed
from sugeup.sandbox.ls.desk import Desk
from sugeup.sandbox.ls.routes import INVESTORS, Asked, answered, paths, refuse, routes, sent
from sugeup.sandbox.moment import Moment
from sugeup.sandbox.service import Call, Sent
from sugeup.sandbox.world import World

TOKEN, REVOKE = "/oauth2/token", "/oauth2/revoke"
LIMITED = "초당 거래건수를 초과하였습니다."


@dataclass(frozen=True)
class Options:
    """How the vendor behaves.

    `times`: how many times the calls of the vendor's limits it takes in a second. `accounts`: secrets by key. `paper`:
    keys of paper trading, which are told that nothing was traded.
    """

    times: float = 1.0
    accounts: Mapping[str, str] = field(default_factory=lambda: {KEY: SECRET})
    paper: frozenset[str] = frozenset()


class Ls:
    """Serves a simulated market as LS증권 would, at the moment of its clock."""

    name = "ls"
    title = "LS증권 OPEN API"

    def __init__(self, world: World, options: Options | None = None) -> None:
        self.world = world
        self.options = options or Options()
        self.figures = world.figures_of(self.name)
        self.windows = Windows(self._allowed)
        self.counts = Counts()
        self.accounts = Accounts(self.options.accounts, lambda: int(world.counter() * 1000))

    def owns(self, path: str) -> bool:
        """Its questions and its tokens."""
        return path in paths() or path in {TOKEN, REVOKE}

    def identifier(self, call: Call) -> str:
        """The TR."""
        return call.headers.get("tr_cd", "") if call.path in paths() else ""

    def key(self, call: Call) -> str:
        """Whose token the call holds."""
        return self.accounts.key(call.headers)

    def hurried(self, call: Call) -> Sent | None:
        """IGW00201 above the limit of the TR and the key."""
        name = self.identifier(call)
        if call.path not in paths():
            return None
        self.counts.arrived(name, call.at)
        if self.windows.take(f"{name} {self.key(call)}", call.at):
            return None
        self.counts.rejected += 1
        return self.too_often()

    def too_often(self) -> Sent:
        """IGW00201: the call was not executed."""
        return sent(failed("IGW00201", 500, LIMITED))

    def trouble(self, chance: random.Random) -> Sent:
        """A page, or JSON without a code of the vendor."""
        if chance.random() < 0.5:
            return Sent({"message": "Internal Server Error"}, 500)
        return Sent(PAGE, 503, "text/html")

    def end_tokens(self, key: str, *, revoked: bool) -> None:
        """Let every token of a key end now."""
        self.accounts.end(key, self.world.clock.seoul(), revoked=revoked)

    def answer(self, call: Call, moment: Moment) -> Sent:
        """A token, or the answer of a TR."""
        if call.path in {TOKEN, REVOKE}:
            return self._oauth(call)
        refused = self.accounts.check(call.headers, self.world.clock.seoul())
        if refused is not None:
            return sent(refused)
        asked = refuse(call)
        if not isinstance(asked, Asked):
            return sent(asked)
        self.counts.answers[asked.route.name] += 1
        if self.key(call) in self.options.paper and call.path in INVESTORS:
            return asked.route.nothing()
        route = asked.route
        return answered(route, Desk(self.figures, moment, self.world.revisions, given=asked.given, blocks=route.blocks))

    def shown(self) -> Mapping[str, Any]:
        """By how much its limits are higher than the vendor's."""
        return {"times": self.options.times}

    def _allowed(self, name: str) -> int:
        route = routes().get(name.partition(" ")[0])
        return max(1, int((route.calls if route else 1) * self.options.times))

    def _oauth(self, call: Call) -> Sent:
        if call.method != "POST":
            return sent(failed("IGW00205", 405))
        now = self.world.clock.seoul() + self.world.skew()
        form = call.form
        asked = self.accounts.token if call.path == TOKEN else None
        found = asked(call.headers, form, now) if asked else self.accounts.revoke(call.headers, form)
        self.counts.tokens = self.accounts.issued
        return sent(found)
