"""Which days the exchange is asked for: those that are out, which is the next trading day at eight."""

from __future__ import annotations

from datetime import date

import pytest

from sugeup import records
from sugeup.archive import planning
from sugeup.sources.krx import KRX
from tests.support.sandboxes import seoul


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        ("2025-06-02T19:00", date(2025, 5, 30)),  # Monday evening: Friday came this morning
        ("2025-06-02T07:59", date(2025, 5, 29)),
        ("2025-06-02T08:00", date(2025, 5, 30)),
        ("2025-06-03T12:00", date(2025, 5, 30)),  # closed for an election: Monday comes tomorrow
        ("2025-06-04T08:00", date(2025, 6, 2)),
        ("2025-06-07T12:00", date(2025, 6, 4)),  # a Saturday: Thursday's come on Monday, Friday was a holiday
    ],
)
@pytest.mark.parametrize("name", ["krx_bydd_trd", "krx_index_dd_trd"])
def test_a_session_is_asked_for_on_the_next_trading_day(name: str, now: str, newest: date) -> None:
    endpoint = KRX.endpoint(name)
    found = planning.reaches(endpoint, records.dataset(endpoint.dataset), seoul(now))
    assert found is not None and newest == found[1]


def test_all_stocks_of_a_day_share_one_ask() -> None:
    days = (date(2025, 5, 29), date(2025, 5, 30))
    cells = {"005930": list(days), "000660": [days[1]]}
    found = list(planning.tasks(KRX.endpoint("krx_bydd_trd"), cells, days))
    assert [(("005930",), days[0]), (("005930", "000660"), days[1])] == [
        (one.ask.scopes, one.ask.last) for one in found
    ]
