"""Which hundredths of a recording its plays watched: the average completion rate and the retention curve.

Percentile p (1 to 100) of a recording that lasts D seconds is the stretch from (p - 1) D / 100 up to p D / 100,
without its end. A play watched it if it watched any part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def watched(positions: Sequence[bytes], seconds: float) -> Counts:
    """A row of 100 for each play: 1 where it watched the percentile, else 0.

    ``positions`` are those of ``Play``: sorted, disjoint spans.
    """
    spans = np.frombuffer(b"".join(positions), dtype="<f8").reshape(-1, 2)
    play = np.repeat(np.arange(len(positions)), [len(stored) // 16 for stored in positions])
    edges = np.arange(101) * seconds / 100
    first = np.maximum(np.searchsorted(edges, spans[:, 0], side="right"), 1)
    last = np.minimum(np.searchsorted(edges, spans[:, 1], side="left"), 100)
    some = last >= first
    steps = np.zeros((len(positions), 101), dtype=np.int64)
    np.add.at(steps, (play[some], first[some] - 1), 1)
    np.add.at(steps, (play[some], last[some]), -1)
    # Two spans may lie in one percentile, which is watched once.
    return np.minimum(np.cumsum(steps, axis=1)[:, :100], 1)


def total(stored: Iterable[bytes]) -> Counts:
    """The sum of curves from the database: of each percentile, how many plays watched it."""
    counts: Counts = np.frombuffer(b"".join(stored), dtype="<i4").reshape(-1, 100).sum(axis=0, dtype=np.int64)
    return counts


def encode(counts: Counts) -> bytes:
    """A curve for the database."""
    return counts.astype("<i4").tobytes()
