"""Reports as the regulator prints them: every value text, commas between thousands, - for none, lines in reasons."""

from __future__ import annotations

from sugeup.sandbox.dart.reports import STATUS, Report
from sugeup.specifications import specification

Row = dict[str, str]
_ENDPOINTS = specification("dart")["endpoints"]
FIELDS: dict[str, dict[str, str]] = {name: one["fields"] for name, one in _ENDPOINTS.items()}
_CLASSES = {"KOSPI": "Y", "KOSDAQ": "K"}
_NONE = "-"


def listed(report: Report, corp: str, company: str, market: str) -> Row:
    """The row of the feed."""
    return _filled(
        "list",
        corp_cls=_CLASSES[market],
        corp_name=company,
        corp_code=corp,
        stock_code=report.code,
        report_nm=report.name,
        rcept_no=report.number,
        flr_nm=report.holder,
        rcept_dt=f"{report.filed:%Y%m%d}",
        rm="유" if market == "KOSPI" else "코",
    )


def told(report: Report, corp: str, company: str, market: str) -> list[Row]:
    """The rows of the report's own call."""
    known = {"rcept_no": report.number, "corp_code": corp, "corp_name": company}
    if report.call == "majorstock":
        return [_filled(report.call, **known, **_major(report))]
    if report.call == "elestock":
        return [_filled(report.call, **known, **_officer(report))]
    known |= {"corp_cls": _CLASSES[market]}
    if report.call == STATUS:
        return [_filled(report.call, **known, **row) for row in _status(report)]
    return [_filled(report.call, **known, **_decision(report))]


def _major(report: Report) -> Row:
    return {
        "rcept_dt": f"{report.filed:%Y-%m-%d}",
        "report_tp": "일반" if report.holder.startswith("주요") else "약식",
        "repror": report.holder,
        "stkqy": _whole(report.held),
        "stkqy_irds": _whole(report.change),
        "stkrt": _percent(report.held, report.listed),
        "stkrt_irds": _percent(report.change, report.listed),
        "ctr_stkqy": _NONE,
        "ctr_stkrt": _NONE,
        "report_resn": "- 장내매매\n- 보유비율 변동",
    }


def _officer(report: Report) -> Row:
    return {
        "rcept_dt": f"{report.filed:%Y-%m-%d}",
        "repror": report.holder,
        "isu_exctv_rgist_at": "등기임원" if report.holder.startswith("등기") else _NONE,
        "isu_exctv_ofcps": _NONE,
        "isu_main_shrholdr": "10%이상주주" if report.holder.startswith("주요") else _NONE,
        "sp_stock_lmp_cnt": _whole(report.held),
        "sp_stock_lmp_irds_cnt": _whole(report.change),
        "sp_stock_lmp_rate": _percent(report.held, report.listed),
        "sp_stock_lmp_irds_rate": _percent(report.change, report.listed),
    }


def _decision(report: Report) -> Row:
    held = {
        "aq_wtn_div_ostk": _whole(report.held) if report.held else _NONE,
        "aq_wtn_div_ostk_rt": _percent(report.held, report.listed) if report.held else _NONE,
        "eaq_ostk": _NONE,
        "eaq_ostk_rt": _NONE,
    }
    planned = _whole(abs(report.change))
    match report.call:
        case "tsstkAqDecsn":
            return held | {
                "aqpln_stk_ostk": planned,
                "aqpln_stk_estk": _NONE,
                "aq_pp": "주가안정",
                "aq_mth": "장내매수",
            }
        case "tsstkDpDecsn":
            return held | {"dppln_stk_ostk": planned, "dppln_stk_estk": _NONE, "dp_pp": "임직원 상여"}
        case "tsstkAqTrctrCnsDecsn":
            return held | {"ctr_prc": "1,000,000,000", "ctr_pp": "주가안정", "ctr_cns_int": "모의증권"}
        case _:
            return held | {"ctr_prc_bfcc": "1,000,000,000", "ctr_prc_atcc": _NONE, "cc_pp": "계약기간 만료"}


def _status(report: Report) -> list[Row]:
    """A way of buying, then the totals of ordinary and of preferred shares."""
    figures = {
        "bsis_qy": report.before,
        "change_qy_acqs": report.bought,
        "change_qy_dsps": report.sold,
        "change_qy_incnr": 0,
        "trmend_qy": report.held,
    }
    filled = {name: _whole(value) if value else _NONE for name, value in figures.items()}
    ways = ("배당가능이익범위 이내 취득", "직접취득", "장내직접취득"), ("총계", "총계", "총계")
    rows = [{"acqs_mth1": one, "acqs_mth2": two, "acqs_mth3": three} for one, two, three in ways]
    nothing = dict.fromkeys(figures, _NONE)
    return [
        rows[0] | {"stock_knd": "보통주식"} | filled,
        rows[1] | {"stock_knd": "보통주식"} | filled,
        rows[1] | {"stock_knd": "우선주식"} | nothing,
    ]


def _filled(call: str, **values: str) -> Row:
    """A row with every field of the call, in its order."""
    unknown = set(values) - set(FIELDS[call])
    if unknown:
        raise ValueError(f"{call} has no {', '.join(sorted(unknown))}")
    return {name: values.get(name, _NONE) for name in FIELDS[call]}


def _whole(value: int) -> str:
    return f"{value:,}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}"
