"""get_short_selling: the exchange's rule beside its list, balances of their own date, and null, not 0, in a ban."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.market import sessions
from sugeup.sandbox.plan import Plan
from tests.support.simulated import simulated_archive
from tests.support.truths import texts
from tests.usecases.explained import explained

CASE = registry.usecases()["get_short_selling"]
DATASETS = (
    "instruments",
    "daily_bars",
    "short_day",
    "short_balance",
    "lending",
    "credit",
    "designations",
    "corporate_actions",
)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A simulated market with a whole quarter before its newest sessions."""
    plan = Plan(seed=11, stocks=120, first=date(2025, 6, 2), sessions=130, turbulence=2.0)
    return simulated_archive(tmp_path_factory.mktemp("short"), plan, datasets=DATASETS)


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


def test_verdicts_of_a_market_are_those_of_the_rule_worked_out_by_hand(market: Archive) -> None:
    """The rule in force since 2025-06-01, from the stored rows alone, on several sessions."""
    stored = market.read("short_day")["session"].unique().sort()[-12:].to_list()
    caught = 0
    for day in stored:
        answer = ask(market, session=day, top=100)["market"]
        expected = _by_hand(market, day)
        assert expected == {one["code"]: one["type"] for one in answer["overheated"]}, day
        caught += len(expected)
    assert caught >= 3


def test_totals_and_ranking_are_sums_and_shares_of_the_stored_rows(market: Archive) -> None:
    answer = ask(market, market="KOSDAQ", top=5)["market"]
    both = _joined(market, _newest(market)).filter(pl.col("market") == "KOSDAQ", pl.col("amount") > 0)
    total = answer["totals"][0]
    assert (both.height, both["short_amount"].sum(), both["amount"].sum()) == (
        total["stocks"],
        total["short_amount"],
        total["turnover"],
    )
    ratios = both.select("code", ratio=100 * pl.col("short_amount") / pl.col("amount")).sort("ratio", descending=True)
    assert ratios["code"].head(5).to_list() == [one["code"] for one in answer["top"]]
    by_won = both.sort("short_amount", descending=True)["code"].head(5).to_list()
    assert by_won == [one["code"] for one in ask(market, market="KOSDAQ", top=5, rank_by="AMOUNT")["market"]["top"]]


def test_the_official_list_stands_beside_ours_with_every_disagreement(market: Archive) -> None:
    answer = ask(market)["market"]["beside"][0]
    before, day = (date.fromisoformat(answer[name]) for name in ("decided_after", "in_force"))
    marked = market.read("designations", start=day, end=day).filter(pl.col("kind") == "SHORT_OVERHEAT")["code"]
    ours = {one["code"] for one in ask(market, session=before)["market"]["overheated"]}
    official = set(marked.to_list())
    assert sessions.next(before) == day
    assert (len(ours & official), sorted(ours - official)) == (answer["both"], answer["ours_only"])
    assert set(answer["official_only"]) <= official - ours


def test_one_stock_agrees_with_the_ranking_of_its_market(market: Archive) -> None:
    one = ask(market, market="KOSPI", top=1)["market"]["top"][0]
    stock = ask(market, stock_code=one["code"])["stock"]
    rule = stock["overheating"]
    assert (one["short_ratio"], one["multiple"], one["type"], one["change_rate"]) == (
        stock["trading"]["short_ratio"],
        rule["multiple"],
        rule["type"],
        stock["stock_info"]["change_rate"],
    )
    assert ["TYPE1", "TYPE2", "TYPE4"] == [kind["type"] for kind in rule["types"]]


def test_the_verdict_is_the_first_type_whose_requirements_are_all_met(market: Archive) -> None:
    stored = market.read("short_day")["session"].unique().sort()[-12:].to_list()
    for day in stored:
        for one in ask(market, session=day)["market"]["overheated"][:3]:
            if one["type"] == "EXTENDED":
                continue
            rule = ask(market, stock_code=one["code"], session=day)["stock"]["overheating"]
            met = [kind for kind in rule["types"] if kind["met"]]
            assert one["type"] == rule["type"] == met[0]["type"]
            assert all(0 == part["distance"] for part in met[0]["requirements"])


def test_balance_lending_and_credit_are_those_of_their_own_session(market: Archive) -> None:
    code = ask(market, market="KOSPI", top=1)["market"]["top"][0]["code"]
    stock = ask(market, stock_code=code)["stock"]
    held = market.read("short_balance", scopes=[code])
    last = held.row(-1, named=True)
    volume = market.read("daily_bars", scopes=[code], end=last["session"])["volume"].tail(20)
    balance = stock["balance"]
    assert (str(last["session"]), last["balance_shares"]) == (balance["session"], balance["shares"])
    assert round(last["balance_shares"] / volume.filter(volume > 0).mean(), 2) == balance["days_to_cover"]
    assert last["balance_shares"] - held["balance_shares"][-21] == balance["change_20d"]
    for dataset, column in (("lending", "balance_shares"), ("credit", "loan_balance_amount")):
        assert market.read(dataset, scopes=[code])[column][-1] == stock[dataset][column]


def test_the_period_is_summed_and_the_ratio_is_that_of_the_sums(market: Archive) -> None:
    code = ask(market, market="KOSPI", top=1)["market"]["top"][0]["code"]
    trading = ask(market, stock_code=code, period="5D")["stock"]["trading"]
    sold = market.read("short_day", scopes=[code]).tail(5)
    bars = market.read("daily_bars", scopes=[code]).tail(5)
    assert (sold["short_amount"].sum(), sold["short_volume"].sum()) == (
        trading["period_short_amount"],
        trading["period_short_volume"],
    )
    assert round(100 * sold["short_amount"].sum() / bars["amount"].sum(), 2) == trading["average_ratio"]


def test_the_text_says_that_the_verdict_is_ours_and_what_is_not_known(market: Archive) -> None:
    for arguments, words in (
        (
            {"stock_code": ask(market)["market"]["top"][0]["code"]},
            ("비중", "지정 아님", "잔고", "대차", "신용", "백분위"),
        ),
        ({"market": "ALL"}, ("KOSPI", "KOSDAQ", "과열", "거래소", "배수")),
    ):
        answer = registry.bind(CASE, market)(**arguments)
        text = "\n".join(str(part) for part in CASE.text(answer))
        assert all(word in text for word in words), text
        assert len(text.splitlines()) <= 25
        assert CASE.rows(answer)
        assert text.splitlines()[0] in texts(CASE, answer, detailed=True)


def test_the_sample_gives_ratios_on_shares_and_says_why_there_is_no_verdict(sample: Archive) -> None:
    stock = ask(sample, stock_code="005930")["stock"]
    assert (367_366, 1.07) == (stock["trading"]["short_volume"], stock["trading"]["short_ratio"])
    assert "VOLUME_BASIS" == stock["trading"]["meta"]["short_ratio"]["method"]
    ranked = ask(sample)["market"]
    assert 0 == ranked["judged"] and {"MISSING_INPUT": 62} == ranked["unjudged"]
    assert ask(sample, stock_code="005930", session="2025-02-20")["ban"] is True


def test_every_null_in_a_block_has_its_reason(market: Archive, sample: Archive) -> None:
    code = ask(market)["market"]["top"][0]["code"]
    answers = [
        ask(market),
        ask(market, stock_code=code),
        ask(sample),
        ask(sample, stock_code="005930"),
        ask(sample, session="2025-02-20"),
        ask(sample, stock_code="005930", session="2025-02-20"),
    ]
    for answer in answers:
        explained(answer)


def _newest(market: Archive) -> date:
    newest = market.read("short_day", columns=[])["session"].max()
    assert isinstance(newest, date)
    return newest


def _joined(market: Archive, day: date) -> pl.DataFrame:
    """Short sales, bars and market of every stock up to a day."""
    listed = market.read("instruments", columns=["market", "kind"]).unique("code").select("code", "market")
    bars = market.read("daily_bars", start=day, end=day)
    return market.read("short_day", start=day, end=day).join(bars, on="code").join(listed, on="code")


def _by_hand(market: Archive, day: date) -> dict[str, str]:
    """The standing rule in plain Python: stocks that are caught with their types."""
    listed = dict(market.read("instruments").select("code", "market").iter_rows())
    sold: dict[str, dict[date, int]] = {}
    for code, session, won in market.read("short_day").select("code", "session", "short_amount").iter_rows():
        sold.setdefault(code, {})[session] = won
    bars: dict[str, dict[date, tuple[int, int, int, bool]]] = {}
    names = ("code", "session", "raw_close", "base_price", "amount", "status", "volume")
    for code, session, close, base, amount, status, volume in market.read("daily_bars").select(names).iter_rows():
        bars.setdefault(code, {})[session] = (close, base, amount, status != "HALTED" and volume > 0)
    barred = market.read("designations", start=day, end=day)
    assert barred.height, "the list of the day is known"
    barred_codes = set(barred.filter(pl.col("kind") == "SHORT_OVERHEAT")["code"])
    quarter = list(sessions.sessions(date(2025, 7, 1), date(2025, 9, 30)))
    assert date(2025, 10, 1) <= day <= date(2025, 12, 31)
    shares = _quarter_by_hand(market, quarter, sold, bars)
    before = [one for one in sessions.sessions(date(2025, 6, 2), day) if one < day][-40:]
    found = {}
    for code, history in sold.items():
        if day not in history or not bars[code][day][3]:
            continue
        close, base, amount, _ = bars[code][day]
        ret, ratio = 100 * (close / base - 1), 100 * history[day] / amount
        open_ = [one for one in before if one in bars[code] and bars[code][one][3]]
        if len(open_) < 20:
            continue
        mean = sum(history[one] for one in open_) / len(open_)
        share = sum(100 * history[one] / bars[code][one][2] for one in open_) / len(open_)
        kosdaq = listed[code] == "KOSDAQ"
        floor, least = min(3 * int(shares[listed[code]] + 0.5), 20), 5 if kosdaq else 6
        times = history[day] / mean if mean else 0
        if code in barred_codes and ret <= -5:
            found[code] = "EXTENDED"
        elif -10 < ret <= -5 and ratio >= floor and times >= least:
            found[code] = "TYPE1"
        elif ret <= -10 and times >= least:
            found[code] = "TYPE2"
        elif kosdaq and times >= 5 and share >= 5:
            found[code] = "TYPE3"
        elif ret <= -3 and ratio >= 30 and times >= 2:
            found[code] = "TYPE4"
    return found


def _quarter_by_hand(
    market: Archive,
    quarter: list[date],
    sold: dict[str, dict[date, int]],
    bars: dict[str, dict[date, tuple[int, int, int, bool]]],
) -> dict[str, float]:
    """Short share of the quarter over all ordinary shares of each market, fewer than an index has members."""
    ordinary = market.read("instruments").filter(~pl.col("is_preferred")).select("code", "market").unique("code")
    shares = {}
    for name in ("KOSPI", "KOSDAQ"):
        codes = ordinary.filter(pl.col("market") == name)["code"]
        pairs = [(sold[c][d], bars[c][d][2]) for c in codes for d in quarter if c in sold and d in sold[c]]
        shares[name] = 100 * sum(won for won, _ in pairs) / sum(whole for _, whole in pairs)
    return shares
