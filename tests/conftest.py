"""Figures worked out by hand (a stock on shares, one in won, two markets) and the bundled sample, loaded once."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sugeup.app import App
from sugeup.archive import Archive
from sugeup.jobs.sample import load_sample
from sugeup.market.clock import FixedClock
from sugeup.settings import LakeName, Settings
from tests.support.archives import days, four_groups, open_archive, rows

THOROUGH = frozenset(Path(__file__).with_name("thorough.txt").read_text(encoding="utf-8").split())
"""Modules that take more than a moment as a whole."""
TRACED = frozenset({"archive", "hub", "jobs", "store", "usecases"})
"""Folders whose thorough modules are run with a tracer; it makes tests half as long again, and these cover most."""
SAMPLE_NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
N = 330
"""Sessions of history: enough for every reference window."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of thorough modules as slow: `make quick` leaves them out, `make test` runs them.

    `make test` runs apart what is slow for another reason: it starts processes or servers, whose lines no tracer sees.
    """
    here = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(here)
        if place.as_posix() in THOROUGH:
            item.add_marker(pytest.mark.slow)
            if place.parts[0] in TRACED:
                item.add_marker(pytest.mark.thorough)


@pytest.fixture
def archive(tmp_path: Path, filled: Path) -> Archive:
    """005930 with net shares; 000660 with buy and sell won; KOSPI with won and sub-types; KOSDAQ with groups only."""
    shutil.copytree(filled, tmp_path / "lake")
    return open_archive(tmp_path / "lake")


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose demo lake holds the bundled sample; tests only read it."""
    home = tmp_path_factory.mktemp("home")
    load_sample(App.open(Settings(data_dir=home), LakeName.DEMO).archive)
    return home


@pytest.fixture(scope="session")
def sample(sample_home: Path) -> Archive:
    """The bundled sample, at a fixed time."""
    return App.open(Settings(data_dir=sample_home), LakeName.DEMO, FixedClock(SAMPLE_NOW)).archive


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the filled archive, made once and copied for each test."""
    path = tmp_path_factory.mktemp("filled")
    _fill(open_archive(path))
    return path


def _fill(filled: Archive) -> None:
    history = days(N)
    filled.fill(
        "instruments",
        rows(
            "instruments",
            [
                {
                    "code": "005930",
                    "valid_from": history[0],
                    "name": "삼성전자",
                    "name_en": "Samsung Electronics",
                    "market": "KOSPI",
                },
                {
                    "code": "000660",
                    "valid_from": history[0],
                    "name": "SK하이닉스",
                    "name_en": "SK hynix",
                    "market": "KOSPI",
                },
                {"code": "035720", "valid_from": history[0], "name": "카카오", "name_en": "Kakao", "market": "KOSPI"},
                {
                    "code": "0009K0",
                    "valid_from": history[0],
                    "name": "에임드바이오",
                    "name_en": None,
                    "market": "KOSDAQ",
                },
            ],
        ),
    )
    _stock_on_shares(filled)
    _stock_in_won(filled)
    _markets(filled)


def wave(number: int) -> int:
    """A net figure that changes sign and size from session to session."""
    return (number * 37) % 101 - 50


def _stock_on_shares(archive: Archive) -> None:
    history = days(N)
    flows = [
        {"code": "005930", "session": day} | four_groups(wave(n) * 10, wave(n + 3) * 20, wave(n + 7) * 5, "volume")
        for n, day in enumerate(history)
    ]
    bars = [
        {
            "code": "005930",
            "session": day,
            "raw_open": 70_000,
            "raw_high": 71_000,
            "raw_low": 69_000,
            "raw_close": 70_000 + 100 * (wave(n) % 7),
            "base_price": 70_000,
            "volume": 10_000,
            "status": "TRADED",
        }
        for n, day in enumerate(history)
    ]
    archive.fill("investor_day_stock", rows("investor_day_stock", flows))
    archive.fill("daily_bars", rows("daily_bars", bars))


def _stock_in_won(archive: Archive) -> None:
    """Foreigners buy 600 won and sell 400 on 10 shares each way, every session; turnover is 1,000 won on 20 shares."""
    sides = {"foreign": (600, 400), "individual": (300, 500), "institution": (100, 90), "other_corporation": (0, 10)}
    flows = []
    for day in days(3):
        row: dict[str, object] = {"code": "000660", "session": day}
        for group, (bought, sold) in sides.items():
            row |= {f"{group}_buy_amount": bought, f"{group}_sell_amount": sold, f"{group}_net_amount": bought - sold}
            row |= {f"{group}_buy_volume": 10, f"{group}_sell_volume": 10, f"{group}_net_volume": 0}
        flows.append(row)
    bars = [
        {
            "code": "000660",
            "session": day,
            "raw_close": 52,
            "base_price": 50,
            "volume": 20,
            "amount": 1000,
            "status": "TRADED",
        }
        for day in days(3)
    ]
    archive.fill("investor_day_stock", rows("investor_day_stock", flows))
    archive.fill("daily_bars", rows("daily_bars", bars))


def _markets(archive: Archive) -> None:
    history = days(N)
    groups = [
        {"market": market, "session": day}
        | four_groups(wave(n + shift) * 10**9, wave(n + shift + 3) * 10**9, wave(n + shift + 7) * 10**9)
        for market, shift in (("KOSPI", 0), ("KOSDAQ", 11))
        for n, day in enumerate(history)
    ]
    archive.fill("investor_day_market", rows("investor_day_market", groups))
    leaves = [
        {"market": "KOSPI", "session": day, "foreign_net_amount": 0}
        | {
            "financial_investment_net_amount": wave(n + 7) * 10**9 - 6_000_000,
            "insurance_net_amount": 1_000_000,
            "investment_trust_net_amount": 1_000_000,
            "private_fund_net_amount": 1_000_000,
            "bank_net_amount": 1_000_000,
            "other_financial_net_amount": 1_000_000,
            "pension_fund_net_amount": 1_000_000,
        }
        for n, day in enumerate(history)
    ]
    archive.fill("investor_day_market", rows("investor_day_market", leaves, "hts"))
    index = [
        {"index_code": market, "session": day, "close": 2500.0 + 10 * (wave(n + shift) % 5), "amount": 10**13}
        for market, shift in (("KOSPI", 0), ("KOSDAQ", 11))
        for n, day in enumerate(history)
    ]
    archive.fill("index_day", rows("index_day", index))
