"""The brokers' running tally of foreigners and institutions by stock (가집계), and the daily figures of the evening.

A file tells the moment at which it was collected, not the slot. The slot follows from the moment where only one tally
can be on the screen: more than ten minutes after its nominal time and more than ten before the next. Around 10:00 a
figure of institutions, which the first tally does not have, tells the second one.
"""

from __future__ import annotations

import polars as pl

from sugeup.market import publication
from sugeup.records import Kind, Origin, Standing
from sugeup.sources.files.layout import ROW, Layout, Rows, Table, faults
from sugeup.sources.files.moments import after_close, counted, timed
from sugeup.sources.files.wide import once

UNCERTAIN = "collected within ten minutes of a tally's time: which of two tallies it is cannot be told"
EARLY = "collected before the first tally of the day can be out"
REPEATED = "the same tally, collected again later"
OLDER_EVENING = "older figure of the same evening"
NO_SESSION = (
    "estimated is empty: collected on a day without trading, so it is not said of which session the figures are"
)
_KEY = ("code", "session", "slot")
_NOMINAL = [at.hour * 60 + at.minute for at in publication.SLOTS]
_SLACK = int(publication.SLOT_TOLERANCE.total_seconds() // 60)
_MIDNIGHT = 24 * 60
_GROUPS = ("individual", "foreign", "institution")


def slot_of(moment: str, institution: str) -> pl.Expr:
    """The slot that was on the screen at a moment (UTC column), 0 before the first, null where it is not certain."""
    local = pl.col(moment).dt.convert_time_zone("Asia/Seoul")
    minute = local.dt.hour().cast(pl.Int64) * 60 + local.dt.minute()
    begins = [_NOMINAL[0] - _SLACK, *(nominal + _SLACK for nominal in _NOMINAL[1:])]
    ends = [*(nominal - _SLACK for nominal in _NOMINAL[1:]), _MIDNIGHT]
    certain = [
        pl.when((minute >= first) & (minute < following)).then(pl.lit(slot, pl.Int64))
        for slot, (first, following) in enumerate(zip(begins, ends, strict=True), 1)
    ]
    second = (minute >= ends[0]) & (minute < begins[1]) & (pl.col(institution) != 0)
    early = pl.when(minute < begins[0]).then(pl.lit(0, pl.Int64))
    return pl.coalesce(early, *certain, pl.when(second).then(pl.lit(2, pl.Int64)))


def tallies(frame: pl.DataFrame) -> Rows:
    """Rows of `row`, `code`, `ts`, `foreign`, `institution` (shares) by slot, known since the moment they were seen.

    Institutions are not in slot 1 and foreigners not in slot 2, whatever was printed: null.
    """
    placed = timed(frame).with_columns(slot_of("ts", "institution").alias("slot"))
    certain = placed.filter(pl.col("slot") > 0)
    rows = certain.sort("ts", maintain_order=True).select(
        ROW,
        *_KEY,
        known_at=pl.col("ts"),
        final=pl.lit(False),
        foreign_net_volume=pl.when(pl.col("slot") != 2).then(pl.col("foreign")),
        institution_net_volume=pl.when(pl.col("slot") != 1).then(pl.col("institution")),
    )
    figures = [*_KEY, "foreign_net_volume", "institution_net_volume"]
    first = rows.unique(subset=figures, keep="first", maintain_order=True)
    single = once(first, _KEY)
    early = placed.filter(pl.col("slot") == 0).height
    left_out = counted(
        {
            EARLY: early,
            UNCERTAIN: placed.height - certain.height - early,
            REPEATED: rows.height - first.height,
        }
    )
    return Rows(single.frame, left_out | dict(single.left_out), single.faults)


def of_the_day(frame: pl.DataFrame) -> Rows:
    """Tallies of a file that says which of its rows are estimates. Row: 2026-02-09 09:36:13, true, 000270, 기아, ….

    Figures that were collected at a weekend are rejected: nothing says which session they are of.
    """
    odd = faults(frame, pl.col("estimated").is_null(), NO_SESSION, pl.col("ts"))
    evening = timed(frame)
    running = faults(
        evening,
        ~pl.col("estimated") & ~after_close(evening),
        "not an estimate, but collected before the close: a running figure of no slot",
        pl.col("ts"),
    )
    estimates = frame.filter(pl.col("estimated")).rename({"foreign_net": "foreign", "institution_net": "institution"})
    rows = tallies(estimates)
    return Rows(rows.frame, rows.left_out, pl.concat([odd, running, rows.faults]))


def evenings(frame: pl.DataFrame) -> Rows:
    """Provisional net volumes of three groups after the close, the last that was collected of each stock and day."""
    day = timed(frame)
    shown = day.filter(~pl.col("estimated") & after_close(day))
    latest = shown.filter(pl.col("ts") == pl.col("ts").max().over("code", "session"))
    rows = once(
        latest.select(
            ROW,
            "code",
            "session",
            known_at=pl.col("ts"),
            final=pl.lit(False),
            **{f"{group}_net_volume": pl.col(f"{group}_net") for group in _GROUPS},
        ),
        ("code", "session"),
    )
    left_out = counted({OLDER_EVENING: shown.height - latest.height})
    return Rows(rows.frame, left_out | dict(rows.left_out), rows.faults)


LAYOUTS = (
    Layout(
        "stock_investor_estimates",
        "종목별 투자자 가집계와 장 마감 후 잠정치",
        {
            "ts": Kind.INSTANT,
            "estimated": Kind.BOOLEAN,
            "code": Kind.TEXT,
            "name": None,
            **dict.fromkeys((f"{group}_net" for group in ("foreign", "institution", "individual")), Kind.INTEGER),
        },
        (
            Table("stock_estimate", of_the_day, "kis_estimate_copy"),
            Table("investor_day_stock", evenings, "kis_evening_copy"),
        ),
    ),
)
_SLOTS_TOLD = (
    "The slot is told from the moment of collection; rows whose moment fits two slots are left out. "
    "In thousand shares: 0 is less than 500."
)
ORIGINS = (
    Origin(
        "kis_estimate_copy",
        "Tallies of brokers' staff from a broker's API, kept by public repositories",
        "KIS 가집계 사본",
        Standing.OTHER_COPY,
        unit_shares=1000,
        notes={"stock_estimate": _SLOTS_TOLD + " On 2026-06-16 the file's foreigners moved between 09:31 and 10:01."},
        provenance="xxonbang/theme-analyzer@c5b157f, xxonbang/Theme_Analyzer@7d02775, @000edf5b8d25",
    ),
    Origin(
        "kis_evening_copy",
        "Figures of the evening from a broker's API, kept by public repositories",
        "KIS 장 마감 후 투자자 잠정치 사본",
        Standing.OTHER_COPY,
        notes={
            "investor_day_stock": "Provisional net volumes of 개인, 외국인합계 and 기관계, near the final ones. "
            "기관계 is the vendor's, without 국가·지자체; 기타법인 is not in the file."
        },
        provenance="xxonbang/theme-analyzer@c5b157f, xxonbang/Theme_Analyzer@7d02775",
    ),
)
