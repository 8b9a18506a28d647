"""업종 신호 기록: the stored signals of one sector, newest first, and what its index did after each of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sugeup.archive import Archive
from sugeup.errors import Refused
from sugeup.market import sector_names
from sugeup.registry import usecase
from sugeup.usecases import sector_map, signal_kinds, signal_outcomes, windows
from sugeup.usecases.arguments import Cursor, Limit, Session
from sugeup.usecases.paging import ordered
from sugeup.usecases.sector_map import Scheme, SectorName
from sugeup.usecases.signal_kinds import SignalKind
from sugeup.usecases.signal_list import Signals, Subject, record, rows, text
from sugeup.usecases.signal_outcomes import Outcomes
from sugeup.usecases.smart_money_signals import HORIZON


@usecase(path="/sectors/{sector}/signals", verb="sector-signals", title="업종 신호 기록", text=text, rows=rows)
def get_sector_signals(
    archive: Archive,
    *,
    sector: SectorName,
    scheme: Scheme | None = None,
    kind: SignalKind | None = None,
    start: Session | None = None,
    end: Session | None = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> Signals:
    """Signals of one sector as they were told (업종 신호 기록), newest first, each with what its index did afterwards.

    A record, no advice: the return that followed one signal says nothing about the next.
    """
    code, name, chosen, market = _resolve(archive, sector, scheme)
    ordered(start, end)
    signal_kinds.known(kind)
    exchange = chosen == sector_names.SCHEME  # of other schemes no indices are stored

    def outcomes(days: Sequence[date]) -> Outcomes:
        return signal_outcomes.of_sector(archive, code, market if exchange else None, days, HORIZON)

    subject = Subject("SECTOR", code, name, "every sector is gone through before the stocks")
    return record(archive, subject, outcomes, kind=kind, start=start, end=end, limit=limit, cursor=cursor)


def _resolve(archive: Archive, sector: str, scheme: str | None) -> tuple[str, str, str, str | None]:
    """Code, name and scheme of the one sector that was meant, and the market of its members (None: both).

    Raises Refused as `SectorMap.find` does, and where a name is that of an industry of both markets.
    """
    stored = sector_map.stored(archive)
    today = archive.clock.now().astimezone(windows.SEOUL).date()
    day = max(today, sector_map.begun(stored, scheme))
    chosen = sector_map.choose(stored, day, scheme, sector)
    listed = sector_map.listed(archive, stored)
    whole = sector_map.load(stored, chosen, (day,), listed)
    places = whole.find(sector)
    on = dict(listed.select("code", "market").iter_rows())
    markets = [
        _market([on.get(code) for code, at in zip(whole.stocks, whole.member[:, -1], strict=True) if at == place])
        for place in places
    ]
    if len(places) > 1:
        shown = ", ".join(f"{whole.codes[at]} ({market})" for at, market in zip(places, markets, strict=True))
        raise Refused(
            f"sector={sector[:40]!r} names {len(places)} sectors: {shown}.",
            hint="Give the code of one of them.",
            details={"suggestions": [{"code": whole.codes[at], "name": whole.names[at]} for at in places]},
        )
    return whole.codes[places[0]], whole.names[places[0]], chosen, markets[0]


def _market(listed: Sequence[str | None]) -> str | None:
    """The one market of some stocks."""
    return listed[0] if len(set(listed)) == 1 else None
