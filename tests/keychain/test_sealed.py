"""The encrypted file gives its keys to the passphrase alone, is whole or absent, and notices every change to it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sugeup.errors import ConfigError, Refused
from sugeup.keychain import sealed
from sugeup.keychain.sealed import Sealed

WORDS = "correct horse battery"


@pytest.fixture
def file(tmp_path: Path, cheap: None) -> Sealed:
    return Sealed(tmp_path / "keys.sealed.json")


def test_keys_come_back_with_the_passphrase_and_names_without_it(file: Sealed) -> None:
    file.write({"b": "two", "a": "one"}, WORDS)
    assert {"a": "one", "b": "two"} == file.open(WORDS)
    assert ("a", "b") == file.names()


def test_the_usual_cost_is_that_of_a_strong_lock(tmp_path: Path) -> None:
    assert 2**17 <= sealed.COST
    file = Sealed(tmp_path / "file")
    file.write({"a": "one"}, WORDS)
    assert {"a": "one"} == file.open(WORDS)


def test_a_wrong_passphrase_is_told_apart_from_damage(file: Sealed, tmp_path: Path) -> None:
    file.write({"a": "one"}, WORDS)
    with pytest.raises(ConfigError, match="passphrase does not open") as caught:
        file.open("correct horse batterie")
    assert "delete the file" in (caught.value.hint or "")


def test_no_value_and_no_passphrase_stands_in_the_file_which_is_its_owners_alone(file: Sealed, tmp_path: Path) -> None:
    file.write({"a": "one-and-only"}, WORDS)
    path = tmp_path / "keys.sealed.json"
    assert b"one-and-only" not in path.read_bytes() and WORDS.encode() not in path.read_bytes()
    assert 0o600 == path.stat().st_mode & 0o777
    path.chmod(0o644)
    file.names()
    assert 0o600 == path.stat().st_mode & 0o777


def test_the_same_keys_are_sealed_differently_each_time(file: Sealed, tmp_path: Path) -> None:
    texts = set()
    for _ in range(2):
        file.write({"a": "one"}, WORDS)
        texts.add((tmp_path / "keys.sealed.json").read_text())
    assert 2 == len(texts)


@pytest.mark.parametrize("name", ["names", "salt", "nonce", "sealed", "n", "kdf"])
def test_a_changed_file_is_refused(file: Sealed, tmp_path: Path, name: str) -> None:
    file.write({"a": "one"}, WORDS)
    path = tmp_path / "keys.sealed.json"
    held = json.loads(path.read_text())
    other = {"names": ["b"], "n": 2**9, "kdf": "md5"}.get(name) or base64.b64encode(b"x" * 16).decode()
    path.write_text(json.dumps(held | {name: other}))
    with pytest.raises(ConfigError):
        file.open(WORDS)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"format": 1, "kdf": "scrypt", "n": 3, "names": []}', '{"format": 9}', "\x00\xff"]
)
def test_a_damaged_file_says_what_to_do(file: Sealed, tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.sealed.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        file.open(WORDS)
    assert caught.value.hint


@pytest.mark.parametrize("n", [0, -2, 1, 3, 2**40, "8", True, None])
def test_a_cost_that_is_none_costs_nothing(file: Sealed, tmp_path: Path, n: object) -> None:
    """A file from elsewhere must not make this machine work for hours."""
    file.write({"a": "one"}, WORDS)
    path = tmp_path / "keys.sealed.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"n": n}))
    with pytest.raises(ConfigError, match="damaged"):
        file.open(WORDS)


def test_a_short_passphrase_is_refused_and_nothing_is_written(file: Sealed) -> None:
    with pytest.raises(Refused, match="7 characters"):
        file.write({"a": "one"}, "1234567")
    assert not file.exists()


def test_without_keys_there_is_no_file(file: Sealed) -> None:
    file.write({"a": "one"}, WORDS)
    file.write({}, WORDS)
    assert not file.exists() and () == file.names() and {} == file.open(WORDS)


def test_a_writer_that_was_killed_half_way_leaves_the_old_file(file: Sealed, tmp_path: Path) -> None:
    file.write({"a": "one"}, WORDS)
    (tmp_path / "keys.sealed.json.new").write_text("half")
    assert {"a": "one"} == file.open(WORDS)
    file.write({"a": "two"}, WORDS)
    assert {"a": "two"} == file.open(WORDS)
    assert ["keys.sealed.json"] == [path.name for path in tmp_path.iterdir()]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(st.text("abc_", min_size=1), st.text(st.characters(codec="ascii"), min_size=1), min_size=1),
    st.text(min_size=8, alphabet=st.characters(exclude_categories=["Cs"])),
)
def test_whatever_is_sealed_comes_back(file: Sealed, held: dict[str, str], words: str) -> None:
    file.write(held, words)
    assert held == file.open(words)
