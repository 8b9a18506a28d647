"""What the hub writes down, and that no secret is in anything that leaves it."""

from __future__ import annotations

import json
import logging
import stat
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from sugeup.errors import SugeupError
from sugeup.hub import Hub, audit
from sugeup.hub.audit import Audit
from sugeup.hub.masking import MASK, Secrets
from sugeup.hub.token_file import fingerprint
from tests.hub import serving, tiny

Opened = Callable[..., Hub]
NOON = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
TOKEN = "token-number-1"  # noqa: S105


def lines(folder: Path) -> list[dict[str, Any]]:
    path = folder / f"tiny-{fingerprint(tiny.CREDENTIALS)}.audit.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_send_is_one_line(hub: Hub, server: serving.TinyServer, tmp_path: Path) -> None:
    server.plan.extend([{"code": "BUSY", "status": 500, "words": "E300 routing"}, "reset"])
    list(hub.pages(tiny.NUMBERS, tiny.ask()))
    token, busy, reset, done = lines(tmp_path)
    assert ("token", 200, "done") == (token["endpoint"], token["status"], token["outcome"])
    assert ("again", 500, "E300 routing", 1) == tuple(busy[name] for name in ("outcome", "status", "said", "attempt"))
    assert ("failed", None, 0, 2) == tuple(reset[name] for name in ("outcome", "status", "bytes", "attempt"))
    wanted = {
        "event": "call",
        "vendor": "tiny",
        "endpoint": "numbers",
        "tr": "TINY01",
        "scope": "005930",
        "priority": "backfill",
        "status": 200,
        "outcome": "done",
        "attempt": 3,
    }
    assert wanted.items() <= done.items()
    assert done["time"].endswith("+09:00")
    assert 0 < done["ms"] < 5000 and done["waited_ms"] >= 0 and done["bytes"] > 10


def test_a_refusal_is_written_down_with_its_code(hub: Hub, server: serving.TinyServer, tmp_path: Path) -> None:
    server.plan.append({"code": "BAD", "words": "no such field."})
    with pytest.raises(SugeupError):
        hub.send(tiny.plain(1))
    assert ("invalid_argument", "no such field.") == (lines(tmp_path)[-1]["outcome"], lines(tmp_path)[-1]["said"])


def test_nothing_that_leaves_the_hub_shows_a_secret(
    opened: Opened, server: serving.TinyServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A vendor that echoes what it got, in every way it can fail; with the HTTP library's own log switched on."""
    caplog.set_level(logging.DEBUG)
    hub = opened()
    echoed = f"you said {tiny.KEY} and {tiny.SECRET} and {TOKEN}-of-{server.server_port}"
    said: list[str] = []
    for fault in (
        {"code": "BAD", "words": echoed},
        {"code": "KEY", "words": echoed},
        {"code": echoed, "words": echoed},
        {"code": "BUSY", "words": echoed, "headers": {"Retry-After": "900", "x-echo": echoed}},
        {"code": "OK", "numbers": [echoed]},
        {"code": "LIMITED", "words": echoed, "headers": {"Retry-After": "900"}},
    ):
        server.plan.append(fault)
        with pytest.raises(SugeupError) as caught:
            list(hub.pages(tiny.NUMBERS, tiny.ask()))
        said.append("".join(traceback.format_exception(caught.value)))
        said.append(f"{caught.value!r} {caught.value.details} {caught.value.hint}")
    said.append(caplog.text)
    said += [path.read_text() for path in tmp_path.glob("*.audit.jsonl*")]
    token = f"{TOKEN}-of-{server.server_port}"
    assert server.seen_headers["authorization"] == f"Bearer {token}"
    for text in said:
        for secret in (tiny.KEY, tiny.SECRET, token):
            assert secret not in text
    assert any(MASK in text for text in said[:-2])
    assert "receive_response_headers" in caplog.text and MASK in caplog.text


def test_no_frame_of_an_error_holds_the_signed_request(hub: Hub, server: serving.TinyServer) -> None:
    """A traceback that shows local variables is a place to look for keys too."""
    for fault in ({"code": "BAD"}, {"code": "EXPIRED", "status": 500}, {"code": "OK"}):
        server.plan.extend([fault, fault])
        with pytest.raises(SugeupError) as caught:
            list(hub.pages(tiny.NUMBERS, tiny.ask(str(fault)), deadline=5))
        server.plan.clear()
        shown = _frames(caught.value)
        assert "005930" in shown or "scopes" in shown
        assert [] == [one for one in (tiny.KEY, tiny.SECRET, TOKEN) if one in shown]


def _frames(error: BaseException) -> str:
    """What a traceback with the values of local variables would show of the hub."""
    shown, trace = [], error.__traceback__
    while trace is not None:
        if "sugeup/hub" in trace.tb_frame.f_code.co_filename:
            shown.append(repr(trace.tb_frame.f_locals))
        trace = trace.tb_next
    return " ".join(shown)


def test_a_log_record_is_masked_wherever_the_secret_stands() -> None:
    secrets = Secrets(tiny.KEY, tiny.SECRET)
    printed: list[str] = []
    logger = structlog.wrap_logger(
        structlog.PrintLogger(),
        processors=[
            structlog.processors.format_exc_info,
            secrets,
            lambda _, __, event: printed.append(json.dumps(event)) or (_ for _ in ()).throw(structlog.DropEvent),
        ],
    )
    try:
        raise ValueError(f"refused: {tiny.KEY}")
    except ValueError:
        logger.exception("failed", headers={"appsecret": tiny.SECRET, tiny.KEY: 1}, at=[f"?k={tiny.KEY}", b"x", None])
    logger.info("url", url="https://x/?s=s3cret%2Fwith%2Bsigns%3D%3Dand-more-of-it", held=tiny.CREDENTIALS, n=5)
    assert 2 == len(printed)
    for text in printed:
        assert tiny.KEY not in text and tiny.SECRET not in text and "s3cret" not in text
    assert '"n": 5' in printed[1]


def test_a_file_that_is_full_is_put_aside_and_three_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "LARGEST", 2_000)
    path = tmp_path / "audit.jsonl"
    both = [Audit(path, lambda: NOON, Secrets()) for _ in range(2)]
    with ThreadPoolExecutor(4) as threads:
        for number in range(200):
            threads.submit(both[number % 2].call, number=number, text="x" * 40)
    names = sorted(found.name for found in tmp_path.glob("audit.jsonl*") if found.suffix != ".lock")
    assert ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2", "audit.jsonl.3"] == names
    for name in names:
        text = (tmp_path / name).read_text()
        assert all(json.loads(line)["event"] == "call" for line in text.splitlines())
        assert len(text) <= 2_000
        assert 0o600 == stat.S_IMODE((tmp_path / name).stat().st_mode)
    for one in both:
        one.close()


def test_a_line_that_cannot_be_written_is_counted_in_the_next_one(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    folder.write_text("a file where the folder should be")
    log = Audit(folder / "audit.jsonl", lambda: NOON, Secrets())
    log.call(number=1)
    log.call(number=2)
    folder.unlink()
    log.call(number=3)
    log.call(number=4)
    log.close()
    third, fourth = [json.loads(line) for line in (folder / "audit.jsonl").read_text().splitlines()]
    assert (3, 2) == (third["number"], third["lost"])
    assert "lost" not in fourth
