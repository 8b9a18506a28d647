"""REST: every use-case below /api/v1, errors as problem+json; MCP over streamable HTTP at /mcp."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from sugeup import registry
from sugeup.errors import Refused, SugeupError
from sugeup.faces import mcp, payload
from sugeup.faces.answering import Answering
from sugeup.faces.guard import LoopbackOnly
from sugeup.registry import UseCase

PREFIX = "/api/v1"
_PROBLEM = "application/problem+json"
_ERRORS = {
    404: "Not known or not stored: UNKNOWN_STOCK, NOT_COLLECTED, MARKET_CLOSED, OUT_OF_HISTORY, NOT_PUBLISHED_YET.",
    422: "INVALID_ARGUMENT: what was received and what is allowed.",
    503: "BUSY, SOURCE_DOWN or CONFIG: try again, or correct the configuration.",
}


def application(answering: Answering) -> FastAPI:
    """The web application over one application."""
    tools = mcp.server(answering)
    tools_app = tools.streamable_http_app(streamable_http_path="/mcp")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with tools.session_manager.run():
            yield

    app = FastAPI(
        title="수급 sugeup",
        summary="Who is buying and who is selling on the Korean stock market.",
        version=version("sugeup"),
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    for case in sorted(registry.usecases().values(), key=lambda one: ("{" in one.path, one.path)):
        _add(app, case, answering)
    app.add_api_route("/health/live", _live, methods=["GET"], summary="Whether the process answers.")
    app.add_api_route("/health/ready", _ready(answering), methods=["GET"], summary="Whether the store can be read.")
    app.router.routes.extend(tools_app.routes)
    app.add_middleware(LoopbackOnly)
    app.add_exception_handler(SugeupError, _sugeup_problem)
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(Exception, _unforeseen)
    return app


def _add(app: FastAPI, case: UseCase, answering: Answering) -> None:
    async def answer(request: Request) -> Response:
        arguments = dict(request.path_params)
        for name, value in request.query_params.multi_items():
            if name in arguments:
                raise Refused(f"argument {name!r} is given twice.", hint="Give it once.")
            arguments[name] = value
        answered = await run_in_threadpool(answering.ask, case, arguments)
        return Response(answered.body, media_type="application/json")

    app.add_api_route(
        PREFIX + case.path,
        answer,
        methods=["GET"],
        operation_id=case.name,
        summary=case.summary,
        description=case.description,
        tags=[case.title],
        responses=_responses(case),
        openapi_extra={"parameters": parameters(case)},
    )


def parameters(case: UseCase) -> list[dict[str, Any]]:
    """Path and query parameters of a use-case as OpenAPI describes them."""
    schema = case.arguments.model_json_schema()
    in_path = set(re.findall(r"{(\w+)}", case.path))
    found = []
    for name, field in schema.get("properties", {}).items():
        kinds = [kind for kind in field.get("anyOf", [field]) if kind.get("type") != "null"]
        shown = {key: value for key, value in kinds[0].items() if key not in {"title", "description"}}
        if field.get("default") is not None:
            shown["default"] = field["default"]
        found.append(
            {
                "name": name,
                "in": "path" if name in in_path else "query",
                "required": name in schema.get("required", []),
                "description": kinds[0].get("description") or field.get("description", ""),
                "schema": shown,
            }
        )
    return found


def _responses(case: UseCase) -> dict[int | str, dict[str, Any]]:
    found: dict[int | str, dict[str, Any]] = {200: {"model": case.answer}}
    for status, said in _ERRORS.items():
        found[status] = {"description": said, "content": {_PROBLEM: {}}}
    return found


async def _live() -> Response:
    return Response(b'{"status":"ok"}', media_type="application/json")


def _ready(answering: Answering) -> Callable[[], Awaitable[Response]]:
    async def ready() -> Response:
        await run_in_threadpool(answering.app.archive.read, "instruments", columns=[])
        return Response(b'{"status":"ok"}', media_type="application/json")

    return ready


def _problem(status: int, title: str, **said: Any) -> Response:
    body = {"type": f"urn:sugeup:problem:{title.lower()}", "title": title, "status": status} | said
    return Response(orjson.dumps(body), status_code=status, media_type=_PROBLEM)


async def _sugeup_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, SugeupError)
    said = payload.error_object(error)
    return _problem(error.status, error.code, detail=said.pop("message"), **said)


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _problem(
        error.status_code,
        str(error.detail).upper().replace(" ", "_"),
        detail=f"{request.method} {request.url.path}: {error.detail}.",
        hint=f"{PREFIX}/openapi.json lists every path.",
    )


async def _unforeseen(_: Request, error: Exception) -> Response:
    mark = payload.logged(error)
    return _problem(500, "INTERNAL", detail=f"The server failed on its side (log id {mark}).")
