"""Keys and tokens: `/oauth2/tokenP`, `/oauth2/revokeP`, `/oauth2/Approval`, and the check of every call's headers.

A token lives 24 hours; asking again within six hours of its issue gives the same one; a key may ask once a minute.
A token outlives the sandbox that issued it, as the vendor's outlive a restart of its servers: it is signed, and the
next sandbox of this machine takes it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sugeup.sandbox.kis.envelope import Answer, failed

KEY, SECRET = "sandbox-key", "sandbox-secret"  # they open nothing but this sandbox
LIFE = 86_400
_HEAD = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9"
SAME_FOR = 6 * 3_600
BETWEEN = 60.0

_WORDS = {
    "EGW00102": "AppKey는 필수입니다.",
    "EGW00103": "유효하지 않은 AppKey입니다.",
    "EGW00104": "AppSecret은 필수입니다.",
    "EGW00105": "유효하지 않은 AppSecret입니다.",
    "EGW00115": "grant_type은 필수입니다.",
    "EGW00121": "유효하지 않은 token 입니다.",
    "EGW00123": "기간이 만료된 token 입니다.",
    "EGW00208": "고객유형(custtype)이 유효하지 않습니다.",
}
TOO_SOON = "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)"


@dataclass
class Issued:
    """One token: whose it is, when it was issued and when it ends (seconds of the counter), revoked or not."""

    value: str
    key: str
    issued: float
    ends: float
    revoked: bool = False


class Accounts:
    """Keys with their secrets and tokens. `seconds` counts the life of tokens; `between` lies between two issues."""

    def __init__(self, accounts: Mapping[str, str], seconds: Callable[[], float], between: float = BETWEEN) -> None:
        self._secrets = dict(accounts)
        self._seconds = seconds
        self._between = between
        self._tokens: dict[str, Issued] = {}
        self._newest: dict[str, Issued] = {}
        self._asked: dict[str, float] = {}
        self.issued = 0

    def token(self, body: Mapping[str, str], now: datetime) -> Answer:
        """Answer to tokenP; `now` is the moment in Seoul that the expiry is written in."""
        if wrong := self._wrong(body, "appsecret"):
            return _oauth(wrong)
        key, at = body["appkey"], self._seconds()
        last = self._asked.get(key)
        if last is not None and at - last < self._between:
            return Answer({"error_description": TOO_SOON, "error_code": "EGW00133"}, 403)
        self._asked[key] = at
        newest = self._newest.get(key)
        if newest is None or newest.revoked or at >= min(newest.issued + SAME_FOR, newest.ends):
            newest = self._issue(key, at)
        left = round(newest.ends - at)
        return Answer(
            {
                "access_token": newest.value,
                "access_token_token_expired": f"{now + timedelta(seconds=left):%Y-%m-%d %H:%M:%S}",
                "token_type": "Bearer",
                "expires_in": left,
            }
        )

    def revoke(self, body: Mapping[str, str]) -> Answer:
        """Answer to revokeP."""
        if wrong := self._wrong(body, "appsecret", granted=False):
            return _oauth(wrong)
        token = self._tokens.get(body.get("token", ""))
        if token is None or token.key != body["appkey"]:
            return _oauth("EGW00121")
        token.revoked = True
        return Answer({"code": 200, "message": "접근토큰 폐기에 성공하였습니다"})

    def approval(self, body: Mapping[str, str]) -> Answer:
        """Answer to Approval, the key of the push feed."""
        if wrong := self._wrong(body, "secretkey"):
            return _oauth(wrong)
        digest = hashlib.blake2b(body["appkey"].encode(), digest_size=16).digest()
        return Answer({"approval_key": str(uuid.UUID(bytes=digest, version=4))})

    def check(self, headers: Mapping[str, str]) -> Answer | None:
        """Why a call with these headers (names in lower case) is refused; None when it may go on."""
        scheme, _, value = headers.get("authorization", "").partition(" ")
        token = self._known(value.strip()) if scheme.lower() == "bearer" else None
        if token is None or token.revoked:
            return failed("EGW00121", _WORDS["EGW00121"])
        if self._seconds() >= token.ends:
            return failed("EGW00123", _WORDS["EGW00123"])
        if wrong := self._credentials(headers, "appsecret"):
            return failed(wrong, _WORDS[wrong])
        if headers["appkey"] != token.key:
            return failed("EGW00121", _WORDS["EGW00121"])
        if headers.get("custtype", "P") not in {"P", "B"}:
            return failed("EGW00208", _WORDS["EGW00208"])
        return None

    def end(self, key: str, *, revoked: bool) -> None:
        """Let every token of a key end now: expired, or revoked."""
        for token in self._tokens.values():
            if token.key == key:
                token.revoked = token.revoked or revoked
                token.ends = min(token.ends, self._seconds())

    def _issue(self, key: str, at: float) -> Issued:
        self.issued += 1
        said = f"{round(at * 1000):014x}{self.issued % 0xFFFF:04x}"
        token = Issued(f"{_HEAD}.{said}.{self._signature(key, said)}", key, at, at + LIFE)
        self._tokens[token.value] = self._newest[key] = token
        return token

    def _known(self, value: str) -> Issued | None:
        """The token of that value, issued by this sandbox or by an earlier one."""
        parts = value.split(".")
        if value in self._tokens or len(parts) != 3 or parts[0] != _HEAD:
            return self._tokens.get(value)
        key = next((key for key in self._secrets if self._signature(key, parts[1]) == parts[2]), None)
        if key is None:
            return None
        at = int(parts[1][:14], 16) / 1000
        return self._tokens.setdefault(value, Issued(value, key, at, at + LIFE))

    def _signature(self, key: str, said: str) -> str:
        signed = f"{key}/{self._secrets[key]}/{said}"
        return hashlib.blake2b(signed.encode(), digest_size=16).hexdigest()

    def _wrong(self, body: Mapping[str, str], secret: str, *, granted: bool = True) -> str | None:
        if granted and body.get("grant_type") != "client_credentials":
            return "EGW00115"
        return self._credentials(body, secret)

    def _credentials(self, given: Mapping[str, str], secret: str) -> str | None:
        key, word = given.get("appkey"), given.get(secret)
        if not key:
            return "EGW00102"
        if key not in self._secrets:
            return "EGW00103"
        if not word:
            return "EGW00104"
        return None if word == self._secrets[key] else "EGW00105"


def _oauth(code: str) -> Answer:
    return Answer({"error_description": _WORDS[code], "error_code": code}, 403)
