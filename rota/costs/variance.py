"""Why one amount differs from another: volume, mix and rate, footing to the penny."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Work:
    """Hours (as minutes) and what they cost in pence."""

    minutes: int
    pence: int


@dataclass(frozen=True, slots=True)
class Variance:
    """The change from a base to an actual amount and its three parts, in pence.

    ``volume_pence``: more or fewer hours at the base's average rate. ``mix_pence``: the same
    hours by dearer or cheaper sources at the base's rates. ``rate_pence``: the same sources
    at other rates. They add up to ``actual_pence - base_pence`` exactly.
    """

    base_pence: int
    actual_pence: int
    volume_pence: int
    mix_pence: int
    rate_pence: int

    @property
    def change_pence(self) -> int:
        """Actual less base."""
        return self.actual_pence - self.base_pence


def variance(base: Mapping[K, Work], actual: Mapping[K, Work]) -> Variance:
    """Split the change between two periods (or a budget and its month) by source.

    With hours ``h``, rates ``r = pence / minutes``, base 0 and actual 1 and totals ``H``:
    volume ``(H1 − H0)·R0``; mix ``Σ (h1 − H1·h0/H0)·r0``; rate ``Σ h1·(r1 − r0)``. A source
    that the base did not use has no rate to compare with: what it cost beyond the base's
    average rate is mix. Without any base hours everything is volume. Money without hours
    (a correction) is rate. Parts are exact until the end; volume and mix are rounded half
    to even and rate takes what is left, so that nothing is lost.
    """
    base_minutes = sum(work.minutes for work in base.values())
    actual_minutes = sum(work.minutes for work in actual.values())
    base_pence = sum(work.pence for work in base.values())
    actual_pence = sum(work.pence for work in actual.values())
    change = actual_pence - base_pence
    if base_minutes <= 0:
        return Variance(base_pence, actual_pence, change, 0, 0)
    average = Fraction(base_pence, base_minutes)
    volume = (actual_minutes - base_minutes) * average
    mix = -actual_minutes * average
    for source, work in actual.items():
        mix += work.minutes * _base_rate(base.get(source), work)
    volume_pence, mix_pence = round(volume), round(mix)
    return Variance(
        base_pence, actual_pence, volume_pence, mix_pence, change - volume_pence - mix_pence
    )


def _base_rate(base: Work | None, actual: Work) -> Fraction:
    """Pence a minute at which a source is priced in the mix: the base's, else its own."""
    for work in (base, actual):
        if work is not None and work.minutes > 0:
            return Fraction(work.pence, work.minutes)
    return Fraction(0)
