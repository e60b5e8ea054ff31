"""Which hundredths of a recording its plays watched: the average completion rate and the retention curve.

Percentile p (1 to 100) of a recording that lasts D seconds is the stretch from (p - 1) D / 100 up to p D / 100,
without its end. A play watched it if it watched any part of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def runs(positions: Sequence[bytes], seconds: float) -> tuple[Counts, Counts, Counts]:
    """Runs of percentiles that plays watched: (play's place, first, last). No play has a percentile in two runs.

    ``positions`` are those of ``Play``: sorted, disjoint spans. A run may be empty: its last lies before its first.
    """
    spans = np.frombuffer(b"".join(positions), dtype="<f8").reshape(-1, 2)
    play = np.repeat(np.arange(len(positions)), [len(stored) // 16 for stored in positions])
    edges = np.arange(101) * seconds / 100
    first = np.maximum(np.searchsorted(edges, spans[:, 0], side="right"), 1)
    last = np.minimum(np.searchsorted(edges, spans[:, 1], side="left"), 100)
    # Two spans may lie in one percentile: the later one begins after what the earlier one reached.
    same = play[1:] == play[:-1]
    first[1:][same] = np.maximum(first[1:], last[:-1] + 1)[same]
    return play, first, last


def watched(positions: Sequence[bytes], seconds: float) -> Counts:
    """How many percentiles each play watched."""
    play, first, last = runs(positions, seconds)
    counts = np.zeros(len(positions), dtype=np.int64)
    np.add.at(counts, play, np.maximum(last - first + 1, 0))
    return counts


def retention(positions: Sequence[bytes], seconds: float) -> Counts:
    """How many plays watched each of the 100 percentiles."""
    _play, first, last = runs(positions, seconds)
    some = last >= first
    begun = np.bincount(first[some] - 1, minlength=101)
    ended = np.bincount(last[some], minlength=101)
    return np.cumsum(begun - ended)[:100]
