"""The vendor as the hub needs it: address, pace, headers of a browser, and every endpoint. There is no key."""

from __future__ import annotations

from dataclasses import replace

from sugeup.sources.naver import funds, market_flows, program, stocks
from sugeup.sources.naver.judging import judge
from sugeup.sources.naver.route import Route
from sugeup.sources.vendor import Access, Credentials, Endpoint, Pace, Request, Token, Vendor

HOST = "https://stock.naver.com"
BROWSER = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    "referer": f"{HOST}/",
    "accept": "application/json, text/plain, */*",
}
"""What the vendor's own pages send: without them it answers with a page."""
_FAMILIES = (market_flows, program, funds, stocks)
ENDPOINTS: tuple[Endpoint, ...] = tuple(endpoint for family in _FAMILIES for endpoint in family.ENDPOINTS)
ROUTES: dict[str, Route] = {name: route for family in _FAMILIES for name, route in family.ROUTES.items()}
"""Every question by its name in the specification."""


def sign(request: Request, credentials: Credentials, token: Token) -> Request:
    """The request with the headers of a browser; there is nothing to sign."""
    return replace(request, headers={**BROWSER, **request.headers})


NAVER = Vendor(
    name="naver",
    title="Naver",
    korean="네이버 증권",
    hosts={"api": HOST},
    pace=Pace(1, 1.05),
    sign=sign,
    judge=judge,
    endpoints=ENDPOINTS,
    access=Access(
        switch="naver",
        page=f"{HOST} (네이버 증권)",
        terms="Unofficial and undocumented: the site asks robots to stay away, and may change or refuse on any day. "
        "For private use at a low rate alone; figures may not be passed on. Off until SUGEUP_NAVER is set.",
    ),
)
"""One call a second, over all processes of this machine."""
