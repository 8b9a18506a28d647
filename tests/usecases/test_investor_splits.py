"""get_investor_trading over a split: shares on the scale of the last day, or null when the factor is not stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from tests.support.archives import days, four_groups, open_archive, rows

CASE = registry.load("sugeup.usecases.investor_trading", "get_investor_trading")
CODE = "005930"
DAYS = days(5)


@pytest.fixture
def split(tmp_path: Path) -> Archive:
    """One share became five on the fourth of five sessions; foreigners buy 2,000 won of it on every one."""
    archive = open_archive(tmp_path)
    listed = [{"code": CODE, "valid_from": DAYS[0], "name": "삼성전자", "market": "KOSPI"}]
    archive.fill("instruments", rows("instruments", listed))
    flows, bars = [], []
    for place, day in enumerate(DAYS):
        price, shares = (1_000, 2) if place < 3 else (200, 10)
        base = 200 if place == 3 else price
        volumes = four_groups(-shares, shares, 0, "volume")
        foreign = {"foreign_buy_amount": 2_000, "foreign_sell_amount": 0, "foreign_net_amount": 2_000}
        foreign |= {"foreign_buy_volume": shares, "foreign_sell_volume": 0}
        flows.append({"code": CODE, "session": day} | volumes | foreign)
        bars.append(
            {
                "code": CODE,
                "session": day,
                "raw_close": price,
                "base_price": base,
                "volume": 10 * shares,
                "amount": 20_000,
            }
        )
    archive.fill("investor_day_stock", rows("investor_day_stock", flows))
    archive.fill("daily_bars", rows("daily_bars", bars))
    return archive


def foreign(archive: Archive, period: str) -> dict[str, Any]:
    answer = payload.plain(registry.bind(CASE, archive)(stock_code=CODE, period=period))
    block: dict[str, Any] = answer["investor_data"]["foreign"]
    return block


def test_shares_before_a_split_count_on_the_scale_of_the_last_day(split: Archive) -> None:
    action = {"code": CODE, "effective_session": DAYS[3], "kind": "SPLIT", "share_factor": 5.0}
    split.fill("corporate_actions", rows("corporate_actions", [action]))
    block = foreign(split, "5D")
    assert (50, 50, 10_000) == (block["buy_volume"], block["net_volume"], block["net_amount"])
    assert 200.0 == block["average_buy_price"]


def test_an_unknown_factor_leaves_shares_null_and_won_alone(split: Archive) -> None:
    block = foreign(split, "5D")
    for name in ("buy_volume", "net_volume", "average_buy_price"):
        about = block["meta"][name]
        assert (None, "CORPORATE_ACTION_GAP") == (block[name], about["reason"])
        assert str(DAYS[3]) in about["note"]
    assert 10_000 == block["net_amount"]


def test_a_period_after_the_split_needs_no_factor(split: Archive) -> None:
    block = foreign(split, "1D")
    assert (10, 200.0) == (block["buy_volume"], block["average_buy_price"])
