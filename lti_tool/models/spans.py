"""Span sets: which clock seconds, as sorted, disjoint, half-open spans ``[first, last + 1)`` since the epoch.

In memory an int64 array of shape (n, 2); in the database pairs of little-endian unsigned 32-bit numbers. A union does
not care about order, repetition or overlap, which is what makes the numbers provable; and unlike a bit map it does
not care how long a session is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Spans = NDArray[np.int64]


def union(spans: Spans) -> Spans:
    """The union of any spans, shape (n, 2), in any order; empty ones vanish and touching ones merge."""
    spans = spans[spans[:, 0] < spans[:, 1]]
    if len(spans) < 2:
        return spans
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    reach = np.maximum.accumulate(spans[:, 1])
    first = np.concatenate(([True], spans[1:, 0] > reach[:-1]))
    last = np.concatenate((first[1:], [True]))
    return np.stack((spans[first, 0], reach[last]), axis=1)


def within(spans: Spans, start: int, end: int) -> int:
    """How many of the seconds of a span set lie in ``[start, end)``."""
    return int(np.maximum(np.minimum(spans[:, 1], end) - np.maximum(spans[:, 0], start), 0).sum())


def within_each(stored: Sequence[bytes], start: int, end: int) -> NDArray[np.int64]:
    """The same of many span sets at once, as they come from the database."""
    every = decode(b"".join(stored))
    seconds = np.maximum(np.minimum(every[:, 1], end) - np.maximum(every[:, 0], start), 0)
    whose = np.repeat(np.arange(len(stored)), [len(one) // 8 for one in stored])
    return np.bincount(whose, weights=seconds, minlength=len(stored)).astype(np.int64)


def encode(spans: Spans) -> bytes:
    """For the database."""
    return spans.astype("<u4").tobytes()


def decode(stored: bytes) -> Spans:
    """From the database."""
    return np.frombuffer(stored, dtype="<u4").reshape(-1, 2).astype(np.int64)
