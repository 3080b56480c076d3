"""All rules of work with their thresholds, and the three ways of applying them.

:func:`check_timeline` judges a person over a period, :func:`check_home` many people, and
:func:`check_change` says what a change would newly cause.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from rota.calendar import Period
from rota.errors import InvalidInput, NotFound
from rota.rules.averages import WeeklyAverage, weekly_averages
from rota.rules.breaks import (
    BREAKS,
    YOUNG_BREAKS,
    YOUNG_DAILY_HOURS,
    YOUNG_NIGHTS,
    YOUNG_WEEKLY_HOURS,
)
from rota.rules.defaults import DEFAULT_PARAMETERS
from rota.rules.hours import CONTRACTED_HOURS, NIGHT_WORK, WEEKLY_HOURS
from rota.rules.parameters import Parameters
from rota.rules.people import COMPENSATORY_REST, GRADE, REGISTRATION, SKILLS, TRAINING
from rota.rules.presence import (
    ABSENCE,
    CONSECUTIVE_SHIFTS,
    DOUBLE_BOOKING,
    EMPLOYMENT,
)
from rota.rules.rests import DAILY_REST, WEEKLY_REST, YOUNG_DAILY_REST, YOUNG_WEEKLY_REST
from rota.rules.rule import Rule
from rota.rules.sleep_ins import SLEEP_IN
from rota.rules.timeline import PersonId, ShiftId, Timeline, WorkedShift
from rota.rules.verdict import Assessment, Verdict

#: every rule of work, in the order in which screens list them
RULES: tuple[Rule, ...] = (
    DOUBLE_BOOKING,
    ABSENCE,
    EMPLOYMENT,
    GRADE,
    SKILLS,
    REGISTRATION,
    TRAINING,
    DAILY_REST,
    WEEKLY_REST,
    WEEKLY_HOURS,
    NIGHT_WORK,
    BREAKS,
    SLEEP_IN,
    YOUNG_DAILY_HOURS,
    YOUNG_WEEKLY_HOURS,
    YOUNG_DAILY_REST,
    YOUNG_WEEKLY_REST,
    YOUNG_BREAKS,
    YOUNG_NIGHTS,
    CONSECUTIVE_SHIFTS,
    COMPENSATORY_REST,
    CONTRACTED_HOURS,
)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules to apply and the thresholds they read."""

    rules: tuple[Rule, ...] = RULES
    parameters: Parameters = field(default=DEFAULT_PARAMETERS, repr=False)

    def only(self, *keys: str) -> Rulebook:
        """The same thresholds with only the named rules."""
        return replace(self, rules=tuple(self.rule(key) for key in keys))

    def without(self, *keys: str) -> Rulebook:
        """The same rulebook less the named rules."""
        return replace(self, rules=tuple(rule for rule in self.rules if rule.key not in keys))

    def rule(self, key: str) -> Rule:
        """The rule of a name. Raises :class:`NotFound` when there is none."""
        for rule in self.rules:
            if rule.key == key:
                return rule
        raise NotFound(f"There is no rule {key!r}.")


DEFAULT_RULEBOOK = Rulebook()


@dataclass(frozen=True, slots=True)
class Change:
    """Shifts to add to a person's timeline and ids of shifts to take away."""

    added: tuple[WorkedShift, ...] = ()
    removed: tuple[ShiftId, ...] = ()

    @classmethod
    def add(cls, *shifts: WorkedShift) -> Change:
        """The person takes on shifts."""
        return cls(added=shifts)

    @classmethod
    def remove(cls, *shift_ids: ShiftId) -> Change:
        """The person gives up shifts."""
        return cls(removed=shift_ids)

    @classmethod
    def exchange(cls, shift_id: ShiftId, shift: WorkedShift) -> Change:
        """The person works one shift in place of another (or the same one changed)."""
        return cls(added=(shift,), removed=(shift_id,))


def check_timeline(
    timeline: Timeline, period: Period, rulebook: Rulebook = DEFAULT_RULEBOOK
) -> list[Verdict]:
    """What every rule says about a person over a period, gravest first.

    The timeline must reach a fortnight beyond the period on both sides, and one reference
    period back (as shifts or as past weeks), for every verdict to be complete.
    """
    verdicts = [
        verdict
        for rule in rulebook.rules
        for verdict in rule.checker(timeline, period, rulebook.parameters)
    ]
    verdicts.sort(key=_gravest_first)
    return verdicts


def check_home(
    timelines: Iterable[Timeline], period: Period, rulebook: Rulebook = DEFAULT_RULEBOOK
) -> dict[PersonId, list[Verdict]]:
    """The verdicts of each person who has any, by the person's id."""
    found = {}
    for timeline in timelines:
        verdicts = check_timeline(timeline, period, rulebook)
        if verdicts:
            found[timeline.worker.id] = verdicts
    return found


def check_change(
    timeline: Timeline, change: Change, rulebook: Rulebook = DEFAULT_RULEBOOK
) -> Assessment:
    """What a change would newly cause, or make worse; what was wrong before stays unsaid.

    Raises :class:`InvalidInput` for a change of nothing, or of a shift that is not there.
    """
    known = {shift.id: shift for shift in timeline.shifts}
    missing = [shift_id for shift_id in change.removed if shift_id not in known]
    if missing:
        raise InvalidInput(f"Shift {missing[0]} is not on {timeline.worker.name}'s rota.")
    days = [shift.date for shift in change.added] + [known[gone].date for gone in change.removed]
    if not days:
        raise InvalidInput("A change adds or removes at least one shift.")
    touched = Period(min(days), max(days))
    after = timeline.changed(added=change.added, removed=change.removed)
    parameters = rulebook.parameters
    new: list[Verdict] = []
    for rule in rulebook.rules:
        back = max(rule.reach_days, rule.reach_back_days)
        reach = touched.widened(back, rule.reach_days) if back else touched
        then = rule.check_in_detail(after, reach, parameters)
        if then:
            now = rule.check_in_detail(timeline, reach, parameters)
            new += _worst_only(rule, _newly(rule, then, now))
    new.sort(key=_gravest_first)
    return Assessment(tuple(new))


def weekly_hours_headroom(
    timeline: Timeline, day: date, rulebook: Rulebook = DEFAULT_RULEBOOK
) -> int | None:
    """Minutes somebody may still work on a day before any 48-hour average is exceeded.

    The least over the reference periods that hold the day and end by the end of the
    planned rota; negative when one is exceeded already; nothing when no limit applies.
    """
    averages = weekly_averages(timeline, Period(day, day), rulebook.parameters)
    holding: Collection[WeeklyAverage] = [entry for entry in averages if day in entry.period]
    return min((entry.headroom_minutes for entry in holding), default=None)


def _newly(rule: Rule, after: list[Verdict], before: list[Verdict]) -> list[Verdict]:
    if not before:
        return after
    if rule.joins_runs:
        return [
            verdict
            for verdict in after
            if not any(_same_run(verdict, old) and not verdict.is_worse_than(old) for old in before)
        ]
    by_subject: Mapping[str, Verdict] = {verdict.subject: verdict for verdict in before}
    return [
        verdict
        for verdict in after
        if (old := by_subject.get(verdict.subject)) is None or verdict.is_worse_than(old)
    ]


def _same_run(one: Verdict, other: Verdict) -> bool:
    return one.unit == other.unit and not set(one.shift_ids).isdisjoint(other.shift_ids)


def _worst_only(rule: Rule, verdicts: list[Verdict]) -> list[Verdict]:
    if rule.in_detail is None or len(verdicts) < 2:
        return verdicts
    return [max(verdicts, key=lambda verdict: (verdict.severity, verdict.excess))]


def _gravest_first(verdict: Verdict) -> tuple[int, date]:
    return -verdict.severity, verdict.dates[0] if verdict.dates else date.min
