"""신호: every signal that sugeup has told, kept so that what happened afterwards can be held against it."""

from __future__ import annotations

from sugeup.records.schema import CODE, SESSION, Dataset, Partition, integer, number, text

DIRECTIONS = ("BUY", "SELL")
SIGNALS = Dataset(
    "signals",
    "신호",
    "One signal about one stock on one session, with the test that it passed. Nothing of what followed is in it.",
    ("code", "session", "signal_id"),
    (
        CODE,
        SESSION,
        text(
            "signal_id",
            "신호 번호",
            "Session, kind, version, family and code: the same signal told twice is one row.",
            required=True,
        ),
        text("kind", "종류", "What was seen, as FOREIGN_SURGE.", required=True),
        text(
            "direction", "방향", "BUY: on the buying side, SELL: on the selling side.", required=True, values=DIRECTIONS
        ),
        text("detector", "감지 방법", "The question that found it, as LARGE_ORDERS."),
        text("family", "검정 대상", "Stocks that were tested together: ALL, KOSPI or KOSDAQ."),
        integer("horizon", "sessions", "예측 구간", "Sessions after which the declared event is decided."),
        number("strength", "0-100", "강도", "100 × (1 - p): how rarely such a figure came up."),
        number("statistic", "fraction", "검정 통계량", "The figure that was tested: net ÷ turnover of five sessions."),
        number("z", "z", "강건 표준점수", "The figure against its own 60 windows before."),
        number("p", "0-1", "p값", "Empirical p over the pool of the family."),
        number("p_adj", "0-1", "보정 p값", "p after Benjamini-Hochberg over all stocks tested."),
        integer("n_tested", "stocks", "검정 종목 수", "Stocks tested in the same call."),
        number("confidence", "0-1", "신뢰도", "Calibrated probability of the event; null while nothing is calibrated."),
        text("basis", "기준", "AMOUNT: on won, VOLUME: on shares.", values=("AMOUNT", "VOLUME")),
        text("metric", "지표", "Definition of the figure that was tested."),
        text("metric_version", "지표 판", "Version of the definition and of its thresholds."),
    ),
    Partition.MONTH,
    scope="code",
)
DATASETS = (SIGNALS,)
