"""Builds the bundled sample (src/sugeup/sample/*.parquet) from the collection of public figures, always the same.

    python scripts/build_sample.py [--data DIR] [--out DIR]

Every file goes through the layouts of `sugeup.sources.files` and the checks of an import; this script only chooses what
is kept. Adjusted prices are kept only for stocks and days that were compared with raw prices and found equal.
"""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from sugeup import records
from sugeup.market import rules
from sugeup.records import Kind
from sugeup.sources import files, origins
from sugeup.sources.checks import Context, check
from sugeup.sources.files import bars
from sugeup.sources.files.layout import ROW
from sugeup.sources.files.values import typed

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = REPOSITORY.parent / "shared" / "data"
OUT = REPOSITORY / "src" / "sugeup" / "sample"

MINUTE_DAYS = (date(2026, 6, 17), date(2026, 6, 18), date(2026, 6, 19))
"""The last three days that are complete."""
RAW_FROM, RAW_TO = date(2025, 1, 1), date(2026, 3, 31)
_CHECKED_AT = datetime(2026, 11, 20, tzinfo=UTC)
_PRICES = ("open", "high", "low", "close")


def build(data: Path, out: Path) -> dict[str, int]:
    """Write one file per dataset and return the number of rows of each."""
    codes = sorted(_read(data, "investor/stock_daily_net_volume")["code"].unique())
    chosen = pl.col("code").is_in(codes)
    made = {
        "instruments": _named(_rows(data, "sector/sector_map", "instruments").filter(chosen)),
        "sector_membership": _rows(data, "sector/sector_map", "sector_membership").filter(chosen),
        "index_day": _rows(data, "index/index_daily", "index_day"),
        "daily_bars": pl.concat(
            [
                verified_bars(data, codes),
                _rows(data, "ohlcv/krx_daily_allmarket", "daily_bars").filter(
                    chosen, pl.col("session").is_between(RAW_FROM, RAW_TO)
                ),
            ],
            how="diagonal",
        ),
        "investor_day_market": pl.concat(
            [
                _rows(data, f"investor/{name}", "investor_day_market")
                for name in ("market_daily_net", "market_daily_detail_kospi", "market_daily_detail_kospi_naver")
            ],
            how="diagonal",
        ),
        "investor_day_stock": _rows(data, "investor/stock_daily_net_volume", "investor_day_stock"),
        "investor_minute_market": _rows(data, "intraday/market_investor_1min", "investor_minute_market").filter(
            pl.col("session").is_in(MINUTE_DAYS)
        ),
        "short_day": _rows(data, "short/stock_short_daily", "short_day"),
        "short_balance": _rows(data, "short/stock_short_daily", "short_balance"),
        "foreign_holding": _rows(data, "investor/stock_daily_foreign_inst", "foreign_holding").filter(chosen),
    }
    out.mkdir(parents=True, exist_ok=True)
    return {name: _write(name, frame, out) for name, frame in made.items()}


def verified_bars(data: Path, codes: list[str]) -> pl.DataFrame:
    """Bars of the adjusted file for stocks equal to raw prices wherever both exist, up to the first sign of adjustment.

    A stock whose close differs from a raw file on any day is left out whole. Of the others, rows are kept up to the
    first price off the tick grid and up to the first base price that is not the previous row's close. The file prints a
    return of 0 on a stock's first day: there the base price is unknown.
    """
    adjusted = _read(data, "ohlcv/stocks_ohlcv").filter(pl.col("code").is_in(codes))
    raw = pl.concat(
        [
            _read(data, name).select("date", "code", pl.col("close").alias("raw"))
            for name in (
                "ohlcv/krx_daily_allmarket",
                "ohlcv/krx_weekly_snapshots",
                "ohlcv/close_allmarket_2025-05_2026-05",
            )
        ]
    )
    different = adjusted.join(raw, on=["date", "code"]).filter(pl.col("close") != pl.col("raw"))["code"].unique()
    kept = bars.base_price(adjusted.filter(~pl.col("code").is_in(different.to_list()))).sort("code", "date")
    before = pl.col("close").shift(1).over("code")
    off = (pl.col("volume") > 0) & pl.any_horizontal(rules.off_grid(name, "date") for name in _PRICES)
    jumped = pl.col("base_price") != before
    sound = kept.filter(~((off | jumped).fill_null(False).cum_max().over("code")))
    rows = bars.shown_raw(sound.select(ROW, "date", "code", *_PRICES, "volume", "ret_pct")).frame
    listed = _rows(data, "sector/sector_map", "instruments").select(
        "code", pl.col("listed_on").alias("session"), first=True
    )
    rows = rows.join(listed, on=["code", "session"], how="left").with_columns(
        pl.when(pl.col("first").is_null()).then(pl.col("base_price")).alias("base_price")
    )
    return _checked(
        "daily_bars",
        rows.with_columns(
            source=pl.lit("pykrx_copy"), venue=pl.lit("KRX"), products=pl.lit("STOCK"), hours=pl.lit("UNKNOWN")
        ),
        "pykrx_copy",
    )


def _read(data: Path, name: str) -> pl.DataFrame:
    frame = pl.read_parquet(data / f"{name}.parquet").with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)
    )
    kinds = {"date": Kind.DATE, "code": Kind.TEXT} | dict.fromkeys((*_PRICES, "volume"), Kind.INTEGER)
    kinds["ret_pct"] = Kind.NUMBER
    return typed(frame, {column: kind for column, kind in kinds.items() if column in frame.columns})[0]


def _rows(data: Path, name: str, dataset: str) -> pl.DataFrame:
    raw = pl.read_parquet(data / f"{name}.parquet")
    tables = files.parse(files.recognise(raw), raw)
    parts = [_checked(dataset, table.frame, table.source) for table in tables if table.dataset == dataset]
    return pl.concat(parts, how="diagonal")


def _checked(dataset: str, frame: pl.DataFrame, source: str) -> pl.DataFrame:
    origin = origins()[source]
    return check(records.dataset(dataset), frame, Context(_CHECKED_AT, origin.unit_won, origin.unit_shares)).frame


def _named(instruments: pl.DataFrame) -> pl.DataFrame:
    names = pl.read_csv(Path(__file__).with_name("sample_names.csv"), infer_schema=False)
    return instruments.join(names, on="code", how="left", validate="1:1")


def _write(name: str, frame: pl.DataFrame, out: Path) -> int:
    dataset = records.dataset(name)
    used = [
        column
        for column in (*dataset.key, *dataset.measures, "source", "venue", "products", "hours")
        if column in frame.columns and frame[column].null_count() < frame.height
    ]
    ordered = frame.select(list(dict.fromkeys(used))).sort([*dataset.key, "source"])
    ordered.write_parquet(out / f"{name}.parquet", compression="zstd", compression_level=19, statistics=False)
    return ordered.height


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the collection")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the sample")
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        parser.error(f"{arguments.data} is not a folder: give the collection of public figures with --data")
    rows = build(arguments.data, arguments.out)
    for name, count in rows.items():
        size = (arguments.out / f"{name}.parquet").stat().st_size
        print(f"{name:24}{count:>8,} rows{size:>12,} bytes")
    size = sum(file.stat().st_size for file in arguments.out.glob("*.parquet"))
    print(f"{'':24}{sum(rows.values()):>8,} rows{size:>12,} bytes")


if __name__ == "__main__":
    main()
