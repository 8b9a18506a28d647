"""The vendor as the hub needs it: address, pace, terms, how a log-in and an answer are judged, and every endpoint."""

from __future__ import annotations

from sugeup.sources.krx_login import bars, holdings, listings, market_investors, net_purchases, program, sectors
from sugeup.sources.krx_login.judging import judge, signed_in
from sugeup.sources.krx_login.question import Question
from sugeup.sources.vendor import Access, Credentials, Endpoint, Pace, Request, Token, Transport, Vendor

_FAMILIES = (net_purchases, market_investors, holdings, bars, program, listings, sectors)
ENDPOINTS: tuple[Endpoint, ...] = tuple(endpoint for family in _FAMILIES for endpoint in family.ENDPOINTS)
QUESTIONS: dict[str, Question] = {name: question for family in _FAMILIES for name, question in family.QUESTIONS.items()}
"""Every question by the name of its endpoint."""
SLOWLY = Pace(1, 1.2)
QUOTA = 400
"""Requests in a day, log-ins included: a session of everything takes about 60."""
TERMS = (
    "The terms of KRX (약관 10조) are said to forbid automated collection; by its notice of 2026-08-04 an address that "
    "asks in bulk is kept out for a day, again and again. You use your own log-in and answer for it yourself: for "
    "your own study, at night, slowly. The account needs a password of its own. The library pykrx, which does the "
    "asking, comes with the extra krx: pip install 'sugeup[krx]'."
)


def unsigned(request: Request, credentials: Credentials, token: Token) -> Request:
    """The request as it is: the log-in stays with the library."""
    return request


KRX_LOGIN = Vendor(
    name="krx_login",
    title="KRX Data Marketplace (member pages)",
    korean="KRX 정보데이터시스템 회원 화면",
    hosts={"api": "https://data.krx.co.kr"},
    pace=SLOWLY,
    sign=unsigned,
    judge=judge,
    token=signed_in,
    endpoints=ENDPOINTS,
    access=Access(
        keys=("krx_id", "krx_pw"),
        switch="krx_login",
        page="https://data.krx.co.kr (회원가입, 아이디와 비밀번호)",
        terms=TERMS,
        extra="krx",
    ),
    quota=QUOTA,
    transport=Transport.PYKRX,
)
"""No limit is published. One request in 1.2 s and a few hundred a day are our own bounds."""
