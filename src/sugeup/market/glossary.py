"""용어: the words of Korean investor flows as they are used here, in Korean and English, for people and models."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One word: how it stands in fields and arguments, on Korean screens, and what it means in both languages."""

    word: str
    korean: str
    meaning: str
    korean_meaning: str


def _terms(*rows: tuple[str, str, str, str]) -> tuple[Term, ...]:
    return tuple(Term(*row) for row in rows)


TERMS: tuple[Term, ...] = _terms(
    ("flow", "수급", "who bought and who sold", "누가 사고 누가 팔았는지"),
    ("net", "순매수", "buy - sell; net selling is a negative net", "매수 − 매도. 순매도는 음수"),
    ("amount", "거래대금", "won traded", "거래된 금액, 원"),
    ("volume", "거래량", "shares traded", "거래된 주식 수"),
    ("session", "거래일", "a day on which the exchange trades, as a date in Seoul", "거래소가 열린 날, 서울 날짜"),
    ("period", "기간", "1D, 5D, 20D, 60D: that many sessions", "달력이 아니라 거래일 수"),
    ("foreign", "외국인합계", "registered and other foreigners", "외국인(등록)과 기타외국인의 합"),
    ("institution", "기관계", "sum of eight classes from 금융투자 to 국가·지자체", "금융투자부터 국가·지자체까지의 합"),
    ("individual", "개인", "retail investors", "개인 투자자"),
    (
        "other_corporation",
        "기타법인",
        "other companies; buy-backs 자사주 are here",
        "금융기관이 아닌 법인. 자사주 매입 포함",
    ),
    ("pension_fund", "연기금등", "pension funds and the like", "연금·기금·공제회"),
    ("closure", "합계 검증", "nets of the four groups add to zero", "개인·외국인·기관·기타법인 순매수의 합은 0"),
    ("turnover", "거래대금·거래량", "what was traded of a stock or in a market", "종목이나 시장의 총 거래"),
    ("net_ratio", "순매수 비율", "net as a share of buy + sell", "매수와 매도 합에 대한 순매수"),
    ("streak", "연속 순매수", "sessions in a row with the same sign of net", "같은 방향이 이어진 거래일 수"),
    ("double", "쌍끌이", "foreigners and institutions buy the same stock", "외국인과 기관이 함께 순매수"),
    ("percentile", "백분위", "place in its own last 250 sessions", "자신의 최근 250거래일 안에서의 위치"),
    ("program", "프로그램매매", "a way of entering orders, used by all groups", "주문 방식. 투자자 구분이 아님"),
    ("arbitrage", "차익거래", "baskets against index futures", "현물 바스켓과 지수선물의 차이를 이용"),
    ("non_arbitrage", "비차익거래", "baskets without futures", "선물과 무관한 바스켓 매매"),
    ("basis", "베이시스", "index futures less the index", "선물 가격 − 현물 지수"),
    ("short_volume", "공매도", "sold short on the day", "당일 공매도 체결"),
    ("short_ratio", "공매도 비중", "short sales ÷ turnover", "거래에서 공매도가 차지하는 몫"),
    (
        "balance",
        "공매도 잔고",
        "still to be bought back; public three sessions later",
        "갚지 않은 공매도. 3거래일 뒤 공개",
    ),
    ("overheating", "공매도 과열종목", "shorting is barred the next session", "지정되면 다음 거래일 공매도 금지"),
    ("lending", "대차거래", "shares lent, a precondition of shorting", "주식을 빌리고 빌려주는 거래"),
    ("credit", "신용거래", "shares bought with a broker's loan", "증권사 돈을 빌려 산 주식"),
    ("holding", "외국인 보유", "shares held by foreigners; includes off-exchange changes", "장외 변동까지 포함한 보유"),
    (
        "limit_use",
        "한도소진율",
        "part of the legal limit of foreign holdings in use",
        "외국인 취득 한도 가운데 쓴 비율",
    ),
    ("sector", "업종", "a group of stocks in one scheme of classification", "한 분류 체계 안의 종목 묶음"),
    (
        "rotation",
        "순환매",
        "flow beyond the share of a sector; an attribution",
        "시총 몫을 넘는 순매수. 자금 추적이 아님",
    ),
    (
        "smart_money",
        "스마트머니",
        "statistically rare buying; no claim about intention",
        "통계적으로 드문 매수. 의도를 말하지 않음",
    ),
    ("sentiment", "투자 심리", "0-100 from past percentiles, 50 = ordinary", "자기 과거의 백분위로 만든 0~100"),
    ("estimate", "가집계", "intraday tally in five slots, estimated", "장중 다섯 번 공표되는 추정치"),
    ("provisional", "잠정", "still subject to change", "바뀔 수 있는 수치"),
    ("final", "확정", "confirmed by the exchange", "거래소가 확정한 수치"),
    ("venue", "거래소", "KRX 한국거래소, NXT 넥스트레이드; never mixed", "체결된 곳. 섞지 않음"),
    ("as_of", "기준 시점", "the newest figure in an answer", "답에 쓰인 가장 새로운 수치의 시점"),
    ("known_at", "공개 시각", "first moment at which anyone could know a row", "누구든 알 수 있게 된 첫 시점"),
    ("coverage", "자료 범위", "what is missing, why, how to get it", "없는 것, 이유, 얻는 방법"),
    ("reason", "사유", "why a value is null", "값이 없는 이유"),
    ("VOLUME_BASIS", "수량 기준", "computed on shares: won are missing", "금액이 없어 주식 수로 계산"),
    (
        "UNCALIBRATED",
        "미보정",
        "past signals are too few or prove no confidence",
        "과거 신호가 부족하거나 신뢰도를 입증하지 못함",
    ),
    ("억원", "억원", "100 million won; 조원 is a million million", "1억 원. 1조 = 10,000억"),
)
"""In the order in which they are met: flows, groups, programme, shorts, holdings, sectors, then how answers speak."""
