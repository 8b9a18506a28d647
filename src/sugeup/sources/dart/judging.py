"""How an answer of the regulator is taken: `status` in the body decides, which comes with HTTP 200 always."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sugeup.errors import ConfigError, Refused, Retryable
from sugeup.sources.dart.question import NOTHING
from sugeup.sources.replies import words
from sugeup.sources.replies.sheet import drift
from sugeup.sources.vendor import Outcome, Reply, Request, Verdict

PAGE = "https://opendart.fss.or.kr"
_DONE = frozenset({"000", NOTHING})
_KEY = {
    "010": f"Check SUGEUP_DART_API_KEY: a key of forty characters, from {PAGE} (인증키 신청/관리).",
    "011": f"The key is blocked for a time: look at {PAGE} (인증키 신청/관리).",
    "012": f"The key is bound to other addresses: change them at {PAGE} (인증키 신청/관리).",
    "901": f"The account has expired: renew it at {PAGE}, then set SUGEUP_DART_API_KEY.",
}
_OVER, _CLOSED = "020", "800"
_WRONG = frozenset({"014", "021", "100", "101"})


def judge(request: Request, reply: Reply) -> Verdict:
    """What to do with a reply.

    Raises ConfigError for the key; Retryable RATE_LIMITED (`details["reason"]` QUOTA) beyond the calls of a day and
    SOURCE_DOWN during maintenance, both of which last longer than anyone waits; Refused for the question.
    """
    body = words.document(reply.body)
    if reply.status == 429:
        return Verdict(Outcome.LIMITED, words.wait(reply), f"status {reply.status}")
    if body is None or reply.status >= 500:
        return Verdict(Outcome.AGAIN, words.wait(reply), f"status {reply.status}, {_shape(body)}")
    code = str(body.get("status") or "").strip()
    said = words.masked(request, f"{code} {body.get('message') or ''}".strip() or f"status {reply.status}")
    details = {"vendor": "dart", "code": code}
    if code in _DONE and _lacks(body):
        return Verdict(Outcome.AGAIN, words.wait(reply), "a page of the feed lacks rows that it counts")
    if code in _DONE:
        return Verdict(Outcome.DONE, said=said if code == NOTHING else "")
    if code in _KEY:
        raise ConfigError(f"DART refused the key: {said}.", hint=_KEY[code], details=details)
    if code == _OVER:
        raise Retryable(
            f"DART: the calls of this key are used up ({said}).",
            code="RATE_LIMITED",
            hint="Go on tomorrow; what was answered so far is stored.",
            details=details | {"reason": "QUOTA"},
        )
    if code == _CLOSED:
        raise Retryable(
            f"DART is closed for maintenance ({said}).",
            code="SOURCE_DOWN",
            hint="Try again in some hours; what is stored already is not touched.",
            details=details | {"reason": "MAINTENANCE"},
        )
    if code in _WRONG:
        raise Refused(f"DART refused the question: {said}.", details=details)
    if not code:
        raise drift("dart", "DART", request.path.strip("/").removesuffix(".json"), "status")
    return Verdict(Outcome.AGAIN, words.wait(reply), said)


def _shape(body: object) -> str:
    return "an answer that is not whole JSON" if body is None else "an answer of a server in trouble"


def _lacks(body: Mapping[str, Any]) -> bool:
    """Whether a page holds fewer rows than it says of itself."""
    said = [body.get(name) for name in ("total_count", "page_no", "page_count")]
    rows = body.get("list")
    if not isinstance(rows, list) or not all(type(one) is int for one in said):
        return False
    total, page, size = (int(one) for one in said if one is not None)
    return len(rows) < min(size, total - size * (page - 1))
