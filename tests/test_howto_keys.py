"""The page on keys does what it says: its commands are run in their order, against a keychain of the test."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sugeup import settings
from tests.faces.test_key_commands import environment

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "keys.md"
KEY = "PSabcdefghijklmnopqrstuvwxyz01234567"


@pytest.mark.slow
def test_every_command_of_the_page_works(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    words = tmp_path / "passphrase"
    words.write_text("correct horse battery\n")
    (variable,) = re.findall(r"^```ini\n(\w+)=.*\n```$", text, re.MULTILINE)
    given = environment(tmp_path, KEY=KEY, **{variable: str(words)})
    given["PATH"] = f"{Path(sys.executable).parent}:{given['PATH']}"
    ran = []
    for line in "\n".join(re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)).splitlines():
        if not line:
            continue
        piped = "" if "|" in line else KEY
        done = subprocess.run(
            ["bash", "-c", line], env=given, cwd=tmp_path, input=piped, capture_output=True, text=True, check=False
        )
        assert 0 == done.returncode, (line, done.stderr)
        assert KEY not in done.stdout + done.stderr
        ran.append(line)
    assert 9 == len(ran)
    assert "kis_app_key" not in (tmp_path / "keys" / "keychain.json").read_text(), "the last command removes it"


def test_the_messages_of_the_page_are_those_of_the_program() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for name in ("keychain/__init__.py", "keychain/system.py", "keychain/sealed.py", "settings.py")
        for path in [Path(settings.__file__).parent / name]
    )
    table = PAGE.read_text(encoding="utf-8").partition("| message |")[2]
    messages = re.findall(r"^\| ([^|]+?)(?: …)? \|", table, re.MULTILINE)
    assert 5 == len(messages) and all(message in source for message in messages)
