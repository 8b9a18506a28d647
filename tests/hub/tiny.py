"""A vendor of six lines of protocol, for tests of the hub: JSON with a `code`, a token, pages of numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import orjson
import polars as pl

from sugeup.errors import ConfigError, Refused
from sugeup.sources.vendor import (
    Access,
    Ask,
    Credentials,
    Endpoint,
    Outcome,
    Pace,
    Page,
    Reach,
    Reply,
    Request,
    Scope,
    Token,
    Vendor,
    Verdict,
)

KEY = "PSkey/of+an=account-0123456789"
SECRET = "s3cret/with+signs==and-more-of-it"  # noqa: S105
CREDENTIALS = Credentials(KEY, SECRET)
DAY = date(2026, 9, 1)
OUTCOMES = {"OK": Outcome.DONE, "LIMITED": Outcome.LIMITED, "EXPIRED": Outcome.RENEW, "BUSY": Outcome.AGAIN}


class WallClock:
    """The real time; `ahead` moves it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(datetime.now(UTC).timestamp() + self.ahead, UTC)


def _token(reply: Reply) -> Token:
    said = orjson.loads(reply.body)
    return Token(said["token"], said["seconds"])


def _sign(request: Request, credentials: Credentials, token: Token) -> Request:
    signed = {"authorization": f"Bearer {token.value}", "appkey": credentials.key, "appsecret": credentials.secret}
    return replace(request, headers={**request.headers, **signed})


def _judge(_request: Request, reply: Reply) -> Verdict:
    said = orjson.loads(reply.body)
    if said["code"] == "BAD":
        raise Refused(said.get("words", "bad question."), hint="Ask otherwise.")
    if said["code"] == "KEY":
        raise ConfigError(f"The key {KEY} is not known; secret {SECRET}.", code="NO_CREDENTIALS", hint=f"See {KEY}.")
    return Verdict(OUTCOMES[said["code"]], said.get("wait"), said.get("words", ""))


def _build(ask: Ask) -> Request:
    query = {"scope": ",".join(ask.scopes), "first": str(ask.first), "last": str(ask.last), "cursor": ask.cursor}
    return Request("/numbers", query, {"tr_id": "TINY01"})


def _parse(ask: Ask, reply: Reply) -> Page:
    said = orjson.loads(reply.body)
    following = said.get("next")
    after = None if following is None else ask.at(following)
    return Page(pl.DataFrame({"n": said["numbers"]}, schema={"n": pl.Int64}), after)


NUMBERS = Endpoint("numbers", "daily_bars", "tiny_numbers", Scope.STOCK, Reach.PAST, _build, _parse)
TINY = Vendor(
    name="tiny",
    title="Tiny",
    korean="작은증권",
    hosts={"api": "https://api.tiny.example:9443"},
    pace=Pace(18, 1.05),
    token_request=lambda held: Request("/token", body={"key": held.key, "secret": held.secret}, method="POST"),
    token=_token,
    sign=_sign,
    judge=_judge,
    endpoints=(NUMBERS,),
    access=Access(keys=("tiny_key", "tiny_secret")),
)


def ask(code: str = "005930", cursor: str = "") -> Ask:
    """A question of one code on one day."""
    return Ask((code,), DAY, DAY, cursor)


def plain(number: object = 0) -> Request:
    """A request that differs from others by its number."""
    return Request("/numbers", {"scope": str(number), "cursor": ""}, {"tr_id": "TINY01"})
