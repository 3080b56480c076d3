"""Averages over reference periods, projected to the end of the planned rota.

A shift belongs to the rota day on which it starts. Windows end on Sundays, from the week
in which the checked period starts to the last planned week.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rota.calendar import DAYS_PER_WEEK, Period, age_on, reference_period, sunday
from rota.rules.parameters import Limits, Parameters
from rota.rules.timeline import Absence, OptOut, Timeline

_WEEK = timedelta(days=DAYS_PER_WEEK)


@dataclass(frozen=True, slots=True)
class WeeklyAverage:
    """Working time a week over one reference period.

    ``worked_minutes`` is A, ``made_up_minutes`` B and ``period`` C of (A + B) / C;
    ``excluded_days`` are the working days that B makes up.
    """

    period: Period
    worked_minutes: int
    made_up_minutes: int
    excluded_days: int
    limits: Limits

    @property
    def total(self) -> int:
        """A + B, in minutes."""
        return self.worked_minutes + self.made_up_minutes

    @property
    def minutes_per_week(self) -> int:
        """(A + B) / C in whole minutes, rounded up so that no excess is hidden."""
        return -(-self.total * DAYS_PER_WEEK // self.period.days)

    @property
    def headroom_minutes(self) -> int:
        """Minutes that may still be worked in the period before the limit; may be negative."""
        allowed = self.limits.weekly_average_limit * self.period.days // DAYS_PER_WEEK
        return allowed - self.total


class Ledger:
    """Working minutes by rota day with running totals, so that any span is two look-ups."""

    __slots__ = ("counts", "days", "totals")

    def __init__(self, entries: Iterable[tuple[date, int, int]]) -> None:
        """``entries``: (rota day, minutes, number of worked days) in order of day."""
        self.days: list[date] = []
        self.totals: list[int] = [0]
        self.counts: list[int] = [0]
        for day, minutes, count in entries:
            if self.days and self.days[-1] == day:
                self.totals[-1] += minutes
            else:
                self.days.append(day)
                self.totals.append(self.totals[-1] + minutes)
                self.counts.append(self.counts[-1] + count)

    def span(self, period: Period) -> tuple[int, int]:
        """Minutes and number of worked days in a period."""
        first = bisect_left(self.days, period.start)
        last = bisect_right(self.days, period.end)
        return self.totals[last] - self.totals[first], self.counts[last] - self.counts[first]

    def next_days(self, after: date, count: int) -> tuple[int, int]:
        """Minutes of the first ``count`` worked days after a day, and how many there are."""
        first = bisect_right(self.days, after)
        last = min(first + count, len(self.days))
        return self.totals[last] - self.totals[first], last - first


def weekly_averages(
    timeline: Timeline, period: Period, parameters: Parameters
) -> list[WeeklyAverage]:
    """The weekly average of every reference period that ends in or after a period.

    (A + B) / C of regulation 4(6): A is the time worked in the reference period, B that of
    as many worked days after it as it has excluded days, C its weeks. Excluded days are
    the working days lost to statutory absence (calendar days by the person's usual days a
    week) and days worked under an opt-out. Where the rota does not yet reach far enough
    for B, the rest is made up at the person's average day. A period that ends under an
    opt-out, or while the person is under 18, has no average.
    """
    worker = timeline.worker
    opt_outs = _valid_opt_outs(timeline, parameters)
    counted, exempt = _ledgers(timeline, opt_outs)
    spans = _merged(timeline.absences)
    found = []
    for end in window_ends(timeline, period):
        if worker.started_on is not None and end < worker.started_on:
            continue
        if worker.is_young_on(end) or any(entry.holds_on(end) for entry in opt_outs):
            continue
        limits = parameters.at(end, worker.role_code)
        window = reference_period(end, limits.weekly_reference_weeks, started_on=worker.started_on)
        minutes, days = counted.span(window)
        _, exempt_days = exempt.span(window)
        usual = _usual_days(timeline, limits, days, window)
        excluded = round(_days_in(spans, window) * usual / DAYS_PER_WEEK) + exempt_days
        made_up = 0
        if excluded:
            made_up, known = counted.next_days(end, excluded)
            average = minutes // days if days else limits.usual_day_minutes
            made_up += (excluded - known) * average
        found.append(WeeklyAverage(window, minutes, made_up, excluded, limits))
    return found


def window_ends(timeline: Timeline, period: Period) -> list[date]:
    last = max(period.end, timeline.last_day or period.end)
    ends = [sunday(period.start)]
    while ends[-1] < last:
        ends.append(ends[-1] + _WEEK)
    return ends


def _valid_opt_outs(timeline: Timeline, parameters: Parameters) -> tuple[OptOut, ...]:
    """The agreements signed as an adult; a minor's is void (WTR reg 5A has no opt-out)."""
    worker = timeline.worker
    born = worker.date_of_birth
    if born is None or not timeline.opt_outs:
        return timeline.opt_outs
    return tuple(
        entry
        for entry in timeline.opt_outs
        if age_on(born, entry.signed_on)
        >= parameters.at(entry.signed_on, worker.role_code).opt_out_age
    )


def _ledgers(timeline: Timeline, opt_outs: Sequence[OptOut]) -> tuple[Ledger, Ledger]:
    """Days that count towards the average, and days worked under an opt-out."""
    entries = [
        (week.monday + timedelta(days=6), week.working_minutes, week.shifts)
        for week in timeline.past_weeks
        if week.shifts
    ]
    entries.sort()
    entries += [
        (shift.date, shift.working_minutes, 1) for shift in timeline.shifts if shift.working_minutes
    ]
    if not opt_outs:
        return Ledger(entries), Ledger(())
    counted: list[tuple[date, int, int]] = []
    exempt: list[tuple[date, int, int]] = []
    for entry in entries:
        held = any(agreement.holds_on(entry[0]) for agreement in opt_outs)
        (exempt if held else counted).append(entry)
    return Ledger(counted), Ledger(exempt)


def _usual_days(timeline: Timeline, limits: Limits, worked: int, window: Period) -> float:
    worker = timeline.worker
    if worker.usual_days_per_week is not None:
        return worker.usual_days_per_week
    if worker.contracted_minutes_per_week:
        return min(7.0, worker.contracted_minutes_per_week / limits.usual_day_minutes)
    return worked * DAYS_PER_WEEK / window.days


def _merged(absences: Sequence[Absence]) -> list[tuple[date, date]]:
    """The excluded absences as spans that do not overlap, oldest first."""
    spans: list[tuple[date, date]] = []
    for absence in sorted(absences, key=lambda entry: entry.start):
        if not absence.is_excluded:
            continue
        if spans and absence.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], absence.end))
        else:
            spans.append((absence.start, absence.end))
    return spans


def _days_in(spans: Sequence[tuple[date, date]], window: Period) -> int:
    total = 0
    for start, end in spans:
        days = (min(end, window.end) - max(start, window.start)).days + 1
        total += max(0, days)
    return total
