"""The archive: reads by dataset name, fills with a ledger entry for what was asked, and nothing for gaps."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sugeup import records
from tests.support.archives import NOW, open_archive, rows


def test_a_gap_in_what_was_filled_is_not_entered_as_asked(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    days = [date(2026, 2, 5), date(2026, 2, 6), date(2026, 2, 9), date(2026, 2, 12)]
    archive.fill("short_day", rows("short_day", [{"code": "005930", "session": d, "short_volume": 1} for d in days]))
    spans = [(span.first, span.last, span.rows, span.asked_at) for span in archive.coverage("short_day")]
    assert [(days[0], days[2], 3, NOW), (days[3], days[3], 1, NOW)] == spans


def test_filling_the_gap_joins_the_spans(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    for day in (date(2026, 2, 5), date(2026, 2, 9), date(2026, 2, 6), date(2026, 2, 6)):
        archive.fill("short_day", rows("short_day", [{"code": "005930", "session": day, "short_volume": 1}]))
    assert [(date(2026, 2, 5), date(2026, 2, 9), 3)] == [(s.first, s.last, s.rows) for s in archive.coverage()]


def test_filling_nothing_is_allowed_and_enters_nothing(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    archive.fill("short_day", records.dataset("short_day").empty())
    assert [] == archive.coverage()


def test_an_unknown_dataset_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="daily_bars"):
        open_archive(tmp_path).read("nothing")


def test_a_source_that_nobody_described_is_the_least_preferred(tmp_path: Path) -> None:
    assert 90 == open_archive(tmp_path).origin("somebody").standing
