"""The description for GPT actions: within the limits of actions, valid, and true to what REST answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from sugeup import registry
from sugeup.app import App
from sugeup.errors import ConfigError
from sugeup.faces import actions, rest
from sugeup.faces.answering import Answering
from sugeup.settings import LakeName, Settings

PUBLIC = "https://sugeup.example"
_EXAMPLES = {"stock_code": "005930", "market": "KOSPI", "sector": "0013", "query": "삼성전자", "metric_id": "inv.trend"}


@pytest.fixture(scope="module")
def client(sample_home: Path) -> Iterator[TestClient]:
    app = App.open(Settings(data_dir=sample_home, public_url=f"{PUBLIC}/"), LakeName.DEMO)
    with TestClient(rest.application(Answering(app)), base_url="http://127.0.0.1") as opened:
        yield opened


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi-actions.json").json()
    return found


def operations(described: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(path, methods["get"]) for path, methods in described["paths"].items()]


def test_it_is_openapi_31_on_the_public_address_with_every_tool(described: dict[str, Any]) -> None:
    assert ("3.1.0", [{"url": PUBLIC}]) == (described["openapi"], described["servers"])
    named = [one["operationId"] for _, one in operations(described)]
    tools = {case.name for case in registry.usecases().values() if case.tool}
    assert tools <= set(named) and len(named) == len(set(named)) <= 30


def test_the_whole_description_names_the_public_address_too(client: TestClient) -> None:
    assert [{"url": PUBLIC}] == client.get("/api/v1/openapi.json").json()["servers"]


def test_it_is_valid_as_openapi_has_it(described: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(described).validate()
    with pytest.raises(jsonschema_rs.ValidationError):
        schemathesis.openapi.from_dict({name: part for name, part in described.items() if name != "info"}).validate()


def test_words_are_as_short_as_actions_take_them(described: dict[str, Any]) -> None:
    for _, one in operations(described):
        assert 0 < len(one["summary"]) <= 300 and 0 < len(one["description"]) <= 300
        assert all(len(about["description"]) <= 700 for about in one["parameters"])
        assert not one["x-openai-isConsequential"]


def test_schemas_are_valid_and_every_object_tells_its_properties(described: dict[str, Any]) -> None:
    def walk(schema: Any) -> Iterator[dict[str, Any]]:
        if isinstance(schema, dict):
            yield schema
            for inner in schema.values():
                yield from walk(inner)

    for path, one in operations(described):
        schemas = [about["schema"] for about in one["parameters"]]
        schemas += [next(iter(reply["content"].values()))["schema"] for reply in one["responses"].values()]
        for schema in schemas:
            jsonschema.Draft202012Validator.check_schema(schema)
            for inner in walk(schema):
                if inner.get("type") == "object":
                    assert "properties" in inner, path
        assert set(_braces(path)) == {a["name"] for a in one["parameters"] if a["in"] == "path"}


def test_the_whole_document_is_small_enough_to_be_imported(client: TestClient) -> None:
    assert len(client.get("/openapi-actions.json").text) < 100_000


@pytest.mark.slow
def test_the_largest_answers_that_it_allows_fit_and_are_what_it_says(
    client: TestClient, described: dict[str, Any]
) -> None:
    answered = set()
    for path, one in operations(described):
        asked = {about["name"]: _largest(about) for about in one["parameters"]}
        given = {name: value for name, value in asked.items() if value is not None}
        address = path
        for name in _braces(path):
            address = address.replace(f"{{{name}}}", str(given.pop(name)))
        reply = client.get(address, params=given)
        if reply.status_code == 404:
            continue
        assert 200 == reply.status_code, (path, given, reply.text)
        assert len(reply.text) < 100_000, (path, len(reply.text))
        answered.add(one["operationId"])
        schema = one["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(reply.json(), schema)
        assert set(reply.json()) <= set(schema["properties"])
    assert {"get_investor_trading", "get_time_based_flow", "explain_metric", "get_market_minutes"} <= answered


def test_without_a_public_address_it_names_this_machine() -> None:
    assert "http://127.0.0.1:8410" == Settings().address()


@pytest.mark.parametrize("wrong", ["http://sugeup.example", "sugeup.example", "https://sugeup.example/api", "https://"])
def test_a_public_address_is_https_and_has_no_path(wrong: str) -> None:
    with pytest.raises(ConfigError, match="https address without a path"):
        Settings(public_url=wrong).address()


def test_a_long_description_ends_with_a_whole_sentence() -> None:
    assert "One two." == actions.cut("One two. Three four five.", 12)
    assert "One…" == actions.cut("One two three", 6)


@given(st.text(), st.integers(2, 400))
def test_cut_words_are_never_longer_than_asked(text: str, most: int) -> None:
    assert len(actions.cut(text, most)) <= most


def _braces(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def _largest(about: dict[str, Any]) -> Any:
    """The value of a parameter that asks for most; None to leave it away."""
    schema = about["schema"]
    if about["name"] in {"limit", "count", "sessions", "top", "top_n"}:
        return schema["maximum"]
    if about["name"] == "interval":
        return schema["enum"][0]
    return _EXAMPLES.get(about["name"]) if about["required"] else None
