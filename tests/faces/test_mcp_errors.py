"""MCP when things go wrong: errors in words, no noise on standard output, and a server that outlives its clients."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS

from sugeup.archive import Archive
from sugeup.errors import ConfigError, CorruptStore, NoData, Refused, Retryable, SchemaDrift, SugeupError
from sugeup.faces import mcp
from sugeup.faces.answering import Answering
from tests.support.archives import answering
from tests.support.servers import serving

ERAS = {"legacy": "2025-11-25", "auto": "2026-07-28"}
"""How the client connects, and the revision that it then speaks."""
KINDS = (ConfigError, Refused, NoData, Retryable, SchemaDrift, CorruptStore)
CODES = [(kind, code) for kind in KINDS for code in kind.codes]


def failing(archive: Archive, monkeypatch: pytest.MonkeyPatch, error: Exception) -> Answering:
    def refuse(*_: Any) -> Any:
        raise error

    made = answering(archive)
    monkeypatch.setattr(type(made), "ask", refuse)
    return made


def ask(server: Any, era: str, question: Callable[[Client], Awaitable[Any]]) -> Any:
    async def within() -> Any:
        async with Client(server, mode=era) as client:
            try:
                return await question(client)
            except MCPError as error:
                return error

    found = anyio.run(within)
    if isinstance(found, MCPError):  # raised inside, it would come out in a group
        raise found
    return found


def call(server: Any, name: str, arguments: dict[str, Any], era: str = "auto") -> Any:
    return ask(server, era, lambda client: client.call_tool(name, arguments))


def read(server: Any, uri: str) -> Any:
    return ask(server, "auto", lambda client: client.read_resource(uri))


@pytest.mark.parametrize(("kind", "code"), CODES)
def test_every_error_reaches_the_model_with_its_code_and_hint(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, kind: type[SugeupError], code: str
) -> None:
    """Contract, section 6: the code first, then what was received, then what to do; details for programs in `_meta`."""
    error = kind("it is so.", code=code, hint="Do this.", details={"retry_after": 3})
    server = mcp.server(failing(archive, monkeypatch, error))
    for era in ERAS:
        failed = call(server, "search_stock", {"query": "삼성"}, era)
        assert failed.is_error and failed.structured_content is None
        assert f"{code}: it is so. Do this." == failed.content[0].text
        said = {"code": code, "message": "it is so.", "hint": "Do this.", "details": {"retry_after": 3}}
        assert said == failed.meta["sugeup/error"]
    with pytest.raises(MCPError) as caught:
        read(server, "sugeup://data-status")
    assert (INVALID_PARAMS if kind in {Refused, NoData} else INTERNAL_ERROR) == caught.value.error.code
    assert f"{code}: it is so. Do this." == caught.value.error.message
    assert {"uri": "sugeup://data-status"} | said == caught.value.error.data


def test_what_nobody_foresaw_is_logged_and_not_shown(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A traceback tells a model nothing and a stranger too much; the log id finds it."""
    server = mcp.server(failing(archive, monkeypatch, RuntimeError("secret of the house")))
    failed = call(server, "search_stock", {"query": "삼성"})
    assert failed.is_error and "secret" not in failed.content[0].text
    assert failed.content[0].text.split("log id ")[1][:8] in caplog.text
    with pytest.raises(MCPError) as caught:
        read(server, "sugeup://data-status")
    assert "secret" not in str(caught.value) and INTERNAL_ERROR == caught.value.error.code
    assert caught.value.error.message.split("log id ")[1][:8] in caplog.text


@pytest.mark.parametrize("era", ERAS)
def test_an_unknown_tool_is_refused_with_the_tools_that_there_are(archive: Archive, era: str) -> None:
    with pytest.raises(MCPError) as caught:
        call(mcp.server(answering(archive)), "get_investor_tradin", {}, era)
    assert INVALID_PARAMS == caught.value.error.code
    assert "Did you mean get_investor_trading" in caught.value.error.message
    assert "search_stock" in caught.value.error.message


@contextmanager
def over_stdio(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`sugeup mcp` as a client starts it; must end by itself and cleanly when its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sugeup", "--lake", "demo", "mcp"],
        env={**os.environ, "SUGEUP_DATA_DIR": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
        assert process.stdin
        process.stdin.close()
        assert 0 == process.wait(timeout=20)
        assert process.stderr and b"Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()


def exchanged(process: subprocess.Popen[bytes], line: str) -> Any:
    """The next line of the server after a line of ours."""
    assert process.stdin and process.stdout
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()
    assert select.select([process.stdout], [], [], 30)[0], f"no answer to {line!r}"
    return json.loads(process.stdout.readline())


HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}


def request(number: int, method: str, params: dict[str, Any]) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


@pytest.mark.slow
def test_lines_that_are_no_messages_are_answered_and_the_connection_lives(sample_home: Path) -> None:
    """A client with a bug learns of it, instead of waiting for ever; standard output holds nothing but answers."""
    with over_stdio(sample_home) as process:
        assert process.stdin
        assert -32700 == exchanged(process, "this is no JSON")["error"]["code"]
        process.stdin.write(b"\n")  # an empty line is nothing
        nameless = exchanged(process, '{"jsonrpc": "2.0", "id": 7}')
        assert (-32600, 7) == (nameless["error"]["code"], nameless["id"])
        assert -32600 == exchanged(process, "[1, 2]")["error"]["code"]
        assert "2025-11-25" == exchanged(process, request(1, "initialize", HELLO))["result"]["protocolVersion"]
        process.stdin.write(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
        assert -32700 == exchanged(process, '{"jsonrpc": "2.0", "id": 2, ')["error"]["code"]
        assert -32601 == exchanged(process, request(3, "no/such", {}))["error"]["code"]
        assert 4 == exchanged(process, request(4, "tools/list", {}))["id"]
        failed = exchanged(process, request(5, "tools/call", {"name": "search_stock", "arguments": {"query": ""}}))
        assert failed["result"]["isError"]


@pytest.mark.slow
def test_a_client_that_goes_away_in_the_middle_of_a_call_ends_the_process_cleanly(sample_home: Path) -> None:
    with over_stdio(sample_home) as process:
        exchanged(process, request(1, "initialize", HELLO))
        assert process.stdin
        question = {"name": "get_investor_trading", "arguments": {"market": "ALL", "period": "60D"}}
        process.stdin.write(request(2, "tools/call", question).encode() + b"\n")
        process.stdin.flush()


@pytest.mark.slow
@pytest.mark.parametrize("era", ERAS)
def test_both_revisions_work_over_both_transports(sample_home: Path, era: str) -> None:
    """One command and one address serve clients of last year and of this year; one that vanishes harms no other."""

    async def use(target: Any) -> Any:
        async with Client(target, mode=era) as client:
            assert ERAS[era] == client.protocol_version
            assert (await client.read_resource("sugeup://calendar/2026")).contents
            return await client.call_tool("get_investor_trading", {"stock_code": 5930, "session": "2026-02-13"})

    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "sugeup", "--lake", "demo", "mcp"],
        env={**os.environ, "SUGEUP_DATA_DIR": str(sample_home)},
    )
    answers = [anyio.run(use, stdio_client(command))]
    with serving(sample_home) as address:
        for _ in range(5):
            vanish(address)
        answers.append(anyio.run(use, f"{address}/mcp"))
    for answer in answers:
        assert -4_715_928 == answer.structured_content["investor_data"]["foreign"]["net_volume"]


def vanish(address: str) -> None:
    """Ask over HTTP and close the connection before the answer."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"name": "get_investor_trading", "arguments": {"market": "ALL", "period": "60D"}, "_meta": meta}
    body = request(1, "tools/call", params)
    place = urlsplit(address)
    with socket.create_connection((place.hostname or "", place.port or 0)) as connection:
        connection.sendall(
            f"POST /mcp HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
            "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
            "Mcp-Method: tools/call\r\nMcp-Name: get_investor_trading\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
