"""투자자별 매매동향: what each class bought and sold of a stock or in a market, by day and as the day runs.

Units differ: a stock comes in shares and million won, a market in thousand shares and million won, derivatives in
contracts. The vendor's 기관계 lacks 기타단체, so ours is the sum of eight leaves; a row whose seven leaves miss the
vendor's figure is a fault.
"""

from __future__ import annotations

import polars as pl

from sugeup.market import investors
from sugeup.records import Kind
from sugeup.sources.files.layout import MILLION
from sugeup.sources.kis import markets, origins
from sugeup.sources.kis.markets import security
from sugeup.sources.kis.origins import THOUSAND
from sugeup.sources.kis.route import STOCK, Route
from sugeup.sources.replies import moments
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import EMPTY, UNDATED, Days, filled, page
from sugeup.sources.replies.paging import one, until, written
from sugeup.sources.replies.sheet import Block, Field
from sugeup.sources.replies.sums import institution
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

GROUPS = {"individual": "prsn", "foreign": "frgn", "institution": "orgn"}
LEAVES = GROUPS | {
    "foreign_registered": "frgn_reg",
    "foreign_other": "frgn_nreg",
    "financial_investment": "scrt",
    "insurance": "insu",
    "investment_trust": "ivtr",
    "private_fund": "pe_fund",
    "bank": "bank",
    "other_financial": "mrbn",
    "pension_fund": "fund",
    "government": "etc_orgt",
    "other_corporation": "etc_corp",
}
"""Our investors and the vendor's prefixes; 기타단체 `etc_orgt` is taken for 국가·지자체."""
_REGISTRATION = ("frgn_reg", "frgn_nreg")
_VOLUME_NETS = ("pe_fund", "etc_corp", "etc_orgt")
_SIDES = {"buy": "shnu", "sell": "seln"}
_ORDERS = {"buy": "bidp", "sell": "askp"}


def flows(prefixes: dict[str, str], *, won: int, shares: int, sides: tuple[str, ...] = investors.SIDES) -> list[Field]:
    """The fields of these investors, sides and both measures, as the vendor spells them: a net volume has three."""
    found = []
    for investor, prefix in prefixes.items():
        for side in sides:
            volume, amount = _names(prefix, side)
            found.append(Field(volume, investors.column(investor, side, "volume"), shares))
            found.append(Field(amount, investors.column(investor, side, "amount"), won))
    return found


def _names(prefix: str, side: str) -> tuple[str, str]:
    if side == "net":
        counted = "vol" if prefix in _VOLUME_NETS else "qty"
        return f"{prefix}_ntby_{counted}", f"{prefix}_ntby_{'' if prefix in _REGISTRATION else 'tr_'}pbmn"
    if prefix in _REGISTRATION:
        return f"{prefix}_{_ORDERS[side]}_qty", f"{prefix}_{_ORDERS[side]}_pbmn"
    return f"{prefix}_{_SIDES[side]}_vol", f"{prefix}_{_SIDES[side]}_tr_pbmn"


_DAY = Field("stck_bsop_date", "session", kind=Kind.DATE)


def _listed(keys: tuple[str, ...], fields: list[Field]) -> Block:
    return Block(keys, (_DAY, *fields), dated=_DAY.name)


def _measures(block: Block) -> tuple[str, ...]:
    return tuple(one.column for one in block.fields if one is not _DAY)


DAILY = Route(
    "investor_trade_by_stock_daily",
    "FHPTJ04160001",
    f"{STOCK}/investor-trade-by-stock-daily",
    (_listed(("output2",), flows(LEAVES, won=MILLION, shares=1)),),
)
THREE = Route(
    "inquire_investor",
    "FHKST01010900",
    f"{STOCK}/inquire-investor",
    (_listed(("output",), flows(GROUPS, won=MILLION, shares=1)),),
)
MARKET = Route(
    "inquire_investor_daily_by_market",
    "FHPTJ04040000",
    f"{STOCK}/inquire-investor-daily-by-market",
    (_listed(("output",), flows(LEAVES, won=MILLION, shares=THOUSAND, sides=("net",))),),
)
_SUMMED = {name: prefix for name, prefix in LEAVES.items() if prefix not in _REGISTRATION}
MINUTE = Route(
    "inquire_investor_time_by_market",
    "FHPTJ04030000",
    f"{STOCK}/inquire-investor-time-by-market",
    (
        Block(("output",), tuple(flows(_SUMMED, won=MILLION, shares=THOUSAND))),
        Block(("output",), tuple(flows(_SUMMED, won=MILLION, shares=1))),
    ),
)
"""The second block is that of derivatives, whose volumes are contracts."""


def daily(ask: Ask) -> Request:
    """Thirty sessions of one stock up to a day; the day itself is refused until about 15:40."""
    return DAILY.request(
        {
            "FID_COND_MRKT_DIV_CODE": "J",
            "FID_INPUT_ISCD": security(one(ask)),
            "FID_INPUT_DATE_1": written(until(ask)),
            "FID_ORG_ADJ_PRC": "",
            "FID_ETC_CLS_CODE": "",
        }
    )


def three(ask: Ask) -> Request:
    """The last thirty sessions of one stock; there is no day to choose."""
    return THREE.request({"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": security(one(ask))})


def market(ask: Ask) -> Request:
    """Up to three hundred sessions of KOSPI, KOSDAQ or one sector; the flows are those of the second sector code."""
    sector = markets.index(one(ask))
    return MARKET.request(
        {
            "FID_COND_MRKT_DIV_CODE": "U",
            "FID_INPUT_ISCD": sector,
            "FID_INPUT_DATE_1": written(until(ask)),
            "FID_INPUT_ISCD_1": markets.board(sector, one(ask)),
            "FID_INPUT_DATE_2": written(until(ask)),
            "FID_INPUT_ISCD_2": sector,
        }
    )


def minute(ask: Ask) -> Request:
    """What a market's investors have bought and sold since the open."""
    board, scope = markets.pair(one(ask))
    return MINUTE.request({"FID_INPUT_ISCD": board, "FID_INPUT_ISCD_2": scope})


def _now(ask: Ask, reply: Reply) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    scope = one(ask)
    sheet = MINUTE.sheet(MINUTE.document(reply), MINUTE.blocks[markets.derivative(scope)])
    full, empty = filled(sheet, _measures(MINUTE.blocks[0]))
    sound = institution(MILLION, 1 if markets.derivative(scope) else THOUSAND)(full)
    day = moments.running(reply)
    dated = sound.frame.with_columns(
        pl.lit(scope).alias("market"),
        pl.lit(day, dtype=pl.Date).alias("session"),
        pl.lit(reply.received_at).cast(pl.Datetime("us", "UTC")).alias("known_at"),
    )
    notes = {EMPTY: empty, UNDATED: 0 if day else dated.height}
    return dated if day else dated.clear(), sound.faults, notes


def at_minute(ask: Ask, reply: Reply) -> Page:
    """One cumulative row, stamped with the minute of receipt: the answer has no time. Zeros throughout are no row."""
    frame, faulty, notes = _now(ask, reply)
    stamped = frame.with_columns(pl.lit(moments.minute(reply)).cast(pl.Datetime("us", "UTC")).alias("at"))
    return page(
        ask,
        stamped,
        origins.MARKET,
        faulty=faulty,
        notes=notes,
        hours=moments.hours(reply),
        products=markets.products(one(ask)),
    )


def at_close(ask: Ask, reply: Reply) -> Page:
    """The same row as that of the day, once the session has closed; provisional for ever."""
    frame, faulty, notes = _now(ask, reply)
    if moments.closed(reply) is None:
        notes, frame = {**notes, UNDATED: notes[UNDATED] + frame.height}, frame.clear()
    return page(
        ask,
        frame.with_columns(pl.lit(False).alias("final")),
        origins.MINUTE_CLOSE,
        faulty=faulty,
        notes=notes,
        hours=moments.hours(reply),
        products=markets.products(one(ask)),
    )


_STOCK = institution(MILLION, 1)
_DAILY = Days(DAILY, origins.STOCK, "code", _measures(DAILY.blocks[0]), prepare=_STOCK, published=CLOSED)
_THREE = Days(THREE, origins.GROUPS, "code", _measures(THREE.blocks[0]), published=CLOSED, paged=False)
_MARKET = Days(
    MARKET,
    origins.MARKET,
    "market",
    _measures(MARKET.blocks[0]),
    prepare=institution(MILLION, THOUSAND),
    published=CLOSED,
)

ROUTES = {
    "investor_trade_by_stock_daily": DAILY,
    "inquire_investor": THREE,
    "inquire_investor_daily_by_market": MARKET,
    "inquire_investor_time_by_market": MINUTE,
    "inquire_investor_time_by_market_close": MINUTE,
}
_FLOWS = "investor_day_stock"
ENDPOINTS = (
    Endpoint(
        "investor_trade_by_stock_daily",
        _FLOWS,
        origins.STOCK,
        Scope.STOCK,
        Reach.PAST,
        daily,
        _DAILY.parse,
        span=40,
        published=CLOSED,
    ),
    Endpoint(
        "inquire_investor",
        _FLOWS,
        origins.GROUPS,
        Scope.STOCK,
        Reach.PAST,
        three,
        _THREE.parse,
        published=CLOSED,
        depth=30,
    ),
    Endpoint(
        "inquire_investor_daily_by_market",
        "investor_day_market",
        origins.MARKET,
        Scope.MARKET,
        Reach.PAST,
        market,
        _MARKET.parse,
        span=430,
        published=CLOSED,
    ),
    Endpoint(
        "inquire_investor_time_by_market",
        "investor_minute_market",
        origins.MARKET,
        Scope.MARKET,
        Reach.NOW,
        minute,
        at_minute,
    ),
    Endpoint(
        "inquire_investor_time_by_market_close",
        "investor_day_market",
        origins.MINUTE_CLOSE,
        Scope.MARKET,
        Reach.TODAY,
        minute,
        at_close,
        published=CLOSED,
    ),
)
