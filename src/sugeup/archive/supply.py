"""Who can be asked for figures: vendors with their endpoints, each behind one door to the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Protocol

from sugeup.errors import ConfigError
from sugeup.sources.vendor import Ask, Endpoint, Page, Vendor


class Door(Protocol):
    """What asks a vendor: the pages of an answer, as far as they are wanted."""

    def pages(self, endpoint: Endpoint, ask: Ask, priority: int) -> Iterator[Page]:
        """Pages of the answer, the vendor's order; raises a SugeupError where it cannot be had."""
        ...

    def contracts(self) -> Sequence[str]:
        """Codes of the nearest index futures, as the vendor lists them today."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Supply:
    """Vendors of one lake. A door is opened when it is first needed, which may raise ConfigError for missing keys."""

    def __init__(self, vendors: Sequence[tuple[Vendor, Callable[[], Door]]] = (), why_none: str = "") -> None:
        self._vendors = vendors
        self._why_none = why_none
        self._doors: dict[str, Door] = {}

    @cached_property
    def _owners(self) -> dict[int, tuple[Vendor, Callable[[], Door]]]:
        return {id(endpoint): owner for owner in self._vendors for endpoint in owner[0].endpoints}

    def endpoints(self, dataset: str) -> list[Endpoint]:
        """Endpoints that give a dataset, in the order of the vendors."""
        return [one for vendor, _ in self._vendors for one in vendor.endpoints if one.dataset == dataset]

    def ready(self) -> None:
        """Raise ConfigError when nobody can be asked: no vendor, or keys are missing."""
        if not self._vendors:
            raise ConfigError(f"No source can be asked. {self._why_none}".strip(), hint="Use the lake real.")
        for owner in self._vendors:
            self._opened(owner)

    def pages(self, endpoint: Endpoint, ask: Ask, priority: int) -> Iterator[Page]:
        """Pages of an answer by the vendor of the endpoint."""
        return self._opened(self._owners[id(endpoint)]).pages(endpoint, ask, priority)

    def contracts(self) -> tuple[str, ...]:
        """Codes of the nearest index futures, by the first vendor; raises what its door raises."""
        return tuple(self._opened(self._vendors[0]).contracts()) if self._vendors else ()

    def close(self) -> None:
        """Let go of every connection."""
        while self._doors:
            self._doors.popitem()[1].close()

    def _opened(self, owner: tuple[Vendor, Callable[[], Door]]) -> Door:
        vendor, make = owner
        if vendor.name not in self._doors:
            self._doors[vendor.name] = make()
        return self._doors[vendor.name]
