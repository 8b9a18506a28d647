"""신호: every signal that sugeup has told, kept so that what happened afterwards can be held against it."""

from __future__ import annotations

from sugeup.records.schema import SESSION, Column, Dataset, Kind, Partition, integer, number, text

DIRECTIONS = ("BUY", "SELL", "NONE")
SCOPES = ("STOCK", "MARKET", "SECTOR")
SIGNALS = Dataset(
    "signals",
    "신호",
    "One signal about one stock, sector or market on one session, with the test that it passed. Nothing of what "
    "followed is in it.",
    ("code", "session", "signal_id"),
    (
        text(
            "code",
            "종목코드",
            "Short code of the stock; of a sector its code, as 0013; of a market its name, as KOSPI.",
            required=True,
        ),
        SESSION,
        text(
            "signal_id",
            "신호 번호",
            "Session, kind, version, family and code: the same signal told twice is one row.",
            required=True,
        ),
        text("kind", "종류", "What was seen, as FOREIGN_SURGE.", required=True),
        text("scope", "범위", "What it is about; null: a stock.", values=SCOPES),
        text(
            "direction",
            "방향",
            "BUY: on the buying side, SELL: on the selling side, NONE: it has no side.",
            required=True,
            values=DIRECTIONS,
        ),
        text("detector", "감지 방법", "The question that found it, as LARGE_ORDERS."),
        text(
            "family",
            "검정 대상",
            "What was tested together: stocks of ALL, KOSPI or KOSDAQ; STOCK: groups of one. Of a sector its "
            "market; ALL: its members are listed on both.",
        ),
        integer("horizon", "sessions", "예측 구간", "Sessions after which the declared event is decided."),
        number("strength", "0-100", "강도", "100 × (1 - p): how rarely such a figure came up; null without a test."),
        number("statistic", "fraction", "검정 통계량", "The figure that was judged, as the metric has it."),
        number("z", "z", "강건 표준점수", "The figure against its own 60 windows before."),
        number("p", "0-1", "p값", "p as the metric has it; null where nothing was tested."),
        number("p_adj", "0-1", "보정 p값", "p after Benjamini-Hochberg over the family."),
        integer("n_tested", "count", "검정 수", "Members of the family that were tested."),
        number("confidence", "0-1", "신뢰도", "Calibrated probability of the event; null while nothing is calibrated."),
        text("basis", "기준", "AMOUNT: on won, VOLUME: on shares.", values=("AMOUNT", "VOLUME")),
        text("metric", "지표", "Definition of the figure that was tested."),
        text("metric_version", "지표 판", "Version of the definition and of its thresholds."),
        text("evidence", "근거", "Figures behind the signal, a JSON object; null: none were kept."),
        Column(
            "withdrawn",
            Kind.BOOLEAN,
            "",
            "철회",
            "True: corrected figures no longer show it; what was told stands in the log. Null: not looked at again.",
        ),
    ),
    Partition.MONTH,
    scope="code",
)
CALIBRATIONS = Dataset(
    "calibrations",
    "신뢰도 보정",
    "What a strength of one kind of signal meant in the past: the map to a probability, and whether it proved itself.",
    ("kind", "session"),
    (
        text("kind", "종류", "Kind of signal, as FOREIGN_SURGE.", required=True),
        SESSION,
        text("event", "사건", "What the probability is of.", required=True),
        integer("horizon", "sessions", "예측 구간", "Sessions after which the event is decided."),
        integer("n_calibration", "count", "보정 신호 수", "Decided signals behind the map."),
        integer("n_tried", "count", "검증 신호 수", "Of them predicted before they were decided (walk-forward)."),
        number("base_rate", "0-1", "기저율", "Share of the signals whose event happened."),
        number("brier_skill", "skill", "브라이어 기술 점수", "Out of sample, against the base rate; above 0 is skill."),
        number("skill_low", "skill", "기술 점수 하한", "Lower bound of the 90% block-bootstrap interval of the skill."),
        number("apart", "0-1", "평균 편차", "Mean probability less mean outcome, out of sample."),
        Column("accepted", Kind.BOOLEAN, "", "채택", "Whether it may be told as a confidence."),
        text("knots", "보정 곡선", "Strengths and probabilities, a JSON list of two lists; linear between them."),
    ),
    Partition.WHOLE,
    scope="kind",
)
DATASETS = (SIGNALS, CALIBRATIONS)
