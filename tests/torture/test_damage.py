"""Random damage to random files: it is found or harmless, and after a restore everything undamaged is still there."""

from __future__ import annotations

import os
import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from sugeup import records
from sugeup.errors import SugeupError
from sugeup.records.upkeep import Condition
from sugeup.store.care import Care
from sugeup.store.state import State
from tests.support.archives import NOW, open_archive, open_lake, rows

pytestmark = pytest.mark.torture

ROUNDS = {"ci": 15, "full": 100}[os.environ.get("SCALE", "ci")]
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
STOCK, MARKET = "investor_day_stock", "investor_day_market"


def fill(path: Path) -> None:
    archive = open_archive(path)
    for month in (11, 12):
        for day in (3, 10, 17, 24):
            given = [
                {"code": f"{n:06d}", "session": date(2025, month, day), "foreign_net_volume": n} for n in range(20)
            ]
            archive.fill(STOCK, rows(STOCK, given))
    for number in range(4):
        at = NOW + timedelta(minutes=number)
        given = [{"market": "KOSPI", "session": date(2026, 2, 10), "foreign_net_amount": number * 10**9}]
        archive.fill(MARKET, rows(MARKET, given, ingested_at=at, known_at=at))


def hurt(chance: random.Random, file: Path) -> str:
    """Spoil a file in one of four ways."""
    content = file.read_bytes()
    way = chance.choice(["cut", "emptied", "removed", "replaced"])
    if way == "cut":
        file.write_bytes(content[: chance.randrange(max(len(content) - 1, 1))])
    elif way == "emptied":
        file.write_bytes(b"")
    elif way == "removed":
        file.unlink()
    else:
        file.write_bytes(bytes(chance.randrange(256) for _ in range(len(content))))
    return f"{way} {file.name}"


def test_random_damage_is_found_or_harmless_and_costs_nothing_else(tmp_path: Path) -> None:
    print(f"seed {SEED}, {ROUNDS} rounds")
    chance = random.Random(SEED)  # noqa: S311
    fill(tmp_path / "whole")
    whole = {name: open_archive(tmp_path / "whole").read(name) for name in (STOCK, MARKET)}
    for turn in range(ROUNDS):
        path = tmp_path / f"lake{turn}"
        shutil.copytree(tmp_path / "whole", path)
        files = sorted(file for file in path.rglob("*") if file.is_file() and file.name != ".lock")
        file = chance.choice(files)
        said = f"seed {SEED}, round {turn}: {hurt(chance, file)} of {file.relative_to(path)}"
        care = Care(open_lake(path), State(path / "state.sqlite"), open_archive(path).clock)
        found = [one for one in care.check() if one.condition is Condition.DAMAGED]
        for name, frame in whole.items():
            try:
                seen = open_archive(path).read(name)
            except SugeupError as error:
                assert error.code == "STORE_DAMAGED", said
                assert found, f"{said}: {error}"
            else:
                assert found or seen.height <= frame.height, said
        care.restore()
        assert not [one for one in care.check() if one.condition is Condition.DAMAGED], said
        for name, frame in whole.items():
            after = open_archive(path).read(name)
            key = list(records.dataset(name).full_key)
            assert after.join(frame, on=key, how="anti").is_empty(), said
            if name not in str(file.relative_to(path)):
                assert after.equals(frame), said
        open_archive(path).coverage()
        shutil.rmtree(path)
