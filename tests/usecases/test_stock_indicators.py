"""Indicators of a stock: on adjusted prices, from the bars up to the session asked for, and null with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.market import sessions
from tests.support.archives import days, open_archive, rows
from tests.usecases.explained import explained
from tests.usecases.stock_lake import LAST, ask, bars_of, market_of, printed, whole

NAME = "get_stock_indicators"


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return market_of(tmp_path_factory.mktemp("indicators"), stocks=150, sessions=150)


def newest(archive: Archive, **arguments: Any) -> dict[str, Any]:
    row: dict[str, Any] = ask(NAME, archive, stock_code="005930", **arguments)["rows"][0]
    return row


def test_the_figures_are_those_of_independent_arithmetic_on_the_stored_bars(market: Archive) -> None:
    code = whole(market)
    bars = market.read("daily_bars", scopes=[code]).sort("session")
    close, high, low, volume = (
        bars[name].to_numpy().astype(float) for name in ("raw_close", "raw_high", "raw_low", "volume")
    )
    row = ask(NAME, market, stock_code=code, sessions=1)["rows"][0]
    for n in (5, 20, 60, 120):
        assert round(close[-n:].mean(), 2) == row[f"sma_{n}"]
    middle, spread = close[-20:].mean(), close[-20:].std()
    assert (round(middle + 2 * spread, 2), round(middle - 2 * spread, 2)) == (
        row["bollinger_upper"],
        row["bollinger_lower"],
    )
    step = np.diff(close)
    up, down = np.maximum(step, 0)[:14].mean(), np.maximum(-step, 0)[:14].mean()
    for one in step[14:]:
        up, down = (13 * up + max(one, 0)) / 14, (13 * down + max(-one, 0)) / 14
    assert round(100 * up / (up + down), 2) == row["rsi"]
    typical = (high + low + close) / 3
    turn, money = np.sign(np.diff(typical))[-14:], (typical * volume)[-14:]
    assert abs(100 * money[turn > 0].sum() / money[turn != 0].sum() - row["mfi"]) < 0.01
    assert (low[-21:-1].min(), high[-21:-1].max()) == (row["support"], row["resistance"])
    assert volume[0] + (np.sign(step) * volume[1:]).sum() == row["obv"]
    reach = np.maximum(high[1:] - low[1:], np.maximum(abs(high[1:] - close[:-1]), abs(low[1:] - close[:-1])))
    mean = reach[:14].mean()
    for one in reach[14:]:
        mean = (13 * mean + one) / 14
    assert round(mean, 2) == row["atr"]


def test_exponential_averages_begin_with_the_mean_of_their_first_closes(tmp_path: Path) -> None:
    closes = [1000 + 7 * (n % 13) for n in range(40)]
    row = newest(bars_of(tmp_path, closes), sessions=1)
    lines = []
    for span in (12, 26):
        level = sum(closes[:span]) / span
        told = [level]
        for close in closes[span:]:
            level += (close - level) * 2 / (span + 1)
            told.append(level)
        lines.append(told)
    assert [round(line[-1], 2) for line in lines] == [row["ema_12"], row["ema_26"]]
    gap = [fast - slow for fast, slow in zip(lines[0][14:], lines[1], strict=True)]
    signal = sum(gap[:9]) / 9
    for one in gap[9:]:
        signal += (one - signal) * 2 / 10
    assert (round(gap[-1], 2), round(signal, 2)) == (row["macd"], row["macd_signal"])


def test_a_split_inside_the_window_is_no_fall(market: Archive) -> None:
    actions, bars = market.read("corporate_actions"), market.read("daily_bars", columns=["raw_close", "status"])
    last: Any = bars["session"].max()
    split = actions.filter(
        pl.col("share_factor") > 1.5, pl.col("effective_session").is_between(sessions.last(100, last)[0], last)
    ).row(0, named=True)
    own = bars.filter(code=split["code"]).sort("session")
    effective, factor = split["effective_session"], split["share_factor"]
    answer = ask(NAME, market, stock_code=split["code"], sessions=120)
    before = own.filter(pl.col("session") < effective, status="TRADED").row(-1, named=True)
    row = next(one for one in answer["rows"] if one["session"] == str(before["session"]))
    assert round(before["raw_close"] / factor, 2) == row["close"]
    assert any(str(effective) in warning for warning in answer["warnings"])


def test_a_jump_of_the_base_price_without_a_factor_cuts_the_history(tmp_path: Path) -> None:
    closes, bases = [1000] * 20 + [200] * 10, [1000] * 20 + [200] * 10
    answer = ask(NAME, bars_of(tmp_path, closes, bases=bases), stock_code="005930", sessions=15)
    now, before = answer["rows"][0], answer["rows"][-1]
    assert (200.0, 200.0) == (now["close"], now["sma_5"])
    for name in ("sma_20", "rsi", "mfi", "support"):
        assert (None, "CORPORATE_ACTION_GAP") == (now[name], now["meta"][name]["reason"])
    assert (None, "CORPORATE_ACTION_GAP") == (before["close"], before["meta"]["close"]["reason"])
    assert "CORPORATE_ACTION_GAP" in {gap["reason"] for gap in answer["coverage"]}


def test_a_halted_session_has_no_indicator_and_is_no_observation(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, [100, 110, 120, 120, 130, 140], halted=[3])
    answer = ask(NAME, archive, stock_code="005930", sessions=3)
    now, _, halted = answer["rows"]
    assert (None, "HALTED") == (halted["close"], halted["meta"]["close"]["reason"])
    assert (None, "HALTED") == (halted["candles"], halted["meta"]["candles"]["reason"])
    assert (100 + 110 + 120 + 130 + 140) / 5 == now["sma_5"]
    assert any("거래정지" in one for one in ask(NAME, _halted_now(tmp_path), stock_code="005930")["warnings"])


def _halted_now(tmp_path: Path) -> Archive:
    return bars_of(tmp_path / "now", [100, 110, 110], halted=[-1])


def test_a_missing_session_stays_a_gap_and_is_counted(tmp_path: Path) -> None:
    answer = ask(NAME, bars_of(tmp_path, [100, 100, None, 101]), stock_code="005930", sessions=4)
    assert (None, "MISSING_INPUT") == (answer["rows"][1]["close"], answer["rows"][1]["meta"]["close"]["reason"])
    assert ["daily bars of 1 of 4 sessions"] == [gap["what"] for gap in answer["coverage"]]


def test_a_new_listing_says_so(tmp_path: Path) -> None:
    row = newest(bars_of(tmp_path, [100, 110, 120], listed_on=days(3)[0]), sessions=1)
    assert (None, "NEW_LISTING") == (row["sma_5"], row["meta"]["sma_5"]["reason"])


def test_one_session_alone_is_answered_with_what_it_has(tmp_path: Path) -> None:
    answer = ask(NAME, bars_of(tmp_path, [100]), stock_code="005930")
    assert (100.0, 10, 10) == (answer["rows"][0]["close"], answer["rows"][0]["volume"], answer["rows"][0]["obv"])
    explained(answer)


def test_a_source_without_high_and_low_leaves_null_what_needs_them(tmp_path: Path) -> None:
    row = newest(bars_of(tmp_path, [100 + n for n in range(30)], raw_open=None, raw_high=None, raw_low=None))
    assert 100.0 == row["rsi"]
    assert (None, "MISSING_INPUT") == (row["atr"], row["meta"]["atr"]["reason"])
    assert "open, high and low" in row["meta"]["candles"]["note"]


def test_a_past_session_is_answered_without_what_came_after(tmp_path: Path) -> None:
    closes = [100 + 3 * (n % 7) for n in range(60)]
    past, later = bars_of(tmp_path / "a", closes), bars_of(tmp_path / "b", [*closes[:-1], 9_999])
    known = [ask(NAME, one, stock_code="005930", session=days(60)[-2])["rows"] for one in (past, later)]
    assert known[0] == known[1]
    assert str(days(60)[-2]) == known[0][0]["session"]


def test_rows_are_newest_first_and_as_many_as_asked_for(market: Archive) -> None:
    answer = ask(NAME, market, stock_code=whole(market), sessions=7)
    listed = [row["session"] for row in answer["rows"]]
    assert (7, sorted(listed, reverse=True)) == (len(listed), listed)
    assert (listed[-1], listed[0], 7) == tuple(answer["period"][name] for name in ("start", "end", "sessions"))
    assert "tec.rsi" == answer["meta"]["rsi"]["metric"]


def test_every_metric_named_in_an_answer_can_be_explained(market: Archive) -> None:
    answer = ask(NAME, market, stock_code=whole(market), sessions=1)
    named = {about["metric"] for about in answer["meta"].values() if "metric" in about}
    assert named <= set(registry.metrics()) and len(named) > 8


def test_another_venue_is_not_mixed_in(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, [100, 110])
    other = [{"code": "005930", "session": LAST, "raw_close": 999, "volume": 5, "status": "TRADED"}]
    archive.fill("daily_bars", rows("daily_bars", other, venue="NXT"))
    assert 110 == newest(archive)["close"]
    alone = open_archive(tmp_path / "nxt")
    alone.fill("daily_bars", rows("daily_bars", other, venue="NXT"))
    with pytest.raises(NoData, match="NOT_COLLECTED"):
        ask(NAME, alone, stock_code="005930")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"stock_code": "삼전"}, "UNKNOWN_STOCK"),
        ({"stock_code": "005930", "sessions": 0}, "INVALID_ARGUMENT"),
        ({"stock_code": "005930", "sessions": 251}, "INVALID_ARGUMENT"),
        ({}, "INVALID_ARGUMENT"),
    ],
)
def test_a_bad_argument_is_refused(tmp_path: Path, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(NAME, bars_of(tmp_path, [1]), **arguments)
    assert code == caught.value.code


def test_days_without_bars_are_explained(tmp_path: Path) -> None:
    archive = bars_of(tmp_path, [1, 2])
    for day, code in (
        ("2026-02-17", "MARKET_CLOSED"),
        (str(sessions.next(LAST, 9)), "NOT_PUBLISHED_YET"),
        ("2025-01-02", "OUT_OF_HISTORY"),
    ):
        with pytest.raises(NoData) as caught:
            ask(NAME, archive, stock_code="005930", session=day)
        assert code == caught.value.code


def test_an_empty_lake_and_a_stock_without_bars_say_how_to_get_them(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(NoData, match=r"NOT_COLLECTED.*sugeup job run daily"):
        ask(NAME, archive, stock_code="035720")
    with pytest.raises(NoData, match="NOT_COLLECTED"):
        ask(NAME, open_archive(tmp_path / "empty"), stock_code="005930")


def test_the_text_stands_on_its_own(market: Archive) -> None:
    short, long = (printed(NAME, market, detailed=one, stock_code=whole(market)) for one in (False, True))
    for word in ("기술적 지표", "RSI", "MACD", "Bollinger", "지지", "캔들", "SIMULATED", "not a forecast"):
        assert word in short
    assert len(short.splitlines()) <= 25 < len(long.splitlines())


def test_rows_for_csv_hold_one_session_each(market: Archive) -> None:
    case = registry.usecases()[NAME]
    rows_of = case.rows(registry.bind(case, market)(stock_code=whole(market), sessions=9))
    assert 9 == len(rows_of)
    assert all(not isinstance(value, dict | list) for row in rows_of for value in row.values())


def test_the_sample_answers_from_real_bars(sample: Archive) -> None:
    answer = ask(NAME, sample, stock_code="005930", sessions=5, session="2026-02-20")
    bars = sample.read("daily_bars", scopes=["005930"]).filter(pl.col("session") <= pl.date(2026, 2, 20))
    assert bars.sort("session")["raw_close"][-1] == answer["rows"][0]["close"]
    assert bars.sort("session")["raw_close"].tail(5).sum() / 5 == answer["rows"][0]["sma_5"]
    explained(answer)


def test_every_null_has_its_reason(market: Archive, sample: Archive, tmp_path: Path) -> None:
    for archive, code in ((market, whole(market)), (sample, "000660"), (_halted_now(tmp_path), "005930")):
        explained(ask(NAME, archive, stock_code=code, sessions=60))
