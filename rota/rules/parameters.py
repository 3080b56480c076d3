"""Thresholds of the rules: effective-dated rows by role, and the limits they add up to.

A checker never holds a number of its own. It asks ``parameters.at(day, role)`` and gets
the :class:`Limits` in force; each field of it is fed by rows of the same name.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date

from rota.errors import InvalidInput

ParameterValue = int | bool | frozenset[str]


@dataclass(frozen=True, slots=True)
class Limits:
    """Every threshold in force on a day for a role. Durations are minutes.

    Times of day are minutes after midnight; ``…_weeks``, ``…_days``, ``…_months`` and
    ``…_percent`` are what they say.
    """

    weekly_average_limit: int
    weekly_average_warning: int
    weekly_reference_weeks: int
    weekly_settling_weeks: int
    usual_day_minutes: int
    opt_out_age: int
    daily_rest: int
    daily_rest_span: int
    weekly_rest: int
    fortnight_rest: int
    fortnight_rest_count: int
    care_exempt: bool
    compensatory_due_days: int
    break_after: int
    break_minutes: int
    night_from: int
    night_to: int
    night_qualifying: int
    night_share_percent: int
    night_average_limit: int
    night_reference_weeks: int
    night_rest_days_per_week: int
    young_daily_limit: int
    young_weekly_limit: int
    young_daily_rest: int
    young_weekly_rest: int
    young_break_after: int
    young_break_minutes: int
    young_night_from: int
    young_night_to: int
    sleep_in_must_count: bool
    sleep_in_run_limit: int
    registration_required: bool
    registration_apply_months: int
    registration_months: int
    registration_notice_days: int
    required_training: frozenset[str]
    missing_training_counts: bool
    training_notice_days: int
    covers: frozenset[str]
    run_warning_days: int
    run_limit_days: int
    night_run_warning: int
    contract_tolerance: int


_NAMES = frozenset(entry.name for entry in fields(Limits))


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One value of one threshold from a day on, for one role or (``None``) for all.

    ``is_local`` marks the organisation's own choice as opposed to a figure of law.
    """

    name: str
    value: ParameterValue
    effective_from: date
    role: str | None = None
    is_local: bool = False


@dataclass(frozen=True, slots=True)
class Parameters:
    """The table of thresholds; later rows of the same name, day and role win.

    Raises :class:`InvalidInput` for a row whose name no rule knows, or when a name has no
    value for all roles.
    """

    rows: tuple[ParameterRow, ...]
    _days: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _cache: dict[tuple[int, str], Limits] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        unknown = sorted({row.name for row in self.rows} - _NAMES)
        if unknown:
            raise InvalidInput(f"No rule knows the threshold {unknown[0]!r}.")
        general = {row.name for row in self.rows if row.role is None}
        missing = sorted(_NAMES - general)
        if missing:
            raise InvalidInput(f"The threshold {missing[0]!r} has no value for all roles.")
        object.__setattr__(self, "_days", tuple(sorted({row.effective_from for row in self.rows})))

    def at(self, day: date, role: str) -> Limits:
        """The limits in force on a day for a role.

        A row for the role outweighs one for all roles, a later one an earlier one. Before
        the first row of a name its first value holds: a rule is never without a number.
        """
        slot = bisect_right(self._days, day)
        limits = self._cache.get((slot, role))
        if limits is None:
            limits = self._cache[slot, role] = self._resolve(day, role)
        return limits

    def with_rows(self, rows: Iterable[ParameterRow]) -> Parameters:
        """The same table with an organisation's own rows laid over it."""
        return Parameters((*self.rows, *rows))

    def history(self, name: str) -> Iterator[ParameterRow]:
        """The rows of one threshold, oldest first."""
        return iter(
            sorted(
                (row for row in self.rows if row.name == name),
                key=lambda row: row.effective_from,
            )
        )

    def _resolve(self, day: date, role: str) -> Limits:
        ordered = sorted(self.rows, key=lambda row: row.effective_from)
        values: dict[str, ParameterValue] = {}
        for wanted in (None, role):
            first: dict[str, ParameterValue] = {}
            current: dict[str, ParameterValue] = {}
            for row in ordered:
                if row.role != wanted:
                    continue
                first.setdefault(row.name, row.value)
                if row.effective_from <= day:
                    current[row.name] = row.value
            values.update(current if wanted else first | current)
        return Limits(**values)  # type: ignore[arg-type]
