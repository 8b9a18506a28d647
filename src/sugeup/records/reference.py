"""기준정보: what a code is, where it is listed, to which sector it belonged, how it was marked and split, and when."""

from __future__ import annotations

from sugeup.records.schema import CODE, SESSION, Column, Dataset, Kind, Partition, integer, number, text

VALID_FROM = Column(
    "valid_from", Kind.DATE, "", "적용 시작일", "First day on which the row is true, as first seen.", True
)
VALID_TO = Column("valid_to", Kind.DATE, "", "적용 종료일", "Last day on which the row is true; null while it is.")
MARKETS = ("KOSPI", "KOSDAQ", "KONEX")

INSTRUMENTS = Dataset(
    "instruments",
    "종목 기본정보",
    "Name, market and status of one security from a date on.",
    ("code", "valid_from"),
    (
        CODE,
        VALID_FROM,
        text("isin", "표준코드", "ISIN."),
        text("name", "종목명", "Korean name."),
        text("name_en", "영문명", "Common English name."),
        text("market", "시장", "Where the security is listed; KOSDAQ GLOBAL is KOSDAQ.", values=MARKETS),
        text("kind", "종류", "STOCK, ETF, ETN or other."),
        Column("listed_on", Kind.DATE, "", "상장일", "First day of listing."),
        Column("delisted_on", Kind.DATE, "", "상장폐지일", "Last day of listing."),
        integer("par_amount", "won", "액면가", "Par value."),
        integer("listed_shares", "shares", "상장주식수", "Shares listed."),
        Column("is_preferred", Kind.BOOLEAN, "", "우선주 여부", "True for a preferred share."),
        Column("nxt_tradable", Kind.BOOLEAN, "", "NXT 거래 가능", "True when Nextrade trades it too."),
        VALID_TO,
    ),
    Partition.WHOLE,
    scope="code",
    dated="valid_from",
    traded=False,
)
INDEX_SCHEME = "INDEX"
"""Scheme of the members of indices (KOSPI200, KOSDAQ150, KRX300), dated from the day they were first seen."""
OVERLAPPING = ("THEME", INDEX_SCHEME)
"""Schemes in which a stock belongs to several sectors at once; in all others their members are disjoint."""

SECTOR_MEMBERSHIP = Dataset(
    "sector_membership",
    "업종 구성",
    "Sector of one stock in one scheme from a date on. Read as of the observed day, never today's map on history. "
    "In the schemes THEME and INDEX a stock has as many rows as themes and indices; in every other one it has one at a "
    "time.",
    ("code", "scheme", "valid_from", "sector"),
    (
        CODE,
        text(
            "scheme",
            "분류체계",
            "WICS, KSIC, NAVER, THEME (테마), INDEX (지수 구성종목) or another scheme.",
            required=True,
        ),
        VALID_FROM,
        text("sector", "업종코드", "Sector code; the name where the scheme has no codes.", required=True),
        text("sector_name", "업종명", "Sector name."),
        VALID_TO,
    ),
    Partition.WHOLE,
    scope="code",
    dated="valid_from",
    traded=False,
)
MARKS = {
    "HALT": "거래정지",
    "ADMINISTRATIVE": "관리종목",
    "WARNING": "시장경고",
    "SHORT_OVERHEAT": "공매도 과열",
    "LIQUIDATION": "정리매매",
}
"""Kinds of designation and their Korean names."""

DESIGNATIONS = Dataset(
    "designations",
    "시장조치",
    "A mark that the exchange had put on one stock on one session; a stock without one has no row.",
    ("code", "session", "kind"),
    (
        CODE,
        SESSION,
        text("kind", "종류", ", ".join(f"{kind} {said}" for kind, said in MARKS.items()), required=True, values=MARKS),
        text("level", "단계", "Step of a warning (1 주의, 2 경고, 3 위험); null where the mark has none."),
    ),
    Partition.YEAR,
    scope="code",
    traded=False,
)
ACTIONS = {"SPLIT": "액면분할", "CONSOLIDATION": "액면병합", "RIGHTS": "권리락", "DIVIDEND": "배당락", "OTHER": "기타"}
"""Kinds of corporate action and their Korean names."""

CORPORATE_ACTIONS = Dataset(
    "corporate_actions",
    "권리변동",
    "An event from which on one share is not what it was: factors bring what lies before it to the scale after it.",
    ("code", "effective_session", "kind"),
    (
        CODE,
        Column("effective_session", Kind.DATE, "", "적용일", "First session on the new scale.", True),
        text(
            "kind", "종류", ", ".join(f"{kind} {said}" for kind, said in ACTIONS.items()), required=True, values=ACTIONS
        ),
        number(
            "share_factor", "ratio", "주식수 계수", "Shares after for one share before: 50 for a split of 1 into 50."
        ),
        number("price_factor", "ratio", "가격 계수", "Price after for one won before: 0.02 for a split of 1 into 50."),
        text("evidence", "근거", "The witnesses that agreed, comma-separated."),
    ),
    Partition.WHOLE,
    scope="code",
    dated="effective_session",
    traded=False,
)
DATASETS = (INSTRUMENTS, SECTOR_MEMBERSHIP, DESIGNATIONS, CORPORATE_ACTIONS)
