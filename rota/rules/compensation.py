"""Where somebody's rest repays what is owed to them after a lawful exception.

Equivalent compensatory rest (WTR reg 24) is rest on top of what is due anyway: a rest of
11 hours that everybody has between two shifts repays nothing, one of 13 repays two hours.
Days of leave or sickness repay nothing: they are not rest from work that was owed. One rest
serves several debts only as far as it is long enough for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rota.calendar import Period, day_start_minute
from rota.rules.parameters import Parameters
from rota.rules.rests import WEEKLY_REST, Stretch, stretches
from rota.rules.timeline import Timeline

#: a rest with no shift before or after it counts as this long from the day asked about
_OPEN_MINUTES = 14 * 24 * 60
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Rest:
    """Time between two stretches of work, in minutes of :func:`rota.calendar.minute_of`;
    nothing where no shift is known on that side."""

    start: int | None
    end: int | None

    def minutes_around(self, day: date) -> int:
        """Its length; an open side reaches a fortnight from the day."""
        middle = day_start_minute(day)
        start = middle - _OPEN_MINUTES if self.start is None else self.start
        end = middle + _OPEN_MINUTES if self.end is None else self.end
        return max(0, end - start)


def longest_rest(blocks: Sequence[Stretch], day: date) -> Rest:
    """The longest rest of which some part lies in a rota day of the London clock."""
    begins, over = day_start_minute(day), day_start_minute(day + timedelta(days=1))
    edges: list[int | None] = [None]
    found: list[Rest] = []
    for block in blocks:
        found.append(Rest(edges[-1], block.start))
        edges.append(block.end)
    found.append(Rest(edges[-1], None))
    touching = [
        rest
        for rest in found
        if (rest.start is None or rest.start < over) and (rest.end is None or rest.end > begins)
    ]
    return max(touching, key=lambda rest: rest.minutes_around(day), default=Rest(begins, begins))


def rest_to_spare(timeline: Timeline, day: date, parameters: Parameters) -> int:
    """Minutes of the longest rest touching a day that are left to repay a debt.

    Less the daily rest due anyway (WTR reg 10) and what was taken in the same rest already;
    none on a day of leave or sickness. Never negative.
    """
    if any(absence.start <= day <= absence.end for absence in timeline.absences):
        return 0
    blocks = stretches(timeline.shifts)
    rest = longest_rest(blocks, day)
    due = parameters.at(day, timeline.worker.role_code).daily_rest
    spent = sum(
        entry.owed_minutes
        for entry in timeline.compensatory_rests
        if entry.taken_on is not None and longest_rest(blocks, entry.taken_on) == rest
    )
    return max(0, rest.minutes_around(day) - due - spent)


def repays_from(rule: str, arose_on: date) -> date:
    """The first day whose rest can repay a shortfall: a week's own rest repays nothing of it."""
    return arose_on + _WEEK if rule == WEEKLY_REST.key else arose_on


def first_rest_for(
    timeline: Timeline, owed_minutes: int, period: Period, parameters: Parameters
) -> date | None:
    """The first day of a period whose rest repays a debt of so many minutes, if there is one."""
    return next(
        (day for day in period if rest_to_spare(timeline, day, parameters) >= owed_minutes), None
    )
