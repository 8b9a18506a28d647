"""Runs, steps and faulty rows are kept beside the coverage; an older database is brought up to it and loses nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, text

from sugeup.records.ledger import Asked, Fault, State, Step
from sugeup.store.state import State as Database

NOW = datetime(2026, 2, 13, 10, tzinfo=UTC)
DAY = date(2026, 2, 13)


def database(folder: Path) -> Database:
    return Database(folder / "state.sqlite")


def test_a_run_has_its_steps_as_they_went(tmp_path: Path) -> None:
    state = database(tmp_path)
    run = state.begin("daily", DAY, NOW, 7, "here")
    step = Step("daily_bars", State.RUNNING, NOW)
    state.step(run, step)
    assert (State.RUNNING, (step,)) == (state.runs()[0].state, state.runs()[0].steps)
    done = Step("daily_bars", State.COMPLETED, NOW, NOW + timedelta(minutes=1), 2800, 94, None, "fine")
    state.step(run, done)
    state.end(run, NOW + timedelta(minutes=2))
    found = state.runs("daily")[0]
    assert (State.COMPLETED, (done,), 2800, 94) == (found.state, found.steps, found.rows, found.calls)
    assert ("here", 7, DAY, NOW) == (found.host, found.pid, found.session, found.started_at)


def test_steps_that_were_completed_are_known_by_session(tmp_path: Path) -> None:
    state = database(tmp_path)
    for day, outcome in ((DAY, State.COMPLETED), (date(2026, 2, 12), State.FAILED)):
        run = state.begin("daily", day, NOW, 7, "here")
        state.step(run, Step("short_day", outcome, NOW, NOW))
        state.end(run, NOW)
    assert {"short_day"} == state.completed("daily", DAY)
    assert set() == state.completed("daily", date(2026, 2, 12)) | state.completed("confirm", DAY)


def test_a_run_that_never_ended_is_marked_as_interrupted_by_the_next_of_its_job(tmp_path: Path) -> None:
    state = database(tmp_path)
    dead = state.begin("daily", DAY, NOW, 7, "here")
    state.step(dead, Step("short_day", State.RUNNING, NOW))
    other = state.begin("confirm", DAY, NOW, 8, "here")
    state.begin("daily", DAY, NOW + timedelta(hours=1), 9, "here")
    found = {run.id: run for run in state.runs()}
    assert State.FAILED is found[dead].state is found[dead].steps[0].state
    assert "interrupted" in (found[dead].error or "")
    assert State.RUNNING is found[other].state


def test_the_newest_runs_come_first_and_no_more_than_asked_for(tmp_path: Path) -> None:
    state = database(tmp_path)
    for number in range(5):
        run = state.begin("daily", DAY, NOW + timedelta(hours=number), 7, "here")
        state.end(run, NOW, "SOURCE_DOWN", "no answer")
    assert [5, 4, 3] == [run.id for run in state.runs(limit=3)]
    assert ("SOURCE_DOWN", "no answer") == (state.runs()[0].code, state.runs()[0].error)


def test_a_faulty_row_is_kept_once_with_its_newest_time(tmp_path: Path) -> None:
    state = database(tmp_path)
    fault = Fault("short_day", "broker", "005930", DAY, "short_volume is negative", "-1", NOW)
    unread = Fault("short_day", "broker", "000660", None, "unreadable", None, NOW)
    state.note([fault, unread])
    later = Fault(**vars(fault) | {"at": NOW + timedelta(days=1)})
    state.note([later])
    assert [later, unread] == state.faults("short_day")
    assert [] == state.faults("daily_bars")


def test_final_spans_take_the_place_of_provisional_ones(tmp_path: Path) -> None:
    state = database(tmp_path)
    days = [date(2026, 2, day) for day in (9, 10, 11, 12, 13)]

    def span(first: date, last: date, rows: int, *, final: bool) -> Asked:
        return Asked("short_day", "broker", "005930", first, last, rows, NOW, final)

    state.record([span(days[0], days[4], 5, final=False)])
    state.record([span(days[1], days[2], 2, final=True)])
    expected = [
        span(days[0], days[0], 1, final=False),
        span(days[1], days[2], 2, final=True),
        span(days[3], days[4], 2, final=False),
    ]
    assert expected == state.coverage()


def test_a_database_of_the_first_version_is_brought_up_and_its_spans_are_final(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'state.sqlite'}")
    with engine.begin() as connection:
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", "sugeup.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO coverage (dataset, source, scope, first, last, rows, asked_at) VALUES "
                "('short_day', 'exchange', '005930', '2026-02-05', '2026-02-06', 2, '2026-03-02 03:00:00.000000')"
            )
        )
    engine.dispose()
    spans = database(tmp_path).coverage()
    assert [(date(2026, 2, 5), date(2026, 2, 6), 2, True)] == [(s.first, s.last, s.rows, s.final) for s in spans]
    assert [] == database(tmp_path).runs()
