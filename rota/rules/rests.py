"""Rest between shifts and within weeks, for adults and young workers.

Rest is the time between stretches of attendance; overlapping or adjoining shifts are one
stretch. A sleep-in that does not count as working time does not interrupt rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rota.calendar import (
    DAYS_PER_WEEK,
    Period,
    day_start_minute,
    duration_text,
    monday,
    short_day_text,
)
from rota.rules.parameters import Limits, Parameters
from rota.rules.rule import NOT_EXCUSED, Rule, Standing, standing_of
from rota.rules.timeline import Timeline, WorkedShift
from rota.rules.verdict import Severity, Verdict

_WEEK = timedelta(days=DAYS_PER_WEEK)
_DAY = timedelta(days=1)


@dataclass(slots=True)
class Stretch:
    """Unbroken attendance, in minutes of :func:`rota.calendar.minute_of`."""

    start: int
    end: int
    first: WorkedShift
    last: WorkedShift


def stretches(shifts: Iterable[WorkedShift]) -> list[Stretch]:
    """Shifts in order of start, joined where they overlap or adjoin."""
    found: list[Stretch] = []
    for shift in shifts:
        if not shift.counts_as_working_time or shift.end <= shift.start:
            continue
        if found and shift.start <= found[-1].end:
            current = found[-1]
            if shift.end >= current.end:
                current.end, current.last = shift.end, shift
        else:
            found.append(Stretch(shift.start, shift.end, shift, shift))
    return found


def check_daily_rest(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """Eleven hours' rest in the 24 hours from the start of each stretch of work."""
    worker = timeline.worker
    verdicts = []
    for gap in _short_rests(timeline, period, parameters, young=False):
        if worker.is_young_on(gap.after.date):
            continue
        limits = parameters.at(gap.arising_on, worker.role_code)
        standing = standing_of(
            timeline, "daily_rest", gap.arising_on, gap.limit - gap.measured, limits
        )
        verdicts.append(_rest_verdict(DAILY_REST, gap, standing))
    return verdicts


def check_young_daily_rest(
    timeline: Timeline, period: Period, parameters: Parameters
) -> list[Verdict]:
    """Twelve hours' rest in the 24 hours from the start of a young worker's work."""
    if not timeline.worker.is_young_on(period.start - _DAY):
        return []
    return [
        _rest_verdict(YOUNG_DAILY_REST, gap, NOT_EXCUSED)
        for gap in _short_rests(timeline, period, parameters, young=True)
        if timeline.worker.is_young_on(gap.after.date)
    ]


@dataclass(slots=True)
class _ShortRest:
    """Too little rest after ``after``; ``before`` is nothing when the work itself is too long."""

    after: WorkedShift
    before: WorkedShift | None
    measured: int
    limit: int
    attendance: int

    @property
    def arising_on(self) -> date:
        return (self.before or self.after).date


def _short_rests(
    timeline: Timeline, period: Period, parameters: Parameters, *, young: bool
) -> list[_ShortRest]:
    """Every rest that is too short, once, that touches a rota day of the period."""
    role = timeline.worker.role_code
    found: list[_ShortRest] = []
    # two days either side: a night before the period may reach into it
    blocks = stretches(timeline.between(period.start - 2 * _DAY, period.end + 2 * _DAY))
    reported = -1
    for index, block in enumerate(blocks):
        limits = parameters.at(block.first.date, role)
        limit = limits.young_daily_rest if young else limits.daily_rest
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        rested = following is None or following.start - block.end >= limit
        if rested and block.end - block.start + limit <= limits.daily_rest_span:
            continue
        at, measured = _best_rest(blocks, index, block.start + limits.daily_rest_span)
        if measured >= limit or at == reported:
            continue
        reported = at
        gap = _short_rest(blocks, at, measured, limit)
        if gap.after.date in period or (gap.before is not None and gap.before.date in period):
            found.append(gap)
    return found


def _best_rest(blocks: Sequence[Stretch], index: int, until: int) -> tuple[int, int]:
    """Index and minutes of the longest rest after stretch ``index`` and before ``until``."""
    best_at, best = index, -1
    for at in range(index, len(blocks)):
        if blocks[at].start >= until:
            break
        ends = min(blocks[at + 1].start, until) if at + 1 < len(blocks) else until
        if ends - blocks[at].end > best:
            best_at, best = at, ends - blocks[at].end
    return best_at, max(0, best)


def _short_rest(blocks: Sequence[Stretch], at: int, measured: int, limit: int) -> _ShortRest:
    block = blocks[at]
    following = blocks[at + 1] if at + 1 < len(blocks) else None
    attendance = block.end - block.start
    if following is not None and following.start - block.end < limit:
        return _ShortRest(block.last, following.first, measured, limit, attendance)
    return _ShortRest(block.last, None, measured, limit, attendance)


def _rest_verdict(rule: Rule, gap: _ShortRest, standing: Standing) -> Verdict:
    shifts = (gap.after,) if gap.before is None else (gap.after, gap.before)
    if gap.before is None:
        words = (
            f"{duration_text(gap.measured)} rest in the 24 hours from the start of "
            f"{duration_text(gap.attendance)} at work on {gap.after.label}"
        )
        subject = f"{gap.after.id}"
    else:
        words = f"{duration_text(gap.measured)} between {gap.after.label} and {gap.before.label}"
        subject = f"{gap.after.id}>{gap.before.id}"
    return Verdict(
        rule=rule.key,
        severity=standing.severity,
        title=rule.title,
        message=f"{words}; {duration_text(gap.limit)} required{standing.words}",
        dates=tuple(shift.date for shift in shifts),
        shift_ids=tuple(shift.id for shift in shifts),
        measured=gap.measured,
        limit=gap.limit,
        unit="minutes",
        excess=gap.limit - gap.measured,
        subject=subject,
        owed_minutes=standing.owed_minutes,
        owed_by=standing.owed_by,
        arising_on=standing.arising_on,
    )


def check_weekly_rest(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """24 hours' rest in each week from Monday, or 48 hours (or twice 24) in a fortnight.

    A week without its 24 hours is lawful when both fortnights of whole weeks that hold it
    have theirs, so that it does not matter from which week fortnights are counted.
    """
    verdicts = []
    for first, blocks in _weeks_at_work(timeline, period):
        if timeline.worker.is_young_on(first):
            continue
        limits = parameters.at(first, timeline.worker.role_code)
        longest = max(_rests(blocks, first, first + _WEEK))
        if longest >= limits.weekly_rest:
            continue
        fortnights = ((first - _WEEK, first + _WEEK), (first, first + 2 * _WEEK))
        if all(_fortnight_suffices(_rests(blocks, *span), limits) for span in fortnights):
            continue
        shortfall = limits.weekly_rest - longest
        standing = standing_of(timeline, "weekly_rest", first, shortfall, limits)
        verdicts.append(
            _week_verdict(WEEKLY_REST, timeline, first, longest, limits.weekly_rest, standing)
        )
    return verdicts


def check_young_weekly_rest(
    timeline: Timeline, period: Period, parameters: Parameters
) -> list[Verdict]:
    """48 hours' rest in each week of a young worker."""
    if not timeline.worker.is_young_on(monday(period.start)):
        return []
    verdicts = []
    for first, blocks in _weeks_at_work(timeline, period):
        limit = parameters.at(first, timeline.worker.role_code).young_weekly_rest
        longest = max(_rests(blocks, first, first + _WEEK))
        if timeline.worker.is_young_on(first) and longest < limit:
            verdicts.append(
                _week_verdict(YOUNG_WEEKLY_REST, timeline, first, longest, limit, NOT_EXCUSED)
            )
    return verdicts


def _weeks_at_work(timeline: Timeline, period: Period) -> list[tuple[date, list[Stretch]]]:
    """Each week with shifts that the period touches, with the work a fortnight around it."""
    weeks = []
    for week in period.weeks():
        if timeline.within(week):
            around = timeline.between(week.start - _WEEK - _DAY, week.end + _WEEK + _DAY)
            weeks.append((week.start, stretches(around)))
    return weeks


def _rests(blocks: Sequence[Stretch], start: date, end: date) -> list[int]:
    """Minutes of each rest inside the local days ``start`` to ``end`` (``end`` not included)."""
    since, until = day_start_minute(start), day_start_minute(end)
    rests = []
    for block in blocks:
        if block.end <= since:
            continue
        if block.start >= until:
            break
        rests.append(max(0, block.start - since))
        since = block.end
    rests.append(max(0, until - since))
    return rests


def _fortnight_suffices(rests: Sequence[int], limits: Limits) -> bool:
    if max(rests) >= limits.fortnight_rest:
        return True
    return sum(rest >= limits.weekly_rest for rest in rests) >= limits.fortnight_rest_count


def _week_verdict(
    rule: Rule, timeline: Timeline, first: date, longest: int, limit: int, standing: Standing
) -> Verdict:
    shifts = timeline.between(first, first + _WEEK - _DAY)
    words = (
        f"Longest rest in the week of {short_day_text(first)} is {duration_text(longest)}; "
        f"{duration_text(limit)} required"
    )
    return Verdict(
        rule=rule.key,
        severity=standing.severity,
        title=rule.title,
        message=words + standing.words,
        dates=tuple(sorted({shift.date for shift in shifts})),
        shift_ids=tuple(shift.id for shift in shifts),
        measured=longest,
        limit=limit,
        unit="minutes",
        excess=limit - longest,
        subject=first.isoformat(),
        owed_minutes=standing.owed_minutes,
        owed_by=standing.owed_by,
        arising_on=standing.arising_on,
    )


DAILY_REST = Rule(
    "daily_rest",
    "Daily rest",
    "At least 11 hours' rest in a row in each 24 hours. In continuous care less is lawful "
    "only with equivalent compensatory rest on record.",
    "Working Time Regulations 1998, reg 10; exception regs 21 and 24",
    Severity.BARRED,
    check_daily_rest,
    reach_days=2,
)
WEEKLY_REST = Rule(
    "weekly_rest",
    "Weekly rest",
    "At least 24 hours' rest in a row each week, or 48 hours, or twice 24, in a fortnight. In "
    "continuous care less is lawful only with equivalent compensatory rest on record.",
    "Working Time Regulations 1998, reg 11; exception regs 21 and 24",
    Severity.BARRED,
    check_weekly_rest,
    reach_days=8,
)
YOUNG_DAILY_REST = Rule(
    "young_daily_rest",
    "Daily rest under 18",
    "A worker under 18 has at least 12 hours' rest in a row in each 24 hours.",
    "Working Time Regulations 1998, reg 10(2)",
    Severity.BARRED,
    check_young_daily_rest,
    reach_days=2,
)
YOUNG_WEEKLY_REST = Rule(
    "young_weekly_rest",
    "Weekly rest under 18",
    "A worker under 18 has at least 48 hours' rest in a row each week.",
    "Working Time Regulations 1998, reg 11(3)",
    Severity.BARRED,
    check_young_weekly_rest,
    reach_days=7,
)
