"""How an answer of the vendor is taken: `rsp_cd` decides, whatever the status; 00000 is said of an empty answer too.

What is said of an answer is the vendor's code and words, with everything masked that could be a key or a token.
"""

from __future__ import annotations

import re
from typing import Any

from sugeup.errors import ConfigError, Refused, SchemaDrift, SugeupError
from sugeup.sources.replies import words
from sugeup.sources.vendor import Outcome, Reply, Request, Verdict

_DONE = frozenset({"00000", "00707"})
"""Normal; no data. Neither says that nothing was traded: the paper server answers so too."""
_LIMITED = frozenset({"IGW00201"})
_RENEW = frozenset({"IGW00121", "IGW00123"})
_KEYS = "Check the app key and the secret of the LS account (docs/quickstart.md), then try again."
_CONFIG = {
    "IGW00103": _KEYS,
    "IGW00105": _KEYS,
    "01900": "The key is one for paper trading, which lacks this: use a key for real trading.",
}
_CHANGED = frozenset({"IGW00133", "IGW00205", "IGW00214", "IGW00215", "IGW40010"})
_FIELD = frozenset({"IGW40011", "IGW40013"})
_DAYS = frozenset({"date", "sdate", "edate", "fdate", "tdate", "fromdt", "todt", "from_date", "to_date"})
_ASKED = frozenset({"shcode", "upcode"}) | _DAYS
"""Fields that carry what the caller asked for; the others are ours."""
_NAME = re.compile(r"[a-z][a-z0-9_]+")


def judge(request: Request, reply: Reply) -> Verdict:
    """What to do with a reply; raises where sending again cannot help, saying what can.

    ConfigError: key or account. Refused: the argument. SchemaDrift: the vendor no longer takes what we send, or answers
    in another shape.
    """
    body = words.document(reply.body)
    if body is None:
        return Verdict(Outcome.AGAIN, words.wait(reply), f"status {reply.status}, an answer that is not whole JSON")
    if "access_token" in body and reply.status < 400:
        return Verdict(Outcome.DONE)
    code = str(body.get("rsp_cd") or body.get("error_code") or body.get("code") or "").strip()
    told = str(body.get("rsp_msg") or body.get("error_description") or body.get("message") or "").strip()
    said = words.masked(request, f"{code} {told}".strip() or f"status {reply.status}")
    if code in _DONE or _answers(body, code):
        return (
            Verdict(Outcome.AGAIN, words.wait(reply), said) if reply.status >= 500 else Verdict(Outcome.DONE, said=said)
        )
    if code in _LIMITED or reply.status == 429:
        return Verdict(Outcome.LIMITED, words.wait(reply), said)
    if code in _RENEW or (reply.status == 401 and code not in _CONFIG):
        return Verdict(Outcome.RENEW, said=said)
    raised = _error(request, code, told, said)
    if raised is not None:
        raise raised
    if reply.status >= 500:
        return Verdict(Outcome.AGAIN, words.wait(reply), said)
    if not code:
        raise _drift("the answer has no field rsp_cd", "rsp_cd", said)
    raise Refused(f"LS refused the question: {said}.", details={"vendor": "ls", "code": code})


def _answers(body: dict[str, Any], code: str) -> bool:
    """Whether a code that nobody has described comes with an answer: those of refusals come alone."""
    return code.isdigit() and any("outblock" in name.lower() for name in body)


def _error(request: Request, code: str, told: str, said: str) -> SugeupError | None:
    if code in _CONFIG:
        return ConfigError(f"LS: {said}.", hint=_CONFIG[code], details={"vendor": "ls", "code": code})
    if code in _CHANGED:
        return _drift("the vendor does not know what we sent", code, said)
    if code in _FIELD:
        ours = {name for block in (request.body or {}).values() if isinstance(block, dict) for name in block}
        named = [name for name in _NAME.findall(told) if name in ours - _ASKED]
        if named:
            return _drift("the vendor does not take a field of ours", named[0], said)
        return Refused(f"LS refused the question: {said}.", details={"vendor": "ls", "code": code})
    return None


def _drift(what: str, name: str, said: str) -> SchemaDrift:
    return SchemaDrift(
        f"LS: {what}: {name} ({said}).",
        hint="The vendor changed its interface: update sugeup or report this.",
        details={"vendor": "ls", "field": name},
    )
