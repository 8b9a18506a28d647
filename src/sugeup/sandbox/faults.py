"""Faults by switch: what goes wrong in life, at a chosen rate, the same calls every time for one seed.

Whether a fault strikes depends on seed, fault, question and how often that question was asked, never on time or on
what other callers do. So a call that failed may succeed when it is repeated, and a run can be repeated too.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sugeup.errors import Refused

KINDS: dict[str, tuple[str, float]] = {
    "latency": ("an answer comes late by so many seconds", 0.5),
    "server_error": ("HTTP 500 or 503 with a routing error or a page instead of JSON", 0.0),
    "reset": ("the connection is cut before an answer", 0.0),
    "half_body": ("the connection is cut in the middle of an answer", 0.0),
    "malformed": ("an answer is no JSON", 0.0),
    "short_page": ("rows are missing inside a page; asked again, the page is whole", 0.1),
    "token_expired": ("the key's token ends early", 0.0),
    "token_revoked": ("the key's token is revoked", 0.0),
    "rate": ("a call is refused as too frequent although it was not", 0.0),
    "clock_skew": ("the Date header and the expiry of tokens are ahead by so many seconds", 300.0),
    "renamed_field": (
        "one field of an identifier's rows has another name, for good; the rate is that of identifiers",
        0.0,
    ),
    "page": ("a page of the site comes with HTTP 200 in place of an answer", 0.0),
    "blocked": ("the address is kept out, log-in or not", 0.0),
    "password_due": ("a log-in is answered with the demand to change the password", 0.0),
    "elsewhere": ("a log-in is in use in another place, whose session has to be ended first", 0.0),
    "quota": ("calls beyond so many of a key in a day are refused", 1_000.0),
}
"""Faults and what the amount of each means, with its default."""


PAGE = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
"""What a gateway in trouble shows instead of an answer."""
SHELL = b"<!DOCTYPE html><html><head><title>.</title></head><body><div id=root></div></body></html>"
"""What a site shows that has no such figures, or none for this caller."""


@dataclass(frozen=True)
class Fault:
    """A fault that is switched on. `rate` 0 to 1; `amount` as `KINDS` says; `only`: identifiers, empty for all."""

    rate: float
    amount: float
    only: tuple[str, ...] = ()


class Faults:
    """The switches of one sandbox."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._on: dict[str, Fault] = {}
        self._asked: Counter[str] = Counter()

    def switch(self, name: str, rate: float, amount: float | None = None, only: tuple[str, ...] = ()) -> None:
        """Switch a fault on, or off with rate 0. Raises Refused (INVALID_ARGUMENT)."""
        if name not in KINDS:
            raise Refused(f"no fault {name!r}; there are: {', '.join(KINDS)}")
        if not 0 <= rate <= 1:
            raise Refused(f"rate {rate} of fault {name}; allowed: 0 to 1")
        given = KINDS[name][1] if amount is None else amount
        if not 0 <= given <= 1e6:
            raise Refused(f"amount {given} of fault {name}; allowed: 0 to 1,000,000")
        if rate:
            self._on[name] = Fault(rate, given, only)
        else:
            self._on.pop(name, None)

    def clear(self) -> None:
        """Switch everything off and forget what was asked."""
        self._on.clear()
        self._asked.clear()

    def shown(self) -> dict[str, Any]:
        """What is on, as plain JSON."""
        return {
            name: {"rate": one.rate, "amount": one.amount, "only": list(one.only)} for name, one in self._on.items()
        }

    def attempt(self, question: str) -> int:
        """How often this question was asked before; counts this time."""
        if not self._on:
            return 0
        before = self._asked[question]
        self._asked[question] += 1
        return before

    def strikes(self, name: str, tr_id: str, question: str, attempt: int) -> Fault | None:
        """The fault, if it strikes this time."""
        fault = self._on.get(name)
        if fault is None or (fault.only and tr_id not in fault.only):
            return None
        if name == "renamed_field":
            question, attempt = tr_id, 0
        if name == "short_page" and attempt:
            return None
        return fault if self.chance(name, question, attempt).random() < fault.rate else None

    def chance(self, *place: object) -> random.Random:
        """A generator of this place alone."""
        digest = hashlib.blake2b(repr((self.seed, *place)).encode(), digest_size=8).digest()
        return random.Random(int.from_bytes(digest, "little"))  # noqa: S311  # reproducible on purpose


Body = Mapping[str, Any] | list[Any]
"""An answer that is written as JSON: blocks by name, or a bare list of rows."""
_BARE = ""


def parse(text: str) -> tuple[str, float, float | None]:
    """NAME, NAME=RATE or NAME=RATE:AMOUNT as name, rate (1 if not given) and amount."""
    name, _, figures = text.partition("=")
    rate, _, amount = figures.partition(":")
    try:
        return name.strip(), float(rate) if rate else 1.0, float(amount) if amount else None
    except ValueError:
        raise Refused(
            f"fault {text!r} is not NAME, NAME=RATE or NAME=RATE:AMOUNT", hint="Write latency=0.1:2."
        ) from None


def without_rows(body: Body, share: float, chance: random.Random) -> Body:
    """The body with a share of the inner rows of its longest list left out, at least one where there are three."""
    if isinstance(body, list):
        return _bare(without_rows({_BARE: body}, share, chance))
    found = dict(body)
    lists = [key for key, value in body.items() if isinstance(value, list) and len(value) >= 3]
    if lists:
        key = max(lists, key=lambda name: len(body[name]))
        rows = body[key]
        gone = set(chance.sample(range(1, len(rows) - 1), max(1, min(len(rows) - 2, round(len(rows) * share)))))
        found[key] = [row for at, row in enumerate(rows) if at not in gone]
    return found


def renamed(body: Body, chance: random.Random) -> Body:
    """The body with one field of every row of its last block under another name."""
    if isinstance(body, list):
        return _bare(renamed({_BARE: body}, chance))
    found = dict(body)
    blocks = [key for key, value in body.items() if isinstance(value, dict | list) and value]
    if blocks:
        key = blocks[-1]
        rows = body[key] if isinstance(body[key], list) else [body[key]]
        old = chance.choice(sorted(rows[0]))
        changed = [{(f"{name}_new" if name == old else name): value for name, value in row.items()} for row in rows]
        found[key] = changed if isinstance(body[key], list) else changed[0]
    return found


def _bare(body: Body) -> Body:
    return body if isinstance(body, list) else list(body[_BARE])
