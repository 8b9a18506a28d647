"""Bare servers that the faces are measured against: a constant endpoint and a constant tool, by the shortest code.

`python -m bench.faces_baseline http PORT FOLDER` and `... stdio`; FOLDER holds what to repeat: answer.json,
call.json and the tool's schema.json.
"""

from __future__ import annotations

import json
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp.server import MCPServer
from mcp.types import CallToolResult


def http(port: int, folder: Path) -> None:
    import uvicorn
    from fastapi import FastAPI, Response

    body = (folder / "answer.json").read_bytes()
    server = MCPServer("constant", log_level="WARNING")
    for path in sorted(folder.glob("call*.json")):
        name = path.stem.replace("call", "constant", 1)
        result = CallToolResult.model_validate(json.loads(path.read_bytes()))
        schema = path.with_name(path.name.replace("call", "schema", 1))
        constant(server, name, result, json.loads(schema.read_bytes()))
    mounted = server.streamable_http_app()

    @asynccontextmanager
    async def lifespan(_: FastAPI):  # type: ignore[no-untyped-def]
        async with server.session_manager.run():
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/constant")
    async def answer():  # type: ignore[no-untyped-def]
        return Response(body, media_type="application/json")

    app.router.routes.extend(mounted.routes)
    uvicorn.run(app, port=port, log_config=None, log_level="warning", access_log=False, ws="none", server_header=False)


def constant(server: MCPServer, name: str, result: CallToolResult, schema: dict[str, Any]) -> None:
    """A tool that returns this result, with the schema of our tool: the client checks every answer against it."""

    @server.tool(name=name)
    def answer() -> CallToolResult:
        return result

    described = server._tool_manager.get_tool(name)
    assert described is not None
    described.fn_metadata.output_schema = schema


def stdio() -> None:
    server = MCPServer("minimal", log_level="WARNING")

    @server.tool()
    def add(a: int, b: int) -> int:
        return a + b

    server.run("stdio")


if __name__ == "__main__":
    if sys.argv[1] == "http":
        http(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        stdio()
