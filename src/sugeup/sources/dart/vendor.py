"""The vendor as the hub needs it: address, pace, quota, the key as a parameter, every endpoint. There are no tokens."""

from __future__ import annotations

from dataclasses import replace

from sugeup.sources.dart import feed, holdings, treasury
from sugeup.sources.dart.judging import PAGE, judge
from sugeup.sources.dart.question import Question
from sugeup.sources.vendor import Access, Credentials, Endpoint, Pace, Request, Token, Vendor

PARAMETER = "crtfc_key"
QUOTA = 20_000
"""Calls of a key in a day, the usual figure."""
ENDPOINTS: tuple[Endpoint, ...] = (*holdings.ENDPOINTS, *treasury.ENDPOINTS)
QUESTIONS: dict[str, Question] = {feed.FEED.name: feed.FEED, **holdings.QUESTIONS, **treasury.QUESTIONS}
"""Every call by its name."""


def sign(request: Request, credentials: Credentials, token: Token) -> Request:
    """The request with the key among its parameters: it stands in the address, so addresses are never shown."""
    return replace(request, query={PARAMETER: credentials.key, **request.query})


DART = Vendor(
    name="dart",
    title="DART OpenAPI",
    korean="금융감독원 전자공시 DART",
    hosts={"api": "https://opendart.fss.or.kr/api"},
    pace=Pace(8, 1.05),
    sign=sign,
    judge=judge,
    endpoints=ENDPOINTS,
    access=Access(
        keys=("dart_api_key",),
        page=f"{PAGE} (인증키 신청)",
        terms="Open data of the public sector.",
    ),
    quota=QUOTA,
)
"""No limit by second is published: eight calls a second is our own bound."""
