"""The hub asks a server that takes what the vendor takes: a form for the token, JSON with numbers, paced questions."""

from __future__ import annotations

import json
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sugeup.errors import ConfigError
from sugeup.hub import Hub
from sugeup.sources.ls import LS
from sugeup.sources.vendor import Ask, Credentials, Pace
from tests.sources.ls.answers import CLOSED, SPECIFICATION, documents, recorded

KEY, SECRET = "PSkey0123456789", "s3cret-and-more"
DAYS = (date(2025, 8, 1), date(2025, 8, 5))
PLACES = {("0", "1"): 0, ("0", "2"): 1, ("1", "1"): 2, ("1", "2"): 3}


class Moment:
    """The time stands at the close of a session."""

    def now(self) -> datetime:
        return CLOSED


class Server(ThreadingHTTPServer):
    """`seen`: TR, when, and the block of each question; `limited`: refusals still to be given."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, float, dict[str, Any], dict[str, str]]] = []
        self.issued: list[dict[str, str]] = []
        self.limited = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == SPECIFICATION["token"]["path"]:
            self._token(urllib.parse.parse_qs(body.decode()))
            return
        name = self.headers["tr_cd"]
        told = SPECIFICATION["endpoints"][name]
        block = json.loads(body)[f"{name}InBlock"]
        self.server.seen.append((name, time.monotonic(), block, dict(self.headers)))
        if self.headers["authorization"] != f"Bearer token-{len(self.server.issued)}":
            self._answer({"rsp_cd": "IGW00121", "rsp_msg": "token"}, 401)
        elif self.path != told["path"] or set(block) != set(told["request"][f"{name}InBlock"]):
            self._answer({"rsp_cd": "IGW40013", "rsp_msg": "field"}, 400)
        elif any(
            (field["type"] == "number") != isinstance(block[field_name], int)
            for field_name, field in told["request"][f"{name}InBlock"].items()
        ):
            self._answer({"rsp_cd": "IGW40011", "rsp_msg": "type"}, 400)
        elif self.server.limited:
            self.server.limited -= 1
            self._answer({"rsp_cd": "IGW00201", "rsp_msg": "초당 거래건수를 초과하였습니다."}, 500)
        elif name == "t1702":
            place = PLACES[block["volvalgb"], block["msmdgb"]]
            self._answer(documents(LS.endpoint("t1702"))[place] if block["todt"] == "20250805" else {"rsp_cd": "00000"})
        elif name == "t1514":
            self._index(block)
        else:
            self._answer(recorded(name))

    def _token(self, form: dict[str, list[str]]) -> None:
        flat = {name: values[0] for name, values in form.items()}
        self.server.issued.append(flat)
        if "application/x-www-form-urlencoded" not in self.headers["content-type"]:
            self._answer({"rsp_cd": "IGW00133"}, 400)
        elif flat["appkey"] != KEY:
            self._answer({"rsp_cd": "IGW00103", "rsp_msg": "appkey"}, 403)
        else:
            self._answer(
                {"access_token": f"token-{len(self.server.issued)}", "token_type": "Bearer", "expires_in": 86400}
            )

    def _index(self, block: dict[str, Any]) -> None:
        """Two pages; the second is given for the key and the place of the first alone."""
        row = recorded("t1514")["t1514OutBlock1"][0]
        first = block["cts_date"] == " "
        if not first and (self.headers["tr_cont"], self.headers["tr_cont_key"]) != ("Y", "KEY1"):
            self._answer({"rsp_cd": "IGW40010"}, 400)
            return
        day, place = ("20230605", "20230602") if first else ("20230602", "20230601")
        headers = {"tr_cont": "Y", "tr_cont_key": "KEY1"} if first else {"tr_cont": "N", "tr_cont_key": ""}
        found = {"rsp_cd": "00000", "t1514OutBlock": {"cts_date": place}, "t1514OutBlock1": [{**row, "date": day}]}
        self._answer(found, headers=headers)

    def _answer(self, body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def hub(server: Server, folder: Path, key: str = KEY, pace: Pace | None = None) -> Hub:
    hosts = {"api": f"http://127.0.0.1:{server.server_port}"}
    return Hub(LS, Credentials(key, SECRET), folder=folder, clock=Moment(), hosts=hosts, pace=pace)


def test_four_questions_become_one_page_of_whole_rows(server: Server, tmp_path: Path) -> None:
    endpoint = replace(LS.endpoint("t1702"), pace=Pace(50, 1.0))
    with hub(server, tmp_path) as asked:
        pages = list(asked.pages(endpoint, Ask(("001200",), *DAYS)))
    assert [2, 0] == [page.frame.height for page in pages]  # one earlier session is wanted, and not there
    row = pages[0].frame.row(0, named=True)
    assert ("001200", 385_000_000) == (row["code"], row["foreign_registered_net_amount"])
    assert row["individual_buy_amount"] - row["individual_sell_amount"] == row["individual_net_amount"] == -554_000_000
    assert ["0", "0", "1", "1", "0"] == [block["volvalgb"] for _, _, block, _ in server.seen]
    assert [
        {"grant_type": "client_credentials", "appkey": KEY, "appsecretkey": SECRET, "scope": "oob"}
    ] == server.issued
    headers = {name.lower(): value for name, value in server.seen[0][3].items()}
    assert ("application/json; charset=UTF-8", "N") == (headers["content-type"], headers["tr_cont"])
    assert not any(KEY in value or SECRET in value for value in headers.values())
    logged = [json.loads(line) for line in next(tmp_path.glob("*.audit.jsonl")).read_text().splitlines()]
    assert ["t1702"] * 5 == [line["tr"] for line in logged if line["endpoint"] == "t1702"]


@pytest.mark.slow
def test_the_limit_of_a_question_is_kept_on_the_wire_and_holds_no_other_question_up(
    server: Server, tmp_path: Path
) -> None:
    with hub(server, tmp_path) as asked:
        list(asked.pages(LS.endpoint("t1927"), Ask(("005930",), date(2023, 5, 31), date(2023, 6, 1))))
        thread = threading.Thread(
            target=lambda: list(asked.pages(LS.endpoint("t1702"), Ask(("001200",), *DAYS))), daemon=True
        )
        thread.start()
        time.sleep(0.3)
        began = time.monotonic()
        list(asked.pages(LS.endpoint("t1511"), Ask(("KOSPI",), *DAYS)))
        assert time.monotonic() - began < 0.5
        thread.join()
    times = [at for name, at, _, _ in server.seen if name == "t1702"]
    assert all(after - before > 1.0 for before, after in pairwise(times))


def test_too_fast_a_question_is_sent_again(server: Server, tmp_path: Path) -> None:
    server.limited = 1
    endpoint = replace(LS.endpoint("t1927"), pace=Pace(50, 0.1))
    with hub(server, tmp_path) as asked:
        pages = list(asked.pages(endpoint, Ask(("005930",), date(2023, 5, 31), date(2023, 6, 1))))
    assert 2 == pages[0].frame.height


def test_a_continuation_key_leads_to_the_next_page(server: Server, tmp_path: Path) -> None:
    endpoint = replace(LS.endpoint("t1514"), pace=Pace(50, 1.0))
    with hub(server, tmp_path) as asked:
        pages = list(asked.pages(endpoint, Ask(("KOSPI",), date(2023, 5, 31), date(2023, 6, 5))))
    assert [date(2023, 6, 5), date(2023, 6, 2)] == [page.frame["session"][0] for page in pages]


def test_every_endpoint_is_taken_by_a_server_that_knows_the_specification_alone(server: Server, tmp_path: Path) -> None:
    scopes = {"stock": ("005930",), "market": ("KOSPI",), "index": ("KOSPI",), "none": ()}
    with hub(server, tmp_path, pace=Pace(500, 1.0)) as asked:
        for endpoint in LS.endpoints:
            fast = replace(endpoint, pace=Pace(50, 0.1))
            list(asked.pages(fast, Ask(scopes[endpoint.scope.value], *DAYS)))
    assert {one.lane or one.name for one in LS.endpoints} | {"t8424"} == {name for name, *_ in server.seen}


def test_a_wrong_key_ends_it_with_a_word_on_configuration(server: Server, tmp_path: Path) -> None:
    with hub(server, tmp_path, key="another-key-that-is-wrong") as asked, pytest.raises(ConfigError, match="IGW00103"):
        list(asked.pages(LS.endpoint("t1927"), Ask(("005930",), *DAYS)))
