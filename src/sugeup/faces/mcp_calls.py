"""What runs when a tool is called: the answer of its use-case as text and structure, with what the client can use."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase
from mcp.types import CallToolResult, TextContent
from pydantic import ConfigDict

from sugeup.errors import Refused, SugeupError
from sugeup.faces import mcp_apps, mcp_next, mcp_series, payload
from sugeup.faces.answering import Answered, Answering
from sugeup.faces.mcp_asking import chosen
from sugeup.faces.mcp_progress import Tell, followed

if TYPE_CHECKING:
    from sugeup.registry import UseCase

_CHARTED = "get_investor_trading"
"""The tool whose page draws a series."""

ERROR, NEXT = "sugeup/error", "sugeup/next"
"""Keys in `_meta` of a result: an error as an object, and calls that help on."""


class Untouched(ArgModelBase):
    """Passes arguments through untouched: `bind` validates them, the same way for every face."""

    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    def model_dump_one_level(self) -> dict[str, Any]:
        """All of them as one value, so that no name of an argument can meet another."""
        return {"asked": dict(self.__pydantic_extra__ or {})}


def runner(
    tool: str, load: Callable[[], UseCase], answering: Answering
) -> Callable[..., Coroutine[Any, Any, CallToolResult]]:
    """Asks the question: on the spot if the answer is kept, else in a thread, with progress."""
    loaded: list[UseCase] = []

    def ask(arguments: dict[str, Any], tell: Tell) -> tuple[UseCase, Answered]:
        case = load()
        answered = answering.ask(case, arguments, tell)
        loaded[:] = [case]
        return case, answered

    async def run(asked: dict[str, Any], context: Context[Any, Any], stock: Any = None) -> CallToolResult:
        arguments = chosen(asked, stock)
        form = arguments.pop("response_format", "concise")
        if form not in ("concise", "detailed"):
            return _failed(tool, asked, Refused(f"response_format={form!r} is none of concise, detailed."))
        try:
            for case in loaded:
                if (kept := answering.held(case, arguments)) is not None:
                    found = case, kept
                    break
            else:
                found = await followed(context, lambda tell: ask(arguments, tell))
            extra = await _drawn(tool, answering, arguments, context)
            answer = functools.partial(_answer, tool, arguments, *found, detailed=form == "detailed", extra=extra)
            return await anyio.to_thread.run_sync(answer) if form == "detailed" else answer()
        except Exception as error:
            return _failed(tool, arguments, error)

    return run


def _answer(
    tool: str, asked: Mapping[str, Any], case: UseCase, answered: Answered, *, detailed: bool, extra: dict[str, Any]
) -> CallToolResult:
    calls = mcp_next.after(tool, asked, answered.plain)
    text = _text(case, answered, detailed=detailed, more=mcp_next.line(calls))
    meta = extra | ({NEXT: [call.plain for call in calls]} if calls else {})
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=answered.plain, _meta=meta or None
    )


def _text(case: UseCase, answered: Answered, *, detailed: bool, more: Sequence[str]) -> str:
    """The page of an answer with the next calls; then, where details are asked for, every figure of the answer."""
    parts = [*case.text(answered.answer), *more]
    if detailed:
        from sugeup.usecases import whole_text

        parts = whole_text.page(parts, answered.plain, whole_text.LETTERS)
    return "\n".join(map(str, parts))


async def _drawn(tool: str, answering: Answering, asked: dict[str, Any], context: Context[Any, Any]) -> dict[str, Any]:
    """Figures of the page for a client that shows it; the answers behind them are kept like every other."""
    if tool != _CHARTED or not mcp_apps.wanted(context):
        return {}
    series = await anyio.to_thread.run_sync(mcp_series.of, answering, asked)
    return {} if series is None else {mcp_apps.SERIES: series}


def _failed(tool: str, asked: Mapping[str, Any], error: Exception) -> CallToolResult:
    """A tool error: the text is for the model; code, hint, details and the next call in `_meta` are for programs."""
    meta: dict[str, Any] | None = None
    if isinstance(error, SugeupError):
        text, meta = str(error), {ERROR: payload.error_object(error)}
        if calls := mcp_next.after_error(tool, asked, error):
            meta[NEXT] = [call.plain for call in calls]
    else:
        text = f"The server failed on its side (log id {payload.logged(error)}); the question was not at fault."
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True, _meta=meta)
