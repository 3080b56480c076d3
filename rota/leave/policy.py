"""The leave policy: every limit as a dated row, and the limits in force on a day.

Defaults are shipped as rows of law and rows marked local; an organisation lays its own over
them in ``policy_settings``, for a home, a role or everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from rota.calendar import Period, leave_year
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.models import PolicySetting
from rota.policies import SettingRow, flag, own_rows, resolve_policy, store_limit, whole


@dataclass(frozen=True, slots=True, order=True)
class DayOfYear:
    """A day of every year, for instance 31 March."""

    month: int
    day: int

    def after(self, start: date) -> date:
        """The first such day on or after ``start``; 29 February falls back to the 28th."""
        for year in (start.year, start.year + 1):
            found = _on(year, self)
            if found >= start:
                return found
        raise AssertionError("a year always holds the day")


@dataclass(frozen=True, slots=True)
class Season:
    """A stretch of every year, both ends included; it may cross New Year."""

    start: DayOfYear
    end: DayOfYear

    def overlaps(self, period: Period) -> bool:
        """Whether any day of a period lies in the season."""
        for year in range(period.start.year - 1, period.end.year + 1):
            begins = _on(year, self.start)
            ends = self.end.after(begins)
            if begins <= period.end and ends >= period.start:
                return True
        return False


@dataclass(frozen=True, slots=True)
class PacePoint:
    """The share of the entitlement that should be taken or booked by a day of the year."""

    by: DayOfYear
    percent: int


def _on(year: int, day: DayOfYear) -> date:
    if (day.month, day.day) == (2, 29):
        return date(year, 3, 1) - timedelta(days=1)
    return date(year, day.month, day.day)


@dataclass(frozen=True, slots=True)
class LeavePolicy:
    """Every limit in force on a day for a home and a role.

    ``…_minutes``, ``…_days``, ``…_weeks``, ``…_percent`` are what they say; weeks of
    entitlement and the accrual rate are kept in hundredths to stay exact.
    """

    year_start: DayOfYear
    entitlement_weeks_hundredths: int
    statutory_weeks_hundredths: int
    accrual_basis_points: int
    accrual_rounding_minutes: int
    carry_over_weeks_hundredths: int
    bank_holidays_added: bool
    request_notice_factor: int
    notice_days: int
    peak_notice_days: int
    peak_seasons: tuple[Season, ...]
    team_off_percent: int
    auto_enabled: bool
    auto_max_days: int
    auto_blackouts: tuple[Season, ...]
    auto_others_off_limit: int
    auto_keep_minimum: bool
    pace: tuple[PacePoint, ...]
    pace_green_percent: int
    pace_amber_percent: int
    alternative_reach_days: int
    bradford_steps: tuple[int, ...]
    long_term_days: int
    long_term_shifts: int
    open_spell_days: int
    return_talk_days: int

    def year_of(self, day: date) -> Period:
        """The leave year that holds a day."""
        return leave_year(day, start_month=self.year_start.month, start_day=self.year_start.day)

    def notice_for(self, period: Period) -> int:
        """Days of notice the organisation asks for: more in a peak season."""
        peak = any(season.overlaps(period) for season in self.peak_seasons)
        return self.peak_notice_days if peak else self.notice_days


_WTR = date(1998, 10, 1)
_LEAVE = date(2009, 4, 1)  # 5.6 weeks since 1 April 2009
_REFORM = date(2024, 4, 1)  # leave years from 1 April 2024: irregular-hours accrual
_LAW = "Working Time Regulations 1998"
_LOCAL = "local choice"

#: what the product ships; edited by rows of ``policy_settings``, never here
DEFAULT_ROWS: tuple[SettingRow, ...] = (
    SettingRow("year_start", [4, 1], _WTR, _LOCAL),
    SettingRow("entitlement_weeks_hundredths", 560, _LEAVE, f"{_LAW}, regs 13 and 13A"),
    SettingRow("statutory_weeks_hundredths", 560, _LEAVE, f"{_LAW}, regs 13 and 13A"),
    SettingRow("accrual_basis_points", 1207, _REFORM, f"{_LAW}, reg 15B"),
    SettingRow("accrual_rounding_minutes", 60, _REFORM, f"{_LAW}, reg 15B"),
    SettingRow("carry_over_weeks_hundredths", 160, _LEAVE, f"{_LAW}, reg 13A(7)"),
    # within the 5.6 weeks, as the law allows; an organisation may give them on top
    SettingRow("bank_holidays_added", False, _LEAVE, _LOCAL),
    SettingRow("request_notice_factor", 2, _WTR, f"{_LAW}, reg 15"),
    SettingRow("notice_days", 14, _WTR, _LOCAL),
    SettingRow("peak_notice_days", 42, _WTR, _LOCAL),
    SettingRow("peak_seasons", [[[12, 11], [1, 8]]], _WTR, _LOCAL),
    SettingRow("team_off_percent", 20, _WTR, _LOCAL),
    SettingRow("auto_enabled", False, _WTR, _LOCAL),
    SettingRow("auto_max_days", 14, _WTR, _LOCAL),
    SettingRow("auto_blackouts", [[[12, 11], [1, 8]]], _WTR, _LOCAL),
    SettingRow("auto_others_off_limit", 2, _WTR, _LOCAL),
    SettingRow("auto_keep_minimum", True, _WTR, _LOCAL),
    SettingRow("pace", [[[6, 30], 50], [[9, 30], 80], [[3, 31], 100]], _WTR, _LOCAL),
    SettingRow("pace_green_percent", 10, _WTR, _LOCAL),
    SettingRow("pace_amber_percent", 25, _WTR, _LOCAL),
    SettingRow("alternative_reach_days", 28, _WTR, _LOCAL),
    SettingRow("bradford_steps", [51, 201, 401, 601], _WTR, _LOCAL),
    SettingRow("long_term_days", 5, _WTR, _LOCAL),
    SettingRow("long_term_shifts", 3, _WTR, _LOCAL),
    SettingRow("open_spell_days", 7, _WTR, _LOCAL),
    SettingRow("return_talk_days", 3, _WTR, _LOCAL),
)


def resolve(rows: Iterable[SettingRow], day: date) -> LeavePolicy:
    """The leave policy in force on a day, given the rows that apply to a home and role."""
    return resolve_policy(LeavePolicy, rows, day, _parse)


def setting_rows(
    session: Session, home_id: int | None = None, role_id: int | None = None
) -> list[SettingRow]:
    """The shipped rows and the organisation's own that apply to a home and a role."""
    return [*DEFAULT_ROWS, *own_rows(session, home_id, role_id)]


def policy_for(
    session: Session, day: date, home_id: int | None = None, role_id: int | None = None
) -> LeavePolicy:
    """The leave policy of a home and a role on a day."""
    return resolve(setting_rows(session, home_id, role_id), day)


def set_limit(
    uow: UnitOfWork,
    name: str,
    value: Any,
    effective_from: date,
    *,
    home_id: int | None = None,
    role_id: int | None = None,
    reason: str,
) -> PolicySetting:
    """Set a limit from a day on, for a home, a role or everybody; earlier rows stay on record.

    ``value`` is as in :data:`DEFAULT_ROWS`. Raises :class:`InvalidInput` for an unknown name,
    a value that is none, or no reason.
    """
    if name not in {entry.name for entry in fields(LeavePolicy)}:
        raise InvalidInput(f"The leave policy has no limit called {name!r}.")
    row = SettingRow(name, value, effective_from, reason, home_id, role_id)
    return store_limit(uow, row, _parse)


def _parse(name: str, value: Any) -> Any:
    if name == "year_start":
        return _day(value)
    if name in ("peak_seasons", "auto_blackouts"):
        return tuple(Season(_day(start), _day(end)) for start, end in value)
    if name == "pace":
        return tuple(PacePoint(_day(by), whole(percent)) for by, percent in value)
    if name == "bradford_steps":
        return tuple(sorted(whole(step) for step in value))
    if name in ("auto_enabled", "auto_keep_minimum", "bank_holidays_added"):
        return flag(value)
    return whole(value)


def _day(value: Any) -> DayOfYear:
    month, day = value
    date(2024, month, day)  # a leap year, so that 29 February may be named
    return DayOfYear(month, day)
