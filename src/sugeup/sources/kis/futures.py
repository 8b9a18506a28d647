"""선물: minutes of one contract in points and thousand won, and one contract at a moment with its basis and theory."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from sugeup.errors import Refused
from sugeup.records import Kind
from sugeup.sources.kis import masters, origins
from sugeup.sources.kis.markets import INDICES
from sugeup.sources.kis.origins import THOUSAND
from sugeup.sources.kis.route import FUTURES, Route, drift
from sugeup.sources.replies import moments
from sugeup.sources.replies.pages import EMPTY, PADDING, UNDATED, filled, page
from sugeup.sources.replies.paging import one, session_before, until, written
from sugeup.sources.replies.sheet import Block, Field, Sheet
from sugeup.sources.replies.timed import IDLE, OLDER, newest, stamp, timed, traded
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

_EARLY = timedelta(minutes=15)
_CLOSE = "154500"
_KOSPI200 = "2001"
_LIST = 9


def _points(name: str, column: str) -> Field:
    return Field(name, column, kind=Kind.NUMBER, zero=False)


_AMOUNT = Field("acml_tr_pbmn", "amount", THOUSAND)
MINUTE = Route(
    "inquire_time_fuopchartprice",
    "FHKIF03020200",
    f"{FUTURES}/inquire-time-fuopchartprice",
    (
        Block(
            ("output2",),
            (
                Field("stck_bsop_date", "session", kind=Kind.DATE),
                Field("stck_cntg_hour", "hour", kind=Kind.TEXT),
                _points("futs_oprc", "open"),
                _points("futs_hgpr", "high"),
                _points("futs_lwpr", "low"),
                _points("futs_prpr", "close"),
                Field("cntg_vol", "volume"),
                _AMOUNT,
            ),
            dated="stck_bsop_date",
        ),
    ),
)
PRICE = Route(
    "futures_inquire_price",
    "FHMIF10000000",
    f"{FUTURES}/inquire-price",
    (
        Block(
            ("output1",),
            (
                _points("futs_prpr", "close"),
                _AMOUNT,
                Field("futs_last_tr_date", "expiry", kind=Kind.DATE),
                _points("hts_thpr", "theoretical"),
                Field("mrkt_basis", "market_basis", kind=Kind.NUMBER),
                Field("hts_otst_stpl_qty", "open_interest"),
            ),
        ),
        Block(
            ("output3",),
            (Field("bstp_cls_code", "index", kind=Kind.TEXT), _points("bstp_nmix_prpr", "spot")),
        ),
    ),
)


def minute(ask: Ask) -> Request:
    """A hundred and two minutes of one contract at and before a moment, without minutes that had no trade."""
    return MINUTE.request(
        {
            "FID_COND_MRKT_DIV_CODE": "F",
            "FID_INPUT_ISCD": contract(ask),
            "FID_HOUR_CLS_CODE": "60",
            "FID_PW_DATA_INCU_YN": "Y",
            "FID_FAKE_TICK_INCU_YN": "N",
            "FID_INPUT_DATE_1": written(until(ask)),
            "FID_INPUT_HOUR_1": _cursor(ask)[8:],
        }
    )


def price(ask: Ask) -> Request:
    """One contract as it stands."""
    return PRICE.request({"FID_COND_MRKT_DIV_CODE": "F", "FID_INPUT_ISCD": contract(ask)})


def contract(ask: Ask) -> str:
    """The one contract of an ask; Refused for the name of an index, which has a new contract every quarter."""
    code = one(ask)
    if code in INDICES:
        raise Refused(
            f"{code!r} is an index, not a contract; allowed: a code of the list of contracts.",
            hint="Read the nearest contract from the list of contracts (contracts).",
        )
    return code


def contracts_file() -> Request:
    """The list of index futures and options, without a key."""
    return Request(f"{masters.FOLDER}/fo_idx_code_mts.mst.zip", host="files")


def contracts(reply: Reply) -> list[tuple[str, str]]:
    """Codes and names of the nearest contracts (월물구분 1) in the list; SchemaDrift for another shape."""
    found = []
    for number, line in enumerate(masters.lines(reply), 1):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) < _LIST:
            raise drift("fo_idx_code_mts.mst", "(line)", f"line {number} has {len(parts)} fields, not {_LIST}")
        if parts[6] == "1":
            found.append((parts[1], parts[3]))
    return found


def nearest(reply: Reply) -> list[str]:
    """Codes of the nearest futures in the list of contracts; SchemaDrift for another shape."""
    return [code for code, name in contracts(reply) if name.startswith("F")]


def span(day: date) -> tuple[datetime | None, datetime | None]:
    """Regular hours of futures: a quarter of an hour before the stocks' open to one behind their close."""
    opened, closed = moments.regular(day)
    return (None if opened is None else opened - _EARLY, None if closed is None else closed + _EARLY)


def by_minute(ask: Ask, reply: Reply) -> Page:
    """Prices and contracts of a minute, turnover since the open; the night session is not kept."""
    sheet = MINUTE.sheet(MINUTE.document(reply), MINUTE.blocks[0])
    inside, notes = timed(sheet, sheet.columns["session"], reply, span)
    busy, idle = traded(inside)
    single, older = newest(busy)
    notes |= {PADDING: sheet.padding, IDLE: idle, OLDER: older}
    frame = single.frame.with_columns(pl.lit(one(ask)).alias("contract"))
    return page(ask, frame, origins.FUTURES, faulty=sheet.faults, after=_before(ask, sheet), notes=notes)


def at_moment(ask: Ask, reply: Reply) -> Page:
    """The contract at the minute of receipt; outside the session of futures there is no row."""
    document = PRICE.document(reply)
    sheet = PRICE.sheet(document, PRICE.blocks[0])
    index = PRICE.sheet(document, PRICE.blocks[1])
    full, empty = filled(sheet, ("close",))
    spots = [spot for code, spot in index.across(["index", "spot"]) if code == _KOSPI200]
    day = moments.received(reply).date()
    opened, closed = span(day)
    runs = opened is not None and closed is not None and opened <= reply.received_at <= closed + moments.SETTLING
    frame = full.frame if runs else full.frame.clear()
    stamped = stamp(stamp(frame, reply.received_at), moments.minute(reply), "at").with_columns(
        pl.lit(one(ask)).alias("contract"),
        pl.lit(day).alias("session"),
        pl.lit(spots[0] if spots else None, dtype=pl.Float64).alias("spot"),
    )
    notes = {EMPTY: empty, UNDATED: 0 if runs else full.height}
    return page(ask, stamped, origins.FUTURES_NOW, faulty=sheet.faults, notes=notes)


def _before(ask: Ask, sheet: Sheet) -> Ask | None:
    """The page that ends a minute before the oldest row."""
    rows = [(day, hour) for day, hour in sheet.across(["session", "hour"]) if day is not None and hour is not None]
    if not rows:
        return None
    day, hour = min(rows)
    at = moments.instants([day], [hour])[0]
    if at is None or day < ask.first:
        return None
    opened = span(day)[0]
    if opened is None or at <= opened.astimezone(UTC):
        earlier = session_before(ask.first, day)
        cursor = "" if earlier is None else f"{written(earlier)}{_CLOSE}"
        return ask.at(cursor) if cursor and cursor < _cursor(ask) else None
    cursor = f"{at - timedelta(minutes=1) + timedelta(hours=9):%Y%m%d%H%M%S}"
    return ask.at(cursor) if cursor < _cursor(ask) else None


def _cursor(ask: Ask) -> str:
    return ask.cursor or f"{written(ask.last)}{_CLOSE}"


ROUTES = {MINUTE.name: MINUTE, PRICE.name: PRICE}
ENDPOINTS = (
    Endpoint(
        MINUTE.name,
        "futures_minute",
        origins.FUTURES,
        Scope.CONTRACT,
        Reach.PAST,
        minute,
        by_minute,
        span=1,
    ),
    Endpoint(
        PRICE.name,
        "futures_minute",
        origins.FUTURES_NOW,
        Scope.CONTRACT,
        Reach.NOW,
        price,
        at_moment,
    ),
)
