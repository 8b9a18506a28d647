"""Pages of errors and of settings. Each code and reason has a sentence here; a new one without stops the generator."""

from __future__ import annotations

import inspect

from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from docs_text import code, page, table
from sugeup import errors
from sugeup.errors import SugeupError
from sugeup.metrics.outcome import Reason
from sugeup.settings import Settings

_ADVICE: dict[str, tuple[str, str]] = {
    "CONFIG": ("A setting is wrong or missing.", "Correct the variable that the message names (settings.md)."),
    "NO_CREDENTIALS": ("A source needs a key and none is set.", "Set the key. No command of this version needs one."),
    "INVALID_ARGUMENT": (
        "An argument or a file cannot be taken as it is.",
        "The message names what was received and what is allowed: correct it and call again.",
    ),
    "UNKNOWN_STOCK": (
        "No such stock is stored; `details.suggestions` holds the nearest ones.",
        "Take a suggestion, or `sugeup search NAME`.",
    ),
    "UNKNOWN_SECTOR": ("No such sector is stored.", "Choose one that the message names."),
    "NOT_COLLECTED": (
        "The question is sound, but the figures are not in this lake.",
        "`sugeup status` shows what is; `sugeup import FILE...` adds; `--lake demo` answers from the sample.",
    ),
    "NOT_PUBLISHED_YET": (
        "The figures are not public yet; `details.available_at` says when they are.",
        "Wait until then, or ask for an earlier session.",
    ),
    "MARKET_CLOSED": (
        "The exchange is closed on that date; the message says why.",
        "Ask for a neighbour: `details.previous_session`, `details.next_session`.",
    ),
    "OUT_OF_HISTORY": (
        "The date lies before the first stored session, or outside the years of the calendar.",
        "Ask from the date on that the message names.",
    ),
    "BUSY": ("Another process holds what this one needs: the table, or the port.", "Try again; stop the other one."),
    "RATE_LIMITED": ("A source was asked too often.", "Try again after the time that the message names."),
    "SOURCE_DOWN": ("A source does not answer.", "Try again later."),
    "SCHEMA_DRIFT": ("A vendor's answer no longer has the shape that is known.", "Report it with the message."),
    "STORE_DAMAGED": (
        "A table of the lake cannot be read; `details` names it and its version.",
        "Move the dataset's folder aside, then import or collect it again.",
    ),
}
_REASONS: dict[Reason, str] = {
    Reason.INSUFFICIENT_HISTORY: "Fewer observations than the measure needs at least.",
    Reason.NEW_LISTING: "The same, because the stock was listed inside the window.",
    Reason.MISSING_INPUT: "A row or a column that the measure needs is absent; `note` says which source lacks it.",
    Reason.NOT_PUBLISHED_YET: "The figure exists by rule but is not public at that moment.",
    Reason.ZERO_DENOMINATOR: "The divisor is 0: nothing was traded.",
    Reason.ZERO_VARIANCE: "The series is constant.",
    Reason.HALTED: "Trading was halted (거래정지).",
    Reason.CORPORATE_ACTION_GAP: "The factor of a split, merger or rights issue in the window is missing.",
    Reason.MIXED_SCOPE: "Numerator and denominator would come from different venues, products or hours.",
    Reason.RECONCILIATION_FAILED: "The parts do not add up to the whole within rounding, so none is shown.",
    Reason.OUT_OF_SCOPE: "It has no meaning here: the average price of a whole market.",
    Reason.NOT_AVAILABLE_FROM_SOURCE: "Nobody publishes it, or the source folds it into another figure.",
    Reason.UNCALIBRATED: "A probability was asked for, and no accepted calibration exists.",
    Reason.NO_SKILL: "A model was tested and does not beat its benchmark.",
    Reason.NO_PATTERN: "The detector ran and found nothing.",
    Reason.NOT_NET_BUYER: "The investor did not buy on balance.",
    Reason.STALE: "The newest figure is too old for the question.",
    Reason.MARKET_CLOSED: "The exchange was closed.",
}


def pages() -> dict[str, str]:
    """Path below docs/ and text of both pages."""
    return {"reference/errors.md": _errors(), "reference/settings.md": _settings()}


def _errors() -> str:
    tree = inspect.cleandoc(errors.__doc__ or "")
    drawn = "\n".join(line[4:] for line in tree.splitlines() if line.startswith("    "))
    rows = []
    for kind in _classes():
        for one in kind.codes:
            meaning, advice = _ADVICE[one]
            error = kind("", code=one)
            rows.append([code(one), kind.__name__, error.status, kind.exit_code, meaning, advice])
    reasons = [[code(reason.name), _REASONS[reason]] for reason in Reason if reason]
    return page(
        "Errors and reasons",
        "One tree, grouped by what the caller can do. It is raised low and translated once per face: "
        "a tool error for MCP "
        "(`CODE: message hint`), problem+json for REST (`title` is the code, beside it `detail`, "
        "`code`, `hint`, `details`), "
        "a message on the error stream and an exit code for the command line (`--json` prints the error as JSON, also "
        "to the error stream).",
        f"```text\n{drawn}\n```",
        table(["code", "class", "HTTP", "exit", "meaning", "what to do"], rows),
        "Exit code 0 is an answer, 130 an interruption (Ctrl-C), 1 a fault of sugeup itself: please "
        "report it. Over HTTP "
        "and MCP such a fault carries a log id that stands in the server's log.",
        "## Why a value is null",
        "A value that is not known is null, and the `meta` map beside it has an entry with `reason` and mostly `note`. "
        "Besides the codes above these words are used; `explain_metric` says which apply to a measure.",
        table(["reason", "when"], reasons),
    )


def _classes() -> list[type[SugeupError]]:
    return [
        one
        for _, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, SugeupError) and one is not SugeupError
    ]


def _settings() -> str:
    rows = [
        ["<br>".join(map(code, variables(name, field))), code(_default(field)), field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    return page(
        "Settings",
        "Read from the environment or from a file `.env` in the working directory, once per process; "
        "a wrong value stops "
        "the command with `CONFIG` and names the variable. Nothing has to be set, and no key is needed.",
        table(["variable", "default", "meaning"], rows),
        "The lakes `real`, `demo` and `simulated` are folders below the data folder and are never mixed in one answer. "
        "On the command line `--lake` goes before the verb: `sugeup --lake demo status`.",
    )


def variables(name: str, field: FieldInfo) -> list[str]:
    """Environment variables of a setting, the first one preferred."""
    prefix = str(Settings.model_config["env_prefix"])
    if isinstance(field.validation_alias, AliasChoices):
        return [str(choice) for choice in field.validation_alias.choices if str(choice).isupper()]
    return [f"{prefix}{name}".upper()]


def _default(field: FieldInfo) -> object:
    return getattr(field.default, "value", field.default)
