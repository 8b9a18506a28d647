"""The names under which rows of this vendor are stored: one for each rounding, one for each coarser way."""

from __future__ import annotations

from sugeup.records import Origin, Standing
from sugeup.sources.files.layout import EOK, MILLION

THOUSAND = 1_000

STOCK = "ls"
NET = "ls_net"
SUMMARY = "ls_summary"
HOLDING = "ls_holding"
PROGRAM = "ls_program"
MARKET = "ls_market"
MILLIONS = "ls_market_million"
LOANS = "ls_loans"
LISTING = "ls_listing"
FUNDS = "ls_funds"

_KRX_ONLY = "Trades at the exchange alone (K), not those at Nextrade."
_INFERRED = "The unit was told by arithmetic on the vendor's examples."
_ASSUMED = "The unit is assumed after a question of the same kind."

ORIGINS = (
    Origin(
        STOCK,
        "LS OPEN API: figures of a stock in million won and shares",
        "LS증권 종목별 (백만원·주)",
        Standing.SECOND_BROKER_API,
        unit_won=MILLION,
        notes={
            "daily_bars": "Raw prices. base_price (기준가) and listed_shares (in thousands) are those of t1102 on the "
            "evening of the session. t8407, which stands in for it, gives the last close, which is another on days "
            "ex rights, and the past (t8410) neither: null there, unless the evening told them.",
            "investor_day_stock": f"{_KRX_ONLY} Four questions make a row: bought and sold, won and shares. Net is the "
            "difference. 기관계 is computed as the sum of eight leaves, because the vendor's lacks 국가·지자체; a row "
            f"whose leaves miss it is rejected. {_INFERRED}",
            "short_day": _INFERRED,
            "lending": f"The change of the balance is not stored. {_INFERRED}",
            "credit": f"Dated by the trade: two sessions before the day of settlement that is told. {_ASSUMED}",
            "minute_bars": "A label is taken for the start of its minute, which the vendor does not say: were it the "
            f"end, bars would be known a minute late, never early. {_ASSUMED}",
            "broker_members": "The five largest on each side, stamped with the minute of receipt. Foreign houses are "
            "not marked.",
        },
        provenance="TR t8407, t8410, t8412, t1702, t1927, t1941, t1926, t1102",
    ),
    Origin(
        NET,
        "LS OPEN API: net purchases of a stock in shares",
        "LS증권 종목별 순매수량",
        Standing.SECOND_BROKER_API_COARSE,
        notes={
            "investor_day_stock": f"{_KRX_ONLY} Net volumes of all leaves, no amounts. 기관계 is computed as the sum "
            "of eight leaves. The vendor's average prices are not stored."
        },
        provenance="TR t1717",
    ),
    Origin(
        SUMMARY,
        "LS OPEN API: groups, programme and short selling of a stock in one table",
        "LS증권 종목별 외인기관 요약",
        Standing.SECOND_BROKER_API_COARSE,
        unit_won=MILLION,
        bare_institution=True,
        notes={
            "investor_day_stock": "Net volumes of individual, foreign and institution. Whether 외국인 has 기타외국인 "
            "in it is not said: it is taken for the sum. 기관계 is the vendor's, without 국가·지자체.",
            "short_day": _ASSUMED,
        },
        provenance="TR t1716",
    ),
    Origin(
        HOLDING,
        "LS OPEN API: shares held by foreigners, by day",
        "LS증권 금감원 외국인 보유",
        Standing.BROKER_API_DATED,
        notes={
            "foreign_holding": "limit_use_pct is printed a hundred times too large in the vendor's example: its scale "
            "is told from the change of the price in the same rows, and null where that says nothing. limit_shares and "
            "listed_shares are null."
        },
        provenance="TR t1716",
    ),
    Origin(
        PROGRAM,
        "LS OPEN API: program trading of a stock in thousand won",
        "LS증권 종목 프로그램 (천원·주)",
        Standing.SECOND_BROKER_API,
        unit_won=THOUSAND,
        notes={
            "program_day_stock": f"{_KRX_ONLY} {_INFERRED}",
            "program_minute_stock": f"{_KRX_ONLY} Net alone. {_INFERRED}",
        },
        provenance="TR t1637",
    ),
    Origin(
        MARKET,
        "LS OPEN API: investors of a market in hundred million won and thousand shares",
        "LS증권 시장별 투자자 (억원·천주)",
        Standing.SECOND_BROKER_API,
        unit_won=EOK,
        unit_shares=THOUSAND,
        notes={
            "investor_day_market": f"{_KRX_ONLY} Net only, of markets and their industries. {_INFERRED}",
            "investor_minute_market": "외국인 and 기타외국인 come as one figure, the sum foreign. Bought and sold only "
            "in rows of t1601, which are stamped with the minute of receipt; net only in the others. Volumes of "
            f"derivatives are contracts. {_INFERRED}",
        },
        provenance="TR t1665, t1601, t1602, t1621",
    ),
    Origin(
        MILLIONS,
        "LS OPEN API: figures of a market in million won and thousand shares",
        "LS증권 시장별 (백만원·천주)",
        Standing.SECOND_BROKER_API,
        unit_won=MILLION,
        unit_shares=THOUSAND,
        notes={
            "program_day_market": f"{_KRX_ONLY} {_INFERRED}",
            "program_minute_market": f"{_KRX_ONLY} {_INFERRED}",
            "index_day": f"With counts of stocks, of industries too. {_INFERRED}",
        },
        provenance="TR t1633, t1632, t1662, t1514, t1511",
    ),
    Origin(
        LOANS,
        "LS OPEN API: loans for buying a stock, by day",
        "LS증권 신용융자 일별",
        Standing.SECOND_BROKER_API_COARSE,
        unit_won=MILLION,
        notes={
            "credit": "Loans (융자) alone: shares newly lent, repaid and still lent, and the amount still lent. Dated "
            f"by the trade, two sessions before the day that is told. {_ASSUMED}"
        },
        provenance="TR t1921",
    ),
    Origin(
        LISTING,
        "LS OPEN API: list of securities",
        "LS증권 주식종목조회",
        Standing.SECOND_BROKER_API,
        notes={
            "instruments": "Dated from the day of the question. No dates of listing, no number of shares.",
            "sector_membership": "Dated from the day of the question. The industry inside 제조 or 금융, the wide one "
            "where a stock is in none inside. Left out: the whole market, 대형주, 중형주, 소형주 and every index that "
            "is no industry. Of indices KOSPI 200 alone: the vendor's codes of KOSDAQ 150 and KRX 300 are not "
            "documented. A code of KOSDAQ is taken for 300 and the exchange's last two digits (unverified beyond 301).",
        },
        provenance="TR t8436, t8424, t1516",
    ),
    Origin(
        FUNDS,
        "LS OPEN API: money of the market in hundred million won",
        "LS증권 증시주변자금 (억원)",
        Standing.SECOND_BROKER_API,
        unit_won=EOK,
        notes={"market_funds": "Loans of the two markets are not split. A printed 0 is not published yet: null."},
        provenance="TR t8428",
    ),
)
