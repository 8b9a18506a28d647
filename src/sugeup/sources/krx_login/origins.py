"""The names under which rows of the member pages are stored: figures that nobody else gives, and the others."""

from __future__ import annotations

from sugeup.records import Origin, Standing

POSITION = "krx_login_position"
MARKET = "krx_login_market"
SCREEN = "krx_login"

_AFTER = "Since 2026-09-14 it is not known whether the after-market is in the figures: hours is UNKNOWN from then on."

ORIGINS = (
    Origin(
        POSITION,
        "KRX member pages: foreign holdings and short balances",
        "KRX 정보데이터시스템 외국인 보유·공매도 잔고",
        Standing.EXCHANGE_SCREEN,
        notes={
            "foreign_holding": "limit_use_pct is computed from held_shares and limit_shares, not read: exact.",
            "short_balance": "Where every balance of a market is 0, or the day is not public yet, nothing is stored: "
            "those zeros stand for figures that are not there. Rates are not stored.",
        },
        provenance="bld MDCSTAT03701, srt/MDCSTAT30501",
    ),
    Origin(
        MARKET,
        "KRX member pages: investors of a market by day, bought and sold",
        "KRX 정보데이터시스템 투자자별 거래실적",
        Standing.EXCHANGE_SCREEN,
        notes={
            "investor_day_market": "Won and shares as the exchange prints them, stocks alone, without ETF, ETN and "
            "ELW. Net is bought less sold of the same row. It stands before a broker's, which has the net alone, "
            f"rounded. 국가·지자체 is in 연기금등 and null itself. {_AFTER}"
        },
        provenance="bld MDCSTAT02203",
    ),
    Origin(
        SCREEN,
        "KRX member pages: investors, short sales, programme trading and prices",
        "KRX 정보데이터시스템 (회원 화면)",
        Standing.MEMBER_SCREEN,
        notes={
            "investor_day_stock": "Won and shares as the exchange prints them. An investor whom the page does not list "
            "for a stock has 0, because the others add to its 전체 on both sides; a stock where they do not is "
            "rejected. 기관계 and 외국인합계 are sums of their leaves. 국가·지자체 is null where the exchange lists "
            f"nobody under it: it is in 연기금등 then. {_AFTER}",
            "short_day": "Rates are not stored.",
            "program_day_market": "Orders of a market by 차익 and 비차익.",
            "daily_bars": f"Raw prices. base_price is the close less the day's change. {_AFTER}",
            "instruments": "The stocks of the page of prices of the session before, dated from the day of the "
            "question: name, market and listed shares alone.",
            "sector_membership": "Industries and members of KOSPI200, KOSDAQ150 and KRX300 as of the session before "
            "the day of the question, and dated from it. Names of industries became the codes of their indices, 은행 "
            "and 기타금융 that of 금융, 기타제조 of KOSPI that of 제조. A stock of an industry without an index "
            "(농업, 광업) is left out, and so is one under two industries unless one of them holds the other.",
        },
        provenance="bld MDCSTAT02401, srt/MDCSTAT30101, MDCSTAT02601, MDCSTAT01501, MDCSTAT03901, MDCSTAT00601",
    ),
)
