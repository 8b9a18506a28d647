"""Two independent readings of the specification meet: what the sandbox answers is read back as its market's truth.

The sandbox writes the vendor's answers without knowing the source's tables, and the source reads them without knowing
the sandbox's; a field, a unit or a page that one of them has wrong does not come back as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import orjson
import polars as pl
import pytest
from starlette.testclient import TestClient

from sugeup import records
from sugeup.market.sessions import SEOUL
from sugeup.records import Kind
from sugeup.sandbox.kis.auth import KEY, SECRET
from sugeup.sandbox.server import SandboxApp
from sugeup.sources import checks, origins
from sugeup.sources.kis import KIS
from sugeup.sources.replies.paging import session_before
from sugeup.sources.vendor import Ask, Credentials, Endpoint, Outcome, Page, Reach, Reply, Request, Scope, Token
from tests.support.sandboxes import made, market

pytestmark = pytest.mark.slow

FIRST, DAY = date(2025, 3, 4), date(2025, 6, 2)
EVENING = "2025-06-02T15:50"
"""After the close, before the day's figures are final: they may still be revised."""
CREDENTIALS = Credentials(KEY, SECRET)
CODES = market().codes
SIMULATED_FUNDS = "market_funds"
"""Forty stocks have a fraction of the deposits that the checks expect of the whole market."""


class Desk:
    """Asks the sandbox as the hub does, with the source's own building, signing and judging."""

    def __init__(self, http: httpx.Client, moment: str) -> None:
        self.http = http
        self.now = datetime.fromisoformat(moment).replace(tzinfo=SEOUL).astimezone(UTC)
        self.token: Token | None = None
        self.token = KIS.token(self.send(KIS.token_request(CREDENTIALS)))

    def send(self, request: Request) -> Reply:
        signed = KIS.sign(request, CREDENTIALS, self.token) if self.token else request
        body = orjson.dumps(dict(signed.body)) if signed.body else None
        found = self.http.request(
            signed.method, signed.path, params=dict(signed.query), headers=dict(signed.headers), content=body
        )
        reply = Reply(found.status_code, dict(found.headers), found.content, self.now)
        assert KIS.judge(signed, reply).outcome is Outcome.DONE
        return reply

    def pages(self, name: str, ask: Ask) -> list[Page]:
        endpoint = KIS.endpoint(name)
        found: list[Page] = []
        part: Ask | None = ask
        while part is not None:
            assert len(found) < 60, f"{name} has no end"
            found.append(endpoint.parse(part, self.send(endpoint.build(part))))
            part = found[-1].after
        return found


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with TestClient(SandboxApp(made(EVENING)), base_url="http://127.0.0.1") as http:
        yield Desk(http, EVENING)


def question(endpoint: Endpoint, desk: Desk) -> Ask:
    """Everything the sandbox has of its first stock, or of its market."""
    scopes: dict[Scope, tuple[str, ...]] = {
        Scope.STOCK: CODES[: endpoint.batch],
        Scope.MARKET: ("KOSPI",),
        Scope.INDEX: ("KOSPI",),
        Scope.NONE: (),
    }
    if endpoint.scope is Scope.CONTRACT:
        from sugeup.sources.kis import futures

        scopes[Scope.CONTRACT] = (futures.contracts(desk.send(futures.contracts_file()))[0][0],)
    first = DAY if endpoint.reach is not Reach.PAST else FIRST
    if endpoint.dataset in {"minute_bars", "futures_minute"}:
        first = session_before(FIRST, DAY) or DAY
    if endpoint.reach is Reach.NOW:
        first = FIRST
    return Ask(scopes[endpoint.scope], first, DAY)


@pytest.mark.parametrize("endpoint", KIS.endpoints, ids=lambda one: one.name)
def test_every_endpoint_is_answered_in_pages_that_pass_the_checks(endpoint: Endpoint, desk: Desk) -> None:
    pages = desk.pages(endpoint.name, question(endpoint, desk))
    frame = pl.concat([page.frame for page in pages], how="diagonal_relaxed")
    dataset = records.dataset(endpoint.dataset)
    assert [] == [row for page in pages for row in page.faults.rows()]
    if endpoint.dataset != "corporate_actions":
        assert frame.height > 0
    assert not frame.select(pl.struct(dataset.full_key).is_duplicated().any()).item()
    if endpoint.dataset != SIMULATED_FUNDS:
        origin = origins()[endpoint.source]
        context = checks.Context(now=desk.now, unit_won=origin.unit_won, unit_shares=origin.unit_shares)
        wrong = [row for page in pages for row in checks.check(dataset, page.frame, context).faults.rows()]
        assert [] == wrong


BY_DAY = [
    "inquire_daily_itemchartprice",
    "intstock_multprice",
    "investor_trade_by_stock_daily",
    "inquire_investor",
    "program_trade_by_stock_daily",
    "daily_short_sale",
    "daily_loan_trans",
    "daily_credit_balance",
    "inquire_investor_daily_by_market",
    "comp_program_trade_daily",
    "inquire_daily_indexchartprice",
    "inquire_price",
    "mktfunds",
]
BY_MOMENT = [
    "inquire_time_itemchartprice",
    "inquire_time_dailychartprice",
    "inquire_time_indexchartprice",
    "inquire_time_fuopchartprice",
    "program_trade_by_stock",
    "comp_program_trade_today",
    "investor_trend_estimate",
]
"""Endpoints whose rows are compared with the truth."""
OTHERWISE = {"inquire_investor": "institution_"}
"""Columns that mean something else than ours: the vendor's 기관계 lacks the government."""
PARTS = {"institution_": 8, "program_": 2}
"""Figures that are sums of rounded ones."""


@pytest.mark.parametrize("name", [*BY_DAY, *BY_MOMENT])
def test_figures_come_back_as_they_were_to_the_rounding_of_the_vendor(name: str, desk: Desk) -> None:
    endpoint = KIS.endpoint(name)
    dataset = records.dataset(endpoint.dataset)
    asked = question(endpoint, desk)
    if name in BY_MOMENT:
        asked = Ask(asked.scopes, DAY, DAY)
    frame = pl.concat([page.frame for page in desk.pages(name, asked)], how="diagonal_relaxed")
    truth = market().rows(dataset.name, asked.first, asked.last, asked.scopes or None)
    named = [one for one in dataset.key if one != "products"]
    both = frame.join(truth, on=named, how="inner", suffix="_true")
    assert both.height > frame.height // 2
    if endpoint.reach is Reach.PAST and name in BY_DAY:
        both = both.filter(pl.col("session") < DAY)
    origin = origins()[endpoint.source]
    compared = 0
    for column in dataset.columns:
        if f"{column.name}_true" not in both.columns or column.name.startswith(OTHERWISE.get(name, "-")):
            continue
        if column.kind is Kind.INTEGER:
            unit = {"won": origin.unit_won, "shares": origin.unit_shares}.get(column.unit, 1)
            parts = next((count for start, count in PARTS.items() if column.name.startswith(start)), 1)
            allowed = (unit * parts + 1) // 2 if unit > 1 else 0
        elif column.kind is Kind.NUMBER:
            allowed = 0
        else:
            continue
        apart = (both[column.name] - both[f"{column.name}_true"]).abs().max()
        assert apart is None or float(apart) <= allowed + 0.0051 * (column.kind is Kind.NUMBER), column.name  # type: ignore[arg-type]
        assert both[column.name].is_not_null().any(), column.name
        compared += 1
    assert compared > 0


def test_every_stock_has_the_industry_that_it_was_given(desk: Desk) -> None:
    frames = [page.frame for page in desk.pages("master_sectors", Ask((), FIRST, DAY))]
    told = dict(pl.concat(frames, how="diagonal_relaxed").select("code", "sector").rows())
    truth = market().rows("sector_membership", FIRST, DAY).filter(pl.col("scheme") == "KRX_INDUSTRY")
    assert dict(truth.sort("valid_from").select("code", "sector").rows()) == told


def test_members_of_the_index_are_those_that_were_given(desk: Desk) -> None:
    frames = [page.frame for page in desk.pages("master_indices", Ask((), FIRST, DAY))]
    told = set(pl.concat(frames, how="diagonal_relaxed").filter(pl.col("sector") == "KOSPI200")["code"])
    listed = set(pl.concat([page.frame for page in desk.pages("master_instruments", Ask((), FIRST, DAY))])["code"])
    stocks = market().stocks
    assert {code for code, held in zip(market().codes, stocks.kospi200, strict=True) if held} & listed == told


def test_a_wrong_pair_of_market_and_sector_is_zeros_and_no_row(desk: Desk) -> None:
    endpoint = KIS.endpoint("inquire_investor_time_by_market")
    ask = Ask(("KOSPI",), DAY, DAY)
    right = endpoint.build(ask)
    wrong = Request(right.path, {**right.query, "FID_INPUT_ISCD_2": "1001"}, right.headers)
    found: Any = endpoint.parse(ask, desk.send(wrong))
    assert (0, 0) == (found.frame.height, found.faults.height)
