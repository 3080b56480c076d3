"""Hours: the 48-hour average, the night worker's average and the contract."""

from __future__ import annotations

from datetime import timedelta

from rota.calendar import (
    DAYS_PER_WEEK,
    Period,
    day_text,
    duration_text,
    period_text,
    reference_period,
    window_overlap,
)
from rota.rules.averages import Ledger, WeeklyAverage, weekly_averages, window_ends
from rota.rules.parameters import Limits, Parameters
from rota.rules.rule import Rule, standing_of
from rota.rules.timeline import Timeline, WorkedShift
from rota.rules.verdict import Severity, Verdict


def check_weekly_hours(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """The worst weekly average of the reference periods ending in or after a period."""
    return _gravest(weekly_hours_in_detail(timeline, period, parameters))


def weekly_hours_in_detail(
    timeline: Timeline, period: Period, parameters: Parameters
) -> list[Verdict]:
    """A verdict for every reference period whose average is too high."""
    verdicts = []
    for average in weekly_averages(timeline, period, parameters):
        limits = average.limits
        over_limit = average.headroom_minutes < 0
        settled = average.period.days >= limits.weekly_settling_weeks * DAYS_PER_WEEK
        # A single long week is lawful: somebody too new to average is warned, never barred.
        if over_limit or (settled and average.minutes_per_week >= limits.weekly_average_warning):
            verdicts.append(_weekly_verdict(timeline, average, barred=over_limit and settled))
    return verdicts


def _weekly_verdict(timeline: Timeline, average: WeeklyAverage, *, barred: bool) -> Verdict:
    limits, window = average.limits, average.period
    measured = average.minutes_per_week
    limit = limits.weekly_average_limit if barred else limits.weekly_average_warning
    weeks, rest = divmod(window.days, DAYS_PER_WEEK)
    length = f"{weeks} weeks" if not rest else f"{window.days} days"
    since = " since the start" if window.days < limits.weekly_reference_weeks * 7 else ""
    made_up = f", {average.excluded_days} excluded days made up" if average.excluded_days else ""
    ends = (
        f"{duration_text(limits.weekly_average_limit)} is the limit without an opt-out"
        if barred or measured > limits.weekly_average_limit
        else f"attention from {duration_text(limit)}, limit "
        f"{duration_text(limits.weekly_average_limit)}"
    )
    shifts = timeline.within(Period(max(window.start, window.end - timedelta(6)), window.end))
    return Verdict(
        rule=WEEKLY_HOURS.key,
        severity=Severity.BARRED if barred else Severity.WARNED,
        title=WEEKLY_HOURS.title,
        message=(
            f"{duration_text(measured)} a week on average over the {length}{since} "
            f"to {day_text(window.end)}{made_up}; {ends}"
        ),
        dates=(window.start, window.end),
        shift_ids=tuple(shift.id for shift in shifts),
        measured=measured,
        limit=limit,
        unit="minutes",
        excess=max(0, measured - limit),
        subject=window.end.isoformat(),
    )


def check_night_work(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """The worst night-worker average of the reference periods ending in or after a period."""
    return _gravest(night_work_in_detail(timeline, period, parameters))


def night_work_in_detail(
    timeline: Timeline, period: Period, parameters: Parameters
) -> list[Verdict]:
    """A verdict for every reference period in which a night worker's average is too high.

    A / (B - C) of regulation 6(5): the hours worked, by the days of the period less the
    days of weekly rest. Somebody is a night worker when enough of their shifts (a share
    that is a parameter) have three hours or more at night.
    """
    worker = timeline.worker
    first = parameters.at(period.start, worker.role_code)
    nights = [(week.monday + timedelta(6), week.night_shifts, 1) for week in timeline.past_weeks]
    counts = [(week.monday + timedelta(6), week.shifts, 1) for week in timeline.past_weeks]
    hours = [(week.monday + timedelta(6), week.working_minutes, 1) for week in timeline.past_weeks]
    for shift in timeline.shifts:
        if shift.working_minutes:
            nights.append((shift.date, int(is_night_work(shift, first)), 1))
            counts.append((shift.date, 1, 1))
            hours.append((shift.date, shift.working_minutes, 1))
    if not any(entry[1] for entry in nights):
        return []
    of_nights, of_shifts, of_hours = Ledger(nights), Ledger(counts), Ledger(hours)
    verdicts = []
    for end in window_ends(timeline, period):
        if worker.is_young_on(end) or (worker.started_on is not None and end < worker.started_on):
            continue
        limits = parameters.at(end, worker.role_code)
        window = reference_period(end, limits.night_reference_weeks, started_on=worker.started_on)
        night_shifts, shifts = of_nights.span(window)[0], of_shifts.span(window)[0]
        if not shifts or night_shifts * 100 < shifts * limits.night_share_percent:
            continue
        minutes = of_hours.span(window)[0]
        if window.days < limits.weekly_settling_weeks * DAYS_PER_WEEK:
            continue
        working_days = window.days * (DAYS_PER_WEEK - limits.night_rest_days_per_week)
        measured = -(-minutes * DAYS_PER_WEEK // working_days)
        if measured > limits.night_average_limit:
            verdicts.append(_night_verdict(timeline, window, measured, limits))
    return verdicts


def is_night_work(shift: WorkedShift, limits: Limits) -> bool:
    """Whether a shift has at least three hours at night (thresholds from ``limits``)."""
    if shift.span_minutes < limits.night_qualifying:
        return False
    overlap = window_overlap(shift.start, shift.end, limits.night_from, limits.night_to)
    return overlap >= limits.night_qualifying


def _night_verdict(timeline: Timeline, window: Period, measured: int, limits: Limits) -> Verdict:
    limit = limits.night_average_limit
    standing = standing_of(timeline, NIGHT_WORK.key, window.end, measured - limit, limits)
    return Verdict(
        rule=NIGHT_WORK.key,
        severity=standing.severity,
        title=NIGHT_WORK.title,
        message=(
            f"{duration_text(measured)} in 24 hours on average over {period_text(window)} "
            f"as a night worker; {duration_text(limit)} is the limit{standing.words}"
        ),
        dates=(window.start, window.end),
        shift_ids=(),
        measured=measured,
        limit=limit,
        unit="minutes",
        excess=measured - limit,
        subject=window.end.isoformat(),
        owed_minutes=standing.owed_minutes,
        owed_by=standing.owed_by,
        arising_on=standing.arising_on,
    )


def check_contracted_hours(
    timeline: Timeline, period: Period, parameters: Parameters
) -> list[Verdict]:
    """Paid hours against the contract over the whole weeks a period touches.

    Shifts agreed as overtime are beyond the contract by definition, so they are no finding:
    over is what exceeds it without having been agreed, under is what all shifts together
    leave of it. A shift being painted is not agreed yet: whoever paints one beyond the
    contract is warned before it becomes overtime.
    Days of absence, and days before the start or after the end of employment, ask for no
    hours. Somebody without contracted hours (bank) is neither over nor under.
    """
    worker = timeline.worker
    weekly = worker.contracted_minutes_per_week
    if not weekly:
        return []
    weeks = period.whole_weeks
    away = _days_away(timeline, weeks)
    due = weekly * (weeks.days - away) // DAYS_PER_WEEK
    shifts = timeline.within(weeks)
    rostered = sum(shift.paid_minutes for shift in shifts)
    agreed = sum(shift.paid_minutes for shift in shifts if shift.is_overtime)
    limits = parameters.at(weeks.start, worker.role_code)
    allowed = limits.contract_tolerance * weeks.days // DAYS_PER_WEEK
    difference = rostered - due
    if difference > 0:
        difference = max(0, difference - agreed)
    if abs(difference) <= allowed:
        return []
    extra = f" besides {duration_text(agreed)} of overtime" if agreed else ""
    side = "over" if difference > 0 else "under"
    return [
        Verdict(
            rule=CONTRACTED_HOURS.key,
            severity=Severity.WARNED,
            title="Over contracted hours" if difference > 0 else "Under contracted hours",
            message=(
                f"{duration_text(rostered - agreed)} rostered in {period_text(weeks)}{extra}, "
                f"{duration_text(abs(difference))} {side} the {duration_text(due)} due"
            ),
            dates=(weeks.start, weeks.end),
            shift_ids=tuple(shift.id for shift in shifts),
            measured=rostered,
            limit=due,
            unit="minutes",
            excess=abs(difference) - allowed,
            subject=f"{side}:{weeks.start.isoformat()}",
        )
    ]


def _days_away(timeline: Timeline, weeks: Period) -> int:
    worker = timeline.worker
    spans = [Period(entry.start, entry.end) for entry in timeline.absences]
    touching = [span for entry in spans if (span := entry.overlap(weeks)) is not None]
    outside = 0
    if worker.started_on is not None and worker.started_on > weeks.start:
        outside = 1
    if worker.leaves_on is not None and worker.leaves_on < weeks.end:
        outside = 1
    if not touching and not outside:
        return 0
    return sum(
        (worker.started_on is not None and day < worker.started_on)
        or (worker.leaves_on is not None and day > worker.leaves_on)
        or any(day in span for span in touching)
        for day in weeks
    )


def _gravest(verdicts: list[Verdict]) -> list[Verdict]:
    """The worst verdict, the earliest among equals, or none."""
    return verdicts and [max(verdicts, key=lambda verdict: (verdict.severity, verdict.excess))]


WEEKLY_HOURS = Rule(
    "weekly_hours",
    "Weekly hours on average",
    "At most 48 hours a week on average over the reference period (17 weeks; 26 in "
    "residential care; since the start for new staff), unless an opt-out is in force. A "
    "single week above 48 hours is lawful.",
    "Working Time Regulations 1998, regs 4, 5 and 21",
    Severity.BARRED,
    check_weekly_hours,
    # days lost to absence are made up from the days worked after a reference period (reg
    # 4(6)): a shift can change the average of a period that ended well before it
    reach_back_days=7 * 26,
    in_detail=weekly_hours_in_detail,
)
NIGHT_WORK = Rule(
    "night_work",
    "Night work on average",
    "A night worker works at most 8 hours in 24 on average over 17 weeks. In continuous care "
    "more is lawful only with equivalent compensatory rest on record.",
    "Working Time Regulations 1998, reg 6; exception regs 21 and 24",
    Severity.BARRED,
    check_night_work,
    in_detail=night_work_in_detail,
)
CONTRACTED_HOURS = Rule(
    "contracted_hours",
    "Contracted hours",
    "Rostered hours should match the contract, absences taken off. Overtime that was agreed "
    "is beyond it and does not count.",
    "Contract of employment; local policy",
    Severity.WARNED,
    check_contracted_hours,
    may_be_overruled=True,
)
