"""`sugeup sources`: every source with what it gives and needs, whether it is asked and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sugeup import records, settings, sources
from sugeup.faces import source_command
from sugeup.observe import describing
from sugeup.observe.describing import Need
from sugeup.settings import LakeName, Settings
from tests.faces.test_cli import run


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields:
        for name in settings.aliases(field):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SUGEUP_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def listed(lake: LakeName = LakeName.REAL, **given: object) -> dict[str, describing.Source]:
    return {one.name: one for one in source_command.listed(settings.load(**given), lake)}


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
    assert {"name", "korean", "on", "why", "needs", "gives", "page", "terms", "calls", "seconds", "quota"} <= set(
        found[0]
    )
    unknown = run(tmp_path, "sources", "toss")
    assert 64 == unknown.returncode and "There are: " in unknown.stderr and "kis" in unknown.stderr


@pytest.mark.slow
def test_a_key_is_never_part_of_what_is_listed(tmp_path: Path) -> None:
    given = {"SUGEUP_KIS_APP_KEY": "hidden-key-1", "SUGEUP_KIS_APP_SECRET": "hidden-secret-2"}
    for words in (("sources",), ("sources", "kis"), ("sources", "--json"), ("doctor", "--json")):
        done = run(tmp_path, *words, **given)
        assert "hidden-" not in done.stdout + done.stderr
