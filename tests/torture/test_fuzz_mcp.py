"""MCP under random arguments: a tool answers in its published shape or says which code of the table it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from sugeup import registry
from sugeup.faces import mcp
from sugeup.faces.answering import Answering
from tests.torture.fuzzing import ENDED, cases, counting, fits, in_time, sample_app, table, text, value

pytestmark = pytest.mark.torture
__all__ = ["counting"]  # a fixture that every module of this kind uses

TOOLS = {case.tool: name for name, case in registry.usecases().items() if case.tool}
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), text),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=10), inner, max_size=4)),
    max_leaves=12,
)


class Connected:
    """A client that stays connected to a server in this process."""

    def __init__(self, portal: BlockingPortal, client: Any) -> None:
        self._portal, self._client = portal, client
        listed = portal.call(client.list_tools).tools
        self.schemas = {tool.name: Draft202012Validator(tool.output_schema) for tool in listed}

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        """One call; an error of the protocol is returned, not raised."""
        with in_time():
            try:
                return self._portal.call(self._client.call_tool, name, arguments)
            except MCPError as error:
                return error


@pytest.fixture(scope="module")
def connected(sample_home: Path) -> Iterator[Connected]:
    server = mcp.server(Answering(sample_app(sample_home)))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(server)) as client:
        yield Connected(portal, client)


def held(connected: Connected, name: str, result: Any) -> None:
    """What every result of a tool must be."""
    assert not isinstance(result, MCPError), result
    said = result.content[0].text
    if result.is_error:
        code = said.partition(":")[0]
        assert code in table(), said
        ENDED[code] += 1
        assert "log id" not in said and "Traceback" not in said
        return
    ENDED["OK"] += 1
    assert not list(connected.schemas[name].iter_errors(result.structured_content))
    fits(TOOLS[name], result.structured_content)
    if name not in {"explain_metric", "search_stock"}:  # which write about them, and repeat what was asked
        assert not re.search(r"(?<![A-Za-z])(nan|inf|NaN|Infinity|None)(?![A-Za-z])", said), said


@given(data=st.data())
@cases("mcp", 0.5)
def test_arguments_that_are_nearly_right(connected: Connected, data: st.DataObject) -> None:
    """Values at the edge of what is allowed come further than random ones."""
    name = data.draw(st.sampled_from(sorted(TOOLS)))
    fields = [*registry.usecases()[TOOLS[name]].arguments.model_fields, "response_format"]
    asked = data.draw(st.lists(st.sampled_from(fields), unique=True))
    held(connected, name, connected.call(name, {field: data.draw(value(field)) for field in asked}))


@given(data=st.data())
@cases("mcp", 0.4)
def test_arguments_of_any_type(connected: Connected, data: st.DataObject) -> None:
    """A model sends lists for texts, numbers for dates, and arguments that do not exist."""
    name = data.draw(st.sampled_from(sorted(TOOLS)))
    fields = [*registry.usecases()[TOOLS[name]].arguments.model_fields, "response_format"]
    given = data.draw(st.dictionaries(st.one_of(st.sampled_from(fields), st.text(max_size=20)), anything, max_size=5))
    held(connected, name, connected.call(name, given))


@given(name=text, arguments=st.dictionaries(st.text(max_size=20), anything, max_size=3))
@cases("mcp", 0.1)
def test_tools_that_do_not_exist(connected: Connected, name: str, arguments: dict[str, Any]) -> None:
    """An unknown tool is an error of the protocol with the names that there are."""
    result = connected.call(name, arguments)
    ENDED["-32602"] += 1
    assert isinstance(result, MCPError) and -32602 == result.error.code, result
