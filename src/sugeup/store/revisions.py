"""Which of several rows with the same key is current: by finality, then source preference, then the newest.

Pure functions on frames, shared by an upsert and by a read as of an earlier time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from sugeup.records import Dataset, Standing

_RANK = "__rank"
_ROW = "__row"


@dataclass(frozen=True)
class Settled:
    """Outcome for one region: rows that become current, current rows that stay, and rows for the log."""

    winners: pl.DataFrame
    untouched: pl.DataFrame
    retired: pl.DataFrame
    displaced: int


def best(dataset: Dataset, frame: pl.DataFrame, standings: Mapping[str, int]) -> pl.DataFrame:
    """One row per key: final before provisional, preferred source before others, then the latest known and stored."""
    return (
        frame.lazy()
        .with_columns(
            pl.col("source")
            .replace_strict(standings, default=int(Standing.UNKNOWN), return_dtype=pl.Int32)
            .alias(_RANK)
        )
        .sort(
            ["final", _RANK, "source", "known_at", "ingested_at"],
            descending=[True, False, False, True, True],
            maintain_order=True,
        )
        .unique(subset=dataset.full_key, keep="first", maintain_order=True)
        .drop(_RANK)
        .collect()
    )


def unseen(dataset: Dataset, batch: pl.DataFrame, current: pl.DataFrame, log: pl.DataFrame) -> pl.DataFrame:
    """The rows of a batch that say something new: not what the same source said last for the same key."""
    if current.is_empty() and log.is_empty():
        return batch
    identity = [*dataset.full_key, "source"]
    told = (
        pl.concat([current.lazy(), log.lazy()])
        .join(batch.lazy().select(identity), on=identity, how="semi")
        .sort("ingested_at", descending=True)
        .unique(subset=identity, keep="first")
    )
    content = [name for name in dataset.frame_schema if name not in {"known_at", "ingested_at"}]
    news = batch.lazy().join(told.select(content), on=content, how="anti", nulls_equal=True, maintain_order="left")
    return news.collect()


def settle(dataset: Dataset, current: pl.DataFrame, news: pl.DataFrame, standings: Mapping[str, int]) -> Settled:
    """Split current rows and news into what is current from now on and what goes to the log."""
    if current.is_empty() and news["source"].n_unique() == 1:
        return Settled(winners=news, untouched=current, retired=news.clear(), displaced=0)
    keys = news.lazy().select(dataset.full_key)
    rivals, untouched = pl.collect_all(
        [current.lazy().join(keys, on=dataset.full_key, how=how, maintain_order="left") for how in ("semi", "anti")]
    )
    # News come first: of two rows that say they were stored at the same moment, the one that arrives now is current.
    numbered = pl.concat([news, rivals]).with_row_index(_ROW)
    is_new = pl.col(_ROW) < news.height
    first = best(dataset, numbered, standings)
    lost = numbered.join(first, on=_ROW, how="anti")
    return Settled(
        winners=first.filter(is_new).drop(_ROW),
        untouched=pl.concat([untouched, first.filter(~is_new).drop(_ROW)]),
        retired=lost.drop(_ROW),
        displaced=lost.filter(~is_new).height,
    )


def unlogged(dataset: Dataset, retired: pl.DataFrame, log: pl.DataFrame) -> pl.DataFrame:
    """Retired rows that the log does not hold yet: a killed upsert may have written them already."""
    return retired.join(log, on=list(dataset.frame_schema), how="anti", nulls_equal=True)
