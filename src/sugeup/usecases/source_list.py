"""데이터 출처: every source, whether it is asked and why, what it gives and what it needs. No key is shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from sugeup.archive import Archive, describing
from sugeup.errors import Refused
from sugeup.registry import usecase
from sugeup.usecases.answers import Answer, Shown
from sugeup.usecases.wording import Grid, moment, plain

Name = Annotated[
    str,
    BeforeValidator(lambda value: value.strip().lower() if isinstance(value, str) else value),
    Field(min_length=1, max_length=40, description="One source alone and in full, as kis; default: all."),
]


class Need(Shown):
    """One thing that a source needs. `met`: whether it is there; `place`: where it was found, never its value."""

    kind: Literal["key", "switch", "extra"]
    name: str
    place: str | None
    met: bool


class Gift(Shown):
    """A dataset that a source gives. `depth`: sessions back, null where nobody knows an end; 0: only as it is now."""

    dataset: str
    korean: str
    reach: Literal["past", "today", "now"]
    korean_reach: str
    scopes: list[str]
    depth: int | None
    endpoints: list[str]


class SourceShown(Shown):
    """One source. `on`: whether it is asked on this lake, `why`: in words; so many calls within so many seconds."""

    name: str
    title: str
    korean: str
    on: bool
    why: str
    needs: list[Need]
    gives: list[Gift]
    page: str | None = Field(description="Where its key is got.")
    terms: str | None
    calls: int
    seconds: float
    quota: int | None = Field(description="Calls in a day; null: it names no limit.")


class SourceList(Answer):
    """Sources in the order of their names; `lake`: of which it is told whether they are asked."""

    lake: str
    rows: list[SourceShown]
    total: int


def text(answer: Any) -> list[object]:
    """A line per source; one alone with what it gives and needs."""
    if len(answer.rows) == 1:
        return _full(answer.rows[0])
    lines = [
        [one.name, one.korean, "on" if one.on else "off", str(len(one.gives)), _pace(one), one.why]
        for one in answer.rows
    ]
    return [
        Grid(["source", "", "", "figures", "pace", "why"], lines, words=(0, 1, 2, 4, 5)),
        "",
        f"On the lake {answer.lake}. `sugeup sources NAME` shows what one gives and needs, and where its key is got.",
    ]


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per source and dataset."""
    return [
        {"source": one.name, "on": one.on, "dataset": gift.dataset, "korean": gift.korean, "reach": gift.reach}
        | {"scopes": " ".join(gift.scopes), "depth": gift.depth}
        for one in answer.rows
        for gift in one.gives
    ]


@usecase(path="/sources", verb="sources", title="데이터 출처", text=text, rows=rows)
def list_sources(archive: Archive, *, source: Name | None = None) -> SourceList:
    """Every source of figures: whether it is asked and why, what it gives and needs, where its key is got (출처).

    Of keys it tells whether and where they are set, never a value. Nobody is asked by it.
    """
    every = {one.name: one for one in archive.sources()}
    if source is not None and source not in every:
        raise Refused(
            f"source={source!r} is no source.",
            hint=f"There are: {', '.join(every)}.",
            details={"suggestions": list(every)},
        )
    chosen = every.values() if source is None else [every[source]]
    return SourceList(
        as_of=None,
        generated_at=moment(archive.clock.now()),
        scope="SOURCES",
        simulated=archive.name == "simulated",
        lake=archive.name,
        rows=[_shown(one) for one in chosen],
        total=len(every) if source is None else 1,
    )


def _shown(one: describing.Source) -> SourceShown:
    needs = [Need(kind=need.kind, name=need.name, place=need.place or None, met=need.met) for need in one.needs]
    gives = [
        Gift(
            dataset=gift.dataset,
            korean=gift.korean,
            reach=gift.reach,
            korean_reach=gift.korean_reach,
            scopes=list(gift.scopes),
            depth=gift.depth,
            endpoints=list(gift.endpoints),
        )
        for gift in one.gives
    ]
    about = {name: getattr(one, name) for name in ("name", "title", "korean", "on", "why", "calls", "seconds", "quota")}
    return SourceShown(**about, needs=needs, gives=gives, page=one.page or None, terms=one.terms or None)


def _full(one: SourceShown) -> list[object]:
    lines = [[gift.dataset, gift.korean, "·".join(gift.scopes), gift.korean_reach, _depth(gift)] for gift in one.gives]
    needs = ", ".join(f"{need.kind} {need.name} ({need.place or 'missing'})" for need in one.needs)
    told = [
        f"{one.name} · {one.korean} · {one.title}",
        f"  {'on' if one.on else 'off'}: {one.why}",
        f"  needs: {needs or 'nothing'}",
        f"  pace: {_pace(one)}",
    ]
    told += [f"  key: {one.page}"] if one.page else []
    told += [f"  terms: {one.terms}"] if one.terms else []
    return [*told, "", Grid(["figures", "", "of", "", "how far back"], lines, words=range(5)), ""]


def _depth(gift: Gift) -> str:
    """How far back the figures go, in words."""
    if gift.reach != "past":
        return "the running session" if gift.reach == "today" else "as it is now"
    return "as far as it is asked" if gift.depth is None else f"{plain(gift.depth)} sessions"


def _pace(one: SourceShown) -> str:
    quota = f", {plain(one.quota)} a day" if one.quota else ""
    return f"{one.calls} in {one.seconds:g} s{quota}"
