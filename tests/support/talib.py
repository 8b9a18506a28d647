"""TA-Lib, the reference of technical indicators; missing, its tests are told loudly and fail under CI."""

from __future__ import annotations

import importlib
from typing import Any

from tests.support.required import unavailable


def talib() -> Any:
    """The module `talib`."""
    try:
        return importlib.import_module("talib")
    except ImportError:
        unavailable("TA-Lib is needed: install the development dependency ta-lib")
