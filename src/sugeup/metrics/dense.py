"""Inputs of metrics as dense float arrays, and the checks that every metric shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sugeup.errors import Refused
from sugeup.metrics.outcome import Outcome

Floats = NDArray[np.float64]
BLOCK = 1 << 15  # cells worked on at once: steps between input and result stay in the cache of a processor core


def floats(name: str, values: ArrayLike | None) -> Floats:
    """`values` as float64, None and infinities as NaN. Raises Refused when they are not numbers."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise Refused(f"{name} must hold numbers or nulls; {error}.") from None
    return np.where(np.isinf(array), np.nan, array) if np.isinf(array).any() else array


def cells(**named: ArrayLike | None) -> tuple[Floats, ...]:
    """Inputs of a metric that works cell by cell, broadcast to one shape."""
    arrays = {name: floats(name, values) for name, values in named.items()}
    _common(arrays, {name: array.shape for name, array in arrays.items()})
    return tuple(np.broadcast_arrays(*arrays.values()))


def lines(**named: ArrayLike) -> tuple[tuple[int, ...], list[Floats]]:
    """Inputs that run along the last axis (sessions, or the members of a sample), as writable rows for the kernels.

    The last axes must have one length; leading axes (stocks, investors) broadcast, so market turnover of shape
    (sessions,) may stand beside net purchases of shape (investors, sessions). Returns the common shape and, for
    each input, a C-contiguous matrix of shape (cells of the leading axes, length of the last axis).
    """
    arrays = {name: floats(name, values) for name, values in named.items()}
    for name, array in arrays.items():
        if array.ndim == 0:
            raise Refused(f"{name} must be a series with at least one axis; received the single number {array}.")
    lengths = {name: array.shape[-1] for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise Refused(f"series of one call must have one length; received {shown}.")
    lead = _common(arrays, {name: array.shape[:-1] for name, array in arrays.items()})
    shape = (*lead, next(iter(lengths.values())))
    return shape, [_rows(array, shape) for array in arrays.values()]


def newest(last: int | None) -> int | None:
    """The parameter `last` of a series metric: answer for so many sessions, the newest; None: for all of them."""
    return None if last is None else whole("last", last, 1)


def shaped(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Rows of results on the leading axes of the inputs' common shape; the last axis may be shorter."""
    return array.reshape(*shape[:-1], array.shape[-1])


def by_blocks(work: Callable[..., Outcome], *arrays: NDArray[Any], block: int = BLOCK) -> Outcome:
    """`work` on one block of the first axis after the other, of so many cells, put together again.

    Same digits as one call for the whole, with working memory of a few blocks. Every array has the same first axis, or
    none at all; every array of an outcome follows that axis.
    """
    length = arrays[0].shape[0] if arrays[0].ndim else 0
    step = max(1, block * length // max(1, *(array.size for array in arrays)))
    if step >= length:
        return work(*arrays)
    result: Outcome | None = None
    for start in range(0, length, step):
        part = work(*(array[start : start + step] for array in arrays))
        if result is None:
            result = _room(part, length)
        result.value[start : start + step] = part.value
        result.reason[start : start + step] = part.reason
        for name, array in part.extra.items():
            result.extra[name][start : start + step] = array
    assert result is not None
    return result


def whole(name: str, value: Any, least: int) -> int:
    """A whole-number parameter. Raises Refused when it is not one, or is below `least`."""
    numeric = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if numeric and np.isfinite(value) and value == int(value) and value >= least:
        return int(value)
    raise Refused(f"{name}={value!r} is not allowed; allowed: whole numbers from {least}.")


def between(name: str, values: Any, low: float, high: float, *, open_ended: bool = False) -> None:
    """Raises Refused unless every present value lies in [low, high], or in (low, high) when `open_ended`."""
    array = floats(name, values)
    wrong = (array <= low) | (array >= high) if open_ended else (array < low) | (array > high)
    if wrong.any():
        word = "strictly between" if open_ended else "from"
        raise Refused(f"{name}={array[wrong].flat[0]:g} is not allowed; allowed: numbers {word} {low} to {high}.")


def _room(part: Outcome, length: int) -> Outcome:
    """An empty outcome like `part`, of that length."""

    def like(array: NDArray[Any]) -> NDArray[Any]:
        return np.empty((length, *array.shape[1:]), array.dtype)

    extra = {name: like(array) for name, array in part.extra.items()}
    return Outcome(like(part.value), like(part.reason), extra, part.labels)


def _common(arrays: dict[str, Floats], shapes: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        shown = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise Refused(f"shapes do not fit together: {shown}.") from None


def _rows(array: Floats, shape: tuple[int, ...]) -> Floats:
    if array.shape != shape:
        array = np.broadcast_to(array, shape)
    count = int(np.prod(shape[:-1], dtype=np.int64))
    return np.require(array.reshape(count, shape[-1]), np.float64, ["C", "W"])
