"""How models are spoken to: three HTTP formats behind one interface."""

from __future__ import annotations

from collections.abc import Callable

from evals.wires.anthropic import Anthropic
from evals.wires.gemini import Gemini
from evals.wires.openai import OpenAI
from evals.wires.wire import Call, Tool, Turn, Wire, WireError

WIRES: dict[str, Callable[[], Wire]] = {
    "openai": OpenAI,
    "anthropic": Anthropic,
    "gemini": Gemini,
    "local": lambda: OpenAI(key_name=None),
}
"""By the name of `--api`; `local` is a server of the OpenAI format that asks for no key."""

__all__ = ["WIRES", "Call", "Tool", "Turn", "Wire", "WireError"]
