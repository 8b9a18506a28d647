"""`sugeup job` in processes of their own against a sandbox; what is in the lake afterwards, held against the truth."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from sugeup.app import App
from sugeup.archive import Archive
from sugeup.market.clock import FixedClock
from sugeup.sandbox.kis_auth import SECRET
from sugeup.sandbox.market import SimulatedMarket
from sugeup.settings import LakeName, Settings
from tests.support.published import UNITS, published
from tests.support.sandboxes import seoul

FAST = {"SUGEUP_KIS_CALLS": "20", "SUGEUP_KIS_WINDOW": "0.05"}


@dataclass(frozen=True)
class Collected:
    """A data folder that is filled from a sandbox at an address."""

    home: Path
    address: str

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a process."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SUGEUP_", "KOREA_"))}
        return kept | FAST | {"SUGEUP_DATA_DIR": str(self.home), "SUGEUP_KIS_URL": self.address} | more

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

    def holds(self, market: SimulatedMarket, days: Sequence[date], datasets: Sequence[str] = tuple(UNITS)) -> None:
        """The lake holds the published figures of these days, all of them, and nothing else of these days."""
        archive = self.archive
        for dataset in datasets:
            wanted = published(market, dataset, days)
            stored = archive.read(dataset).filter(pl.col("session").is_in(list(days)))
            if dataset in {"index_day", "investor_day_market"}:  # sectors are collected as far as they are known
                scope = wanted.columns[0]
                wanted = wanted.filter(pl.col(scope).is_in(stored[scope].unique().to_list()))
                assert {"KOSPI", "KOSDAQ"} <= {*stored[scope]}
            assert_frame_equal(wanted, stored.select(wanted.columns).sort(wanted.columns[:2]), check_exact=True)

    def tells_no_secret(self, *said: str) -> None:
        """Neither the words of the processes nor any file of the hub or the lake's state holds the secret."""
        for text in said:
            assert SECRET not in text
        for file in self.home.rglob("*"):
            if file.is_file() and "token" not in file.name and file.suffix in {".jsonl", ".sqlite", ".json", ".log"}:
                assert SECRET.encode() not in file.read_bytes(), file
