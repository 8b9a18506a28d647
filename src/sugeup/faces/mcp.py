"""MCP: every use-case that has a tool name, over stdio and streamable HTTP."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver.tools.base import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import ConfigDict, Field, create_model

from sugeup import registry
from sugeup.errors import SugeupError
from sugeup.faces import payload
from sugeup.faces.answering import Answering
from sugeup.registry import UseCase

INSTRUCTIONS = """\
수급 (investor flow) of the Korean stock market: who bought and who sold, from stored figures. Read-only.
- Net = buy - sell: positive is net buying (순매수). Text tables are in 억원 (100 million won), JSON in won and shares.
- Sessions are exchange days in Seoul; 1D/5D/20D/60D count sessions. `as_of` is the newest figure, not the present.
- A null has its reason in `meta` beside it: say that it is not known and why; never fill it in.
- provisional (잠정) figures change until they are final (확정). VOLUME_BASIS: computed on shares, won are missing.
- Three groups do not add to zero; with 기타법인 four do. Correlations are contemporaneous, not predictive.
- Look a code up with search_stock; what a number means with explain_metric; what is stored with get_data_status.
- Figures and their evidence, no investment advice."""


class _Raw(ArgModelBase):
    """Passes arguments through untouched: `bind` validates them, the same way for every face."""

    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    def model_dump_one_level(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


def server(answering: Answering) -> MCPServer:
    """A server over one application, with one tool per use-case that has a tool name, in alphabetical order."""
    cases = sorted((case for case in registry.usecases().values() if case.tool), key=lambda case: case.tool or "")
    return MCPServer(
        "sugeup",
        title="수급 sugeup",
        description="Investor flow of the Korean stock market",
        version=version("sugeup"),
        instructions=INSTRUCTIONS,
        log_level="WARNING",
        tools=[_tool(case, answering) for case in cases],
    )


def _tool(case: UseCase, answering: Answering) -> Tool:
    extra: dict[str, Any] = {
        "response_format": (
            Literal["concise", "detailed"],
            Field("concise", description="Text part: compact table, or with the reason of every null."),
        )
    }
    arguments = create_model(f"{case.tool}_arguments", __base__=case.arguments, **extra)
    return Tool(
        fn=_runner(case, answering),
        name=case.tool or case.name,
        title=case.title,
        description=case.description,
        parameters=_slim(arguments.model_json_schema()),
        fn_metadata=FuncMetadata(
            arg_model=_Raw,
            output_model=case.answer,
            output_schema=output_schema(case),
        ),
        is_async=False,
        annotations=ToolAnnotations(
            title=case.title, read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False
        ),
    )


def output_schema(case: UseCase) -> dict[str, Any]:
    """Schema of a use-case's answer; open, so that a field added later breaks no client."""
    return _slim(case.answer.model_json_schema(mode="serialization"), open_ended=True)


def _runner(case: UseCase, answering: Answering) -> Callable[..., CallToolResult]:
    def run(**arguments: Any) -> CallToolResult:
        detailed = arguments.pop("response_format", "concise")
        if detailed not in {"concise", "detailed"}:
            return _failed(f"INVALID_ARGUMENT: response_format={detailed!r} is none of concise, detailed.")
        try:
            answered = answering.ask(case, arguments)
        except SugeupError as error:
            return _failed(str(error))
        except Exception as error:
            mark = payload.logged(error)
            return _failed(f"The server failed on its side (log id {mark}); the question was not at fault.")
        text = "\n".join(str(part) for part in case.text(answered.answer, detailed == "detailed"))
        return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=answered.plain)

    run.__name__ = case.name
    return run


def _failed(message: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=message)], is_error=True)


def _slim(schema: dict[str, Any], *, open_ended: bool = False) -> dict[str, Any]:
    """A JSON schema that says the same in fewer tokens: no titles that repeat names, nullable types in one word."""
    dropped: tuple[tuple[str, Any], ...] = (("default", None),)
    if open_ended:
        dropped += (("additionalProperties", False),)

    def walk(node: Any, *, named: bool) -> Any:
        if isinstance(node, list):
            return [walk(value, named=False) for value in node]
        if not isinstance(node, dict):
            return node
        kept = {
            key: walk(value, named=key in {"properties", "$defs"})
            for key, value in node.items()
            if named or not ((key == "title" and isinstance(value, str)) or (key, value) in dropped)
        }
        return kept if named else _nullable(kept)

    slim: dict[str, Any] = walk(schema, named=False)
    return slim


def _nullable(node: dict[str, Any]) -> dict[str, Any]:
    """`anyOf: [{type: X, ...}, {type: null}]` as `type: [X, null]`, where X is a plain type."""
    options = node.get("anyOf", [])
    if len(options) != 2 or options[1] != {"type": "null"} or not isinstance(options[0].get("type"), str):
        return node
    first = dict(options[0], type=[options[0]["type"], "null"])
    if "enum" in first:
        first["enum"] = [*first["enum"], None]
    return {key: value for key, value in node.items() if key != "anyOf"} | first
