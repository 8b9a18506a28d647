"""Progress: a long call tells what it reads to a client that asked; a short one says nothing."""

from __future__ import annotations

import threading
from typing import Any

import anyio
import pytest
from mcp.client import Client

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.faces import mcp, mcp_progress
from sugeup.faces.answering import Answering
from tests.faces.test_mcp_offers import ERAS
from tests.support.archives import answering

Notice = tuple[float, float | None, str | None]


def call(server: Any, era: str, *, listening: bool = True) -> tuple[Any, list[Notice]]:
    notices: list[Notice] = []

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        notices.append((progress, total, message))

    async def within() -> Any:
        async with Client(server, mode=era) as client:
            callback = heard if listening else None
            return await client.call_tool("get_investor_trading", {"market": "KOSPI"}, progress_callback=callback)

    return anyio.run(within), notices


def slowly(archive: Archive, monkeypatch: pytest.MonkeyPatch, seconds: float) -> Answering:
    """An application whose every read takes a while."""
    made, read = answering(archive), Archive.read
    waited = threading.Event()

    def slow(*given: Any, **wanted: Any) -> Any:
        waited.wait(seconds)
        return read(*given, **wanted)

    monkeypatch.setattr(Archive, "read", slow)
    return made


@pytest.mark.parametrize("era", ERAS)
def test_a_long_call_tells_which_dataset_it_reads_and_only_ever_more(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, era: str
) -> None:
    monkeypatch.setattr(mcp_progress, "PACE", 0.02)
    found, notices = call(mcp.server(slowly(archive, monkeypatch, 0.05)), era)
    assert not found.is_error and 2 <= len(notices)
    steps = [step for step, _, _ in notices]
    assert sorted(set(steps)) == steps
    assert {None} == {total for _, total, _ in notices}, "how many reads there will be is not known beforehand"
    assert any("investor_day_market" in (message or "") for _, _, message in notices)
    assert all((message or "").startswith("읽는 중 reading: ") for _, _, message in notices)


@pytest.mark.parametrize("era", ERAS)
def test_a_short_call_and_a_kept_answer_say_nothing(archive: Archive, era: str) -> None:
    server = mcp.server(answering(archive))
    for _ in range(2):
        found, notices = call(server, era)
        assert not found.is_error and [] == notices


def test_a_client_that_did_not_ask_is_told_nothing(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_progress, "PACE", 0.02)
    found, notices = call(mcp.server(slowly(archive, monkeypatch, 0.03)), "auto", listening=False)
    assert not found.is_error and [] == notices


def test_an_error_of_a_long_call_is_the_same_error(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a group of errors, which the task that reports would make of it."""

    def fail(*_: Any, **__: Any) -> Any:
        raise NoData("nothing here.", code="NOT_COLLECTED")

    monkeypatch.setattr(Archive, "read", fail)
    found, _ = call(mcp.server(answering(archive)), "auto")
    assert found.is_error and "NOT_COLLECTED: nothing here." == found.content[0].text
