"""그림: paths around signals and reliability diagrams as SVG text, the same bytes for the same figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from sugeup.research.pictures import COLUMNS, FONT, GREY, HIGH, INK, OURS, PAD, WIDE

Rows = Sequence[Mapping[str, Any]]
Scale = Callable[[float], float]
TOP, INNER, TALL = 22, WIDE - PAD - 12, HIGH - PAD - 24


def paths(rows: Rows) -> str:
    """Cumulated abnormal return by offset with its band, one panel a kind, all on one scale in %."""
    reach = max((abs(part) for row in rows for point in row["points"] for part in point[1:] if part is not None),
                default=0.01)  # fmt: skip
    return _sheet([_path(row, reach) for row in rows], "cumulated abnormal return around signals, %")


def reliability(rows: Rows) -> str:
    """Share that happened by probability told, with Wilson bands, one panel a kind."""
    return _sheet([_reliability(row) for row in rows], "what happened by what was told")


def _path(row: Mapping[str, Any], reach: float) -> str:
    told = row["points"]
    first, last = int(told[0][0]), int(told[-1][0])

    def x(offset: float) -> float:
        return PAD + INNER * (offset - first) / (last - first)

    def y(value: float) -> float:
        return TOP + TALL * (1 - (value / reach + 1) / 2)

    parts = [_title(f"{row['kind']} {row['direction']}, n {row['n']:,}")]
    parts += [_level(y(share * reach), f"{100 * share * reach:+.0f}") for share in (-1.0, 0.0, 1.0)]
    parts += [_tick(x(tick), f"{tick:+d}" if tick else "0") for tick in range(first, last + 1, 10)]
    parts.append(f'<line x1="{x(0):.1f}" y1="{TOP}" x2="{x(0):.1f}" y2="{TOP + TALL}" stroke="{INK}" '
                 'stroke-width="0.6" stroke-dasharray="2 2"/>')  # fmt: skip
    banded = [point for point in told if point[2] is not None]
    upper = [f"{x(point[0]):.1f},{y(point[3]):.1f}" for point in banded]
    lower = [f"{x(point[0]):.1f},{y(point[2]):.1f}" for point in reversed(banded)]
    if banded:
        parts.append(f'<polygon points="{" ".join([*upper, *lower])}" fill="{OURS}" fill-opacity="0.15"/>')
    line = " ".join(f"{x(point[0]):.1f},{y(point[1]):.1f}" for point in told)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{OURS}" stroke-width="1.6"/>')
    return "".join(parts)


def _reliability(row: Mapping[str, Any]) -> str:
    def x(said: float) -> float:
        return PAD + INNER * said

    def y(happened: float) -> float:
        return TOP + TALL * (1 - happened)

    parts = [_title(row["kind"])]
    parts.append(f'<text x="{PAD + INNER}" y="{TOP + TALL - 4}" font-size="8" text-anchor="end" fill="{INK}">'
                 f"{row['level'].lower()}, n {row['tried']:,}</text>")  # fmt: skip
    parts += [_level(y(share), f"{share:g}") for share in (0.0, 0.5, 1.0)]
    parts += [_tick(x(share), f"{share:g}") for share in (0.0, 0.5, 1.0)]
    parts.append(f'<line x1="{x(0):.1f}" y1="{y(0):.1f}" x2="{x(1):.1f}" y2="{y(1):.1f}" stroke="{INK}" '
                 'stroke-width="0.8" stroke-dasharray="5 3"/>')  # fmt: skip
    for one in row["bins"]:
        at = x(one["mean"])
        parts.append(
            f'<line x1="{at:.1f}" y1="{y(one["lo"]):.1f}" x2="{at:.1f}" y2="{y(one["hi"]):.1f}" stroke="{OURS}" '
            f'stroke-width="1.2"/><circle cx="{at:.1f}" cy="{y(one["value"]):.1f}" r="2.6" fill="{OURS}">'
            f"<title>{one['n']} told</title></circle>"
        )
    return "".join(parts)


def _title(text: str) -> str:
    return f'<text x="{PAD}" y="14" font-size="9" fill="{INK}">{escape(text)}</text>'


def _level(y: float, text: str) -> str:
    return (
        f'<line x1="{PAD}" y1="{y:.1f}" x2="{PAD + INNER}" y2="{y:.1f}" stroke="{GREY}" stroke-width="0.5"/>'
        f'<text x="{PAD - 5}" y="{y + 3:.1f}" font-size="8" text-anchor="end" fill="{INK}">{text}</text>'
    )


def _tick(x: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{TOP + TALL + 12}" font-size="8" text-anchor="middle" fill="{INK}">{text}</text>'


def _sheet(panels: Sequence[str], title: str) -> str:
    wide, high = COLUMNS * WIDE, -(-len(panels) // COLUMNS) * HIGH + 26
    body = "".join(
        f'<g transform="translate({at % COLUMNS * WIDE} {at // COLUMNS * HIGH + 22})">{panel}</g>'
        for at, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" {FONT}>'
        f"<title>{escape(title)}</title>"
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>'
        f'<text x="{PAD}" y="14" font-size="9" fill="{INK}">{escape(title)}</text>{body}</svg>\n'
    )
