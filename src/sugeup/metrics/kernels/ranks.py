"""Average ranks of many samples: numbers are sorted by their bits, a few at a time, which takes no comparisons."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

DIGIT, DIGITS = 11, 6  # six digits of eleven bits hold the 64 of a number
BINS = 1 << DIGIT
FEW = 128  # so few numbers are put in order by insertion


@njit(cache=True)
def average_ranks(x: Any) -> Any:
    """Ranks from 1 of the present values of each row, equal ones sharing their mean rank; 0 where x is missing."""
    rows, length = x.shape
    bits = x.view(np.int64)
    ranks = np.zeros(x.shape)
    keys, spare = np.empty(length, np.uint64), np.empty(length, np.uint64)
    place, other = np.empty(length, np.int64), np.empty(length, np.int64)
    counts = np.empty((DIGITS, BINS), np.int64)
    flip = np.uint64(1) << np.uint64(63)
    for row in range(rows):
        n = 0
        for k in range(length):
            if x[row, k] == x[row, k]:
                if x[row, k] == 0.0:  # of either sign
                    key = flip
                elif bits[row, k] < 0:
                    key = ~np.uint64(bits[row, k])
                else:
                    key = np.uint64(bits[row, k]) | flip
                keys[n], place[n] = key, k
                n += 1
        if n <= FEW:
            for k in range(1, n):
                key, at, back = keys[k], place[k], k
                while back > 0 and keys[back - 1] > key:
                    keys[back], place[back] = keys[back - 1], place[back - 1]
                    back -= 1
                keys[back], place[back] = key, at
        else:
            counts[:] = 0
            for k in range(n):
                for digit in range(DIGITS):
                    counts[digit, (keys[k] >> np.uint64(DIGIT * digit)) & np.uint64(BINS - 1)] += 1
            for digit in range(DIGITS):
                shift = np.uint64(DIGIT * digit)
                if counts[digit, (keys[0] >> shift) & np.uint64(BINS - 1)] == n:
                    continue  # the same in all of them
                total = 0
                for b in range(BINS):
                    held = counts[digit, b]
                    counts[digit, b] = total
                    total += held
                for k in range(n):
                    b = (keys[k] >> shift) & np.uint64(BINS - 1)
                    spare[counts[digit, b]], other[counts[digit, b]] = keys[k], place[k]
                    counts[digit, b] += 1
                keys, spare = spare, keys
                place, other = other, place
        first = 0
        for last in range(n):
            if last == n - 1 or keys[last + 1] != keys[last]:
                for k in range(first, last + 1):
                    ranks[row, place[k]] = 0.5 * (first + last) + 1.0
                first = last + 1
    return ranks
