"""The DART sandbox without its wire: keys, the calls of a day, hours of maintenance, the feed and the reports."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from sugeup.sandbox.dart import rows
from sugeup.sandbox.dart.reports import DECISIONS, STATUS, Report, corp_of, reports
from sugeup.sandbox.faults import PAGE
from sugeup.sandbox.kis.auth import KEY
from sugeup.sandbox.limits import Counts
from sugeup.sandbox.moment import Moment
from sugeup.sandbox.service import Call, Sent
from sugeup.sandbox.world import World
from sugeup.specifications import specification

_SPECIFICATION = specification("dart")
_PATHS: dict[str, str] = {f"/api{one['path']}": name for name, one in _SPECIFICATION["endpoints"].items()}
_PARAMETERS: dict[str, Any] = {name: one["params"] for name, one in _SPECIFICATION["endpoints"].items()}
_KEY: str = _SPECIFICATION["key"]
WORDS: dict[str, str] = _SPECIFICATION["status"]
QUOTA = int(_SPECIFICATION["limits"]["calls_a_day"])
ROWS = int(_SPECIFICATION["limits"]["rows_a_page"])
WIDEST = int(_SPECIFICATION["limits"]["feed_days_without_company"])


@dataclass(frozen=True)
class Options:
    """How the vendor behaves. `keys`: a key and the status that it is answered with, 000 when it is good. `quota`:
    calls of a key a day. `closed`: hours of maintenance in Seoul."""

    keys: Mapping[str, str] = field(default_factory=lambda: {KEY: "000"})
    quota: int = QUOTA
    closed: tuple[time, time] | None = None


class Dart:
    """Serves reports about the companies of a simulated market, as far as they are filed at the moment of its clock."""

    name = "dart"
    title = "DART OpenAPI"

    def __init__(self, world: World, options: Options | None = None) -> None:
        self.world = world
        self.options = options or Options()
        self.figures = world.figures_of(self.name)
        self.counts = Counts()
        self._used: Counter[tuple[str, date]] = Counter()

    @cached_property
    def reports(self) -> list[Report]:
        """Every report of the plan, oldest first."""
        return reports(self.figures)

    @cached_property
    def corps(self) -> dict[str, str]:
        """Stock codes by the number of the company."""
        return {corp_of(place): code for place, code in enumerate(self.figures.codes)}

    def owns(self, path: str) -> bool:
        """Its calls, by their whole paths."""
        return path in _PATHS

    def identifier(self, call: Call) -> str:
        """The call."""
        return _PATHS.get(call.path, "")

    def key(self, call: Call) -> str:
        """The key among the parameters."""
        return call.given.get(_KEY, "")

    def hurried(self, call: Call) -> Sent | None:
        """No limit by second is published: a call only counts."""
        self.counts.arrived(self.identifier(call), call.at)
        return None

    def too_often(self) -> Sent:
        """020: beyond the calls of a day."""
        self.counts.rejected += 1
        return _status("020")

    def trouble(self, chance: random.Random) -> Sent:
        """An undefined error, or a page."""
        return _status("900") if chance.random() < 0.5 else Sent(PAGE, 503, "text/html")

    def end_tokens(self, key: str, *, revoked: bool) -> None:
        """There are no tokens."""

    def answer(self, call: Call, moment: Moment) -> Sent:
        """The rows of a call, or the status that says why there are none."""
        name = self.identifier(call)
        known = self.options.keys.get(self.key(call), "010")
        closed = self.options.closed
        if closed is not None and closed[0] <= moment.now.time() < closed[1]:
            return _status("800")
        if known != "000":
            return _status(known)
        self._used[self.key(call), moment.day] += 1
        if self._used[self.key(call), moment.day] > self.options.quota:
            return self.too_often()
        given = call.given
        for parameter, described in _PARAMETERS[name].items():
            allowed = described.get("allowed")
            if (described.get("required") and not given.get(parameter)) or (
                allowed and given.get(parameter, allowed[0]) not in allowed
            ):
                return _status("100")
        self.counts.answers[name] += 1
        try:
            return self._feed(given, moment) if name == "list" else self._told(name, given, moment)
        except ValueError:
            return _status("100")

    def shown(self) -> Mapping[str, Any]:
        """Its quota."""
        return {"quota": self.options.quota}

    def _feed(self, given: Mapping[str, str], moment: Moment) -> Sent:
        first, last = _day(given.get("bgn_de", ""), moment.day), _day(given.get("end_de", ""), moment.day)
        page, size = int(given.get("page_no") or 1), int(given.get("page_count") or 10)
        corp = given.get("corp_code", "")
        if (not corp and (last - first).days > WIDEST) or not 0 < size <= ROWS or page < 1:
            return _status("100")
        code, kind = self.corps.get(corp, ""), given.get("pblntf_ty", "")
        found = [
            report
            for report in self._filed(moment)
            if first <= report.filed.date() <= last and kind in {"", report.feed} and (not corp or report.code == code)
        ]
        if given.get("sort_mth", "desc") == "desc":
            found.reverse()
        pages = -(-len(found) // size)
        part = found[(page - 1) * size : page * size]
        if not part:
            return _status("013")
        return _answer(
            [rows.listed(report, *self._company(report)) for report in part],
            page_no=page,
            page_count=size,
            total_count=len(found),
            total_page=pages,
        )

    def _told(self, name: str, given: Mapping[str, str], moment: Moment) -> Sent:
        code = self.corps.get(given["corp_code"])
        mine = [report for report in self._filed(moment) if report.call == name and report.code == code]
        if name in DECISIONS:
            first, last = _day(given["bgn_de"], moment.day), _day(given["end_de"], moment.day)
            mine = [report for report in mine if first <= report.filed.date() <= last]
        if name == STATUS:
            mine = [report for report in mine if report.period == (given["bsns_year"], given["reprt_code"])]
        found = [row for report in mine for row in rows.told(report, *self._company(report))]
        return _answer(found) if found else _status("013")

    def _filed(self, moment: Moment) -> list[Report]:
        """What is filed by now."""
        return [report for report in self.reports if report.filed <= moment.now]

    def _company(self, report: Report) -> tuple[str, str, str]:
        """Number, name and market of the company of a report."""
        stock = self.figures.known(report.code, report.filed.date()) or {}
        return corp_of(self.figures.place(report.code)), str(stock["name"]), str(stock["market"])


def _answer(found: list[dict[str, str]], **more: int) -> Sent:
    return Sent({"status": "000", "message": WORDS["000"], **more, "list": found})


def _status(code: str) -> Sent:
    return Sent({"status": code, "message": WORDS[code]})


def _day(text: str, otherwise: date) -> date:
    return datetime.strptime(text, "%Y%m%d").date() if text else otherwise  # noqa: DTZ007
