"""Exact splitting over the minutes: whole numbers whose rows and columns both add to what is given."""

from __future__ import annotations

import numpy as np

from sugeup.sandbox.intraday_draws import Floats, Integers


def walk(rows: Integers, columns: Integers, liking: Floats) -> Integers:
    """Splits each minute over the columns: result (batch, minutes, columns), nothing below zero.

    `rows` (batch, minutes) are the totals of the minutes, `columns` (batch, columns) those of the columns; both add to
    the same number in each batch, or ValueError. `liking` (batch, minutes, columns), above zero, is the part of what a
    column still has that it would trade in the minute. Minute by minute each column gets its part of the row in
    proportion, never more than it has left; rounding goes to whoever has most left, and the last minute takes the rest.
    """
    if (rows.sum(axis=1) != columns.sum(axis=1)).any():
        unequal = int(np.flatnonzero(rows.sum(axis=1) != columns.sum(axis=1))[0])
        raise ValueError(
            f"batch {unequal}: minutes add to {rows[unequal].sum()}, columns to {columns[unequal].sum()}; must agree"
        )
    batch, minutes = rows.shape
    left = columns.copy()
    given = np.empty((batch, minutes, columns.shape[1]), dtype=np.int64)
    for minute in range(minutes):
        total = rows[:, minute : minute + 1]
        wanted = left * liking[:, minute]
        whole = np.cumsum(wanted, axis=1)[:, -1:]
        wanted *= total / np.maximum(whole, 1e-300)
        part = np.minimum(np.floor(wanted).astype(np.int64), left)
        part = _settle(part, left, total)
        given[:, minute] = part
        left -= part
    return given


def _settle(part: Integers, left: Integers, total: Integers) -> Integers:
    """Gives what is missing to the columns with most left, or takes back what is too much from the largest parts."""
    missing = total - part.sum(axis=1, keepdims=True)
    free = np.where(missing >= 0, left - part, part)
    order = np.argsort(-free, axis=1, kind="stable")
    room = np.take_along_axis(free, order, axis=1)
    before = np.cumsum(room, axis=1) - room
    change = np.clip(np.abs(missing) - before, 0, room) * np.sign(missing)
    settled = np.empty_like(part)
    np.put_along_axis(settled, order, np.take_along_axis(part, order, axis=1) + change, axis=1)
    return settled
