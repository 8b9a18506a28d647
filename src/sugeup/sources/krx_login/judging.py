"""How an answer of the member pages is taken, and what came of the log-in.

LOGOUT with status 400 is what the pages say to somebody who is not logged in. It is judged here after a new log-in
alone, and then it means that the address is kept out: for a day, and again with each further attempt.
"""

from __future__ import annotations

import re

from sugeup.errors import ConfigError, Refused, Retryable
from sugeup.sources.replies import words
from sugeup.sources.vendor import Outcome, Reply, Request, Token, Verdict

DAY = 86_400
BLOCKED = "BLOCKED"
"""Reason in the details of the error by which an address learns that it is kept out."""
SESSION = 3_600
GOOD, CHANGE, ELSEWHERE = "CD001", "CD010", "CD011"
_KEPT_OUT = re.compile(r"차단|이용.{0,4}제한|접근.{0,4}제한|blocked|denied", re.IGNORECASE)
_ADVICE = (
    "Stop asking for a day: each attempt renews it. Download the pages by hand and `sugeup import` them, or use the "
    "KRX OPEN API for prices."
)


def judge(request: Request, reply: Reply) -> Verdict:
    """What to do with a reply.

    Retryable (RATE_LIMITED, `details["reason"]` BLOCKED, a day) when the address is kept out. Refused: the argument.
    """
    said = f"status {reply.status}"
    if kept_out(reply):
        raise blocked(said)
    if reply.status == 429:
        return Verdict(Outcome.LIMITED, words.wait(reply), said)
    body = words.document(reply.body)
    if reply.status < 300 and body is not None:
        if "_error_code" in body:
            return Verdict(Outcome.AGAIN, said=f"the page of the log-in in place of an answer ({body['_error_code']})")
        return Verdict(Outcome.DONE)
    if body is None or reply.status >= 500:
        return Verdict(Outcome.AGAIN, words.wait(reply), f"{said}, an answer that is not whole JSON")
    raise Refused(f"KRX refused the question {request.path}: {said}.", details={"vendor": "krx_login"})


def signed_in(reply: Reply) -> Token:
    """How long the log-in holds, from the reply to it.

    ConfigError: the log-in or the password is wrong, or has to be changed. Retryable: kept out, or no answer.
    """
    if kept_out(reply):
        raise blocked(f"status {reply.status} to the log-in")
    body = words.document(reply.body)
    if body is None or reply.status >= 500:
        raise Retryable(
            f"KRX did not answer the log-in (status {reply.status}).",
            code="SOURCE_DOWN",
            hint="Try again later.",
            details={"vendor": "krx_login", "endpoint": "login"},
        )
    code = str(body.get("_error_code") or "")
    if code == GOOD:
        return Token("-", SESSION)
    if code == CHANGE:
        raise ConfigError(
            "KRX wants the password of the log-in to be changed (CD010).",
            hint="Change it at https://data.krx.co.kr, then set SUGEUP_KRX_PW to the new one.",
            details={"vendor": "krx_login", "code": code},
        )
    if code == ELSEWHERE:
        raise Retryable(
            "The log-in is in use elsewhere and KRX did not end the other session (CD011).",
            code="BUSY",
            hint="Log out at https://data.krx.co.kr in the other browser or program, then try again.",
            details={"vendor": "krx_login", "endpoint": "login", "code": code},
        )
    raise ConfigError(
        f"KRX does not accept the log-in ({code or 'no code in the answer'}).",
        code="NO_CREDENTIALS",
        hint="Check SUGEUP_KRX_ID and SUGEUP_KRX_PW by logging in at https://data.krx.co.kr: an account with an own "
        "password is needed, log-ins by Naver or Kakao do not work here.",
        details={"vendor": "krx_login", "code": code},
    )


def kept_out(reply: Reply) -> bool:
    """Whether the address is kept out: LOGOUT after a log-in, 403, or a page that says so."""
    text = reply.body[:4_000].decode("utf-8", "replace").strip()
    if reply.status == 400 and text.upper().startswith("LOGOUT"):
        return True
    return reply.status == 403 or (text.startswith("<") and bool(_KEPT_OUT.search(text)))


def blocked(said: str) -> Retryable:
    """The error of an address that is kept out."""
    return Retryable(
        f"KRX keeps this address out ({said}): it restricts addresses that ask much for a day.",
        code="RATE_LIMITED",
        hint=_ADVICE,
        details={"vendor": "krx_login", "reason": BLOCKED, "retry_after": DAY},
    )
