"""`sugeup keys`: keys go in unseen and never come out; what cannot be is said with what can."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

KEY = "PSabcdefghijklmnopqrstuvwxyz01234567"
WORDS = "correct horse battery"
HERE = Path(__file__).parents[2]


def environment(home: Path, **more: str) -> dict[str, str]:
    """A process with a keychain of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SUGEUP_", "KOREA_", "EBEST_"))}
    return (
        kept
        | {
            "SUGEUP_DATA_DIR": str(home),
            "PYTHONPATH": str(HERE),
            "PYTHON_KEYRING_BACKEND": "tests.support.keychains.Filed",
            "TEST_KEYCHAIN": str(home / "test-keychain"),
            "COLUMNS": "200",
        }
        | more
    )


def keys(home: Path, *words: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "sugeup", "keys", *words],
        env=environment(home, **more),
        cwd=home,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr and (not given.strip() or given.strip() not in done.stdout + done.stderr)
    return done


def listed(home: Path, **more: str) -> dict[str, dict[str, object]]:
    return {one["name"]: one for one in json.loads(keys(home, "list", "--json", **more).stdout)}


def test_a_key_goes_into_the_keychain_and_is_listed_by_its_end_alone(tmp_path: Path) -> None:
    assert 0 == keys(tmp_path, "set", "KOREA_INVESTMENT_APP_KEY", given=f"{KEY}\n").returncode
    assert KEY in (tmp_path / "test-keychain").read_text()
    done = keys(tmp_path, "list")
    assert KEY not in done.stdout and "…4567" in done.stdout and "keychain" in done.stdout
    found = listed(tmp_path)["kis_app_key"]
    assert ("keychain", "…4567") == (found["place"], found["ends"])


def test_of_a_short_key_no_character_is_shown(tmp_path: Path) -> None:
    keys(tmp_path, "set", "krx_pw", given="short-pass")
    assert "…" == listed(tmp_path)["krx_pw"]["ends"]


def test_a_key_goes_into_the_file_under_a_passphrase(tmp_path: Path) -> None:
    done = keys(tmp_path, "set", "kis_app_key", "--file", given=KEY, SUGEUP_PASSPHRASE=WORDS)
    assert (0, "kis_app_key is stored in the encrypted file.\n") == (done.returncode, done.stdout)
    assert "encrypted file" == listed(tmp_path)["kis_app_key"]["place"]
    assert listed(tmp_path)["kis_app_key"]["ends"] is None, "a list asks for no passphrase"
    assert "…4567" == listed(tmp_path, SUGEUP_PASSPHRASE=WORDS)["kis_app_key"]["ends"]
    assert "cannot be read" == listed(tmp_path, SUGEUP_PASSPHRASE="another horse")["kis_app_key"]["ends"]  # noqa: S106


def test_the_list_says_which_place_goes_first(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SUGEUP_LS_APP_KEY=from-dotenv\n")
    done = keys(tmp_path, "set", "ls_app_key", given=KEY)
    assert "The one in the .env goes first" in done.stdout
    found = listed(tmp_path, KOREA_INVESTMENT_APP_KEY="from-environment")
    assert ("environment", ".env", None) == tuple(
        found[name]["place"] for name in ("kis_app_key", "ls_app_key", "kis_app_secret")
    )


def test_a_removed_key_is_gone_and_what_is_left_is_told(tmp_path: Path) -> None:
    keys(tmp_path, "set", "kis_app_key", given=KEY)
    done = keys(tmp_path, "remove", "kis-app-key", SUGEUP_KIS_APP_KEY="from-environment")
    assert 0 == done.returncode and "still set in the environment" in done.stdout
    assert KEY not in (tmp_path / "test-keychain").read_text()
    assert 64 == keys(tmp_path, "remove", "kis_app_key").returncode


@pytest.mark.parametrize(
    ("words", "given", "status", "said"),
    [
        (("set", "kis_key"), KEY, 64, "There are: kis_app_key"),
        (("set", "kis_app_key"), "", 64, "is empty"),
        (("set", "kis_app_key"), "\n", 64, "is empty"),
        (("set", "kis_app_key"), "one two three\n", 64, "has spaces"),
        (("set", "kis_app_key"), "one\ntwo-and-three\n", 64, "has spaces or line ends"),
        (("set", "kis_app_key"), "key\x07with-a-bell", 64, "characters in it"),
        (("set", "kis_app_key", "--file"), KEY, 78, "SUGEUP_PASSPHRASE_FILE"),
        (("set", "kis_app_key", KEY), "", 64, "unexpected extra argument"),
        (("remove", "kis_app_key"), "", 64, "stored neither"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, words: tuple[str, ...], given: str, status: int, said: str) -> None:
    done = keys(tmp_path, *words, given=given)
    assert status == done.returncode and said in done.stderr
    assert not (tmp_path / "test-keychain").exists()


def test_a_wrong_passphrase_is_said_and_keeps_what_was_there(tmp_path: Path) -> None:
    keys(tmp_path, "set", "kis_app_key", "--file", given=KEY, SUGEUP_PASSPHRASE=WORDS)
    before = (tmp_path / "keys" / "keys.sealed.json").read_bytes()
    done = keys(tmp_path, "set", "kis_app_secret", "--file", given=KEY, SUGEUP_PASSPHRASE="wrong horse")  # noqa: S106
    assert 78 == done.returncode and "passphrase does not open" in done.stderr
    assert before == (tmp_path / "keys" / "keys.sealed.json").read_bytes()


def test_a_system_without_a_keychain_is_told_of_the_file(tmp_path: Path) -> None:
    done = keys(tmp_path, "set", "kis_app_key", given=KEY, PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")
    assert 78 == done.returncode and "no keychain" in done.stderr and "--file" in done.stderr


@pytest.mark.torture
def test_two_processes_at_once_both_store_their_key(tmp_path: Path) -> None:
    names = ("kis_app_key", "kis_app_secret", "ls_app_key", "ls_app_secret")
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "sugeup", "keys", "set", name, "--file"],
            env=environment(tmp_path, SUGEUP_PASSPHRASE=WORDS),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for process in started:
        assert "" == process.communicate(KEY, timeout=60)[1] and 0 == process.returncode
    assert set(names) == {name for name, one in listed(tmp_path).items() if one["set"]}


def test_in_a_terminal_neither_key_nor_passphrase_is_shown(tmp_path: Path) -> None:
    """Typed into a real terminal device, which would repeat every character."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sugeup", "keys", "set", "kis_app_key", "--file"],
        env=environment(tmp_path),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=_own_terminal,
    )
    os.close(theirs)
    said = b""
    for sign, typed in ((b"not shown", KEY), (b"New passphrase", WORDS), (b"same again", WORDS)):
        said = _until(ours, said, sign)
        time.sleep(0.2)  # it turns the echo off first
        os.write(ours, f"{typed}\n".encode())
    said = _until(ours, said, b"is stored")
    assert 0 == process.wait(30)
    os.close(ours)
    assert KEY.encode() not in said and WORDS.encode() not in said
    assert "…4567" == listed(tmp_path, SUGEUP_PASSPHRASE=WORDS)["kis_app_key"]["ends"]


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _until(descriptor: int, said: bytes, sign: bytes) -> bytes:
    while sign not in said:
        part = os.read(descriptor, 4096)
        assert part, said
        said += part
    return said
