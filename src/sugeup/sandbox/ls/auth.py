"""Keys and tokens: `/oauth2/token` and `/oauth2/revoke` as forms, and the check of every call's headers.

A token lives a day or until the next 07:00 in Seoul, whichever comes first, by the sandbox's clock; a second issue
voids the first. It is a signed text with three parts, whose middle one tells the end, as the vendor's is, and the next
sandbox of this machine takes it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import orjson

from sugeup.market.sessions import SEOUL

KEY, SECRET = "sandbox-key", "sandbox-secret"  # they open nothing but this sandbox
LIFE = timedelta(days=1)
DAYBREAK = time(7, 0)
_HEAD = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9"
_FORM = "application/x-www-form-urlencoded"
WORDS = {
    "IGW00103": "유효하지 않은 AppKey입니다.",
    "IGW00105": "유효하지 않은 AppSecretKey입니다.",
    "IGW00121": "유효하지 않은 token 입니다.",
    "IGW00123": "기간이 만료된 token 입니다.",
    "IGW00133": "Content-Type이 유효하지 않습니다.",
    "IGW00205": "credentials_type이 유효하지 않습니다.",
}
Said = tuple[dict[str, Any], int]
"""A body and its status."""


@dataclass
class Issued:
    """One token: whose it is, its number among the issues, when it ends; revoked or not."""

    key: str
    number: int
    ends: datetime
    revoked: bool = False


class Accounts:
    """Keys with their secrets and tokens. `numbers` counts issues up, also from one sandbox to the next."""

    def __init__(self, accounts: Mapping[str, str], numbers: Callable[[], int]) -> None:
        self._secrets = dict(accounts)
        self._numbers = numbers
        self._tokens: dict[str, Issued] = {}
        self._newest: dict[str, int] = {}
        self.issued = 0

    def token(self, headers: Mapping[str, str], form: Mapping[str, str], now: datetime) -> Said:
        """Answer to a question for a token; `now`: the moment in Seoul."""
        if wrong := self._wrong(headers, form):
            return failed(wrong, 403)
        if form.get("grant_type") != "client_credentials" or form.get("scope") != "oob":
            return failed("IGW00205", 403)
        key, ends = form["appkey"], min(now + LIFE, daybreak(now))
        number = max(self._numbers(), self._newest.get(key, 0) + 1)
        claims = {"iss": "unogw", "iat": int(now.timestamp()), "exp": int(ends.timestamp()), "jti": f"{number:016x}"}
        said = _coded(orjson.dumps(claims))
        value = f"{_HEAD}.{said}.{self._signature(key, said)}"
        self._tokens[value] = Issued(key, number, datetime.fromtimestamp(int(ends.timestamp()), SEOUL))
        self._newest[key] = number
        self.issued += 1
        life = int(LIFE.total_seconds())  # told whatever the end of the token is
        return {"access_token": value, "scope": "oob", "token_type": "Bearer", "expires_in": life}, 200

    def revoke(self, headers: Mapping[str, str], form: Mapping[str, str]) -> Said:
        """Answer to a question to end a token."""
        if wrong := self._wrong(headers, form):
            return failed(wrong, 403)
        found = self._known(form.get("token", ""))
        if found is None or found.key != form["appkey"]:
            return failed("IGW00121", 403)
        found.revoked = True
        return {"code": 200, "message": "접근토큰 폐기에 성공하였습니다"}, 200

    def key(self, headers: Mapping[str, str]) -> str:
        """Whose token these headers hold, good or not; empty for a token of nobody."""
        found = self._known(_bearer(headers))
        return found.key if found else ""

    def check(self, headers: Mapping[str, str], now: datetime) -> Said | None:
        """Why a call with these headers (names in lower case) is refused; None when it may go on."""
        found = self._known(_bearer(headers))
        if found is None or found.revoked or found.number < self._newest.get(found.key, 0):
            return failed("IGW00121", 401)
        return failed("IGW00123", 401) if now >= found.ends else None

    def end(self, key: str, now: datetime, *, revoked: bool) -> None:
        """Let every token of a key end now: expired, or revoked."""
        for token in self._tokens.values():
            if token.key == key:
                token.revoked = token.revoked or revoked
                token.ends = min(token.ends, now)

    def _known(self, value: str) -> Issued | None:
        """The token of that value, issued by this sandbox or by an earlier one."""
        parts = value.split(".")
        if value in self._tokens or len(parts) != 3 or parts[0] != _HEAD:
            return self._tokens.get(value)
        key = next((key for key in self._secrets if self._signature(key, parts[1]) == parts[2]), None)
        if key is None:
            return None
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        found = Issued(key, int(claims["jti"], 16), datetime.fromtimestamp(claims["exp"], SEOUL))
        self._newest[key] = max(self._newest.get(key, 0), found.number)
        return self._tokens.setdefault(value, found)

    def _signature(self, key: str, said: str) -> str:
        signed = f"{key}/{self._secrets[key]}/{said}"
        return hashlib.blake2b(signed.encode(), digest_size=16).hexdigest()

    def _wrong(self, headers: Mapping[str, str], form: Mapping[str, str]) -> str | None:
        if _FORM not in headers.get("content-type", ""):
            return "IGW00133"
        if form.get("appkey") not in self._secrets:
            return "IGW00103"
        return None if form.get("appsecretkey") == self._secrets[form["appkey"]] else "IGW00105"


def daybreak(now: datetime) -> datetime:
    """The next 07:00 in Seoul."""
    end = datetime.combine(now.astimezone(SEOUL).date(), DAYBREAK, SEOUL)
    return end if now < end else end + timedelta(days=1)


def failed(code: str, status: int, said: str = "") -> Said:
    """A refusal of the gateway."""
    return {"rsp_cd": code, "rsp_msg": said or WORDS[code]}, status


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def _coded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
