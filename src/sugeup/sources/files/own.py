"""Files in our own columns: the key and some columns of exactly one dataset, as `sugeup` prints and stores them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

import polars as pl

from sugeup import records
from sugeup.errors import Refused
from sugeup.records import Dataset, Kind
from sugeup.records.schema import PROVENANCE
from sugeup.sources.files.layout import Layout, Rows, Table

USER_SOURCE = "user_file"
PREFIX = "own:"
_PROVENANCE = tuple(column.name for column in PROVENANCE)
_DEFAULTED = {"products"}
_MEANT = {
    "date": "session",
    "day": "session",
    "ticker": "code",
    "symbol": "code",
    "stock_code": "code",
    "time": "at",
    "ts": "at",
    "open": "raw_open",
    "high": "raw_high",
    "low": "raw_low",
    "close": "raw_close",
    "value": "amount",
    "shares": "listed_shares",
    "index": "index_code",
}


def dataset_of(columns: Sequence[str], named: str | None) -> Dataset | None:
    """The dataset whose rows these columns are; None when they are not of ours at all.

    Raises Refused when a dataset is named or nearly met and a column is missing, unknown or not enough to tell.
    """
    if named is not None:
        if named not in records.datasets():
            raise Refused(f"there is no dataset {named!r}; allowed: {', '.join(records.datasets())}.")
        chosen = records.dataset(named)
        _complete(chosen, columns)
        return chosen
    whole = [one for one in records.datasets().values() if _missing(one, columns) == [] and _measured(one, columns)]
    fitting = [one for one in whole if not _unknown(one, columns)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise Refused(
            f"the columns fit {len(fitting)} datasets: {', '.join(one.name for one in fitting)}.",
            hint="Name the one that is meant (dataset).",
        )
    if whole:
        nearest = min(whole, key=lambda one: len(_unknown(one, columns)))
        _complete(nearest, columns)
    return None


def layout_of(dataset: Dataset, columns: Sequence[str], source: str | None) -> Layout:
    """The layout of a file in our columns: what is not given is default; `ingested_at` is stamped anew."""
    kinds = {name: None if name == "ingested_at" else dataset.column(name).kind for name in columns}
    per_row = source is None and "source" in columns
    told = {"venue": "KRX", "products": "STOCK", "hours": "UNKNOWN", "final": not dataset.provisional}

    def taken(frame: pl.DataFrame) -> Rows:
        filled = [
            (pl.coalesce(pl.col(name), pl.lit(value)) if name in frame.columns else pl.lit(value)).alias(name)
            for name, value in told.items()
        ]
        return Rows(frame.with_columns(filled))

    return Layout(
        f"{PREFIX}{dataset.name}",
        f"우리 컬럼 {dataset.korean}",
        kinds,
        (Table(dataset.name, taken, None if per_row else source or USER_SOURCE),),
    )


def nearest(columns: Iterable[str]) -> str:
    """In words, which of our columns the unknown ones may have meant; empty when none is near."""
    ours = sorted({name for dataset in records.datasets().values() for name in dataset.frame_schema})
    said = [f"{name} → {meant}?" for name in columns if (meant := _guess(name, ours))]
    return ", ".join(said[:6])


def _guess(name: str, known: Sequence[str]) -> str | None:
    if name in known:
        return None
    plain = name.strip().lower().replace(" ", "_")
    if plain in known:
        return plain
    if _MEANT.get(plain) in known:
        return _MEANT[plain]
    return next(iter(difflib.get_close_matches(plain, known, 1, cutoff=0.75)), None)


def _missing(dataset: Dataset, columns: Sequence[str]) -> list[str]:
    return [name for name in dataset.key if name not in columns and name not in _DEFAULTED]


def _unknown(dataset: Dataset, columns: Sequence[str]) -> list[str]:
    return [name for name in columns if name not in dataset.frame_schema]


def _measured(dataset: Dataset, columns: Sequence[str]) -> bool:
    """Whether a file holds a fact: a measure, or the key alone where the dataset has no figures (membership)."""
    figures = [name for name in dataset.measures if dataset.column(name).kind in (Kind.INTEGER, Kind.NUMBER)]
    return not figures or any(name in columns for name in dataset.measures)


def _complete(dataset: Dataset, columns: Sequence[str]) -> None:
    if missing := _missing(dataset, columns):
        near = nearest(_unknown(dataset, columns))
        raise Refused(
            f"{dataset.name} needs the columns {', '.join(dataset.key)}; missing: {', '.join(missing)}.",
            hint=f"Did you mean {near}" if near else "Add them.",
        )
    if unknown := _unknown(dataset, columns):
        guesses = [f"{n} → {g}?" for n in unknown if (g := _guess(n, list(dataset.frame_schema)))]
        shown = (*dataset.key, *dataset.measures)
        allowed = ", ".join(shown[:14]) + (", …" if len(shown) > 14 else "")
        raise Refused(
            f"{dataset.name} has no column {', '.join(map(repr, unknown))}; allowed: {allowed} and "
            f"{', '.join(_PROVENANCE)}.",
            hint=("Did you mean " + " ".join(guesses)) if guesses else "Rename or remove the column.",
        )
    if not _measured(dataset, columns):
        raise Refused(
            f"the file has the key of {dataset.name} but none of its figures: {', '.join(dataset.measures[:8])}, …",
            hint="Add at least one.",
        )
