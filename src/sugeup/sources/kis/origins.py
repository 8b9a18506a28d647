"""The names under which rows of this vendor are stored: one for each rounding, one for each coarser or older way."""

from __future__ import annotations

from sugeup.records import Origin, Standing
from sugeup.sources.files.layout import EOK, MILLION

MANWON = 10_000
THOUSAND = 1_000

STOCK = "kis"
EXACT = "kis_won"
CHART = "kis_chart"
GROUPS = "kis_three_groups"
MARKET = "kis_market"
MINUTE_CLOSE = "kis_minute_close"
BOARD = "kis_board"
CREDIT = "kis_credit"
FUNDS = "kis_funds"
FUTURES = "kis_futures"
FUTURES_NOW = "kis_futures_now"
MASTER = "kis_master"

_KRX_ONLY = "Trades at the exchange alone (J), not those at Nextrade."

ORIGINS = (
    Origin(
        STOCK,
        "KIS Open API: figures of a stock in million won",
        "한국투자증권 종목별 (백만원)",
        Standing.BROKER_API,
        unit_won=MILLION,
        notes={
            "investor_day_stock": f"{_KRX_ONLY} 기관계 is computed as the sum of eight leaves; 국가·지자체 is the "
            "vendor's 기타단체, which its 기관계 lacks. A row whose leaves miss its 기관계 is rejected.",
            "lending": "Price, volume and the change of the balance are not stored.",
        },
        provenance="TR FHPTJ04160001, HHPST074500C0",
    ),
    Origin(
        EXACT,
        "KIS Open API: figures of a stock in won and shares",
        "한국투자증권 종목별 (원·주)",
        Standing.BROKER_API,
        notes={
            "daily_bars": "A snapshot after the close; listed_shares and market_cap are in the master files.",
            "program_day_stock": f"{_KRX_ONLY} There is no split into arbitrage and the rest by stock.",
            "program_minute_stock": f"{_KRX_ONLY} The last row of each minute that has ended.",
            "short_day": "Sums since the first day asked for depend on the question and are not stored.",
            "foreign_holding": "A snapshot without a day: stamped with the session whose holdings were public at that "
            "moment. limit_shares is null: the vendor gives the share of the limit only, rounded.",
            "stock_estimate": "Institutions of slot 1 and foreigners of slot 2 are not published: null.",
            "minute_bars": "amount is the difference of the vendor's cumulative turnover.",
            "broker_members": "The five largest on each side, stamped with the minute of receipt.",
        },
        provenance="TR FHKST11300006, FHPPG04650201, FHPPG04650101, FHPST04830000, FHKST01010100, HHPTJ04160200, "
        "FHKST03010200, FHKST01010600",
    ),
    Origin(
        CHART,
        "KIS Open API: past charts of a stock",
        "한국투자증권 기간별 시세",
        Standing.BROKER_API_HISTORY,
        notes={
            "daily_bars": "Raw prices. base_price is derived: the close less the day's change.",
            "minute_bars": "amount is the difference of the vendor's cumulative turnover.",
            "corporate_actions": "From the vendor's mark of the day (락 구분) and its base price over the last close. "
            "share_factor is null, because the unit of its ratio (분할 비율) is not known.",
        },
        provenance="TR FHKST03010100, FHKST03010230",
    ),
    Origin(
        GROUPS,
        "KIS Open API: three groups of investors of a stock",
        "한국투자증권 투자자 3주체",
        Standing.BROKER_API_COARSE,
        unit_won=MILLION,
        bare_institution=True,
        notes={
            "investor_day_stock": f"{_KRX_ONLY} individual, foreign and institution only, the last 30 sessions. "
            "기관계 is the vendor's, without 국가·지자체."
        },
        provenance="TR FHKST01010900",
    ),
    Origin(
        MARKET,
        "KIS Open API: figures of a market in million won and thousand shares",
        "한국투자증권 시장별 (백만원·천주)",
        Standing.BROKER_API,
        unit_won=MILLION,
        unit_shares=THOUSAND,
        notes={
            "investor_day_market": f"{_KRX_ONLY} Net only: buy and sell are not published by day. 기관계 is computed "
            "as the sum of eight leaves.",
            "investor_minute_market": "Stamped with the minute of receipt. 외국인 and 기타외국인 come as one figure, "
            "the sum foreign. ETF, ETN, ELW and derivatives have products ALL; volumes of derivatives are contracts.",
            "program_day_market": f"{_KRX_ONLY} The vendor keeps about eight months.",
            "program_minute_market": f"{_KRX_ONLY} Amounts only. What was bought and sold in all is the sum of "
            "arbitrage and the rest.",
            "index_day": "Counts of stocks are not in the chart: null.",
            "index_minute": "volume is null: the vendor gives that of the minute, not of the day so far.",
        },
        provenance="TR FHPTJ04040000, FHPTJ04030000, FHPPG04600001, FHPPG04600101, FHKUP03500100, FHKUP03500200",
    ),
    Origin(
        MINUTE_CLOSE,
        "KIS Open API: the market's investors as they stood after the close",
        "한국투자증권 시장별 투자자 마감 집계",
        Standing.BROKER_API_COARSE,
        unit_won=MILLION,
        unit_shares=THOUSAND,
        notes={
            "investor_day_market": "The cumulative row of the day, asked for after the close: both sides, 외국인 and "
            "기타외국인 as one figure. Never final."
        },
        provenance="TR FHPTJ04030000",
    ),
    Origin(
        BOARD,
        "KIS Open API: an index with its counts of stocks",
        "한국투자증권 업종 현재가",
        Standing.BROKER_API_HISTORY,
        unit_won=MILLION,
        unit_shares=THOUSAND,
        notes={"index_day": "A snapshot after the close, with the counts of stocks that rose and fell."},
        provenance="TR FHPUP02140000",
    ),
    Origin(
        CREDIT,
        "KIS Open API: loans by stock in ten thousand won",
        "한국투자증권 신용잔고 (만원)",
        Standing.BROKER_API,
        unit_won=MANWON,
        notes={"credit": "Dated by the trade (매매일자). Rates are not stored."},
        provenance="TR FHPST04760000",
    ),
    Origin(
        FUNDS,
        "KIS Open API: money of the market in hundred million won",
        "한국투자증권 증시자금 (억원)",
        Standing.BROKER_API,
        unit_won=EOK,
        notes={"market_funds": "Loans of the two markets are not split. A printed 0 is not published yet: null."},
        provenance="TR FHKST649100C0",
    ),
    Origin(
        FUTURES,
        "KIS Open API: minutes of futures in thousand won",
        "한국투자증권 선물 분봉",
        Standing.BROKER_API,
        unit_won=THOUSAND,
        notes={"futures_minute": "Prices, contracts and turnover; the regular session only."},
        provenance="TR FHKIF03020200",
    ),
    Origin(
        FUTURES_NOW,
        "KIS Open API: a future at one moment",
        "한국투자증권 선물 현재가",
        Standing.BROKER_API_COARSE,
        unit_won=THOUSAND,
        notes={
            "futures_minute": "A snapshot stamped with the minute of receipt: last price, index, theoretical price, "
            "basis against the index (mrkt_basis), open contracts. open, high, low and volume of the minute are null."
        },
        provenance="TR FHMIF10000000",
    ),
    Origin(
        MASTER,
        "KIS master files of listed securities",
        "한국투자증권 종목 마스터",
        Standing.BROKER_API,
        unit_shares=THOUSAND,
        notes={
            "instruments": "Dated from the day of the download. Codes longer than six characters are left out. "
            "listed_shares comes in thousands.",
            "designations": "Marks as they stand on the day of the download.",
            "sector_membership": "The middle of three industry codes, the large one where there is no middle one; "
            "codes without names. Members of KOSPI200, KOSDAQ150 and KRX300 from the vendor's marks.",
        },
        provenance="Master files kospi_code.mst, kosdaq_code.mst",
    ),
)
