"""Who can be asked for figures: vendors with their endpoints, each behind one door to the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from sugeup.errors import ConfigError
from sugeup.sources.vendor import Ask, Endpoint, Page, Reply, Request, Vendor

_LIVE = 1
"""Priority of what the running session is asked with."""


class Door(Protocol):
    """What asks a vendor: the pages of an answer, as far as they are wanted."""

    def pages(self, endpoint: Endpoint, ask: Ask, *, priority: int) -> Iterator[Page]:
        """Pages of the answer, the vendor's order; raises a SugeupError where it cannot be had."""
        ...

    def send(self, request: Request, *, priority: int) -> Reply:
        """The reply to one request."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True)
class Doors:
    """Who gives a dataset: names of vendors that can be asked, the preferred first; name and Korean title of others.

    `past`: those of `open` that also give sessions that are over.
    """

    open: tuple[str, ...] = ()
    shut: tuple[tuple[str, str], ...] = ()
    past: tuple[str, ...] = ()


Owner = tuple[Vendor, Callable[[], Door]]


class Supply:
    """Vendors of one lake. A door is opened when it is first needed, which may raise ConfigError for missing keys.

    `shut`: vendors that there are, but that are not asked.
    """

    def __init__(self, vendors: Sequence[Owner] = (), why_none: str = "", shut: Sequence[Vendor] = ()) -> None:
        self._vendors = vendors
        self._shut = tuple(shut)
        self._why_none = why_none
        self._doors: dict[str, Door] = {}

    @property
    def vendors(self) -> tuple[Vendor, ...]:
        """Who is asked."""
        return tuple(vendor for vendor, _ in self._vendors)

    @cached_property
    def _owners(self) -> dict[int, Owner]:
        return {id(endpoint): owner for owner in self._vendors for endpoint in owner[0].endpoints}

    def vendor(self, endpoint: Endpoint) -> str:
        """Name of the vendor of an endpoint."""
        return self._owners[id(endpoint)][0].name

    def endpoints(self, dataset: str) -> list[Endpoint]:
        """Endpoints that give a dataset, in the order of the vendors."""
        return [one for vendor, _ in self._vendors for one in vendor.endpoints if one.dataset == dataset]

    def shut(self, dataset: str) -> tuple[tuple[str, str], ...]:
        """Name and Korean title of vendors that are not asked and would give a dataset."""
        return tuple((one.name, one.korean) for one in self._shut if any(e.dataset == dataset for e in one.endpoints))

    def ready(self) -> None:
        """Raise ConfigError when nobody can be asked: no vendor, or none whose keys are right; the first one's."""
        if not self._vendors:
            raise ConfigError(
                f"No source can be asked. {self._why_none}".strip(),
                code="NO_CREDENTIALS",
                hint="`sugeup sources` says what each needs and where to get it; or try it without a key: "
                "`sugeup sandbox`, then `sugeup --lake simulated job run daily`.",
            )
        faults = []
        for owner in self._vendors:
            try:
                self._opened(owner)
            except ConfigError as error:
                faults.append(error)
        if len(faults) == len(self._vendors):
            raise faults[0]

    def pages(self, endpoint: Endpoint, ask: Ask, priority: int) -> Iterator[Page]:
        """Pages of an answer by the vendor of the endpoint."""
        return self._opened(self._owners[id(endpoint)]).pages(endpoint, ask, priority=priority)

    def contracts(self) -> tuple[str, ...]:
        """Codes of the nearest index futures, by the first vendor that lists them; raises what its door raises."""
        for owner in self._vendors:
            if owner[0].futures is not None:
                request, read = owner[0].futures
                return tuple(read(self._opened(owner).send(request(), priority=_LIVE)))
        return ()

    def close(self) -> None:
        """Let go of every connection."""
        while self._doors:
            self._doors.popitem()[1].close()

    def _opened(self, owner: Owner) -> Door:
        vendor, make = owner
        if vendor.name not in self._doors:
            self._doors[vendor.name] = make()
        return self._doors[vendor.name]
