"""What every fuzz test holds against an answer or an error, how many cases there are, and the hostile values.

    SCALE=full SEED=12345 pytest -m torture tests/torture/test_fuzz_cli.py

runs the same cases again; -s prints the seed, the number of cases and how they ended.
"""

from __future__ import annotations

import base64
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sugeup import registry
from sugeup.app import App
from sugeup.errors import SugeupError
from sugeup.market.clock import FixedClock
from sugeup.settings import LakeName, Settings

SCALE = os.environ.get("SCALE", "ci")
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
CASES = {"ci": {"rest": 600, "mcp": 400, "cli": 400}, "full": {"rest": 5000, "mcp": 3200, "cli": 3200}}[SCALE]
print(f"fuzz: SCALE={SCALE} SEED={SEED} cases {CASES}")
SLOWEST = 20.0
"""Seconds that one case may take on a busy machine."""
NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)


def cases(face: str, share: float = 1.0) -> Callable[[Any], Any]:
    """Marks a test to be run with a share of the cases of a face."""
    return counted(max(round(CASES[face] * share), 10))


def counted(number: int) -> Callable[[Any], Any]:
    """Marks a test to be run with so many cases, from the seed, without a memory of earlier runs."""

    def mark(test: Any) -> Any:
        limits = settings(
            max_examples=number,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        )
        return seed(SEED)(limits(test))

    return mark


def sample_app(home: Path) -> App:
    """The application over the bundled sample, at a fixed time."""
    return App.open(Settings(data_dir=home), LakeName.DEMO, FixedClock(NOW))


@cache
def table() -> dict[str, tuple[int, int]]:
    """Every code of the error table with its HTTP status and exit code."""
    return {
        code: ((error := kind("x", code=code)).status, error.exit_code)
        for kind in SugeupError.__subclasses__()
        for code in kind.codes
    }


@cache
def schema(name: str) -> Draft202012Validator:
    """The schema of a use-case's answer."""
    return Draft202012Validator(registry.usecases()[name].answer.model_json_schema(mode="serialization"))


def finite(text: str | bytes) -> Any:
    """JSON that is JSON: NaN and Infinity, which Python would read, are refused."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in an answer")

    return json.loads(text, parse_constant=refuse)


def fits(name: str, answer: Any) -> None:
    """The answer has the shape that is published."""
    wrong = [f"{error.json_path}: {error.message[:200]}" for error in schema(name).iter_errors(answer)]
    assert not wrong, wrong[:3]


ENDED: Counter[str] = Counter()
"""How often cases of a module ended with which code; OK for an answer."""


@contextmanager
def in_time() -> Iterator[None]:
    """One case, within the bound."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < SLOWEST


@pytest.fixture(scope="module", autouse=True)
def counting(request: pytest.FixtureRequest) -> Iterator[None]:
    """Prints how the cases of a module ended, and holds that they were not all refused at the door."""
    ENDED.clear()
    yield
    print(f"\n{request.module.__name__}: seed {SEED}, {ENDED.total()} cases: {dict(ENDED.most_common())}")
    if not request.session.testsfailed and ENDED.total() > 300:
        assert ENDED["OK"] > ENDED.total() // 20


def _cursor(position: object) -> str:
    return base64.urlsafe_b64encode(f"row:{position}".encode()).decode().rstrip("=")


RIGHT: Mapping[str, list[str]] = {
    "stock_code": ["005930", "5930", "a000660", "삼성전자", "SK hynix"],
    "query": ["삼성", "ㅅㅅ", "samsung", "0059", "하이닉스"],
    "metric_id": ["inv.trend", "inv.net_ratio", "tk.brier"],
    "session": ["2026-02-13", "20260213", "2026-05-29", "2025-11-28"],
    "start": ["2026-02-02", "20060102", "2025-08-29"],
    "end": ["2026-02-13", "2026-08-20", "2026-05-29"],
    "market": ["KOSPI", "kosdaq"],
    "period": ["1D", "5D", "20d", "60D"],
    "investor_type": ["FOREIGN", "all", "INDIVIDUAL", "Institution"],
    "products": ["STOCK", "all"],
    "include_details": ["true", "false", "1"],
    "limit": ["1", "10", "50"],
    "cursor": [_cursor(p) for p in (0, 5, 40)],
    "response_format": ["concise", "detailed"],
}
"""Values that are right, by argument, so that a case comes further than the first check."""

EDGE: Mapping[str, list[str]] = {
    "stock_code": ["0009K0", "123456", "999999", "A", "삼성"],
    "session": ["2026-02-17", "2026-02-14", "1999-01-04", "2005-01-03", "2027-12-30", "2031-01-01", "9999-12-31"],
    "start": ["9999-12-31", "0001-01-01", "2027-12-31"],
    "end": ["9999-12-31", "0001-01-01", "2005-01-03"],
    "market": ["ALL", "KONEX", "K0SPI"],
    "period": ["2W", "60", "1d "],
    "limit": ["500", "0", "501", "-1", "1e3", "10.0", "50 ", "9" * 30],
    "cursor": [_cursor(p) for p in (10**6, 10**19, 10**40, -1, "x", "")] + ["cm93OjU", "=", "%%%"],
}
"""Values at the edge of what is allowed, on both sides."""

NASTY = [
    *("", " ", "\x00", "\n", "'", '"', "`", "\\", "../../etc/passwd", "%2e%2e%2f", "{{7*7}}", "${HOME}", "<script>"),
    *("' OR 1=1 --", "NaN", "Infinity", "-inf", "null", "None", "true", "1e400", "0x10", "１２３４５６", "²²²²²²²²"),
    *(
        "٢٠٢٦-٠١-٠١",
        "2026-02-30",
        "2026-13-01",
        "0000-00-00",
        "2026-W07-5",
        "🐉" * 20,
        "가" * 41,
        "ㅅ" * 60,
        "a" * 100_000,
    ),
    *("\u202e005930", "e\u0301", "\ud7b0\ufeff", "ﬁ", "İ", "--", "-", "--json", "-h", "\x1b[31m", "\r\n\r\nX: y"),
]

text = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=80),
    st.integers().map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.from_regex(r"[0-9A-Z]{6}", fullmatch=True),
)


def value(name: str) -> st.SearchStrategy[str]:
    """Text for an argument: mostly right, sometimes nearly so, now and then anything."""
    right, edge = RIGHT.get(name), EDGE.get(name)
    if right is None:
        return text
    kinds = [right] * 15 + [edge] * 3 if edge else [right] * 18
    return st.sampled_from([*kinds, None]).flatmap(lambda kind: text if kind is None else st.sampled_from(kind))
