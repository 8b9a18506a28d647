"""Which security a client meant, and what an unknown one is answered with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.market import instruments
from sugeup.market.instruments import Listed
from sugeup.usecases import doors

_NAMES = ("name", "name_en", "market")


@dataclass(frozen=True)
class Security:
    """A security that rows exist for; `name` and `market` are null when no instruments were imported."""

    code: str
    name: str | None
    name_en: str | None
    market: str | None
    listed_on: date | None = None
    delisted_on: date | None = None

    @property
    def title(self) -> str:
        """Code with name, for people."""
        return f"{self.code} {self.name}" if self.name else self.code


def newest(frame: pl.DataFrame, key: tuple[str, ...], on: date | None = None) -> pl.DataFrame:
    """The row of each key that is valid on a day (default: the newest); the first one where all begin later."""
    if on is not None:
        begun = frame.filter(pl.col("valid_from") <= on)
        later = frame.join(begun, on=list(key), how="anti").sort("valid_from").unique(subset=key, keep="first")
        frame = pl.concat([begun, later])
    return frame.sort("valid_from").unique(subset=key, keep="last", maintain_order=True).sort(key)


def catalogue(archive: Archive) -> list[Listed]:
    """Every known security, by code."""
    rows = newest(archive.read("instruments", columns=_NAMES), ("code",))
    return [
        Listed(code, name or "", name_en or "", market)
        for code, name, name_en, market in rows.select("code", *_NAMES).iter_rows()
    ]


def resolve(archive: Archive, text: str) -> Security:
    """The security that `text` names: a code (also unpadded) or an exact Korean or English name.

    Raises Refused(UNKNOWN_STOCK) with suggestions, NoData(NOT_COLLECTED) when no figures are stored at all.
    """
    code = instruments.normalise(text)
    if code is not None:
        found = _listed(archive, code)
        if found is not None:
            return found
    known = catalogue(archive)
    matches = instruments.search(text, known)
    exact = [entry for entry in matches if text.strip().casefold() in {entry.name.casefold(), entry.name_en.casefold()}]
    if len(exact) == 1:
        return _listed(archive, exact[0].code) or Security(exact[0].code, exact[0].name, None, exact[0].market)
    if code is not None and _has_rows(archive, code):
        return Security(code, None, None, None)
    if not known:
        raise nothing_stored(archive)
    raise _unknown(text, matches[:5])


def nothing_stored(archive: Archive, dataset: str | None = None) -> NoData:
    """The error for a lake without figures (of a dataset), with what fills it."""
    if archive.name == "demo":
        how = "Run `sugeup demo` for the bundled sample, or `sugeup import FILE...` for your own."
    else:
        how = f"{doors.hint(archive, dataset or 'instruments')} `sugeup demo` shows the bundled sample."
    return NoData(
        f"The {archive.name} lake holds no figures for this question" + (f" ({dataset})." if dataset else "."),
        code="NOT_COLLECTED",
        hint=how,
    )


def _listed(archive: Archive, code: str) -> Security | None:
    columns = (*_NAMES, "listed_on", "delisted_on")
    found = newest(archive.read("instruments", columns=columns, scopes=[code]), ("code",))
    return None if found.is_empty() else Security(**found.select("code", *columns).row(0, named=True))


def _has_rows(archive: Archive, code: str) -> bool:
    return any(
        not archive.read(name, columns=[], scopes=[code]).is_empty() for name in ("investor_day_stock", "daily_bars")
    )


def _unknown(text: str, suggestions: list[Listed]) -> Refused:
    shown = ", ".join(f"{entry.code} {entry.name}" for entry in suggestions)
    return Refused(
        f"{text.strip()[:40]!r} is no stock that is stored here." + (f" Did you mean {shown}?" if shown else ""),
        code="UNKNOWN_STOCK",
        hint="Call search_stock (sugeup search) to find a code by name.",
        details={"suggestions": [{"code": entry.code, "name": entry.name} for entry in suggestions]},
    )


def no_names(archive: Archive) -> NoData:
    """The error for a lake that knows no names of stocks."""
    return NoData(
        f"No names of stocks (instruments) are stored in the {archive.name} lake.",
        code="NOT_COLLECTED",
        hint=f"{doors.hint(archive, 'instruments')} Or ask by code.",
    )


def no_flows(archive: Archive, security: Security) -> NoData:
    """The error for a known stock whose trading by investor is not stored."""
    return NoData(
        f"No trading by investor is stored for {security.title} in the {archive.name} lake.",
        code="NOT_COLLECTED",
        hint=doors.hint(archive, "investor_day_stock"),
    )
