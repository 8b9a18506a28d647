"""Members and their sessions: a cookie from the page of the log-in, which a log-in makes good for an hour.

A member has one session. Who logs in while another one runs is told so (CD011) and ends it by asking again with
skipDup.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from sugeup.sandbox.service import Call, Sent

COOKIE = "JSESSIONID"
PAGE = "/contents/MDC/COMS/client/MDCCOMS001.cmd"
FRAME = "/contents/MDC/COMS/client/view/login.jsp"
LOGIN = "/contents/MDC/COMS/client/MDCCOMS001D1.cmd"
GOOD, UNKNOWN, CHANGE, ELSEWHERE = "CD001", "CD005", "CD010", "CD011"
WORDS = {
    GOOD: "정상",
    UNKNOWN: "아이디 또는 비밀번호가 일치하지 않습니다.",
    CHANGE: "비밀번호 변경이 필요합니다.",
    ELSEWHERE: "중복 로그인입니다.",
}
_HTML = "text/html; charset=utf-8"
_SHELL = b"<!DOCTYPE html><html><head><title>KRX</title></head><body></body></html>"


@dataclass
class Session:
    """Whose session it is, and when it ends (seconds of the counter)."""

    member: str
    ends: float


class Members:
    """Log-ins with their passwords. `seconds` counts the life of sessions, which is `life`."""

    def __init__(self, accounts: Mapping[str, str], seconds: Callable[[], float], life: float) -> None:
        self._accounts = dict(accounts)
        self._seconds = seconds
        self._life = life
        self._sessions: dict[str, Session] = {}
        self._given = 0
        self.logins = 0

    def page(self, call: Call) -> Sent:
        """The page or the frame of the log-in; a visitor without a cookie gets one."""
        headers = {} if cookie(call) else {"set-cookie": f"{COOKIE}={self._fresh()}; Path=/; HttpOnly"}
        return Sent(_SHELL, kind=_HTML, headers=headers)

    def login(self, call: Call, *, password_due: bool, elsewhere: bool) -> Sent:
        """The answer to a log-in: a code and words."""
        given, held = call.form, cookie(call)
        member = given.get("mbrId", "")
        if not held or self._accounts.get(member, "") != given.get("pw") or not member:
            return _told(UNKNOWN)
        if password_due:
            return _told(CHANGE)
        other = [key for key, one in self._sessions.items() if one.member == member and self._runs(one)]
        if (other or elsewhere) and given.get("skipDup") != "Y":
            return _told(ELSEWHERE)
        for key in other:
            del self._sessions[key]
        self.logins += 1
        self._sessions[held] = Session(member, self._seconds() + self._life)
        return _told(GOOD)

    def member(self, call: Call) -> str:
        """Who asks; empty for somebody who is not logged in."""
        session = self._sessions.get(cookie(call))
        return session.member if session is not None and self._runs(session) else ""

    def end(self, member: str) -> None:
        """End every session of a member."""
        self._sessions = {key: one for key, one in self._sessions.items() if one.member != member}

    def _runs(self, session: Session) -> bool:
        return self._seconds() < session.ends

    def _fresh(self) -> str:
        self._given += 1
        return hashlib.blake2b(f"{self._given}".encode(), digest_size=20).hexdigest().upper()


def cookie(call: Call) -> str:
    """The cookie of a call; empty where there is none."""
    try:
        found = SimpleCookie(call.headers.get("cookie", ""))
    except CookieError:
        return ""
    return found[COOKIE].value if COOKIE in found else ""


def _told(code: str) -> Sent:
    return Sent({"_error_code": code, "_error_message": WORDS[code]})
