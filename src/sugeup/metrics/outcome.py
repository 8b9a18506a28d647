"""The result of a metric: a number or a label per cell, and the word that says why a cell is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Row = TypeVar("Row")


class Reason(IntEnum):
    """Why a value is null. Append only: compiled kernels on a user's disk remember these numbers."""

    NONE = 0
    INSUFFICIENT_HISTORY = 1
    NEW_LISTING = 2
    MISSING_INPUT = 3
    NOT_PUBLISHED_YET = 4
    ZERO_DENOMINATOR = 5
    ZERO_VARIANCE = 6
    HALTED = 7
    CORPORATE_ACTION_GAP = 8
    MIXED_SCOPE = 9
    RECONCILIATION_FAILED = 10
    OUT_OF_SCOPE = 11
    NOT_AVAILABLE_FROM_SOURCE = 12
    UNCALIBRATED = 13
    NO_SKILL = 14
    NO_PATTERN = 15
    NOT_NET_BUYER = 16
    STALE = 17
    MARKET_CLOSED = 18


REASONS: tuple[str, ...] = ("", *(reason.name for reason in Reason if reason))


@dataclass(frozen=True, eq=False)
class Outcome:
    """Values of one metric for every cell (any shape; a series metric has the sessions on its last axis).

    `value` is float64 with NaN where null; with `labels` it holds the index of the label instead. `reason` (uint8) is
    the index into `REASONS` of each null cell, and of a cell whose value stands although one of its extras has no
    input; 0 elsewhere. `extra` holds the metric's other outputs, same shape:
    null is NaN in a float array, "" in a text array, the smallest number of its type in an integer array (`nothing`),
    and wherever the value is null in a boolean array.
    """

    value: NDArray[np.float64]
    reason: NDArray[np.uint8]
    extra: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    labels: tuple[str | int, ...] | None = None

    def at(self, *index: int) -> dict[str, Any]:
        """One cell as plain Python values, ready for JSON: value, reason if the value is null, then the extras.

        Negative indices count from the newest. A series without any session answers INSUFFICIENT_HISTORY.
        """
        if not self.value.size:
            empty = {name: 0 if array.dtype.kind in "iu" else None for name, array in self.extra.items()}
            return {"value": None, "reason": Reason.INSUFFICIENT_HISTORY.name, **empty}
        cell = float(self.value[index])
        absent = not np.isfinite(cell)
        result: dict[str, Any] = {"value": None if absent else self.labels[int(cell)] if self.labels else cell}
        if absent or self.reason[index]:
            result["reason"] = REASONS[int(self.reason[index]) or Reason.MISSING_INPUT]
        for name, array in self.extra.items():
            result[name] = _plain(array[index], array.dtype, absent)
        return result

    def names(self) -> list[str | int | None]:
        """The label of every cell, one after the other; None where the value is null."""
        assert self.labels is not None
        told = (*self.labels, None)
        value = self.value.reshape(-1)
        return [told[at] for at in np.where(np.isnan(value), len(self.labels), value).astype(np.int64).tolist()]


@dataclass(frozen=True)
class Rows(Generic[Row]):
    """A metric whose value is a list of records: the records oldest first, or None with the reason."""

    value: tuple[Row, ...] | None
    reason: str = ""

    def at(self) -> dict[str, Any]:
        """The same as plain Python values: {"value": [...]} or {"value": None, "reason": ...}."""
        return {"value": None, "reason": self.reason} if self.value is None else {"value": list(self.value)}


@dataclass(frozen=True)
class Single:
    """One answer without a dense form, such as a set of named parts: None with the reason, or what JSON can hold."""

    value: Any
    reason: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def at(self) -> dict[str, Any]:
        """The same as plain Python values: value, reason if there is one, then the extras."""
        return {"value": self.value, **({"reason": self.reason} if self.reason else {}), **self.extra}


def nothing(dtype: Any) -> int:
    """The integer that stands for null in an integer extra of this type."""
    return int(np.iinfo(dtype).min)


def codes(shape: tuple[int, ...], *rules: tuple[Any, Reason]) -> NDArray[np.uint8]:
    """Reason of every cell: the first rule, a (mask, reason) pair, whose mask holds there; 0 where none does."""
    result = np.zeros(shape, dtype=np.uint8)
    for mask, reason in reversed(rules):
        result[np.broadcast_to(mask, shape)] = reason
    return result


def _plain(cell: Any, dtype: np.dtype[Any], absent: bool) -> Any:
    if dtype.kind == "f":
        return float(cell) if np.isfinite(cell) else None
    if dtype.kind in "iu":
        return None if dtype.kind == "i" and cell == nothing(dtype) else int(cell)
    if dtype.kind == "b":
        return None if absent else bool(cell)
    return str(cell) or None
