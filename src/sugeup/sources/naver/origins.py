"""The names under which rows of this vendor are stored: one for each standing and rounding."""

from __future__ import annotations

from sugeup.records import Origin, Standing
from sugeup.sources.files.layout import EOK, MILLION

MARKET = "naver_market"
MINUTES = "naver_minutes"
PROGRAM = "naver_program"
FUNDS = "naver_funds"
STOCK = "naver_stock"

_KRX_ONLY = "Trades at the exchange alone (tradeType KRX), not those at Nextrade."
_MILLIONS = "Amounts are printed in won and are whole millions."
_EVENING = (
    "Since 2026-09-14 the exchange trades to 20:00 and the day's figures have that in them: hours are TOTAL once it is "
    "over, UNKNOWN while it runs."
)
_REGULAR = "Minutes of the after-market, which follow to about 20:04, are left out: those of the regular session stay."

ORIGINS = (
    Origin(
        MARKET,
        "Naver: investors of a market by day, bought and sold",
        "네이버 증권 시장별 투자자 (일별)",
        Standing.PORTAL_BOTH_SIDES,
        unit_won=MILLION,
        notes={
            "investor_day_market": f"{_KRX_ONLY} {_MILLIONS} Net volumes are bought minus sold; foreign and 기관계 are "
            f"the sums of their leaves. Without ETF, ETN and ELW: so the exchange's own figures without them agree, "
            f"to the rounding of a copy. {_EVENING}"
        },
        provenance="stock.naver.com market/trend/daily",
    ),
    Origin(
        MINUTES,
        "Naver: investors and programme trading of a market by minute",
        "네이버 증권 시장별 투자자·프로그램 (시간별)",
        Standing.PORTAL_API,
        unit_won=MILLION,
        notes={
            "investor_minute_market": f"{_KRX_ONLY} {_MILLIONS} Every one or two minutes. {_REGULAR}",
            "program_minute_market": f"{_KRX_ONLY} {_MILLIONS} No volumes. {_REGULAR}",
        },
        provenance="stock.naver.com market/trend/time, market/trendProgram",
    ),
    Origin(
        PROGRAM,
        "Naver: programme trading of a market by day",
        "네이버 증권 프로그램매매 (일별)",
        Standing.PORTAL_HISTORY,
        unit_won=MILLION,
        notes={"program_day_market": f"{_KRX_ONLY} {_MILLIONS} No volumes. {_EVENING}"},
        provenance="stock.naver.com market/trendProgram",
    ),
    Origin(
        FUNDS,
        "Naver: money of the market in hundred million won",
        "네이버 증권 증시자금동향 (억원)",
        Standing.PORTAL_API,
        unit_won=EOK,
        notes={
            "market_funds": "Deposits and loans alone; receivables and deposits for futures are null. Money in funds "
            "is not stored."
        },
        provenance="stock.naver.com market/trendDeposit",
    ),
    Origin(
        STOCK,
        "Naver: three groups and foreign holding of a stock in shares",
        "네이버 증권 종목별 외국인·기관",
        Standing.PORTAL_API,
        bare_institution=True,
        notes={
            "investor_day_stock": f"{_KRX_ONLY} Net volumes of individual, foreign and institution; no amounts, no "
            "leaves, no 기타법인. 외국인 has 기타외국인 in it. 기관 is the vendor's; whether 국가·지자체 is in it is "
            "not known. Whether the after-market is in "
            "them, which runs since 2026-09-14, is not known: hours are UNKNOWN since then.",
            "foreign_holding": "Shares held, of the day of the row. The share that is printed is one of listed shares "
            "and not of the limit, so limit_shares, listed_shares and limit_use_pct are null.",
        },
        provenance="stock.naver.com detail/{code}/trend",
    ),
)
