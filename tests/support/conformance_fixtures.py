"""What the official conformance suite expects of a server under test: tools, resources and prompts by fixed names.

They are data for `mcp.server(answering, extras=FIXTURES)`, nothing else differs from the product's server. Names and
results are those of the suite's own scenarios; the product never offers them.
"""

from __future__ import annotations

import base64
import json
import warnings
from typing import Annotated, Any

import anyio
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.server.mcpserver.tools import Tool
from mcp.shared.exceptions import MCPError
from mcp.types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    AudioContent,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    EmbeddedResource,
    ImageContent,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    SamplingMessage,
    TextContent,
    TextResourceContents,
)
from pydantic import BaseModel, Field

from sugeup.faces.mcp_offers import Document, Offers

Ctx = Context[Any, Any]

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
_IMAGE = ImageContent(type="image", data=PNG, mime_type="image/png")
_PAUSE = 0.05


def _embedded(uri: str, mime_type: str, text: str) -> EmbeddedResource:
    return EmbeddedResource(type="resource", resource=TextResourceContents(uri=uri, mime_type=mime_type, text=text))


# Content of every kind


def test_simple_text() -> str:
    return "This is a simple text response for testing."


def test_image_content() -> list[ImageContent]:
    return [_IMAGE]


def test_audio_content() -> list[AudioContent]:
    return [AudioContent(type="audio", data=WAV, mime_type="audio/wav")]


def test_embedded_resource() -> list[EmbeddedResource]:
    return [_embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")]


def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
    return [
        TextContent(type="text", text="Multiple content types test:"),
        _IMAGE,
        _embedded("test://mixed-content-resource", "application/json", '{"test": "data", "value": 123}'),
    ]


def test_error_handling() -> str:
    raise ToolError("This tool intentionally returns an error for testing")


# Notifications while a tool runs


async def _log(ctx: Ctx, message: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # protocol logging is deprecated; the older revision requires it
        await ctx.info(message)


async def test_tool_with_logging(ctx: Ctx) -> str:
    for message in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await _log(ctx, message)
        await anyio.sleep(_PAUSE)
    return "Tool with logging executed successfully"


async def test_logging_tool(ctx: Ctx) -> str:
    await _log(ctx, "Only for a client that asked for logs")
    return "logged"


async def test_tool_with_progress(ctx: Ctx) -> str:
    for done in (0, 50, 100):
        await ctx.report_progress(progress=done, total=100, message=f"Completed step {done} of 100")
        await anyio.sleep(_PAUSE)
    return "Tool with progress executed successfully"


async def test_trigger_tool_change(ctx: Ctx) -> str:
    await ctx.notify_tools_changed()
    return "tool list changed"


async def test_trigger_prompt_change(ctx: Ctx) -> str:
    await ctx.notify_prompts_changed()
    return "prompt list changed"


# Requests to the client, 2025-11-25: while the tool runs


async def test_sampling(prompt: str, ctx: Ctx) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer = await ctx.session.create_message(
            messages=[SamplingMessage(role="user", content=TextContent(type="text", text=prompt))],
            max_tokens=100,
            related_request_id=ctx.request_id,
        )
    return f"LLM response: {answer.content.text}" if isinstance(answer.content, TextContent) else "No response"


class Reply(BaseModel):
    username: str
    email: str


class Defaults(BaseModel):
    """A default of every primitive type."""

    name: str = "John Doe"
    age: int = 30
    score: float = 95.5
    status: str = Field("active", json_schema_extra={"enum": ["active", "inactive", "pending"]})
    verified: bool = True


def _titled(**titles: str) -> list[Any]:
    return [{"const": const, "title": title} for const, title in titles.items()]


class Enums(BaseModel):
    """Every way to write an enumeration in a form."""

    untitledSingle: str = Field(json_schema_extra={"enum": ["active", "inactive", "pending"]})
    titledSingle: str = Field(json_schema_extra={"oneOf": _titled(low="Low", medium="Medium", high="High")})
    untitledMulti: list[str] = Field(json_schema_extra={"items": {"type": "string", "enum": ["read", "write"]}})
    titledMulti: list[str] = Field(json_schema_extra={"items": {"anyOf": _titled(feature="Feature", bug="Bug")}})
    legacyEnum: str = Field(json_schema_extra={"enum": ["small", "large"], "enumNames": ["Small Size", "Large Size"]})


async def _elicited(ctx: Ctx, message: str, schema: type[BaseModel]) -> str:
    answer = await ctx.elicit(message=message, schema=schema)
    content = answer.data.model_dump_json() if answer.action == "accept" else "{}"
    return f"action={answer.action}, content={content}"


async def test_elicitation(message: str, ctx: Ctx) -> str:
    return "User response: " + await _elicited(ctx, message, Reply)


async def test_elicitation_sep1034_defaults(ctx: Ctx) -> str:
    return "Elicitation completed: " + await _elicited(ctx, "Please provide user information", Defaults)


async def test_elicitation_sep1330_enums(ctx: Ctx) -> str:
    return "Elicitation completed: " + await _elicited(ctx, "Please select values", Enums)


# Requests to the client, 2026-07-28: the result says what is required, the client calls again


def _form(message: str, name: str, kind: str = "string") -> ElicitRequest:
    schema = {"type": "object", "properties": {name: {"type": kind}}, "required": [name]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def _sample(text: str) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=TextContent(type="text", text=text))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=100))


def _given(ctx: Ctx, key: str, name: str) -> Any:
    """The value `name` of an accepted form, None while there is no such answer."""
    answer = (ctx.input_responses or {}).get(key)
    return answer.content.get(name) if isinstance(answer, ElicitResult) and answer.content else None


async def test_input_required_result_elicitation(ctx: Ctx) -> str | InputRequiredResult:
    name = _given(ctx, "user_name", "name")
    if name is None:
        return InputRequiredResult(input_requests={"user_name": _form("What is your name?", "name")})
    return f"Hello, {name}!"


test_streaming_elicitation = test_input_required_result_elicitation


async def test_input_required_result_sampling(ctx: Ctx) -> str | InputRequiredResult:
    answer = (ctx.input_responses or {}).get("capital_question")
    if isinstance(answer, CreateMessageResult) and isinstance(answer.content, TextContent):
        return f"Model said: {answer.content.text}"
    return InputRequiredResult(input_requests={"capital_question": _sample("What is the capital of France?")})


async def test_input_required_result_list_roots(ctx: Ctx) -> str | InputRequiredResult:
    answer = (ctx.input_responses or {}).get("client_roots")
    if isinstance(answer, ListRootsResult):
        return f"Client exposed {len(answer.roots)} root(s)."
    return InputRequiredResult(input_requests={"client_roots": ListRootsRequest()})


async def test_input_required_result_request_state(ctx: Ctx) -> str | InputRequiredResult:
    if _given(ctx, "confirm", "ok") is not None and ctx.request_state == "nonce":
        return "state-ok: confirmation received"
    confirm = _form("Please confirm", "ok", "boolean")
    return InputRequiredResult(input_requests={"confirm": confirm}, request_state="nonce")


test_input_required_result_tampered_state = test_input_required_result_request_state


async def test_input_required_result_multiple_inputs(ctx: Ctx) -> str | InputRequiredResult:
    asked = {
        "user_name": _form("What is your name?", "name"),
        "greeting": _sample("Generate a greeting"),
        "client_roots": ListRootsRequest(),
    }
    if asked.keys() <= (ctx.input_responses or {}).keys():
        return "All inputs received."
    return InputRequiredResult(input_requests=asked, request_state="multiple-inputs")


async def test_input_required_result_multi_round(ctx: Ctx) -> str | InputRequiredResult:
    name = json.loads(ctx.request_state or "{}").get("name")
    color = _given(ctx, "step2", "color")
    if name is not None and color is not None:
        return f"{name} likes {color}."
    name = _given(ctx, "step1", "name")
    if name is not None:
        step, state = {"step2": _form("Step 2: What is your favorite color?", "color")}, {"name": name}
    else:
        step, state = {"step1": _form("Step 1: What is your name?", "name")}, {}
    return InputRequiredResult(input_requests=step, request_state=json.dumps(state))


async def test_input_required_result_capabilities(ctx: Ctx) -> InputRequiredResult:
    able = ctx.client_capabilities
    asked: dict[str, Any] = {}
    if able is None or able.sampling is not None:
        asked["sample"] = _sample("Say hello")
    if able is None or able.elicitation is not None:
        asked["ask"] = _form("What is your name?", "name")
    return InputRequiredResult(input_requests=asked, request_state="capabilities")


async def test_missing_capability(ctx: Ctx) -> str:
    able = ctx.session.client_capabilities
    if able is None or able.sampling is None:
        raise MCPError(
            MISSING_REQUIRED_CLIENT_CAPABILITY,
            "This tool requires the client 'sampling' capability",
            {"requiredCapabilities": {"sampling": {}}},
        )
    return "Client declared sampling capability."


# Schemas


def test_x_mcp_header(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})] = "<none>") -> str:
    return f"region={region}"


def json_schema_2020_12_tool() -> str:
    return "json_schema_2020_12_tool"


_ALL_KEYWORDS: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}

# Prompts


def test_simple_prompt() -> str:
    return "This is a simple prompt for testing."


def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:
    embedded = _embedded(resourceUri, "text/plain", "Embedded resource content for testing.")
    return [UserMessage(embedded), UserMessage("Please process the embedded resource above.")]


def test_prompt_with_image() -> list[UserMessage]:
    return [UserMessage(_IMAGE), UserMessage("Please analyze the image above.")]


async def test_input_required_result_prompt(ctx: Ctx) -> str | InputRequiredResult:
    context = _given(ctx, "user_context", "context")
    if context is None:
        asked = _form("What context should the prompt use?", "context")
        return InputRequiredResult(input_requests={"user_context": asked})
    return f"Use the following context: {context}"


# Resources


def _templated(id: str) -> str:
    return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def _document(uri: str, read: Any, mime_type: str = "text/plain") -> Document:
    return Document(uri, uri.removeprefix("test://"), uri, "Fixture of the conformance suite.", read, mime_type)


def _tool(name: str) -> Tool:
    return Tool.from_function(globals()[name], name, description="Fixture of the conformance suite.")


_PROMPTS = {name for name in globals() if "prompt" in name and name.startswith("test_") and "trigger" not in name}
_TOOLS = [name for name in globals() if name.startswith("test_") and name not in _PROMPTS]

FIXTURES = Offers(
    tools=[
        *(_tool(name) for name in _TOOLS),
        _tool("json_schema_2020_12_tool").model_copy(update={"parameters": _ALL_KEYWORDS}),
    ],
    documents=[
        _document("test://static-text", lambda: "This is the content of the static text resource."),
        _document("test://static-binary", lambda: base64.b64decode(PNG), "image/png"),
        _document("test://template/{id}/data", _templated, "application/json"),
        _document("test://watched-resource", lambda: "Watched resource content"),
    ],
    prompts=[Prompt.from_function(globals()[name], description="Fixture.") for name in sorted(_PROMPTS)],
)
