"""One cheap question to each endpoint of a vendor, at the lowest priority, and what its answer shows.

Nothing is stored. The door keeps the pace, holds the token and judges the answer, as it does for a job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime

from sugeup import records
from sugeup.archive import planning
from sugeup.archive.supply import Door
from sugeup.errors import ConfigError, NoData, Retryable, SchemaDrift, SugeupError
from sugeup.market import sessions
from sugeup.observe import shapes, units
from sugeup.observe.shapes import Change
from sugeup.sources.preference import ONLY
from sugeup.sources.vendor import Ask, Endpoint, Page, Reply, Request, Scope, Vendor
from sugeup.specifications import specification

LOWEST = 3
"""Priority of a back-fill: whoever else asks goes first."""
STOCK = "005930"
INDICES = ("KOSPI", "KOSDAQ", "KOSPI200")
DAYS = 10
"""Calendar days that a question reaches back, so that its answer has rows whatever is published late."""
_PATIENCE = 3
"""Passing faults in a row after which a vendor is left alone."""


@dataclass(frozen=True)
class Probe:
    """What came of one question. `state`: ok, empty, later (not to be asked now), changed, unread, refused, down.

    `changes`: differences from the specification; `unspecified`: there is none to compare with. `unread`: the source
    itself could not read the answer, which is worse than a change. `notes`: why rows were left out, and how many.
    """

    endpoint: str
    dataset: str
    state: str
    said: str = ""
    rows: int = 0
    changes: tuple[Change, ...] = ()
    unspecified: bool = False
    misfits: tuple[units.Misfit, ...] = ()
    notes: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Prober:
    """Asks one vendor. After `probes`, `error` is what ended it early, and `skew` how far ahead the vendor's clock is.

    `simulated`: the stock to ask for is taken from the vendor's list, because a sandbox invents its stocks.
    """

    vendor: Vendor
    door: Door
    now: Callable[[], datetime]
    simulated: bool = False
    error: SugeupError | None = None
    skew: timedelta | None = None
    _price: float | None = field(default=None, init=False)
    _answered: bool = field(default=False, init=False)
    """Whether a question was answered that takes a key: a public file tells nothing of it."""
    _signed: bool = field(default=False, init=False)
    _contracts: tuple[str, ...] | None = field(default=None, init=False)
    _stock: str = field(default=STOCK, init=False)

    def probes(self) -> Iterator[Probe]:
        """What came of each question; ends early when the vendor does not let us in, or does not answer at all."""
        tired = 0
        endpoints = sorted(self.vendor.endpoints, key=lambda one: _ORDER.get(one.dataset, len(_ORDER)))
        for endpoint in endpoints:
            try:
                yield self._probe(endpoint)
                tired = 0
            except NoData as error:
                yield Probe(endpoint.name, endpoint.dataset, "later", error.message)
            except SchemaDrift as error:
                yield Probe(endpoint.name, endpoint.dataset, "unread", error.message)
            except (ConfigError, Retryable) as error:
                tired += 1
                yield Probe(endpoint.name, endpoint.dataset, _refusal(error), error.message)
                if self._is_final(error) or (tired >= _PATIENCE and not self._answered):
                    self.error = error
                    return
                if tired >= _PATIENCE and isinstance(error, Retryable):
                    return
            except SugeupError as error:
                self._answered = True
                yield Probe(endpoint.name, endpoint.dataset, "refused", error.message)

    def send(self, request: Request) -> Reply:
        """The reply to a request, whose Date header is noted."""
        self._signed = request.host != "files"
        reply = self.door.send(request, priority=LOWEST)
        self._answered = self._answered or self._signed
        if self.skew is None:
            self.skew = skew(reply)
        return reply

    def _is_final(self, error: SugeupError) -> bool:
        """Whether no other question can fare better: the first that is signed does not get in, or gets no answer.

        Without a token rights may differ by question, and only several refusals tell.
        """
        if self._answered or not self._signed:
            return False
        return isinstance(error, Retryable) or self.vendor.token_request is not None

    def _probe(self, endpoint: Endpoint) -> Probe:
        reach = planning.reaches(endpoint, records.dataset(endpoint.dataset), self.now())
        if reach is None:
            return Probe(endpoint.name, endpoint.dataset, "later", "it is answered on session days at certain hours")
        ask = self._ask(endpoint, *reach)
        if ask is None:
            return Probe(endpoint.name, endpoint.dataset, "later", "there is no contract to ask for")
        request = endpoint.build(ask)
        reply = self.send(request)
        found: list[Change] | None = []
        facts = None
        if request.host == "api" and (known := _specified(self.vendor.name)) is not None:
            facts = shapes.entry(known, request)
        if facts is not None:
            found = shapes.changes(facts[1], reply.body)
        changed = tuple(found or ())
        try:
            page = endpoint.parse(ask, reply)
        except NoData:
            raise
        except Exception as error:
            said = error.message if isinstance(error, SugeupError) else f"{type(error).__name__}: {str(error)[:120]}"
            return Probe(endpoint.name, endpoint.dataset, "unread", said, changes=changed, unspecified=facts is None)
        if not any(change.kind == "new_block" for change in changed):
            changed = tuple(change for change in changed if change.kind != "missing_block")  # it had nothing to say
        wrong = self._misfits(endpoint, page)
        state = "changed" if changed or wrong else "ok" if page.frame.height or page.part else "empty"
        return Probe(
            endpoint.name,
            endpoint.dataset,
            state,
            "",
            page.frame.height,
            changed,
            facts is None,
            wrong,
            page.notes,
        )

    def _ask(self, endpoint: Endpoint, first: date, last: date) -> Ask | None:
        scopes = self._scopes(endpoint)
        if scopes is None:
            return None
        back = 0 if endpoint.sweep or endpoint.span == 1 else DAYS
        return Ask(scopes, max(first, last - timedelta(days=back)), last)

    def _scopes(self, endpoint: Endpoint) -> tuple[str, ...] | None:
        if endpoint.scope is Scope.STOCK:
            return (self._stock,)
        if endpoint.scope is Scope.CONTRACT:
            return self._contract()
        return () if endpoint.scope is Scope.NONE else ONLY.get(endpoint.name, INDICES)[:1]

    def _contract(self) -> tuple[str, ...] | None:
        if self._contracts is None:
            self._contracts = ()
            if self.vendor.futures is not None:
                request, read = self.vendor.futures
                self._contracts = tuple(read(self.send(request())))[:1]
        return self._contracts or None

    def _misfits(self, endpoint: Endpoint, page: Page) -> tuple[units.Misfit, ...]:
        if endpoint.dataset == "instruments" and self.simulated and "code" in page.frame.columns:
            self._stock = next(iter(page.frame["code"].sort().to_list()), STOCK)
        if endpoint.dataset == "daily_bars":
            self._price = self._price or units.price(page.frame)
        if endpoint.scope is not Scope.STOCK or self._price is None:
            return ()
        return tuple(units.misfits(page.frame, self._price))


_ORDER = {"instruments": 0, "daily_bars": 1}
"""What is asked first: a list tells which stocks there are, bars what a share costs."""


def skew(reply: Reply) -> timedelta | None:
    """How far the vendor's clock is ahead of ours, by its Date header, which holds whole seconds; None without one."""
    try:
        at = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return None
    return None if at.tzinfo is None else at - reply.received_at.replace(microsecond=0)


def disagreements(days: Sequence[tuple[date, bool]], today: date) -> list[tuple[date, bool]]:
    """Days ahead on which the vendor and our session table differ, with what the vendor says (true: open)."""
    found = []
    for day, opened in days:
        try:
            if day >= today and sessions.is_session(day) is not opened:
                found.append((day, opened))
        except NoData:
            continue  # the table does not reach so far, which is another finding
    return found


def _refusal(error: SugeupError) -> str:
    return "down" if isinstance(error, Retryable) else "refused"


def _specified(vendor: str) -> dict[str, object] | None:
    try:
        return specification(vendor)
    except FileNotFoundError:
        return None
