"""How far the sum of many units' forecasts may be off: learnt from the errors of the sum.

Units err against each other as often as together, so adding up their bands would promise far
too little. During a training the errors of all units of a home, and of all homes, are added
up window by window, and the bands of the sum are learnt from those (``sum_bands.py``).
Expected values are not kept: whoever reads a sum adds up the units' rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np

from rota.forecasting.calibration import PastErrors, half_width_floor
from rota.forecasting.judging import judge_sum
from rota.forecasting.queries import ALL_DAY, CARE_HOURS
from rota.forecasting.series import FloatArray
from rota.forecasting.store import StoredSeries
from rota.forecasting.sum_bands import sum_bands
from rota.forecasting.sum_queries import ORGANISATION, home_scope
from rota.forecasting.unit_training import BAND_LEVEL, LEVELS, TrainedUnit, UnitHistory, number

_WINDOW, _PERIOD = 28, 7
#: of the hours expected of a sum, so much must come from units with the same windows
_LEAST_SHARE = 0.5
#: of the units of a sum, so many must have a value for a day to count
_LEAST_KNOWN = 0.9


@dataclass(frozen=True, slots=True)
class SumBands:
    """The bands of one series of one scope, ready to be stored.

    ``distances`` (``lower``, ``upper``, ``quantiles`` by level in percent) are hours from the
    sum, by days after ``last_day``; ``metrics`` as those of a unit.
    """

    scope: str
    home_id: int | None
    series: str
    band: str
    last_day: date
    distances: dict[str, Any]
    metrics: dict[str, Any]


@dataclass(slots=True)
class _Group:
    """Units whose past windows began on the same days, added up."""

    total: FloatArray
    known: FloatArray
    values: FloatArray
    path: FloatArray
    units: int = 1

    @staticmethod
    def of(errors: FloatArray, values: FloatArray, path: FloatArray) -> _Group:
        return _Group(np.nan_to_num(errors), (~np.isnan(errors)).astype(float), values, path)

    def add(self, other: _Group) -> None:
        size = min(self.values.size, other.values.size)
        self.values = self.values[-size:] + other.values[-size:]
        self.total = self.total + other.total
        self.known = self.known + other.known
        self.path = self.path + other.path
        self.units += 1

    @property
    def errors(self) -> FloatArray:
        """The errors of the sum (W, L), NaN where too few units know theirs."""
        enough = self.known >= _LEAST_KNOWN * self.units
        scaled = self.total * self.units / np.maximum(self.known, 1)
        return np.where(enough, scaled, np.nan)


#: series, band, last day, where the windows began, how long they are
_Key = tuple[str, str, date, tuple[int, ...], int]


@dataclass(slots=True)
class SumErrors:
    """The errors of one scope, added up unit by unit as their training ends."""

    scope: str
    home_id: int | None
    groups: dict[_Key, _Group] = field(default_factory=dict)
    added: int = 0
    failed: int = 0

    def add(self, history: UnitHistory, trained: TrainedUnit) -> None:
        """Add a unit's past errors, day and night apart and together."""
        self.added += 1
        care = [stored for stored in trained.model.series if stored.series == CARE_HOURS]
        for stored in trained.model.series:
            values = _values(history, stored)
            if values is None or not stored.errors:
                continue
            # a unit that only works days is its own whole day
            bands = (stored.band, ALL_DAY) if care == [stored] else (stored.band,)
            errors = np.array(stored.errors, dtype=np.float64)
            path = np.array(
                [
                    row.expected
                    for row in trained.rows
                    if (row.series, row.band) == (stored.series, stored.band)
                ]
            )
            last = date.fromisoformat(stored.last_day)
            for band in bands:
                key = (stored.series, band, last, tuple(stored.steps_back), errors.shape[1])
                made = _Group.of(errors, values, path)
                if key in self.groups:
                    self.groups[key].add(made)
                else:
                    self.groups[key] = made

    def bands(self) -> list[SumBands]:
        """The bands of every series, day by day; none for what too few units agree on.

        Units with other windows (a shorter history) widen the bands in proportion to what
        is expected of them, units that could not be trained in proportion to their number.
        """
        wider = (self.added + self.failed) / max(self.added, 1)
        whole: dict[tuple[str, str], float] = {}
        best: dict[tuple[str, str], tuple[_Key, _Group]] = {}
        for key, group in self.groups.items():
            name = key[:2]
            expected = float(group.path.sum())
            whole[name] = whole.get(name, 0.0) + expected
            if name not in best or expected > float(best[name][1].path.sum()):
                best[name] = (key, group)
        found = []
        for name, (key, group) in best.items():
            share = float(group.path.sum()) / whole[name] if whole[name] else 1.0
            if share >= _LEAST_SHARE:
                found.append(self._banded(key, group, wider / share))
        return found

    def _banded(self, key: _Key, group: _Group, wider: float) -> SumBands:
        series, band, last_day, steps_back, _ = key
        past = PastErrors(group.errors * wider, steps_back, _WINDOW, _PERIOD)
        floor = half_width_floor(group.path * wider)
        made = sum_bands(past, LEVELS, floor, group.path.size)
        middle = LEVELS.index(BAND_LEVEL)
        distances = {
            "lower": _rounded(made.lower[middle]),
            "upper": _rounded(made.upper[middle]),
            "quantiles": {
                f"{100 * level:g}": _rounded(made.quantile[row]) for row, level in enumerate(LEVELS)
            },
        }
        return SumBands(
            self.scope, self.home_id, series, band, last_day, distances,
            _metrics(group, steps_back),
        )  # fmt: skip


class SumErrorsOf:
    """The sums that a training of these units completes: homes and the organisation.

    A home is only summed when all its units are trained together; so is the organisation.
    """

    def __init__(self, histories: Iterable[UnitHistory], all_units: dict[int, int]) -> None:
        """``all_units`` is every unit with residents and its home."""
        asked = {history.place.id for history in histories}
        self._by_home = {
            home_id: SumErrors(home_scope(home_id), home_id)
            for home_id in sorted(set(all_units.values()))
            if all(unit in asked for unit, home in all_units.items() if home == home_id)
        }
        whole = bool(all_units) and all(unit in asked for unit in all_units)
        self._whole = SumErrors(ORGANISATION, None) if whole else None

    def add(self, history: UnitHistory, trained: TrainedUnit) -> None:
        """Add one unit to its home and to the organisation."""
        for sums in self._of(history):
            sums.add(history, trained)

    def miss(self, history: UnitHistory) -> None:
        """A unit of these sums that could not be trained."""
        for sums in self._of(history):
            sums.failed += 1

    def bands(self) -> list[SumBands]:
        """All bands of all sums."""
        scopes = [*self._by_home.values(), *([self._whole] if self._whole else [])]
        return [bands for scope in scopes for bands in scope.bands()]

    def _of(self, history: UnitHistory) -> list[SumErrors]:
        home = self._by_home.get(history.place.home_id)
        return [sums for sums in (home, self._whole) if sums is not None]


def _values(history: UnitHistory, stored: StoredSeries) -> FloatArray | None:
    """What happened, by day, of a stored series; day and night together for their sum."""
    of_kind = [band for band in history.bands if band.kind == stored.series]
    own = next((band for band in of_kind if band.band == stored.band), None)
    if own is not None:
        return own.series.values
    if (stored.series, stored.band) == (CARE_HOURS, ALL_DAY) and of_kind:
        total: FloatArray = np.sum([band.series.values for band in of_kind], axis=0)
        return total
    return None


def _metrics(group: _Group, steps_back: tuple[int, ...]) -> dict[str, Any]:
    """The sum judged on its past windows, beside the same days of the week before."""
    own = judge_sum(group.values, group.errors, steps_back, _WINDOW)
    return {
        **{name: number(value) for name, value in asdict(own).items()},
        "units": group.units,
    }


def _rounded(values: FloatArray) -> list[float]:
    return [round(float(value), 4) for value in values]
