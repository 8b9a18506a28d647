"""A route of the vendor: path, identifier and the fields that we read, in one place, because the identifier decides.

The vendor answers by the header `tr_id`, whatever the path: a wrong pair gives an empty answer and no error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sugeup.errors import SchemaDrift
from sugeup.sources.replies import sheet
from sugeup.sources.replies.sheet import Answering, Block
from sugeup.sources.vendor import Request

STOCK = "/uapi/domestic-stock/v1/quotations"
FUTURES = "/uapi/domestic-futureoption/v1/quotations"


@dataclass(frozen=True)
class Route(Answering):
    """Where one question is asked: `name` as the specification calls it, identifier, path and blocks."""

    vendor: ClassVar[str] = "kis"
    title: ClassVar[str] = "KIS"
    name: str
    tr_id: str
    path: str
    blocks: tuple[Block, ...]

    def request(self, params: Mapping[str, str]) -> Request:
        """The question with these parameters, all of which the vendor wants to see, blank ones too."""
        return Request(self.path, query=params, headers={"tr_id": self.tr_id})


def drift(endpoint: str, name: str, said: str = "the field is missing") -> SchemaDrift:
    """The error of an answer of this vendor that no longer has the known shape."""
    return sheet.drift(Route.vendor, Route.title, endpoint, name, said)
