"""The Naver sandbox without its wire: no key, no token; who does not look like a browser gets a page instead."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sugeup.sandbox.faults import PAGE, SHELL
from sugeup.sandbox.limits import Counts, Windows
from sugeup.sandbox.moment import Moment
from sugeup.sandbox.naver import funds, market_flows, program, stocks
from sugeup.sandbox.naver.desk import Desk, Row
from sugeup.sandbox.service import Call, Sent
from sugeup.sandbox.world import World
from sugeup.specifications import specification

RATE = 10
_OURS = "/api/domestic/"
_SPECIFIED: Mapping[str, Any] = specification("naver")["endpoints"]
_ANSWERS: Mapping[str, Callable[[Desk], Row | list[Row]]] = {
    "market_trend_daily": market_flows.market_trend_daily,
    "market_trend_time": market_flows.market_trend_time,
    "market_trend_program": program.market_trend_program,
    "market_trend_deposit": funds.market_trend_deposit,
    "stock_trend": stocks.stock_trend,
}
_WITHOUT = {"marketType": "FUT", "krxMarketType": "ALL", "tradeType": "NXT"}
"""Values that the vendor takes and the simulated market has nothing of."""


@dataclass(frozen=True)
class Options:
    """How the vendor behaves. `rate`: calls a second that it bears (the real one publishes none)."""

    rate: int = RATE


class Naver:
    """Serves a simulated market as 네이버 증권 would, at the moment of its clock."""

    name = "naver"
    title = "네이버 증권"

    def __init__(self, world: World, options: Options | None = None) -> None:
        self.world = world
        self.options = options or Options()
        self.figures = world.figures_of(self.name)
        self.counts = Counts()
        self.windows = Windows(lambda _key: self.options.rate)

    def owns(self, path: str) -> bool:
        """Everything behind its pages."""
        return path.startswith(_OURS)

    def identifier(self, call: Call) -> str:
        """The question's name in the specification."""
        for name, told in _SPECIFIED.items():
            before, _, behind = told["path"].partition("{code}")
            if call.path == before or (behind and call.path.startswith(before) and call.path.endswith(behind)):
                return name
        return "unknown"

    def key(self, call: Call) -> str:
        """Nobody has one: all callers are one."""
        return self.name

    def hurried(self, call: Call) -> Sent | None:
        """Status 429 above the rate."""
        self.counts.arrived(self.identifier(call), call.at)
        if self.windows.take(self.key(call), call.at):
            return None
        self.counts.rejected += 1
        return self.too_often()

    def too_often(self) -> Sent:
        """The call was not executed."""
        return Sent({"message": "Too Many Requests"}, 429, headers={"retry-after": "1"})

    def trouble(self, chance: random.Random) -> Sent:
        """An error as JSON, or a page."""
        if chance.random() < 0.5:
            return Sent({"message": "Internal Server Error"}, 500)
        return Sent(PAGE, 503, "text/html")

    def end_tokens(self, key: str, *, revoked: bool) -> None:
        """There are none."""

    def shown(self) -> Mapping[str, Any]:
        """Its rate."""
        return {"rate": self.options.rate}

    def answer(self, call: Call, moment: Moment) -> Sent:
        """The page of figures, or of the site."""
        name = self.identifier(call)
        if name not in _ANSWERS:
            return Sent(SHELL, 410, "text/html")
        if "mozilla" not in call.headers.get("user-agent", "").lower() or "referer" not in call.headers:
            return Sent(SHELL, 403, "text/html")
        told = _SPECIFIED[name]["params"]
        given = dict(call.given)
        page, size = _number(given, "startIdx", 0), _number(given, "pageSize", 10)
        wrong = [param for param, one in told.items() if "allowed" in one and given.get(param) not in one["allowed"]]
        if page is None or size is None or not 0 < size <= told["pageSize"]["most"] or wrong:
            said = f"too_big: {size}" if size else f"invalid: {', '.join(wrong) or 'page'}"
            return Sent({"message": said}, 400)
        self.counts.answers[name] += 1
        before, _, behind = _SPECIFIED[name]["path"].partition("{code}")
        given["code"] = call.path.removeprefix(before).removesuffix(behind)
        desk = Desk(self.figures, moment, self.world.revisions, given=given, page=page, size=size)
        if any(given.get(param) == value for param, value in _WITHOUT.items()):
            empty = desk.paged(0, lambda _start, _stop: [])
            return Sent(empty if _SPECIFIED[name]["shape"] == "page" else [])
        return Sent(_ANSWERS[name](desk))


def _number(given: Mapping[str, str], name: str, otherwise: int) -> int | None:
    text = given.get(name, str(otherwise))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
