"""업종: levels of indices now, and the sectors side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sugeup.sandbox import sectors
from sugeup.sandbox.figures import Found
from sugeup.sandbox.kis.desk import INDEX_NAMES, INDICES, Blocks, Desk
from sugeup.sandbox.kis.envelope import MILLION, THOUSAND, Row, day, hundredths, share, sign, units, whole
from sugeup.sandbox.moment import State

_SECTOR_NAMES = {sector.code: sector.name for sector in sectors.ALL}


@dataclass(frozen=True, eq=False)
class Level:
    """An index at a moment; volume and turnover of its market in shares and won."""

    session: date
    open: float
    high: float
    low: float
    close: float
    previous: float
    volume: int
    amount: int
    previous_row: Found
    counts: tuple[int, int, int]
    """Risen, fallen and unchanged stocks; zeros until the close."""

    @property
    def change(self) -> float:
        """Level less yesterday's close."""
        return round(self.close - self.previous, 2)


def index_name(code: str) -> str:
    """Korean name of an index code."""
    return INDEX_NAMES.get(code) or _SECTOR_NAMES.get(code) or code


def level(desk: Desk, code: str) -> Level | None:
    """An index now; None when there is none of that code, or no session yet."""
    index, session = INDICES.get(code, code), desk.moment.shown
    history = desk.figures.scope("index_day", index)
    today = None if session is None else history.at(session)
    if session is None or today is None:
        return None
    before = history.before(session) or {"close": today["open"], "volume": 0, "amount": 0}
    counts = (today["advancers"] or 0, today["decliners"] or 0, today["unchanged"] or 0)
    previous = float(before["close"])
    moment = desk.moment
    if session != moment.day or moment.state is State.AFTER:
        prices = (today["open"], today["high"], today["low"], today["close"])
        return Level(session, *prices, previous, today["volume"], today["amount"], before, counts)
    rows = desk.figures.intraday("index_minute", session, index) if moment.state is State.OPEN else None
    upto = rows.upto(desk.ended(session)) if rows else 0
    if rows is None or not upto:
        return Level(session, previous, previous, previous, previous, previous, 0, 0, before, (0, 0, 0))
    columns = rows.columns
    return Level(
        session,
        columns["open"][0],
        max(columns["high"][:upto]),
        min(columns["low"][:upto]),
        columns["close"][upto - 1],
        previous,
        columns["volume"][upto - 1],
        columns["amount"][upto - 1],
        before,
        (0, 0, 0),
    )


def changed(now: Level) -> Row:
    """Fields of a level now and how it moved."""
    return {
        "bstp_nmix_prpr": hundredths(now.close),
        "bstp_nmix_prdy_vrss": hundredths(now.change),
        "prdy_vrss_sign": sign(now.change),
        "bstp_nmix_prdy_ctrt": share(now.change, now.previous),
        "acml_vol": units(now.volume, THOUSAND),
        "acml_tr_pbmn": units(now.amount, MILLION),
        "bstp_nmix_oprc": hundredths(now.open),
        "bstp_nmix_hgpr": hundredths(now.high),
        "bstp_nmix_lwpr": hundredths(now.low),
        "prdy_vol": units(now.previous_row["volume"], THOUSAND),
    }


def _year(desk: Desk, code: str, now: Level) -> Row:
    start = date(desk.moment.day.year, 1, 1)
    rows = desk.figures.scope("index_day", INDICES.get(code, code)).newest_first(start, desk.moment.closed)
    points = [(row["high"], row["low"], row["session"]) for row in rows] + [(now.high, now.low, now.session)]
    top, bottom = max(points), min(points, key=lambda one: one[1])
    return {
        "dryy_bstp_nmix_hgpr": hundredths(top[0]),
        "dryy_bstp_nmix_hgpr_date": day(top[2]),
        "dryy_bstp_nmix_lwpr": hundredths(bottom[1]),
        "dryy_bstp_nmix_lwpr_date": day(bottom[2]),
        "dryy_hgpr_vrss_prpr_rate": share(now.close - top[0], top[0]),
        "dryy_lwpr_vrss_prpr_rate": share(now.close - bottom[1], bottom[1]),
    }


def _breadth(now: Level) -> Row:
    up, down, same = now.counts
    return {
        "ascn_issu_cnt": whole(up),
        "down_issu_cnt": whole(down),
        "stnr_issu_cnt": whole(same),
        "prdy_tr_pbmn": units(now.previous_row["amount"], MILLION),
    }


def inquire_index_price(desk: Desk) -> Blocks:
    """One index now."""
    code = desk.given["FID_INPUT_ISCD"]
    row, now = desk.empty("output"), level(desk, code)
    if now is None:
        return {"output": row}
    moves = {name: round(price - now.previous, 2) for name, price in (("o", now.open), ("h", now.high), ("l", now.low))}
    row |= changed(now) | _breadth(now) | _year(desk, code, now)
    row |= {
        "prdy_nmix_vrss_nmix_oprc": hundredths(moves["o"]),
        "oprc_vrss_prpr_sign": sign(moves["o"]),
        "bstp_nmix_oprc_prdy_ctrt": share(moves["o"], now.previous),
        "prdy_nmix_vrss_nmix_hgpr": hundredths(moves["h"]),
        "hgpr_vrss_prpr_sign": sign(moves["h"]),
        "bstp_nmix_hgpr_prdy_ctrt": share(moves["h"], now.previous),
        "prdy_clpr_vrss_lwpr": hundredths(moves["l"]),
        "lwpr_vrss_prpr_sign": sign(moves["l"]),
        "prdy_clpr_vrss_lwpr_rate": share(moves["l"], now.previous),
    }
    return {"output": row}


def inquire_index_category_price(desk: Desk) -> Blocks:
    """A market and its indices side by side."""
    code, market = desk.given["FID_INPUT_ISCD"], desk.given["FID_MRKT_CLS_CODE"]
    output1, now = desk.empty("output1"), level(desk, code)
    if now is None:
        return {"output1": output1, "output2": []}
    shown = changed(now) | _breadth(now) | _year(desk, code, now)
    output1 |= {name: value for name, value in shown.items() if name in output1}
    first = {"K": "0", "Q": "1", "K2": "2"}[market]
    codes = [one for one, ours in INDICES.items() if one[0] == first and ours in desk.figures.scopes("index_day")]
    codes += sorted(one for one in desk.figures.scopes("index_day") if one[0] == first and one.isdigit())
    rows = []
    for one in codes:
        found = level(desk, one)
        if found is None:
            continue
        row = {name: value for name, value in changed(found).items() if name in desk.blocks["output2"]}
        rows.append(
            desk.empty("output2")
            | row
            | {
                "bstp_cls_code": one,
                "hts_kor_isnm": index_name(one),
                "acml_vol_rlim": share(found.volume, now.volume),
                "acml_tr_pbmn_rlim": "",
            }
        )
    return {"output1": output1, "output2": rows}
