"""Which simulated market a lake holds: written down with its first figures, so that two never meet in one lake."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from sugeup.errors import ConfigError
from sugeup.store.faults import explained

FILE = "market.json"
TELLING = ("seed", "stocks", "first", "sessions", "events", "turbulence")
"""What makes two markets differ; who serves them, and how often they may be asked, does not."""


def keep(folder: Path, plan: Mapping[str, Any]) -> None:
    """Note the market of a lake, or hold it against the one that is noted.

    `plan`: what the sandbox says that it simulates. Raises ConfigError when the lake holds another market.
    """
    ours = {name: plan[name] for name in TELLING if name in plan}
    path = folder / FILE
    try:
        noted = orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        noted = None
    except OSError as error:
        raise explained(FILE, error) from error
    if noted == ours:
        return
    if isinstance(noted, dict):
        unlike = [name for name in TELLING if noted.get(name) != ours.get(name)]
        raise ConfigError(
            f"{folder} holds another simulated market: "
            + ", ".join(f"{name} {noted.get(name)} there, {ours.get(name)} in the sandbox" for name in unlike)
            + ".",
            hint="Start the sandbox with the same plan; use another SUGEUP_DATA_DIR; or begin anew, which removes the "
            "figures of that lake: `sugeup demo --market simulated --anew`.",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{FILE}.new")
        new.write_bytes(orjson.dumps(ours, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        new.replace(path)
    except OSError as error:
        raise explained(FILE, error) from error
