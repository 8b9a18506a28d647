"""MCP: every use-case that has a tool name, over stdio and streamable HTTP."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp.types import ToolAnnotations
from pydantic import Field, create_model

from sugeup.faces import mcp_apps, mcp_asking
from sugeup.faces.answering import Answering
from sugeup.faces.index import Question, index
from sugeup.faces.mcp_calls import Untouched, runner
from sugeup.faces.mcp_completions import completions
from sugeup.faces.mcp_icon import ICONS
from sugeup.faces.mcp_offers import Offers
from sugeup.faces.mcp_prompts import prompts
from sugeup.faces.mcp_resources import documents
from sugeup.faces.mcp_server import Server

if TYPE_CHECKING:
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


def server(answering: Answering, extras: Offers | None = None) -> Server:
    """A server over one application, one tool per use-case that has a tool name; `extras` are offered after them."""
    return Server(
        "sugeup",
        offers(answering) + (extras or Offers()),
        title="수급 sugeup",
        description="Investor flow of the Korean stock market",
        version=version("sugeup"),
        instructions=INSTRUCTIONS,
        icons=ICONS,
        extensions=[mcp_apps.extension()],
    )


def offers(answering: Answering) -> Offers:
    """What the product offers: tools in alphabetical order, resources, pages, prompts, completions."""
    questions = sorted((one for one in index().questions.values() if one.tool), key=lambda one: one.tool or "")
    return Offers(
        [_listed(question, answering) for question in questions],
        (*documents(answering), *mcp_apps.documents()),
        prompts(answering),
        completions(answering),
    )


def _listed(question: Question, answering: Answering) -> Tool:
    """The tool of a question as the index tells it; its use-case is imported when it is first called."""
    return _made(
        question.tool or question.name,
        question.title,
        question.description,
        question.input_schema or {},
        question.output_schema or {},
        functools.cache(question.load),
        answering,
    )


def _tool(case: UseCase, answering: Answering) -> Tool:
    """The tool of a use-case; the index is written from it."""
    extra: dict[str, Any] = {
        "response_format": (
            Literal["concise", "detailed"],
            Field(
                "concise", description="Text part: compact table, or with every exact figure and why nulls are null."
            ),
        )
    }
    arguments = create_model(f"{case.tool}_arguments", __base__=case.arguments, **extra)
    return _made(
        case.tool or case.name,
        case.title,
        case.description,
        _slim(arguments.model_json_schema(), optional=True),
        output_schema(case),
        lambda: case,
        answering,
    )


def _made(
    name: str,
    title: str,
    description: str,
    takes: dict[str, Any],
    gives: dict[str, Any],
    load: Callable[[], UseCase],
    answering: Answering,
) -> Tool:
    asking = mcp_asking.resolving(answering) if mcp_asking.ARGUMENT in takes.get("properties", {}) else {}
    return Tool(
        fn=runner(name, load, answering),
        name=name,
        title=title,
        description=description,
        parameters=takes,
        # Without output_model: the answer was validated when it was made, and is not validated once more.
        fn_metadata=FuncMetadata(arg_model=Untouched, output_schema=gives),
        is_async=True,
        context_kwarg="context",
        annotations=ToolAnnotations(
            title=title, read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False
        ),
        meta=mcp_apps.bound(name),
        **asking,
    )


def output_schema(case: UseCase) -> dict[str, Any]:
    """Schema of a use-case's answer; open, so that a field added later breaks no client."""
    return _slim(case.answer.model_json_schema(mode="serialization"), open_ended=True)


def _slim(schema: dict[str, Any], *, open_ended: bool = False, optional: bool = False) -> dict[str, Any]:
    """A JSON schema that says the same in fewer tokens: no titles that repeat names, nullable types in one word.

    `optional`: what may be null is shown as what may be left out, which every client's dialect can express.
    """
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
        return kept if named else _nullable(kept, optional=optional)

    slim: dict[str, Any] = walk(schema, named=False)
    return slim


def _nullable(node: dict[str, Any], *, optional: bool) -> dict[str, Any]:
    """`anyOf: [{type: X, ...}, {type: null}]` as `type: [X, null]`, or as `type: X`, where X is a plain type."""
    options = node.get("anyOf", [])
    if len(options) != 2 or options[1] != {"type": "null"} or not isinstance(options[0].get("type"), str):
        return node
    first = dict(options[0])
    if not optional:
        first["type"] = [options[0]["type"], "null"]
        if "enum" in first:
            first["enum"] = [*first["enum"], None]
    return {key: value for key, value in node.items() if key != "anyOf"} | first
