"""`python -m sugeup`."""

from __future__ import annotations

from sugeup.faces.cli import main

main()
