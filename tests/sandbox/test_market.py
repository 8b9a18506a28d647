"""A simulated market keeps its books: every share and every won bought was sold, prices obey the exchange's rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup import records
from sugeup.errors import NoData, Refused
from sugeup.market import investors, limits, rules
from sugeup.sandbox.market import INTRADAY, SimulatedMarket
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.tables import MAKERS
from sugeup.sandbox.views import LEAVES

PLANS = st.builds(
    Plan,
    seed=st.integers(0, 2**63 - 1),
    stocks=st.integers(10, 60),
    sessions=st.integers(1, 30),
    events=st.sampled_from([0.0, 1.0, 10.0]),
    turbulence=st.sampled_from([0.6, 1.0, 2.0]),
    first=st.sampled_from([date(2016, 1, 4), date(2025, 1, 2), date(2026, 3, 3)]),
)
CASES = settings(max_examples=8, deadline=None)


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    """Long enough for splits, listings and halts."""
    return SimulatedMarket(Plan(seed=1, stocks=250, sessions=130))


@pytest.fixture(scope="module")
def twin(market: SimulatedMarket) -> SimulatedMarket:
    """The same plan once more, asked for single days only."""
    return SimulatedMarket(market.plan)


def everything(market: SimulatedMarket, dataset: str) -> pl.DataFrame:
    return market.rows(dataset, market.sessions[0], market.sessions[-1])


def sides() -> Iterator[tuple[str, str]]:
    return ((side, measure) for side in ("buy", "sell") for measure in investors.MEASURES)


@CASES
@given(PLANS)
def test_what_is_bought_is_sold_in_shares_and_won_for_every_stock_and_session(plan: Plan) -> None:
    market = SimulatedMarket(plan)
    flows = everything(market, "investor_day_stock").join(everything(market, "daily_bars"), on=["code", "session"])
    for side, measure in sides():
        leaves = [pl.col(investors.column(leaf, side, measure)) for leaf in LEAVES]
        assert flows.select(total=pl.sum_horizontal(leaves))["total"].equals(flows[measure].alias("total"))
        assert 0 <= flows.select(pl.min_horizontal(leaves).min()).item()
        for group in ("foreign", "institution"):
            parts = [pl.col(investors.column(leaf, side, measure)) for leaf in investors.members(group)]
            assert (
                flows.select(pl.sum_horizontal(parts) == pl.col(investors.column(group, side, measure)))
                .to_series()
                .all()
            )
    for measure in investors.MEASURES:
        nets = [pl.col(investors.column(leaf, "net", measure)) for leaf in LEAVES]
        assert 0 == flows.select(pl.sum_horizontal(nets).abs().sum()).item()
        for one in investors.ALL:
            bought, sold, net = (pl.col(investors.column(one.id, side, measure)) for side in ("buy", "sell", "net"))
            assert flows.select((bought - sold == net).all()).item()


@CASES
@given(PLANS)
def test_nobody_pays_a_price_outside_the_range_of_the_day(plan: Plan) -> None:
    market = SimulatedMarket(plan)
    flows = everything(market, "investor_day_stock").join(everything(market, "daily_bars"), on=["code", "session"])
    for leaf in LEAVES:
        for side in ("buy", "sell"):
            volume, amount = (pl.col(investors.column(leaf, side, measure)) for measure in ("volume", "amount"))
            # one leaf takes the won that rounding leaves of twelve
            fits = (amount >= volume * pl.col("raw_low") - 12) & (amount <= volume * pl.col("raw_high") + 12)
            assert flows.select((fits & ((volume == 0) == (amount == 0))).all()).item(), (leaf, side)


@CASES
@given(PLANS)
def test_prices_lie_on_the_grid_and_inside_the_limits(plan: Plan) -> None:
    market = SimulatedMarket(plan)
    bars = everything(market, "daily_bars").join(
        everything(market, "instruments").select("code", "market").unique(), on="code"
    )
    for name in ("raw_open", "raw_high", "raw_low", "raw_close"):
        price, tick = pl.col(name), rules.tick_of(name, "session", "market")
        inside = (price - pl.col("base_price")).abs() <= 0.3 * pl.col("base_price")
        assert bars.select(((price % tick == 0) & inside).all()).item(), name
    ordered = (pl.col("raw_low") <= pl.min_horizontal("raw_open", "raw_close")) & (
        pl.col("raw_high") >= pl.max_horizontal("raw_open", "raw_close")
    )
    assert bars.select(ordered.all()).item()
    assert bars.select((pl.col("market_cap") == pl.col("raw_close") * pl.col("listed_shares")).all()).item()


def test_some_closes_are_at_the_limit_as_the_exchange_counts_it(market: SimulatedMarket) -> None:
    bars = everything(market, "daily_bars")
    at_limit = bars.select(limits.at_limit("raw_close", "base_price", "session")).to_series()
    assert 0 < at_limit.sum() < 0.02 * len(bars)


def test_a_halted_stock_keeps_its_row_and_trades_nothing(market: SimulatedMarket) -> None:
    halted = everything(market, "daily_bars").filter(pl.col("status") == "HALTED")
    assert 0 < len(halted)
    assert halted.select(pl.col("raw_open", "raw_high", "raw_low").is_null().all()).row(0) == (True, True, True)
    assert halted.select((pl.col("raw_close") == pl.col("base_price")).all(), pl.col("volume", "amount").sum()).row(
        0
    ) == (
        True,
        0,
        0,
    )
    for dataset in ("investor_day_stock", "program_day_stock", "short_day"):
        assert everything(market, dataset).join(halted, on=["code", "session"], how="semi").is_empty()
    for dataset in ("short_balance", "lending", "credit", "foreign_holding"):
        assert len(halted) == len(everything(market, dataset).join(halted, on=["code", "session"], how="semi"))
    assert halted.select("code", "session").equals(
        everything(market, "designations").filter(pl.col("kind") == "HALT").select("code", "session")
    )


def test_base_price_is_the_close_before_and_moves_by_the_factor_at_a_split(market: SimulatedMarket) -> None:
    before = pl.col("raw_close").shift().over("code", order_by="session")
    shares = pl.col("listed_shares").shift().over("code", order_by="session")
    bars = everything(market, "daily_bars").with_columns(before=before, shares_before=shares).drop_nulls("before")
    actions = everything(market, "corporate_actions").rename({"effective_session": "session"})
    assert {"SPLIT", "CONSOLIDATION"} == set(actions["kind"])
    plain = bars.join(actions, on=["code", "session"], how="anti")
    assert plain.select(
        ((pl.col("base_price") == pl.col("before")) & (pl.col("listed_shares") == pl.col("shares_before"))).all()
    ).item()
    split = bars.join(actions, on=["code", "session"])
    assert len(actions) == len(split)
    for row in split.iter_rows(named=True):
        assert row["share_factor"] == pytest.approx(1 / row["price_factor"])
        assert row["base_price"] == rules.round_to_tick(row["before"] * row["price_factor"], row["session"], "KOSPI")
        assert row["listed_shares"] == int(row["shares_before"] * row["share_factor"] + 1e-6)


def test_an_index_moves_by_the_value_of_its_members(market: SimulatedMarket) -> None:
    levels = everything(market, "index_day")
    kospi = levels.filter(pl.col("index_code") == "KOSPI").with_columns(
        change=pl.col("close") / pl.col("close").shift() - 1
    )
    names = everything(market, "instruments").select("code", "market", "listed_on").unique()
    bars = everything(market, "daily_bars").join(names, on="code").filter(pl.col("market") == "KOSPI")
    old = bars.filter(pl.col("session") != pl.col("listed_on"))
    value = old.group_by("session").agg(
        worth=(pl.col("raw_close") * pl.col("listed_shares")).sum(),
        base=(pl.col("base_price") * pl.col("listed_shares")).sum(),
    )
    both = kospi.join(value, on="session").drop_nulls("change")
    assert len(market.sessions) - 1 == len(both)
    assert 0.0001 > both.select((pl.col("change") - (pl.col("worth") / pl.col("base") - 1)).abs().max()).item()
    traded = bars.group_by("session").agg(pl.col("volume", "amount").sum()).sort("session")
    assert kospi.select("session", "volume", "amount").equals(traded)
    counted = levels.filter(pl.col("index_code") == "KOSPI").select(
        pl.sum_horizontal("advancers", "decliners", "unchanged")
    )
    assert counted.to_series().equals(
        bars.group_by("session").len().sort("session")["len"].cast(pl.Int64).alias("advancers")
    )
    inside = (pl.col("low") <= pl.min_horizontal("open", "close")) & (
        pl.col("high") >= pl.max_horizontal("open", "close")
    )
    assert levels.select(inside.all()).item()


def test_flows_of_markets_and_industries_are_sums_of_their_stocks(market: SimulatedMarket) -> None:
    belongs = everything(market, "sector_membership").select("code", market="sector")
    listed = everything(market, "instruments").select("code", "market").unique()
    columns = [column.name for column in records.dataset("investor_day_market").columns if column.unit]
    sums = (
        everything(market, "investor_day_stock")
        .join(pl.concat([listed, belongs]), on="code")
        .group_by("market", "session")
        .agg(pl.col(columns).sum())
        .sort("market", "session")
    )
    stated = everything(market, "investor_day_market").join(sums, on=["market", "session"], how="semi")
    assert sums.equals(stated.select(sums.columns))
    assert {"STOCK"} == set(stated["products"])


@pytest.mark.parametrize("dataset", sorted(MAKERS))
def test_rows_have_the_columns_of_their_record_once_per_key_and_in_its_order(
    market: SimulatedMarket, dataset: str
) -> None:
    rows, record = everything(market, dataset), records.dataset(dataset)
    assert 0 < len(rows)
    assert {name: record.frame_schema[name] for name in rows.columns} == dict(rows.schema)
    assert set(record.key) | set(record.measures) == set(rows.columns)
    assert rows.equals(rows.unique(subset=record.key).sort(record.key))


@pytest.mark.parametrize("dataset", sorted(MAKERS))
def test_a_day_and_a_scope_asked_alone_are_the_same_in_another_market(
    market: SimulatedMarket, twin: SimulatedMarket, dataset: str
) -> None:
    record, whole = records.dataset(dataset), everything(market, dataset)
    day, scope = whole[record.dated][len(whole) // 2], None
    if record.scope in whole.columns:
        scope = [whole[record.scope][len(whole) // 2]]
    alone = twin.rows(dataset, day, day, scope)
    wanted = whole.filter(pl.col(record.dated) == day)
    if scope is not None:
        wanted = wanted.filter(pl.col(record.scope) == scope[0])
    assert 0 < len(alone)
    assert wanted.equals(alone)


def test_equal_plans_give_equal_figures_and_another_seed_does_not() -> None:
    first, again, other = (SimulatedMarket(Plan(seed=seed, stocks=30, sessions=20)) for seed in (3, 3, 4))
    for dataset in MAKERS:
        assert everything(first, dataset).equals(everything(again, dataset)), dataset
    assert not everything(first, "investor_day_stock").equals(everything(other, "investor_day_stock"))


def test_views_of_a_day_tell_what_the_rows_tell(market: SimulatedMarket) -> None:
    day = market.sessions[70]
    flows = {row["code"]: row for row in market.rows("investor_day_stock", day, day).iter_rows(named=True)}
    for bar in market.rows("daily_bars", day, day).iter_rows(named=True):
        view = market.stock_day(bar["code"], day)
        for name in ("raw_open", "raw_high", "raw_low", "raw_close", "base_price", "volume", "amount"):
            assert bar[name] == getattr(view, name)
        assert (bar["status"] == "HALTED", bar["market_cap"]) == (view.halted, view.cap)
        for side, measure in sides():
            figures = getattr(view, f"{side}_{measure}").tolist()
            if view.halted:
                assert [0] * 12 == figures
            else:
                assert [flows[bar["code"]][investors.column(leaf, side, measure)] for leaf in LEAVES] == figures
    index = market.rows("index_day", day, day, ["KOSPI200"]).row(0, named=True)
    view_of_index = market.index_day_view("KOSPI200", day)
    assert (index["open"], index["close"], index["amount"]) == (
        view_of_index.open,
        view_of_index.close,
        view_of_index.amount,
    )
    future = market.future(day)
    assert future.low <= min(future.open, future.close) <= max(future.open, future.close) <= future.high
    assert abs(future.close / index["close"] - 1) < 0.02
    assert future.expiry >= day


def test_codes_and_names_are_invented_unique_and_look_valid(market: SimulatedMarket) -> None:
    names = everything(market, "instruments")
    assert list(market.codes) == sorted(set(market.codes))
    assert all(len(code) == 6 and code[0] == "8" and code[1:4].isdigit() for code in market.codes)
    assert any(not code.isdigit() for code in market.codes)
    assert len(market.codes) == names["name"].n_unique() == names["code"].n_unique()
    preferred = names.filter("is_preferred")
    assert 0 < len(preferred)
    assert preferred.select((~pl.col("code").str.ends_with("0") & pl.col("name").str.ends_with("우")).all()).item()
    assert 0 < names["nxt_tradable"].sum() < len(names) / 2


def test_listings_and_delistings_bound_the_rows_of_a_stock() -> None:
    market = SimulatedMarket(Plan(seed=1, stocks=600, sessions=200))
    names = everything(market, "instruments")
    span = (
        everything(market, "daily_bars")
        .group_by("code")
        .agg(first=pl.col("session").min(), last=pl.col("session").max())
    )
    new = names.filter(pl.col("listed_on") > market.sessions[0]).select("code", "listed_on").unique()
    gone = names.drop_nulls("delisted_on").select("code", "delisted_on")
    assert len(new) > 10
    assert len(gone) > 5
    assert new.join(span, on="code").select((pl.col("listed_on") == pl.col("first")).all()).item()
    assert gone.join(span, on="code").select((pl.col("delisted_on") == pl.col("last")).all()).item()
    stay = span.join(gone, on="code", how="anti")
    assert stay.select((pl.col("last") == market.sessions[-1]).all()).item()


def test_nxt_trades_its_own_stocks_beside_krx_and_only_since_it_opened(market: SimulatedMarket) -> None:
    before, after = market.sessions[10], market.sessions[120]
    assert 0.0 == market.nxt_share(before)
    assert 0 == market.nxt_volume(before).sum()
    assert 0.1 < market.nxt_share(after) < 0.5
    volume = market.nxt_volume(after)
    assert 0 == volume[~market.stocks.nxt].sum()
    assert 0 < volume.sum()


def test_truth_is_written_as_parquet_with_the_labels(tmp_path: Path) -> None:
    market = SimulatedMarket(Plan(seed=2, stocks=40, sessions=30, events=1))
    written = market.write_truth(tmp_path / "truth", ["daily_bars", "index_day"])
    assert ["daily_bars.parquet", "index_day.parquet", "labels.parquet"] == [path.name for path in written]
    assert everything(market, "daily_bars").equals(pl.read_parquet(written[0]))
    assert market.labels.equals(pl.read_parquet(written[2]))


def test_sessions_outside_the_plan_have_no_rows_and_bad_questions_are_refused(market: SimulatedMarket) -> None:
    assert market.rows("daily_bars", date(2020, 1, 2), date(2020, 2, 3)).is_empty()
    with pytest.raises(Refused, match="no simulated dataset 'weather'; allowed: instruments"):
        market.rows("weather", market.sessions[0], market.sessions[1])
    with pytest.raises(Refused, match="is later than"):
        market.rows("daily_bars", market.sessions[1], market.sessions[0])
    with pytest.raises(Refused, match="one session at a time"):
        market.rows(INTRADAY[0], market.sessions[0], market.sessions[1])
    with pytest.raises(NoData, match="is no session of this plan"):
        market.stock_day(market.codes[0], date(2025, 1, 4))
    with pytest.raises(Refused, match="no simulated stock '005930'") as refused:
        market.stock_day("005930", market.sessions[0])
    assert "UNKNOWN_STOCK" == refused.value.code


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"stocks": 9}, "stocks 9; allowed: 10 to 5,000"),
        ({"events": -1.0}, "events -1.0; allowed"),
        ({"first": date(2025, 1, 4)}, "2025-01-04 is no trading day"),
        ({"first": date(2014, 1, 2)}, "allowed: 2015-06-15 or later"),
    ],
)
def test_a_plan_out_of_range_is_refused_with_what_is_allowed(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        Plan(**wrong)  # type: ignore[arg-type]


def test_a_plan_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(Refused, match="end later than the trading calendar"):
        SimulatedMarket(Plan(first=date(2027, 6, 1), sessions=1_000))
