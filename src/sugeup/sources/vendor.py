"""How a vendor is asked: data and pure functions. Only the hub puts a request on the wire.

A vendor is one `Vendor` with its `Endpoint`s. An endpoint turns an `Ask` (our codes and sessions) into a `Request`, and
the `Reply` to it into a `Page`: rows in our columns, and the ask of the next page if there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

import polars as pl

from sugeup.sources.files.layout import no_faults


class Scope(StrEnum):
    """Whose rows an endpoint gives: what `Ask.scopes` hold."""

    STOCK = "stock"
    MARKET = "market"
    INDEX = "index"
    CONTRACT = "contract"
    NONE = "none"


class Reach(StrEnum):
    """Which time an endpoint can be asked for."""

    PAST = "past"
    """Sessions between two dates, today's once it is published."""
    TODAY = "today"
    """The running session alone: what is not asked today is lost."""
    NOW = "now"
    """A figure without a date, or a list as it is now: the parser dates it by the moment of the reply."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted of an endpoint: `scopes` (codes, markets, indices; at most `Endpoint.batch`) and sessions.

    `cursor` says where a page begins, in the endpoint's own words; empty for the first page.
    """

    scopes: tuple[str, ...]
    first: date
    last: date
    cursor: str = ""

    def at(self, cursor: str) -> Ask:
        """The same question from another place on."""
        return replace(self, cursor=cursor)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, without credentials. `host` names an address of the vendor: api or files.

    `body` is sent as JSON, and as a form (text alone) where the header content-type says so.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    method: str = "GET"
    host: str = "api"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: names of `headers` are in lower case; `received_at` is the injected clock's UTC moment."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


class Remark(str):
    """A note of a page that a person has to see: figures lack by it, because sugeup does not know a name for one.

    It is no faulty row, and its page counts as answered: asked again, the source would say the same.
    """

    __slots__ = ()


@dataclass(frozen=True)
class Page:
    """Rows of one reply in our columns (with `source`, `venue`, `products`, `hours`), and the ask of the next page.

    `known_at` and `final` stand in the frame only where the reply itself settles them; else they follow from the rule
    of publication. `faults`: rows that could not be read, with the reason. An empty frame is an answer: nothing there.
    `notes`: why rows were left out, and how many; those that are a `Remark` are told to the person, the others are
    usual. `part`: the rows lack columns that the next pages bring; `Endpoint.join` makes one page of them.
    """

    frame: pl.DataFrame
    after: Ask | None = None
    faults: pl.DataFrame = field(default_factory=no_faults)
    notes: Mapping[str, int] = field(default_factory=dict)
    part: bool = False


@dataclass(frozen=True)
class Pace:
    """At most `calls` sent within any `seconds`, over all processes that share a credential."""

    calls: int
    seconds: float


@dataclass(frozen=True)
class Endpoint:
    """One question that a vendor answers.

    `source` is the name that its rows carry. `span`: calendar days that one page reaches back (0: one page holds all).
    `published`: time in Seoul before which today is refused or not yet there. `depth`: sessions back that the vendor
    keeps (None: as far as anyone asks). `required`: false when the endpoint may be missing without harm.

    `pace`: a limit of its own beside the vendor's; endpoints of the same `lane` (empty: the name) share it. `join`:
    where one row takes several questions, the page made of their pages; whoever turns pages calls it (`groups`).
    `sweep`: one answer holds every scope of a day, so a day is asked for once, whoever lacks it; `batch` is then
    without meaning, and rows of other scopes than those asked for are left out by the parser. `lag`: a figure is
    there so many sessions after its own, at `published`. `pages`: most pages of an ask (0: the usual bound).
    """

    name: str
    dataset: str
    source: str
    scope: Scope
    reach: Reach
    build: Callable[[Ask], Request]
    parse: Callable[[Ask, Reply], Page]
    batch: int = 1
    span: int = 0
    published: time | None = None
    depth: int | None = None
    pace: Pace | None = None
    lane: str = ""
    join: Callable[[Ask, Sequence[Page]], Page] | None = None
    sweep: bool = False
    lag: int = 0
    pages: int = 0


@dataclass(frozen=True)
class Credentials:
    """Key and secret of one account; neither is ever shown."""

    key: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Token:
    """Permission to ask, for `seconds` from the moment of issue."""

    value: str = field(repr=False)
    seconds: int


class Outcome(StrEnum):
    """What to do with a reply."""

    DONE = "done"
    LIMITED = "limited"
    """Not executed, asked too fast: wait and send again."""
    RENEW = "renew"
    """The token is no longer good: get another and send again, once."""
    AGAIN = "again"
    """A passing fault of the vendor: send again after a while."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a reply is to be taken; `wait`: seconds the vendor asks for; `said`: its own code and words."""

    outcome: Outcome
    wait: float | None = None
    said: str = ""


@dataclass(frozen=True)
class Access:
    """What a user needs before a vendor may be asked.

    `keys`: fields of the settings that hold the key and, where there is one, the secret, in this order. `switch`: field
    of the settings that has to be turned on by hand, after the `terms` were read. `page`: where a key is got. `extra`:
    extra of the package that has to be installed.
    """

    keys: tuple[str, ...] = ()
    switch: str = ""
    page: str = ""
    terms: str = ""
    extra: str = ""


class Transport(StrEnum):
    """What carries a request."""

    HTTP = "http"
    PYKRX = "pykrx"
    """The library pykrx in a process of its own: a request's path names the question, its query the arguments."""


@dataclass(frozen=True)
class Vendor:
    """One vendor: addresses, pace, how a token is got, how a request is signed, how a reply is judged, its endpoints.

    `judge` raises a SugeupError (ConfigError, Refused, NoData, SchemaDrift) where sending again cannot help. Without
    `token_request` there are no tokens: `sign` is given an empty one. `quota`: calls in a day at most.
    """

    name: str
    title: str
    korean: str
    hosts: Mapping[str, str]
    pace: Pace
    sign: Callable[[Request, Credentials, Token], Request]
    judge: Callable[[Request, Reply], Verdict]
    token_request: Callable[[Credentials], Request] | None = None
    token: Callable[[Reply], Token] | None = None
    endpoints: tuple[Endpoint, ...] = ()
    token_interval: float = 60.0
    """Seconds that must lie between two issues of a token."""
    access: Access = field(default_factory=Access)
    quota: int | None = None
    transport: Transport = Transport.HTTP
    futures: tuple[Callable[[], Request], Callable[[Reply], Sequence[str]]] | None = None
    """The request for the list of index futures, and the codes of the nearest ones in its reply, nearest first."""

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name; KeyError names those that exist."""
        for one in self.endpoints:
            if one.name == name:
                return one
        raise KeyError(f"{self.name} has no endpoint {name!r}; there are: {', '.join(e.name for e in self.endpoints)}")
