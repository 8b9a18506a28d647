"""The vendor as the hub needs it: address, pace, quota, the key in a header, every endpoint. There are no tokens."""

from __future__ import annotations

from dataclasses import replace

from sugeup.sources.krx import bars, indices, listings
from sugeup.sources.krx.judging import PAGE, judge
from sugeup.sources.krx.question import Question
from sugeup.sources.vendor import Access, Credentials, Endpoint, Pace, Request, Token, Vendor

HEADER = "AUTH_KEY"
QUOTA = 10_000
"""Calls of a key in a day, as the exchange publishes it."""
_FAMILIES = (bars, indices, listings)
ENDPOINTS: tuple[Endpoint, ...] = tuple(endpoint for family in _FAMILIES for endpoint in family.ENDPOINTS)
QUESTIONS: dict[str, Question] = {question.name: question for family in _FAMILIES for question in family.QUESTIONS}
"""Every API by its name."""


def sign(request: Request, credentials: Credentials, token: Token) -> Request:
    """The request with the key in its header."""
    return replace(request, headers={HEADER: credentials.key, **request.headers})


KRX = Vendor(
    name="krx",
    title="KRX OPEN API",
    korean="한국거래소 OPEN API",
    hosts={"api": "https://data-dbg.krx.co.kr/svc/apis"},
    pace=Pace(4, 1.05),
    sign=sign,
    judge=judge,
    endpoints=ENDPOINTS,
    access=Access(
        keys=("krx_api_key",),
        page=f"{PAGE} (API 인증키 신청; then apply for each API: {', '.join(QUESTIONS)})",
        terms="For your own, non-commercial use; figures may not be passed on.",
    ),
    quota=QUOTA,
)
"""No limit by second is published: four calls a second is our own bound, and a day takes two calls."""
