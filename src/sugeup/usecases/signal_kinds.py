"""신호 종류: every kind of signal that is stored, with its Korean name."""

from __future__ import annotations

import difflib
from typing import Annotated

from pydantic import BeforeValidator, Field

from sugeup.errors import Refused
from sugeup.market import investors
from sugeup.metrics.unusual_flow import WINDOWS
from sugeup.usecases import (
    signal_alerts,
    signal_anomalies,
    signal_market,
    signal_patterns,
    signal_sectors,
    signal_shorts,
    signal_unusual,
)
from sugeup.usecases.smart_money_scene import GROUPS

_UNUSUAL = {"BUY": "이상 순매수", "SELL": "이상 순매도"}
_PATTERNS = {"ACCUMULATION": "매집", "DISTRIBUTION": "분산"}

KOREAN: dict[str, str] = {
    "LARGE_TRADE_CLUSTER": "대량체결 집중",
    "INSTITUTION_SAME_SIDE": "기관 동반 순매수",
    "FOREIGN_SURGE": "외국인 순매수 급증",
    **{
        signal_patterns.kind(group, pattern): f"{investors.korean(group)} {korean}"
        for group in investors.GROUPS
        for pattern, korean in _PATTERNS.items()
    },
    "SURGE": "급등·개인 순매수 집중",
    "DUMP": "급등 뒤 하락·개인 순매수 집중",
    "DOWN_SWEEP": "전저점 이탈 후 복귀",
    "UP_SWEEP": "전고점 이탈 후 복귀",
    **{signal_alerts.turn(group): f"{investors.korean(group)} 수급 방향 전환" for group in GROUPS},
    **{
        signal_unusual.kind(investor, side): f"{investors.korean(investor)} {korean}"
        for investor in WINDOWS
        for side, korean in _UNUSUAL.items()
    },
    "DOUBLE_BUY": "쌍끌이 매수",
    "DOUBLE_SELL": "쌍끌이 매도",
    signal_anomalies.KIND: "이상 거래",
    signal_shorts.KIND: "공매도 과열 요건 충족(자체 계산)",
    signal_market.REGIMES["RISK_ON"]: "시장 국면: 위험 선호로 전환",
    signal_market.REGIMES["RISK_OFF"]: "시장 국면: 위험 회피로 전환",
    signal_market.SELLING: "외국인 대량 순매도",
    signal_sectors.FLOWS["BUY"]: "업종 순유입",
    signal_sectors.FLOWS["SELL"]: "업종 순유출",
    signal_sectors.UNUSUAL["BUY"]: "업종 이상 순환매 유입",
    signal_sectors.UNUSUAL["SELL"]: "업종 이상 순환매 유출",
}

SIDES = {"BUY": "매수", "SELL": "매도", "NONE": "–"}
SignalKind = Annotated[
    str,
    BeforeValidator(lambda value: value.strip().upper() if isinstance(value, str) else value),
    Field(max_length=60, description="One kind alone, as FOREIGN_SURGE."),
]


def known(kind: str | None) -> None:
    """Raises Refused, with the nearest ones, where a kind is none of the kinds of signals."""
    if kind is None or kind in KOREAN:
        return
    near = difflib.get_close_matches(kind, KOREAN, n=5, cutoff=0.3)
    raise Refused(
        f"kind={kind[:40]!r} is none of the {len(KOREAN)} kinds of signals.",
        hint=f"Nearest: {', '.join(near)}." if near else "Leave it out for every kind.",
        details={"allowed": list(KOREAN)},
    )
