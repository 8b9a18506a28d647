"""The MCP inspector without its window, an independent client: both eras, over HTTP and over stdio."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from sugeup.faces.index import index
from tests.support import node
from tests.support.servers import serving

pytestmark = pytest.mark.torture

ERAS = ("modern", "legacy")
QUESTION = json.dumps({"stock_code": "005930", "session": "2026-02-13"})
LOAD, CONCURRENCY = {"ci": (200, 10), "full": (2000, 10)}[os.environ.get("SCALE", "ci")]


@pytest.fixture(scope="module")
def address(sample_home: Path) -> Iterator[str]:
    node.provided()
    with serving(sample_home) as found:
        yield f"{found}/mcp"


def http(address: str, era: str, *options: str) -> CompletedProcess[str]:
    target = ("--cli", address, "--transport", "http", "--protocol-era", era)
    return node.provided().run(node.INSPECTOR, *target, *options)


def call(name: str, arguments: str) -> tuple[str, ...]:
    return ("--method", "tools/call", "--tool-name", name, "--tool-args-json", arguments)


def printed(done: CompletedProcess[str]) -> Any:
    assert 0 == done.returncode, done.stdout[-500:] + done.stderr[-1500:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("era", ERAS)
def test_schemas_are_portable(address: str, era: str) -> None:
    """A schema that some client cannot read makes the whole server useless there; exit 6 names it."""
    done = http(address, era, "--method", "tools/list", "--strict")
    tools = printed(done)["tools"]
    assert sorted(one.tool for one in index().questions.values() if one.tool) == [tool["name"] for tool in tools]
    assert "0 errors" in done.stderr
    warned = [line for line in done.stderr.splitlines() if "inputSchema" in line]
    assert [] == warned, "arguments must be portable without a warning"


@pytest.mark.parametrize("era", ERAS)
def test_a_good_call_is_answered_and_its_structure_holds_against_the_schema(address: str, era: str) -> None:
    """The inspector's SDK validates structured content against the output schema before it prints."""
    answer = printed(http(address, era, *call("get_investor_trading", QUESTION)))
    assert -4_715_928 == answer["structuredContent"]["investor_data"]["foreign"]["net_volume"]
    assert "삼성전자" in answer["content"][0]["text"]


@pytest.mark.parametrize("era", ERAS)
def test_a_bad_call_is_a_tool_error_that_says_what_to_do(address: str, era: str) -> None:
    """Exit 5: the tool's own error, which the model reads; not a failure of the protocol."""
    done = http(address, era, *call("get_investor_trading", '{"stock_code": "999999"}'))
    assert 5 == done.returncode
    answer = json.loads(done.stdout)
    assert answer["content"][0]["text"].startswith("UNKNOWN_STOCK")
    assert "UNKNOWN_STOCK" == answer["_meta"]["sugeup/error"]["code"]


@pytest.mark.parametrize("era", ERAS)
def test_many_calls_at_once_are_all_answered(address: str, era: str) -> None:
    load = ("--load", "--load-requests", str(LOAD), "--load-concurrency", str(CONCURRENCY))
    found = printed(http(address, era, *call("get_investor_trading", QUESTION), *load))
    print(f"{era}: {json.dumps(found)}")
    assert (LOAD, 0, 0) == (found["ok"], found["toolErrors"], found["errors"])


@pytest.mark.parametrize("era", ERAS)
def test_resources_prompts_and_templates_are_read(address: str, era: str) -> None:
    read = printed(http(address, era, "--method", "resources/read", "--uri", "sugeup://calendar/2026"))
    assert "application/json" == read["contents"][0]["mimeType"]
    assert 2026 == json.loads(read["contents"][0]["text"])["year"]
    listed = printed(http(address, era, "--method", "resources/templates/list"))
    assert "sugeup://calendar/{year}" in {one["uriTemplate"] for one in listed["resourceTemplates"]}
    prompt = ("--method", "prompts/get", "--prompt-name", "stock_flow_checkup", "--prompt-args", "stock_code=삼성전자")
    assert "005930" in printed(http(address, era, *prompt))["messages"][0]["content"]["text"]
    unknown = http(address, era, "--method", "resources/read", "--uri", "sugeup://calendar/1999")
    assert 0 != unknown.returncode
    assert "OUT_OF_HISTORY" in unknown.stdout + unknown.stderr


@pytest.mark.parametrize("era", ERAS)
def test_the_command_serves_the_inspector_over_standard_input_and_output(sample_home: Path, era: str) -> None:
    command = (sys.executable, "-m", "sugeup", "--lake", "demo", "mcp")
    target = ("--cli", "--protocol-era", era, "-e", f"SUGEUP_DATA_DIR={sample_home}")
    provided = node.provided()
    listed = provided.run(node.INSPECTOR, *target, "--method", "tools/list", "--strict", "--", *command)
    assert len(printed(listed)["tools"]) >= 4
    answer = provided.run(node.INSPECTOR, *target, *call("get_investor_trading", QUESTION), "--", *command)
    assert "KRX" == printed(answer)["structuredContent"]["venue"]
    refused = provided.run(node.INSPECTOR, *target, *call("get_investor_trading", '{"period": "7D"}'), "--", *command)
    assert 5 == refused.returncode, refused.stderr
