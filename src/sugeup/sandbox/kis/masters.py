"""종목정보 파일 under /common/master/: zipped cp949 text of fixed width, from the specification's table of tails."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from sugeup.sandbox import sectors
from sugeup.sandbox.figures import Figures, Found
from sugeup.sandbox.intraday_members import CODES as MEMBER_CODES
from sugeup.sandbox.intraday_members import NAMES as MEMBER_NAMES
from sugeup.sandbox.kis.envelope import EOK, THOUSAND, day, units
from sugeup.sandbox.moment import Moment
from sugeup.specifications import specification

PATH = "/common/master/"
_WORDS: dict[str, str] = {
    "KOSPI200섹터업종": "large",
    "그룹코드": "group", "증권그룹구분코드": "group",
    "지수업종중분류": "sector", "지수 업종 중분류 코드": "sector",
    "기준가": "base", "주식 기준가": "base",
    "매매수량단위": "lot", "정규 시장 매매 수량 단위": "lot",
    "시간외수량단위": "lot", "시간외 시장 매매 수량 단위": "lot",
    "거래정지": "HALT", "거래정지 여부": "HALT",
    "정리매매": "LIQUIDATION", "정리매매 여부": "LIQUIDATION",
    "관리종목": "ADMINISTRATIVE", "관리 종목 여부": "ADMINISTRATIVE",
    "시장경고": "WARNING", "시장 경고 구분 코드": "WARNING",
    "락구분": "none", "락구분 코드": "none", "액면변경": "none", "액면가 변경 구분 코드": "none",
    "증자구분": "none", "증자 구분 코드": "none",
    "증거금비율": "margin", "증거금 비율": "margin",
    "신용가능": "yes", "신용주문 가능 여부": "yes",
    "신용기간": "days", 
    "전일거래량": "volume", "전일 거래량": "volume",
    "액면가": "par", "주식 액면가": "par",
    "상장일자": "listed", "주식 상장 일자": "listed",
    "상장주수": "shares", "상장 주수(천)": "shares",
    "자본금": "capital",
    "결산월": "month", "결산 월": "month",
    "우선주": "preferred", "우선주 구분 코드": "preferred",
    "공매도과열": "SHORT_OVERHEAT", "공매도과열종목여부": "SHORT_OVERHEAT",
    "시가총액": "cap", "전일기준 시가총액 (억)": "cap",
}  # fmt: skip
"""What a field of the tail holds here, by the name that the specification gives it; others hold N, 0 or blanks."""
_COUNTS = frozenset({"공모가", "공모 가격", "매출액", "영업이익", "경상이익", "당기순이익", "단기순이익"})


def file(name: str, figures: Figures, moment: Moment) -> bytes | None:
    """A master file as it lies there this morning; None when there is no such file."""
    stem, _, kind = name.partition(".mst")
    if stem == "memcode":
        return _encoded(_members()) if not kind else None
    lines = _lines(stem, figures, moment)
    if lines is None or kind != ".zip":
        return None
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            zipfile.ZipInfo(f"{stem}.mst", (moment.day.year, moment.day.month, moment.day.day, 0, 0, 0)),
            _encoded(lines),
        )
    return packed.getvalue()


def _encoded(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("cp949")


def _lines(stem: str, figures: Figures, moment: Moment) -> list[str] | None:
    if stem in {"kospi_code", "nxt_kospi_code"}:
        return _stocks(figures, moment, "KOSPI", nxt=stem.startswith("nxt"))
    if stem in {"kosdaq_code", "nxt_kosdaq_code"}:
        return _stocks(figures, moment, "KOSDAQ", nxt=stem.startswith("nxt"))
    if stem in {"konex_code", "theme_code"}:
        return []
    if stem == "idxcode":
        return _indices()
    if stem == "fo_idx_code_mts":
        return _futures(figures, moment)
    return None


def _stocks(figures: Figures, moment: Moment, market: str, *, nxt: bool) -> list[str]:
    """Code 9, ISIN 12, name, tail: one line per stock listed today; figures are those before today's open."""
    table = {entry["file"]: entry for entry in specification("kis")["master_files"]}
    tail = table[f"{market.lower()}_code.mst.zip"]["tail"]
    upcoming = [one for one in figures.sessions if one >= moment.day]
    session = upcoming[0] if moment.trades and upcoming else moment.closed
    last = moment.closed
    closes: Mapping[str, Found] = figures.day("daily_bars", last) if last else {}
    opens = figures.day("daily_bars", moment.day) if moment.trades else closes
    found = []
    for code in figures.codes:
        stock = figures.listed(code, moment.day)
        if stock is None or stock["market"] != market or (nxt and not stock["nxt_tradable"]):
            continue
        marks = figures.marks(code, session) if session else {}
        values = {"large": "1" if code in figures.large else "0"} | _values(
            stock, marks, closes.get(code), opens.get(code), figures.sector(code, moment.day)[0]
        )
        found.append(f"{code:<9}{stock['isin']}{stock['name']:<40}{_tail(tail, values)}")
    return found


def _values(
    stock: Found, marks: Mapping[str, str], close: Found | None, today: Found | None, sector: str
) -> dict[str, str]:
    flags = ("HALT", "LIQUIDATION", "ADMINISTRATIVE", "SHORT_OVERHEAT")
    return {
        "group": "ST",
        "sector": sector or "0000",
        "base": str(today["base_price"] if today else close["raw_close"] if close else 0),
        "lot": "1",
        "none": "00",
        "margin": "40",
        "yes": "Y",
        "days": "90",
        "volume": str((close["volume"] if close else 0) or 0),
        "par": str(stock["par_amount"]),
        "listed": day(stock["listed_on"]),
        "shares": units(stock["listed_shares"], THOUSAND),
        "capital": str(stock["listed_shares"] * stock["par_amount"]),
        "month": "12",
        "preferred": "1" if stock["is_preferred"] else "0",
        "cap": units(close["market_cap"] if close else 0, EOK),
        "WARNING": f"0{marks.get('WARNING') or 0}",
        **{kind: "Y" if kind in marks else "N" for kind in flags},
    }


def _tail(table: list[Any], values: Mapping[str, str]) -> str:
    text = ""
    for name, offset, width in table:
        assert offset == len(text)
        held = _WORDS.get(name)
        if held is not None:
            value = values[held]
            text += value.zfill(width) if value.isdigit() else value.ljust(width)
        elif name in _COUNTS:
            text += "0" * width
        else:
            text += "N" if width == 1 else "0" * width if width <= 4 else " " * width
    return text


def _indices() -> list[str]:
    """Market digit, index code, name of 40: the indices of the simulated market."""
    rows = [("0001", "종합"), ("1001", "KOSDAQ"), ("2001", "KOSPI200")]
    rows += [(sector.code, sector.name) for sector in sectors.ALL]
    return [f"{code[0]}{code}{name:<40}" for code, name in sorted(rows)]


def _members() -> list[str]:
    """Code 5, name, and last a digit: 1 for a foreign house."""
    return [
        f"{code.zfill(5)}{name} {1 if '외국계' in name else 0}"
        for code, name in zip(MEMBER_CODES, MEMBER_NAMES, strict=True)
    ]


def _futures(figures: Figures, moment: Moment) -> list[str]:
    """The nearest KOSPI200 future: kind, code, ISIN, name, ATM, strike, month class, code and name of the index."""
    session = moment.day if moment.trades else moment.closed
    if session is None:
        return []
    row = figures.once(
        f"contract {session}", lambda: figures.market.rows("futures_minute", session, session).row(0, named=True)
    )
    name = f"F {row['expiry']:%Y%m}"
    return [f"1|{row['contract']}|KR4{row['contract']}0001|{name}| |0.00|1|2001|KOSPI200"]
