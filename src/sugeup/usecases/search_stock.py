"""종목 검색: from a name, a part of one, initial consonants or a code to the stock."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import polars as pl
from pydantic import BeforeValidator, Field

from sugeup.archive import Archive
from sugeup.market import instruments
from sugeup.records.reference import OVERLAPPING
from sugeup.registry import usecase
from sugeup.usecases import securities
from sugeup.usecases.answers import Answer, Shown
from sugeup.usecases.wording import Grid, moment


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Query = Annotated[
    str,
    BeforeValidator(_text),
    Field(min_length=1, max_length=60, description="Name in Korean or English, part of it, 초성, or code."),
]


class Found(Shown):
    """One stock; `flows` tells whether trading by investor is stored for it. Facts that no source told are left out."""

    code: str
    name: str | None
    name_en: str | None
    market: str | None
    flows: bool
    kind: str | None = Field(None, description="STOCK, ETF, ETN or other.")
    isin: str | None = None
    listed_on: date | None = None
    delisted_on: date | None = None
    par_amount: int | None = Field(None, description="액면가, won.")
    listed_shares: int | None = None
    is_preferred: bool | None = None
    nxt_tradable: bool | None = Field(None, description="True when Nextrade trades it too.")
    valid_from: date | None = Field(None, description="Since when these facts hold, as first seen.")
    sectors: dict[str, str] | None = Field(None, description="Scheme -> sector.")


_SHOWN = ("code", "name", "name_en", "market", "flows")
"""What the short page shows of a stock."""


class StockMatches(Answer):
    """Stocks that match, best first."""

    query: str
    matches: list[Found]
    total: int


def text(answer: Any) -> list[object]:
    """A line per stock."""
    if not answer.matches:
        return [f"'{answer.query}': no stock matches. Try another spelling, part of the name, or the code."]
    lines = [
        [found.code, found.name or "–", found.name_en or "–", found.market or "–", "수급 ✓" if found.flows else "–"]
        for found in answer.matches
    ]
    grid = Grid(["코드", "종목명", "English", "시장", "자료"], lines)
    rest = answer.total - len(lines)
    return [grid, f"{rest} more: raise limit or narrow the query."] if rest else [grid]


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per stock; its sectors as `scheme sector; scheme sector`."""
    return [
        found.model_dump(mode="json")
        | {"sectors": "; ".join(f"{scheme} {name}" for scheme, name in (found.sectors or {}).items()) or None}
        for found in answer.matches
    ]


@usecase(tool="search_stock", path="/stocks/search", verb="search", title="종목 검색", text=text, rows=rows)
def search_stock(
    archive: Archive, *, query: Query, limit: Annotated[int, Field(ge=1, le=50, description="Stocks at most.")] = 10
) -> StockMatches:
    """Find a Korean stock's code by name (종목 검색): 삼성전자, 삼전, ㅅㅅㅈㅈ, Samsung Electronics, 005930.

    Use it before other tools when the code is not known. Only stocks that are stored here are found.
    """
    known = securities.catalogue(archive)
    if not known:
        raise securities.no_names(archive)
    matches = instruments.search(query, known)
    shown = matches[:limit]
    codes = [entry.code for entry in shown]
    stored = archive.read("investor_day_stock", columns=[], scopes=codes)["code"].unique().to_list() if codes else []
    facts = _facts(archive, codes) if codes else {}
    return StockMatches(
        as_of=None,
        generated_at=moment(archive.clock.now()),
        scope="LIST",
        venue="KRX",
        sources=[],
        provisional=False,
        simulated=archive.name == "simulated",
        coverage=[],
        warnings=[],
        query=query,
        matches=[
            Found(
                code=entry.code,
                name=entry.name or None,
                name_en=entry.name_en or None,
                market=entry.market,
                flows=entry.code in stored,
                **facts.get(entry.code, {}),
            )
            for entry in shown
        ],
        total=len(matches),
    )


def _facts(archive: Archive, codes: list[str]) -> dict[str, dict[str, Any]]:
    """What is known of each listing, and its sector in each scheme that puts a stock into one at a time."""
    columns = [name for name in Found.model_fields if name not in {*_SHOWN, "sectors"}]
    listed = securities.newest(archive.read("instruments", columns=columns, scopes=codes), ("code",))
    found = {
        row.pop("code"): {name: value for name, value in row.items() if value is not None}
        for row in listed.select("code", *columns).to_dicts()
    }
    members = archive.read("sector_membership", columns=["scheme", "sector", "sector_name"], scopes=codes)
    members = members.filter(~pl.col("scheme").is_in(OVERLAPPING))
    for row in securities.newest(members, ("code", "scheme")).to_dicts():
        sectors = found.setdefault(row["code"], {}).setdefault("sectors", {})
        sectors[row["scheme"]] = row["sector_name"] or row["sector"]
    return found
