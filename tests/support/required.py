"""What a test needs of the machine: missing, it is told loudly; under CI it is a failure."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """End a test that cannot run here; under CI every test must run."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"{reason}. Under CI this test must run.")
    pytest.skip(f"NOT TESTED: {reason}")
