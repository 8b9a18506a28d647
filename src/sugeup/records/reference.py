"""기준정보: what a code is, where it is listed, and to which sector it belonged at which time."""

from __future__ import annotations

from sugeup.records.schema import CODE, Column, Dataset, Kind, Partition, integer, text

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
OVERLAPPING = ("THEME",)
"""Schemes in which a stock belongs to several sectors at once; in all others their members are disjoint."""

SECTOR_MEMBERSHIP = Dataset(
    "sector_membership",
    "업종 구성",
    "Sector of one stock in one scheme from a date on. Read as of the observed day, never today's map on history. "
    "In the scheme THEME a stock has as many rows as themes; in every other scheme it has one at a time.",
    ("code", "scheme", "valid_from", "sector"),
    (
        CODE,
        text("scheme", "분류체계", "WICS, KSIC, NAVER, THEME (테마) or another scheme.", required=True),
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
DATASETS = (INSTRUMENTS, SECTOR_MEMBERSHIP)
