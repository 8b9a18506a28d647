"""MCP completions: what the argument of a prompt or of a resource's address can be, while it is typed.

Stocks complete by name in Korean or English, by initial consonants (초성) and by code; sectors and investor classes by
their words in either language. Suggestions are what the argument takes: a code where digits are typed, else a name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sugeup.errors import SugeupError
from sugeup.faces.answering import Answering
from sugeup.faces.index import index
from sugeup.faces.mcp_offers import Suggest
from sugeup.faces.mcp_prompt_texts import LANGUAGES
from sugeup.faces.mcp_prompts import investors as ranked
from sugeup.faces.mcp_reference import years
from sugeup.market import instruments, investors

_MAIN = "get_investor_trading"
"""The question whose choices (investor types, periods, markets) complete."""

_KOREAN = {"ALL": "전체", "FOREIGN": "외국인", "INSTITUTION": "기관", "KOSPI": "코스피", "KOSDAQ": "코스닥"}


def completions(answering: Answering) -> dict[str, Suggest]:
    """Suggestions by name of the argument."""
    return {
        "stock_code": lambda typed: stocks(answering, typed),
        "sector": lambda typed: sectors(answering, typed),
        "metric_id": lambda typed: matching(typed, index().metrics),
        "year": lambda typed: [str(year) for year in reversed(years()) if str(year).startswith(typed.strip())],
        "language": lambda typed: [one.lower() for one in matching(typed, LANGUAGES)],
        "investor": _choosing(ranked()),
        **{one.name: _choosing(one.choices) for one in index().questions[_MAIN].arguments if one.choices},
    }


def stocks(answering: Answering, typed: str) -> list[str]:
    """Codes that begin with the digits typed, or names of the stocks that match; every code when nothing is typed."""
    from sugeup.usecases import securities

    known = securities.catalogue(answering.app.archive)
    typed = typed.strip()
    if not typed or typed[0].isdigit():
        return [entry.code for entry in known if entry.code.startswith(typed.upper())]
    found = instruments.search(typed, known)
    english = typed.isascii()
    names = [(entry.name_en if english else entry.name) or entry.name or entry.code for entry in found]
    return list(dict.fromkeys(names))


def sectors(answering: Answering, typed: str) -> list[str]:
    """Names of the sectors whose name (초성 too) or code matches; none where no sectors are stored."""
    try:
        answered = answering.ask(index().questions["list_sectors"].load(), {"limit": 500})
    except SugeupError:
        return []
    names: dict[str, str] = {}
    for one in answered.plain["sectors"]:
        names[one["sector_name"]] = f"{names.get(one['sector_name'], '')} {one['sector_code']}".strip()
    return matching(typed, names)


def matching(typed: str, labelled: Mapping[str, str]) -> list[str]:
    """Choices whose word or label (초성 of either too) contains what was typed, those that begin with it first."""
    wanted = typed.strip().casefold()

    def rank(choice: str) -> int | None:
        label = labelled[choice]
        words = (choice.casefold(), label.casefold(), instruments.initials(label), instruments.initials(choice))
        if any(word.startswith(wanted) for word in words):
            return 0
        return 1 if any(wanted in word for word in words) else None

    ranked = [(place, choice) for choice in labelled if (place := rank(choice)) is not None]
    return [choice for _, choice in sorted(ranked, key=lambda pair: pair[0])]


def _choosing(choices: Sequence[str]) -> Suggest:
    korean = {one.id.upper(): one.korean for one in (*investors.LEAVES, *investors.SUMS)} | _KOREAN
    labelled = {choice: korean.get(choice, "") for choice in choices}
    return lambda typed: matching(typed, labelled)
