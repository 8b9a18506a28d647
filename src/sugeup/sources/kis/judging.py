"""How an answer of the vendor is taken: success is `rt_cd` "0" alone, whatever the status; errors come with any status.

What is said of an answer is the vendor's code and words, with everything masked that could be a key or a token.
"""

from __future__ import annotations

import re

from sugeup.errors import ConfigError, NoData, Refused, SchemaDrift, SugeupError
from sugeup.sources.replies import words
from sugeup.sources.vendor import Outcome, Reply, Request, Verdict

ISSUE_WAIT = 60.0
_LIMITED = {"EGW00201": None, "EGW00133": ISSUE_WAIT}
_RENEW = frozenset({"EGW00121", "EGW00122", "EGW00123"})
_AGAIN = frozenset({"EGW00001", "EGW00002", "EGW00202", "EGW00203", "EGW00300", "EGW00301", "EGW00302", "OPSQ1002"})
_KEYS = "Check the app key and the secret of the KIS account (docs/quickstart.md), then try again."
_CONFIG = {
    **dict.fromkeys(("EGW00102", "EGW00103", "EGW00104", "EGW00105", "EGW00304"), _KEYS),
    "EGW00003": "The account has no access: look at its state in the vendor's portal.",
    "EGW00206": "The account may not use this service: apply for it in the vendor's portal.",
    "EGW00207": "The vendor wants calls from a registered address: register this one in its portal.",
    "EGW00208": "The account is not one of a person; only such accounts are supported.",
    "EGW00210": "Corporate accounts cannot use the paper host: use the real one.",
    "EGW02004": "The key is one for paper trading, the host is not: use a key for real trading, or the paper host.",
    "EGW02006": "The paper host does not offer this: use the real host and a key for real trading.",
    "EGW00213": "The paper host does not offer this: use the real host and a key for real trading.",
}
_CHANGED = frozenset({"EGW00101", "EGW00131", "EGW00132", "EGW00310", "MCA00124", "OPSQ0002", "OPSQ2002", "OPSQ9999"})
_BAD_FIELD = "OPSQ2001"
_TIME_LIMIT = re.compile(r"TIME LIMIT\s+(\d{1,2}:\d{2})\s*~\s*(\d{1,2}:\d{2})")
_PARAMETER = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_ASKED = re.compile(r"ISCD(_\d+)?$|DATE(_\d+)?$|HOUR(_\d+)?$|_DT$")
"""Parameters that carry what the caller asked for; the others are ours."""


def judge(request: Request, reply: Reply) -> Verdict:
    """What to do with a reply; raises where sending again cannot help, saying what can.

    ConfigError: key, account or host. NoData(NOT_PUBLISHED_YET): asked too early, with the time. Refused: the argument.
    SchemaDrift: the vendor no longer takes what we send, or answers in another shape.
    """
    if request.host == "files":
        return _file(request, reply)
    body = words.document(reply.body)
    if body is None:
        return Verdict(Outcome.AGAIN, words.wait(reply), f"status {reply.status}, an answer that is not whole JSON")
    if "access_token" in body and reply.status < 400:
        return Verdict(Outcome.DONE)
    result = body.get("rt_cd")
    code = str(body.get("msg_cd") or body.get("error_code") or "").strip()
    told = str(body.get("msg1") or body.get("error_description") or "").strip()
    said = words.masked(request, f"{code} {told}".strip() or f"status {reply.status}")
    if result == "0":
        return (
            Verdict(Outcome.AGAIN, words.wait(reply), said) if reply.status >= 500 else Verdict(Outcome.DONE, said=said)
        )
    if code in _LIMITED or reply.status == 429:
        return Verdict(Outcome.LIMITED, _LIMITED.get(code) or words.wait(reply), said)
    if code in _RENEW:
        return Verdict(Outcome.RENEW, said=said)
    if code in _AGAIN:
        return Verdict(Outcome.AGAIN, words.wait(reply), said)
    raised = _error(code, told, said, result)
    if raised is not None:
        raise raised
    if reply.status >= 500:
        return Verdict(Outcome.AGAIN, words.wait(reply), said)
    if result is None and not code:
        raise _drift("the answer has no field rt_cd", "rt_cd", said)
    raise Refused(f"KIS refused the question: {said}.", details={"vendor": "kis", "code": code})


def _error(code: str, told: str, said: str, result: object) -> SugeupError | None:
    if code in _CONFIG:
        return ConfigError(f"KIS: {said}.", hint=_CONFIG[code], details={"vendor": "kis", "code": code})
    if code in _CHANGED:
        return _drift("the vendor does not know what we sent", code, said)
    if code != _BAD_FIELD:
        return None
    limit = _TIME_LIMIT.search(told.upper())
    if limit is not None:
        until = limit.group(2)
        return NoData(
            f"KIS does not give today's figures before {until} in Seoul.",
            code="NOT_PUBLISHED_YET",
            hint=f"Ask again from {until} on, or for the session before.",
            details={"vendor": "kis", "until": until},
        )
    named = [name for name in _PARAMETER.findall(told.upper()) if not _ASKED.search(name)]
    if named:
        return _drift("the vendor does not take a parameter of ours", named[0], said)
    return Refused(f"KIS refused the question: {said}.", details={"vendor": "kis", "code": code})


def _file(request: Request, reply: Reply) -> Verdict:
    if 200 <= reply.status < 300 and reply.body:
        return Verdict(Outcome.DONE)
    said = f"status {reply.status} for {request.path}"
    if reply.status == 429:
        return Verdict(Outcome.LIMITED, words.wait(reply), said)
    if reply.status in (404, 410):
        raise _drift("the master file is no longer there", request.path, said)
    if 400 <= reply.status < 500:
        raise Refused(f"KIS refused the file: {said}.", details={"vendor": "kis"})
    return Verdict(Outcome.AGAIN, words.wait(reply), said)


def _drift(what: str, name: str, said: str) -> SchemaDrift:
    return SchemaDrift(
        f"KIS: {what}: {name} ({said}).",
        hint="The vendor changed its interface: update sugeup or report this.",
        details={"vendor": "kis", "field": name},
    )
