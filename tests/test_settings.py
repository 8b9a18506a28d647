"""Settings of collecting: keys under both names, never shown; each lake is filled from its own kind of source."""

from __future__ import annotations

import pytest

from sugeup import settings
from sugeup.errors import ConfigError
from sugeup.settings import SANDBOX, SANDBOX_KEYS, LakeName

OWN = "https://files.example.com"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in ("KEY", "SECRET"):
        monkeypatch.delenv(f"SUGEUP_KIS_APP_{name}", raising=False)
        monkeypatch.delenv(f"KOREA_INVESTMENT_APP_{name}", raising=False)
    monkeypatch.chdir(str(tmp_path))


@pytest.mark.parametrize("prefix", ["SUGEUP_KIS_APP", "KOREA_INVESTMENT_APP"])
def test_keys_are_read_under_both_names(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    monkeypatch.setenv(f"{prefix}_KEY", "abc")
    monkeypatch.setenv(f"{prefix}_SECRET", "xyz")
    assert ("abc", "xyz") == settings.load().kis_credentials(LakeName.REAL)


def test_keys_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUGEUP_KIS_APP_KEY", "abc-secret-1")
    monkeypatch.setenv("SUGEUP_KIS_APP_SECRET", "xyz-secret-2")
    shown = repr(settings.load()) + str(settings.load()) + settings.load().model_dump_json()
    assert "secret-1" not in shown and "secret-2" not in shown


def test_missing_keys_are_named_with_where_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="SUGEUP_KIS_APP_KEY and SUGEUP_KIS_APP_SECRET are not set") as caught:
        settings.load().kis_credentials(LakeName.REAL)
    assert "NO_CREDENTIALS" == caught.value.code and "apiportal.koreainvestment.com" in (caught.value.hint or "")
    monkeypatch.setenv("SUGEUP_KIS_APP_KEY", "abc")
    with pytest.raises(ConfigError, match=r"^NO_CREDENTIALS: SUGEUP_KIS_APP_SECRET is not set"):
        settings.load().kis_credentials(LakeName.REAL)


def test_the_simulated_lake_asks_the_sandbox_with_keys_that_open_nothing_else() -> None:
    loaded = settings.load()
    assert SANDBOX_KEYS == loaded.kis_credentials(LakeName.SIMULATED)
    assert SANDBOX == loaded.kis_address(LakeName.SIMULATED) == loaded.kis_files_address(LakeName.SIMULATED, OWN)
    assert f"{SANDBOX}/lists" == loaded.kis_files_address(LakeName.SIMULATED, f"{OWN}/lists/")


def test_the_real_lake_asks_the_vendor() -> None:
    assert settings.load().kis_address(LakeName.REAL) is None
    assert settings.load().kis_files_address(LakeName.REAL, OWN) is None


@pytest.mark.parametrize(
    ("lake", "url"),
    [(LakeName.REAL, "http://127.0.0.1:8420"), (LakeName.SIMULATED, "https://openapi.koreainvestment.com:9443")],
)
def test_a_lake_is_never_filled_from_the_other_kind_of_source(lake: LakeName, url: str) -> None:
    with pytest.raises(ConfigError, match=lake.value) as caught:
        settings.load(kis_url=url).kis_address(lake)
    assert url in caught.value.message
    with pytest.raises(ConfigError, match="SUGEUP_KIS_FILES_URL"):
        settings.load(kis_files_url=url).kis_files_address(lake, OWN)


def test_files_of_the_sandbox_are_where_the_sandbox_is() -> None:
    loaded = settings.load(kis_url="http://127.0.0.1:9999/")
    assert "http://127.0.0.1:9999" == loaded.kis_address(LakeName.SIMULATED)
    assert "http://127.0.0.1:9999/lists" == loaded.kis_files_address(LakeName.SIMULATED, f"{OWN}/lists")
