"""The vendor as the hub needs it: address, paces, how a token is got and a request is signed, and every endpoint."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from datetime import datetime, time, timedelta

import orjson

from sugeup.market.sessions import SEOUL
from sugeup.sources.ls import (
    bars,
    funds,
    indices,
    investors,
    leverage,
    listings,
    market_flows,
    members,
    minutes,
    program,
    sectors,
    summary,
)
from sugeup.sources.ls.judging import judge
from sugeup.sources.ls.question import WINDOW, Question
from sugeup.sources.replies import words
from sugeup.sources.replies.sheet import drift
from sugeup.sources.vendor import Access, Credentials, Endpoint, Pace, Reply, Request, Token, Vendor

TOKEN_PATH = "/oauth2/token"  # noqa: S105
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json; charset=UTF-8"
_LIVES = ("expires_in", "expire_in")
"""The vendor's table spells it without the s."""
_DAYBREAK = time(7, 0)
"""In Seoul: a token may end there, whatever life it was said to have."""
_FAMILIES = (
    bars,
    investors,
    summary,
    market_flows,
    program,
    minutes,
    leverage,
    indices,
    members,
    funds,
    listings,
    sectors,
)
ENDPOINTS: tuple[Endpoint, ...] = tuple(endpoint for family in _FAMILIES for endpoint in family.ENDPOINTS)
QUESTIONS: dict[str, Question] = {name: question for family in _FAMILIES for name, question in family.QUESTIONS.items()}
"""Every question by its TR code."""


def token_request(credentials: Credentials) -> Request:
    """Asks for a token, as a form. A second issue is said to void the first: one token a key, shared."""
    return Request(
        TOKEN_PATH,
        headers={"content-type": _FORM},
        body={
            "grant_type": "client_credentials",
            "appkey": credentials.key,
            "appsecretkey": credentials.secret,
            "scope": "oob",
        },
        method="POST",
    )


def token(reply: Reply) -> Token:
    """The token of a reply, good until the earliest of: its life as told, its own end, the next 07:00 in Seoul."""
    found = words.document(reply.body)
    if found is None:
        raise _drift("(body)", "the answer is not a JSON object")
    value = str(found.get("access_token") or "")
    if not value:
        judge(Request(TOKEN_PATH), reply)  # a refusal with a status of success says why
        raise _drift("access_token")
    told = next((found[name] for name in _LIVES if found.get(name)), None)
    if told is None:
        raise _drift(_LIVES[0])
    try:
        seconds = int(told)
    except (TypeError, ValueError):
        raise _drift(_LIVES[0], "the field is not a whole number") from None
    ends = [seconds, _until_daybreak(reply.received_at), _own_end(value, reply.received_at)]
    return Token(value, min(end for end in ends if end is not None))


def sign(request: Request, credentials: Credentials, token: Token) -> Request:
    """The request with the headers of an asker; key and secret stay here, the token speaks for them."""
    signed = {"content-type": _JSON, "authorization": f"Bearer {token.value}"}
    return replace(request, headers={**signed, **request.headers})


def _until_daybreak(at: datetime) -> int:
    local = at.astimezone(SEOUL)
    end = datetime.combine(local.date(), _DAYBREAK, SEOUL)
    return int(((end if local < end else end + timedelta(days=1)) - local).total_seconds())


def _own_end(value: str, at: datetime) -> int | None:
    """Seconds to the end that the token itself names (`exp` of a JWT); None when it names none that lies ahead."""
    parts = value.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    end = claims.get("exp") if isinstance(claims, dict) else None
    if not isinstance(end, int) or isinstance(end, bool):
        return None
    left = int(end - at.timestamp())
    return left if left > 0 else None


def _drift(name: str, said: str = "the field is missing") -> Exception:
    return drift("ls", "LS", "token", name, said)


LS = Vendor(
    name="ls",
    title="LS Securities OPEN API",
    korean="LS증권",
    hosts={"api": "https://openapi.ls-sec.co.kr:8080"},
    pace=Pace(20, WINDOW),
    token_request=token_request,
    token=token,
    sign=sign,
    judge=judge,
    endpoints=ENDPOINTS,
    access=Access(
        keys=("ls_app_key", "ls_app_secret"),
        page="https://openapi.ls-sec.co.kr (LS증권 OPEN API, 실전)",
        terms="For your own use; figures may not be passed on.",
    ),
)
"""The vendor publishes limits of each question and none of all together: 20 a second is our own bound. Live and paper
keys are asked at the same address; a paper key is answered with nothing, so it is of no use here."""
