"""The part of `sugeup doctor` that asks sources: those that are on, or those that are named. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sugeup.errors import Refused, SugeupError
from sugeup.observe import findings
from sugeup.observe.findings import DOWN, Finding

if TYPE_CHECKING:
    from sugeup.archive.describing import Source
    from sugeup.settings import LakeName, Settings


@dataclass
class Asked:
    """What came of asking: findings of all vendors, and what each question showed, as plain JSON, by vendor."""

    findings: list[Finding] = field(default_factory=list)
    probes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def wanted(sources: Sequence[Source], names: Sequence[str]) -> list[Source]:
    """The sources to ask: those named, else those that are on. Refused for a name that is none."""
    known = {one.name: one for one in sources}
    given = list(dict.fromkeys(name.strip().lower() for name in names))
    for name in given:
        if name not in known:
            raise Refused(f"--source {name[:40]!r} is no source.", hint=f"There are: {', '.join(known)}.")
    return [known[name] for name in given] or [one for one in sources if one.on]


def ask(loaded: Settings, lake: LakeName, chosen: Sequence[Source], tell: Callable[[str], None]) -> Asked:
    """Ask each of these sources one question of each kind; an error of one stops no other. Secrets are masked."""
    from sugeup.app import App
    from sugeup.archive import describing

    asked = Asked()
    if lake.value == "demo":
        return Asked([findings.ok("sources", "the lake demo asks nobody", "Add `--lake real` before the command.")])
    if not chosen:
        return Asked([findings.ok("sources", "none is on", "`sugeup sources` says what each needs.")])
    clock = App.open(loaded, lake).clock
    try:
        if callable(require := getattr(clock, "require", None)):
            require()
    except SugeupError as error:
        return Asked([findings.fail("sandbox", error.message, error.hint or "", DOWN)])
    for one in chosen:
        tell(f"asking {one.name} …")
        _ask(asked, loaded, lake, clock, describing.vendor(one.name), one)
    return asked


def _ask(asked: Asked, loaded: Settings, lake: LakeName, clock: Any, vendor: Any, source: Source) -> None:
    from sugeup.app import door
    from sugeup.hub.masking import Secrets
    from sugeup.observe import answers, probing

    simulated = lake.value == "simulated"
    barred = [one for one in source.needs if one.kind != "key" and not one.met]
    if barred and not simulated:
        asked.findings.append(findings.fail(f"source {vendor.name}", source.why, f"`sugeup sources {vendor.name}`."))
        return
    try:
        opened = door(loaded, lake, clock, vendor)
        secrets = loaded.secrets(vendor.access.keys, lake)
    except SugeupError as error:
        asked.findings.append(answers.refusal(f"source {vendor.name}", error))
        return
    try:
        prober = probing.Prober(vendor, opened, clock.now, simulated)
        probes = list(prober.probes())
        found = [*answers.reached(prober, probes), *answers.clock(prober), *answers.shaped(prober, probes)]
        if prober.error is None:
            found += answers.holidays(prober, clock.now())
    finally:
        opened.close()
    masking = Secrets(*secrets)  # a vendor's answer may repeat a key
    asked.findings += [replace(one, said=masking.text(one.said), todo=masking.text(one.todo)) for one in found]
    asked.probes[vendor.name] = [masking.value(asdict(one)) for one in probes]
