"""장중 수집: every minute what the running session has done so far, and the tallies of single stocks at their slots."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sugeup.archive import Want
from sugeup.errors import ConfigError, CorruptStore, NoData, Refused, Retryable, SugeupError
from sugeup.jobs import scopes
from sugeup.jobs.job import NOBODY, Done, Job, Stage, Work
from sugeup.market import publication, sessions, timetable

MINUTE = timedelta(minutes=1)
POLLED = ("investor_minute_market", "program_minute_market", "index_minute")
TALLY = "stock_estimate"
"""Asked when the nominal time of a slot and its tolerance have passed."""


def session_of(work: Work) -> date:
    """Today; NoData when the exchange does not trade today."""
    today = timetable.running(work.now)
    if today is None:
        raise NoData("the exchange does not trade today.", code="MARKET_CLOSED", hint="Run it on a trading day.")
    return today


def stages(work: Work) -> Sequence[Stage]:
    """One, as long as the session."""
    session = session_of(work)
    return [Stage("poll", lambda work: _polled(work, session))]


def _polled(work: Work, session: date) -> Done:
    if not work.speed:
        raise Refused("the clock stands still, so no minute ends.", hint="Let the sandbox run: `--speed 60`.")
    opens = sessions.open_at(session)
    moment = max(work.now, opens or work.now)
    end = timetable.ends(session)
    tallies = _slots(session)
    total = max(int((end - moment) / MINUTE) + 1, 1)
    done, minutes, problems = Done(), 0, dict[str, SugeupError]()
    polled, lacking = _polls(work)
    tallied = work.gives(TALLY)
    while moment <= end and work.wait_until(moment):
        for dataset, wanted in polled.items():
            done = _noted(done, _asked(work, dataset, wanted, session), problems)
        while tallies and tallies[0] <= moment:
            tallies.pop(0)
            if not tallied:
                continue
            codes = scopes.stocks(work.archive, session, floor=None if work.options.everything else work.options.floor)
            done = _noted(done, _asked(work, TALLY, codes, session), problems)
        minutes += 1
        work.tell("poll", minutes, total)
        last, moment = moment, _next(moment, work.now)
        if moment > end > last:
            moment = end  # the row after the close, however late it gets
    ended = [] if moment > end else ["asked to end before the close"]
    notes = [f"{minutes:,} minutes", *ended, *lacking, *(str(error) for error in problems.values())]
    lost = tuple(problems.values()) if not minutes or not done.rows else ()
    return Done(done.rows, done.calls, 0, lost, tuple(notes))


def _polls(work: Work) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """What is asked every minute and of whom, and words on what nobody gives; NoData when nobody gives anything."""
    given = {name: tuple(scopes.of_market(work.archive, name)) for name in POLLED if work.gives(name)}
    futures = _futures(work) if work.gives("futures_minute") else ()
    if not given and not work.gives(TALLY):
        raise NoData(
            "none of the sources that are asked shows what a running session does.",
            code="NOT_COLLECTED",
            hint="`sugeup sources` says which do.",
        )
    lacking = [name for name in (*POLLED, "futures_minute", TALLY) if not work.gives(name)]
    said = [f"{NOBODY} {', '.join(lacking)}"] if lacking else []
    return given | ({"futures_minute": futures} if futures else {}), said


def _asked(work: Work, dataset: str, wanted: Sequence[str], session: date) -> Done:
    """One poll. A source that is down costs this minute, not the session; keys and disk end the run."""
    try:
        return work.fill("poll " + dataset, dataset, Want(tuple(wanted), session, session, again=True, priority=1))
    except (ConfigError, CorruptStore):
        raise
    except SugeupError as error:
        return Done(problems=(error,))


def _noted(done: Done, more: Done, problems: dict[str, SugeupError]) -> Done:
    problems.update({str(error): error for error in more.problems})
    return Done(done.rows + more.rows, done.calls + more.calls)


def _futures(work: Work) -> tuple[str, ...]:
    """The nearest contracts; none when their list cannot be had."""
    try:
        return tuple(work.contracts())
    except Retryable:
        return ()


def _slots(session: date) -> list[datetime]:
    """Moments at which the tallies of a session are certain to be out."""
    return [datetime.combine(session, at, sessions.SEOUL) + publication.SLOT_TOLERANCE for at in publication.SLOTS]


def _next(moment: datetime, now: datetime) -> datetime:
    """The next whole minute: those that passed while the last was asked for are gone."""
    return max(moment, now).replace(second=0, microsecond=0) + MINUTE


JOB = Job("intraday", "장중 수집", "The running session, minute by minute, and tallies of stocks.", stages, session_of)
