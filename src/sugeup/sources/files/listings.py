"""Reference data: which code is which stock, its sector in three schemes, its themes, as of the day they were seen."""

from __future__ import annotations

from datetime import date

import polars as pl

from sugeup.records import Kind, Origin, Standing
from sugeup.sources.files.layout import Layout, Rows, Table
from sugeup.sources.files.wide import once

NAMELESS = "no name or market: delisted, or listed after the list was made"
CODELESS = "no code: the name did not match a listed stock when the list was made"
_LISTED_ON = date(2026, 3, 22)
_SECTORED_ON = date(2026, 4, 6)
_THEMED_ON = date(2026, 2, 28)
_SCHEMES = (
    ("WICS", "wics_sector", "wics_copy", _SECTORED_ON),
    ("KSIC", "ksic_industry", "krx_listing_copy", _LISTED_ON),
    ("NAVER", "naver_industry", "naver_industry_copy", _SECTORED_ON),
)


def stocks(frame: pl.DataFrame) -> Rows:
    """Names and markets as of 2026-03-22. Row: 000020, 동화약품, KOSPI, None, 의약품 제조업, …, 1976-03-24, …."""
    named = frame.filter(pl.col("name").is_not_null() & pl.col("market").is_not_null())
    rows = once(
        named.select(
            "row",
            "code",
            "name",
            "market",
            valid_from=pl.lit(_LISTED_ON),
            kind=pl.lit("STOCK"),
            listed_on=pl.col("listing_date"),
        ),
        ("code", "valid_from"),
    )
    missing = frame.height - named.height
    return Rows(rows.frame, dict(rows.left_out) | ({NAMELESS: missing} if missing else {}), rows.faults)


def sectors(frame: pl.DataFrame) -> Rows:
    """One row per code and scheme that has a sector; the schemes have names, no codes."""
    schemes = [
        frame.filter(pl.col(column).is_not_null()).select(
            "row",
            "code",
            scheme=pl.lit(scheme),
            valid_from=pl.lit(seen),
            sector=pl.col(column),
            sector_name=pl.col(column),
            source=pl.lit(source),
        )
        for scheme, column, source, seen in _SCHEMES
    ]
    return once(pl.concat(schemes), ("code", "scheme", "valid_from"))


def themes(frame: pl.DataFrame) -> Rows:
    """One row per stock and theme, dated from the end of the month of the list. Row: 반도체 재료/부품, 3S, 060310."""
    coded = frame.filter(pl.col("code").is_not_null())
    rows = once(
        coded.select(
            "row",
            "code",
            scheme=pl.lit("THEME"),
            valid_from=pl.lit(_THEMED_ON),
            sector=pl.col("theme"),
            sector_name=pl.col("theme"),
        ),
        ("code", "scheme", "valid_from", "sector"),
    )
    missing = frame.height - coded.height
    return Rows(rows.frame, dict(rows.left_out) | ({CODELESS: missing} if missing else {}), rows.faults)


_TEXTS = ("code", "name", "market", "ksic_industry", "wics_sector", "naver_industry")
LAYOUTS = (
    Layout(
        "sector_map",
        "종목 목록과 업종 (WICS·표준산업·네이버)",
        dict.fromkeys(_TEXTS, Kind.TEXT)
        | {"listing_date": Kind.DATE}
        | dict.fromkeys(("krx_dept", "products", "settle_month", "region")),
        (Table("instruments", stocks, "krx_listing_copy"), Table("sector_membership", sectors, None)),
    ),
    Layout(
        "theme_members",
        "테마 구성 종목",
        {"theme": Kind.TEXT, "name": None, "code": Kind.TEXT},
        (Table("sector_membership", themes, "naver_theme_copy"),),
    ),
)
ORIGINS = (
    Origin(
        "krx_listing_copy",
        "Copy of the exchange's list of companies",
        "거래소 상장법인 목록 사본",
        Standing.EXCHANGE_FILE,
        notes={
            "instruments": "As of 2026-03-22. No ISIN, no delisted stocks; English names in the sample are ours.",
            "sector_membership": "Industry names (KSIC) as of 2026-03-22, without codes.",
        },
        provenance="FinanceData/fdr_krx_data_cache data/listing/desc/2026-03-22.csv@c56172963454",
    ),
    Origin(
        "wics_copy",
        "WICS sectors as a public repository arranged them",
        "WICS 업종 사본",
        Standing.OTHER_COPY,
        notes={"sector_membership": "As of 2026-04-06; sector names, no codes."},
        provenance="dudtn4751/kosdaq150-dashboard data/wics_sectors.json@0a10decff491",
    ),
    Origin(
        "naver_industry_copy",
        "A portal's industries as a public repository arranged them",
        "네이버 업종 사본",
        Standing.PORTAL_COPY,
        notes={"sector_membership": "As of 2026-04-06; industry names, no codes."},
        provenance="dudtn4751/kosdaq150-dashboard data/sector_map.json@06d802d3ea38",
    ),
    Origin(
        "naver_theme_copy",
        "A portal's themes with codes that a public repository matched by name",
        "네이버 테마 사본",
        Standing.PORTAL_COPY,
        notes={
            "sector_membership": "Themes as seen in 2026-02, dated from its last day; a stock has a row a theme. "
            "Codes were matched by name: stocks without a match (1%) are left out."
        },
        provenance="cschung7/WWAI-KRX-Sector-Rotation data/theme_to_tickers.json@d934aa33ae13 (Naver)",
    ),
)
