"""휴장일: on which days the exchange is open, as the vendor says; it wants to be asked about once a day."""

from __future__ import annotations

from datetime import date

from sugeup.records import Kind
from sugeup.sources.kis.route import STOCK, Route
from sugeup.sources.replies.paging import written
from sugeup.sources.replies.sheet import Block, Field
from sugeup.sources.vendor import Reply, Request

HOLIDAYS = Route(
    "chk_holiday",
    "CTCA0903R",
    f"{STOCK}/chk-holiday",
    (
        Block(
            ("output",),
            (Field("bass_dt", "session", kind=Kind.DATE), Field("opnd_yn", "open", kind=Kind.BOOLEAN)),
            dated="bass_dt",
        ),
    ),
)


def holidays(start: date) -> Request:
    """About 23 calendar days from one on; later ones are asked for by a later start."""
    return HOLIDAYS.request({"BASS_DT": written(start), "CTX_AREA_NK": "", "CTX_AREA_FK": ""})


def open_days(reply: Reply) -> list[tuple[date, bool]]:
    """Calendar days, weekends included, and whether the exchange is open (opnd_yn; tr_day_yn says Y always)."""
    sheet = HOLIDAYS.sheet(HOLIDAYS.document(reply), HOLIDAYS.blocks[0])
    return sorted((day, opened) for day, opened in sheet.across(["session", "open"]) if opened is not None)
