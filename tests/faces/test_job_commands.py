"""`sugeup job` on the command line: what ran, what is next, and an exit code that tells what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from sugeup.app import App
from sugeup.errors import Retryable
from sugeup.faces import chosen, cli, job_commands
from sugeup.faces.progress import progress
from sugeup.market import sessions
from sugeup.settings import Settings
from tests.support.vendors import Desk, desk

DAYS = sessions.sessions(date(2026, 1, 5), date(2026, 2, 13))


@pytest.fixture
def market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The command line over the small market."""
    found = desk(tmp_path, DAYS)

    class Small(App):
        def work(self, options, tell=None, stop=None):  # type: ignore[no-untyped-def]
            made = found.work(**vars(options))
            made.tell, made.stop = tell, stop
            return made

    def opened(*_: object, **__: object) -> App:
        return Small(Settings(), found.clock, found.archive, found.folder, lambda _: "1")

    monkeypatch.setattr(chosen, "opened", opened)
    monkeypatch.setattr(cli, "opened", opened)
    return found


def ran(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = cli.run([*words])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_run_shows_its_steps_and_tells_its_progress(market: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = ran(capsys, "job", "run", "daily")
    assert 0 == code
    assert "daily · session 2026-02-13" in out and "investor_day_stock" in out
    assert "일일 수집 daily_bars" in err


def test_a_second_run_says_what_had_been_completed(market: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    ran(capsys, "job", "run", "daily")
    code, out, _ = ran(capsys, "job", "run", "daily")
    assert 0 == code and "completed before" in out


def test_a_run_of_which_a_part_is_left_ends_with_75(market: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    market.truth.errors["short_day_past"] = lambda _: Retryable("no answer", code="SOURCE_DOWN")
    code, out, err = ran(capsys, "job", "run", "daily")
    assert 75 == code
    assert "failed" in out and "sugeup job run daily" in err


def test_a_run_as_json(market: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ran(capsys, "job", "run", "backfill", "--sessions", "5", "--all", "--json")
    found = json.loads(out)
    assert (0, "completed", None) == (code, found["state"], found["error"])
    assert {"daily_bars", "short_day"} <= {step["step"] for step in found["steps"] if step["rows"]}


def test_an_analysis_does_as_many_stocks_as_its_quota_and_says_what_is_left(
    market: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = ran(capsys, "job", "run", "analyse")
    assert 75 == code and "sugeup job run daily" in err
    ran(capsys, "job", "run", "daily")
    code, out, _ = ran(capsys, "job", "run", "analyse", "--quota", "3")
    assert 0 == code and "stocks analysed: 3; left by the quota of the run: 1" in out
    assert "stocks analysed: 1" in ran(capsys, "job", "run", "analyse")[1]


def test_the_list_tells_last_and_next_runs(market: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    ran(capsys, "job", "run", "daily")
    found = {one["job"]: one for one in json.loads(ran(capsys, "job", "list", "--json")[1])}
    wanted = {"universe", "backfill", "daily", "confirm", "intraday", "analyse", "refit", "compact", "verify"}
    assert wanted == set(found)
    assert ("completed", "2026-02-19T19:00:00+09:00") == (found["daily"]["state"], found["daily"]["next"])
    assert found["backfill"]["next"] is None
    assert "19:00 on trading days" in ran(capsys, "job", "list")[1]


def test_show_tells_the_last_runs_with_steps(market: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert "has not run yet" in ran(capsys, "job", "show", "daily")[1]
    ran(capsys, "job", "run", "daily")
    assert "daily for 2026-02-13 · completed" in ran(capsys, "job", "show", "daily")[1]
    shown = json.loads(ran(capsys, "job", "show", "daily", "--json")[1])
    assert 1 == len(shown) and shown[0]["rows"] > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["job", "run", "nothing"], "analyse, backfill, compact, confirm, daily"),
        (["job", "show", "nothing"], "there is no job"),
        (["job", "run", "daily", "--session", "yesterday"], "2026-11-25"),
    ],
)
def test_what_is_not_understood_is_named(
    market: Desk, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    code, _, err = ran(capsys, *words)
    assert 64 == code and said in err


def test_a_day_without_trading_cannot_be_collected(market: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = ran(capsys, "job", "run", "daily", "--session", "2026-02-17")
    assert 66 == code and "설날" in err


def test_status_names_runs_and_what_comes_next(market: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    ran(capsys, "job", "run", "daily")
    monkey = market.archive
    from sugeup import get_data_status

    status = get_data_status(monkey)
    jobs = {one.job: one for one in status.jobs}
    assert ("completed", "2026-02-13") == (jobs["daily"].state, jobs["daily"].session)
    assert "2026-02-19T08:10:00+09:00" == jobs["confirm"].next_run
    gaps = {gap.what.split()[-1]: gap.how for gap in status.coverage}
    assert "no source gives it" in gaps["foreign_holding"]  # the vendor of the test does not
    assert "sugeup import" in gaps["ticks"]


def test_status_names_sessions_that_lack_and_the_command_that_fills_them(market: Desk) -> None:
    from sugeup import get_data_status

    for day in (DAYS[0], DAYS[-1]):
        market.clock.at(day, 19)
        work = market.work(session=day)
        from sugeup.archive import Want

        work.archive.fill("short_day", Want(("005930",), day, day))
    hole = next(one for one in get_data_status(market.archive).holes if one.dataset == "short_day")
    assert (len(DAYS) - 2, str(DAYS[1]), str(DAYS[-2])) == (hole.sessions, hole.first, hole.last)
    assert f"`sugeup job run backfill --sessions {len(DAYS) - 1}`" == hole.how


def test_ctrl_c_asks_the_run_to_end_and_gives_the_signal_back() -> None:
    import signal

    before = signal.getsignal(signal.SIGTERM)
    with job_commands.stopping() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
    assert before is signal.getsignal(signal.SIGTERM)


def test_progress_without_a_terminal_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("일일 수집") as tell:
        tell("daily_bars", 0, 0)
        tell("daily_bars", 5, 10)
        tell("short_day", 0, 0)
    assert ["일일 수집 daily_bars", "일일 수집 short_day"] == capsys.readouterr().err.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lake", "code", "said"),
    [
        ("real", 78, "SUGEUP_KIS_APP_KEY and SUGEUP_KIS_APP_SECRET"),
        ("demo", 78, "bundled sample"),
        ("simulated", 75, "sugeup sandbox"),
    ],
)
def test_a_lake_that_cannot_be_filled_says_what_is_missing(tmp_path: Path, lake: str, code: int, said: str) -> None:
    environment = {name: value for name, value in os.environ.items() if "KIS" not in name and "KOREA" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "sugeup", "--lake", lake, "job", "run", "daily"],
        env={**environment, "SUGEUP_DATA_DIR": str(tmp_path), "SUGEUP_SANDBOX_URL": ""} | _nowhere(lake),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (code, True) == (done.returncode, said in done.stderr), done.stderr
    assert "Traceback" not in done.stderr


def _nowhere(lake: str) -> dict[str, str]:
    """An address at which no sandbox listens."""
    return {"SUGEUP_SANDBOX_URL": "http://127.0.0.1:9"} if lake == "simulated" else {}
