"""The answer cache: never an old answer, never the same work twice, never more than its room."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.app import App
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused, Retryable
from sugeup.faces.answering import Answering
from sugeup.faces.cache import Cache, Result
from sugeup.market.clock import FixedClock
from sugeup.registry import UseCase
from tests.support.archives import NOW, answering, application, days, rows
from tests.support.servers import serving

DAY = date(2026, 3, 2)


def case(name: str = "get_investor_trading") -> UseCase:
    return registry.usecases()[name]


def around(act: Callable[[], Any], name: str = "get_investor_trading", after: Callable[[], Any] = int) -> UseCase:
    """The use-case with something happening before and after it is computed."""
    real = case(name)

    @functools.wraps(real.run)
    def run(archive: Any, **given: Any) -> Any:
        act()
        answer = real.run(archive, **given)
        after()
        return answer

    return replace(real, run=run)


def upsert(archive: Archive, won: int = 7) -> None:
    """A correction of 000660's newest session."""
    row = {"code": "000660", "session": days(1)[0], "foreign_net_amount": won}
    archive.fill("investor_day_stock", rows("investor_day_stock", [row]))


def foreign(answered: Any) -> Any:
    return answered.plain["investor_data"]["foreign"]["net_amount"]


def test_the_same_question_is_computed_once_and_shares_its_text(archive: Archive) -> None:
    seam, calls = answering(archive), []
    asked = around(lambda: calls.append(1))
    first, second = (seam.ask(asked, {"stock_code": "005930"}) for _ in range(2))
    assert first is second and [1] == calls
    assert (1, 1, 1) == (seam.statistics().hits, seam.statistics().misses, seam.statistics().entries)
    assert first.key is not None and first.key.startswith("sugeup:embedded/real:get_investor_trading:")
    assert "investor_day_stock=" in first.key and "2026-03-02" in first.key


def test_arguments_that_mean_the_same_share_an_answer(archive: Archive) -> None:
    seam, calls = answering(archive), []
    asked = around(lambda: calls.append(1))
    for given in ({"market": "kospi"}, {"market": "KOSPI", "period": "1D"}, {"market": " Kospi ", "period": "1d"}):
        seam.ask(asked, given)
    assert [1] == calls


def test_an_answer_is_computed_again_after_an_upsert(archive: Archive) -> None:
    seam = answering(archive)
    assert 200 == foreign(seam.ask(case(), {"stock_code": "000660"}))
    upsert(archive)
    assert 7 == foreign(seam.ask(case(), {"stock_code": "000660"}))


def test_an_upsert_of_a_dataset_that_was_not_read_changes_nothing(archive: Archive) -> None:
    seam, calls = answering(archive), []
    asked = around(lambda: calls.append(1))
    seam.ask(asked, {"stock_code": "000660"})
    row = {"index_code": "KOSPI", "session": days(1)[0], "close": 2600.0}
    archive.fill("index_day", rows("index_day", [row], source="hts"))
    seam.ask(asked, {"stock_code": "000660"})
    assert [1] == calls


def test_a_commit_while_an_answer_is_computed_makes_it_old(archive: Archive) -> None:
    """The answer may hold figures from before the commit; it must not be kept as one from after it."""
    seam = answering(archive)
    seam.ask(around(int, after=lambda: upsert(archive)), {"stock_code": "000660"})
    assert 7 == foreign(seam.ask(case(), {"stock_code": "000660"}))


def test_an_answer_is_not_given_on_the_next_day_because_its_warnings_grow_old(archive: Archive) -> None:
    app, calls = application(archive), []
    asked = around(lambda: calls.append(1))
    seam = Answering(app)
    seam.ask(asked, {"market": "KOSPI"})
    object.__setattr__(app, "clock", FixedClock(NOW + timedelta(days=1)))
    seam.ask(asked, {"market": "KOSPI"})
    assert [1, 1] == calls


def test_what_reads_nothing_is_kept_for_ever(archive: Archive) -> None:
    app, calls = application(archive), []
    seam, asked = Answering(app), around(lambda: calls.append(1), "explain_metric")
    for later in range(3):
        object.__setattr__(app, "clock", FixedClock(NOW + timedelta(days=later)))
        upsert(archive, later)
        seam.ask(asked, {"metric_id": "inv.trend"})
    assert [1] == calls


def test_an_answer_that_shows_the_ledger_is_never_kept(archive: Archive) -> None:
    """The ledger has no version: a repeated import changes when a source was asked last, and no figure."""
    seam, calls = answering(archive), []
    asked = around(lambda: calls.append(1), "get_data_status")
    assert seam.ask(asked, {}).key is None
    seam.ask(asked, {})
    assert [1, 1] == calls


def test_equal_questions_at_the_same_time_are_computed_once(archive: Archive) -> None:
    seam, calls = answering(archive), []

    def slowly() -> None:
        calls.append(1)
        time.sleep(0.3)

    asked = around(slowly)
    with ThreadPoolExecutor(12) as pool:
        given = list(pool.map(lambda _: seam.ask(asked, {"market": "KOSPI"}), range(12)))
    assert [1] == calls and 1 == len({id(one) for one in given})
    assert (11, 1) == (seam.statistics().hits, seam.statistics().misses)


def test_whoever_asks_after_a_commit_does_not_get_what_was_begun_before_it(archive: Archive) -> None:
    seam, begun, go = answering(archive), threading.Event(), threading.Event()

    def first_only() -> None:
        if not begun.is_set():
            begun.set()
            assert go.wait(10)

    asked = around(int, after=first_only)
    with ThreadPoolExecutor(2) as pool:
        old = pool.submit(seam.ask, asked, {"stock_code": "000660"})
        assert begun.wait(10)
        upsert(archive)
        new = pool.submit(seam.ask, asked, {"stock_code": "000660"})
        time.sleep(0.1)
        go.set()
    assert (200, 7) == (foreign(old.result()), foreign(new.result()))


def test_an_error_reaches_everybody_who_waits_and_is_not_kept(archive: Archive) -> None:
    seam, calls = answering(archive), []

    def failing() -> None:
        calls.append(1)
        time.sleep(0.3)
        raise NoData("Not yet.", code="NOT_COLLECTED")

    asked = around(failing)

    def ask(_: int) -> str:
        with pytest.raises(NoData) as caught:
            seam.ask(asked, {"market": "KOSPI"})
        return caught.value.code

    with ThreadPoolExecutor(6) as pool:
        assert ["NOT_COLLECTED"] * 6 == list(pool.map(ask, range(6)))
    assert [1] == calls
    assert seam.ask(case(), {"market": "KOSPI"}).plain["scope"] == "MARKET"


def test_a_wrong_argument_is_refused_before_anything_is_looked_up(archive: Archive) -> None:
    seam = answering(archive)
    with pytest.raises(Refused, match="period"):
        seam.ask(case(), {"period": "7D"})
    assert 0 == seam.statistics().misses


def test_too_many_computations_are_refused_as_busy(archive: Archive) -> None:
    seam, begun, go = Answering(application(archive), computing=1, patience=0.1), threading.Event(), threading.Event()
    slow = around(lambda: (begun.set(), go.wait(10)))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(seam.ask, slow, {"market": "KOSPI"})
        assert begun.wait(10)
        with pytest.raises(Retryable) as caught:
            seam.ask(case(), {"market": "KOSDAQ"})
        go.set()
    assert "BUSY" == caught.value.code and running.result().plain["scope"] == "MARKET"


def cache(**limits: int) -> tuple[Cache[str], Callable[[str], str]]:
    made: Cache[str] = Cache(lambda _: "1", lambda: DAY, len, **limits)

    def ask(text: str) -> str:
        return made.ask(("q", text), lambda: Result(text, None, DAY, {}))[0]

    return made, ask


def test_the_longest_unused_answer_makes_room() -> None:
    kept, ask = cache(entries=2)
    for text in ("a", "b", "a", "c"):
        ask(text)
    assert [True, False, True] == [kept.held(("q", text)) is not None for text in "abc"]


def test_answers_together_stay_below_their_size() -> None:
    kept, ask = cache(size=10)
    for text in ("aaaa", "bbbb", "cccc", "d" * 11):
        ask(text)
    assert (2, 8) == (kept.statistics().entries, kept.statistics().bytes)
    assert None is kept.held(("q", "d" * 11))


def test_threads_that_ask_and_a_writer_never_disagree(archive: Archive) -> None:
    """Every answer is at least as new as the last upsert that had ended before it was asked for."""
    seam, done, ended = answering(archive), threading.Event(), [0]

    def ask(_: int) -> list[str]:
        wrong = []
        while not done.is_set():
            least = ended[0]
            found = foreign(seam.ask(case(), {"stock_code": "000660"}))
            if least and found < least:
                wrong.append(f"{found} after {least}")
        return wrong

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask, number) for number in range(4)]
        for number in range(1, 6):
            upsert(archive, 1000 + number)
            ended[0] = 1000 + number
            time.sleep(0.05)
        done.set()
    assert [[]] * 4 == [one.result() for one in asking]


@pytest.mark.slow
def test_a_server_sees_what_another_process_imports(sample_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(sample_home, home)
    file = tmp_path / "flows.csv"
    file.write_text("market,session,foreign_net_amount\nKOSPI,2026-08-24,20000000000\n")

    def ask(address: str) -> tuple[str, Any]:
        with urllib.request.urlopen(f"{address}/api/v1/markets/KOSPI/flows?limit=1") as got:  # noqa: S310
            return got.headers["cache-status"], json.load(got)["rows"][0]["session"]

    with serving(home) as address:
        assert ("sugeup; fwd=miss", "2026-08-21") == ask(address)
        assert ("sugeup; hit", "2026-08-21") == ask(address)
        command = [sys.executable, "-m", "sugeup", "--lake", "demo", "import", str(file), "--source", "mine"]
        done = subprocess.run(command, env={**os.environ, "SUGEUP_DATA_DIR": str(home)}, capture_output=True, text=True)
        assert 0 == done.returncode, done.stderr
        assert ("sugeup; fwd=miss", "2026-08-24") == ask(address)
        assert ("sugeup; hit", "2026-08-24") == ask(address)


def test_an_application_that_a_test_opens_is_cached_like_any_other(sample_home: Path) -> None:
    from sugeup.settings import LakeName, Settings

    seam = Answering(App.open(Settings(data_dir=sample_home), LakeName.DEMO))
    one = seam.ask(case("search_stock"), {"query": "삼성전자"})
    assert one is seam.held(case("search_stock"), {"query": "삼성전자"})
