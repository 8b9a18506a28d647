"""Bare servers that the faces are measured against: a constant endpoint and a constant tool, by the shortest code.

`python -m bench.faces_baseline http PORT FOLDER` and `... stdio`; FOLDER holds what to repeat: answer.json,
call.json and the tool's schema.json.
"""

from __future__ import annotations

import json
import sys
from contextlib import asynccontextmanager
from pathlib import Path

from mcp.server import MCPServer
from mcp.types import CallToolResult


def http(port: int, folder: Path) -> None:
    import uvicorn
    from fastapi import FastAPI, Response

    body = (folder / "answer.json").read_bytes()
    result = CallToolResult.model_validate(json.loads((folder / "call.json").read_bytes()))
    server = MCPServer("constant", log_level="WARNING")

    @server.tool()
    def constant() -> CallToolResult:
        return result

    # The schema of our tool, because the client checks every answer against it.
    described = server._tool_manager.get_tool("constant")
    assert described is not None
    described.fn_metadata.output_schema = json.loads((folder / "schema.json").read_bytes())
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
