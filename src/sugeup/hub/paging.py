"""Page after page of one ask, with an end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sugeup.errors import SchemaDrift
from sugeup.sources.vendor import Ask, Page

MOST = 1000
"""Pages of one ask: years of one stock are some hundred, a day of trades likewise."""


def pages(vendor: str, endpoint: str, ask: Ask, page: Callable[[Ask], Page], most: int = 0) -> Iterator[Page]:
    """What `page` gives for the ask and for every following one; SCHEMA_DRIFT when one leads back or nowhere.

    `most`: pages that an ask may have (0: `MOST`).
    """
    most = most or MOST
    seen = {ask}
    part: Ask | None = ask
    while part is not None:
        found = page(part)
        yield found
        following = found.after
        if following is None:
            return
        if following in seen or not _leads_on(part, following):
            raise _drift(vendor, endpoint, f"after {_named(part)} comes {_named(following)}, which does not lead on")
        if len(seen) >= most:
            raise _drift(vendor, endpoint, f"{most:,} pages and no end, the last one {_named(part)}")
        seen.add(following)
        part = following


def _leads_on(part: Ask, following: Ask) -> bool:
    """The next page has another cursor, or fewer days."""
    if following.cursor != part.cursor:
        return True
    return following != part and part.first <= following.first and following.last <= part.last


def _named(ask: Ask) -> str:
    cursor = f" at {ask.cursor!r}" if ask.cursor else ""
    return f"{','.join(ask.scopes) or '-'} {ask.first}..{ask.last}{cursor}"


def _drift(vendor: str, endpoint: str, what: str) -> SchemaDrift:
    return SchemaDrift(
        f"{vendor} {endpoint}: {what}.",
        hint="The vendor's paging has changed: report it with the name of the endpoint.",
        details={"vendor": vendor, "endpoint": endpoint},
    )
