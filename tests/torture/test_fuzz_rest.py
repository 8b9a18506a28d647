"""REST under random requests made from its own description: refused in words or answered in shape, never broken."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from sugeup import registry
from sugeup.faces import rest
from sugeup.faces.answering import Answering
from tests.torture.fuzzing import (
    CASES,
    ENDED,
    SEED,
    cases,
    counted,
    counting,
    finite,
    fits,
    in_time,
    sample_app,
    table,
    text,
    value,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode

pytestmark = pytest.mark.torture
__all__ = ["counting"]  # a fixture that every module of this kind uses

PROTOCOL = {400, 404, 405, 406, 408, 411, 413, 414, 415, 421, 431}
"""Statuses of HTTP itself, for requests that never reached a question."""
NAMES = {rest.PREFIX + case.path: name for name, case in registry.usecases().items()}
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@pytest.fixture(scope="module")
def client(sample_home: Path) -> Iterator[TestClient]:
    application = rest.application(Answering(sample_app(sample_home)))
    with TestClient(application, base_url="http://127.0.0.1", raise_server_exceptions=True) as opened:
        yield opened


def held(response: Any, name: str | None) -> None:
    """What every response must be."""
    said = response.content
    if response.status_code == 200:
        ENDED["OK"] += 1
        answer = finite(said)
        if name is not None:
            fits(name, answer)
        return
    assert response.headers["content-type"].startswith("application/problem+json"), response.headers
    problem = finite(said)
    assert response.status_code == problem["status"] and problem["detail"]
    code = problem.get("code")
    ENDED[code or str(response.status_code)] += 1
    if code is None:
        assert response.status_code in PROTOCOL, problem
    else:
        assert response.status_code == table()[code][0], problem
        assert problem["title"] == code


def question(response: Any) -> str | None:
    """Name of the use-case that a request came to, by its path."""
    path = response.request.url.path
    literal_first = sorted(NAMES, key=lambda template: ("{" in template, template))
    return next((NAMES[one] for one in literal_first if re.fullmatch(re.sub(r"{\w+}", "[^/]+", one), path)), None)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_requests_made_from_the_description(client: TestClient, mode: GenerationMode) -> None:
    """What the description allows and what it forbids are both answered as the description says."""
    described = schemathesis.openapi.from_dict(client.get(f"{rest.PREFIX}/openapi.json").json())
    operations = [found.ok() for found in described.get_all_operations()]
    each = max(CASES["rest"] // 2 // len(MODES) // len(operations), 4)
    print(f"seed {SEED}, {each} cases for each of {len(operations)} operations")

    def ask(case: Any) -> None:
        query = {key: given for key, given in (case.query or {}).items() if given is not None}
        with in_time():
            response = client.request(case.method, case.formatted_path, params=query)
        held(response, question(response))

    asked = 0
    for operation in operations:
        strategy = operation.as_strategy(generation_mode=mode)
        try:
            counted(each)(given(case=strategy)(ask))()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, operation.label  # what takes no argument cannot be asked wrongly
        else:
            asked += 1
    assert asked >= len(NAMES) // 2


@given(data=st.data())
@cases("rest", 0.4)
def test_requests_that_are_nearly_right(client: TestClient, data: st.DataObject) -> None:
    """Values at the edge of what is allowed come further than random ones."""
    name = data.draw(st.sampled_from(sorted(registry.usecases())))
    case = registry.usecases()[name]
    fields = list(case.arguments.model_fields)
    inside = re.findall(r"{(\w+)}", case.path)
    path = case.path
    for field in inside:
        path = path.replace(f"{{{field}}}", quote(data.draw(value(field))[:2000], safe=""))
    asked = data.draw(st.lists(st.sampled_from(fields), unique=True)) if fields else []
    query = [(field, data.draw(value(field))[:2000]) for field in asked if field not in inside]
    with in_time():
        response = client.get(rest.PREFIX + path, params=query)
    held(response, question(response))


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]),
    path=st.one_of(text, st.sampled_from([*NAMES, "/", "/health/ready", "/api/v1", "/api/v1/", "/openapi.json"])),
    headers=st.dictionaries(
        st.sampled_from(["accept", "if-none-match", "origin", "accept-encoding", "content-type", "range"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=50),
        max_size=2,
    ),
    body=st.binary(max_size=200),
)
@cases("rest", 0.1)
def test_requests_that_are_no_question(
    client: TestClient, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    """Whatever a client sends, it is told in the form that it can read."""
    with in_time():
        response = client.request(
            method,
            "/" + quote(path[:1000].lstrip("/"), safe="/"),
            headers=headers,
            content=body,
            follow_redirects=False,
        )
    assert response.status_code < 500
    ENDED["OK"] += response.status_code < 400
    if method != "HEAD" and response.status_code >= 400:
        held(response, None)
