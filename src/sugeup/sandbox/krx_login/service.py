"""The member pages of KRX without their wire: one question in, one answer out, for who is logged in."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sugeup.sandbox.faults import PAGE as TROUBLE
from sugeup.sandbox.krx_login import investors, pages, sectors
from sugeup.sandbox.krx_login.desk import Desk, Row
from sugeup.sandbox.krx_login.members import FRAME, LOGIN, PAGE, Members
from sugeup.sandbox.limits import Counts, Windows
from sugeup.sandbox.moment import Moment
from sugeup.sandbox.service import Call, Sent
from sugeup.sandbox.world import World

KEY, SECRET = "sandbox-key", "sandbox-secret"  # they open nothing but this sandbox
LIFE = 3_600.0
DATA = "/comm/bldAttendant/getJsonData.cmd"
_HTML = "text/html; charset=utf-8"
_STANDARD, _SHORT = "dbms/MDC/STAT/standard/", "dbms/MDC/STAT/srt/"
PAGES: Mapping[str, tuple[str, Callable[[Desk], list[Row]]]] = {
    f"{_STANDARD}MDCSTAT00601": ("output", sectors.members),
    f"{_STANDARD}MDCSTAT01501": ("OutBlock_1", pages.prices),
    f"{_STANDARD}MDCSTAT02203": ("output", investors.market_by_day),
    f"{_STANDARD}MDCSTAT02401": ("output", investors.net_purchases),
    f"{_STANDARD}MDCSTAT02601": ("output", investors.program),
    f"{_STANDARD}MDCSTAT03701": ("output", pages.foreign),
    f"{_STANDARD}MDCSTAT03901": ("block1", sectors.industries),
    f"{_SHORT}MDCSTAT30101": ("OutBlock_1", pages.short_trades),
    f"{_SHORT}MDCSTAT30501": ("OutBlock_1", pages.short_balances),
}
"""Pages by bld: the block of the answer, and who makes its rows."""


@dataclass(frozen=True)
class Options:
    """How the site behaves.

    `accounts`: passwords by log-in. `life`: real seconds of a session. `rate`: calls a second above which the caller is
    kept out for the rest of the day and the next; None: never.
    """

    accounts: Mapping[str, str] = field(default_factory=lambda: {KEY: SECRET})
    life: float = LIFE
    rate: int | None = None


class KrxLogin:
    """Serves a simulated market as the exchange's pages for members would, at the moment of its clock."""

    name = "krx_login"
    title = "KRX 정보데이터시스템 (회원 화면)"

    def __init__(self, world: World, options: Options | None = None) -> None:
        self.world = world
        self.options = options or Options()
        self.figures = world.figures_of(self.name)
        self.counts = Counts()
        self.members = Members(self.options.accounts, world.counter, self.options.life)
        self._windows = Windows(lambda _key: self.options.rate or 0)
        self._kept_out: date | None = None

    def owns(self, path: str) -> bool:
        """Its log-in and its data."""
        return path in {PAGE, FRAME, LOGIN, DATA}

    def identifier(self, call: Call) -> str:
        """The last part of the bld."""
        return call.form.get("bld", "").rpartition("/")[2] if call.path == DATA else ""

    def key(self, call: Call) -> str:
        """The member."""
        return self.members.member(call)

    def hurried(self, call: Call) -> Sent | None:
        """Whoever asks too fast is kept out."""
        if call.path != DATA:
            return None
        self.counts.arrived(self.identifier(call), call.at)
        if self.options.rate is None or self._windows.take("", call.at):
            return None
        self.counts.rejected += 1
        self._kept_out = self.world.moment().day
        return _out()

    def too_often(self) -> Sent:
        """What is said to somebody who is not let in."""
        return _out()

    def trouble(self, chance: random.Random) -> Sent:
        """A page in place of an answer."""
        return Sent(TROUBLE, 500 if chance.random() < 0.5 else 503, _HTML)

    def end_tokens(self, key: str, *, revoked: bool) -> None:
        """Let the sessions of a member end now."""
        self.members.end(key)

    def answer(self, call: Call, moment: Moment) -> Sent:
        """A page of the log-in, the answer to it, or the rows of a page of figures."""
        switched = self.world.faults
        if call.path in {PAGE, FRAME}:
            return self.members.page(call)
        out = switched.strikes("blocked", self.identifier(call), call.path, 0) is not None
        if call.path == LOGIN:
            due, other = (switched.strikes(name, "", "", 0) is not None for name in ("password_due", "elsewhere"))
            found = self.members.login(call, password_due=due, elsewhere=other)
            self.counts.tokens = self.members.logins
            return found
        if out or self._is_out(moment) or not self.members.member(call):
            return _out()
        bld = call.form.get("bld", "")
        if call.method != "POST" or bld not in PAGES:
            return Sent({"CURRENT_DATETIME": _printed(moment)})
        self.counts.answers[self.identifier(call)] += 1
        block, make = PAGES[bld]
        desk = Desk(self.figures, moment, self.world.revisions, given=call.form)
        return Sent({block: make(desk), "CURRENT_DATETIME": _printed(moment)})

    def shown(self) -> Mapping[str, Any]:
        """Its rate."""
        return {"rate": self.options.rate, "session_seconds": self.options.life}

    def _is_out(self, moment: Moment) -> bool:
        return self._kept_out is not None and (moment.day - self._kept_out).days <= 1


def _out() -> Sent:
    return Sent(b"LOGOUT", 400, _HTML)


def _printed(moment: Moment) -> str:
    return f"{moment.now:%Y.%m.%d %p %I:%M:%S}"
