"""A simulated lake holds one market: what it was begun with, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from sugeup.errors import ConfigError
from sugeup.store.simulated import FILE, keep

PLAN = {"vendor": "kis", "seed": 1, "stocks": 40, "first": "2025-03-04", "sessions": 70, "events": 0.0, "rate": 20}


def test_the_same_market_may_be_collected_again_however_often_it_may_be_asked(tmp_path: Path) -> None:
    keep(tmp_path / "simulated", PLAN)
    keep(tmp_path / "simulated", PLAN | {"rate": 500})
    assert (tmp_path / "simulated" / FILE).is_file()


@pytest.mark.parametrize("other", [{"seed": 2}, {"stocks": 41}, {"first": "2025-03-05"}, {"events": 1.0}])
def test_another_market_is_refused_and_what_differs_is_named(tmp_path: Path, other: dict[str, object]) -> None:
    keep(tmp_path, PLAN)
    (name,) = other
    with pytest.raises(ConfigError, match=f"{name} {PLAN[name]} there, {other[name]} in the sandbox") as raised:
        keep(tmp_path, PLAN | other)
    assert "--anew" in str(raised.value.hint)


def test_a_note_that_was_cut_short_is_written_again(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"vendor": "ki', encoding="utf-8")
    keep(tmp_path, PLAN)
    with pytest.raises(ConfigError):
        keep(tmp_path, PLAN | {"seed": 2})
