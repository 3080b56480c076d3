"""The forecaster of the application: one series in, a calibrated forecast out.

At an origin, every member forecasts from the history before it. The same was done at
earlier origins, a week apart for the last half year and a fortnight apart before that, and
what happened since then is known at the origin: those errors choose the members' weights,
give the bands their width and decide whether the ensemble may speak at all. Nothing after
the origin is looked at, at any step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rota.errors import InvalidInput
from rota.forecasting.ensemble import PastVoices, Weights, equal_weights
from rota.forecasting.following import hours_per_resident
from rota.forecasting.forecaster import (
    SEASONAL_NAIVE,
    Fitted,
    FittedProphet,
    Forecaster,
)
from rota.forecasting.judging import (
    by_other_windows,
    judge,
    reason_for_last_week,
    reason_to_give_way,
)
from rota.forecasting.members import (
    BY_NAME,
    MEAN_26,
    PROPHET_MEMBER,
    PROPHET_RESIDENTS,
    RIVALS,
    Prepared,
    members_for,
    prepare,
)
from rota.forecasting.metrics import lag_scale
from rota.forecasting.series import FloatArray, Series, window_of
from rota.forecasting.shaping import Frame, shaped
from rota.forecasting.training import Calendar, Training
from rota.forecasting.values import Calibration, Forecast, Options, OwnErrors

#: at least so many windows must fit into a history for its members to be judged by months
_FULL_WINDOWS = 4
#: the oldest window must leave this share of the history to learn from
_LEAST_TRAINING = 0.45


@dataclass(frozen=True, slots=True, eq=False)
class Issue:
    """What the members said at one origin: ``paths`` (M, H), NaN for a member that failed."""

    names: tuple[str, ...]
    paths: FloatArray
    prepared: Prepared


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """The windows before an origin: where they began, and what happened in each (W, L)."""

    now: int
    origins: tuple[int, ...]
    actual: FloatArray

    @property
    def steps_back(self) -> tuple[int, ...]:
        """How long before the present origin each window began."""
        return tuple(self.now - origin for origin in self.origins)


class SeriesForecaster:
    """Forecasts one series at any origin, remembering what the members said before.

    The memory makes a backtest cheap: the windows that calibrate one origin are the
    forecasts made at earlier ones.
    """

    def __init__(self, series: Series, options: Options) -> None:
        self.series = series
        self.options = options
        self.window = window_of(series)
        self.reach = max(options.horizon, self.window)
        self.calendar = Calendar.of(series, self.reach, options.holidays)
        self.clip = bool(np.nanmin(series.values) >= 0)
        self._frame = Frame(series.name, self.calendar, options, self.window, self.clip)
        self._prepared_at: dict[int, Prepared] = {}
        self._each_at: dict[int, float] = {}
        self._paths: dict[tuple[str, int], FloatArray] = {}
        self._rivals: dict[tuple[str, int], FloatArray] = {}

    def forecast(self, origin: int | None = None) -> Forecast:
        """The calibrated ensemble at ``origin`` (the end of the series if not given)."""
        now = len(self.series) if origin is None else origin
        return self.resume(self.calibrate(now), now)

    def calibrate(self, now: int) -> Calibration:
        """Learn weights, errors and the need for a fallback from the windows before ``now``."""
        raw = self.training(now)
        if np.isnan(raw.y).all():
            raise InvalidInput(f"Series {self.series.name!r} has no value before its forecast.")
        past = self._past(now)
        members = self._members(past, now)
        issues = [self.issue(origin, members) for origin in (*past.origins, now)]
        sound = _sound_rows(issues)
        names = tuple(members[row].name for row in sound)
        if not names:
            return self._alone(MEAN_26, raw, past, "no member could be fitted")
        if not past.origins:
            own = self._own(raw, past, None)
            return Calibration(equal_weights(names), past.actual, (), "", own)
        length = past.actual.shape[1]
        paths = np.stack([issue.paths[sound, :length] for issue in issues[:-1]], axis=1)
        path = by_other_windows(names, paths, past.actual, past.steps_back, self.window)
        own = self._own(raw, past, path)
        rival, reason = self._reason(raw, past, path, own)
        if reason:
            return self._alone(rival, raw, past, reason)
        weights = PastVoices.of(names, paths, past.actual).weights()
        return Calibration(weights, past.actual - path, past.steps_back, "", own)

    def resume(self, calibration: Calibration, now: int) -> Forecast:
        """Forecast at ``now`` with what was learnt before."""
        raw = self.training(now)
        horizon = self.options.horizon
        if calibration.fallback:
            path = self.rival(RIVALS[calibration.voice], now) * self._booked_share(now)
            path = (path + self._booked_hours(now))[:horizon]
            return shaped(self._frame, now, raw, self._prepared(now), path, calibration)
        voices = [(BY_NAME[name], share) for name, share in calibration.weights.spoken()]
        issue = self.issue(now, tuple(member for member, _ in voices))
        sound = _sound_rows([issue])
        if not sound:
            raise InvalidInput(f"No member could forecast series {self.series.name!r}.")
        shares = np.array([voices[row][1] for row in sound])
        path = (shares / shares.sum()) @ issue.paths[sound, :horizon]
        return shaped(self._frame, now, raw, issue.prepared, path, calibration)

    def training(self, origin: int) -> Training:
        """The raw values before ``origin``, at most ``max_steps`` of them."""
        first = max(origin - self.options.max_steps, 0)
        residents = self.series.occupancy
        people = residents.at(origin, self.reach) if residents else None
        if people is not None:
            # members forecast for the residents there are; what is booked is added to all
            people = people[first:]
            people[origin - first :] = people[origin - first - 1]
        return Training(self.calendar, first, self.series.values[first:origin].copy(), people)

    def issue(self, origin: int, members: tuple[Forecaster, ...]) -> Issue:
        """What ``members`` say at ``origin``; each is asked once."""
        prepared = self._prepared(origin)
        paths = np.stack([self._path(origin, member, prepared) for member in members])
        return Issue(tuple(member.name for member in members), paths, prepared)

    def rival(self, forecaster: Forecaster, origin: int) -> FloatArray:
        """What a forecaster says at ``origin`` from the raw values (H,), computed once."""
        key = (forecaster.name, origin)
        if key not in self._rivals:
            path = forecaster.fit(self.training(origin)).path(self.reach)
            self._rivals[key] = np.maximum(path, 0.0) if self.clip else path
        return self._rivals[key]

    def actual(self, origin: int, length: int, known: int) -> FloatArray:
        """What happened after ``origin`` as far as it was known before ``known``, (length,)."""
        values = np.full(length, np.nan)
        stop = min(origin + length, known)
        values[: max(stop - origin, 0)] = self.series.values[origin:stop]
        return values

    def _past(self, now: int) -> _Past:
        """The windows before ``now``: weekly, and fortnightly in the older half.

        As many whole windows as asked for and as leave enough to learn from; a short
        history has at most sixteen weekly ones. The newest are not over yet: what is
        known of them counts.
        """
        size = min(now, self.options.max_steps)
        period = self.window // 4
        least = max(2 * self.window, int(_LEAST_TRAINING * size))
        count = 4 * min(self.options.windows, (size - least) // self.window)
        if count < 4 * _FULL_WINDOWS:
            count = min(4 * _FULL_WINDOWS, (size - 3 * period) // period)
        backs = [back for back in range(1, max(count, 0) + 1) if _is_origin(back, count)]
        origins = tuple(now - period * back for back in reversed(backs))
        known = [self.actual(origin, self.reach, now) for origin in origins]
        return _Past(now, origins, np.stack(known) if known else np.empty((0, self.reach)))

    def _members(self, past: _Past, now: int) -> tuple[Forecaster, ...]:
        """The members that the oldest window can feed already."""
        oldest = past.origins[0] if past.origins else now
        residents = self.series.occupancy
        return members_for(
            oldest - max(oldest - self.options.max_steps, 0),
            with_residents=not self.options.proportional
            and residents is not None
            and residents.varies(now),
        )

    def _prepared(self, origin: int) -> Prepared:
        if origin not in self._prepared_at:
            made = prepare(
                self.training(origin),
                self.reach,
                self.options.season,
                found=self._pattern_before(origin),
            )
            self._prepared_at[origin] = made
        return self._prepared_at[origin]

    def _booked_share(self, origin: int) -> FloatArray | float:
        """Residents of the steps ahead against the last ones, as known at ``origin``, (H,).

        1 unless the series is so much for each resident.
        """
        people = self.series.occupancy
        known = people.at(origin, self.reach) if people and self.options.proportional else None
        if known is None or known[origin - 1] <= 0:
            return 1.0
        share: FloatArray = known[origin:] / known[origin - 1]
        return share

    def _booked_hours(self, origin: int) -> FloatArray | float:
        """What the residents booked add to the steps ahead, as far as hours follow them, (H,)."""
        people = self.series.occupancy
        known = people.at(origin, self.reach) if people and not self.options.proportional else None
        if known is None or (known[origin:] == known[origin - 1]).all():
            return 0.0
        moved: FloatArray = self.each_resident(origin) * (known[origin:] - known[origin - 1])
        return moved

    def each_resident(self, origin: int) -> float:
        """The hours that followed each resident before ``origin``, as far as they are proved."""
        if origin not in self._each_at:
            self._each_at[origin] = hours_per_resident(self._prepared(origin).unaligned)
        return self._each_at[origin]

    def _pattern_before(self, origin: int) -> int | None:
        """The pattern's days at an origin of the last weeks; null to look for it (again).

        Four weeks hardly change what six windows of four weeks proved, and looking is dear.
        """
        period = self.window // 4
        back = origin // period % 4
        before = self._prepared_at.get(origin - back * period) if back else None
        return None if before is None or origin == len(self.series) else before.pattern.period

    def _path(self, origin: int, member: Forecaster, prepared: Prepared) -> FloatArray:
        """One member's forecast (H,) with the known effects; NaN where it cannot be fitted."""
        key = (member.name, origin)
        if key not in self._paths:
            try:
                path = self._fitted(member, prepared).path(self.reach)
            except (ArithmeticError, ValueError, np.linalg.LinAlgError):
                path = np.full(self.reach, np.nan)  # it does not speak for this series
            path = path + prepared.holiday + prepared.pattern_effect
            path = path * self._booked_share(origin) + self._booked_hours(origin)
            self._paths[key] = np.maximum(path, 0.0) if self.clip else path
        return self._paths[key]

    @staticmethod
    def _fitted(member: Forecaster, prepared: Prepared) -> Fitted:
        if member is PROPHET_MEMBER and prepared.fit is not None:
            return FittedProphet(prepared.fit)
        return member.fit(prepared.unaligned if member is PROPHET_RESIDENTS else prepared.training)

    def _alone(self, rival: Forecaster, raw: Training, past: _Past, reason: str) -> Calibration:
        """One simple forecaster in the ensemble's place, and why."""
        path = self._rival_past(rival, past)
        alone = Weights((rival.name,), np.ones(1))
        own = self._own(raw, past, path)
        return Calibration(alone, past.actual - path, past.steps_back, reason, own)

    def _own(self, raw: Training, past: _Past, path: FloatArray | None) -> OwnErrors:
        scale = lag_scale(raw.y, self.calendar.period)
        if path is None or not past.origins:
            path = np.empty_like(past.actual)
        naive = self._rival_past(SEASONAL_NAIVE, past)
        return judge(path, naive, past.actual, scale, past.steps_back, self.window)

    def _reason(
        self, raw: Training, past: _Past, path: FloatArray, own: OwnErrors
    ) -> tuple[Forecaster, str]:
        """Who should speak in the ensemble's place, and why; an empty reason for nobody."""
        naive = self._rival_past(SEASONAL_NAIVE, past)
        reason = reason_for_last_week(own, path, naive, past.actual)
        if reason:
            return SEASONAL_NAIVE, reason
        if past.origins[0] < MEAN_26.min_size:
            return MEAN_26, ""
        mean = self._rival_past(MEAN_26, past)
        scale = lag_scale(raw.y, self.calendar.period)
        return MEAN_26, reason_to_give_way(own, path, mean, past.actual, scale)

    def _rival_past(self, rival: Forecaster, past: _Past) -> FloatArray:
        if not past.origins:
            return np.empty_like(past.actual)
        length = past.actual.shape[1]
        return np.stack([self.rival(rival, origin)[:length] for origin in past.origins])


def _is_origin(back: int, count: int) -> bool:
    """Whether the window that began ``back`` periods ago is one of the ``count`` to look at."""
    return back <= max(count // 2, 4 * _FULL_WINDOWS) or back % 2 == 0


def _sound_rows(issues: list[Issue]) -> list[int]:
    """The members that gave a number for every step at every origin."""
    finite = [np.isfinite(issue.paths).sum(axis=1) == issue.paths.shape[1] for issue in issues]
    return [int(row) for row in np.flatnonzero(np.logical_and.reduce(finite))]
