"""What vendors' interfaces are: neutral facts as data, which the sandbox stands on and the sources are checked against.

`kis.json`: endpoints with path, identifier, parameters, blocks, fields, units and row caps, error codes, master files.
`ls.json`: the same of another vendor, with what each unit rests on and where its documents contradict themselves.
`naver.json`: figures behind the pages of a site that documents nothing.
`krx_login.json`: the exchange's pages for members, their log-in and the files that are saved on them by hand.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any


@functools.cache
def specification(vendor: str) -> dict[str, Any]:
    """The facts of one vendor (kis, ls); FileNotFoundError when there are none."""
    return dict(json.loads(resources.files(__name__).joinpath(f"{vendor}.json").read_text(encoding="utf-8")))
