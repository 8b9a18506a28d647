"""Settings: keys under all their names and from all their places, never shown, never asked for without need."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from sugeup import settings
from sugeup.errors import ConfigError, Refused
from sugeup.keychain import Place, sealed
from sugeup.settings import SANDBOX, SANDBOX_KEYS, LakeName, Settings
from tests.support.keychains import Memory

KIS = ("kis_app_key", "kis_app_secret")
WORDS = "correct horse"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields:
        for name in settings.aliases(field):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SUGEUP_DATA_DIR", str(tmp_path / "home"))
    monkeypatch.setattr(sealed, "COST", 2**10)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def chain() -> Iterator[Memory]:
    before = keyring.get_keyring()
    found = Memory()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


@pytest.mark.parametrize(
    ("variables", "keys"),
    [
        (("SUGEUP_KIS_APP_KEY", "SUGEUP_KIS_APP_SECRET"), KIS),
        (("KOREA_INVESTMENT_APP_KEY", "KOREA_INVESTMENT_APP_SECRET"), KIS),
        (("SUGEUP_LS_APP_KEY", "SUGEUP_LS_APP_SECRET"), ("ls_app_key", "ls_app_secret")),
        (("EBEST_APP_KEY", "EBEST_APP_SECRET"), ("ls_app_key", "ls_app_secret")),
        (("KRX_ID", "KRX_PW"), ("krx_id", "krx_pw")),
        (("SUGEUP_DART_API_KEY", "SUGEUP_KRX_API_KEY"), ("dart_api_key", "krx_api_key")),
    ],
)
def test_keys_are_read_under_every_name(
    monkeypatch: pytest.MonkeyPatch, variables: tuple[str, str], keys: tuple[str, str]
) -> None:
    for name, value in zip(variables, ("abcdef", "uvwxyz"), strict=True):
        monkeypatch.setenv(name, value)
    assert ("abcdef", "uvwxyz") == settings.load().secrets(keys, LakeName.REAL)


def test_keys_and_the_passphrase_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, field in enumerate([*settings.key_fields(), "passphrase"]):
        monkeypatch.setenv(settings.variable(field), f"secret-{number}")
    loaded = settings.load()
    assert "secret-" not in repr(loaded) + str(loaded) + loaded.model_dump_json()


def test_every_secret_is_a_key_that_can_be_named() -> None:
    assert {"kis_app_key", "kis_app_secret", "krx_pw", "dart_api_key"} <= set(settings.key_fields())
    assert "passphrase" not in settings.key_fields()


@pytest.mark.parametrize(
    "name", ["kis_app_key", "KIS_APP_KEY", " kis-app-key ", "SUGEUP_KIS_APP_KEY", "korea_investment_app_key"]
)
def test_a_key_goes_by_all_its_names(name: str) -> None:
    assert "kis_app_key" == settings.key_field(name)


@pytest.mark.parametrize("name", ["", "key", "SUGEUP_PASSPHRASE", "port", "x" * 500])
def test_another_name_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(Refused) as caught:
        settings.key_field(name)
    assert "kis_app_key" in (caught.value.hint or "") and len(caught.value.message) < 80


def test_missing_keys_are_named_with_where_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="SUGEUP_KIS_APP_KEY and SUGEUP_KIS_APP_SECRET are not set") as caught:
        settings.load().secrets(KIS, LakeName.REAL)
    assert "NO_CREDENTIALS" == caught.value.code and "sugeup keys set" in (caught.value.hint or "")
    monkeypatch.setenv("SUGEUP_KIS_APP_KEY", "abcdef")
    with pytest.raises(ConfigError, match=r"^NO_CREDENTIALS: SUGEUP_KIS_APP_SECRET is not set"):
        settings.load().secrets(KIS, LakeName.REAL)


def test_an_empty_variable_is_one_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a copied .env whose values are still to be filled in."""
    monkeypatch.setenv("SUGEUP_KIS_APP_KEY", "")
    monkeypatch.setenv("SUGEUP_PORT", "")
    assert settings.load().kis_app_key is None and 8410 == settings.load().port


def test_a_key_comes_from_the_first_place_that_has_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chain: Memory
) -> None:
    monkeypatch.setenv("SUGEUP_PASSPHRASE", WORDS)
    store = settings.load().stored

    def found() -> tuple[str, str]:
        loaded = settings.load()
        return loaded.secrets(["kis_app_key"], LakeName.REAL)[0], loaded.key_places()["kis_app_key"]

    store.keep("kis_app_key", "from-file", Place.FILE)
    assert ("from-file", "encrypted file") == found()
    store.keep("kis_app_key", "from-chain", Place.KEYCHAIN)
    assert ("from-chain", "keychain") == found()
    (tmp_path / ".env").write_text("KOREA_INVESTMENT_APP_KEY=from-dotenv\n")
    assert ("from-dotenv", ".env") == found()
    monkeypatch.setenv("SUGEUP_KIS_APP_KEY", "from-environment")
    assert ("from-environment", "environment") == found()
    given = settings.load(kis_app_key="from-call")
    assert ("from-call",) == given.secrets(["kis_app_key"], LakeName.REAL)


def test_key_and_secret_may_lie_in_different_places(monkeypatch: pytest.MonkeyPatch, chain: Memory) -> None:
    monkeypatch.setenv("SUGEUP_KIS_APP_KEY", "from-environment")
    settings.load().stored.keep("kis_app_secret", "from-chain", Place.KEYCHAIN)
    chain.asked.clear()
    assert ("from-environment", "from-chain") == settings.load().secrets(KIS, LakeName.REAL)
    assert ["kis_app_secret"] == chain.asked


def test_other_settings_stay_as_they_were_given(monkeypatch: pytest.MonkeyPatch, chain: Memory) -> None:
    settings.load().stored.keep("kis_app_key", "from-chain", Place.KEYCHAIN)
    monkeypatch.setenv("LOG_LEVEL", "debug")
    given = settings.load(port=9000, kis_calls=3, log_level="ERROR")
    keyed = given.keyed(["kis_app_key"])
    assert keyed.kis_app_key is not None and "from-chain" == keyed.kis_app_key.get_secret_value()
    assert given.model_dump(exclude={"kis_app_key"}) == keyed.model_dump(exclude={"kis_app_key"})


def test_nothing_but_a_need_for_the_key_asks_the_keychain(chain: Memory) -> None:
    settings.load().stored.keep("kis_app_key", "from-chain", Place.KEYCHAIN)
    chain.asked.clear()
    chain.locked = True
    loaded = settings.load()
    assert loaded.asks("kis", KIS, "", LakeName.REAL)
    assert not loaded.asks("ls", ["ls_app_key"], "", LakeName.REAL)
    assert {"kis_app_key": "keychain"} == loaded.key_places()
    assert SANDBOX_KEYS == loaded.secrets(KIS, LakeName.SIMULATED)
    assert [] == chain.asked
    with pytest.raises(ConfigError, match="locked"):
        loaded.secrets(KIS, LakeName.REAL)


def test_a_locked_keychain_harms_nobody_whose_keys_are_elsewhere(
    monkeypatch: pytest.MonkeyPatch, chain: Memory
) -> None:
    settings.load().stored.keep("ls_app_key", "from-chain", Place.KEYCHAIN)
    chain.locked = True
    for name in KIS:
        monkeypatch.setenv(settings.variable(name), f"{name}-value")
    assert ("kis_app_key-value", "kis_app_secret-value") == settings.load().secrets(KIS, LakeName.REAL)


def test_the_passphrase_comes_from_a_variable_or_the_first_line_of_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.load(passphrase=WORDS).stored.keep("kis_app_key", "abcdef", Place.FILE)
    (tmp_path / "words").write_text(f"{WORDS}\r\nmore\n")
    monkeypatch.setenv("SUGEUP_PASSPHRASE_FILE", str(tmp_path / "words"))
    assert ("abcdef",) == settings.load().secrets(["kis_app_key"], LakeName.REAL)
    monkeypatch.setenv("SUGEUP_PASSPHRASE", "another horse")
    with pytest.raises(ConfigError, match="does not open"):
        settings.load().secrets(["kis_app_key"], LakeName.REAL)


def test_a_passphrase_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.load(passphrase=WORDS).stored.keep("kis_app_key", "abcdef", Place.FILE)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "none", tmp_path, tmp_path / "binary"):
        with pytest.raises(ConfigError, match="SUGEUP_PASSPHRASE_FILE"):
            settings.load(passphrase_file=path).secrets(["kis_app_key"], LakeName.REAL)


def test_without_anybody_to_ask_the_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.load(passphrase=WORDS).stored.keep("kis_app_key", "abcdef", Place.FILE)
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(ConfigError, match="nobody is here") as caught:
        settings.load().secrets(["kis_app_key"], LakeName.REAL)
    assert "SUGEUP_PASSPHRASE_FILE" in (caught.value.hint or "")


def test_commands_without_keys_load_nothing_of_keychains(chain: Memory) -> None:
    """A slow keychain must not make the first answer late."""
    settings.load().stored.keep("kis_app_key", "from-chain", Place.KEYCHAIN)
    code = (
        "import sys; from sugeup.app import App; from sugeup import settings; loaded = settings.load(); "
        "App.open(loaded).supply.vendors; loaded.key_places(); "
        "names = {one.split('.')[0] for one in sys.modules}; "
        "print(loaded.stored.places(), *{'keyring', 'cryptography', 'filelock'} & names)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "{'kis_app_key': <Place.KEYCHAIN: 'keychain'>}" == done.stdout.strip()


def test_a_source_is_asked_when_it_has_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not settings.load().asks("kis", KIS, "", LakeName.REAL)
    assert not settings.load().asks("naver", (), "naver", LakeName.REAL)
    monkeypatch.setenv("SUGEUP_NAVER", "true")
    monkeypatch.setenv("SUGEUP_KIS_APP_SECRET", "abcdef")
    assert settings.load().asks("naver", (), "naver", LakeName.REAL)
    assert settings.load().asks("kis", KIS, "", LakeName.REAL), "one of two tells that both were meant"
    assert [True, False] == [settings.load().asks(name, (), "", LakeName.SIMULATED) for name in ("kis", "naver")]
    monkeypatch.setenv("SUGEUP_SOURCES", "LS, krx,")
    assert ("ls", "krx") == settings.load().sources
    assert [True, False] == [settings.load().asks(name, (), "", LakeName.REAL) for name in ("ls", "kis")]


def test_the_simulated_lake_asks_the_sandbox_with_keys_that_open_nothing_else() -> None:
    loaded = settings.load()
    assert SANDBOX_KEYS == loaded.secrets(KIS, LakeName.SIMULATED)
    assert (SANDBOX_KEYS[0],) == loaded.secrets(["krx_api_key"], LakeName.SIMULATED)
    assert SANDBOX == loaded.sandbox()


@pytest.mark.parametrize("url", ["https://openapi.koreainvestment.com:9443", "http://10.0.0.1:8420", "here"])
def test_a_sandbox_is_on_this_machine(url: str) -> None:
    with pytest.raises(ConfigError, match="SUGEUP_SANDBOX_URL") as caught:
        settings.load(sandbox_url=url).sandbox()
    assert url in caught.value.message


def test_a_wrong_value_is_named_and_a_secret_in_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUGEUP_PORT", "many")
    with pytest.raises(ConfigError, match="SUGEUP_PORT='many'"):
        settings.load()
    monkeypatch.delenv("SUGEUP_PORT")
    for field in ("krx_pw", "passphrase", "kis_app_key"):
        with pytest.raises(ConfigError) as caught:
            settings.load(**{field: ["hidden-value"]})
        assert "hidden-value" not in str(caught.value) and "***" in str(caught.value)
