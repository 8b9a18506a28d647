"""What reports tell of holders (지분공시): treasury shares, the pension fund above 5%, and the newest reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.records.filings import FILINGS, KINDS
from sugeup.usecases import doors
from sugeup.usecases.answers import FieldMeta, Gap
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.ownership_models import Level, Reports
from sugeup.usecases.ownership_scene import Scene
from sugeup.usecases.wording import plain, signed

SHOWN = 3
LISTED_BY = "GET /api/v1/stocks/{code}/filings, `sugeup filings CODE`"
_PERIOD = timedelta(days=100)
"""A report of a period tells of shares at its end, which lies so many days before the report at most."""
_PENSION, _LARGE = "국민연금", 5.0
_LEVEL = {"shares": "shares", "percentage": "%", "value": "won"}


@dataclass(frozen=True)
class Filed:
    """Reports about one stock that were filed by the session of the answer, newest first.

    `since`: the first day of which the lake has any report, of whichever stock; None: it has none. `door`: how to get
    them.
    """

    rows: pl.DataFrame
    since: date | None
    door: str

    def newest(self, kind: str, holder: str = "") -> dict[str, Any] | None:
        """The newest report of a kind, of a holder whose name has this in it; None where there is none."""
        found = self.rows.filter((pl.col("kind") == kind) & pl.col("held_shares").is_not_null())
        if holder:
            found = found.filter(pl.col("holder").fill_null("").str.contains(holder, literal=True))
        return found.row(0, named=True) if found.height else None

    def absent(self, what: str, *, door: bool = False) -> dict[str, str]:
        """Reason and words for a figure that no stored report tells; `door`: also how to get them."""
        if self.since is None:
            note = f"no reports are stored; {self.door}" if door else "no reports (지분공시) stored, see filings"
            return {"reason": "NOT_COLLECTED", "note": note}
        return {"reason": "MISSING_INPUT", "note": f"{what} among the reports stored since {self.since}"}


def load(archive: Archive, code: str, last: date) -> Filed:
    """The reports of a stock up to a day."""
    mine = archive.read("filings", columns=FILINGS.measures, scopes=[code], end=last)
    every = mine if mine.height else archive.read("filings", columns=[], end=last)
    since = every["filed_on"].min()
    newest = mine.sort("filed_on", "receipt_no", descending=True)
    return Filed(newest, since if isinstance(since, date) else None, doors.how(archive, "filings"))


def treasury(scene: Scene, filed: Filed) -> Level:
    """자사주: what the company held of its own ordinary shares at the end of the newest period it reported on."""
    draft = Draft({}, {})
    found = filed.newest("TREASURY_STATUS")
    if found is None:
        for field, unit in _LEVEL.items():
            draft.put(field, None, unit=unit, **filed.absent("none about treasury shares of a period"))
        return Level(**draft.values, meta=draft.meta)
    shares, day = found["held_shares"], found["filed_on"]
    about = {
        "as_of": str(day),
        "source": found["source"],
        "note": f"ordinary shares at the end of the period of the report filed on {day}; decisions since are reports",
    }
    split = [one for one in scene.basis.changed if one > day - _PERIOD]
    if split:
        about["note"] += f"; share count changed on {split[-1]}"
    listed, price = scene.listed[scene.last], scene.column("raw_close")[scene.last]
    percent, value = 100 * shares / listed if listed > 0 else np.nan, shares * price
    for field, known, digits in (("percentage", percent, 2), ("value", value, 0)):
        if split:
            said = {"reason": "CORPORATE_ACTION_GAP", "note": f"share count changed on {split[-1]}, after the period"}
            draft.put(field, None, unit=_LEVEL[field], **said)
        elif not np.isfinite(known):
            note = "no listed shares or no close is stored for the date of the holding"
            draft.put(field, None, unit=_LEVEL[field], reason="MISSING_INPUT", note=note)
        else:
            draft.put(field, round(float(known), digits) if digits else round(known), unit=_LEVEL[field], **about)
    draft.put("shares", shares, unit="shares", **about)
    return Level(**draft.values, meta=draft.meta)


def pension(filed: Filed) -> tuple[float | None, dict[str, Any]]:
    """국민연금: the percentage of its newest 대량보유 report, and what to say beside it."""
    found = filed.newest("MAJOR", _PENSION)
    if found is None or found["held_pct"] is None:
        return None, filed.absent("no holding of 5% of the pension fund (대량보유)")
    day, percent = found["filed_on"], found["held_pct"]
    if percent < _LARGE:
        note = f"{percent:g}% in the report of {day}; below 5% nothing has to be reported"
        return None, {"reason": "NOT_AVAILABLE_FROM_SOURCE", "note": note}
    note = f"대량보유 report filed on {day}; changes below 1%p need none"
    return percent, {"as_of": str(day), "source": found["source"], "note": note}


def reports(filed: Filed) -> Reports:
    """How many reports there are, since when, and the newest."""
    if filed.since is None:
        return Reports(total=None, newest=[], meta={"total": FieldMeta(**filed.absent("none", door=True))})
    meta = {"total": FieldMeta(window=f"stored since {filed.since}", note=f"all: {LISTED_BY}")}
    newest = [_said(row) for row in filed.rows.head(SHOWN).iter_rows(named=True)]
    return Reports(total=filed.rows.height, newest=newest, meta=meta)


def _said(row: dict[str, Any]) -> str:
    """A report in words: day, kind, who, shares, percentage, change; what it does not tell is left out."""
    parts = [str(row["filed_on"]), KINDS[row["kind"]], row["holder"] or ""]
    parts += [f"{plain(row['held_shares'])}주"] if row["held_shares"] is not None else []
    parts += [f"{plain(row['held_pct'], 2)}%"] if row["held_pct"] is not None else []
    parts += [f"증감 {signed(row['change_shares'])}"] if row["change_shares"] is not None else []
    return " ".join(part for part in parts if part)


def gaps(filed: Filed) -> list[Gap]:
    """What no report can tell, and the reports themselves where none are stored."""
    found = [
        Gap(
            what="holdings of institutions and individuals (기관·개인 보유)",
            reason="NOT_AVAILABLE_FROM_SOURCE",
            how="no source publishes them every day; large holders and officers report (지분공시): `filings`",
        )
    ]
    if filed.since is None:
        what = "reports of holders and treasury shares (지분공시)"
        found.append(Gap(what=what, reason="NOT_COLLECTED", how=filed.door))
    return found
