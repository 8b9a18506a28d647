"""그림: small pictures of the accuracy report as SVG text, the same bytes for the same figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

WIDE, HIGH, PAD = 230, 150, 34
COLUMNS = 3
INK, GREY, OURS, BEST, OTHER = "#222222", "#bbbbbb", "#0b6bcb", "#555555", "#c2410c"
FONT = 'font-family="system-ui, sans-serif"'


@dataclass(frozen=True)
class Curve:
    """One line of a panel: points (x, y) within 0-1 on y, colour and dash."""

    name: str
    points: tuple[tuple[float, float], ...]
    colour: str
    dash: str = ""


def power(
    rows: Sequence[Mapping[str, Any]], candidates: Sequence[Mapping[str, Any]], strengths: Sequence[float]
) -> str:
    """Recall by strength: ours, the ideal at as many false alarms, and the candidate statistic where there is one."""
    others = {row["name"]: row for row in candidates}
    panels = []
    for row in rows:
        if not row["targets"]:
            continue
        curves = [
            Curve("sugeup", _points(row, strengths, "recall"), OURS),
            Curve("ideal", _points(row, strengths, "ideal_recall"), BEST, "5 3"),
        ]
        if row["name"] in others:
            curves.append(Curve("candidate", _points(others[row["name"]], strengths, "recall"), OTHER, "2 2"))
        panels.append(_panel(row["name"], curves, max(strengths)))
    return _sheet(panels, "recall by strength of the planted events")


def _points(row: Mapping[str, Any], strengths: Sequence[float], what: str) -> tuple[tuple[float, float], ...]:
    found = []
    for strength in strengths:
        cell = row["by_strength"].get(f"{strength:g}", {}).get(what)
        value = cell.get("value") if isinstance(cell, Mapping) else cell
        if value is not None:
            found.append((strength, value))
    return tuple(found)


def _panel(title: str, curves: Sequence[Curve], right: float) -> str:
    inner, tall = WIDE - PAD - 12, HIGH - PAD - 24
    parts = [f'<text x="{PAD}" y="14" font-size="10" fill="{INK}">{escape(title)}</text>']
    for share in (0.0, 0.5, 1.0):
        y = 22 + tall * (1 - share)
        parts.append(f'<line x1="{PAD}" y1="{y:.1f}" x2="{PAD + inner}" y2="{y:.1f}" stroke="{GREY}" '
                     'stroke-width="0.5"/>')  # fmt: skip
        parts.append(
            f'<text x="{PAD - 5}" y="{y + 3:.1f}" font-size="8" text-anchor="end" fill="{INK}">{share:g}</text>'
        )
    for tick in range(int(right) + 1):
        x = PAD + inner * tick / right
        parts.append(f'<text x="{x:.1f}" y="{22 + tall + 12:.1f}" font-size="8" text-anchor="middle" '
                     f'fill="{INK}">{tick}</text>')  # fmt: skip
    for curve in curves:
        if not curve.points:
            continue
        at = " ".join(f"{PAD + inner * x / right:.1f},{22 + tall * (1 - y):.1f}" for x, y in curve.points)
        dash = f' stroke-dasharray="{curve.dash}"' if curve.dash else ""
        parts.append(f'<polyline points="{at}" fill="none" stroke="{curve.colour}" stroke-width="1.6"{dash}/>')
    return "".join(parts)


def _sheet(panels: Sequence[str], title: str) -> str:
    rows = -(-len(panels) // COLUMNS)
    wide, high = COLUMNS * WIDE, rows * HIGH + 34
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" {FONT}>'
        f"<title>{escape(title)}</title>"
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>'
    )
    legend = "".join(
        f'<line x1="{x}" y1="12" x2="{x + 22}" y2="12" stroke="{colour}" stroke-width="1.6"'
        + (f' stroke-dasharray="{dash}"' if dash else "")
        + f'/><text x="{x + 27}" y="15" font-size="9" fill="{INK}">{name}</text>'
        for x, name, colour, dash in (
            (PAD, "sugeup", OURS, ""),
            (PAD + 80, "ideal detector at as many false alarms", BEST, "5 3"),
            (PAD + 290, "candidate statistic", OTHER, "2 2"),
        )
    )
    body = "".join(
        f'<g transform="translate({at % COLUMNS * WIDE} {at // COLUMNS * HIGH + 26})">{panel}</g>'
        for at, panel in enumerate(panels)
    )
    return f"{head}{legend}{body}</svg>\n"


def lifts(rows: Sequence[Mapping[str, Any]], title: str) -> str:
    """Hit rate less base rate of each row, with its 95% interval; the line is the base rate."""
    shown = [row for row in rows if row["value"] is not None]
    high, left, wide, reach = 20 * len(shown) + 44, 300, 690, 0.35
    scale = (wide - left - 20) / (2 * reach)

    def x(lift: float) -> float:
        return left + scale * (min(max(lift, -reach), reach) + reach)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" {FONT}>'
        f"<title>{escape(title)}</title>"
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>',
        f'<line x1="{x(0):.1f}" y1="8" x2="{x(0):.1f}" y2="{high - 28}" stroke="{INK}" stroke-width="0.8"/>',
    ]
    for at, row in enumerate(shown):
        y = 18 + 20 * at
        low, up, middle = (row[name] - row["base"] for name in ("lo", "hi", "value"))
        colour = OURS if row["beats"] else BEST
        parts.append(
            f'<text x="{left - 10}" y="{y + 3}" font-size="9" text-anchor="end" fill="{INK}">'
            f"{escape(row['level'].lower())} · {escape(row['name'])}</text>"
            f'<line x1="{x(low):.1f}" y1="{y}" x2="{x(up):.1f}" y2="{y}" stroke="{colour}" stroke-width="1.4"/>'
            f'<circle cx="{x(middle):.1f}" cy="{y}" r="2.6" fill="{colour}"/>'
        )
    for lift in (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3):
        parts.append(f'<text x="{x(lift):.1f}" y="{high - 14}" font-size="8" text-anchor="middle" '
                     f'fill="{INK}">{100 * lift:+.0f}</text>')  # fmt: skip
    parts.append(f'<text x="{x(0):.1f}" y="{high - 3}" font-size="8" text-anchor="middle" fill="{INK}">'
                 "hit rate less base rate, percentage points</text></svg>\n")  # fmt: skip
    return "".join(parts)
