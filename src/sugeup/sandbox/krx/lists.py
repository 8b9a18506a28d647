"""The lists of a day as the exchange prints them: every value text, a day that is not out yet with every figure 0."""

from __future__ import annotations

from datetime import date, datetime, time

from sugeup.market import sector_names
from sugeup.sandbox.figures import Figures
from sugeup.sandbox.moment import Moment
from sugeup.specifications import specification

Row = dict[str, str]
LAG, AT = 1, time(8, 0)
_SPECIFICATION = specification("krx")
FIELDS: dict[str, dict[str, str]] = {name: one["fields"] for name, one in _SPECIFICATION["endpoints"].items()}
_INDICES = {code: one["index"] for code, one in _SPECIFICATION["markets"].items()}
_MARKETS = {"stk": "KOSPI", "ksq": "KOSDAQ", "kospi": "KOSPI", "kosdaq": "KOSDAQ"}
_SECTION = {"KOSPI": "", "KOSDAQ": "중견기업부"}
_GROUP, _ORDINARY, _PREFERRED = "주권", "보통주", "구형우선주"


def answer(api: str, text: str, figures: Figures, moment: Moment) -> list[Row]:
    """The list of an API for the day written in `text`; empty for no day, a closed day and one that lies ahead."""
    day = _day(text)
    if day is None or day not in figures.sessions or day > moment.day:
        return []
    out = moment.public(LAG, AT)
    shown = out is not None and day <= out
    market = _MARKETS[api.split("_", 1)[0]]
    if api.endswith("_isu_base_info"):
        return _listed(api, figures, market, day) if shown else []
    rows = _indices(api, figures, market, day) if api.endswith("dd_trd") and "bydd" not in api else None
    found = _stocks(api, figures, market, day) if rows is None else rows
    return found if shown else [_blank(api, row) for row in found]


def _stocks(api: str, figures: Figures, market: str, day: date) -> list[Row]:
    found = []
    for code, row in figures.day("daily_bars", day).items():
        stock = figures.known(code, day)
        if stock is None or stock["market"] != market:
            continue
        close, base = int(row["raw_close"]), int(row["base_price"])
        found.append(
            _filled(
                api,
                BAS_DD=_written(day),
                ISU_CD=code,
                ISU_NM=str(stock["name"]),
                MKT_NM=market,
                SECT_TP_NM=_SECTION[market],
                TDD_CLSPRC=str(close),
                CMPPREVDD_PRC=str(close - base),
                FLUC_RT=f"{100 * (close - base) / base:.2f}",
                TDD_OPNPRC=str(row["raw_open"] or 0),
                TDD_HGPRC=str(row["raw_high"] or 0),
                TDD_LWPRC=str(row["raw_low"] or 0),
                ACC_TRDVOL=str(row["volume"]),
                ACC_TRDVAL=str(row["amount"]),
                MKTCAP=str(row["market_cap"]),
                LIST_SHRS=str(row["listed_shares"]),
            )
        )
    return found


def _indices(api: str, figures: Figures, market: str, day: date) -> list[Row]:
    """Indices by name: those of the market, and industries of the exchange's list."""
    found = []
    for code, row in figures.day("index_day", day).items():
        name = _name(code, market)
        if name is None:
            continue
        before = figures.scope("index_day", code).before(day) or {"close": row["open"]}
        change = round(row["close"] - before["close"], 2)
        found.append(
            _filled(
                api,
                BAS_DD=_written(day),
                IDX_CLSS=market,
                IDX_NM=name,
                CLSPRC_IDX=f"{row['close']:.2f}",
                CMPPREVDD_IDX=f"{change:.2f}",
                FLUC_RT=f"{100 * change / before['close']:.2f}",
                OPNPRC_IDX=f"{row['open']:.2f}",
                HGPRC_IDX=f"{row['high']:.2f}",
                LWPRC_IDX=f"{row['low']:.2f}",
                ACC_TRDVOL=str(row["volume"]),
                ACC_TRDVAL=str(row["amount"]),
                MKTCAP=str(_cap(figures, code, day)),
            )
        )
    return found


def _listed(api: str, figures: Figures, market: str, day: date) -> list[Row]:
    found = []
    for code in figures.codes:
        stock = figures.listed(code, day)
        if stock is None or stock["market"] != market:
            continue
        found.append(
            _filled(
                api,
                ISU_CD=stock["isin"],
                ISU_SRT_CD=code,
                ISU_NM=f"{stock['name']}{_ORDINARY if not stock['is_preferred'] else ''}",
                ISU_ABBRV=stock["name"],
                ISU_ENG_NM=stock["name_en"],
                LIST_DD=_written(stock["listed_on"]),
                MKT_TP_NM=market,
                SECUGRP_NM=_GROUP,
                SECT_TP_NM=_SECTION[market],
                KIND_STKCERT_TP_NM=_PREFERRED if stock["is_preferred"] else _ORDINARY,
                PARVAL=str(stock["par_amount"]),
                LIST_SHRS=str(stock["listed_shares"]),
            )
        )
    return found


def _name(code: str, market: str) -> str | None:
    """What an index is called in the list of a market; None when it is not in it."""
    if code in _INDICES:
        return str(_INDICES[code]) if ("KOSDAQ" if code == "KOSDAQ" else "KOSPI") == market else None
    industry = sector_names.industry(code)
    return None if industry is None or industry.market != market else industry.korean


def _cap(figures: Figures, code: str, day: date) -> int:
    """Value of the members of a market; of an industry, of the stocks that belong to it."""
    if code == "KOSPI200":
        return sum(row["market_cap"] for one, row in figures.day("daily_bars", day).items() if one in figures.large)
    bars = figures.day("daily_bars", day).items()
    if code in _INDICES:
        return sum(row["market_cap"] for one, row in bars if (figures.known(one, day) or {}).get("market") == code)
    return sum(row["market_cap"] for one, row in bars if figures.sector(one, day)[0] == code)


def _filled(api: str, **values: str) -> Row:
    """A row with every field of the API, in its order."""
    unknown = set(values) - set(FIELDS[api])
    if unknown:
        raise ValueError(f"{api} has no {', '.join(sorted(unknown))}")
    return {name: values.get(name, "") for name in FIELDS[api]}


def _blank(api: str, row: Row) -> Row:
    """The row as it stands before it is out: names are there, every figure is 0."""
    figures = {"won", "shares", "points", "percent"}
    return {name: "0" if FIELDS[api][name] in figures else value for name, value in row.items()}


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        return None


def _written(day: date) -> str:
    return f"{day:%Y%m%d}"
