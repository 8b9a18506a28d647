"""What checked rows are given before they are stored: when they became known, finality, joined columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import polars as pl

from sugeup.errors import SchemaDrift
from sugeup.market import publication
from sugeup.records import Dataset
from sugeup.records.reference import OVERLAPPING
from sugeup.sources.vendor import Reach

Read = Callable[..., pl.DataFrame]
ASKED, RECEIVED = "__asked", "__received"
"""Columns of the moments between which a row's answer came, before they become `known_at` and `final`."""
_INSTANT = pl.Datetime("us", "UTC")
_SETTLED = "__settled"
_GONE = 0.05
_FEW = 20


def stamped(dataset: Dataset, frame: pl.DataFrame, reach: Reach) -> pl.DataFrame:
    """The frame with `known_at` and `final`, where the reply did not say them itself; its moments are taken away.

    Asked after the rule's time a row is final and known at that time; before it, known when it came and provisional.
    What has no rule is known when it came. A figure of the running minute stays as it is, so it is final.
    """
    said = [name for name in ("known_at", "final") if name in frame.columns]
    bare = frame.rename({name: f"__{name}" for name in said})
    known, final = pl.col(RECEIVED), pl.lit(True)
    if publication.ruled(dataset.name) or (dataset.key[-1] == "at" and reach is not Reach.NOW):
        bare = publication.stamp(dataset.name, bare, dataset.dated).rename({"known_at": _SETTLED})
        final = pl.col(ASKED) >= pl.col(_SETTLED)
        known = pl.when(final).then(_SETTLED).otherwise(RECEIVED)
    if dataset.provisional:
        final = pl.lit(False)
    if "known_at" in said:
        known = pl.coalesce("__known_at", known)
    if "final" in said:
        final = pl.coalesce("__final", final)
    return bare.with_columns(known.cast(_INSTANT).alias("known_at"), final.alias("final")).drop(
        [_SETTLED, ASKED, RECEIVED, *(f"__{name}" for name in said)], strict=False
    )


def settles_at(dataset: Dataset, day: date) -> datetime | None:
    """From when on an empty answer for that day means that there is nothing; None: as soon as it is answered."""
    if not publication.ruled(dataset.name):
        return None
    return publication.known_at(dataset.name, day)


def with_shares(frame: pl.DataFrame, read: Read) -> pl.DataFrame:
    """Daily bars with listed shares, and the market cap at the close, of the instrument as it was on the session."""
    for name in ("listed_shares", "market_cap"):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=pl.Int64).alias(name))
    codes = frame["code"].unique().to_list()
    known = read("instruments", columns=["listed_shares"], scopes=codes if len(codes) <= 500 else None)
    shares = known.select("code", pl.col("valid_from").alias("session"), pl.col("listed_shares").alias("__listed"))
    joined = frame.sort("session").join_asof(
        shares.sort("session"), on="session", by="code", strategy="backward", check_sortedness=False
    )
    listed = pl.coalesce("listed_shares", "__listed")
    return joined.with_columns(
        listed.alias("listed_shares"), pl.coalesce("market_cap", pl.col("raw_close") * listed).alias("market_cap")
    ).drop("__listed")


def with_told(frame: pl.DataFrame, read: Read) -> pl.DataFrame:
    """Daily bars without a base price with that, and the listed shares, which their own source told of them before.

    Both are set before the open of a session and stand; a history that confirms the evening's bar may not tell them.
    """
    if "base_price" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.Int64).alias("base_price"))
    lacking = frame.filter(pl.col("base_price").is_null())
    if lacking.is_empty():
        return frame
    codes = lacking["code"].unique().to_list()
    told = read(
        "daily_bars",
        columns=["base_price", "listed_shares"],
        scopes=codes if len(codes) <= 500 else None,
        start=lacking["session"].min(),
        end=lacking["session"].max(),
        having=["base_price"],
    )
    same = ["code", "session", "venue", "source"]
    known = told.select(*same, __base="base_price", __listed="listed_shares")
    joined = frame.join(known, on=same, how="left", maintain_order="left").with_columns(
        pl.coalesce("base_price", "__base").alias("base_price"),
        pl.coalesce("listed_shares", "__listed").alias("listed_shares"),
    )
    cap = pl.col("raw_close") * pl.col("listed_shares")
    return joined.with_columns(pl.coalesce("market_cap", cap).alias("market_cap")).drop("__base", "__listed")


def changes(dataset: Dataset, frame: pl.DataFrame, read: Read) -> pl.DataFrame:
    """Of a list as it is now, the rows that say something new, and the stored rows that ended with it.

    A row is new when none that still holds says the same. What is no longer in the list ended on the day before; the
    list is that of the markets and kinds, or of the schemes, that it names. Raises SchemaDrift when more vanished than
    ever could.
    """
    group = "market" if "market" in frame.columns else "scheme"
    identity = [name for name in dataset.key if name != dataset.dated]
    facts = [name for name in dataset.measures if name not in {"valid_to", "delisted_on"}]
    stored = read(dataset.name).filter(
        pl.col("valid_to").is_null() & pl.col(group).is_in(frame[group].unique().to_list())
    )
    if group == "scheme":
        overlaps = pl.col("scheme").is_in(list(OVERLAPPING))
        stored = pl.concat(
            [
                stored.filter(~overlaps).join(frame, on=["code", "scheme"], how="semi"),
                stored.filter(overlaps).join(frame, on=["scheme", "sector"], how="semi"),
            ]
        )
    elif "delisted_on" in stored.columns:
        stored = stored.filter(pl.col("delisted_on").is_null())
        if "kind" in frame.columns:  # a list of stocks alone says nothing of the funds that another one has
            told = pl.col("kind").is_in(frame["kind"].unique().to_list()) | pl.col("kind").is_null()
            stored = stored.filter(told | pl.col("code").is_in(frame["code"].to_list()))
    same = [*identity, *(name for name in facts if name in frame.columns)]
    fresh = frame.join(stored, on=same, how="anti", nulls_equal=True)
    day = frame[dataset.dated].max()
    assert isinstance(day, date)
    gone = stored.join(frame, on=identity, how="anti").filter(pl.col(dataset.dated) < day)
    if gone.height > max(_FEW, _GONE * stored.height):
        raise SchemaDrift(
            f"{dataset.name}: {gone.height:,} of {stored.height:,} entries vanished from the list of one day.",
            hint="The list was cut short; nothing of it was stored. Run the job again later.",
        )
    changed = stored.join(fresh, on=identity, how="semi").filter(pl.col(dataset.dated) < day)
    if changed.is_empty() and gone.is_empty():
        return fresh
    before = day - timedelta(days=1)
    latest = {name: fresh[name].max() if fresh.height else frame[name].max() for name in ("known_at",)}
    ended = pl.concat([changed, gone]).with_columns(
        pl.lit(before).alias("valid_to"), pl.lit(latest["known_at"]).cast(_INSTANT).alias("known_at")
    )
    if group == "market":
        left = pl.col("code").is_in(gone["code"].to_list())
        ended = ended.with_columns(pl.when(left).then(pl.lit(before)).otherwise("delisted_on").alias("delisted_on"))
    return pl.concat([dataset.conform(fresh), dataset.conform(ended)])
