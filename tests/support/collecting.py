"""`sugeup job` in processes of their own against a sandbox; what is in the lake afterwards, held against the truth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sugeup.app import App
from sugeup.archive import Archive
from sugeup.market.clock import FixedClock
from sugeup.sandbox.kis.auth import SECRET
from sugeup.sandbox.market import SimulatedMarket
from sugeup.settings import LakeName, Settings
from tests.support.holding import Held
from tests.support.holding_ls import HeldOfLs
from tests.support.sandboxes import seoul

FAST = {
    "kis": {"SUGEUP_KIS_CALLS": "20", "SUGEUP_KIS_WINDOW": "0.05"},
    "ls": {"SUGEUP_SANDBOX_HURRY": "1000"},
}


@dataclass(frozen=True)
class Collected:
    """A data folder that is filled from one vendor of a sandbox at an address."""

    home: Path
    address: str
    vendor: str = "kis"

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a process."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SUGEUP_", "KOREA_"))}
        where = {"SUGEUP_DATA_DIR": str(self.home), "SUGEUP_SANDBOX_URL": self.address, "SUGEUP_SOURCES": self.vendor}
        return kept | FAST[self.vendor] | where | more

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """`sugeup --lake simulated job …`, started."""
        return subprocess.Popen(
            [sys.executable, "-m", "sugeup", "--lake", "simulated", "job", *words],
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, code: int | None = 0, **more: str) -> tuple[int, str]:
        """The same, waited for: its exit code (as expected, unless None) and all that it said."""
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=300)
        said = out + err
        assert "Traceback" not in said, said
        assert code is None or code == process.returncode, said
        return process.returncode, said

    @property
    def archive(self) -> Archive:
        """The lake, opened anew."""
        loaded = Settings(data_dir=self.home)
        return App.open(loaded, LakeName.SIMULATED, FixedClock(seoul("2026-01-01T00:00"))).archive

    def held(self, market: SimulatedMarket, *asked: date) -> Held:
        """What is stored, to be held against a market whose lists were asked for on these days."""
        made = HeldOfLs if self.vendor == "ls" else Held
        return made(self.archive, self.home / "simulated", market, asked)

    def tells_no_secret(self, *said: str) -> None:
        """Neither the words of the processes nor any file holds the secret or a token, but for the token's own file."""
        kept = list(self.home.rglob("*.token.json"))
        hidden = [SECRET, *(json.loads(file.read_text())["token"] for file in kept)]
        texts = [text.encode() for text in said]
        files = {file: file.read_bytes() for file in self.home.rglob("*") if file.is_file() and file not in kept}
        assert any(file.name.endswith(".audit.jsonl") for file in files), "no log was written"
        for word in hidden:
            assert not [text for text in texts if word.encode() in text]
            assert not [file for file, held in files.items() if word.encode() in held]
