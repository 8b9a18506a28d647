"""MCP prompts: workflows that a person starts in a client; each names the tools that answer it and their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from mcp.server.mcpserver.prompts import Prompt
from pydantic import Field

from sugeup.errors import Refused
from sugeup.faces import mcp_prompt_texts as texts
from sugeup.faces.answering import Answering
from sugeup.faces.index import index
from sugeup.faces.mcp_prompt_texts import written

MARKETS = ("ALL", "KOSPI", "KOSDAQ")
PERIODS = ("1D", "5D", "20D", "60D")
SECTOR_PERIODS = ("1D", "5D", "20D")

Language = Annotated[str, Field(description="언어: ko or en; default ko.")]
Market = Annotated[str, Field(description="시장: ALL, KOSPI or KOSDAQ; default ALL.")]


def prompts(answering: Answering) -> tuple[Prompt, ...]:
    """Every prompt over one application, in alphabetical order."""

    def daily_brief(market: Market = "", language: Language = "") -> str:
        chosen = _one_of("market", market, MARKETS)
        return written(
            _language(language),
            f"{_KOREAN[chosen]} 오늘의 수급을 브리핑해 줘.",
            f"Brief me on today's investor flows of the Korean market ({chosen}).",
            texts.daily_brief(chosen),
        )

    def stock_flow_checkup(
        stock_code: Annotated[str, Field(description="종목: a code or an exact name.")],
        period: Annotated[str, Field(description="기간: 1D, 5D, 20D or 60D; default 20D.")] = "",
        language: Language = "",
    ) -> str:
        code, title = _stock(answering, stock_code)
        span = _one_of("period", period, PERIODS, "20D")
        return written(
            _language(language),
            f"{title}의 수급을 점검해 줘. 누가 움직였는지, 얼마나 드문 일인지.",
            f"Check the investor flows of {title}: who is behind its moves, and how unusual that is.",
            texts.stock_flow_checkup(code, span),
        )

    def sector_rotation_review(
        period: Annotated[str, Field(description="기간: 1D, 5D or 20D; default 5D.")] = "",
        sector: Annotated[str, Field(description="업종: look inside this one; code or name.")] = "",
        language: Language = "",
    ) -> str:
        span = _one_of("period", period, SECTOR_PERIODS, "5D")
        return written(
            _language(language),
            "업종 순환매를 검토해 줘. 배분 추정이지 자금 추적이 아님을 잊지 마.",
            "Review sector rotation; it is an attribution, money is not tracked from sector to sector.",
            texts.sector_rotation_review(span, sector.strip()[:60] or None),
        )

    def short_pressure_check(
        stock_code: Annotated[str, Field(description="종목: a code or an exact name; default: the market.")] = "",
        market: Market = "",
        language: Language = "",
    ) -> str:
        code, title = _stock(answering, stock_code) if stock_code.strip() else (None, None)
        chosen = _one_of("market", market, MARKETS)
        return written(
            _language(language),
            f"{title or _KOREAN[chosen]}의 공매도 압력을 점검해 줘.",
            f"Check the pressure of short selling on {title or f'the Korean market ({chosen})'}.",
            texts.short_pressure_check(chosen, code),
        )

    def smart_money_hunt(
        market: Market = "",
        investor: Annotated[str, Field(description="투자자: FOREIGN, PENSION_FUND …; default FOREIGN.")] = "",
        language: Language = "",
    ) -> str:
        chosen, who = _one_of("market", market, MARKETS), _one_of("investor", investor, investors())
        return written(
            _language(language),
            f"{_KOREAN[chosen]}에서 통계적으로 드문 매수가 나온 종목을 찾아 줘. 여러 방법이 함께 가리키는 것만.",
            f"Find stocks of the Korean market ({chosen}) with statistically rare buying on which methods agree.",
            texts.smart_money_hunt(chosen, who),
        )

    return (
        _prompt(daily_brief, "오늘의 수급 Daily brief", "Who moved the market today, where, and how unusual it was."),
        _prompt(sector_rotation_review, "업종 순환매 Sector rotation", "Which sectors got more than their share."),
        _prompt(
            short_pressure_check, "공매도 점검 Short pressure", "Short selling of a market or a stock, and the rule."
        ),
        _prompt(smart_money_hunt, "스마트머니 찾기 Smart-money hunt", "Rare buying, checked against itself."),
        _prompt(stock_flow_checkup, "종목 수급 점검 Stock check-up", "Who is behind a stock's moves."),
    )


_KOREAN = {"ALL": "전체 시장", "KOSPI": "코스피", "KOSDAQ": "코스닥"}
_LANGUAGES: Mapping[str, str] = {"KO": "KO", "EN": "EN", "한국어": "KO", "KOREAN": "KO", "영어": "EN", "ENGLISH": "EN"}


def investors() -> tuple[str, ...]:
    """Investors whose flows are ranked, FOREIGN first."""
    return next(one.choices for one in index().questions["rank_flows"].arguments if one.name == "investor")


def _prompt(function: object, title: str, description: str) -> Prompt:
    assert callable(function)
    return Prompt.from_function(function, title=title, description=description)


def _stock(answering: Answering, stock_code: str) -> tuple[str, str]:
    """Code, and code with name, of what was written."""
    from sugeup.usecases import securities

    found = securities.resolve(answering.app.archive, stock_code)
    return found.code, found.title


def _language(value: str) -> str:
    found = value.strip().upper() or "KO"
    if found not in _LANGUAGES:
        raise Refused(f"language={value[:40]!r} is none of ko, en.", hint="Correct it and ask again.")
    return _LANGUAGES[found]


def _one_of(name: str, value: str, allowed: Sequence[str], default: str | None = None) -> str:
    """The choice that was written; the default (else the first) where nothing was."""
    found = value.strip().upper() or default or allowed[0]
    if found not in allowed:
        raise Refused(f"{name}={value[:40]!r} is none of {', '.join(allowed)}.", hint="Correct it and ask again.")
    return found
