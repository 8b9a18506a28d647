"""종목코드: what a client may write for a security, and what it most likely meant.

A code is six characters, letters possible (`0009K0`). Clients drop leading zeros or send integers (`5930`); both are
accepted. Names match without spaces and case; initial consonants (초성) match too.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

_CODE = re.compile(r"[0-9][0-9A-Z]{5}")
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_HANGUL_FIRST, _HANGUL_LAST, _PER_INITIAL = 0xAC00, 0xD7A3, 588


@dataclass(frozen=True)
class Listed:
    """One security as it is searched: code, Korean and English name, market; `name` may be empty."""

    code: str
    name: str
    name_en: str
    market: str | None


def normalise(code: str | int) -> str | None:
    """The six-character code that a client meant (5930, "5930", "a005930" -> 005930), or None: it cannot be one."""
    text = str(code).strip().upper()
    if re.fullmatch(r"A[0-9][0-9A-Z]{5}", text):
        text = text[1:]
    if text.isascii() and text.isdigit():
        text = text.zfill(6)
    return text if _CODE.fullmatch(text) else None


def initials(name: str) -> str:
    """Initial consonants of a Korean name: 삼성전자 -> ㅅㅅㅈㅈ; other characters stay."""
    return "".join(
        _INITIALS[(ord(letter) - _HANGUL_FIRST) // _PER_INITIAL]
        if _HANGUL_FIRST <= ord(letter) <= _HANGUL_LAST
        else letter
        for letter in name
    )


def search(query: str, catalogue: Sequence[Listed]) -> list[Listed]:
    """Securities that match, best first: exact code or name, then prefixes, then parts, then near misses."""
    wanted = _folded(query)
    if not wanted:
        return []
    code = normalise(query)
    scored = [(score, entry) for entry in catalogue if (score := _score(wanted, code, entry)) is not None]
    scored.sort(key=lambda pair: (pair[0], len(pair[1].name), pair[1].code))
    return [entry for _, entry in scored]


def _score(wanted: str, code: str | None, entry: Listed) -> float | None:
    """How well an entry matches, 0 the best; None when it does not."""
    names = [name for name in (_folded(entry.name), _folded(entry.name_en)) if name]
    if entry.code == code or wanted in names:
        return 0.0
    if any(name.startswith(wanted) for name in names):
        return 1.0
    if entry.code.startswith(wanted.upper()):
        return 2.0
    if any(wanted in name for name in names):
        return 3.0
    if set(wanted) <= set(_INITIALS) and names and wanted in initials(names[0]):
        return 4.0
    if names and _is_subsequence(wanted, names[0]):
        return 5.0
    likeness = max((difflib.SequenceMatcher(None, wanted, name).ratio() for name in names), default=0.0)
    if code is not None:
        likeness = max(likeness, difflib.SequenceMatcher(None, code, entry.code).ratio() - 0.15)
    return 7.0 - likeness if likeness >= 0.6 else None


def _folded(name: str) -> str:
    return re.sub(r"[\s.\-&()]", "", name).casefold()


def _is_subsequence(wanted: str, name: str) -> bool:
    """Whether the letters of an abbreviation such as 삼전 appear in order in 삼성전자."""
    letters = iter(name)
    return len(wanted) >= 2 and name.startswith(wanted[0]) and all(letter in letters for letter in wanted)
