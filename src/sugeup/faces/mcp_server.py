"""The SDK's server, with errors that teach and one that keeps clients on stdio informed.

Differences from `MCPServer`, each held by a test: an unknown tool, prompt or resource is a protocol error (-32602) that
names what there is; errors of use-cases reach the reader of a resource or prompt in the words of contract; a line on
standard input that is no message is answered instead of ignored; resources tell how long each stays fresh.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import anyio
from mcp.server import MCPServer
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, UnexpectedResourceError
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage
from mcp.shared.uri_template import UriTemplate
from mcp.types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    PARSE_ERROR,
    CallToolResult,
    Completion,
    CompletionArgument,
    CompletionContext,
    ErrorData,
    GetPromptResult,
    InputRequiredResult,
    JSONRPCError,
    PromptReference,
    ResourceTemplateReference,
)
from mcp_types import SERVER_INFO_META_KEY
from pydantic import AnyUrl, ValidationError

from sugeup.errors import NoData, Refused, SugeupError
from sugeup.faces import payload
from sugeup.faces.mcp_freshness import freshness
from sugeup.faces.mcp_offers import HOUR_MS, Offers

MOST = 100
"""Values in one completion; the protocol allows no more."""

LISTS = CacheHint(HOUR_MS, "public")
CACHE_HINTS: dict[CacheableMethod, CacheHint] = {
    "server/discover": LISTS,
    "tools/list": LISTS,
    "prompts/list": LISTS,
    "resources/list": LISTS,
    "resources/templates/list": LISTS,
    "resources/read": CacheHint(),
}


class Server(MCPServer[Any]):
    """A server over what is offered."""

    def __init__(self, name: str, offers: Offers, **about: Any) -> None:
        super().__init__(
            name,
            log_level="WARNING",
            tools=list(offers.tools),
            cache_hints=CACHE_HINTS,
            middleware=[_brief, partial(freshness, offers.documents)],
            **about,
        )
        self._offers = offers
        for one in offers.documents:
            self.resource(
                one.uri,
                name=one.name,
                title=one.title,
                description=one.description,
                mime_type=one.mime_type,
                meta=one.meta,
            )(one.read)
        for prompt in offers.prompts:
            self.add_prompt(prompt)
        self.completion()(self._complete)  # type: ignore[no-untyped-call]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; an unknown one is refused with the names that there are."""
        if self._tool_manager.get_tool(name) is None:
            raise _unknown("tool", name, [tool.name for tool in await self.list_tools()])
        return await super().call_tool(name, arguments, context)

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Any, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """A prompt with its arguments filled in; refuses an unknown prompt, a missing and a wrong argument in words."""
        listed = {prompt.name: prompt for prompt in await self.list_prompts()}
        if name not in listed:
            raise _unknown("prompt", name, list(listed))
        wanted = listed[name].arguments or []
        missing = [one.name for one in wanted if one.required and one.name not in (arguments or {})]
        if missing:
            raise MCPError(INVALID_PARAMS, f"Prompt {name!r} needs {', '.join(missing)}.", {"missing": missing})
        strange = [given for given in arguments or {} if given not in {one.name for one in wanted}]
        if strange:
            allowed = ", ".join(one.name for one in wanted) or "none"
            raise MCPError(INVALID_PARAMS, f"Prompt {name!r} has no {', '.join(strange)}; allowed: {allowed}.")
        try:
            return await super().get_prompt(name, arguments, context)
        except ValueError as error:
            raise _translated(_root(error), {"prompt": name}) from None

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[Any, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """Read a resource; an unknown address is refused with the addresses that there are."""
        try:
            return await super().read_resource(uri, context)
        except ResourceNotFoundError:
            known = [one.uri for one in self._offers.documents]
            raise _unknown("resource", str(uri), known, {"uri": str(uri)}) from None
        except UnexpectedResourceError as error:
            raise _translated(_root(error), {"uri": str(uri)}) from None

    async def _complete(
        self,
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion:
        if isinstance(ref, PromptReference):
            prompts = {one.name: [given.name for given in one.arguments or []] for one in await self.list_prompts()}
            if ref.name not in prompts:
                raise _unknown("prompt", ref.name, list(prompts))
            arguments = prompts[ref.name]
        else:
            templates = [one.uri_template for one in await self.list_resource_templates()]
            if str(ref.uri) not in templates:
                raise _unknown("resource template", str(ref.uri), templates)
            arguments = list(UriTemplate.parse(str(ref.uri)).variable_names)
        suggest = self._offers.completions.get(argument.name) if argument.name in arguments else None
        found = [] if suggest is None else await anyio.to_thread.run_sync(suggest, argument.value)
        return Completion(values=list(found[:MOST]), total=len(found), has_more=len(found) > MOST)

    async def run_stdio_async(self) -> None:
        """Serve one client over standard input and output; what is no message is answered with a protocol error."""
        async with stdio_server() as (read, write):
            passed, sifted = anyio.create_memory_object_stream[SessionMessage | Exception](0)

            async def sift() -> None:
                async with passed:
                    async for item in read:
                        if not isinstance(item, Exception):
                            await passed.send(item)
                        elif (answer := unreadable(item)) is not None:
                            await write.send(SessionMessage(answer))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(sift)
                lowlevel = self._lowlevel_server
                await lowlevel.run(sifted, write, lowlevel.create_initialization_options())
                tasks.cancel_scope.cancel()


def unreadable(error: Exception) -> JSONRPCError | None:
    """The answer to a line that is no message: not JSON, or JSON that is no request. None for an empty line."""
    code, message, request = INVALID_REQUEST, "This is no JSON-RPC message.", None
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        if first["type"] == "json_invalid":
            if not str(first["input"]).strip():
                return None
            code, message = PARSE_ERROR, first["msg"]
        given = first["input"].get("id") if isinstance(first["input"], dict) else None
        request = given if isinstance(given, str | int) and not isinstance(given, bool) else None
    return JSONRPCError(jsonrpc="2.0", id=request, error=ErrorData(code=code, message=message))


async def _brief(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Middleware: the icons stand in the answer that introduces the server, and are not repeated in every other one."""
    result = await call_next(ctx)
    if ctx.method in {"server/discover", "initialize"} or not isinstance(result, dict):
        return result
    meta = result.get("_meta") or {}
    about = meta.get(SERVER_INFO_META_KEY)
    if not isinstance(about, dict) or "icons" not in about:
        return result
    said = {name: value for name, value in about.items() if name != "icons"}
    return result | {"_meta": meta | {SERVER_INFO_META_KEY: said}}


def _unknown(kind: str, name: str, known: Sequence[str], data: dict[str, Any] | None = None) -> MCPError:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    guess = f" Did you mean {', '.join(near)}?" if near else ""
    there = f" There are: {', '.join(known)}." if known else ""
    return MCPError(INVALID_PARAMS, f"Unknown {kind}: {name[:200]}.{guess}{there}", data)


def _root(error: BaseException) -> BaseException:
    """What a chain of wrapping errors began with."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _translated(error: BaseException, data: dict[str, Any]) -> MCPError:
    """An error of a use-case as a protocol error with its code and details; anything else is logged, not shown."""
    if isinstance(error, SugeupError):
        code = INVALID_PARAMS if isinstance(error, Refused | NoData) else INTERNAL_ERROR
        return MCPError(code, str(error), data | payload.error_object(error))
    mark = payload.logged(error if isinstance(error, Exception) else RuntimeError(repr(error)))
    return MCPError(INTERNAL_ERROR, f"The server failed on its side (log id {mark}).", data)
