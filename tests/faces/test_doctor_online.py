"""`sugeup doctor --online` against a sandbox: sound answers are in order, and every fault is found and named."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from sugeup import settings
from sugeup.app import described
from sugeup.errors import Refused
from sugeup.faces import doctoring, doctoring_online
from sugeup.faces.doctoring_online import Asked
from sugeup.market import sessions
from sugeup.observe import probing
from sugeup.observe.findings import DOWN, DRIFT, Finding, State, exit_code
from sugeup.settings import LakeName, Settings
from tests.support import sandboxes
from tests.support.collecting import Collected
from tests.support.sandboxes import Control
from tests.support.servers import free_port

pytestmark = pytest.mark.slow

EVENING = "2025-06-02T19:05"


@pytest.fixture(scope="module")
def serving() -> Iterator[tuple[str, Control]]:
    with sandboxes.serving(at=EVENING) as found:
        yield found


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, serving: tuple[str, Control]) -> Iterator[None]:
    for field in Settings.model_fields:
        for name in settings.aliases(field):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    serving[1].clear()


def asked(home: Path, address: str, *names: str, lake: LakeName = LakeName.SIMULATED, **given: object) -> Asked:
    loaded = settings.load(data_dir=home, sandbox_url=address, sandbox_hurry=1000, **given)
    chosen = doctoring_online.wanted(described(loaded, lake), names)
    return doctoring_online.ask(loaded, lake, chosen, lambda _said: None)


def of(found: Asked, check: str) -> list[Finding]:
    return [one for one in found.findings if one.check == check]


@pytest.mark.parametrize("name", ["kis", "ls"])
def test_sound_answers_are_in_order(tmp_path: Path, serving: tuple[str, Control], name: str) -> None:
    found = asked(tmp_path, serving[0], name)
    assert {State.OK} == {one.state for one in found.findings}, found.findings
    assert {f"source {name}", f"clock {name}", f"fields {name}"} <= {one.check for one in found.findings}
    probes = found.probes[name]
    assert {"ok", "empty"} >= {one["state"] for one in probes}
    assert 0.8 < sum(one["rows"] > 0 for one in probes) / len(probes), "most questions have an answer with rows"


def test_the_holidays_of_the_vendor_are_held_against_our_table(
    tmp_path: Path, serving: tuple[str, Control], monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = of(asked(tmp_path, serving[0]), "calendar kis")
    assert State.OK is found.state and "sessions to 2025-06" in found.said
    closed = date(2025, 6, 5)
    ours = SimpleNamespace(is_session=lambda day: sessions.is_session(day) and day != closed)
    monkeypatch.setattr(probing, "sessions", ours)  # the sandbox goes on with the real one
    (wrong,) = of(asked(tmp_path, serving[0]), "calendar kis")
    assert (
        State.WARN is wrong.state
        and "2025-06-05 (목): the vendor says open, our session table says closed" == wrong.said
    )


def test_days_that_are_over_or_beyond_our_table_are_no_disagreement() -> None:
    days = [(date(2025, 6, 3), True), (date(2025, 6, 6), True), (date(2099, 1, 1), True)]
    assert [(date(2025, 6, 6), True)] == probing.disagreements(days, date(2025, 6, 5))


def test_a_renamed_field_that_is_read_is_a_failure_and_named(tmp_path: Path, serving: tuple[str, Control]) -> None:
    serving[1].fault("renamed_field", only=["FHKST01010900"])
    found = asked(tmp_path, serving[0])
    failed = [one for one in found.findings if one.state is State.FAIL]
    assert [DRIFT] == [one.exit_code for one in failed] and DRIFT == exit_code(found.findings)
    assert "inquire_investor: " in failed[0].said and "_new now" in failed[0].said
    (probe,) = (one for one in found.probes["kis"] if one["endpoint"] == "inquire_investor")
    (change,) = probe["changes"]
    assert "missing_field" == change["kind"] and change["field"] in failed[0].said


def test_a_renamed_field_that_nobody_reads_is_noticed(tmp_path: Path, serving: tuple[str, Control]) -> None:
    serving[1].fault("renamed_field", only=["HHPTJ04160001", "FHPST04830000", "FHKST03060100"])
    noticed = [one for one in of(asked(tmp_path, serving[0]), "fields kis") if one.state is not State.OK]
    assert noticed and all("_new" in one.said for one in noticed)


def test_every_identifier_with_a_renamed_field_is_found(tmp_path: Path, serving: tuple[str, Control]) -> None:
    serving[1].fault("renamed_field", 1.0)
    for name in ("kis", "ls"):
        found = asked(tmp_path, serving[0], name)
        sound = [one for one in found.probes[name] if one["state"] == "ok" and not one["unspecified"]]
        assert [] == sound, name


def test_a_clock_that_differs_is_told_with_its_seconds(tmp_path: Path, serving: tuple[str, Control]) -> None:
    serving[1].fault("clock_skew", amount=300)
    (found,) = of(asked(tmp_path, serving[0]), "clock kis")
    assert State.FAIL is found.state and "300 s ahead of" in found.said and "NTP" in found.todo
    serving[1].fault("clock_skew", amount=20)
    assert [State.WARN] == [one.state for one in of(asked(tmp_path, serving[0]), "clock kis")]


def test_a_wrong_key_is_a_failure_after_one_question(
    tmp_path: Path, serving: tuple[str, Control], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SANDBOX_KEYS", ("another-key-of-nobody", "another-secret-of-nobody"))
    found = asked(tmp_path, serving[0])
    (failed,) = (one for one in found.findings if one.state is not State.OK)
    assert ("source kis", State.FAIL, 78) == (failed.check, failed.state, failed.exit_code)
    signed = [one for one in found.probes["kis"] if not one["endpoint"].startswith("master_")]
    assert ["refused"] == [one["state"] for one in signed], "files need no key, and nothing is asked after the first no"
    assert "of-nobody" not in repr(found)


def test_a_missing_key_is_named_and_nobody_is_asked(tmp_path: Path, serving: tuple[str, Control]) -> None:
    (failed,) = asked(tmp_path, serving[0], "kis", lake=LakeName.REAL).findings
    assert 78 == failed.exit_code and "SUGEUP_KIS_APP_KEY and SUGEUP_KIS_APP_SECRET are not set" in failed.said


def test_a_source_that_is_switched_off_is_not_asked_even_by_name(tmp_path: Path, serving: tuple[str, Control]) -> None:
    (failed,) = asked(tmp_path, serving[0], "naver", lake=LakeName.REAL).findings
    assert State.FAIL is failed.state and "SUGEUP_NAVER is not true" in failed.said


def test_nobody_to_ask_is_in_order(tmp_path: Path, serving: tuple[str, Control]) -> None:
    for lake in (LakeName.DEMO, LakeName.REAL):
        assert [State.OK] == [one.state for one in asked(tmp_path, serving[0], lake=lake).findings]
    with pytest.raises(Refused, match="'toss'"):
        asked(tmp_path, serving[0], "toss")


def test_a_sandbox_that_is_down_is_a_failure_of_its_own(tmp_path: Path) -> None:
    (failed,) = asked(tmp_path, f"http://127.0.0.1:{free_port()}").findings
    assert ("sandbox", DOWN) == (failed.check, failed.exit_code) and "sugeup sandbox" in failed.todo


def test_one_failing_question_stops_no_other(tmp_path: Path, serving: tuple[str, Control]) -> None:
    serving[1].fault("malformed", only=["FHKST01010900"])
    found = asked(tmp_path, serving[0])
    states = {one["endpoint"]: one["state"] for one in found.probes["kis"]}
    assert "down" == states.pop("inquire_investor") and {"ok", "empty"} >= set(states.values())
    assert [State.WARN] == [one.state for one in of(found, "source kis") if "inquire_investor" in one.said]


def test_at_night_what_cannot_be_asked_is_told_apart(tmp_path: Path) -> None:
    with sandboxes.serving(at="2025-06-03T07:05") as (address, _):
        found = asked(tmp_path, address)
    later = [one["endpoint"] for one in found.probes["kis"] if one["state"] == "later"]
    assert "program_trade_by_stock" in later and "daily_short_sale" not in later
    assert {State.OK} == {one.state for one in found.findings}


def test_the_skew_of_a_reply_without_a_date_is_unknown() -> None:
    from sugeup.sources.vendor import Reply

    now = sandboxes.seoul(EVENING)
    assert probing.skew(Reply(200, {}, b"", now)) is None
    assert probing.skew(Reply(200, {"date": "today"}, b"", now)) is None
    assert timedelta(0) == probing.skew(Reply(200, {"date": "Mon, 02 Jun 2025 10:05:00 GMT"}, b"", now))


def test_the_command_writes_a_dated_report_and_nothing_else(tmp_path: Path, serving: tuple[str, Control]) -> None:
    serving[1].fault("renamed_field", only=["FHKST01010900"])
    lake = Collected(tmp_path / "home", serving[0])
    done = subprocess.run(
        [sys.executable, "-m", "sugeup", "--lake", "simulated", "doctor", "--source", "kis", "--json"],
        env=lake.environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert DRIFT == done.returncode, done.stderr
    told = json.loads(done.stdout)
    report, text = (Path(path) for path in told["report"])
    written = json.loads(report.read_text())
    assert told["findings"] == written["findings"] and told["answers"] == written["answers"]
    assert ("simulated", DRIFT) == (written["lake"], written["exit_code"])
    assert report.name.startswith("doctor-20") and "FAIL  fields kis" in text.read_text()
    assert {report.name, text.name, "hub-simulated"} == {path.name for path in lake.home.iterdir()}
    lake.tells_no_secret(done.stdout, done.stderr)


def test_a_doctor_that_is_not_asked_to_asks_nobody(
    tmp_path: Path, serving: tuple[str, Control], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUGEUP_DATA_DIR", str(tmp_path / "home"))
    monkeypatch.setenv("SUGEUP_SANDBOX_URL", serving[0])
    before = serving[1].stats()["calls"]
    doctoring.examined(LakeName.SIMULATED)
    assert before == serving[1].stats()["calls"] and not (tmp_path / "home").exists()


def simulated_doors(home: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Finding]:
    monkeypatch.setenv("SUGEUP_DATA_DIR", str(home))
    monkeypatch.setenv("SUGEUP_SANDBOX_URL", address)
    return {one.check: one for one in doctoring.examined() if one.check.endswith("(sandbox)")}


def test_tokens_and_calls_of_a_sandbox_are_judged_by_its_clock_and_told_when_it_is_gone(
    tmp_path: Path, serving: tuple[str, Control], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {} == simulated_doors(tmp_path, serving[0], monkeypatch), "nothing was asked of it yet"
    asked(tmp_path, serving[0], "kis")
    found = simulated_doors(tmp_path, serving[0], monkeypatch)
    assert {"token kis (sandbox)", "calls kis (sandbox)"} == set(found)
    assert {State.OK} == {one.state for one in found.values()}
    assert (
        "issued 2025-06-02 19:05" in found["token kis (sandbox)"].said and "(in 2" in found["token kis (sandbox)"].said
    )
    assert "calls on 2025-06-02" in found["calls kis (sandbox)"].said
    gone = simulated_doors(tmp_path, f"http://127.0.0.1:{free_port()}", monkeypatch)
    assert "by a clock that does not answer now" in gone["token kis (sandbox)"].said
    assert found["calls kis (sandbox)"].said == gone["calls kis (sandbox)"].said
    (token,) = (tmp_path / "hub-simulated").glob("*.token.json")
    token.write_text("{")
    assert State.WARN is simulated_doors(tmp_path, serving[0], monkeypatch)["token kis (sandbox)"].state
