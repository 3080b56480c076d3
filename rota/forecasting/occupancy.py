"""Residents as a forecaster may know them: counted until its origin, booked after it.

What lies after an origin is what had been said by then: bookings entered before it, or the
last level. A booking made later, and the count of a later day, are never seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Booking:
    """``change`` residents more (or fewer) from step ``at`` on.

    Known to an origin at step ``known`` or later.
    """

    at: int
    change: float
    known: int


@dataclass(frozen=True, slots=True, eq=False)
class Occupancy:
    """``counted`` (T,) residents by step of a series, NaN where nobody counted.

    ``booked`` (F,) are levels of the steps after the end, as a file gives them; they are
    known at the end only. ``bookings`` carry the step from which each was known.
    """

    counted: FloatArray
    bookings: tuple[Booking, ...] = ()
    booked: FloatArray = field(default_factory=lambda: np.empty(0))

    def at(self, origin: int, ahead: int) -> FloatArray | None:
        """Residents of steps 0 … origin + ahead - 1 as known at ``origin``; null if never."""
        counted = self.counted[:origin]
        known = np.flatnonzero(~np.isnan(counted))
        if known.size == 0:
            return None
        last = int(known[-1])
        level = float(counted[last])
        path = np.concatenate([counted, np.full(ahead, np.nan)])
        if origin == self.counted.size and self.booked.size:
            size = min(self.booked.size, ahead)
            path[origin : origin + size] = self.booked[:size]
        else:
            path[last:] = level
            for booking in self.bookings:
                if booking.known <= origin and booking.at > last:
                    path[booking.at :] += booking.change
            path[last:] = np.maximum(path[last:], 0.0)
        return _carried(path)

    def varies(self, origin: int) -> bool:
        """Whether the count before ``origin`` ever changed: a constant explains nothing."""
        known = self.counted[:origin]
        known = known[~np.isnan(known)]
        return bool(known.size and np.ptp(known) > 0)

    def until(self, count: int) -> Occupancy:
        """What was known of the first ``count`` steps, when they were all there was."""
        return Occupancy(self.counted[:count].copy(), self.bookings)

    def last(self, count: int) -> Occupancy:
        """The same for a series of which only the last ``count`` steps are kept."""
        skipped = max(self.counted.size - count, 0)
        moved = tuple(
            Booking(each.at - skipped, each.change, each.known - skipped) for each in self.bookings
        )
        return Occupancy(self.counted[skipped:].copy(), moved, self.booked)

    def said(self, origin: int, ahead: int) -> list[float]:
        """The same as plain numbers, for a fingerprint."""
        path = self.at(origin, ahead)
        return [] if path is None else path.tolist()


def _carried(path: FloatArray) -> FloatArray:
    """Unknown steps take the last known level; before the first, that one."""
    known = ~np.isnan(path)
    index = np.maximum.accumulate(np.where(known, np.arange(path.size), 0))
    index[: int(np.argmax(known))] = int(np.argmax(known))
    carried: FloatArray = path[index]
    return carried
