"""`sugeup evaluate`: whether the detectors find what they say and whether anything follows; writes docs/accuracy."""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sugeup.errors import NoData
from sugeup.faces import evaluating_ticks, screen
from sugeup.faces.evaluating_runs import Size, every, leaks, seeds
from sugeup.research import evidence_pictures, pictures, power, report_evidence, report_page, validation, verdicts
from sugeup.research.outcomes import ALL, HORIZONS

if TYPE_CHECKING:
    from sugeup.app import App

RESULTS, PAGE = "accuracy.json", "accuracy.md"
QUICK_SEEDS, QUICK_STOCKS, QUICK_SESSIONS = 2, 120, 420
SESSIONS = 500
DIGITS = 6
_MET = {None: "–", True: "yes", False: "no"}


def run(
    opened: Callable[[Path], App], *, count: int, stocks: int, quick: bool, folder: Path, processes: int, ship: bool
) -> int:
    """Measure everything and write it into a folder; `ship` brings the table of verdicts into the package.

    `opened` opens a demo lake in an empty folder, for the bundled sample.
    """
    began = time.monotonic()
    size = (
        Size(tuple(seeds(QUICK_SEEDS)), QUICK_STOCKS, QUICK_SESSIONS, processes=processes)
        if quick
        else Size(tuple(seeds(count)), stocks, SESSIONS, processes=processes)
    )
    screen.ERR.print(f"simulating {len(size.seeds)} markets of {size.stocks} stocks, {size.sessions} sessions …")

    def tell(done: int, whole: int) -> None:
        screen.ERR.print(f"  {done} of {whole} seeds, {time.monotonic() - began:.0f} s")

    measured = power.summed(every(size, tell))
    screen.ERR.print("leaks …")
    leaked = leaks()
    screen.ERR.print("trades of block trades …")
    found = of_parts(size, measured, leaked, None if quick else _real(opened), evaluating_ticks.measured(size))
    write(found, folder, ship=ship)
    screen.OUT.print(summary(found), soft_wrap=True, markup=False)
    screen.ERR.print(f"{folder / PAGE} and {folder / RESULTS} in {time.monotonic() - began:.0f} s", soft_wrap=True)
    return 0


def again(folder: Path, *, ship: bool) -> int:
    """Write the page and the pictures anew from the stored figures. Raises NoData where there are none."""
    file = folder / RESULTS
    if not file.exists():
        raise NoData(f"{file} does not exist.", code="NOT_COLLECTED", hint="`sugeup evaluate` measures and writes it.")
    found = json.loads(file.read_text(encoding="utf-8"))
    if "flows" not in found["leakage"] or (found["real"] and "evidence" not in found["real"]):
        raise NoData(f"{file} is of an earlier version.", code="NOT_COLLECTED", hint="`sugeup evaluate` measures anew.")
    for row in found["simulated"]["detectors"]:
        row["aims"] = power.aims(row["by_strength"].get(f"{power.AIMED:g}"), row["targets"])
    found["verdicts"] = verdicts.verdicts(found["simulated"], found["real"])
    write(found, folder, ship=ship)
    screen.OUT.print(summary(found), soft_wrap=True, markup=False)
    return 0


def of_parts(
    size: Size,
    measured: Mapping[str, Any],
    leaked: Mapping[str, Any],
    real: Mapping[str, Any] | None,
    ticks: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The results as they are stored."""
    about = {
        "seeds": list(size.seeds),
        "stocks": size.stocks,
        "sessions": size.sessions,
        "strengths": list(size.strengths),
    }
    found: dict[str, Any] = {"size": about, "simulated": measured, "leakage": leaked, "real": real, "ticks": ticks}
    rounded: dict[str, Any] = json.loads(json.dumps(_rounded(found), sort_keys=True))
    rounded["verdicts"] = verdicts.verdicts(rounded["simulated"], rounded["real"])
    return rounded


def write(found: Mapping[str, Any], folder: Path, *, ship: bool) -> None:
    """The figures, the page and its pictures; the same bytes for the same figures."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    simulated = found["simulated"]
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / RESULTS).write_text(text, encoding="utf-8")
    (folder / PAGE).write_text(report_page.page(found), encoding="utf-8")
    drawn = pictures.power(simulated["detectors"], simulated["candidates"], simulated["strengths"])
    (folder / report_page.PICTURES[0]).write_text(drawn, encoding="utf-8")
    if found["real"]:
        rows = [row for row in found["real"]["rows"] if row["h"] == HORIZONS[0] and row["regime"] == ALL]
        drawn = pictures.lifts(rows, "hit rate less base rate, five sessions")
        (folder / report_page.PICTURES[1]).write_text(drawn, encoding="utf-8")
        told = found["real"]["evidence"]
        more = (evidence_pictures.paths(told["paths"]), evidence_pictures.reliability(told["reliability"]))
        for name, drawn in zip(report_evidence.PICTURES, more, strict=True):
            (folder / name).write_text(drawn, encoding="utf-8")
    if ship:
        table = json.dumps(found["verdicts"], ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        with resources.as_file(resources.files("sugeup.research").joinpath(validation.FILE)) as file:
            Path(file).write_text(table, encoding="utf-8")
        validation.table.cache_clear()


def summary(found: Mapping[str, Any]) -> str:
    """A line for each kind with targets at the strength of the aims."""
    lines = [f"strength {power.AIMED:g}: kind, precision, recall (ideal at as many false alarms), daily FDR, aims met"]
    for row in found["simulated"]["detectors"]:
        told = row["by_strength"].get(f"{power.AIMED:g}")
        if not row["targets"] or told is None:
            continue
        figures = (told["precision"]["value"], told["recall"]["value"], told["ideal_recall"], told["daily_fdr"])
        shown = ["–" if one is None else f"{one:.2f}" for one in figures]
        met = " ".join(f"{name} {_MET[row['aims'][name]]}" for name in power.AIMS)
        lines.append(f"  {row['name']:<28} {shown[0]}  {shown[1]} ({shown[2]})  {shown[3]}  {met}")
    lines.append(f"validated: {', '.join(_validated(found)) or 'none'}")
    return "\n".join(lines)


def _validated(found: Mapping[str, Any]) -> list[str]:
    return [kind for kind, one in found["verdicts"].items() if one["simulated"] is True and one["real"] is True]


def _real(opened: Callable[[Path], App]) -> dict[str, Any]:
    """Real figures: the bundled sample in a lake of its own, which is removed afterwards."""
    from sugeup.faces import evaluating_real
    from sugeup.jobs.sample import load_sample

    screen.ERR.print("real figures of the bundled sample …")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        app = opened(Path(folder))
        load_sample(app.archive)
        return evaluating_real.measured(app.archive)


def _rounded(value: Any) -> Any:
    """Six significant digits; NaN as null."""
    if isinstance(value, Mapping):
        return {str(name): _rounded(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    number = float(value)
    return float(f"{number:.{DIGITS}g}") if math.isfinite(number) else None
