"""업종분류 현황 (12025) and 지수구성종목 (11006): every stock's industry and who is in an index, of the session before.

The pages tell names, which become the codes that brokers use for the same industries. A page of an index counts whole
or not at all: whoever is missing from it has left the index.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from sugeup.market import sector_names, sessions
from sugeup.records import Kind
from sugeup.records.reference import INDEX_SCHEME
from sugeup.sources.krx_login import origins
from sugeup.sources.krx_login.listings import CODE, LONG
from sugeup.sources.krx_login.question import MARKETS, Question, block, following, place
from sugeup.sources.replies.pages import told
from sugeup.sources.replies.paging import written
from sugeup.sources.replies.sheet import Field
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Remark, Reply, Request, Scope

UNNAMED = "stock without an industry"
DOUBTFUL = Remark("stock under two industries neither of which holds the other: it is in none")
PARTLY = Remark("index of which a row cannot be read: none of its members is taken")
UNKNOWN = "industry that sugeup does not know, whose stocks are in no sector: {}"
UNINDEXED = "stock of an industry without an index"
INDICES = {"KOSPI200": ("1", "028"), "KOSDAQ150": ("2", "203"), "KRX300": ("5", "300")}
"""Our indices, and the two parts of the number by which the page is asked for them."""
_LONGEST = 20
"""Letters of an unknown name that a note repeats."""
_SHOWN = ("row", "code", "scheme", "valid_from", "sector", "known_at")

INDUSTRY = Question(
    "krx_login_sectors",
    "MDCSTAT03901",
    (block("block1", Field("ISU_SRT_CD", "code", kind=Kind.TEXT), Field("IDX_IND_NM", "name", kind=Kind.TEXT)),),
)
MEMBERS = Question(
    "krx_login_index_members",
    "MDCSTAT00601",
    (block("output", Field("ISU_SRT_CD", "code", kind=Kind.TEXT)),),
)


def industries(ask: Ask) -> Request:
    """The industries of one market, as of the session before the day."""
    return INDUSTRY.request(trdDd=written(_day(ask)), mktId=tuple(MARKETS.values())[place(ask)])


def members(ask: Ask) -> Request:
    """The members of one index, as of the session before the day."""
    group, number = tuple(INDICES.values())[place(ask)]
    return MEMBERS.request(indIdx2=number, indIdx=group, trdDd=written(_day(ask)))


def by_industry(ask: Ask, reply: Reply) -> Page:
    """The industry of each stock from the session of the page on; a stock whose industry has no number is left out.

    A stock may stand under two names: the one that the other holds counts.
    """
    market = tuple(MARKETS)[place(ask)]
    sheet = INDUSTRY.table(reply)
    named = sheet.frame.filter(pl.col("code").str.contains(CODE))
    names = named["name"].drop_nulls().unique().to_list()
    codes = {name: sector_names.holding(market, name) for name in names}
    known = {name: code for name, code in codes.items() if code is not None}
    sectored = named.with_columns(
        pl.col("name").replace_strict(known, default=None, return_dtype=pl.String).alias("sector")
    )
    numbered = sectored.drop_nulls("sector").unique(("code", "sector"), keep="first", maintain_order=True)
    finer = numbered.filter((pl.len().over("code") == 1) | ~pl.col("sector").is_in(list(sector_names.LARGE)))
    sole = finer.filter(pl.len().over("code") == 1)
    notes = {
        LONG: sheet.height - named.height,
        UNNAMED: named["name"].null_count(),
        DOUBTFUL: numbered["code"].n_unique() - sole.height,
    }
    for name in sorted(set(names) - set(known)):
        said = UNINDEXED if sector_names.unindexed(name) else Remark(UNKNOWN.format(name[:_LONGEST]))
        notes[said] = notes.get(said, 0) + named.filter(pl.col("name") == name).height
    scheme = pl.lit(sector_names.SCHEME).alias("scheme")
    return _page(ask, reply, sole.with_columns(scheme), sheet.faults, following(ask, tuple(MARKETS)), notes)


def by_index(ask: Ask, reply: Reply) -> Page:
    """The members of one index from the session of the page on; none where a row of it cannot be read."""
    sheet = MEMBERS.table(reply)
    stocks = sheet.frame.filter(pl.col("code").str.contains(CODE)).unique("code", keep="first", maintain_order=True)
    whole = not sheet.faults.height and stocks.height == sheet.frame["code"].n_unique()
    kept = stocks if whole else stocks.clear()
    rows = kept.with_columns(pl.lit(INDEX_SCHEME).alias("scheme"), pl.lit(tuple(INDICES)[place(ask)]).alias("sector"))
    notes: dict[str, int] = {} if whole else {PARTLY: 1}
    return _page(ask, reply, rows, sheet.faults, following(ask, tuple(INDICES)), notes)


def _page(
    ask: Ask, reply: Reply, rows: pl.DataFrame, faulty: pl.DataFrame, after: Ask | None, notes: dict[str, int]
) -> Page:
    dated = stamp(rows, reply.received_at).with_columns(pl.lit(_day(ask)).alias("valid_from"))
    counted = {said: count for said, count in notes.items() if count}
    return Page(told(dated.select(_SHOWN), origins.SCREEN), after, faulty, counted)


def _day(ask: Ask) -> date:
    return sessions.previous(ask.last)


QUESTIONS = {one.name: one for one in (INDUSTRY, MEMBERS)}
ENDPOINTS = (
    Endpoint(INDUSTRY.name, "sector_membership", origins.SCREEN, Scope.NONE, Reach.NOW, industries, by_industry),
    Endpoint(MEMBERS.name, "sector_membership", origins.SCREEN, Scope.NONE, Reach.NOW, members, by_index),
)
