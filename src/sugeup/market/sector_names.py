"""업종 이름: the exchange's industries by the code of their index, as dated rows: names of codes, and codes of names.

Codes are those of the brokers' masters: 0xxx KOSPI, 1xxx KOSDAQ. One industry has a code in each market, and other
numbers elsewhere: the exchange's own statistics count KOSPI from 1005 and KOSDAQ from 2012. 금융 holds 증권 and 보험,
제조 what is manufactured. The exchange renames industries now and then, so a row is dated and a name of its own that a
source tells comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

SCHEME = "KRX_INDUSTRY"
"""The scheme that these codes and names belong to."""

_SEEN = date(2026, 1, 1)
_LIST = "the exchange's list of industry indices, 2026-01, and a broker's list of index codes (idxcode.mst)"
_BOARD = "a broker's board of industries read after the close of 2026-09-17, which has the same numbers"


@dataclass(frozen=True)
class Industry:
    """One industry of a market: what it is called in Korean and English from `valid_from` on (None before: unknown)."""

    code: str
    market: str
    korean: str
    english: str
    valid_from: date
    evidence: str


def _rows(market: str, evidence: str, named: tuple[tuple[str, str, str], ...]) -> tuple[Industry, ...]:
    return tuple(Industry(code, market, korean, english, _SEEN, evidence) for code, korean, english in named)


_KOSPI = (
    ("0005", "음식료·담배", "Food, Beverages & Tobacco"),
    ("0006", "섬유·의류", "Textiles & Apparel"),
    ("0007", "종이·목재", "Paper & Wood"),
    ("0008", "화학", "Chemicals"),
    ("0009", "제약", "Pharmaceuticals"),
    ("0010", "비금속", "Non-metallic Minerals"),
    ("0011", "금속", "Metals"),
    ("0012", "기계·장비", "Machinery & Equipment"),
    ("0013", "전기·전자", "Electrical & Electronic Equipment"),
    ("0014", "의료·정밀기기", "Medical & Precision Instruments"),
    ("0015", "운송장비·부품", "Transport Equipment & Parts"),
    ("0016", "유통", "Distribution"),
    ("0017", "전기·가스", "Electricity & Gas"),
    ("0018", "건설", "Construction"),
    ("0019", "운송·창고", "Transport & Storage"),
    ("0020", "통신", "Telecommunications"),
    ("0021", "금융", "Finance"),
    ("0024", "증권", "Securities"),
    ("0025", "보험", "Insurance"),
    ("0026", "일반서비스", "General Services"),
    ("0027", "제조", "Manufacturing"),
    ("0028", "부동산", "Real Estate"),
    ("0029", "IT 서비스", "IT Services"),
    ("0030", "오락·문화", "Entertainment & Culture"),
)
_KOSDAQ = (
    ("1006", "일반서비스", "General Services"),
    ("1009", "제조", "Manufacturing"),
    ("1010", "건설", "Construction"),
    ("1011", "유통", "Distribution"),
    ("1013", "운송·창고", "Transport & Storage"),
    ("1014", "금융", "Finance"),
    ("1015", "오락·문화", "Entertainment & Culture"),
    ("1019", "음식료·담배", "Food, Beverages & Tobacco"),
    ("1020", "섬유·의류", "Textiles & Apparel"),
    ("1021", "종이·목재", "Paper & Wood"),
    ("1022", "출판·매체복제", "Publishing & Reproduction"),
    ("1023", "화학", "Chemicals"),
    ("1024", "제약", "Pharmaceuticals"),
    ("1025", "비금속", "Non-metallic Minerals"),
    ("1026", "금속", "Metals"),
    ("1027", "기계·장비", "Machinery & Equipment"),
    ("1028", "전기·전자", "Electrical & Electronic Equipment"),
    ("1029", "의료·정밀기기", "Medical & Precision Instruments"),
    ("1030", "운송장비·부품", "Transport Equipment & Parts"),
    ("1031", "기타제조", "Other Manufacturing"),
    ("1032", "통신", "Telecommunications"),
    ("1033", "IT 서비스", "IT Services"),
)

INDUSTRIES: tuple[Industry, ...] = (
    *_rows("KOSPI", f"{_LIST}; {_BOARD}", _KOSPI),
    *_rows("KOSDAQ", _LIST, _KOSDAQ),
)
"""Two lists agree on every number. Numbers that are missing (0022, 0023, 1007 …) had no industry in them."""

LARGE = frozenset({"0021", "0027", "1009", "1014"})
"""Industries that hold others: 금융 and 제조."""
PARTS = {("KOSPI", "은행"): "0021", ("KOSPI", "기타금융"): "0021", ("KOSPI", "기타제조"): "0027"}
"""Names that the exchange gives stocks of a market and that have no index of their own: the industry that holds them.

기타금융 stands so in the library pykrx's example of the page of 2022-09-02, all three in public copies of the page.
"""
UNINDEXED = ("농업", "임업", "어업", "광업")
"""How names of industries begin that the exchange gives stocks and that have no index and are part of no other."""

HOLDS: Mapping[str, tuple[str, ...]] = {
    "0021": ("0024", "0025"),
    "0027": tuple(f"{number:04d}" for number in range(5, 16)),
    "1009": tuple(str(number) for number in range(1019, 1032)),
}
"""Wide industries (대분류) and those inside them (중분류): a stock counts to the one inside, where it is in one."""

_BY_CODE = {industry.code: industry for industry in INDUSTRIES}


def industry(code: str) -> Industry | None:
    """The industry of an index code; None for a code that is none. >>> industry("0013").korean gives 전기·전자."""
    return _BY_CODE.get(code)


def numbered(market: str, name: str) -> str | None:
    """Code of the industry of a market with that Korean name; None for a name that is none, also one of `PARTS`.

    Blanks and middle dots do not count: they are set differently from list to list. >>> numbered("KOSPI", "전기전자")
    """
    return _BY_NAME.get((market, bare(name)))


def holding(market: str, name: str) -> str | None:
    """As `numbered`, and of a name that has no index of its own the code of the industry that holds it."""
    return numbered(market, name) or PARTS.get((market, bare(name)))


def unindexed(name: str) -> bool:
    """Whether an industry is known to have no index, so that its stocks are in no sector (농업, 광업)."""
    return bare(name).startswith(UNINDEXED)


def bare(name: str) -> str:
    """A name as it is compared: without blanks and middle dots."""
    return "".join(letter for letter in name if not letter.isspace() and letter not in "·ㆍ・")


def korean() -> dict[str, str]:
    """Code -> Korean name of every industry."""
    return {one.code: one.korean for one in INDUSTRIES}


_BY_NAME = {(industry.market, bare(industry.korean)): industry.code for industry in INDUSTRIES}
