"""MCP prompts: workflows that a person starts in a client; each names the tools that answer it."""

from __future__ import annotations

from typing import Annotated

from mcp.server.mcpserver.prompts import Prompt
from pydantic import Field

from sugeup.errors import Refused
from sugeup.faces.answering import Answering

_STYLE = (
    "Write in the language of the user. Give every figure with its unit, its sessions and its source. Where a value is "
    "null, say that it is not known and why. Mark provisional (잠정) figures. Describe; give no investment advice."
)


def prompts(answering: Answering) -> tuple[Prompt, ...]:
    """Every prompt over one application."""

    def stock_flow_checkup(
        stock_code: Annotated[str, Field(description="종목: a code or an exact name.")],
        period: Annotated[str, Field(description="1D, 5D, 20D or 60D; default 20D.")] = "20D",
    ) -> str:
        from sugeup.usecases import securities

        security = securities.resolve(answering.app.archive, stock_code)
        period = _one_of("period", period, ("1D", "5D", "20D", "60D"))
        return (
            f"{security.title}의 수급을 점검해 줘. Check who is buying and selling {security.title}.\n"
            f"1. get_investor_trading(stock_code={security.code!r}, period={period!r}), then with period='1D': who "
            "bought, who sold, is the newest session in line with the period?\n"
            "2. Trend, intensity, consistency and price correlation of 외국인 and 기관; explain_metric where a term is "
            "not common.\n"
            "3. What is missing (`coverage`) and how fresh the figures are (`as_of`).\n" + _STYLE
        )

    def market_flow_brief(
        market: Annotated[str, Field(description="ALL, KOSPI or KOSDAQ; default ALL.")] = "ALL",
        period: Annotated[str, Field(description="1D, 5D, 20D or 60D; default 5D.")] = "5D",
    ) -> str:
        market = _one_of("market", market, ("ALL", "KOSPI", "KOSDAQ"))
        period = _one_of("period", period, ("1D", "5D", "20D", "60D"))
        return (
            f"{market} 시장의 수급을 요약해 줘. Summarise the investor flows of the market.\n"
            f"1. get_investor_trading(market={market!r}, period='1D'), then with period={period!r}.\n"
            "2. Who led, which institutions (sub-types), how unusual it is (percentiles), and whether it turned.\n"
            "3. What is missing (`coverage`) and how fresh the figures are (`as_of`).\n" + _STYLE
        )

    return (
        Prompt.from_function(
            market_flow_brief, title="시장 수급 요약", description="Who moved a market, and how much."
        ),
        Prompt.from_function(stock_flow_checkup, title="종목 수급 점검", description="Who is behind a stock's moves."),
    )


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    found = value.strip().upper()
    if found not in allowed:
        raise Refused(f"{name}={value[:40]!r} is none of {', '.join(allowed)}.", hint="Correct it and ask again.")
    return found
