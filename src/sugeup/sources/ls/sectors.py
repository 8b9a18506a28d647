"""업종 구성: which stocks are in which industry of the exchange, and in KOSPI 200.

The list of industries comes first, then the members of each, page after page; the rows of all pages are one list, or
none where a page did not come. A wide industry (제조, 금융) holds smaller ones, and a stock counts to the smaller. Rows
are missing from an answer now and then, so everything is asked twice: a stock does not fall back to the wide industry
by it, and does not leave the index.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import polars as pl

from sugeup.market import sector_names
from sugeup.records import Kind
from sugeup.records.reference import INDEX_SCHEME
from sugeup.sources.files.layout import ROW
from sugeup.sources.ls import markets, origins
from sugeup.sources.ls.indices import SECTORS, sectors, sectors_request
from sugeup.sources.ls.question import Question, listed
from sugeup.sources.ls.turning import at, continues, key, placed, word
from sugeup.sources.replies import moments
from sugeup.sources.replies.pages import page
from sugeup.sources.replies.sheet import Field
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Remark, Reply, Request, Scope

OTHER = "index that is no industry"
RENAMED = "industry that is called otherwise than the exchange calls it"
LACKING = "industry of the exchange that is not listed"
LONG = "code that is not of six characters"
EMPTY = Remark("industry without a member")
DOUBTFUL = Remark("stock of a wide industry while one inside it came without a member: it is in none")
TORN = Remark("stock in two industries of which none is inside the other: it is in none")
KOSPI200 = markets.INDICES["KOSPI200"]
MEMBERS = Question(
    "t1516",
    "/indtp/market-data",
    (listed("t1516OutBlock1", Field("shcode", "code", kind=Kind.TEXT), dated="shcode"),),
    beside=("t1516OutBlock",),
)
_BOARDS = {False: "1", True: "2"}
"""gubun of an industry: KOSPI, KOSDAQ."""
MOST = 5_000
"""Pages of all industries: every stock stands in one or two of them and is asked for twice."""
_BETWEEN = ","
_LIST = "list"
"""In the cursor: the list is asked for the second time."""
_CODE = r"^[0-9][0-9A-Z]{5}$"
_EMPTY = f"{EMPTY}: "


def industries(ask: Ask) -> Request:
    """The list of industries, then the members of those that the cursor names, the first of them first; all twice."""
    return sectors_request() if _of_list(ask) else _question(ask)


def index(ask: Ask) -> Request:
    """The members of KOSPI 200, twice."""
    return _question(_twice(ask))


def read(ask: Ask, reply: Reply) -> Page:
    """A page of the members of one industry, or the list of them; the next page is of the same or of the next one."""
    return _listed(ask, reply) if _of_list(ask) else _read(ask, reply)


def index_read(ask: Ask, reply: Reply) -> Page:
    """A page of the members of KOSPI 200."""
    return _read(_twice(ask), reply)


def membership(ask: Ask, pages: Sequence[Page]) -> Page:
    """The industry of each stock, of all pages: the smaller one, the wide one where it is in no smaller."""
    rows, notes = _together(pages)
    empty = {said.removeprefix(_EMPTY) for said in notes if said.startswith(_EMPTY)} - set(rows["sector"])
    plain = {said: count for said, count in notes.items() if not said.startswith(_EMPTY)}
    inside = {part: wide for wide, parts in sector_names.HOLDS.items() for part in parts}
    within = rows.select("code", sector=pl.col("sector").replace_strict(inside, default=None, return_dtype=pl.String))
    own = rows.join(within.drop_nulls(), on=["code", "sector"], how="anti")
    unsure = [wide for wide, parts in sector_names.HOLDS.items() if empty & set(parts)]
    known = own.filter(~pl.col("sector").is_in(unsure))
    single = known.filter(pl.len().over("code") == 1)
    plain |= {EMPTY: len(empty), DOUBTFUL: own.height - known.height, TORN: known["code"].n_unique() - single.height}
    return _page(ask, single, sector_names.SCHEME, pages, plain)


def members(ask: Ask, pages: Sequence[Page]) -> Page:
    """The members of the index, of all pages."""
    rows, notes = _together(pages)
    named = rows.with_columns(pl.lit("KOSPI200").alias("sector"))
    plain = {said: count for said, count in notes.items() if not said.startswith(_EMPTY)}
    return _page(ask, named, INDEX_SCHEME, pages, plain)


def _of_list(ask: Ask) -> bool:
    return placed(ask, 1)[0] in {"", _LIST}


def _twice(ask: Ask) -> Ask:
    return ask if ask.cursor else ask.at(_BETWEEN.join([KOSPI200, KOSPI200]))


def _question(ask: Ask) -> Request:
    todo, start, following = placed(ask, 3)
    upcode = todo.split(_BETWEEN)[0]
    board = _BOARDS[upcode >= markets.KOSDAQ]
    return MEMBERS.request({"upcode": upcode, "gubun": board, "shcode": start}, following)


def _listed(ask: Ask, reply: Reply) -> Page:
    """No rows yet, but what to ask for: industries that are known by their code, or under a new code by their name."""
    names = sectors(reply)
    wrong = [code for code in names if not (len(code) == 3 and code.isdigit())]
    if wrong:
        raise SECTORS.drift("upcode", f"{wrong[0][:20]!r} is no code of three digits")
    called = {one.code: sector_names.bare(one.korean) for one in sector_names.INDUSTRIES}
    ours = {code: own for code, name in names.items() if (own := markets.industry(code)) in called or _named(own, name)}
    notes = {
        OTHER: len(names) - len(ours),
        RENAMED: sum(called.get(own) != sector_names.bare(names[code]) for code, own in ours.items()),
        LACKING: len(called.keys() - ours.values()) if ours else 0,
    }
    first, before = placed(ask, 2)
    every = sorted({*ours, *before.split(_BETWEEN)} - {""})
    after = at(ask, _BETWEEN.join([*every, *every])) if every else None
    if not first:
        after = at(ask, _LIST, _BETWEEN.join(every))
    return Page(_nothing(), after, notes={said: n for said, n in notes.items() if n}, part=after is not None)


def _named(code: str, name: str) -> bool:
    """Whether the exchange calls an industry of the code's market so."""
    return sector_names.numbered("KOSPI" if code[0] == "0" else "KOSDAQ", name) is not None


def _read(ask: Ask, reply: Reply) -> Page:
    todo, start, _ = placed(ask, 3)
    upcode, *left = todo.split(_BETWEEN)
    sheet = MEMBERS.table(reply)
    told = word(MEMBERS.document(reply), "t1516OutBlock", "shcode")
    if not told.strip("0"):
        told = ""
    elif not re.fullmatch(_CODE, told):
        raise MEMBERS.drift("shcode", f"{told[:20]!r} is no code to go on from")
    said = continues(reply)
    if said and sheet.height and not told:
        raise MEMBERS.drift("shcode", "more is announced and no place to go on from is told")
    more = bool(told) and told != start and sheet.height > 0 and said is not False
    after = at(ask, todo, told, key(reply)) if more else at(ask, _BETWEEN.join(left)) if left else None
    sector = markets.industry(upcode)
    frame = stamp(sheet.frame, reply.received_at).select(
        ROW,
        "code",
        pl.lit(sector).alias("sector"),
        pl.lit(moments.received(reply).date()).alias("valid_from"),
        pl.col("known_at").cast(pl.Datetime("us", "UTC")),
    )
    notes = {f"{_EMPTY}{sector}": 1} if not (sheet.height or start) else {}
    return Page(frame, after, sheet.faults, notes, part=after is not None)


def _together(pages: Sequence[Page]) -> tuple[pl.DataFrame, dict[str, int]]:
    """Rows of all pages, each once, known when the last of them came and dated from the day of the first."""
    rows = pl.concat([_nothing(), *(found.frame for found in pages)])
    notes = {said: count for found in pages for said, count in found.notes.items()}
    own = rows.filter(pl.col("code").str.contains(_CODE))
    notes |= {LONG: rows["code"].n_unique() - own["code"].n_unique()}
    once = own.unique(["code", "sector"], keep="first", maintain_order=True)
    return once.with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW), pl.col("valid_from").min(), pl.col("known_at").max()
    ), notes


def _page(ask: Ask, rows: pl.DataFrame, scheme: str, pages: Sequence[Page], notes: Mapping[str, int]) -> Page:
    faulty = pl.concat([found.faults for found in pages])
    named = rows.with_columns(pl.lit(scheme).alias("scheme"))
    return page(ask, named, origins.LISTING, faulty=faulty, notes=notes, dated="valid_from")


def _nothing() -> pl.DataFrame:
    kinds = {ROW: pl.Int64, "code": pl.String, "sector": pl.String, "valid_from": pl.Date}
    return pl.DataFrame(schema={**kinds, "known_at": pl.Datetime("us", "UTC")})


QUESTIONS = {MEMBERS.name: MEMBERS}
ENDPOINTS = (
    Endpoint(
        "t1516",
        "sector_membership",
        origins.LISTING,
        Scope.NONE,
        Reach.NOW,
        industries,
        read,
        pace=MEMBERS.pace,
        join=membership,
        pages=MOST,
    ),
    Endpoint(
        "t1516_index",
        "sector_membership",
        origins.LISTING,
        Scope.NONE,
        Reach.NOW,
        index,
        index_read,
        pace=MEMBERS.pace,
        lane=MEMBERS.name,
        join=members,
    ),
)
