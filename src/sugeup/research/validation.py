"""검증 여부: which kinds of signals the accuracy report supports; a table made by `sugeup evaluate`, shipped as data.

`validated` is true only when the walk-forward lift on real figures has a lower bound above 0 and the detector meets its
aims on simulated markets. Everything else is a description of what happened, and says so.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources

FILE = "validated.json"
PAGE = "docs/accuracy.md"


@dataclass(frozen=True)
class Verdict:
    """One kind. `simulated`: it meets its aims on planted events; `real`: what followed beat the base rate; None: not
    measured. `why`: the figures in words.
    """

    kind: str
    simulated: bool | None
    real: bool | None
    why: str

    @property
    def validated(self) -> bool:
        """Whether a reader may take it for more than a description."""
        return self.simulated is True and self.real is True

    @property
    def sentence(self) -> str:
        """One sentence for an answer."""
        return f"validated: {str(self.validated).lower()}; {self.why}"


@functools.cache
def table() -> dict[str, Verdict]:
    """Every kind that was measured."""
    text = resources.files("sugeup.research").joinpath(FILE).read_text(encoding="utf-8")
    return {kind: Verdict(kind, one["simulated"], one["real"], one["why"]) for kind, one in json.loads(text).items()}


def of(kind: str) -> Verdict:
    """The verdict on a kind; one that was never measured is not validated."""
    return table().get(kind) or Verdict(kind, None, None, f"never held against labels or outcomes ({PAGE})")
