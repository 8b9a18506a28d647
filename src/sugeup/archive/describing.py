"""Which sources there are: what each gives, what it needs, whether it is asked and why. Asks nobody.

Every vendor that `sugeup.sources` finds is described from its own declaration; a new one appears here by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

from sugeup import records, sources
from sugeup.sources.vendor import Endpoint, Reach, Scope, Vendor

REACHES: dict[Reach, Literal["past", "today", "now"]] = {Reach.PAST: "past", Reach.TODAY: "today", Reach.NOW: "now"}
KOREAN_REACHES = {Reach.PAST: "과거", Reach.TODAY: "당일", Reach.NOW: "현재"}
SCOPES = {
    Scope.STOCK: "종목",
    Scope.MARKET: "시장",
    Scope.INDEX: "지수",
    Scope.CONTRACT: "선물",
    Scope.NONE: "전체",
}


@dataclass(frozen=True)
class Need:
    """One thing that a source needs. `kind`: key, switch or extra; `place`: where it was found, empty while missing."""

    kind: Literal["key", "switch", "extra"]
    name: str
    place: str

    @property
    def met(self) -> bool:
        """Whether it is there."""
        return bool(self.place)


@dataclass(frozen=True)
class Gift:
    """A dataset that a source gives. `depth`: sessions back, None where nobody knows an end; 0: only as it is now."""

    dataset: str
    korean: str
    reach: Literal["past", "today", "now"]
    korean_reach: str
    scopes: tuple[str, ...]
    depth: int | None
    endpoints: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """One source. `on`: whether it is asked on this lake; `why`: in words. `pace`: calls within so many seconds."""

    name: str
    title: str
    korean: str
    on: bool
    why: str
    needs: tuple[Need, ...]
    gives: tuple[Gift, ...]
    page: str
    terms: str
    calls: int
    seconds: float
    quota: int | None


def described(
    asked: Callable[[Vendor], bool],
    places: Mapping[str, str],
    switches: Callable[[str], bool],
    chosen: Sequence[str] | None,
    *,
    simulated: bool,
) -> list[Source]:
    """Every source. `asked`: whether the settings ask a vendor; `places`: key → where it is set; `chosen`: as named."""
    found = []
    for vendor in sources.vendors().values():
        needs = _needs(vendor, places, switches)
        on = asked(vendor)
        found.append(
            Source(
                vendor.name,
                vendor.title,
                vendor.korean,
                on,
                _why(vendor, needs, on=on, chosen=chosen, simulated=simulated),
                needs,
                gifts(vendor),
                vendor.access.page,
                vendor.access.terms,
                vendor.pace.calls,
                vendor.pace.seconds,
                vendor.quota,
            )
        )
    return found


def unconnected() -> list[Source]:
    """Every source as it is where nothing was set."""
    return described(lambda _: False, {}, lambda _: False, None, simulated=False)


def vendor(name: str) -> Vendor:
    """The vendor of a source."""
    return sources.vendors()[name]


def quotas() -> dict[str, int | None]:
    """Calls in a day that each vendor allows; None where it names no limit."""
    return {name: one.quota for name, one in sources.vendors().items()}


def gifts(vendor: Vendor) -> tuple[Gift, ...]:
    """What a vendor gives, by dataset and reach."""
    by: dict[tuple[str, Reach], list[Endpoint]] = {}
    for one in vendor.endpoints:
        by.setdefault((one.dataset, one.reach), []).append(one)
    return tuple(_gift(dataset, reach, ends) for (dataset, reach), ends in by.items())


def _gift(dataset: str, reach: Reach, endpoints: Sequence[Endpoint]) -> Gift:
    depths = [one.depth for one in endpoints]
    deepest = None if None in depths else max(depth for depth in depths if depth is not None)
    known = records.datasets().get(dataset)
    return Gift(
        dataset,
        known.korean if known else dataset,
        REACHES[reach],
        KOREAN_REACHES[reach],
        tuple(dict.fromkeys(SCOPES[one.scope] for one in endpoints)),
        deepest if reach is Reach.PAST else 0,
        tuple(one.name for one in endpoints),
    )


def _needs(vendor: Vendor, places: Mapping[str, str], switches: Callable[[str], bool]) -> tuple[Need, ...]:
    access = vendor.access
    needs = [Need("key", key, places.get(key, "")) for key in access.keys]
    if access.switch:
        needs.append(Need("switch", access.switch, "on" if switches(access.switch) else ""))
    if access.extra:
        needs.append(Need("extra", access.extra, "installed" if installed(access.extra) else ""))
    return tuple(needs)


def installed(extra: str) -> bool:
    """Whether every package of an extra of sugeup is there."""
    wanted = [one for one in metadata.requires("sugeup") or [] if f'extra == "{extra}"' in one.replace("'", '"')]
    for one in wanted:
        name = one.partition(";")[0].strip()
        for sign in ("[", "(", "<", ">", "=", "!", "~", " "):
            name = name.partition(sign)[0]
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            return False
    return bool(wanted)


def _why(vendor: Vendor, needs: Sequence[Need], *, on: bool, chosen: Sequence[str] | None, simulated: bool) -> str:
    missing = "" if simulated else missing_of(needs)
    if on and missing:
        return f"on, but it cannot be asked: {missing}"
    if on:
        return "named in SUGEUP_SOURCES" if chosen is not None else _on(needs, simulated=simulated)
    if chosen is not None:
        return f"not named in SUGEUP_SOURCES ({', '.join(chosen)})"
    return "the lake simulated is filled from kis unless SUGEUP_SOURCES says otherwise" if simulated else missing


def _on(needs: Sequence[Need], *, simulated: bool) -> str:
    if simulated:
        return "asked of the sandbox"
    places = dict.fromkeys(one.place for one in needs if one.kind == "key")
    return f"key from {' and '.join(places)}" if places else "switched on" if needs else "needs nothing"


def missing_of(needs: Sequence[Need]) -> str:
    """What is missing, in words; empty when nothing is."""
    keys = [f"SUGEUP_{one.name.upper()}" for one in needs if one.kind == "key" and not one.met]
    said = [f"{' and '.join(keys)} {'is' if len(keys) == 1 else 'are'} not set"] if keys else []
    said += [f"SUGEUP_{one.name.upper()} is not true" for one in needs if one.kind == "switch" and not one.met]
    said += [f"the extra {one.name} is not installed" for one in needs if one.kind == "extra" and not one.met]
    return ", ".join(said)
