"""Words of the MCP prompts in Korean and English: what is asked, the tools in their order, and how to report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LANGUAGES = {"KO": "한국어 Korean", "EN": "영어 English"}

_RULES = {
    "KO": (
        "보고: 먼저 한 문장으로 답하고, 근거를 표로 보여 줘. 수치마다 단위, 거래일 수, 출처, 기준 시점(as_of)을 "
        "적고, 평소와 얼마나 다른지(백분위, z)를 함께 적어. 값이 null이면 모른다고 쓰고 meta의 사유를 옮겨 적어. "
        "절대 채우지 마. 잠정(provisional) 수치는 표시하고, 표본이 적거나 보정되지 않은 것은 그렇게 말해. "
        "마지막에 '모르는 것' 항목을 두고 coverage와 '다음 next'에 나온 것을 적어. 서술만 하고, 매수·매도 의견이나 "
        "목표가, 전망은 쓰지 마."
    ),
    "EN": (
        "Report: one sentence first, then the evidence as a table. Give every figure with unit, sessions, source and "
        "as_of, and beside it how unusual it is (percentile, z). Where a value is null, write that it is not known "
        "and give the reason from `meta`; never fill it in. Mark provisional (잠정) figures; say so where samples are "
        "small or a confidence is not calibrated. End with 'What is not known', from `coverage` and the line "
        "'다음 next'. Describe only: no advice, no price target, no forecast."
    ),
}


@dataclass(frozen=True)
class Step:
    """One step: the call, and what to look for in its answer, in both languages."""

    call: str
    korean: str
    english: str


def written(language: str, korean: str, english: str, steps: Sequence[Step]) -> str:
    """The prompt in one language: what is asked, the steps by number, the rules of the report."""
    ko = language == "KO"
    order = "순서대로 불러:" if ko else "Call in this order:"
    lines = [f"{number}. {one.call}: {one.korean if ko else one.english}" for number, one in enumerate(steps, 1)]
    return "\n".join([korean if ko else english, order, *lines, _RULES[language]])


def daily_brief(market: str) -> list[Step]:
    """The day on a market."""
    return [
        Step(
            f"get_market_brief(market={market!r})",
            "지수, 투자자별 순매수, 상위 종목, 쌍끌이, 업종, 프로그램, 공매도 표시, 심리를 한 번에.",
            "indices, who bought, top stocks, 쌍끌이, sectors, programme, short marks and mood at once.",
        ),
        Step(
            f"get_investor_trading(market={market!r}, period='5D')",
            "오늘이 한 주의 방향과 같은가, 돌아섰는가. 기관은 어느 세부 주체인가.",
            "is the day in line with the week or did it turn; which institutions inside 기관.",
        ),
        Step(
            "get_sector_investor_flow(period='5D')",
            "시총 몫을 넘는 순매수가 큰 업종. 유의한 것(p_adj)과 아닌 것을 나눠.",
            "sectors with flow beyond their share; keep significant ones (p_adj) apart from the rest.",
        ),
        Step(
            f"rank_flows(investor='FOREIGN', market={market!r}), investor='INSTITUTION'",
            "누가 어느 종목을. 두 목록에 다 있는 종목을 표시.",
            "who bought which stocks; mark those that are on both lists.",
        ),
    ]


def stock_flow_checkup(code: str, period: str) -> list[Step]:
    """Who is behind one stock."""
    return [
        Step(
            f"get_investor_trading(stock_code={code!r}, period={period!r}), period='1D'",
            "누가 사고 팔았나. 추세, 강도, 일관성, 연속. 마지막 날이 기간과 같은 방향인가.",
            "trend, intensity, consistency, streak; is the last session in line with the period?",
        ),
        Step(
            f"get_ownership_changes(stock_code={code!r})",
            "외국인 보유와 한도소진율. 순매수와 보유 변화가 다르면 그 차이를 그대로 보여 줘.",
            "foreign holdings; where net buying and the change of holdings differ, show the difference.",
        ),
        Step(
            f"get_short_selling(stock_code={code!r})",
            "공매도 비중과 백분위, 잔고(며칠 늦게 공개), 과열종목 조건까지의 거리.",
            "short ratio with percentile, balance (public days later), distance to the overheating rule.",
        ),
        Step(
            f"get_time_based_flow(stock_code={code!r})",
            "장중 가집계가 있으면 언제 들어왔는지. 추정치임을 밝혀.",
            "if intraday tallies are stored, when they came; say that they are estimates.",
        ),
        Step(
            "explain_metric(metric_id)",
            "흔하지 않은 지표는 정의를 찾아 한 줄로.",
            "define an uncommon measure in a line.",
        ),
    ]


def sector_rotation_review(period: str, sector: str | None) -> list[Step]:
    """Where money rotates among sectors."""
    inside = f"sector={sector!r}" if sector else "sector=<첫째와 끝 first and last>"
    return [
        Step(
            "get_sector_investor_flow(period='20D', top_n=20)",
            "한 달의 배경: 몫보다 많이 받은 업종과 적게 받은 업종, 순환 강도.",
            "the month as background: sectors above and below their share, strength of the rotation.",
        ),
        Step(
            f"get_sector_investor_flow(period={period!r}, top_n=20)",
            "배경과 비교: 새로 나타난 것, 이어진 것, 뒤집힌 것. 국면(phase)과 p_adj.",
            "against that background: new, continued, reversed; phase and p_adj.",
        ),
        Step(
            f"get_sector_investor_flow({inside}, period={period!r})",
            "외국인과 기관 가운데 누구인가, 몇 종목에 몰렸나(concentration).",
            "foreigners or institutions, and in how few stocks (concentration).",
        ),
        Step(
            "get_program_trading()",
            "비차익 바스켓이 업종 전체를 밀었을 수 있는지. 투자자 수치에 더하지 마.",
            "whether non-arbitrage baskets moved everything; never add it to the investors.",
        ),
    ]


def short_pressure_check(market: str, code: str | None) -> list[Step]:
    """How heavy short selling is."""
    asked = f"stock_code={code!r}" if code else f"market={market!r}"
    one = code or "<목록의 종목 a listed stock>"
    return [
        Step(
            f"get_short_selling({asked}, period='20D')",
            "비중과 백분위, 과열종목 유형별 조건의 충족과 거리, 공식 지정과의 비교. 전면 금지 기간이면 수치는 null.",
            "ratio with percentile, each type of the rule and how far, beside the official list; null in a ban.",
        ),
        Step(
            f"get_short_selling(market={market!r}, rank_by='MULTIPLE')",
            "시장 안에서 평소 대비 몇 배인 종목들. 같은 업종에 몰렸는가.",
            "stocks by multiple of their usual short value; are they of one sector?",
        ),
        Step(
            f"get_investor_trading(stock_code={one!r}, period='20D')",
            "공매도가 늘 때 누가 받았나. 동시적 관계일 뿐 원인이 아님.",
            "who bought while shorting grew; at the same time, not because.",
        ),
        Step(
            "sugeup://reference/overheating-rules",
            "적용 중인 기준과 임시 조정의 날짜.",
            "the rule in force and dates of temporary changes.",
        ),
    ]


def smart_money_hunt(market: str, investor: str) -> list[Step]:
    """Stocks with rare buying."""
    return [
        Step(
            f"get_smart_money_tracker(detection_method='INSTITUTION_CLUSTER', market={market!r}), 'FOREIGN_SURGE', "
            "'LARGE_ORDERS'",
            "세 방법 각각의 검정 수, 유의한 수, 신뢰도. 미보정이면 신뢰도는 없다고 써.",
            "tests, significant ones and confidence of each method; where uncalibrated, there is no confidence.",
        ),
        Step(
            f"rank_flows(investor={investor!r}, by='STREAK', market={market!r}), by='DOUBLE'",
            "연속 순매수와 쌍끌이. 두 방법 이상에 나온 종목만 다음으로.",
            "streaks and 쌍끌이; take on only stocks that two methods name.",
        ),
        Step(
            "get_investor_trading(stock_code=<후보 candidate>, period='20D')",
            "후보마다 반대 근거도: 누가 팔았나, 강도와 백분위, 결측.",
            "for each candidate the evidence against it too: who sold, intensity, percentile, missing sessions.",
        ),
        Step(
            "get_short_selling(stock_code=<후보 candidate>)",
            "공매도와 함께 늘었는지. 헤지일 수 있음을 밝혀.",
            "whether shorting grew with it, which may be a hedge.",
        ),
    ]
