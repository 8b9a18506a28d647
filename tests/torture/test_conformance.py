"""The official conformance suite, once per protocol revision: the product with its baseline, the fixtures without one.

The product cannot pass scenarios that call fixtures by name. Each is listed with its reason, has to fail for that
reason and no other, and has to pass where the fixtures are there: so the list excuses nothing but their absence.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import node
from tests.support.servers import free_port, serving

pytestmark = pytest.mark.torture

REQUIRED = {"2025-11-25": 30, "2026-07-28": 37}
"""Server scenarios that each revision requires."""
BASELINES = Path(__file__).parent / "conformance"
WIRE = "wire-schema-valid"
FAILED = {"FAILURE", "WARNING"}
ABSENT = re.compile(
    r"Unknown (tool|prompt): test_|Unknown resource: test://|Not testable: server does not list the diagnostic tool"
    r"|Method not found|no notifications/(tools|prompts)/list_changed arrived"
    r"|JSON-RPC error instead of re-requesting|could not get initial InputRequiredResult"
    r"|Expected InputRequiredResult with inputRequests and requestState"
)
"""What a check says when the fixture it calls is not there."""


@dataclass(frozen=True)
class Run:
    """One run of the suite: exit code, what it printed, the checks of every required scenario."""

    code: int
    printed: str
    checks: dict[str, list[dict[str, Any]]]

    def failed(self, scenario: str) -> list[dict[str, Any]]:
        return [check for check in self.checks[scenario] if check["status"] in FAILED]

    def succeeded(self, scenario: str) -> list[dict[str, Any]]:
        """Checks of the scenario itself that passed; the check of the wire format passes for anything well-formed."""
        return [check for check in self.checks[scenario] if check["status"] == "SUCCESS" and check["id"] != WIRE]


@pytest.fixture(scope="module")
def addresses(sample_home: Path) -> Iterator[dict[str, str]]:
    """The product and the server with fixtures, both serving the sample."""
    node.provided()
    with ExitStack() as running:
        yield {
            "product": running.enter_context(serving(sample_home)),
            "fixtures": running.enter_context(with_fixtures(sample_home)),
        }


@contextmanager
def with_fixtures(home: Path) -> Iterator[str]:
    """The server with fixtures on a free port; it runs from the root of the repository."""
    port = free_port()
    command = [sys.executable, "-m", "tests.support.conformance_server", "--data", str(home), "--port", str(port)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=node.ROOT, stdout=said, stderr=said)
        try:
            for _ in range(300):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                assert process.poll() is None, "the server with fixtures ended"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)
            said.seek(0)
            assert b"Traceback" not in said.read()


def suite(address: str, revision: str, out: Path, *options: str) -> Run:
    provided = node.provided()
    target = ["server", "--url", f"{address}/mcp", "--requirements", revision, "-o", str(out)]
    done = provided.run(node.CONFORMANCE, *target, *options)
    checks = {}
    for folder in out.iterdir():
        found = re.fullmatch(r"server-(.+?)-\d{4}-\d\d-\d\dT[\d-]+Z", folder.name)
        assert found, folder.name
        checks[found[1]] = json.loads((folder / "checks.json").read_text(encoding="utf-8"))
    wanted = required(provided, revision)
    assert REQUIRED[revision] == len(wanted)
    assert set(wanted) <= set(checks)
    return Run(done.returncode, done.stdout + done.stderr, {name: checks[name] for name in wanted})


def required(provided: node.Node, revision: str) -> list[str]:
    """The server scenarios that the suite itself says are required."""
    package = provided.home / Path(node.CONFORMANCE).parents[1]
    text = (package / "requirements" / f"{revision}.yaml").read_text(encoding="utf-8")
    section = re.search(r"^server:\n((?:  - \S+\n)+)", text, flags=re.MULTILINE)
    assert section
    return re.findall(r"  - (\S+)", section[1])


def baseline(revision: str) -> tuple[dict[str, str], set[str]]:
    """Excused entries with their reasons, and scenarios that pass without meaning anything."""
    text = (BASELINES / f"{revision}.yml").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^  - (\S+) *(?:# *(.*))?$", text, flags=re.MULTILINE))
    return entries, set(re.findall(r"^# vacuous: (\S+)$", text, flags=re.MULTILINE))


@pytest.fixture(scope="module", params=sorted(REQUIRED))
def runs(request: pytest.FixtureRequest, addresses: dict[str, str], tmp_path_factory: Any) -> tuple[str, Run, Run]:
    revision: str = request.param
    out = tmp_path_factory.mktemp(f"conformance-{revision}")
    options = ("--expected-failures", str(BASELINES / f"{revision}.yml"))
    product = suite(addresses["product"], revision, out / "product", *options)
    fixtures = suite(addresses["fixtures"], revision, out / "fixtures")
    for name, run in (("product", product), ("fixtures", fixtures)):
        passed = [scenario for scenario in run.checks if not run.failed(scenario)]
        checks = [check for found in run.checks.values() for check in found if check["status"] == "SUCCESS"]
        print(f"{revision} {name}: {len(passed)} of {len(run.checks)} scenarios, {len(checks)} checks passed")
    return revision, product, fixtures


def test_every_required_scenario_passes_with_the_fixtures(runs: tuple[str, Run, Run]) -> None:
    """Protocol, transport, middleware and application are right; no required check fails, warns or was left out."""
    _, _, fixtures = runs
    assert 0 == fixtures.code, fixtures.printed[-3000:]
    for scenario, checks in fixtures.checks.items():
        assert [] == fixtures.failed(scenario)
        assert [] == [check["id"] for check in checks if check["status"] == "SKIPPED"], scenario
        assert fixtures.succeeded(scenario), f"{scenario} passed without having checked anything"
        assert "Unknown tool" not in json.dumps(fixtures.succeeded(scenario)) or "stateless" in scenario


def test_the_product_fails_nothing_but_what_its_baseline_excuses(runs: tuple[str, Run, Run]) -> None:
    """The suite's own verdict: no other failure, and no entry that has begun to pass."""
    _, product, _ = runs
    assert 0 == product.code, product.printed[-3000:]


def test_the_baseline_excuses_missing_fixtures_only(runs: tuple[str, Run, Run]) -> None:
    """A real defect must not hide behind an entry: every excused failure names the fixture that is not there."""
    revision, product, fixtures = runs
    entries, _ = baseline(revision)
    excused = {}
    for entry, reason in entries.items():
        assert reason, f"{entry} has no reason"
        scenario, _, check = entry.partition(":")
        excused.setdefault(scenario, set()).add(check)
        assert [] == fixtures.failed(scenario), f"{entry} is excused, and fails with the fixture too"
    for scenario, checks in excused.items():
        failed = product.failed(scenario)
        assert failed, f"{scenario} is excused and passes"
        for one in failed:
            assert checks == {""} or one["id"] in checks
            assert ABSENT.search(one.get("errorMessage", "")), f"{scenario}: {one['id']}: {one.get('errorMessage')}"


def test_what_the_product_passes_was_really_checked(runs: tuple[str, Run, Run]) -> None:
    """A scenario answered by `there is no such tool` proves nothing, even where the suite is content with it."""
    revision, product, _ = runs
    entries, vacuous = baseline(revision)
    whole = {entry for entry in entries if ":" not in entry}
    found = set()
    for scenario in product.checks.keys() - whole:
        assert product.succeeded(scenario), f"{scenario} passed without having checked anything"
        if ABSENT.search(json.dumps(product.succeeded(scenario))) and scenario != "server-stateless":
            found.add(scenario)
    assert vacuous == found
