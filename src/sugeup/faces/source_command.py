"""`sugeup sources`: every source, whether it is asked and why, what it gives and what it needs (데이터 출처)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sugeup import settings
from sugeup.faces import screen
from sugeup.usecases.wording import Grid, plain

if TYPE_CHECKING:
    from sugeup.observe.describing import Gift, Source
    from sugeup.settings import LakeName, Settings


def run(lake: LakeName | None, names: Iterable[str], *, as_json: bool) -> None:
    """Print the sources of a lake; with names, these in full. Raises Refused for a name that is none."""
    from sugeup.errors import Refused

    loaded = settings.load()
    chosen = lake or loaded.lake
    every = {one.name: one for one in listed(loaded, chosen)}
    wanted = [name.strip().lower() for name in names]
    for name in wanted:
        if name not in every:
            raise Refused(f"{name[:40]!r} is no source.", hint=f"There are: {', '.join(every)}.")
    found = [every[name] for name in dict.fromkeys(wanted or every)]
    if as_json:
        screen.write_json([_json(one) for one in found])
    elif wanted:
        screen.show_parts([part for one in found for part in _full(one)])
    else:
        screen.show_parts(_table(found, chosen.value))


def listed(loaded: Settings, lake: LakeName) -> list[Source]:
    """The sources as the settings see them."""
    from sugeup.observe import describing
    from sugeup.settings import LakeName

    demo = lake is LakeName.DEMO
    return describing.described(
        lambda one: not demo and loaded.asks(one.name, one.access.keys, one.access.switch, lake),
        loaded.key_places(),
        lambda name: getattr(loaded, name) is True,
        loaded.sources,
        simulated=lake is LakeName.SIMULATED,
    )


def _json(one: Source) -> dict[str, Any]:
    found = asdict(one)
    found["needs"] = [asdict(need) | {"met": need.met} for need in one.needs]
    return found


def _table(found: list[Source], lake: str) -> list[object]:
    rows = [
        [one.name, one.korean, "on" if one.on else "off", str(len(one.gives)), _pace(one), one.why] for one in found
    ]
    return [
        Grid(["source", "", "", "figures", "pace", "why"], rows, words=(0, 1, 2, 4, 5)),
        "",
        f"On the lake {lake}. `sugeup sources NAME` shows what one gives and needs, and where its key is got.",
    ]


def _full(one: Source) -> list[object]:
    rows = [[gift.dataset, gift.korean, "·".join(gift.scopes), gift.korean_reach, depth(gift)] for gift in one.gives]
    needs = ", ".join(f"{need.kind} {need.name} ({need.place or 'missing'})" for need in one.needs)
    told = [
        f"{one.name} · {one.korean} · {one.title}",
        f"  {'on' if one.on else 'off'}: {one.why}",
        f"  needs: {needs or 'nothing'}",
        f"  pace: {_pace(one)}",
    ]
    told += [f"  key: {one.page}"] if one.page else []
    told += [f"  terms: {one.terms}"] if one.terms else []
    return [*told, "", Grid(["figures", "", "of", "", "how far back"], rows, words=range(5)), ""]


def depth(gift: Gift) -> str:
    """How far back the figures go, in words."""
    if gift.reach != "past":
        return "the running session" if gift.reach == "today" else "as it is now"
    return "as far as it is asked" if gift.depth is None else f"{plain(gift.depth)} sessions"


def _pace(one: Source) -> str:
    quota = f", {plain(one.quota)} a day" if one.quota else ""
    return f"{one.calls} in {one.seconds:g} s{quota}"
