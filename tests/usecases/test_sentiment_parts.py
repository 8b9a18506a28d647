"""Parts of sentiment that a small simulated market does not reach: the basis, tested sectors, kept weights."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.market import sessions
from sugeup.sandbox.plan import Plan
from sugeup.usecases import sentiment_blocks, sentiment_smart, smart_money_market, smart_money_scene
from sugeup.usecases.panels import Panel
from sugeup.usecases.sector_map import SectorMap
from sugeup.usecases.sentiment_sectors import Stocks
from tests.support.archives import days, four_groups, open_archive, rows
from tests.support.simulated import simulated_archive

CASE = registry.usecases()["get_investor_sentiment"]
SECTORS, EACH, SPAN = 12, 4, 150
DAYS = days(SPAN)


def components(archive: Archive, **arguments: Any) -> dict[str, Any]:
    answer = payload.plain(registry.bind(CASE, archive)(**arguments))
    found: dict[str, Any] = answer["sentiment_scores"]["overall"]["components"]
    return found


def futures(archive: Archive, dates: tuple[date, ...]) -> None:
    """Closes of a future that lies a little further above its fair value every session, and a far contract below."""
    given = []
    for at, day in enumerate(dates):
        closed = sessions.close_at(day)
        assert closed is not None
        for back, price in ((30, 300.0), (0, 400 * (1 + at / 100_000))):
            moment = (closed - timedelta(minutes=back)).astimezone(UTC)
            about = {"session": day, "at": moment, "theoretical": 400.0}
            given.append(about | {"contract": "A0163000", "close": price, "amount": 1_000})
            given.append(about | {"contract": "A0166000", "close": 100.0, "amount": 1})
    archive.fill("futures_minute", rows("futures_minute", given))


@pytest.fixture
def flows(tmp_path: Path) -> Archive:
    archive = open_archive(tmp_path)
    told = [{"market": one, "session": DAYS[-1]} | four_groups(-3, 1, 1) for one in ("KOSPI", "KOSDAQ")]
    archive.fill("investor_day_market", rows("investor_day_market", told))
    return archive


def test_the_basis_is_that_of_the_busiest_future_at_the_close(flows: Archive) -> None:
    futures(flows, DAYS[-70:])
    found = components(flows)
    assert 100.0 == found["basis"] and "fair value of the source" == found["meta"]["basis"]["method"]


def test_sixty_closes_of_the_future_are_needed(flows: Archive) -> None:
    futures(flows, DAYS[-60:])
    found = components(flows)
    assert found["basis"] is None and "MISSING_INPUT" == found["meta"]["basis"]["reason"]


def stocks(push: float) -> Stocks:
    """Sectors whose members trade alike, and foreigners who bought `push` more of the first one in the last week."""
    generator = np.random.default_rng(3)
    codes = tuple(f"{at:06d}" for at in range(SECTORS * EACH))
    shape = (len(codes), SPAN)
    nets = {group: generator.normal(0, 1e8, shape).round() for group in ("foreign", "institution", "individual")}
    nets["foreign"][:EACH, -5:] += push
    full, none = np.ones(shape, bool), np.zeros(shape, bool)
    held = {f"{group}_net_amount": net for group, net in nets.items()}
    bars = {"amount": np.full(shape, 1e9), "market_cap": np.full(shape, 1e12)}
    member = np.repeat(np.arange(SECTORS), EACH)[:, None] * np.ones(SPAN, np.int64)
    named = tuple(f"S{at:02d}" for at in range(SECTORS))
    map = SectorMap("KRX_INDUSTRY", named, named, codes, DAYS, member.astype(np.int64), DAYS[0])
    return Stocks(
        Panel(codes, DAYS, held, full, none, ("exchange",)),
        Panel(codes, DAYS, bars, full, none, ("exchange",)),
        np.ones(len(codes), bool),
        map,
        None,
    )


def test_a_sector_with_rare_buying_is_told_and_nothing_else() -> None:
    found, why = sentiment_blocks.insights(stocks(8e8))
    assert why is None
    first = found[0]
    assert "외국인" in first.insight and "S00" in first.insight and "많음" in first.insight
    assert "above" in first.insight_en and first.evidence.tested == 2 * SECTORS
    assert first.evidence.z > 3 and first.evidence.p_adj <= 0.10


def test_ordinary_flows_give_no_observation() -> None:
    assert ([], None) == sentiment_blocks.insights(stocks(0.0))


def test_the_share_of_stocks_bought_needs_most_of_them() -> None:
    whole = stocks(0.0)
    share, why = whole.breadth
    assert why is None and share is not None
    bought = (whole.flows["foreign_net_amount"][:, -1] > 0).mean()
    assert pytest.approx(bought) == share["foreign"][-1]
    for group in ("foreign", "institution", "individual"):
        whole.flows[f"{group}_net_amount"][: SECTORS * EACH // 2, -1] = np.nan
    again, missing = Stocks(whole.flows, whole.bars, whole.listed, whole.map, None).breadth
    assert again is None and missing is not None


def test_weights_follow_a_revised_row(tmp_path: Path) -> None:
    datasets = ("daily_bars", "investor_day_stock", "investor_day_market", "index_day", "instruments")
    archive = simulated_archive(tmp_path, Plan(stocks=20, sessions=140), datasets=datasets)
    last = archive.read("investor_day_market", columns=[])["session"].sort()[-1]
    first = sentiment_smart.load(archive, "ALL", last)
    assert first.weights and first.weights == sentiment_smart.load(archive, "ALL", last).weights
    record = smart_money_market.Records(smart_money_scene.load(archive, "ALL", last))
    ranked = record.scene.days[record.dates[-1]]
    turned = [pl.col(f"{name}_net_amount") * -1 for name in ("foreign", *smart_money_scene.KINDS)]
    some = archive.read("investor_day_stock", start=ranked, end=ranked)
    archive.fill("investor_day_stock", some.with_columns(*turned, ingested_at=pl.lit(archive.clock.now())))
    assert first.weights != sentiment_smart.load(archive, "ALL", last).weights


def test_individuals_of_a_sector_are_the_sum_of_its_members_or_nothing() -> None:
    whole = stocks(0.0)
    net = whole.flows["individual_net_amount"].reshape(SECTORS, EACH, SPAN).sum(axis=1)
    assert np.array_equal(net, whole.individuals)
    whole.flows["individual_net_amount"][0, -1] = np.nan
    dark = Stocks(whole.flows, whole.bars, whole.listed, whole.map, None).individuals
    assert np.isnan(dark[0, -1]) and np.isfinite(dark[1:, -1]).all() and np.isfinite(dark[0, :-1]).all()
