"""A tiny vendor's server on loopback, and hubs that ask it fast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sugeup.hub import Hub, waits
from sugeup.sources.vendor import Pace
from tests.hub import serving, tiny

FAST = Pace(500, 1.0)


@pytest.fixture
def server() -> Iterator[serving.TinyServer]:
    with serving.running() as found:
        yield found


@pytest.fixture
def opened(server: serving.TinyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Hub]]:
    """Makes hubs on one folder; waits between attempts are short, everything else is as it is."""
    monkeypatch.setattr(waits, "FIRST", 0.02)
    with ExitStack() as stack:

        def make(**how: Any) -> Hub:
            vendor = how.pop("vendor", tiny.TINY)
            given = {"folder": tmp_path, "clock": tiny.WallClock(), "hosts": server.hosts, "pace": FAST} | how
            hub = Hub(vendor, given.pop("credentials", tiny.CREDENTIALS), **given)
            stack.callback(hub.close)
            return hub

        yield make


@pytest.fixture
def hub(opened: Callable[..., Hub]) -> Hub:
    return opened()
