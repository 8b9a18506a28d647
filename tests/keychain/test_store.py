"""Keys are kept in the keychain or in the encrypted file, asked for only where they are, and never by mistake."""

from __future__ import annotations

import builtins
import threading
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backends import fail, null

from sugeup.errors import ConfigError, Refused, Retryable
from sugeup.keychain import KeyStore, Place
from tests.support.keychains import Forgetful, Memory


class Asking:
    """Gives a passphrase and counts how often it was asked."""

    def __init__(self, words: str = "correct horse") -> None:
        self.words = words
        self.asked: list[bool] = []

    def __call__(self, new: bool) -> str:
        self.asked.append(new)
        return self.words


@pytest.fixture
def asking() -> Asking:
    return Asking()


@pytest.fixture
def store(tmp_path: Path, asking: Asking, cheap: None) -> KeyStore:
    return KeyStore(tmp_path / "keys", asking)


def test_a_key_in_the_keychain_comes_back_and_no_file_holds_it(store: KeyStore, chain: Memory, tmp_path: Path) -> None:
    store.keep("kis_app_key", "abcdef", Place.KEYCHAIN)
    assert {"kis_app_key": Place.KEYCHAIN} == store.places()
    assert {"kis_app_key": "abcdef"} == store.read(["kis_app_key", "ls_app_key"])
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"abcdef" in path.read_bytes()]


def test_the_keychain_is_asked_for_nothing_that_was_not_stored_there(store: KeyStore, chain: Memory) -> None:
    chain.held["ls_app_key"] = "from another program"
    store.keep("kis_app_key", "abcdef", Place.KEYCHAIN)
    chain.asked.clear()
    store.places()
    assert {} == store.read(["ls_app_key"])
    assert [] == chain.asked


def test_nobody_is_asked_where_nothing_is_stored(store: KeyStore, chain: Memory, asking: Asking) -> None:
    assert {} == store.places() and {} == store.read(["kis_app_key"])
    assert [] == chain.asked and [] == asking.asked


def test_a_new_passphrase_is_asked_for_as_new_and_the_file_is_opened_once(store: KeyStore, asking: Asking) -> None:
    store.keep("kis_app_key", "abcdef", Place.FILE)
    store.keep("kis_app_secret", "ghijkl", Place.FILE)
    assert [True, False] == asking.asked
    for _ in range(2):
        assert {"kis_app_key": "abcdef", "kis_app_secret": "ghijkl"} == store.read(["kis_app_key", "kis_app_secret"])
    assert [True, False, False] == asking.asked


def test_the_keychain_goes_before_the_file(store: KeyStore, chain: Memory) -> None:
    store.keep("kis_app_key", "from-file", Place.FILE)
    store.keep("kis_app_key", "from-chain", Place.KEYCHAIN)
    assert {"kis_app_key": "from-chain"} == store.read(["kis_app_key"])
    chain.held.clear()  # removed with the system's own tool
    assert {"kis_app_key": "from-file"} == store.read(["kis_app_key"])


def test_a_key_that_moves_to_the_file_leaves_the_keychain(store: KeyStore, chain: Memory) -> None:
    store.keep("kis_app_key", "abcdef", Place.KEYCHAIN)
    store.keep("kis_app_key", "ghijkl", Place.FILE)
    assert {} == chain.held and {"kis_app_key": Place.FILE} == store.places()


def test_a_removed_key_is_nowhere(store: KeyStore, chain: Memory) -> None:
    store.keep("kis_app_key", "abcdef", Place.FILE)
    store.keep("kis_app_key", "ghijkl", Place.KEYCHAIN)
    assert (Place.KEYCHAIN, Place.FILE) == store.remove("kis_app_key")
    assert {} == store.places() and {} == chain.held and () == store.remove("kis_app_key")


def test_a_wrong_passphrase_changes_nothing(store: KeyStore, asking: Asking) -> None:
    store.keep("kis_app_key", "abcdef", Place.FILE)
    asking.words = "another horse"
    for wrong in (
        lambda: store.keep("ls_app_key", "ghijkl", Place.FILE),
        lambda: store.remove("kis_app_key"),
        lambda: store.read(["kis_app_key"]),
    ):
        with pytest.raises(ConfigError, match="passphrase"):
            wrong()
    asking.words = "correct horse"
    assert {"kis_app_key": "abcdef"} == store.read(["kis_app_key"])


def test_a_locked_keychain_is_named_and_nothing_is_noted(store: KeyStore, chain: Memory) -> None:
    chain.locked = True
    with pytest.raises(ConfigError, match="locked") as caught:
        store.keep("kis_app_key", "abcdef", Place.KEYCHAIN)
    assert "--file" in (caught.value.hint or "") and {} == store.places()


@pytest.mark.parametrize(
    ("backend", "words"),
    [(fail.Keyring(), "no keychain"), (null.Keyring(), "does not protect"), (Forgetful(), "did not keep")],
)
def test_a_keychain_that_keeps_nothing_is_refused(store: KeyStore, chain: Memory, backend: Any, words: str) -> None:
    keyring.set_keyring(backend)
    with pytest.raises(ConfigError, match=words) as caught:
        store.keep("kis_app_key", "abcdef", Place.KEYCHAIN)
    assert "--file" in (caught.value.hint or "") and {} == store.places()


@pytest.mark.parametrize(("package", "place"), [("keyring", Place.KEYCHAIN), ("cryptography", Place.FILE)])
def test_a_missing_package_is_named_with_its_extra(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch, package: str, place: Place
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == package:
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=package) as caught:
        store.keep("kis_app_key", "abcdef", place)
    assert "sugeup[keys]" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "value", ["", " abc", "ab c", "abc\n", "ab\tc", "ab\x00c", "키abc", "ab\x7fc", "a" * 1001, "abc\u200b"]
)
def test_what_can_be_no_key_is_refused_and_not_repeated(store: KeyStore, value: str) -> None:
    with pytest.raises(Refused) as caught:
        store.keep("kis_app_key", value, Place.FILE)
    assert not value.strip() or value not in str(caught.value)
    assert {} == store.places()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"names": "kis"}'])
def test_a_damaged_list_of_names_is_named(store: KeyStore, tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "keychain.json").write_text(text)
    with pytest.raises(ConfigError, match=r"keychain\.json is damaged"):
        store.places()


def test_many_at_once_lose_no_key(tmp_path: Path, cheap: None) -> None:
    names = [f"key_{number}" for number in range(12)]

    def keep(name: str) -> None:
        KeyStore(tmp_path, Asking()).keep(name, f"value-{name}", Place.FILE)

    threads = [threading.Thread(target=keep, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: f"value-{name}" for name in names} == KeyStore(tmp_path, Asking()).read(names)


def test_who_waits_too_long_for_another_is_told(store: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sugeup.keychain.WAIT", 0.05)
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with store._alone():
            inside.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(10)
    try:
        with pytest.raises(Retryable) as caught:
            store.keep("kis_app_key", "abcdef", Place.FILE)
        assert "BUSY" == caught.value.code
    finally:
        done.set()
        thread.join()
