"""Where the next page begins, in words of the vendor that are kept in the cursor, apart by bars.

A range of days needs none of them: the next page is the same question up to the day before the oldest row, as long as
that one moves. Only where no end can be asked for is the place of the reply handed back, with its continuation key.
"""

from __future__ import annotations

from sugeup.sources.vendor import Ask, Reply

_BAR = "|"


def placed(ask: Ask, size: int) -> list[str]:
    """The words of the cursor, `size` of them; empty ones on the first page."""
    words = ask.cursor.split(_BAR) if ask.cursor else []
    return [*words, *[""] * size][:size]


def at(ask: Ask, *words: str) -> Ask:
    """The ask at these words."""
    return ask.at(_BAR.join(words))


def continues(reply: Reply) -> bool | None:
    """Whether the vendor says that there is more; None when it says nothing."""
    said = reply.headers.get("tr_cont", "").strip().upper()
    return {"Y": True, "N": False}.get(said)


def key(reply: Reply) -> str:
    """The continuation key of a reply."""
    return reply.headers.get("tr_cont_key", "").strip()


def word(document: dict[str, object], block: str, name: str) -> str:
    """A word of the block beside the rows, in which the vendor tells the next place; empty where there is none."""
    found = document.get(block.lower())
    said = found.get(name) if isinstance(found, dict) else None
    return str(said).strip() if isinstance(said, str | int) and not isinstance(said, bool) else ""
