"""The KIS sandbox without its wire: one question in, one answer out, with accounts, limits and counts."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sugeup.sandbox.faults import PAGE
from sugeup.sandbox.kis import masters
from sugeup.sandbox.kis.auth import BETWEEN, KEY, SECRET, Accounts
from sugeup.sandbox.kis.desk import Desk
from sugeup.sandbox.kis.envelope import Answer, failed, too_often
from sugeup.sandbox.kis.routes import Route, answered, refuse
from sugeup.sandbox.limits import Counts, Windows
from sugeup.sandbox.moment import Moment
from sugeup.sandbox.service import Call, Sent
from sugeup.sandbox.world import World

RATE = 20
NEWCOMER = "new-"
"""A key that begins so belongs to a new customer."""
NEWCOMER_RATE = 3
_AS_200 = 4
"""One refusal in so many comes with HTTP 200, as both are seen in life."""
_OAUTH = "/oauth2/"
_TOKENS = ("tokenP", "revokeP", "Approval")


@dataclass(frozen=True)
class Options:
    """How the vendor behaves.

    `rate`: calls a second of one key. `accounts`: secrets by key. `token_seconds`: seconds between two issues of a
    token. `token_clock`: tokens live by real seconds (False) or by the sandbox's clock (True).
    """

    rate: int = RATE
    accounts: Mapping[str, str] = field(default_factory=lambda: {KEY: SECRET})
    token_seconds: float = BETWEEN
    token_clock: bool = False


class Kis:
    """Serves a simulated market as 한국투자증권 would, at the moment of its clock."""

    name = "kis"
    title = "한국투자증권 KIS Open API"

    def __init__(self, world: World, options: Options | None = None) -> None:
        self.world = world
        self.options = options or Options()
        self.figures = world.figures_of(self.name)
        self.windows = Windows(self._rate)
        self.counts = Counts()
        seconds = (lambda: world.clock.now().timestamp()) if self.options.token_clock else (lambda: world.counter())
        self.accounts = Accounts(self.options.accounts, seconds, self.options.token_seconds)

    def owns(self, path: str) -> bool:
        """Its services, its files and what stands beside its tokens."""
        return path.startswith(("/uapi/", masters.PATH)) or path.removeprefix(_OAUTH) in _TOKENS

    def identifier(self, call: Call) -> str:
        """The tr_id."""
        return call.headers.get("tr_id", "") if call.path.startswith("/uapi/") else ""

    def key(self, call: Call) -> str:
        """The app key."""
        return call.headers.get("appkey", "")

    def hurried(self, call: Call) -> Sent | None:
        """EGW00201 above the rate of the key."""
        if not call.path.startswith("/uapi/"):
            return None
        self.counts.arrived(self.identifier(call), call.at)
        if self.windows.take(self.key(call), call.at):
            return None
        self.counts.rejected += 1
        return _sent(too_often(200 if self.counts.rejected % _AS_200 == 0 else 500))

    def too_often(self) -> Sent:
        """EGW00201: the call was not executed."""
        return _sent(too_often())

    def trouble(self, chance: random.Random) -> Sent:
        """A routing error as JSON, or a page."""
        if chance.random() < 0.5:
            return _sent(failed("EGW00202", "GW라우팅 중 오류가 발생했습니다."))
        return Sent(PAGE, 503, "text/html")

    def end_tokens(self, key: str, *, revoked: bool) -> None:
        """Let every token of a key end now."""
        self.accounts.end(key, revoked=revoked)

    def answer(self, call: Call, moment: Moment) -> Sent:
        """A token, a file, or the answer of a service."""
        if call.path.startswith(masters.PATH):
            return self._file(call.path.removeprefix(masters.PATH))
        if call.path.startswith(_OAUTH):
            return _sent(self._oauth(call))
        given = {name.upper(): value for name, value in call.given.items()}
        refused = self.accounts.check(call.headers)
        route = refused if refused is not None else refuse(call.path, self.identifier(call), given)
        if not isinstance(route, Route):
            return _sent(route)
        self.counts.answers[route.name] += 1
        desk = Desk(self.figures, moment, self.world.revisions, given=given, blocks=route.blocks)
        return _sent(answered(route, desk), tr_id=self.identifier(call), gt_uid=f"{self.counts.calls.total():032d}")

    def shown(self) -> Mapping[str, Any]:
        """Its rate."""
        return {"rate": self.options.rate}

    def _rate(self, key: str) -> int:
        return min(self.options.rate, NEWCOMER_RATE) if key.startswith(NEWCOMER) else self.options.rate

    def _file(self, name: str) -> Sent:
        self.counts.files += 1
        found = masters.file(name, self.figures, self.world.moment())
        return Sent(found or b"", 200 if found else 404, "application/octet-stream")

    def _oauth(self, call: Call) -> Answer:
        name = call.path.removeprefix(_OAUTH) if call.method == "POST" else ""
        if name not in _TOKENS:
            return failed("MCA00124", "존재하지 않는 서비스입니다.", status=404)
        if call.object is None:
            return Answer({"error_description": "유효하지 않은 요청입니다.", "error_code": "EGW00101"}, 403)
        body = {str(name): str(value) for name, value in call.object.items()}
        now = self.world.clock.seoul() + self.world.skew()
        asked = {"revokeP": self.accounts.revoke, "Approval": self.accounts.approval}
        found = asked.get(name, partial(self.accounts.token, now=now))(body)
        self.counts.tokens = self.accounts.issued
        return found


def _sent(answer: Answer, **headers: str) -> Sent:
    return Sent(answer.body, answer.status, headers={"tr_cont": answer.more, **headers})
