"""순위: stocks ranked by volume, capitalisation and large trades, 30 at most; 주식기본조회; 휴장일."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sugeup.market import sessions as calendar
from sugeup.sandbox.board import Quote
from sugeup.sandbox.kis.desk import NXT, Blocks, Desk, changes
from sugeup.sandbox.kis.envelope import EOK, Answer, Row, day, done, share, spaced, units, whole

SHOWN = 30
HOLIDAYS_SHOWN = 24
_MARKETS = {"0001": "KOSPI", "1001": "KOSDAQ"}
_RENEWED = 10
"""While the market trades, rankings are made anew every so many minutes."""


def _ranked(desk: Desk, key: Callable[[Quote], float]) -> list[tuple[str, Quote]]:
    """Codes and quotes of the listed stocks of the market asked for, the largest first."""
    quotes: dict[str, Quote] = desk.figures.once(
        f"quotes {desk.moment.day} {desk.moment.state} {desk.moment.minute // _RENEWED}", lambda: _quotes(desk)
    )
    scope = desk.given.get("FID_INPUT_ISCD", "0000")
    market, large = _MARKETS.get(scope), scope == "2001"
    on = desk.moment.day
    chosen = [
        (code, quote)
        for code, quote in quotes.items()
        if (market is None or (desk.figures.known(code, on) or {}).get("market") == market)
        and (not large or code in desk.figures.large)
    ]
    chosen.sort(key=lambda pair: (-key(pair[1]), pair[0]))
    return chosen[:SHOWN]


def _quotes(desk: Desk) -> dict[str, Quote]:
    found = {}
    for code in desk.figures.codes:
        quote = desk.quote(code) if desk.figures.listed(code, desk.moment.day) else None
        if quote is not None:
            found[code] = quote
    return found


def _head(desk: Desk, rank: int, code: str, quote: Quote) -> Row:
    return {
        "hts_kor_isnm": desk.name(code),
        "mksc_shrn_iscd": code,
        "data_rank": str(rank),
        "stck_prpr": whole(quote.price),
        **changes(quote.price, quote.base, quote.limit),
        "acml_vol": whole(quote.volume),
    }


def volume_rank(desk: Desk) -> Blocks:
    """Most traded stocks now: by volume, by growth of it, by turnover of shares, by won."""
    keys: dict[str, Callable[[Quote], float]] = {
        "0": lambda quote: quote.volume,
        "1": lambda quote: quote.volume / quote.previous_volume if quote.previous_volume else 0.0,
        "2": lambda quote: quote.volume / quote.listed_shares,
        "3": lambda quote: quote.amount,
        "4": lambda quote: quote.amount / (quote.price * quote.listed_shares),
    }
    if desk.venue == NXT:
        return {"output": []}
    rows = []
    for rank, (code, quote) in enumerate(_ranked(desk, keys[desk.given["FID_BLNG_CLS_CODE"]]), 1):
        shares = share(quote.volume, quote.listed_shares)
        won = share(quote.amount, quote.price * quote.listed_shares)
        rows.append(
            desk.empty("output")
            | _head(desk, rank, code, quote)
            | {
                "prdy_vol": whole(quote.previous_volume),
                "lstn_stcn": whole(quote.listed_shares),
                "avrg_vol": whole(quote.volume),
                "n_befr_clpr_vrss_prpr_rate": share(quote.change, quote.base),
                "vol_inrt": share(quote.volume, quote.previous_volume),
                "vol_tnrt": shares,
                "nday_vol_tnrt": shares,
                "avrg_tr_pbmn": whole(quote.amount),
                "tr_pbmn_tnrt": won,
                "nday_tr_pbmn_tnrt": won,
                "acml_tr_pbmn": whole(quote.amount),
            }
        )
    return {"output": rows}


def market_cap(desk: Desk) -> Blocks:
    """Largest stocks now."""
    if desk.venue == NXT:
        return {"output": []}
    session = desk.moment.closed
    total = sum(row["market_cap"] or 0 for row in desk.figures.day("daily_bars", session).values()) if session else 0
    return {
        "output": [
            _head(desk, rank, code, quote)
            | {
                "lstn_stcn": whole(quote.listed_shares),
                "stck_avls": units(quote.price * quote.listed_shares, EOK),
                "mrkt_whol_avls_rlim": share(quote.price * quote.listed_shares, total),
            }
            for rank, (code, quote) in enumerate(_ranked(desk, lambda quote: quote.price * quote.listed_shares), 1)
        ]
    }


def bulk_trans_num(desk: Desk) -> Blocks:
    """Large trades are not counted by the simulated market: the most traded stocks with counts of 0."""
    if desk.venue == NXT:
        return {"output": []}
    return {
        "output": [
            _head(desk, rank, code, quote) | {"shnu_cntg_csnu": "0", "seln_cntg_csnu": "0", "ntby_cnqn": "0"}
            for rank, (code, quote) in enumerate(_ranked(desk, lambda quote: quote.amount), 1)
        ]
    }


def search_stock_info(desk: Desk) -> Blocks | Answer:
    """What a stock is: market, shares, dates of listing and of its end."""
    code, on = desk.given["PDNO"].strip(), desk.moment.day
    row, stock = desk.empty("output"), desk.figures.known(code, on)
    said = spaced("조회되었습니다", 80)
    if stock is None:
        return done({"output": dict.fromkeys(row, "")}, "KIOK0530", said)
    kosdaq = stock["market"] == "KOSDAQ"
    sector, name = desk.figures.sector(code, on)
    closed = desk.moment.closed
    bars = desk.figures.stock("daily_bars", code).newest_first(None, closed, 2)
    marks = desk.figures.marks(code, closed) if closed else {}
    gone = stock["delisted_on"] if stock["delisted_on"] and stock["delisted_on"] < on else None
    row |= {
        "pdno": f"00000A{code}",
        "prdt_type_cd": "300",
        "mket_id_cd": "KSQ" if kosdaq else "STK",
        "scty_grp_id_cd": "ST",
        "excg_dvsn_cd": "03" if kosdaq else "02",
        "setl_mmdd": "12",
        "lstg_stqt": whole(stock["listed_shares"]),
        "cpta": whole(stock["listed_shares"] * stock["par_amount"]),
        "papr": whole(stock["par_amount"]),
        "issu_pric": whole(stock["par_amount"]),
        "kospi200_item_yn": "Y" if code in desk.figures.large else "N",
        "scts_mket_lstg_dt": "" if kosdaq else day(stock["listed_on"]),
        "scts_mket_lstg_abol_dt": "" if kosdaq else day(gone),
        "kosdaq_mket_lstg_dt": day(stock["listed_on"]) if kosdaq else "",
        "kosdaq_mket_lstg_abol_dt": day(gone) if kosdaq else "",
        "etf_dvsn_cd": "0",
        "idx_bztp_mcls_cd": sector[1:],
        "idx_bztp_mcls_cd_name": name,
        "stck_kind_cd": "201" if stock["is_preferred"] else "101",
        "prdt_name": f"{stock['name']}{'' if stock['is_preferred'] else '보통주'}",
        "prdt_name120": f"{stock['name']}{'' if stock['is_preferred'] else '보통주'}",
        "prdt_abrv_name": stock["name"],
        "std_pdno": stock["isin"],
        "prdt_eng_name": stock["name_en"],
        "prdt_eng_name120": stock["name_en"],
        "prdt_eng_abrv_name": stock["name_en"],
        "dpsi_aptm_erlm_yn": "Y",
        "lstg_abol_dt": day(gone),
        "tr_stop_yn": "Y" if "HALT" in marks else "N",
        "admn_item_yn": "Y" if "ADMINISTRATIVE" in marks else "N",
        "thdt_clpr": whole(bars[0]["raw_close"] if bars else 0),
        "bfdy_clpr": whole(bars[1]["raw_close"] if len(bars) > 1 else 0),
        "clpr_chng_dt": day(bars[0]["session"] if bars else None),
        "elec_scty_yn": "Y",
    }
    if "cptt_trad_tr_psbl_yn" in row:
        row |= {"cptt_trad_tr_psbl_yn": "Y" if stock["nxt_tradable"] else "N", "nxt_tr_stop_yn": "N"}
    return done({"output": row}, "KIOK0530", said)


def chk_holiday(desk: Desk) -> Blocks | Answer:
    """Every date from one on, with flags; `opnd_yn` says whether the exchange opens."""
    first = desk.dated("BASS_DT") or desk.moment.day
    days = [first + timedelta(days=number) for number in range(HOLIDAYS_SHOWN)]
    rows = []
    for one in days:
        opened = "Y" if calendar.is_session(one) else "N"
        business = "N" if one.weekday() >= 5 or (opened == "N" and not _year_end(one)) else "Y"
        rows.append(
            {
                "bass_dt": day(one),
                "wday_dvsn_cd": f"{one.isoweekday() % 7 + 1:02d}",
                "bzdy_yn": business,
                "tr_day_yn": "Y",
                "opnd_yn": opened,
                "sttl_day_yn": opened,
            }
        )
    keys = {"ctx_area_nk": spaced(day(days[-1]), 20), "ctx_area_fk": spaced(day(first), 20)}
    said = spaced("조회가 계속됩니다..다음버튼을 Click 하십시오.", 80)
    return done({**keys, "output": rows}, "KIOK0500", said, more="M")


def _year_end(on: date) -> bool:
    """Banks open on the last weekday of the year, on which the exchange rests."""
    return on.month == 12 and on.day >= 29
