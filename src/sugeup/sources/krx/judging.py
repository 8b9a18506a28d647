"""How an answer of the exchange is taken: its status decides; a refusal says in `respMsg` what is missing."""

from __future__ import annotations

from typing import Any

from sugeup.errors import ConfigError, Refused
from sugeup.sources.replies import words
from sugeup.sources.vendor import Outcome, Reply, Request, Verdict

PAGE = "https://openapi.krx.co.kr"
_UNAPPROVED = "API Call"


def judge(request: Request, reply: Reply) -> Verdict:
    """What to do with a reply; ConfigError for a key that is wrong or that lacks this API, Refused for the question."""
    body = words.document(reply.body)
    told = _told(body or {})
    api = request.path.rsplit("/", 1)[-1]
    said = words.masked(request, told or f"status {reply.status}")
    details = {"vendor": "krx", "api": api, "status": reply.status}
    if reply.status in {401, 403}:
        if _UNAPPROVED in told:
            raise ConfigError(
                f"KRX OPEN API: the key has no approval for {api} ({said}).",
                hint=f"Apply for {api} at {PAGE} (서비스 이용 > API 이용신청): each API is applied for by itself.",
                details=details,
            )
        raise ConfigError(
            f"KRX OPEN API refused the key for {api} ({said}).",
            hint=f"Check SUGEUP_KRX_API_KEY at {PAGE} (마이페이지 > API 인증키): a key is good for a year. "
            f"{api} has to be applied for by itself.",
            details=details,
        )
    if reply.status == 429:
        return Verdict(Outcome.LIMITED, words.wait(reply), said)
    if reply.status >= 500 or body is None:
        what = said if body is not None else f"status {reply.status}, an answer that is not whole JSON"
        return Verdict(Outcome.AGAIN, words.wait(reply), what)
    if reply.status >= 400:
        raise Refused(f"KRX OPEN API refused the question {api}: {said}.", details=details)
    return Verdict(Outcome.DONE)


def _told(body: dict[str, Any]) -> str:
    return str(body.get("respMsg") or body.get("message") or "").strip()
