"""The vendor as the hub needs it: addresses, pace, how a token is got and a request is signed, and every endpoint."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sugeup.market.sessions import SEOUL
from sugeup.sources.kis import (
    bars,
    estimates,
    funds,
    futures,
    holding,
    indices,
    investors,
    leverage,
    masters,
    members,
    minutes,
    program,
    short,
)
from sugeup.sources.kis.judging import ISSUE_WAIT, judge
from sugeup.sources.kis.route import Route, drift
from sugeup.sources.vendor import Access, Credentials, Endpoint, Pace, Reply, Request, Token, Vendor

FILES = "https://new.real.download.dws.co.kr"
_JSON = "application/json; charset=utf-8"
_PAPER = frozenset(
    {
        "inquire_price",
        "inquire_daily_itemchartprice",
        "inquire_daily_itemchartprice_marks",
        "inquire_time_itemchartprice",
        "inquire_investor",
        "inquire_member",
        "inquire_daily_indexchartprice",
        "futures_inquire_price",
    }
)
"""What the paper host offers; the files need no host of either."""
_FAMILIES = (
    bars,
    investors,
    program,
    short,
    holding,
    indices,
    leverage,
    funds,
    estimates,
    members,
    minutes,
    futures,
)
ENDPOINTS: tuple[Endpoint, ...] = (
    *(endpoint for family in _FAMILIES for endpoint in family.ENDPOINTS),
    *masters.ENDPOINTS,
)
ROUTES: dict[str, Route] = {name: route for family in _FAMILIES for name, route in family.ROUTES.items()}
"""Route of every endpoint that is asked through the interface, by the endpoint's name."""


def token_request(credentials: Credentials) -> Request:
    """Asks for a token. The vendor tells the account's owner of each issue: keep it, and issue once a day."""
    return Request(
        "/oauth2/tokenP",
        headers={"content-type": _JSON},
        body={"grant_type": "client_credentials", "appkey": credentials.key, "appsecret": credentials.secret},
        method="POST",
    )


def token(reply: Reply) -> Token:
    """The token of a reply, good for the seconds that are left of it: within six hours the same one comes again."""
    route = Route("oauth2_tokenP", "", "/oauth2/tokenP", ())
    found = route.document(reply)
    for name in ("access_token", "expires_in"):
        if not found.get(name):
            raise drift(route.name, name)
    try:
        seconds = int(found["expires_in"])
    except (TypeError, ValueError):
        raise drift(route.name, "expires_in", "the field is not a whole number") from None
    left = _left(str(found.get("access_token_token_expired") or ""), reply)
    return Token(str(found["access_token"]), left if left is not None and 0 < left < seconds else seconds)


def sign(request: Request, credentials: Credentials, token: Token) -> Request:
    """The request with the headers of an asker; a request for a file stays as it is and carries no credential."""
    if request.host == "files":
        return request
    signed = {
        "content-type": _JSON,
        "authorization": f"Bearer {token.value}",
        "appkey": credentials.key,
        "appsecret": credentials.secret,
        "custtype": "P",
        "tr_cont": "",
    }
    return replace(request, headers={**signed, **request.headers})


def _left(expires: str, reply: Reply) -> int | None:
    try:
        moment = datetime.strptime(expires, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SEOUL)
    except ValueError:
        return None
    return int((moment - reply.received_at).total_seconds())


KIS = Vendor(
    name="kis",
    title="Korea Investment & Securities Open API",
    korean="한국투자증권",
    hosts={"api": "https://openapi.koreainvestment.com:9443", "files": FILES},
    pace=Pace(18, 1.05),
    token_request=token_request,
    token=token,
    sign=sign,
    judge=judge,
    endpoints=ENDPOINTS,
    token_interval=ISSUE_WAIT,
    access=Access(
        keys=("kis_app_key", "kis_app_secret"),
        page="https://apiportal.koreainvestment.com (KIS Developers, 실전)",
        terms="For your own use; figures may not be passed on.",
    ),
    futures=(futures.contracts_file, futures.nearest),
)
KIS_PAPER = replace(
    KIS,
    name="kis_paper",
    title=f"{KIS.title}, paper host",
    korean=f"{KIS.korean} 모의투자",
    hosts={"api": "https://openapivts.koreainvestment.com:29443", "files": FILES},
    pace=Pace(1, 1.1),
    endpoints=tuple(one for one in ENDPOINTS if one.name in _PAPER or one in masters.ENDPOINTS),
)
"""The host for paper keys: one call in 1.1 s, few endpoints."""
