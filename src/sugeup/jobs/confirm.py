"""확정: the next morning asks again for what was provisional in the evening, and for what is public only then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from sugeup.archive import Want
from sugeup.jobs import daily, scopes, windows
from sugeup.jobs.job import Done, Job, Stage, Work
from sugeup.market import sessions
from sugeup.market.sessions import SEOUL

NAME = "confirm"
BACK = 10
"""Sessions in which provisional figures are looked for, beyond those that were missed."""
LONGEST = 60
"""Sessions after which a figure that is provisional still, by the ledger, is not asked for again."""
PARTS = 5
FIFTHS = ("lending", "credit")
"""Asked of a fifth of all stocks each day: an answer holds more sessions than that."""


def session_of(work: Work) -> date:
    """The session before today: the newest one whose final figures may be public."""
    return work.options.session or sessions.previous(work.now.astimezone(SEOUL).date())


def stages(work: Work) -> Sequence[Stage]:
    """Every dataset of the evening, then holdings, loans and lending of securities."""
    session = session_of(work)
    days = [Stage(name, _confirmed(name, session)) for name in (*daily.ORDER, "market_funds")]
    fifths = [Stage(name, _fifth(name, session)) for name in FIFTHS]
    positions = [Stage("foreign_holding", _holdings(session)), Stage("short_balance", _balances(session))]
    return [*days, *positions, *fifths]


def _confirmed(dataset: str, session: date) -> Callable[[Work], Done]:
    def run(work: Work) -> Done:
        first = min(
            windows.since(work, NAME, dataset, dataset, session), _back(session, BACK), _open(work, dataset, session)
        )
        started = _started(work, dataset)
        if started is None:
            return Done(notes=("nothing was collected yet",))
        wanted = tuple(daily.of_dataset(work, dataset, max(first, started)))
        want = Want(wanted, max(first, started), session, confirm=True, priority=2)
        return work.fill(dataset, dataset, want)

    return run


def _holdings(session: date) -> Callable[[Work], Done]:
    def run(work: Work) -> Done:
        codes = scopes.stocks(work.archive, session)
        return work.fill("foreign_holding", "foreign_holding", Want(codes, session, session, priority=2))

    return run


def _balances(session: date) -> Callable[[Work], Done]:
    """Short balances, which are public some sessions later; nothing is asked where no source has them."""

    def run(work: Work) -> Done:
        codes = scopes.stocks(work.archive, session)
        return work.fill("short_balance", "short_balance", Want(codes, _back(session, BACK), session, priority=2))

    return run


def _fifth(dataset: str, session: date) -> Callable[[Work], Done]:
    def run(work: Work) -> Done:
        place = sessions.count_between(date(session.year, 1, 1), session) % PARTS
        codes = sorted(scopes.stocks(work.archive, session))[place::PARTS]
        return work.fill(dataset, dataset, Want(tuple(codes), _back(session, BACK), session, priority=2))

    return run


def _open(work: Work, dataset: str, session: date) -> date:
    """The oldest of the last sessions that was provisional when it was asked for and that nothing has confirmed yet."""
    floor = _back(session, LONGEST)
    spans = [span for span in work.archive.coverage(dataset) if span.last >= floor and not span.final]
    return max(floor, min((span.first for span in spans), default=session))


def _started(work: Work, dataset: str) -> date | None:
    """The first session that was asked for at all: what lies before it is a matter of the backfill."""
    provisional = [span.first for span in work.archive.coverage(dataset)]
    return min(provisional, default=None)


def _back(day: date, count: int) -> date:
    return sessions.previous(day, count)


JOB = Job(
    NAME, "확정", "Final figures in place of provisional ones; holdings and loans.", stages, session_of, once=True
)
