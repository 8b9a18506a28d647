"""The sandbox as a user starts it: one command, any client, this machine only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from sugeup.errors import ConfigError, Refused, Retryable
from sugeup.sandbox import running
from sugeup.sandbox.__main__ import main
from tests.support.sandboxes import SMALL, Caller, market, process, serving
from tests.support.servers import free_port

SCRIPT = """
import sys, httpx
host, code = sys.argv[1:]
keys = {"appkey": "sandbox-key", "appsecret": "sandbox-secret"}
token = httpx.post(f"{host}/oauth2/tokenP", json={"grant_type": "client_credentials", **keys}).json()["access_token"]
found = httpx.get(
    f"{host}/uapi/domestic-stock/v1/quotations/inquire-investor",
    params={"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": code},
    headers={"authorization": f"Bearer {token}", **keys, "tr_id": "FHKST01010900", "custtype": "P"},
).json()
print(found["rt_cd"], len(found["output"]), found["output"][0]["frgn_ntby_qty"])
"""


@pytest.mark.slow
def test_a_script_of_ten_lines_works_against_it() -> None:
    with process("--clock=2025-04-15T18:00", "--speed=0", "--token-seconds=0") as (address, control):
        caller = Caller(control.http)
        top = caller.ask("market_cap", FID_INPUT_ISCD="0000")["output"][0]["mksc_shrn_iscd"]
        told = subprocess.run(
            [sys.executable, "-c", SCRIPT, address, top], capture_output=True, text=True, timeout=60, check=True
        )
    done, rows, net = told.stdout.split()
    assert ("0", "30") == (done, rows)
    assert int(net) or net == "0"


@pytest.mark.slow
def test_the_command_says_what_to_set_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    given = [
        "--port",
        str(port),
        "--stocks",
        "20",
        "--sessions",
        "30",
        "--first",
        "2025-03-04",
        "--fault",
        "latency=0.5:0",
    ]
    started = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sugeup",
            "sandbox",
            "--vendor",
            "kis",
            *given,
            "--clock",
            "2025-03-20T15:45",
            "--speed",
            "60",
        ],
        env={**os.environ, "SUGEUP_DATA_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, started)
        moment = httpx.get(f"{address}/sandbox/clock").json()
        assert "2025-03-20T" == moment["now"][:11]
        assert 60 == moment["speed"]
        assert ["latency"] == list(httpx.get(f"{address}/sandbox/faults").json())
    finally:
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=20)
    assert started.returncode in {0, 130}, err
    assert "Traceback" not in err
    assert "" == out
    for word in (f"SUGEUP_SANDBOX_URL={address}", "SUGEUP_LAKE=simulated", "sandbox-key", "sandbox-secret"):
        assert word in err.replace("\n", "")


def _wait(address: str, started: subprocess.Popen[str]) -> None:
    for _ in range(300):
        assert started.poll() is None, started.communicate()[1]
        try:
            httpx.get(f"{address}/sandbox/plan", timeout=2)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the sandbox did not answer within 30 seconds")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.10", "example.com", ""])  # noqa: S104
def test_an_address_of_another_machine_is_refused_with_the_reason(host: str) -> None:
    with pytest.raises(ConfigError, match="not a loopback address"):
        running.listen(host)


def test_a_taken_port_is_named() -> None:
    with running.listen(port=0) as listener, pytest.raises(Retryable, match="cannot be used"):
        running.listen(port=listener.getsockname()[1])


def test_another_vendor_is_refused_with_those_that_are() -> None:
    with pytest.raises(Refused, match="kis"):
        running.build(SMALL, served=["daishin"])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--host=0.0.0.0", "--stocks=20", "--sessions=5"], 78),
        (["--stocks=3"], 64),
        (["--fault=storm", "--stocks=20", "--sessions=5"], 64),
    ],
)
def test_what_cannot_be_is_said_and_ends_with_its_exit_code(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code == main(arguments)
    assert capsys.readouterr().err


def test_callers_at_once_get_their_own_answers() -> None:
    with serving(at="2025-04-15T19:00") as (address, control), httpx.Client(base_url=address, timeout=30) as http:
        caller = Caller(http)
        caller.fresh()

        def named(code: str) -> tuple[str, str]:
            return code, caller.ask("search_stock_info", PDNO=code)["output"]["pdno"]

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(named, market().codes * 2))
        assert all(f"00000A{code}" == told for code, told in found)
        assert 2 * len(market().codes) == control.stats()["total"]
