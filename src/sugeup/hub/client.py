"""The hub: the only network client of sugeup. It keeps the pace, holds the token, tries again, and turns pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from sugeup.errors import ConfigError
from sugeup.hub import addresses, faults, paging
from sugeup.hub.audit import Audit
from sugeup.hub.auth import Tokens
from sugeup.hub.calls import Call, until
from sugeup.hub.flights import Flights
from sugeup.hub.limits import Gate
from sugeup.hub.masking import Secrets
from sugeup.hub.sending import Sender
from sugeup.hub.token_file import fingerprint
from sugeup.hub.turns import Lane, Priority
from sugeup.hub.wire import Carrier, Wire
from sugeup.market.clock import Clock
from sugeup.market.sessions import SEOUL
from sugeup.sources.replies import parts
from sugeup.sources.vendor import Ask, Credentials, Endpoint, Pace, Page, Reply, Request, Vendor

SHOWN = 40
"""Scopes of a question that the audit log names."""


class Hub:
    """Asks one vendor with one credential; safe for many threads, made anew in every process.

    `folder` is shared by all processes of the host that use the credential: the gate, the token and the audit log lie
    there, each named after vendor and fingerprint of the key. `hosts` replaces addresses of the vendor by loopback ones
    (or by others of its own), `pace` its pace, `quota` limits calls per Seoul date. `hurry`: how many times faster than
    these paces a sandbox is asked. `timeout`: seconds for connecting
    and for each silence; a whole reply has three times that. `attempts`: sends per request, before it is given up.

    ConfigError for an address that must not get the key and for credentials that cannot be right.
    """

    def __init__(
        self,
        vendor: Vendor,
        credentials: Credentials,
        *,
        folder: Path,
        clock: Clock,
        hosts: Mapping[str, str] | None = None,
        pace: Pace | None = None,
        quota: int | None = None,
        hurry: float = 1.0,
        timeout: float = 10.0,
        attempts: int = 5,
    ) -> None:
        given = (("key", credentials.key), ("secret", credentials.secret))
        for name, held in given[: len(vendor.access.keys)]:
            if not held or not held.isascii() or not held.isprintable() or " " in held:
                raise ConfigError(
                    f"The {name} for {vendor.title} is {'not plain text' if held else 'empty'}.",
                    code="NO_CREDENTIALS",
                    hint="Copy it again from the vendor's page, without spaces or line ends.",
                )
        found = addresses.checked(vendor, hosts)
        self._vendor = vendor
        self._hurry = hurry
        self._secrets = Secrets(credentials.key, credentials.secret)
        self._secrets.guard()
        stem = folder / f"{vendor.name}-{fingerprint(credentials)}"
        self._gate = Gate(
            stem.with_name(f"{stem.name}.gate.sqlite"),
            hurried(pace or vendor.pace, hurry),
            today=lambda: clock.now().astimezone(SEOUL).date(),
            quota=quota or vendor.quota,
        )
        self._audit = Audit(stem.with_name(f"{stem.name}.audit.jsonl"), clock.now, self._secrets)
        self._wire = self._carrier(found, credentials, stem, clock, timeout)
        hasty = replace(vendor, token_interval=vendor.token_interval / hurry)
        tokens = Tokens(hasty, credentials, stem, self._gate, clock, self._secrets)
        self._sender = Sender(vendor, credentials, clock, self._gate, self._wire, tokens, self._audit, attempts)
        self._flights = Flights()

    def send(self, request: Request, *, priority: int = Priority.BACKFILL, deadline: float | None = None) -> Reply:
        """The reply to one request, judged DONE by the vendor. `deadline`: seconds from now that it may take in all.

        Retryable: RATE_LIMITED when the pace or the quota (`details["reason"]` QUOTA) leaves no room in time,
        SOURCE_DOWN (vendor, endpoint, last cause) when the vendor does not answer, BUSY when another process holds the
        token for too long. Whatever `vendor.judge` raises is passed on. `details["retry_after"]`: seconds, where known.
        """
        return self._send(Call(request, request.path, "", Priority(priority), until(deadline)))

    def pages(
        self,
        endpoint: Endpoint,
        ask: Ask,
        *,
        priority: int = Priority.BACKFILL,
        deadline: float | None = None,
    ) -> Iterator[Page]:
        """Every page of an ask, one after the other, those of one row's parts joined.

        `deadline`: seconds from the first page on, for all of them. An endpoint's own pace is kept beside the vendor's.

        Errors as of `send`; SCHEMA_DRIFT when the next page does not lead on, or when there is no end of them.
        """
        end = until(deadline)
        lane = None
        if endpoint.pace is not None:
            lane = Lane(endpoint.lane or endpoint.name, hurried(endpoint.pace, self._hurry))

        def page(part: Ask) -> Page:
            request = endpoint.build(part)
            reply = self._send(Call(request, endpoint.name, named(part.scopes), Priority(priority), end, lane))
            parsed = partial(faults.read, self._vendor.name, endpoint.name, partial(endpoint.parse, part, reply))
            return faults.guarded(self._secrets, parsed)

        for group in parts.groups(paging.pages(self._vendor.name, endpoint.name, ask, page, endpoint.pages)):
            if endpoint.join is None:
                yield from group
            else:
                yield faults.read(self._vendor.name, endpoint.name, partial(endpoint.join, ask, group))

    def close(self) -> None:
        """Wake whoever waits (BUSY), close connections and files."""
        self._gate.close()
        self._wire.close()
        self._audit.close()
        self._secrets.release()

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _carrier(
        self, hosts: Mapping[str, str], credentials: Credentials, stem: Path, clock: Clock, timeout: float
    ) -> Carrier:
        """What puts a request on the wire."""
        return Wire(hosts, self._gate, clock, timeout)

    def _send(self, call: Call) -> Reply:
        work = partial(self._sender.answered, call)
        shared = partial(self._flights.share, call.request, call.priority, call.until, work)
        return faults.guarded(self._secrets, shared)


def hurried(pace: Pace, times: float) -> Pace:
    """A pace so many times faster."""
    return pace if times == 1 else Pace(pace.calls, pace.seconds / times)


def named(scopes: tuple[str, ...]) -> str:
    """Scopes as the audit log shows them: of many, the first and how many."""
    return ",".join(scopes) if len(scopes) <= SHOWN else f"{','.join(scopes[:3])} and {len(scopes) - 3} more"
