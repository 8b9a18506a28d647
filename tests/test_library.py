"""`import sugeup`: the public names, typed, cheap to import, and answering as the faces do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sugeup
from sugeup import registry
from sugeup.errors import ConfigError, Refused


def test_every_use_case_is_a_public_name_and_nothing_else_is() -> None:
    assert sorted(["open_archive", *registry.usecases()]) == sugeup.__all__


def test_a_public_name_answers_from_the_sample(sample_home: Path) -> None:
    archive = sugeup.open_archive("demo", sample_home)
    answer = sugeup.get_investor_trading(archive, stock_code="005930", session=None, investor_type="FOREIGN")
    assert answer.investor_data.foreign is not None
    assert answer.investor_data.foreign.net_volume is not None


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(AttributeError, match="get_investor_trading"):
        _ = sugeup.get_everything


def test_importing_sugeup_loads_no_heavy_library() -> None:
    loaded = (
        "import sys, sugeup; print([m for m in ('polars', 'numba', 'deltalake', 'fastapi', 'mcp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


def test_a_wrong_argument_is_refused_in_the_library_as_on_every_face(sample_home: Path) -> None:
    archive = sugeup.open_archive("demo", sample_home)
    with pytest.raises(Refused, match="'20D'"):
        sugeup.get_investor_trading(archive, period="10D")  # type: ignore[arg-type]
    by_text = sugeup.get_investor_trading(archive, market="kospi", session="20260529")  # type: ignore[arg-type]
    assert "KOSPI" == by_text.market


def test_a_wrong_lake_is_named(sample_home: Path) -> None:
    with pytest.raises(ConfigError, match="moon"):
        sugeup.open_archive("moon", sample_home)
