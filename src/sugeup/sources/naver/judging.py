"""How an answer of the vendor is taken: JSON with a status of success is one; a page of its site is none.

A page may be a passing trouble or the end of an interface that nobody promised: it is asked again, and where it stays,
the words say what came instead of figures.
"""

from __future__ import annotations

import orjson

from sugeup.errors import Refused, SchemaDrift
from sugeup.sources.replies import words
from sugeup.sources.vendor import Outcome, Reply, Request, Verdict

PAGE = "Naver answers a page instead of figures"
BLOCKED_WAIT = 3600.0
"""Seconds for which a vendor that refuses us is left alone."""
LIMITED_WAIT = 30.0
_STOCK = "/api/domestic/detail/"
_GONE = frozenset({404, 410})


def judge(request: Request, reply: Reply) -> Verdict:
    """What to do with a reply; raises where sending again cannot help.

    SchemaDrift: the question is gone, leads elsewhere, or is no longer taken as we put it. Refused: a stock that the
    vendor does not take.
    """
    status, page = reply.status, _is_page(reply)
    said = f"{PAGE} (status {status})" if page else f"status {status}{_told(request, reply)}"
    if status == 429:
        return Verdict(Outcome.LIMITED, _wait(reply, LIMITED_WAIT), said)
    if status == 403:
        return Verdict(Outcome.LIMITED, _wait(reply, BLOCKED_WAIT), f"{said}: this address is refused")
    if status in _GONE or 300 <= status < 400:
        raise _drift(request, "the question is no longer answered at this place", said)
    if status >= 500 or page:
        return Verdict(Outcome.AGAIN, words.wait(reply), said)
    if status >= 400:
        if request.path.startswith(_STOCK):
            raise Refused(f"Naver refused the question: {said}.", details={"vendor": "naver", "path": request.path})
        raise _drift(request, "the vendor does not take the question as we put it", said)
    if not _whole(reply.body):
        return Verdict(Outcome.AGAIN, words.wait(reply), f"status {status}, an answer that is not whole JSON")
    return Verdict(Outcome.DONE)


def _wait(reply: Reply, otherwise: float) -> float:
    asked = words.wait(reply)
    return otherwise if asked is None else asked


def _is_page(reply: Reply) -> bool:
    return "html" in reply.headers.get("content-type", "").lower() or reply.body.lstrip()[:1] == b"<"


def _whole(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _told(request: Request, reply: Reply) -> str:
    text = " ".join(reply.body[:400].decode("utf-8", "replace").split())
    return f": {words.masked(request, text)}" if text else ""


def _drift(request: Request, what: str, said: str) -> SchemaDrift:
    return SchemaDrift(
        f"Naver: {what}: {request.path} ({said}).",
        hint="The vendor changed its pages, which it never promised to keep: update sugeup, or turn this source off.",
        details={"vendor": "naver", "endpoint": request.path, "field": "(path)"},
    )
