"""The regime of an answer: that of the walk through time, by one fit a month, and none without enough sessions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.metrics import regimes
from sugeup.usecases import sentiment_regime
from tests.support.archives import days, four_groups, open_archive, rows

CASE = registry.usecases()["get_investor_sentiment"]


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


def closes(n: int) -> tuple[tuple[date, ...], np.ndarray]:
    """An index with calm and stormy stretches."""
    generator = np.random.default_rng(7)
    stormy = (np.arange(n) // 120) % 2 == 1
    ret = np.where(stormy, generator.normal(-0.001, 0.025, n), generator.normal(0.0005, 0.007, n))
    return days(n), 2000 * np.exp(np.cumsum(ret))


def filled(path: Path, n: int) -> tuple[Archive, tuple[date, ...], np.ndarray]:
    archive = open_archive(path)
    dates, levels = closes(n)
    given = [{"index_code": "KOSPI", "session": day, "close": level} for day, level in zip(dates, levels, strict=True)]
    archive.fill("index_day", rows("index_day", given))
    flows = [
        {"market": market, "session": day} | four_groups(-3, 1, 1)
        for market in ("KOSPI", "KOSDAQ")
        for day in dates[-3:]
    ]
    archive.fill("investor_day_market", rows("investor_day_market", flows))
    return archive, dates, levels


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, tuple[date, ...], np.ndarray]:
    return filled(tmp_path_factory.mktemp("regime"), 900)


@pytest.mark.slow
def test_the_regime_is_that_of_the_walk_through_time(long: tuple[Archive, tuple[date, ...], np.ndarray]) -> None:
    archive, dates, levels = long
    ret = np.diff(np.log(levels))
    months = np.array([day.year * 100 + day.month for day in dates[1:]])
    kept = months >= months[-1] - 1  # earlier months are not asked for
    first = int(np.argmax(kept))
    walked, models = regimes.walk_forward(ret, np.where(kept, months, months[first - 1]))
    cell = walked.at(-1)
    found = ask(archive)["market_regime"]
    assert cell["value"] == found["current"] and cell["value"] in regimes.STATES
    assert round(cell["confidence"], 3) == found["confidence"]
    assert round(cell["expected_duration"], 1) == found["expected_duration"]
    model = models[int(months[-1])]
    stay = model.p00 if cell["value"] == "RISK_ON" else model.p11
    assert list(regimes.duration_quantiles(stay)) == found["duration_quantiles"]
    assert found["calibrated"] is False


def test_a_month_is_fitted_once(long: tuple[Archive, tuple[date, ...], np.ndarray]) -> None:
    archive, dates, _ = long
    sentiment_regime.newest_fit.cache_clear()
    first = ask(archive)["market_regime"]
    again = ask(archive)["market_regime"]
    other_day = ask(archive, session=str(dates[-2]))["market_regime"]
    fits = sentiment_regime.newest_fit.cache_info()
    same_month = dates[-2].month == dates[-1].month
    assert first == again and (1 if same_month else 2) == fits.misses and fits.hits >= 1
    assert other_day["current"] is not None


def test_a_missing_close_is_a_step_of_prediction(tmp_path: Path) -> None:
    archive, dates, levels = filled(tmp_path, 800)
    del levels
    found = sentiment_regime.returns(archive, "KOSPI", dates[-1])
    assert dates[1:] == found[0] and np.isfinite(found[1]).all()
    gap = open_archive(tmp_path / "gap")
    given = [
        {"index_code": "KOSPI", "session": day, "close": 100.0 + at} for at, day in enumerate(dates[-10:]) if at != 4
    ]
    gap.fill("index_day", rows("index_day", given))
    held, ret = sentiment_regime.returns(gap, "KOSPI", dates[-1])
    assert dates[-9:] == held
    assert [3, 4] == np.flatnonzero(np.isnan(ret)).tolist()


def test_fewer_than_750_sessions_have_no_regime(tmp_path: Path) -> None:
    archive, _, _ = filled(tmp_path, 300)
    found = ask(archive)["market_regime"]
    for name in ("current", "confidence", "expected_duration", "duration_quantiles"):
        assert found[name] is None and "INSUFFICIENT_HISTORY" == found["meta"][name]["reason"]
    assert "750" in found["meta"]["current"]["note"]
