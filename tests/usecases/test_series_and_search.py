"""Search, status and the series behind the answers, on the bundled sample."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sugeup import (
    get_data_status,
    get_market_flows,
    get_prices,
    get_stock,
    get_stock_flows,
    list_stocks,
    records,
    registry,
    search_stock,
)
from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.faces import payload
from tests.support.archives import open_archive
from tests.support.truths import texts


@pytest.mark.parametrize("query", ["삼성전자", "삼전", "ㅅㅅㅈㅈ", "Samsung Electronics", "005930", "5930"])
def test_samsung_is_found_however_it_is_written(sample: Archive, query: str) -> None:
    found = search_stock(sample, query=query)
    assert ("005930", "삼성전자", True) == (found.matches[0].code, found.matches[0].name, found.matches[0].flows)


def test_every_stock_of_the_sample_is_found_by_its_english_name(sample: Archive) -> None:
    stocks = list_stocks(sample, limit=100).stocks
    assert 62 == len(stocks)
    for stock in stocks:
        assert stock.name_en
        assert stock.code in [match.code for match in search_stock(sample, query=stock.name_en).matches]


def test_nothing_found_is_an_empty_list_and_no_error(sample: Archive) -> None:
    assert (0, []) == (search_stock(sample, query="quux").total, search_stock(sample, query="quux").matches)


def test_what_is_told_of_a_listing_is_what_is_stored_and_nothing_else(sample: Archive) -> None:
    """The sample knows kind, day and sectors of a listing; what it does not know is left out, not null."""
    case = registry.usecases()["search_stock"]
    answer = case.run(sample, query="005930")
    found = payload.plain(answer)["matches"][0]
    assert ("STOCK", "1975-06-11") == (found["kind"], found["listed_on"])
    assert {"KSIC", "NAVER", "WICS"} == set(found["sectors"]) and "isin" not in found
    assert "WICS 정보기술" in case.rows(answer)[0]["sectors"]
    short, long = (texts(case, answer, detailed) for detailed in (False, True))
    assert "1975-06-11" not in short and "1975-06-11" in long


def test_a_stock_has_its_sectors(sample: Archive) -> None:
    assert {"WICS", "KSIC", "NAVER"} == set(get_stock(sample, stock_code="005930").stocks[0].sectors)


def test_status_tells_rows_sources_and_staleness_of_every_dataset(sample: Archive) -> None:
    status = get_data_status(sample)
    found = {one.dataset: one for one in status.datasets}
    assert len(records.datasets()) == len(found)
    flows = found["investor_day_market"]
    assert "krx_market_copy" == flows.sources[0].source
    assert "2026-08-21" == flows.newest and flows.sessions_behind is not None and flows.sessions_behind > 0
    assert all(source.asked_at and source.asked_at.endswith("+09:00") for source in flows.sources)


def test_an_empty_lake_has_a_status_in_which_everything_is_a_gap(tmp_path: Path) -> None:
    status = get_data_status(open_archive(tmp_path))
    assert len(records.datasets()) == len(status.coverage) and status.as_of is None
    for ask in (list_stocks, lambda archive: search_stock(archive, query="a")):
        with pytest.raises(NoData, match="NOT_COLLECTED"):
            ask(open_archive(tmp_path))


def test_market_flows_show_what_each_row_s_source_publishes(sample: Archive) -> None:
    rows = get_market_flows(sample, market="KOSPI", start=date(2026, 5, 28), end=date(2026, 6, 1)).rows
    assert ["naver_market_copy", "krx_market_copy", "krx_market_copy"] == [row.source for row in rows]
    assert "pension_fund" in rows[0].flows and "pension_fund" not in rows[1].flows


def test_prices_of_a_stock_whose_prices_were_adjusted_are_the_raw_ones_alone(sample: Archive) -> None:
    assert {"marcap", "fdr_cache_eod"} == {
        row.source for row in get_prices(sample, stock_code="068270", limit=500).rows
    }


def test_flows_of_a_stock_run_newest_first(sample: Archive) -> None:
    sessions = [row.session for row in get_stock_flows(sample, stock_code="005930", limit=500).rows]
    assert sorted(sessions, reverse=True) == sessions and date(2026, 2, 13) == sessions[0]
