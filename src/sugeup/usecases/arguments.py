"""Parameter types that use-cases share, so that an argument is explained once for every tool."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field


def _code(value: Any) -> Any:
    """Clients send codes as integers; text is what the field wants."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _upper(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


def _session(value: Any) -> Any:
    """Accept 20260529 as well as 2026-05-29."""
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else value
    if isinstance(text, str):
        if len(text) == 8 and text.isdigit():
            text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError("a date is written YYYY-MM-DD, for example 2026-05-29") from None
    return value


StockCode = Annotated[
    str,
    BeforeValidator(_code),
    Field(
        min_length=1, max_length=40, description="종목코드, six characters: 005930. 5930 works; so does an exact name."
    ),
]
Session = Annotated[
    date,
    BeforeValidator(_session),
    Field(description="거래일 YYYY-MM-DD that ends the window; default: the newest stored."),
]
MarketOrAll = Annotated[
    Literal["ALL", "KOSPI", "KOSDAQ"], BeforeValidator(_upper), Field(description="ALL = KOSPI + KOSDAQ.")
]
Market = Annotated[Literal["KOSPI", "KOSDAQ"], BeforeValidator(_upper)]
InvestorType = Annotated[
    Literal["FOREIGN", "INSTITUTION", "INDIVIDUAL", "ALL"],
    BeforeValidator(_upper),
    Field(description="Whose trading: 외국인, 기관, 개인, or all with 기타법인."),
]
Period = Annotated[
    Literal["1D", "5D", "20D", "60D"], BeforeValidator(_upper), Field(description="Exchange sessions, not days.")
]
Details = Annotated[bool, Field(description="False: only buy, sell, net, net to turnover and net ratio.")]
Limit = Annotated[int, Field(ge=1, le=500, description="Rows at most.")]
Cursor = Annotated[str, Field(max_length=200, description="The `next_cursor` of the page before.")]
