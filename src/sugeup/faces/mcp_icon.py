"""The mark of sugeup for clients that show one: buying above the line in red, selling below it in blue."""

from __future__ import annotations

from urllib.parse import quote

from mcp.types import Icon

_SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><path fill='#C81E2B' d='M2 2h5v5H2z'/>"
    "<path fill='#1457C8' d='M9 9h5v5H9z'/><path fill='#808A97' d='M1 7.5h14v1H1z'/></svg>"
)

ICONS = [Icon(src=f"data:image/svg+xml,{quote(_SVG, safe='=:/')}", mime_type="image/svg+xml", sizes=["any"])]
"""One drawing for every size and theme, inside the address: nothing is loaded from anywhere."""
