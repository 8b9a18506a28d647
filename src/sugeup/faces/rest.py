"""REST: every use-case below /api/v1, errors as problem+json; MCP over streamable HTTP at /mcp."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import anyio
import orjson
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from sugeup import registry
from sugeup.errors import Retryable, SugeupError
from sugeup.faces import actions, mcp, openbb, openbb_widgets, payload
from sugeup.faces.answering import Answering
from sugeup.faces.guard import LoopbackOnly
from sugeup.faces.http_content import Content, HeadAsGet
from sugeup.faces.http_edge import Edge, access_log
from sugeup.faces.http_kept import HIT, MISS, KeptFirst
from sugeup.faces.http_limits import BODY, Limits
from sugeup.faces.http_parameters import arguments, parameters
from sugeup.faces.http_problems import MEDIA_TYPE, problem
from sugeup.faces.http_streams import StandingStreams
from sugeup.faces.openbb_origins import WorkspaceOrigins
from sugeup.registry import UseCase

PREFIX = "/api/v1"
MCP_PATH = "/mcp"
_ALIVE, _READY = "/health/live", "/health/ready"
_ERRORS = {
    404: "Not known or not stored: UNKNOWN_STOCK, NOT_COLLECTED, MARKET_CLOSED, OUT_OF_HISTORY, NOT_PUBLISHED_YET.",
    422: "INVALID_ARGUMENT: what was received and what is allowed.",
    503: "BUSY, SOURCE_DOWN or CONFIG: try again, or correct the configuration.",
}


class _Direct(APIRoute):
    """A route whose endpoint takes the request and gives the response: nothing is injected, parsed or serialised."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return endpoint


def application(answering: Answering) -> FastAPI:
    """The web application over one application. `state.stopping` ends the streams that would stay open for ever."""
    tools = mcp.server(answering)
    tools_app = tools.streamable_http_app(streamable_http_path=MCP_PATH, max_request_body_size=BODY)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with tools.session_manager.run():
            yield

    app = FastAPI(
        title="수급 sugeup",
        summary="Who is buying and who is selling on the Korean stock market.",
        version=version("sugeup"),
        openapi_url=None,  # served by ourselves, with entity tag and compression
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.router.route_class = _Direct
    for case in sorted(registry.usecases().values(), key=lambda one: ("{" in one.path, one.path)):
        _add(app, case, answering)
    app.add_api_route(_ALIVE, _live, methods=["GET"], summary="Whether the process answers.")
    app.add_api_route(_READY, _ready(answering), methods=["GET"], summary="Whether the store can be read.")
    app.add_route(f"{PREFIX}/openapi.json", _description(app, answering), methods=["GET"])
    app.add_route(actions.PATH, _actions(answering), methods=["GET"])
    app.router.routes.extend(openbb.routes(answering))
    app.router.routes.extend(tools_app.routes)
    _surround(app, answering)
    app.add_exception_handler(SugeupError, _sugeup_problem)
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(Exception, _unforeseen)
    return app


def _surround(app: FastAPI, answering: Answering) -> None:
    """Layers of every request, from the inside out."""
    app.state.stopping = anyio.Event()
    apart = frozenset({MCP_PATH})
    app.add_middleware(HeadAsGet, apart=apart)
    app.add_middleware(StandingStreams, on=apart, stopping=app.state.stopping)
    app.add_middleware(Limits, apart=apart, always=frozenset({_ALIVE, _READY}))
    app.add_middleware(KeptFirst, cases=_fixed(), answering=answering)
    app.add_middleware(LoopbackOnly)
    app.add_middleware(_workspace, answering=answering)
    app.add_middleware(_edge, answering=answering)


def _fixed() -> dict[str, UseCase]:
    """Use-cases whose path has no argument, by path."""
    return {PREFIX + case.path: case for case in registry.usecases().values() if "{" not in case.path}


def _edge(app: ASGIApp, answering: Answering) -> Edge:
    level = logging.getLevelNamesMapping()[answering.app.settings.log_level.value]
    return Edge(app, access_log(level, answering.app.clock.now))


def _workspace(app: ASGIApp, answering: Answering) -> ASGIApp:
    """Pages of OpenBB Workspace that the settings name reach its backend and the tools."""
    origins = answering.app.settings.openbb_origins
    paths = (openbb.WIDGETS, openbb.APPS, openbb_widgets.PATH, MCP_PATH)
    return WorkspaceOrigins(app, origins=origins, on=paths) if origins else app


def _add(app: FastAPI, case: UseCase, answering: Answering) -> None:
    async def answer(request: Request) -> Response:
        try:
            given = arguments(request)
            held = answering.held(case, given)
            if held is not None:
                return held.content.response(request.headers, HIT)
            answered, hit = await anyio.to_thread.run_sync(answering.told, case, given, abandon_on_cancel=True)
            return answered.content.response(request.headers, HIT if hit else MISS)
        except SugeupError as error:
            return await _sugeup_problem(request, error)
        except Exception as error:
            return await _unforeseen(request, error)

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


def _responses(case: UseCase) -> dict[int | str, dict[str, Any]]:
    found: dict[int | str, dict[str, Any]] = {200: {"model": case.answer}}
    for status, said in _ERRORS.items():
        found[status] = {"description": said, "content": {MEDIA_TYPE: {}}}
    return found


def _description(app: FastAPI, answering: Answering) -> Callable[[Request], Awaitable[Response]]:
    made: list[Content] = []

    async def describe(request: Request) -> Response:
        if not made:
            settings = answering.app.settings
            servers = {} if settings.public_url is None else {"servers": [{"url": settings.address()}]}
            made.append(Content(orjson.dumps(app.openapi() | servers)))
        return made[0].response(request.headers)

    return describe


def _actions(answering: Answering) -> Callable[[Request], Awaitable[Response]]:
    made: list[Content] = []

    async def describe(request: Request) -> Response:
        if not made:
            made.append(Content(orjson.dumps(actions.document(PREFIX, answering.app.settings.address()))))
        return made[0].response(request.headers)

    return describe


async def _live(_: Request) -> Response:
    return _health({"status": "ok"})


def _ready(answering: Answering) -> Callable[[Request], Awaitable[Response]]:
    threads = anyio.CapacityLimiter(1)  # of its own: an overloaded server still tells whether its store can be read

    async def ready(_: Request) -> Response:
        try:
            await anyio.to_thread.run_sync(_read_store, answering, limiter=threads)
        except SugeupError as error:
            said = payload.error_object(error)
            return problem(503, error.code, detail=said.pop("message"), **said)
        except Exception as error:
            mark = payload.logged(error)
            return problem(503, "INTERNAL", detail=f"The store could not be read (log id {mark}).")
        return _health({"status": "ok", "lake": answering.app.archive.name, "cache": asdict(answering.statistics())})

    return ready


def _read_store(answering: Answering) -> None:
    answering.app.archive.read("instruments", columns=[])


def _health(said: dict[str, Any]) -> Response:
    return Response(orjson.dumps(said), headers={"cache-control": "no-store"}, media_type="application/json")


async def _sugeup_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, SugeupError)
    said = payload.error_object(error)
    headers = {"retry-after": str(error.details.get("retry_after", 1))} if isinstance(error, Retryable) else None
    return problem(error.status, error.code, headers=headers, detail=said.pop("message"), **said)


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if headers.get("Allow") == "GET":
        headers["Allow"] = "GET, HEAD"
    return problem(
        error.status_code,
        str(error.detail).upper().replace(" ", "_"),
        headers=headers,
        detail=f"{request.method} {request.url.path}: {error.detail}.",
        hint=f"{PREFIX}/openapi.json lists every path.",
    )


async def _unforeseen(_: Request, error: Exception) -> Response:
    mark = payload.logged(error)
    return problem(500, "INTERNAL", detail=f"The server failed on its side (log id {mark}).")
