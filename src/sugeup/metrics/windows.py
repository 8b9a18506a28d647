"""Sliding windows as samples: arithmetic on samples becomes a series metric, with working memory of a few blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sugeup.metrics.dense import Floats, shaped
from sugeup.metrics.outcome import Outcome

CELLS = 1 << 16  # numbers in the windows of one block: they stay in the cache of a processor core


def over_windows(work: Callable[..., Outcome], window: int, last: int | None, *rows: Floats) -> Outcome:
    """`work` on the window up to each of the last `last` sessions (None: all) of matrices (rows, sessions).

    `work` receives one C-contiguous matrix (cells, window) for each input, oldest first, NaN before the first session,
    and answers with arrays (cells,). Every window is worked on by itself: the future changes no digit of the past.
    """
    count, sessions = rows[0].shape
    kept = sessions if last is None else min(last, sessions)
    step = max(1, CELLS // max(1, kept * window))
    parts = []
    for start in range(0, max(count, 1), step):
        cut = [cut_windows(array[start : start + step], window, kept).reshape(-1, window) for array in rows]
        parts.append(work(*cut))

    def joined(pieces: list[NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate(pieces).reshape(count, kept)

    extra = {name: joined([part.extra[name] for part in parts]) for name in parts[0].extra}
    value, reason = joined([part.value for part in parts]), joined([part.reason for part in parts])
    return Outcome(value, reason, extra, parts[0].labels)


def cut_windows(rows: Floats, window: int, last: int) -> Floats:
    """(rows, last, window): the `window` cells up to each of the last sessions, oldest first; NaN before the first."""
    count, sessions = rows.shape
    if not last:
        return np.empty((count, 0, window))
    inside = rows[:, max(0, sessions - last - window + 1) :]
    padded = np.full((count, last + window - 1), np.nan)
    padded[:, padded.shape[1] - inside.shape[1] :] = inside
    return np.ascontiguousarray(sliding_window_view(padded, window, axis=1))


def moving(rows: Floats, window: int, lost: int = 1) -> tuple[Floats, Floats]:
    """Mean and standard deviation (n - `lost`) of the `window` cells up to each session; NaN where one of them is.

    The deviation is 0 where all of them are equal but for the rounding of their level.
    """
    sessions = rows.shape[1]
    mean, spread = moving_mean(rows, window), np.full(rows.shape, np.nan)
    if sessions < window:
        return mean, spread
    shifted = [rows[:, back : sessions - window + 1 + back] for back in range(window)]
    middle = mean[:, window - 1 :]
    squares = np.zeros(middle.shape)
    widest = np.zeros(middle.shape)
    for part in shifted:
        away = part - middle
        squares += away * away
        widest = np.maximum(widest, np.abs(away))
    flat = widest <= 8 * np.finfo(float).eps * np.abs(middle)
    spread[:, window - 1 :] = np.where(flat, 0.0, np.sqrt(squares / max(1, window - lost)))
    return mean, spread


def moving_mean(rows: Floats, window: int) -> Floats:
    """Mean of the `window` cells up to each session, taken afresh; NaN where one of them is."""
    count, sessions = rows.shape
    mean = np.full(rows.shape, np.nan)
    if sessions >= window:
        total = np.zeros((count, sessions - window + 1))
        for back in range(window):
            total += rows[:, back : sessions - window + 1 + back]
        mean[:, window - 1 :] = total / window
    return mean


def moving_sum(rows: Floats, window: int) -> Floats:
    """Sum of the last `window` cells, fewer at the start, each taken afresh; NaN where one of them is."""
    total = np.zeros(rows.shape)
    for back in range(min(window, rows.shape[-1])):
        total[:, back:] += rows[:, : rows.shape[-1] - back]
    return total


def any_within(flags: NDArray[np.bool_], window: int) -> NDArray[np.bool_]:
    """Is a flag set in the last `window` cells?"""
    counted = np.zeros((len(flags), flags.shape[-1] + window), dtype=np.int64)
    counted[:, window:] = flags.cumsum(axis=-1)
    return counted[:, window:] > counted[:, :-window]


def newest_sessions(found: Outcome, shape: tuple[int, ...], kept: int | None) -> Outcome:
    """The last `kept` sessions of flattened rows, on the leading axes of the inputs."""
    cut = slice(None) if kept is None else slice(-kept, None)
    extra = {name: shaped(part[:, cut], shape) for name, part in found.extra.items()}
    return Outcome(shaped(found.value[:, cut], shape), shaped(found.reason[:, cut], shape), extra, found.labels)


def on_leading_axes(found: Outcome, shape: tuple[int, ...]) -> Outcome:
    """The outcome of flattened samples, one number each, in the shape of their leading axes."""
    lead = shape[:-1]
    extra = {name: part.reshape(lead) for name, part in found.extra.items()}
    return Outcome(found.value.reshape(lead), found.reason.reshape(lead), extra, found.labels)
