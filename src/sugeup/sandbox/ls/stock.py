"""종목: the price of one stock with the brokers behind it, and the lists of stocks."""

from __future__ import annotations

from sugeup.sandbox.ls.desk import Desk, Told
from sugeup.sandbox.ls.writing import EOK, MILLION, THOUSAND, Row, day, decimals, padded, share, sign, units

MARKETS = {"1": "KOSPI", "2": "KOSDAQ"}
SHARES = "01"
"""bu12gubun of a stock."""
SHORT_NAME = 3
"""Syllables of a broker's name."""


def t1102(desk: Desk) -> Told:
    """A stock as it stands; what a company earns is not simulated."""
    row, code = desk.empty("t1102OutBlock"), desk.code
    quote = desk.quote(code) if code else None
    if quote is None:
        return Told({"t1102OutBlock": row})
    known = desk.figures.known(code, desk.moment.day) or {}
    row |= {
        "hname": desk.name(code),
        "shcode": code,
        "ex_shcode": code,
        "price": quote.price,
        "sign": sign(quote.change, quote.limit),
        "change": abs(quote.change),
        "diff": padded(share(quote.change, quote.base)),
        "volume": quote.volume,
        "value": units(quote.amount, MILLION),
        "recprice": quote.base,
        "avg": round(quote.amount / quote.volume) if quote.volume else 0,
        "uplmtprice": quote.upper,
        "dnlmtprice": quote.lower,
        "jnilvolume": quote.previous_volume,
        "volumediff": quote.volume - quote.previous_volume,
        "open": quote.open,
        "high": quote.high,
        "low": quote.low,
        "listing": units(quote.listed_shares, THOUSAND),
        "total": units(quote.price * quote.listed_shares, EOK),
        "parprice": known.get("par_amount") or 0,
        "listdate": day(known.get("listed_on")),
        "janginfo": str(known.get("market", "")),
    }
    return Told({"t1102OutBlock": row | _members(desk, code)})


def _members(desk: Desk, code: str) -> Row:
    """Five brokers on each side, once the day's figures are there; blank until then."""
    session = desk.moment.shown
    found: Row = {}
    if session is None:
        return found
    abroad = {"s": 0, "d": 0}
    for one in desk.figures.intraday("broker_members", session, code).plain:
        if one["at"] > desk.moment.now:
            continue
        side, word = ("s", "bid") if one["side"] == "BUY" else ("d", "offer")
        rank = one["rank"]
        found |= {
            f"{word}nocd{rank}": str(one["member_code"]),
            f"{word}no{rank}": str(one["member_name"])[:SHORT_NAME],
            f"{side}vol{rank}": one["volume"],
            f"{side}diff{rank}": decimals(one["share_pct"]),
        }
        abroad[side] += one["volume"] if one["foreign_house"] else 0
    return found | {"fwsvl": abroad["s"], "fwdvl": abroad["d"]}


def t8436(desk: Desk) -> Told:
    """Every stock that is listed today, of both markets or one."""
    market = MARKETS.get(desk.text("gubun"))
    found = []
    for code in desk.figures.codes:
        known = desk.figures.listed(code, desk.moment.day)
        quote = desk.quote(code) if known else None
        if known is None or (market and known["market"] != market):
            continue
        number = next(number for number, name in MARKETS.items() if name == known["market"])
        row = desk.empty("t8436OutBlock") | {"hname": known["name"], "shcode": code, "expcode": known["isin"]}
        row |= {"gubun": number, "bu12gubun": SHARES}
        if quote is not None:
            row |= {"uplmtprice": quote.upper, "dnlmtprice": quote.lower}
            row |= {"jnilclose": quote.previous, "recprice": quote.base}
        found.append(row)
    return Told({"t8436OutBlock": found})


def t9945(desk: Desk) -> Told:
    """Stocks of one market; none trades at Nextrade."""
    market = MARKETS[desk.text("gubun")]
    found: list[Row] = []
    for code in desk.figures.codes:
        known = desk.figures.listed(code, desk.moment.day)
        if known is not None and known["market"] == market:
            row: Row = {"hname": known["name"], "shcode": code, "expcode": known["isin"], "nxt_chk": "0"}
            found.append(desk.empty("t9945OutBlock") | row)
    return Told({"t9945OutBlock": found})
