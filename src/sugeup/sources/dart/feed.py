"""공시검색: who filed what on which days, page by page; from there one question for each company and kind of report.

An ask goes through the feed, the oldest report first, and after each page of it through what is due by that page. The
cursor says where it stands, so that every page knows what comes after it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from sugeup.records import Kind, dataset
from sugeup.sources.dart import origins
from sugeup.sources.dart.question import Question, listed
from sugeup.sources.replies.pages import told
from sugeup.sources.replies.paging import written
from sugeup.sources.replies.sheet import Field, drift
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

TAKEN = time(18, 30)
"""In Seoul: until then reports of the day may come."""
MOST = 9_000
"""Pages of an ask: on the last day for reports of a quarter every listed company files."""
ROWS = 100
WINDOW = timedelta(days=85)
"""Days of the feed that are asked for at a time; without a company it goes over three months at most."""
UNLISTED = "report about a company that is not listed"
OTHERS = "report of another kind"
_BETWEEN, _PARTS, _FEED, _AND = ",", ":", "@", "+"
AGAIN = "again"

FEED = Question(
    "list",
    listed(
        Field("corp_code", "corp_code", kind=Kind.TEXT),
        Field("stock_code", "code", kind=Kind.TEXT),
        Field("report_nm", "report", kind=Kind.TEXT),
        Field("rcept_no", "receipt_no", kind=Kind.TEXT),
    ),
)


@dataclass(frozen=True)
class Due:
    """A question that is due: the call, the company's number, its stock code, a period where the call has one.

    `receipts`: numbers of the reports that the feed tells of and the answer should hold; `again`: that an answer lacked
    some of them, and the question is put once more.
    """

    call: str
    corp: str
    code: str
    period: str = ""
    receipts: str = ""
    again: str = ""

    def __str__(self) -> str:
        return _PARTS.join((self.call, self.corp, self.code, self.period, self.receipts, self.again))

    def lacks(self, found: Collection[str]) -> bool:
        """Whether an answer with these receipts holds less than the feed tells of."""
        return any(one not in found for one in self.receipts.split(_AND) if one)


@dataclass(frozen=True)
class Place:
    """Where an ask stands: a page of the feed from a day on, how many pages it has, and what is due by that page.

    With nothing due the page itself is asked for.
    """

    start: date
    page: int
    pages: int = 0
    due: tuple[Due, ...] = ()

    @classmethod
    def of(cls, ask: Ask) -> Place:
        """The place of an ask; without a cursor the first page of the feed."""
        if not ask.cursor:
            return cls(ask.first, 1)
        head, *items = ask.cursor.split(_BETWEEN)
        start, page, pages = head.split(_FEED)
        return cls(date.fromisoformat(start), int(page), int(pages), tuple(Due(*one.split(_PARTS)) for one in items))

    def __str__(self) -> str:
        head = _FEED.join((written(self.start), str(self.page), str(self.pages)))
        return _BETWEEN.join((head, *map(str, self.due)))

    def end(self, ask: Ask) -> date:
        """The last day of this part of the feed."""
        return min(self.start + WINDOW, ask.last)

    def next(self, ask: Ask) -> Ask | None:
        """The ask that follows: what else is due, the next page of the feed, its next part; None at the end."""
        if len(self.due) > 1:
            return ask.at(str(replace(self, due=self.due[1:])))
        if self.page < self.pages:
            return ask.at(str(Place(self.start, self.page + 1)))
        end = self.end(ask)
        return ask.at(str(Place(end + timedelta(days=1), 1))) if end < ask.last else None


Wanted = Callable[[str, str, str], Due | None]
"""What is due by a report: its name, the company's number, its stock code; None for a report of another kind."""


def asked(kind: str, build: Callable[[Due, Ask], Request]) -> Callable[[Ask], Request]:
    """Builds the request of a place: a page of the feed of reports of that kind, or what is due."""

    def request(ask: Ask) -> Request:
        place = Place.of(ask)
        if place.due:
            return build(place.due[0], ask)
        return FEED.request(
            {
                "bgn_de": written(place.start),
                "end_de": written(place.end(ask)),
                "pblntf_ty": kind,
                "sort": "date",
                "sort_mth": "asc",
                "page_no": str(place.page),
                "page_count": str(ROWS),
            }
        )

    return request


def answered(wanted: Wanted, parse: Callable[[Due, Ask, Reply], Page]) -> Callable[[Ask, Reply], Page]:
    """Reads the reply at a place: of the feed what is due by it, of a question its rows."""

    def page(ask: Ask, reply: Reply) -> Page:
        place = Place.of(ask)
        if place.due:
            due, *others = place.due
            found = parse(due, ask, reply)
            if not due.again and due.lacks(set(found.frame["receipt_no"]) if found.frame.height else ()):
                once_more = replace(place, due=(replace(due, again=AGAIN), *others))
                return replace(found, after=ask.at(str(once_more)))
            return replace(found, after=place.next(ask))
        return _feed(place, ask, reply, wanted)

    return page


def _feed(place: Place, ask: Ask, reply: Reply, wanted: Wanted) -> Page:
    sheet = FEED.table(reply)
    document = FEED.document(reply)
    pages = FEED.number(document, "total_page") if sheet.height else 0
    found: dict[Due, list[str]] = {}
    unlisted = others = 0
    for corp, code, report, receipt in sheet.across(["corp_code", "code", "report", "receipt_no"]):
        due = None
        if code is not None and corp is not None:
            due = wanted(_bare(report or ""), _number(corp), _stock(code))
        unlisted += code is None
        others += code is not None and due is None
        if due is not None:
            found.setdefault(due, []).append(_receipt(receipt or ""))
    due_here = tuple(replace(due, receipts=_AND.join(receipts)) for due, receipts in found.items())
    here = replace(place, pages=pages, due=due_here)
    onward = ask.at(str(here)) if here.due else here.next(ask)
    notes = {said: count for said, count in ((UNLISTED, unlisted), (OTHERS, others)) if count}
    nothing = told(dataset("filings").empty().drop("source", "venue", "products", "hours"), origins.FILED)
    return Page(nothing.drop("known_at", "ingested_at", "final"), onward, sheet.faults, notes)


def _bare(report: str) -> str:
    """The name of a report without blanks and middle dots, which are set differently."""
    return "".join(letter for letter in report if letter not in " ·ㆍ・")


def _number(corp: str) -> str:
    if not (len(corp) == 8 and corp.isascii() and corp.isdigit()):
        raise drift("dart", "DART", FEED.name, "corp_code", "the field is not a number of eight figures")
    return corp


def _receipt(number: str) -> str:
    if not (len(number) == 14 and number.isascii() and number.isdigit()):
        raise drift("dart", "DART", FEED.name, "rcept_no", "the field is not a number of fourteen figures")
    return number


def _stock(code: str) -> str:
    if not (len(code) == 6 and code.isascii() and code.isalnum()):
        raise drift("dart", "DART", FEED.name, "stock_code", "the field is not a code of six characters")
    return code.upper()


def expects(names: Sequence[tuple[str, str]]) -> Wanted:
    """What is due by names of reports: a part of the name, without blanks and dots, and the call that tells more."""

    def wanted(report: str, corp: str, code: str) -> Due | None:
        call = next((call for part, call in names if part in report), None)
        return None if call is None else Due(call, corp, code)

    return wanted


def endpoint(
    name: str,
    kind: str,
    wanted: Wanted,
    build: Callable[[Due, Ask], Request],
    parse: Callable[[Due, Ask, Reply], Page],
) -> Endpoint:
    """An endpoint that begins with the feed of one kind of report, day by day."""
    return Endpoint(
        name,
        "filings",
        origins.FILED,
        Scope.NONE,
        Reach.PAST,
        asked(kind, build),
        answered(wanted, parse),
        published=TAKEN,
        sweep=True,
        pages=MOST,
    )
