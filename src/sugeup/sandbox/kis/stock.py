"""주식현재가, 관심종목: prices of stocks now, one by one and thirty at once."""

from __future__ import annotations

from sugeup.market import rules
from sugeup.sandbox.board import Quote
from sugeup.sandbox.kis.bars import adjusted
from sugeup.sandbox.kis.desk import INDEX_NAMES, INDICES, NXT, Blocks, Desk, changes
from sugeup.sandbox.kis.envelope import EOK, MILLION, THOUSAND, Row, day, hundredths, share, sign, units, whole
from sugeup.sandbox.kis.index import level
from sugeup.sandbox.kis.program import net_volume
from sugeup.sandbox.moment import EVENING, SETTLED

_LISTED_DIVISION = {"KOSPI": "거래소", "KOSDAQ": "코스닥", "KONEX": "코넥스"}


def inquire_price(desk: Desk) -> Blocks:
    """Everything about one stock now."""
    row = desk.empty("output")
    code = desk.code
    quote = desk.quote(code) if code else None
    if quote is None or desk.venue == NXT:
        return {"output": row}
    row |= _now(desk, code, quote) | _past(desk, code, quote) | _held(desk, code)
    return {"output": row}


def _now(desk: Desk, code: str, quote: Quote) -> Row:
    stock = desk.figures.known(code, desk.moment.day) or {}
    marks = desk.figures.marks(code, quote.session)
    mean = quote.amount / quote.volume if quote.volume else 0.0
    pivot = (quote.high + quote.low + quote.price) // 3 if quote.volume else quote.price
    return {
        "iscd_stat_cls_code": _status(marks),
        "marg_rate": "40.00",
        "rprs_mrkt_kor_name": desk.segment(code),
        "bstp_kor_isnm": desk.figures.sector(code, desk.moment.day)[1],
        "temp_stop_yn": "Y" if quote.halted else "N",
        "crdt_able_yn": "Y",
        "grmn_rate_cls_code": "40",
        "stck_prpr": whole(quote.price),
        **changes(quote.price, quote.base, quote.limit),
        "acml_tr_pbmn": whole(quote.amount),
        "acml_vol": whole(quote.volume),
        "prdy_vrss_vol_rate": share(quote.volume, quote.previous_volume),
        "stck_oprc": whole(quote.open),
        "stck_hgpr": whole(quote.high),
        "stck_lwpr": whole(quote.low),
        "stck_mxpr": whole(quote.upper),
        "stck_llam": whole(quote.lower),
        "stck_sdpr": whole(quote.base),
        "wghn_avrg_stck_prc": hundredths(mean),
        "pvt_pont_val": whole(pivot),
        "pvt_frst_dmrs_prc": whole(2 * pivot - quote.low if quote.volume else pivot),
        "pvt_frst_dmsp_prc": whole(2 * pivot - quote.high if quote.volume else pivot),
        "pvt_scnd_dmrs_prc": whole(pivot + quote.high - quote.low),
        "pvt_scnd_dmsp_prc": whole(pivot - quote.high + quote.low),
        "dmrs_val": whole(pivot + (quote.high - quote.low) // 2),
        "dmsp_val": whole(pivot - (quote.high - quote.low) // 2),
        "cpfn": units(int(stock["par_amount"]) * quote.listed_shares, EOK),
        "rstc_wdth_prc": whole(quote.upper - quote.base),
        "stck_fcam": whole(stock["par_amount"]),
        "stck_sspr": whole(quote.previous * 8 // 10),
        "aspr_unit": whole(_tick(quote)),
        "hts_deal_qty_unit_val": "1",
        "lstn_stcn": whole(quote.listed_shares),
        "hts_avls": units(quote.price * quote.listed_shares, EOK),
        "stac_month": "12",
        "vol_tnrt": share(quote.volume, quote.listed_shares),
        "ssts_yn": "Y",
        "stck_shrn_iscd": code,
        "fcam_cnnm": f"{stock['par_amount']:,}",
        "cpfn_cnnm": f"{int(stock['par_amount']) * quote.listed_shares // EOK:,} 억",
        "vi_cls_code": "N",
        "ovtm_vi_cls_code": "N",
        "mrkt_warn_cls_code": f"0{marks.get('WARNING') or 0}",
        "short_over_yn": "Y" if "SHORT_OVERHEAT" in marks else "N",
        "sltr_yn": "Y" if "LIQUIDATION" in marks else "N",
        "mang_issu_cls_code": "Y" if "ADMINISTRATIVE" in marks else "N",
    }


def _status(marks: dict[str, str]) -> str:
    """58 halted, 51 under administration, 52 danger, 53 warning, 54 caution, 55 ordinary."""
    for kind, code in (("HALT", "58"), ("LIQUIDATION", "51"), ("ADMINISTRATIVE", "51")):
        if kind in marks:
            return code
    warned = marks.get("WARNING")
    return {"1": "54", "2": "53", "3": "52"}.get(warned or "", "55")


def _tick(quote: Quote) -> int:
    return rules.tick(quote.price, quote.session) or 1


def _past(desk: Desk, code: str, quote: Quote) -> Row:
    """Highest and lowest closes' prices of 250 sessions, of the year and of 52 weeks, adjusted for splits."""
    found: Row = {}
    bars = [row for row in adjusted(desk, code, desk.bars(code, None, None, 252)) if row["raw_high"]]
    year = desk.moment.day.year
    spans = {
        "d250": (bars[:250], "d250_hgpr_vrss_prpr_rate", "d250_lwpr_vrss_prpr_rate"),
        "w52": (bars, "w52_hgpr_vrss_prpr_ctrt", "w52_lwpr_vrss_prpr_ctrt"),
        "dryy": (
            [row for row in bars if row["session"].year == year],
            "dryy_hgpr_vrss_prpr_rate",
            "dryy_lwpr_vrss_prpr_rate",
        ),
    }
    for name, (rows, high_rate, low_rate) in spans.items():
        if not rows:
            continue
        top = max(rows, key=lambda row: row["raw_high"])
        bottom = min(rows, key=lambda row: row["raw_low"])
        prefix = "stck_dryy" if name == "dryy" else name
        found |= {
            f"{prefix}_hgpr": whole(top["raw_high"]),
            f"{prefix}_lwpr": whole(bottom["raw_low"]),
            f"{name}_hgpr_date": day(top["session"]),
            f"{name}_lwpr_date": day(bottom["session"]),
            high_rate: share(quote.price - top["raw_high"], top["raw_high"]),
            low_rate: share(quote.price - bottom["raw_low"], bottom["raw_low"]),
        }
    return found


def _held(desk: Desk, code: str) -> Row:
    """Foreign holding of the session before, programme net and short volume: what is public now."""
    moment, figures = desk.moment, desk.figures
    held = figures.stock("foreign_holding", code).newest_first(None, moment.public(1, SETTLED), 1)
    flows = figures.stock("investor_day_stock", code).at(moment.investors) if moment.shown == moment.investors else None
    short = figures.stock("short_day", code).newest_first(None, moment.public(0, EVENING), 1)
    credit = figures.stock("credit", code).newest_first(None, moment.public(2, SETTLED), 1)
    return {
        "frgn_hldn_qty": whole(held[0]["held_shares"] if held else 0),
        "hts_frgn_ehrt": hundredths(held[0]["limit_use_pct"] if held else 0.0),
        "frgn_ntby_qty": whole(flows["foreign_net_volume"] if flows else 0),
        "pgtr_ntby_qty": whole(net_volume(desk, code)),
        "last_ssts_cntg_qty": whole(short[0]["short_volume"] if short else 0),
        "whol_loan_rmnd_rate": share(
            credit[0]["loan_balance_shares"] if credit else 0, held[0]["listed_shares"] if held else 0
        ),
    }


def intstock_multprice(desk: Desk) -> Blocks:
    """Up to 30 stocks and indices at once, in the order asked; unknown codes have no row."""
    found = []
    for number in range(1, 31):
        code = desk.given.get(f"FID_INPUT_ISCD_{number}", "").strip()
        venue = desk.given.get(f"FID_COND_MRKT_DIV_CODE_{number}", "").strip()
        row = _one_index(desk, code) if venue == "U" else _one_of_many(desk, code, venue)
        if row:
            found.append(row)
    return {"output": found}


def _one_of_many(desk: Desk, code: str, venue: str) -> Row | None:
    stock = desk.figures.listed(code, desk.moment.day) if code else None
    quote = desk.quote(code) if stock else None
    if quote is None or stock is None or venue == NXT:
        return None
    tick = _tick(quote)
    return desk.empty("output") | {
        "kospi_kosdaq_cls_name": _LISTED_DIVISION[stock["market"]],
        "mrkt_trtm_cls_name": _LISTED_DIVISION[stock["market"]],
        "hour_cls_code": "0",
        "inter_shrn_iscd": code,
        "inter_kor_isnm": stock["name"],
        "inter2_prpr": whole(quote.price),
        "inter2_prdy_vrss": whole(quote.change),
        "prdy_vrss_sign": sign(quote.change, quote.limit),
        "prdy_ctrt": share(quote.change, quote.base),
        "acml_vol": whole(quote.volume),
        "inter2_oprc": whole(quote.open),
        "inter2_hgpr": whole(quote.high),
        "inter2_lwpr": whole(quote.low),
        "inter2_llam": whole(quote.lower),
        "inter2_mxpr": whole(quote.upper),
        "inter2_askp": whole(quote.price + tick),
        "inter2_bidp": whole(quote.price),
        "acml_tr_pbmn": whole(quote.amount),
        "inter2_prdy_clpr": whole(quote.previous),
        "oprc_vrss_hgpr_rate": share(quote.high - quote.open, quote.open),
        "intr_antc_cntg_vrss_sign": "3",
        "inter2_sdpr": whole(quote.base),
    }


def _one_index(desk: Desk, code: str) -> Row | None:
    now = level(desk, code)
    if now is None:
        return None
    blank = dict.fromkeys(desk.empty("output"), "")
    return blank | {
        "kospi_kosdaq_cls_name": "업종",
        "hour_cls_code": "2",
        "inter_shrn_iscd": code,
        "inter_kor_isnm": INDEX_NAMES.get(code, INDICES.get(code, code)),
        "inter2_prpr": hundredths(now.close),
        "inter2_prdy_vrss": hundredths(now.change),
        "prdy_vrss_sign": sign(now.change),
        "prdy_ctrt": share(now.change, now.previous),
        "acml_vol": units(now.volume, THOUSAND),
        "inter2_oprc": hundredths(now.open),
        "inter2_hgpr": hundredths(now.high),
        "inter2_lwpr": hundredths(now.low),
        "acml_tr_pbmn": units(now.amount, MILLION),
        "inter2_prdy_clpr": hundredths(now.previous),
        "inter2_sdpr": hundredths(now.previous),
    }
