"""Investor flows in derivatives by day: futures and options on KOSPI200 and stock futures, both sides in won.

Long rows, one per date, product and investor (sold, bought, net), for example
2024-08-05, 코스피200콜, 개인, 79057147500, 72158445000, -6898702500.
"""

from __future__ import annotations

import polars as pl

from sugeup.market import investors
from sugeup.records import Kind, Origin, Standing
from sugeup.sources.files.layout import Labels, Layout, Rows, Table, faults, without
from sugeup.sources.files.moments import counted
from sugeup.sources.files.wide import companions, widen

CURRENCY = "달러선물: no scope of the store holds currency futures"
_CURRENCY = "달러선물"
_DATASET = "investor_day_market"
_GROUP = ("date", "product")
_WHOLE = "__whole"
_MARKETS = {
    "코스피200선물": "KOSPI200_FUTURES",
    "코스피200콜": "KOSPI200_CALL",
    "코스피200풋": "KOSPI200_PUT",
    "주식선물": "STOCK_FUTURES",
}
_NAMES: dict[str, str | None] = {
    "개인": "individual",
    "외국인합계": "foreign",
    "기관계": "institution",
    "기타법인": "other_corporation",
    "전체": _WHOLE,
}
_SIDES = {f"{side}_amount": (side, "amount") for side in investors.SIDES}


def scopes(frame: pl.DataFrame) -> Rows:
    """One wide row per product and day; 전체 has to be the sum of the four groups, bought and sold, and is dropped."""
    ours = frame.filter((pl.col("product") != _CURRENCY).fill_null(True))
    strange = faults(
        ours,
        ~pl.col("product").is_in(list(_MARKETS)),
        f"product is not one of {', '.join(_MARKETS)}, {_CURRENCY}",
        pl.col("product"),
    )
    wide = widen(without(ours, strange), _GROUP, _NAMES, _SIDES)
    open_sums = pl.concat(
        [
            faults(
                wide.frame,
                pl.sum_horizontal(
                    (investors.column(group, side, "amount") for group in investors.GROUPS), ignore_nulls=False
                )
                != pl.col(investors.column(_WHOLE, side, "amount")),
                f"the groups do not add to 전체 ({side})",
            )
            for side in investors.SIDES
        ]
    ).unique(subset=["row"], maintain_order=True)
    spoiled = companions(ours, _GROUP, open_sums)
    rows = (
        without(wide.frame, open_sums)
        .rename({"date": "session"})
        .with_columns(pl.col("product").replace_strict(_MARKETS, return_dtype=pl.String).alias("market"))
        .drop("product", *(investors.column(_WHOLE, side, "amount") for side in investors.SIDES))
    )
    left_out = counted({CURRENCY: frame.height - ours.height}) | dict(wide.left_out)
    return Rows(rows, left_out, pl.concat([strange, wide.faults, open_sums, spoiled]))


LAYOUTS = (
    Layout(
        "derivatives_daily",
        "파생상품 투자자 매수·매도 (코스피200 선물·옵션, 주식선물)",
        {"date": Kind.DATE, "product": Kind.TEXT, "investor": Kind.TEXT, **dict.fromkeys(_SIDES, Kind.INTEGER)},
        (Table(_DATASET, scopes, "krx_derivatives_copy"),),
        Labels("investor", frozenset(_NAMES)),
        _GROUP,
    ),
)
ORIGINS = (
    Origin(
        "krx_derivatives_copy",
        "Copy of the exchange's investor totals of derivatives",
        "거래소 파생상품 투자자별 거래실적 사본",
        Standing.EXCHANGE_FILE,
        notes={
            _DATASET: "Scopes KOSPI200_FUTURES, KOSPI200_CALL, KOSPI200_PUT, STOCK_FUTURES; amounts of four groups, no "
            "leaves, no contracts. 달러선물 has no scope and is left out. On 2024-08-05 the source's own total of "
            "주식선물 sold exceeds what was bought by 6,000 won."
        },
        provenance="maeraego/Kospi-dashboard deriv_flow_daily.parquet@a287f846ac3f",
    ),
)
