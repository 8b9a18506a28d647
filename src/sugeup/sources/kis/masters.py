"""종목 마스터: every listed security of a market in one zipped file of fixed widths, read each morning without a key.

A line is a head (code 9, ISIN 12, Korean name) and a tail of ASCII letters whose fields are counted from the right,
because a Korean name is as many characters long as it is. Listed shares come in thousands, capital value in 억원 of the
day before. The files have no history: what they say is dated from the day of the download.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from sugeup.errors import Refused
from sugeup.market import sessions
from sugeup.records import Kind
from sugeup.records.reference import INDEX_SCHEME
from sugeup.records.schema import FRAME_TYPES
from sugeup.sources.files.layout import EOK, ROW
from sugeup.sources.kis import origins
from sugeup.sources.kis.markets import unmarked
from sugeup.sources.kis.origins import THOUSAND
from sugeup.sources.kis.route import drift
from sugeup.sources.replies import moments, values
from sugeup.sources.replies.pages import UNDATED, page
from sugeup.sources.replies.timed import stamp
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

FOLDER = "/common/master"
HEAD = 21
LONG = "code of another form than six characters"
UNSECTORED = "security without an industry"
_CODE = re.compile(r"[0-9][0-9A-Z]{5}")
_NO_SECTOR = "0000"


@dataclass(frozen=True)
class Layout:
    """Width of the tail of one file and where its fields begin: our name -> (offset, width)."""

    width: int
    fields: Mapping[str, tuple[int, int]]


LAYOUTS = {
    "KOSPI": Layout(
        227,
        {
            "group": (0, 2),
            "large": (3, 4),
            "middle": (7, 4),
            "base_price": (41, 9),
            "halt": (60, 1),
            "in_kospi200": (18, 1),
            "in_krx300": (161, 1),
            "liquidation": (61, 1),
            "administrative": (62, 1),
            "warning": (63, 2),
            "par_amount": (93, 12),
            "listed_on": (105, 8),
            "listed_shares": (113, 15),
            "preferred": (158, 1),
            "short_overheat": (159, 1),
            "market_cap": (212, 9),
        },
    ),
    "KOSDAQ": Layout(
        221,
        {
            "group": (0, 2),
            "large": (3, 4),
            "middle": (7, 4),
            "base_price": (36, 9),
            "halt": (55, 1),
            "in_kosdaq150": (35, 1),
            "in_krx300": (156, 1),
            "liquidation": (56, 1),
            "administrative": (57, 1),
            "warning": (58, 2),
            "par_amount": (88, 12),
            "listed_on": (100, 8),
            "listed_shares": (108, 15),
            "preferred": (153, 1),
            "short_overheat": (154, 1),
            "market_cap": (206, 9),
        },
    ),
}
_INDICES = {"in_kospi200": "KOSPI200", "in_kosdaq150": "KOSDAQ150", "in_krx300": "KRX300"}
"""Fields that are not N, 0 or blank for the members of an index."""
FILES = {"KOSPI": "kospi_code.mst", "KOSDAQ": "kosdaq_code.mst"}
NXT_FILES = {"KOSPI": "nxt_kospi_code.mst", "KOSDAQ": "nxt_kosdaq_code.mst"}
_KINDS = {
    "ST": "STOCK",
    "FS": "STOCK",
    "DR": "STOCK",
    "RT": "REIT",
    "EF": "ETF",
    "FE": "ETF",
    "EN": "ETN",
    "EW": "ELW",
    "MF": "FUND",
    "IF": "FUND",
    "SC": "FUND",
    "BC": "FUND",
    "SW": "WARRANT",
    "SR": "WARRANT",
}
"""증권그룹구분 and our kinds; another group is OTHER."""
_NUMBERS = {"base_price": 1, "par_amount": 1, "listed_shares": THOUSAND, "market_cap": EOK}
_MARKS = {
    "halt": "HALT",
    "administrative": "ADMINISTRATIVE",
    "short_overheat": "SHORT_OVERHEAT",
    "liquidation": "LIQUIDATION",
}


def file(ask: Ask) -> Request:
    """The file of one market, one after the other; KONEX has none whose widths are known."""
    return Request(f"{FOLDER}/{FILES[_market(ask)]}.zip", host="files")


def nxt_file(market: str) -> Request:
    """The list of securities that Nextrade trades, of KOSPI or KOSDAQ."""
    return Request(f"{FOLDER}/{NXT_FILES[_known(market)]}.zip", host="files")


def lines(reply: Reply) -> list[str]:
    """The lines of a zipped file in cp949; SchemaDrift when it is no such file."""
    try:
        with zipfile.ZipFile(io.BytesIO(reply.body)) as packed:
            text = packed.read(packed.namelist()[0]).decode("cp949")
    except (
        zipfile.BadZipFile,
        zlib.error,
        IndexError,
        UnicodeDecodeError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ):
        raise drift("master file", "(file)", "the file is not a zip with one text in cp949") from None
    return [line for line in (raw.rstrip("\r") for raw in text.split("\n")) if line.strip()]


def universe(market: str, reply: Reply) -> pl.DataFrame:
    """Every security of six characters: row, code, isin, name, market, kind, group, sector codes, marks, listed_shares,
    market_cap (won, day before), base_price, par_amount, listed_on, is_preferred.

    SchemaDrift when a line is too short or its group is none of two letters.
    """
    layout = LAYOUTS[market]
    columns: dict[str, list[str]] = {name: [] for name in (ROW, "code", "isin", "name", *layout.fields)}
    for number, line in enumerate(lines(reply), 1):
        if len(line) < HEAD + layout.width:
            raise drift(f"{FILES[market]}", "(line)", f"line {number} has {len(line)} characters, too few")
        head, tail = line[: -layout.width], line[-layout.width :]
        if not (tail[:2].isascii() and tail[:2].isalpha() and tail[:2].isupper()):
            raise drift(f"{FILES[market]}", "그룹코드", f"line {number} has a field of another width")
        columns[ROW].append(number)  # type: ignore[arg-type]
        for name, text in (("code", head[:9]), ("isin", head[9:HEAD]), ("name", head[HEAD:])):
            columns[name].append(text.strip())
        for name, (offset, width) in layout.fields.items():
            columns[name].append(tail[offset : offset + width].strip())
    return _typed(market, columns)


def _typed(market: str, columns: dict[str, list[str]]) -> pl.DataFrame:
    read = {name: values.integers(columns[name], unit)[0] for name, unit in _NUMBERS.items() if columns[name]}
    listed = values.READERS[Kind.DATE](columns["listed_on"], 1)[0]
    frame = pl.DataFrame(
        {
            ROW: pl.Series(columns[ROW], dtype=pl.Int64),
            "code": pl.Series([unmarked(code) for code in columns["code"]], dtype=pl.String),
            **{name: pl.Series(columns[name], dtype=pl.String) for name in columns if name not in {ROW, "code"}},
            **{name: pl.Series(read.get(name, []), dtype=pl.Int64) for name in _NUMBERS},
            "listed_on": pl.Series(listed, dtype=FRAME_TYPES[Kind.DATE]),
        }
    )
    return frame.with_columns(
        pl.lit(market).alias("market"),
        pl.col("group").replace_strict(_KINDS, default="OTHER").alias("kind"),
        pl.col("preferred").is_in(["1", "2"]).alias("is_preferred"),
        *(pl.when(pl.col(name) != 0).then(pl.col(name)).alias(name) for name in _NUMBERS),
    )


def nxt_codes(reply: Reply) -> frozenset[str]:
    """Codes that Nextrade trades (reply to `nxt_file`)."""
    found = (unmarked(line[:9]) for line in lines(reply))
    return frozenset(code for code in found if _CODE.fullmatch(code))


def with_nxt(frame: pl.DataFrame, codes: frozenset[str]) -> pl.DataFrame:
    """Rows of instruments with `nxt_tradable`, once the lists of Nextrade are there."""
    return frame.with_columns(pl.col("code").is_in(list(codes)).alias("nxt_tradable"))


def instruments(ask: Ask, reply: Reply) -> Page:
    """What each code is, from the day of the download on."""
    frame, left_out = _listed(ask, reply)
    names = ("isin", "name", "market", "kind", "listed_on", "par_amount", "listed_shares", "is_preferred")
    shown = frame.select(ROW, "code", "valid_from", "known_at", *names)
    return page(
        ask, shown, origins.MASTER, after=_after(ask), notes={LONG: left_out}, dated="valid_from", products="ALL"
    )


def designations(ask: Ask, reply: Reply) -> Page:
    """The marks of the session on whose morning the file was fetched; a day without trading has none."""
    frame, left_out = _listed(ask, reply)
    trading = sessions.is_session(moments.received(reply).date())
    step = pl.col("warning").str.strip_chars_start("0")
    warned = frame.with_columns(pl.lit("WARNING").alias("kind"), step.alias("level")).filter(pl.col("level") != "")
    parts = [
        frame.filter(pl.col(flag) == "Y").with_columns(
            pl.lit(kind).alias("kind"), pl.lit(None, dtype=pl.String).alias("level")
        )
        for flag, kind in _MARKS.items()
    ]
    marked = pl.concat([warned, *parts]).select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW), "code", "session", "known_at", "kind", "level"
    )
    notes = {LONG: left_out, UNDATED: 0 if trading else marked.height}
    return page(ask, marked if trading else marked.clear(), origins.MASTER, after=_after(ask), notes=notes)


def sectors(ask: Ask, reply: Reply) -> Page:
    """The industry of each stock in the exchange's scheme: the middle code, else the large one, from that day on."""
    frame, left_out = _listed(ask, reply)
    known = frame.with_columns(
        pl.when(~pl.col("middle").is_in([_NO_SECTOR, ""])).then("middle").otherwise("large").alias("sector"),
        pl.lit("KRX_INDUSTRY").alias("scheme"),
    ).filter(~pl.col("sector").is_in([_NO_SECTOR, ""]))
    shown = known.select(ROW, "code", "scheme", "valid_from", "sector", "known_at")
    notes = {LONG: left_out, UNSECTORED: frame.height - known.height}
    return page(ask, shown, origins.MASTER, after=_after(ask), notes=notes, dated="valid_from")


def indices(ask: Ask, reply: Reply) -> Page:
    """The indices that each stock is in, from that day on: KOSPI200, KOSDAQ150, KRX300."""
    frame, left_out = _listed(ask, reply)
    parts = [
        frame.filter(~pl.col(flag).is_in(["", "0", "N"])).with_columns(pl.lit(name).alias("sector"))
        for flag, name in _INDICES.items()
        if flag in frame.columns
    ]
    members = pl.concat(parts).with_columns(pl.lit(INDEX_SCHEME).alias("scheme"))
    shown = members.select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW), "code", "scheme", "valid_from", "sector", "known_at"
    )
    return page(ask, shown, origins.MASTER, after=_after(ask), notes={LONG: left_out}, dated="valid_from")


def _listed(ask: Ask, reply: Reply) -> tuple[pl.DataFrame, int]:
    whole = universe(_market(ask), reply)
    day = moments.received(reply).date()
    kept = whole.filter(pl.col("code").str.contains(rf"^{_CODE.pattern}$"))
    dated = stamp(kept, reply.received_at).with_columns(pl.lit(day).alias("valid_from"), pl.lit(day).alias("session"))
    return dated, whole.height - kept.height


def _market(ask: Ask) -> str:
    """The market of a page: the one that is asked for, else the first and then the next."""
    return _known(ask.scopes[0] if ask.scopes else ask.cursor or next(iter(FILES)))


def _after(ask: Ask) -> Ask | None:
    """The page of the next market, where none was named."""
    every = list(FILES)
    following = every[every.index(_market(ask)) + 1 :]
    return ask.at(following[0]) if following and not ask.scopes else None


def _known(market: str) -> str:
    if market not in FILES:
        raise Refused(f"there is no master file of {market!r} that can be read; allowed: {', '.join(FILES)}.")
    return market


ENDPOINTS = (
    Endpoint("master_instruments", "instruments", origins.MASTER, Scope.NONE, Reach.NOW, file, instruments),
    Endpoint("master_designations", "designations", origins.MASTER, Scope.NONE, Reach.NOW, file, designations),
    Endpoint("master_sectors", "sector_membership", origins.MASTER, Scope.NONE, Reach.NOW, file, sectors),
    Endpoint("master_indices", "sector_membership", origins.MASTER, Scope.NONE, Reach.NOW, file, indices),
)
