"""HTTP as its standards have it: conditional and compressed answers, limits, headers, the log, health, streams."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sugeup.archive import Archive
from sugeup.errors import CorruptStore
from sugeup.faces import rest
from sugeup.faces.http_content import Content, accepts_gzip, matches
from sugeup.faces.http_edge import Edge, access_log
from sugeup.faces.http_limits import ADDRESS, BODY, Limits
from sugeup.faces.http_streams import StandingStreams
from tests.support.archives import NOW, answering

PATH = "/api/v1/investor-trading?market=KOSPI"
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
def client(archive: Archive) -> Iterator[TestClient]:
    with TestClient(rest.application(answering(archive)), base_url="http://127.0.0.1") as opened:
        yield opened


def small(app: ASGIApp) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', 'W/"other" , W/{}', "*", " * "])
def test_what_the_client_has_is_not_sent_again(client: TestClient, known: str) -> None:
    etag = client.get(PATH, headers=PLAIN).headers["etag"]
    same = client.get(PATH, headers=PLAIN | {"If-None-Match": known.replace("{}", etag)})
    assert (304, b"") == (same.status_code, same.content)
    assert (etag, "no-cache", "Accept-Encoding") == tuple(
        same.headers[name] for name in ("etag", "cache-control", "vary")
    )
    assert "content-type" not in same.headers


@pytest.mark.parametrize("known", ['"other"', "{}x", "unquoted", ""])
def test_what_the_client_has_of_old_is_replaced(client: TestClient, known: str) -> None:
    etag = client.get(PATH, headers=PLAIN).headers["etag"]
    known = known.replace("{}", etag[:-1]) + ('"' if known.startswith("{}") else "")
    assert 200 == client.get(PATH, headers=PLAIN | {"If-None-Match": known}).status_code


def test_a_tag_stands_for_bytes_so_a_compressed_answer_has_its_own(client: TestClient) -> None:
    plain, packed = client.get(PATH, headers=PLAIN), client.get(PATH, headers={"Accept-Encoding": "gzip"})
    assert ("gzip", "Accept-Encoding") == (packed.headers["content-encoding"], packed.headers["vary"])
    assert "content-encoding" not in plain.headers and plain.content == packed.content
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    tags = [one.headers["etag"] for one in (plain, packed)]
    assert len(set(tags)) == 2 and all(tag.startswith('"') for tag in tags)
    for accepted, status in (("gzip", 304), ("identity", 200)):
        asked = {"Accept-Encoding": accepted, "If-None-Match": tags[1]}
        assert status == client.get(PATH, headers=asked).status_code


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        *(("gzip", True), ("br, GZIP;q=0.5", True), ("*", True), ("x-gzip", True)),
        *(("gzip;q=0", False), ("*;q=0", False), ("gzip;q=0, *", False), ("gzip;q=0.0", False)),
        *(("", False), ("identity", False), ("zip", False), ("gzip;q=nonsense", False), (";;,,", False)),
    ],
)
def test_compression_is_used_only_where_it_is_accepted(header: str, accepted: bool) -> None:
    assert accepted == accepts_gzip(header)


def test_a_small_body_is_not_compressed() -> None:
    assert None is Content(b"x" * 1000).packed
    large = Content(b"x" * 2000)
    assert large.packed is not None and large.body == gzip.decompress(large.packed)


def test_a_weak_tag_equals_its_strong_twin() -> None:
    assert matches('W/"a"', '"a"') and matches('"a"', 'W/"a"') and not matches('"ab"', '"a"')


@pytest.mark.parametrize("path", [PATH, "/api/v1/openapi.json", "/health/live", "/health/ready", "/api/v1/none"])
def test_head_tells_what_get_would_send(client: TestClient, path: str) -> None:
    head, got = client.head(path), client.get(path)
    assert b"" == head.content and head.status_code == got.status_code
    for name in ("content-type", "content-length", "etag", "content-encoding", "cache-control"):
        assert head.headers.get(name) == got.headers.get(name) or path == "/health/ready", name


def test_an_answer_must_be_asked_for_again_and_an_error_never_kept(client: TestClient) -> None:
    assert "no-cache" == client.get(PATH).headers["cache-control"]
    assert "no-store" == client.get("/api/v1/investor-trading?period=7D").headers["cache-control"]
    assert "no-store" == client.get("/health/live").headers["cache-control"]


def test_an_answer_says_whether_it_was_kept(client: TestClient) -> None:
    assert ["sugeup; fwd=miss", "sugeup; hit"] == [client.get(PATH).headers["cache-status"] for _ in range(2)]
    ready = client.get("/health/ready").json()
    assert ("ok", "real", 1, 1) == (ready["status"], ready["lake"], ready["cache"]["hits"], ready["cache"]["misses"])


@pytest.mark.parametrize("more", ["&market=KOSPI", "&nonsense=1", "&period=7D"])
def test_a_kept_answer_is_not_given_to_a_question_that_is_wrong(client: TestClient, more: str) -> None:
    assert [200, 200, 422] == [client.get(path).status_code for path in (PATH, PATH, PATH + more)]


@pytest.mark.parametrize("path", [PATH, "/api/v1/none", "/health/live", "/mcp", "/api/v1/status?x=%zz"])
def test_every_response_has_the_security_headers_and_no_other_site_is_let_in(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"Origin": "http://localhost"}).headers
    assert "nosniff" == headers["x-content-type-options"] and "no-referrer" == headers["referrer-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "same-origin" == headers["cross-origin-resource-policy"]
    assert not [name for name in headers if name.startswith("access-control")] and "server" not in headers


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
def test_a_method_that_is_not_allowed_is_told_those_that_are(client: TestClient, method: str) -> None:
    asked = {"Origin": "http://localhost", "Access-Control-Request-Method": "GET"}
    problem = client.request(method, "/api/v1/investor-trading", headers=asked)
    assert (405, "application/problem+json") == (problem.status_code, problem.headers["content-type"])
    assert "GET, HEAD" == problem.headers["allow"]
    assert "access-control-allow-origin" not in problem.headers


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/api/v1/stocks/%zz", "hexadecimal"),
        ("/api/v1/stocks/%ff", "UTF-8"),
        ("/api/v1/stocks/%00", "control character"),
        ("/api/v1/stocks/search?query=%e", "hexadecimal"),
        ("/api/v1/stocks/search?query=%C3%28", "UTF-8"),
        ("/api/v1/stocks/search?query=a%00b", "control character"),
        ("/api/v1/stocks/search?query=a%0Ab", "control character"),
    ],
)
def test_an_address_that_is_no_text_is_refused(archive: Archive, path: str, words: str) -> None:
    status, body = raw(rest.application(answering(archive)), path)
    assert 400 == status and words in body["detail"] and "BAD_REQUEST" == body["title"]


def raw(app: ASGIApp, path: str) -> tuple[int, dict[str, Any]]:
    """A request whose address no client would write."""
    sent: list[Message] = []
    written, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "raw_path": written.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1")],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(app, scope, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_korean_in_an_address_is_answered(client: TestClient) -> None:
    assert "005930" == client.get("/api/v1/stocks/search?query=삼성전자").json()["matches"][0]["code"]
    assert 200 == client.get("/api/v1/stocks/%EC%82%BC%EC%84%B1%EC%A0%84%EC%9E%90/flows?limit=1").status_code


def test_an_address_that_is_too_long_is_refused(client: TestClient) -> None:
    assert 414 == client.get("/api/v1/stocks/search", params={"query": "a" * ADDRESS}).status_code


def parts(size: int) -> Iterator[bytes]:
    for _ in range(size // 1000):
        yield b" " * 1000


@pytest.mark.parametrize("path", ["/mcp", "/api/v1/status"])
@pytest.mark.parametrize("body", [lambda: b" " * (BODY + 1), lambda: parts(2 * BODY)], ids=["announced", "in chunks"])
def test_a_body_that_is_too_large_is_refused(client: TestClient, path: str, body: Callable[[], Any]) -> None:
    problem = client.post(path, content=body())
    assert (413, "CONTENT_TOO_LARGE") == (problem.status_code, problem.json()["title"])


def test_a_body_within_the_limit_reaches_the_application() -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        await PlainTextResponse(str(len(message["body"])))(scope, receive, send)

    client = small(Limits(echo))
    assert "5000" == client.post("/", content=parts(5000)).text
    assert "7" == client.post("/", content=b"1234567").text


async def slow(scope: Scope, receive: Receive, send: Send) -> None:
    await anyio.sleep(0.3)
    await PlainTextResponse("late")(scope, receive, send)


def test_an_answer_that_takes_too_long_is_busy_and_says_when_to_ask_again() -> None:
    client = small(Limits(slow, seconds=0.05, apart=("/mcp",)))
    problem = client.get("/")
    assert (503, "BUSY", "5") == (problem.status_code, problem.json()["code"], problem.headers["retry-after"])
    assert "late" == client.get("/mcp").text


def test_a_body_that_does_not_arrive_is_not_waited_for() -> None:
    sent: list[Message] = []

    async def call() -> None:
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "query_string": b"",
            "headers": [(b"content-length", b"9")],
        }
        await Limits(slow, seconds=0.05)(scope, anyio.sleep_forever, collect)

    async def collect(message: Message) -> None:
        sent.append(message)

    anyio.run(call)
    assert 408 == sent[0]["status"]


async def drip(scope: Scope, receive: Receive, send: Send) -> None:
    async def events() -> Any:
        for number in range(4):
            yield f"data: {number}\n\n"
            await anyio.sleep(0.1)

    await StreamingResponse(events(), media_type="text/event-stream")(scope, receive, send)


def test_an_event_stream_is_neither_cut_nor_counted() -> None:
    assert 4 == small(Limits(drip, seconds=0.15, at_once=1)).get("/").text.count("data:")

    async def both() -> list[int]:
        limits, statuses = Limits(drip, at_once=1), []
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        async with anyio.create_task_group() as group:
            group.start_soon(limits, scope, anyio.sleep_forever, send)
            await anyio.sleep(0.05)
            group.start_soon(limits, scope, anyio.sleep_forever, send)
            await anyio.sleep(0.5)
            group.cancel_scope.cancel()
        return statuses

    assert [200, 200] == anyio.run(both)


def test_more_requests_than_can_be_worked_on_are_turned_away() -> None:
    limits, statuses = Limits(slow, at_once=2, always=("/health/live",)), []
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append((message["status"], dict(message["headers"]).get(b"retry-after")))

    async def call() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(limits, scope, receive, send)
            group.start_soon(limits, scope | {"path": "/health/live"}, receive, send)
        await limits(scope, receive, send)

    anyio.run(call)
    assert [(503, b"1"), (200, None), (200, None), (200, None), (200, None)] == statuses


def test_a_standing_stream_ends_when_the_server_stops() -> None:
    sent: list[Message] = []

    async def for_ever(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await anyio.sleep_forever()

    async def collect(message: Message) -> None:
        sent.append(message)

    async def call() -> None:
        stopping = anyio.Event()
        streams = StandingStreams(for_ever, on=("/mcp",), stopping=stopping)
        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                scope = {"type": "http", "method": "GET", "path": "/mcp", "headers": []}
                group.start_soon(streams, scope, anyio.sleep_forever, collect)
                await anyio.sleep(0.01)
                stopping.set()

    anyio.run(call)
    assert {"type": "http.response.body", "body": b"", "more_body": False} == sent[-1]


@pytest.mark.parametrize(("given", "kept"), [("abc-1.2_3", True), ("a b", False), ("x" * 65, False), ("a\tb", False)])
def test_a_sane_request_id_is_kept_and_another_is_replaced(client: TestClient, given: str, kept: bool) -> None:
    echoed = client.get("/health/live", headers={"X-Request-ID": given}).headers["x-request-id"]
    assert kept == (echoed == given) and echoed


def test_a_request_is_one_line_of_json_without_its_arguments(
    archive: Archive, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    app = rest.application(answering(archive))
    app.user_middleware.pop(0)
    edge = Edge(app, access_log(logging.INFO, lambda: NOW))
    with TestClient(edge, base_url="http://127.0.0.1") as client:
        for _ in range(2):
            client.get(PATH, headers={"X-Request-ID": "mine"})
        client.get("/api/v1/none?password=secret")
    out, err = capfdbinary.readouterr()
    lines = [json.loads(line) for line in err.splitlines()]
    assert b"" == out and b"secret" not in err and 3 == len(lines)
    first, second, third = lines
    assert {
        "method": "GET",
        "path": "/api/v1/investor-trading",
        "status": 200,
        "request_id": "mine",
    }.items() <= first.items()
    assert ("miss", "hit", None) == (first["cache"], second["cache"], third["cache"])
    assert first["bytes"] > 100 and first["ms"] >= second["ms"] >= 0 and first["time"].startswith("2026-03-02T")


def test_requests_are_logged_from_the_level_info() -> None:
    assert None is access_log(logging.WARNING, lambda: NOW)


@pytest.mark.parametrize("error", [CorruptStore("instruments cannot be read."), RuntimeError("internals")])
def test_a_store_that_cannot_be_read_is_not_ready_but_alive(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(archive, "read", broken)
    with TestClient(rest.application(answering(archive)), base_url="http://127.0.0.1") as client:
        ready = client.get("/health/ready")
        assert 200 == client.get("/health/live").status_code
    assert 503 == ready.status_code and "internals" not in ready.text
    assert ready.json()["title"] == ("STORE_DAMAGED" if isinstance(error, CorruptStore) else "INTERNAL")
