"""What is true of every answer on real figures: nulls with reasons, groups that add up, no advice, plain texts."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest
from pydantic import BaseModel

from sugeup.archive import Archive
from sugeup.errors import NoData, SugeupError
from sugeup.faces import payload
from sugeup.market import investors
from tests.support.asking import CASES, OF_STOCKS, asked, every, needed, varied
from tests.support.edges import Edges
from tests.support.truths import ADVICE, texts, wrong

pytestmark = pytest.mark.slow
SECTOR = "제약"


@every
def test_every_answer_on_the_real_sample_holds_what_every_answer_must(sample: Archive, name: str) -> None:
    case = CASES[name]
    for about in varied(case):
        answer = asked(sample, case, needed(case, "005930", SECTOR) | about)
        if isinstance(answer, SugeupError):
            assert isinstance(answer, NoData), (about, answer)
        else:
            assert [] == wrong(case, answer), about


@pytest.mark.parametrize("name", OF_STOCKS)
@pytest.mark.parametrize("code", ["000660", "068270", "005935"])
def test_every_answer_about_a_real_stock_holds_it_too(sample: Archive, name: str, code: str) -> None:
    for about in varied(OF_STOCKS[name]):
        answer = asked(sample, OF_STOCKS[name], about | {"stock_code": code})
        if isinstance(answer, BaseModel):
            assert [] == wrong(OF_STOCKS[name], answer), about


@pytest.mark.parametrize("period", ["1D", "5D", "20D", "60D"])
@pytest.mark.parametrize("market", ["KOSPI", "KOSDAQ", "ALL"])
def test_the_four_groups_of_a_simulated_market_add_to_nothing(edges: Edges, market: str, period: str) -> None:
    answer = asked(edges.archive, CASES["get_investor_trading"], {"market": market, "period": period})
    assert isinstance(answer, BaseModel)
    blocks = payload.plain(answer)["investor_data"]
    nets = [blocks[group]["net_amount"] for group in investors.GROUPS]
    assert 0 == sum(nets) and all(nets)
    shares = [blocks[group]["net_to_turnover"] for group in investors.GROUPS]
    assert abs(sum(shares)) <= 0.02


WHO = r"개인|외국인|기관|프로그램|차익|공매도|스마트머니"
HOW = r"백분위|강도|배수|z\(|p≤|p_adj|%p|순매수 상위|괴리|심리|index"
SINCE = r"연속|전일|장 시작|20일|추세|\d+일|5D|시각|~"
PAGES: dict[str, list[dict[str, Any]]] = {
    "get_investor_trading": [{}, {"stock_code": "ordinary"}, {"market": "KOSDAQ", "period": "20D"}],
    "get_market_brief": [{}, {"market": "KOSPI"}],
    "get_ownership_changes": [{"stock_code": "ordinary"}],
    "get_program_trading": [{}, {"market": "KOSPI", "time_window": "TODAY"}],
    "get_sector_investor_flow": [{}, {"period": "20D"}],
    "get_time_based_flow": [{}, {"market": "KOSPI"}],
    "get_smart_money_tracker": [{}, {"detection_method": "FOREIGN_SURGE"}],
    "get_short_selling": [{"stock_code": "ordinary"}],
    "rank_flows": [{}, {"investor": "INSTITUTION", "direction": "SELL"}],
}
ASKED = [(name, about) for name, listed in PAGES.items() for about in listed]


def page(edges: Edges, name: str, about: dict[str, Any]) -> tuple[BaseModel, str]:
    given = {key: edges.kinds.get(str(value), value) for key, value in about.items()}
    answer = asked(edges.archive, CASES[name], given)
    assert isinstance(answer, BaseModel), answer
    return answer, texts(CASES[name], answer, False)


@pytest.mark.parametrize(("name", "about"), ASKED)
def test_the_text_alone_says_who_how_unusual_and_of_when(edges: Edges, name: str, about: dict[str, Any]) -> None:
    _, text = page(edges, name, about)
    assert re.search(WHO, text) and re.search(HOW, text), text
    assert str(edges.newest) in text and re.search(SINCE, text), text
    assert "SIMULATED" in text and "KRX" in text
    if name != "get_ownership_changes":  # holdings are settled: there is nothing provisional about them
        assert re.search(r"확정|잠정|추정", text)


@pytest.mark.parametrize(("name", "about"), ASKED)
def test_the_text_alone_says_what_is_not_known(edges: Edges, name: str, about: dict[str, Any]) -> None:
    answer, text = page(edges, name, about)
    told = payload.plain(answer)
    for gap in told["coverage"]:
        assert gap["what"] in text and gap["reason"] in text, (gap, text)
    for warning in told["warnings"]:
        assert warning in text


@pytest.mark.parametrize("about", PAGES["get_investor_trading"] + [{"stock_code": "split"}])
def test_a_page_of_trading_tells_for_how_long_each_group_has_been_on_its_side(
    edges: Edges, about: dict[str, Any]
) -> None:
    answer, text = page(edges, "get_investor_trading", about)
    blocks = payload.plain(answer)["investor_data"]
    dataset, key = ("investor_day_stock", "code") if "stock_code" in about else ("investor_day_market", "market")
    scopes = [edges.kinds[about["stock_code"]]] if key == "code" else [about.get("market", "ALL")]
    scopes = ["KOSPI", "KOSDAQ"] if scopes == ["ALL"] else scopes
    days = edges.market.sessions
    rows = edges.market.rows(dataset, days[0], days[-1], scopes)
    rows = rows.filter(rows["products"] == "STOCK") if "products" in rows.columns else rows
    for group in investors.GROUPS:
        summed = dict(rows.group_by("session").agg(pl.col(f"{group}_net_amount").sum()).iter_rows())
        signs = [(net > 0) - (net < 0) for _, net in sorted(summed.items())]
        length = next((n for n in range(1, len(signs)) if signs[-n - 1] != signs[-1]), len(signs))
        assert signs[-1] * length == blocks[group]["streak"], group
        assert f"{length}일 {'매수' if signs[-1] > 0 else '매도'}" in text


def test_the_walk_over_an_answer_finds_what_is_planted(sample: Archive) -> None:
    case = CASES["get_investor_trading"]
    answer = asked(sample, case, {"market": "KOSPI"})
    assert isinstance(answer, BaseModel) and [] == wrong(case, answer)
    block = answer.investor_data.individual  # type: ignore[attr-defined]
    silent = block.model_copy(update={"net_to_turnover": None, "meta": {}})
    uneven = block.model_copy(update={"net_amount": 10**16})
    for changed, said in ((silent, "null without a reason"), (uneven, "the groups add to")):
        data = answer.investor_data.model_copy(update={"individual": changed})  # type: ignore[attr-defined]
        assert any(said in one for one in wrong(case, answer.model_copy(update={"investor_data": data})))
    with pytest.raises(ValueError, match=r"JSON|finite|nan"):
        data = answer.investor_data.model_copy(  # type: ignore[attr-defined]
            update={"individual": block.model_copy(update={"net_ratio": float("nan")})}
        )
        wrong(case, answer.model_copy(update={"investor_data": data}))
    for words in ("지금 매수하세요", "a strong buy", "we recommend it"):
        assert ADVICE.search(words)
    for words in ("4일 매수", "net buying 순매수", "매수 비율"):
        assert not ADVICE.search(words)
