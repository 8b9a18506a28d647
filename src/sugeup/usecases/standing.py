"""거래정지·상장폐지: why a stock has no figures of a session that the market has."""

from __future__ import annotations

from datetime import date

import polars as pl

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import sessions


def since(archive: Archive, code: str, gone: date | None, newest: date) -> list[str]:
    """What became of a stock after the newest session of an answer, in a sentence; none where nothing is known.

    `gone`: its last day of listing. Asks the store only when a later session has begun.
    """
    today = archive.clock.now().astimezone(sessions.SEOUL).date()
    if sessions.next(newest) > today:
        return []
    if gone is not None and newest >= sessions.previous(gone):
        return [f"{code} left the exchange (상장폐지): its last day was {gone}."]
    halts = _halts(archive, code, sessions.next(newest), today)
    return [f"Trading in {code} has been halted (거래정지) since {halts[0]}."] if halts else []


def silent(archive: Archive, code: str, day: date, newest: date) -> NoData | None:
    """The error for a session on which a stock was halted, or after its delisting; None where neither is known."""
    hint = f"Ask for {newest}, the newest session with figures."
    gone = _delisted(archive, code)
    if gone is not None and day > gone:
        return NoData(
            f"{code} left the exchange (상장폐지): its last day was {gone}.", code="OUT_OF_HISTORY", hint=hint
        )
    if _halts(archive, code, day, day):
        return NoData(
            f"Trading in {code} was halted (거래정지) on {day}: nobody bought or sold.",
            code="OUT_OF_HISTORY",
            hint=hint,
        )
    return None


def _delisted(archive: Archive, code: str) -> date | None:
    rows = archive.read("instruments", columns=("delisted_on",), scopes=[code]).sort("valid_from")
    gone = rows["delisted_on"].drop_nulls()
    return gone[-1] if len(gone) else None


def _halts(archive: Archive, code: str, first: date, last: date) -> list[date]:
    """Sessions of a span on which the stock stood still, up to the newest stored one; [] when it traded on that one."""
    bars = archive.read("daily_bars", columns=("status",), scopes=[code], start=first, end=last)
    bars = bars.filter(pl.col("venue") == "KRX").sort("session")
    if bars.is_empty() or bars["status"][-1] != "HALTED":
        return []
    return bars.filter(pl.col("status") == "HALTED")["session"].to_list()
