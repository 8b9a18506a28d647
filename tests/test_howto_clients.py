"""docs/how-to/connect-clients.md: every block parses, and every server that it names starts and lists its tools."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from sugeup import registry
from sugeup.app import App
from sugeup.faces import rest
from sugeup.faces.answering import Answering
from sugeup.settings import LakeName, Settings

PAGE = (Path(__file__).parents[1] / "docs" / "how-to" / "connect-clients.md").read_text(encoding="utf-8")
COMMAND = "/path/to/sugeup"
CLIENTS = ("Claude Desktop", "Claude Code", "Cursor", "VS Code", "Gemini CLI", "ChatGPT", "OpenBB Workspace")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def lines() -> list[list[str]]:
    return [shlex.split(line) for block in blocks("sh") for line in block.splitlines() if line]


def section(client: str) -> str:
    return PAGE.split(f"\n## {client}\n", 1)[1].split("\n## ", 1)[0]


def servers() -> list[dict[str, Any]]:
    """Every server of the page's JSON, and of the JSON in its commands."""
    found = []
    for block in [*blocks("json"), *(line[2] for line in lines() if line[:2] == ["code", "--add-mcp"])]:
        written = json.loads(block)
        named = written.get("mcpServers") or written.get("servers") or {written["name"]: written}
        assert ["sugeup"] == list(named)
        found += named.values()
    return found


def started() -> set[tuple[str, ...]]:
    """The commands that clients run, without the command itself."""
    found = {tuple(one["args"]) for one in servers() if "command" in one}
    for line in lines():
        if COMMAND in line:
            after = line[line.index(COMMAND) + 1 :]
            found.add(tuple(word for word in after if word != "--"))
    return found


def test_every_client_has_a_section_with_a_korean_line() -> None:
    for client in CLIENTS:
        assert f"[{client}](#{client.lower().replace(' ', '-')})" in PAGE
        assert re.search(r"^> .*[가-힣]", section(client), re.MULTILINE), client


def test_every_block_names_the_command_or_the_address_of_this_machine() -> None:
    for one in servers():
        assert COMMAND == one.get("command") or "http://127.0.0.1:8410/mcp" == one.get("url")
    assert {("--lake", "demo", "mcp")} == started()


def test_settings_that_the_page_sets_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    set_ = dict(word.split("=", 1) for line in lines() for word in line if word.startswith("SUGEUP_"))
    for name, value in set_.items():
        monkeypatch.setenv(name, value)
    assert {"SUGEUP_PUBLIC_URL", "SUGEUP_OPENBB_ORIGINS"} == set(set_)
    assert ("https://sugeup.example", ("https://pro.openbb.co",)) == (Settings().address(), Settings().openbb_origins)


def test_every_address_that_the_page_names_is_answered(sample_home: Path) -> None:
    paths = set(re.findall(r"`(/[a-z0-9./-]+\.json)`|sugeup\.example(/[a-z0-9./-]+\.json)", PAGE))
    app = App.open(Settings(data_dir=sample_home), LakeName.DEMO)
    with TestClient(rest.application(Answering(app)), base_url="http://127.0.0.1") as client:
        for path in {one or other for one, other in paths} | {"/widgets.json", "/apps.json"}:
            assert 200 == client.get(path).status_code, path
    assert paths


@pytest.mark.slow
def test_what_clients_run_lists_its_tools(sample_home: Path) -> None:
    for arguments in started():
        command = StdioServerParameters(
            command=sys.executable,
            args=["-m", "sugeup", *arguments],
            env={**os.environ, "SUGEUP_DATA_DIR": str(sample_home)},
        )

        async def listed(command: StdioServerParameters = command) -> set[str]:
            async with Client(stdio_client(command)) as client:
                return {tool.name for tool in (await client.list_tools()).tools}

        assert {case.tool for case in registry.usecases().values() if case.tool} == anyio.run(listed)
