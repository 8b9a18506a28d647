"""`sugeup sources`: every source with what it gives and needs, whether it is asked and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from sugeup import list_sources, records, registry, settings, sources
from sugeup.app import App, described
from sugeup.archive import describing
from sugeup.archive.describing import Need
from sugeup.errors import Refused
from sugeup.faces import payload, rest
from sugeup.faces.answering import Answering
from sugeup.keychain import Place
from sugeup.market.clock import FixedClock
from sugeup.settings import LakeName, Settings
from tests.faces.test_cli import run
from tests.support.archives import NOW, open_archive


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields:
        for name in settings.aliases(field):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SUGEUP_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def listed(lake: LakeName = LakeName.REAL, **given: object) -> dict[str, describing.Source]:
    return {one.name: one for one in described(settings.load(**given), lake)}


def test_every_vendor_is_listed_with_every_dataset_of_its_endpoints() -> None:
    found = listed()
    assert list(sources.vendors()) == list(found)
    for name, vendor in sources.vendors().items():
        assert {one.dataset for one in vendor.endpoints} == {gift.dataset for gift in found[name].gives}
        assert {one.name for one in vendor.endpoints} == {end for gift in found[name].gives for end in gift.endpoints}
        assert vendor.korean == found[name].korean


def test_figures_have_their_korean_names() -> None:
    for source in listed().values():
        for gift in source.gives:
            assert records.dataset(gift.dataset).korean == gift.korean


@pytest.mark.parametrize(
    ("given", "name", "on", "words"),
    [
        ({}, "kis", False, "SUGEUP_KIS_APP_KEY and SUGEUP_KIS_APP_SECRET are not set"),
        ({"kis_app_key": "abcdef", "kis_app_secret": "uvwxyz"}, "kis", True, "key from given"),
        ({"kis_app_key": "abcdef"}, "kis", True, "cannot be asked: SUGEUP_KIS_APP_SECRET is not set"),
        ({}, "naver", False, "SUGEUP_NAVER is not true"),
        ({"naver": True}, "naver", True, "switched on"),
        ({"sources": "ls"}, "kis", False, "not named in SUGEUP_SOURCES (ls)"),
        ({"sources": "ls", "ls_app_key": "a", "ls_app_secret": "b"}, "ls", True, "named in SUGEUP_SOURCES"),
    ],
)
def test_it_says_whether_a_source_is_on_and_why(given: dict[str, object], name: str, on: bool, words: str) -> None:
    found = listed(**given)[name]
    assert on is found.on and words in found.why


def test_the_simulated_lake_needs_no_key_and_the_demo_lake_asks_nobody() -> None:
    simulated = listed(LakeName.SIMULATED)
    assert [True, False] == [simulated[name].on for name in ("kis", "ls")]
    assert "sandbox" in simulated["kis"].why
    assert not any(one.on for one in listed(LakeName.DEMO).values())


def test_library_and_rest_tell_the_same_and_no_key(tmp_path: Path) -> None:
    keys = {"kis_app_key": "hidden-key-1", "kis_app_secret": "hidden-secret-2"}
    app = App.open(settings.load(data_dir=tmp_path, **keys), clock=FixedClock(NOW))
    told = payload.plain(list_sources(app.archive))
    with TestClient(rest.application(Answering(app)), base_url="http://127.0.0.1") as client:
        answered = client.get("/api/v1/sources")
        assert told == answered.json()
        kis = next(one for one in told["rows"] if one["name"] == "kis")
        assert [kis] == client.get("/api/v1/sources?source=KIS").json()["rows"]
        wrong = client.get("/api/v1/sources", params={"source": "toss"})
    assert (422, "INVALID_ARGUMENT") == (wrong.status_code, wrong.json()["code"]) and "kis" in wrong.json()["hint"]
    assert "hidden-" not in answered.text
    assert (True, ["given", "given"]) == (kis["on"], [need["place"] for need in kis["needs"]])
    assert {True} == {need["met"] for need in kis["needs"]}


def test_a_key_that_is_set_while_the_server_runs_is_seen(tmp_path: Path) -> None:
    words = "four words of mine"
    loaded = settings.load(data_dir=tmp_path, passphrase=words)
    app = App.open(loaded, clock=FixedClock(NOW))
    answering, case = Answering(app), registry.usecases()["list_sources"]
    assert not answering.ask(case, {"source": "dart"}).plain["rows"][0]["on"]
    app.settings.stored.keep("dart_api_key", "x" * 40, Place.FILE)
    assert answering.ask(case, {"source": "dart"}).plain["rows"][0]["on"]


def test_an_archive_that_nobody_described_knows_the_sources_all_the_same(tmp_path: Path) -> None:
    told = list_sources(open_archive(tmp_path))
    assert list(sources.vendors()) == [one.name for one in told.rows] and not any(one.on for one in told.rows)
    with pytest.raises(Refused, match="'toss'"):
        list_sources(open_archive(tmp_path), source="toss")


def test_an_extra_is_there_when_all_its_packages_are() -> None:
    assert describing.installed("ml")
    assert not describing.installed("no such extra")


def test_what_is_missing_is_said_once() -> None:
    needs = [Need("key", "krx_id", ""), Need("switch", "krx_login", ""), Need("extra", "krx", "")]
    assert (
        "SUGEUP_KRX_ID is not set, SUGEUP_KRX_LOGIN is not true, the extra krx is not installed"
        == describing.missing_of(needs)
    )
    assert "" == describing.missing_of([Need("key", "krx_id", "keychain")])


@pytest.mark.slow
def test_a_table_a_page_and_json(tmp_path: Path) -> None:
    table = run(tmp_path, "sources")
    assert 0 == table.returncode and "한국투자증권" in table.stdout and "SUGEUP_NAVER" in table.stdout
    page = run(tmp_path, "sources", "KIS").stdout
    assert (
        "apiportal.koreainvestment.com" in page and "종목별 투자자별 일별 매매동향" in page and "160 sessions" in page
    )
    found = json.loads(run(tmp_path, "sources", "--json").stdout)
    assert list(sources.vendors()) == [one["name"] for one in found["rows"]]
    assert run(tmp_path, "sources", "--csv").stdout.startswith("source,on,dataset,korean,reach,scopes,depth")
    unknown = run(tmp_path, "sources", "toss")
    assert 64 == unknown.returncode and "There are: " in unknown.stderr and "kis" in unknown.stderr


@pytest.mark.slow
def test_a_key_is_never_part_of_what_is_listed(tmp_path: Path) -> None:
    given = {"SUGEUP_KIS_APP_KEY": "hidden-key-1", "SUGEUP_KIS_APP_SECRET": "hidden-secret-2"}
    for words in (("sources",), ("sources", "kis"), ("sources", "--json"), ("doctor", "--json")):
        done = run(tmp_path, *words, **given)
        assert "hidden-" not in done.stdout + done.stderr
