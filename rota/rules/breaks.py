"""Rest breaks, and the stricter hours of workers under 18."""

from __future__ import annotations

from collections.abc import Sequence

from rota.calendar import Period, day_text, duration_text, short_day_text, window_overlap
from rota.rules.parameters import Parameters
from rota.rules.rule import NOT_EXCUSED, Rule, Standing, standing_of
from rota.rules.timeline import Timeline, WorkedShift
from rota.rules.verdict import Severity, Verdict


def check_breaks(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """Shifts longer than six hours with a break shorter than twenty minutes."""
    worker = timeline.worker
    verdicts = []
    for shift in timeline.within(period):
        if shift.is_sleep_in:
            continue
        limits = parameters.at(shift.date, worker.role_code)
        if shift.break_minutes >= limits.break_minutes or shift.span_minutes <= limits.break_after:
            continue
        if worker.is_young_on(shift.date):
            continue
        shortfall = limits.break_minutes - shift.break_minutes
        standing = standing_of(timeline, BREAKS.key, shift.date, shortfall, limits)
        verdicts.append(_break_verdict(BREAKS, shift, limits.break_minutes, standing))
    return verdicts


def check_young_breaks(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """A young worker's shifts over four and a half hours with less than thirty minutes' break."""
    verdicts = []
    for shift in _young_shifts(timeline, period):
        limits = parameters.at(shift.date, timeline.worker.role_code)
        limit = limits.young_break_minutes
        if shift.span_minutes > limits.young_break_after and shift.break_minutes < limit:
            verdicts.append(_break_verdict(YOUNG_BREAKS, shift, limit, NOT_EXCUSED))
    return verdicts


def check_young_daily_hours(
    timeline: Timeline, period: Period, parameters: Parameters
) -> list[Verdict]:
    """Rota days on which a young worker works more than eight hours."""
    days: dict[str, list[WorkedShift]] = {}
    for shift in _young_shifts(timeline, period):
        days.setdefault(shift.date.isoformat(), []).append(shift)
    verdicts = []
    for subject, shifts in days.items():
        day = shifts[0].date
        limit = parameters.at(day, timeline.worker.role_code).young_daily_limit
        worked = sum(shift.working_minutes for shift in shifts)
        if worked > limit:
            words = f"{duration_text(worked)} on {day_text(day)}; {duration_text(limit)} a day"
            verdicts.append(
                _young_verdict(YOUNG_DAILY_HOURS, shifts, words, worked, limit, subject)
            )
    return verdicts


def check_young_weekly_hours(
    timeline: Timeline, period: Period, parameters: Parameters
) -> list[Verdict]:
    """Weeks in which a young worker works more than forty hours; there is no averaging."""
    if not _young_shifts(timeline, period.whole_weeks):
        return []
    verdicts = []
    for week in period.weeks():
        shifts = _young_shifts(timeline, week)
        worked = sum(shift.working_minutes for shift in shifts)
        limit = parameters.at(week.start, timeline.worker.role_code).young_weekly_limit
        if worked > limit:
            words = (
                f"{duration_text(worked)} in the week of {short_day_text(week.start)}; "
                f"{duration_text(limit)} a week"
            )
            subject = week.start.isoformat()
            verdicts.append(
                _young_verdict(YOUNG_WEEKLY_HOURS, shifts, words, worked, limit, subject)
            )
    return verdicts


def check_young_nights(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """A young worker's shifts that touch the restricted hours of the night."""
    verdicts = []
    for shift in _young_shifts(timeline, period):
        limits = parameters.at(shift.date, timeline.worker.role_code)
        minutes = window_overlap(
            shift.start, shift.end, limits.young_night_from, limits.young_night_to
        )
        if minutes:
            words = (
                f"{shift.label} has {duration_text(minutes)} between "
                f"{_clock(limits.young_night_from)} and {_clock(limits.young_night_to)}; none"
            )
            verdicts.append(
                _young_verdict(YOUNG_NIGHTS, (shift,), words, minutes, 0, str(shift.id))
            )
    return verdicts


def _young_shifts(timeline: Timeline, period: Period) -> list[WorkedShift]:
    worker = timeline.worker
    if not worker.is_young_on(period.start):
        return []
    return [shift for shift in timeline.within(period) if worker.is_young_on(shift.date)]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _break_verdict(rule: Rule, shift: WorkedShift, limit: int, standing: Standing) -> Verdict:
    return Verdict(
        rule=rule.key,
        severity=standing.severity,
        title=rule.title,
        message=(
            f"{duration_text(shift.break_minutes)} break in {duration_text(shift.span_minutes)} "
            f"on {shift.label}; {duration_text(limit)} required{standing.words}"
        ),
        dates=(shift.date,),
        shift_ids=(shift.id,),
        measured=shift.break_minutes,
        limit=limit,
        unit="minutes",
        excess=limit - shift.break_minutes,
        subject=str(shift.id),
        owed_minutes=standing.owed_minutes,
        owed_by=standing.owed_by,
        arising_on=standing.arising_on,
    )


def _young_verdict(
    rule: Rule, shifts: Sequence[WorkedShift], words: str, measured: int, limit: int, subject: str
) -> Verdict:
    return Verdict(
        rule=rule.key,
        severity=Severity.BARRED,
        title=rule.title,
        message=f"{words} allowed under 18",
        dates=tuple(shift.date for shift in shifts),
        shift_ids=tuple(shift.id for shift in shifts),
        measured=measured,
        limit=limit,
        unit="minutes",
        excess=measured - limit,
        subject=subject,
    )


BREAKS = Rule(
    "breaks",
    "Rest break",
    "A shift of more than 6 hours has a break of at least 20 minutes. In continuous care "
    "less is lawful only with equivalent compensatory rest on record.",
    "Working Time Regulations 1998, reg 12; exception regs 21 and 24",
    Severity.BARRED,
    check_breaks,
)
YOUNG_BREAKS = Rule(
    "young_breaks",
    "Rest break under 18",
    "A worker under 18 has a 30-minute break when the shift exceeds four and a half hours.",
    "Working Time Regulations 1998, reg 12(4)",
    Severity.BARRED,
    check_young_breaks,
)
YOUNG_DAILY_HOURS = Rule(
    "young_daily_hours",
    "Daily hours under 18",
    "A worker under 18 works at most 8 hours a day.",
    "Working Time Regulations 1998, reg 5A",
    Severity.BARRED,
    check_young_daily_hours,
)
YOUNG_WEEKLY_HOURS = Rule(
    "young_weekly_hours",
    "Weekly hours under 18",
    "A worker under 18 works at most 40 hours in any week; there is no averaging and no opt-out.",
    "Working Time Regulations 1998, reg 5A",
    Severity.BARRED,
    check_young_weekly_hours,
)
YOUNG_NIGHTS = Rule(
    "young_nights",
    "Night work under 18",
    "A worker under 18 does not work at night.",
    "Working Time Regulations 1998, regs 6A and 7",
    Severity.BARRED,
    check_young_nights,
)
