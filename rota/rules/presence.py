"""Being in one place at a time, being available at all, and not too many days in a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from rota.calendar import (
    Period,
    date_text,
    day_start_minute,
    day_text,
    duration_text,
    time_text,
)
from rota.rules.parameters import Parameters
from rota.rules.rule import Rule
from rota.rules.timeline import Absence, Timeline, WorkedShift
from rota.rules.verdict import Severity, Verdict

_DAY = timedelta(days=1)


def check_double_booking(
    timeline: Timeline, period: Period, parameters: Parameters
) -> list[Verdict]:
    """Every pair of shifts that overlap in time."""
    shifts = timeline.between(period.start - 2 * _DAY, period.end + 2 * _DAY)
    verdicts = []
    for index, earlier in enumerate(shifts):
        for later in shifts[index + 1 :]:
            if later.start >= earlier.end:
                break
            if earlier.date in period or later.date in period:
                verdicts.append(_overlap_verdict(earlier, later))
    return verdicts


def _overlap_verdict(earlier: WorkedShift, later: WorkedShift) -> Verdict:
    minutes = min(earlier.end, later.end) - later.start
    return Verdict(
        rule=DOUBLE_BOOKING.key,
        severity=Severity.BARRED,
        title=DOUBLE_BOOKING.title,
        message=(
            f"{later.label} ({time_text(later.starts_at)}–{time_text(later.ends_at)}) overlaps "
            f"{earlier.label} ({time_text(earlier.starts_at)}–{time_text(earlier.ends_at)}) "
            f"by {duration_text(minutes)}"
        ),
        dates=(earlier.date, later.date),
        shift_ids=(earlier.id, later.id),
        measured=minutes,
        limit=0,
        unit="minutes",
        excess=minutes,
        subject=f"{earlier.id}+{later.id}",
    )


def check_absence(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """Shifts on days of leave, sickness or other absence, and nights that run into one."""
    verdicts = []
    for absence in timeline.absences:
        if absence.end < period.start or absence.start > period.end + _DAY:
            continue
        span = Period(absence.start, absence.end).overlap(period)
        clashing = timeline.within(span) if span else ()
        if clashing:
            verdicts.append(_absence_verdict(absence, clashing))
        eve = absence.start - _DAY
        if eve in period:
            opens = day_start_minute(absence.start)
            late = [shift for shift in timeline.between(eve, eve) if shift.end > opens]
            verdicts += [_eve_verdict(absence, shift, shift.end - opens) for shift in late]
    return verdicts


def _absence_verdict(absence: Absence, shifts: Sequence[WorkedShift]) -> Verdict:
    days = ", ".join(day_text(shift.date) for shift in shifts[:3])
    more = f" and {len(shifts) - 3} more" if len(shifts) > 3 else ""
    return Verdict(
        rule=ABSENCE.key,
        severity=Severity.BARRED,
        title=ABSENCE.title,
        message=f"Rostered on {days}{more} while away ({absence.kind})",
        dates=tuple(shift.date for shift in shifts),
        shift_ids=tuple(shift.id for shift in shifts),
        measured=len(shifts),
        limit=0,
        unit="shifts",
        excess=len(shifts),
        subject=f"{absence.kind}:{absence.start.isoformat()}",
    )


def _eve_verdict(absence: Absence, shift: WorkedShift, minutes: int) -> Verdict:
    return Verdict(
        rule=ABSENCE.key,
        severity=Severity.WARNED,
        title=ABSENCE.title,
        message=(
            f"{shift.label} ends at {time_text(shift.ends_at)} on {day_text(absence.start)}, "
            f"the first day away ({absence.kind})"
        ),
        dates=(shift.date, absence.start),
        shift_ids=(shift.id,),
        measured=minutes,
        limit=0,
        unit="minutes",
        excess=minutes,
        subject=f"eve:{absence.kind}:{absence.start.isoformat()}:{shift.id}",
    )


def check_employment(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """Shifts before the first or after the last day of employment."""
    worker = timeline.worker
    verdicts = []
    if worker.started_on is not None and period.start < worker.started_on:
        early = timeline.between(period.start, min(period.end, worker.started_on - _DAY))
        if early:
            words = f"before the start of employment on {date_text(worker.started_on)}"
            verdicts.append(_employment_verdict(early, words, "before"))
    if worker.leaves_on is not None and period.end > worker.leaves_on:
        late = timeline.between(max(period.start, worker.leaves_on + _DAY), period.end)
        if late:
            words = f"after the last day of employment on {date_text(worker.leaves_on)}"
            verdicts.append(_employment_verdict(late, words, "after"))
    return verdicts


def _employment_verdict(shifts: Sequence[WorkedShift], words: str, subject: str) -> Verdict:
    return Verdict(
        rule=EMPLOYMENT.key,
        severity=Severity.BARRED,
        title=EMPLOYMENT.title,
        message=f"Rostered on {day_text(shifts[0].date)}, {words}",
        dates=tuple(shift.date for shift in shifts),
        shift_ids=tuple(shift.id for shift in shifts),
        measured=len(shifts),
        limit=0,
        unit="shifts",
        excess=len(shifts),
        subject=subject,
    )


def runs_of(shifts: Sequence[WorkedShift]) -> list[list[WorkedShift]]:
    """Shifts grouped into runs of rota days without a day between them."""
    runs: list[list[WorkedShift]] = []
    for shift in shifts:
        if runs and (shift.date - runs[-1][-1].date).days <= 1:
            runs[-1].append(shift)
        else:
            runs.append([shift])
    return runs


def days_of(run: Sequence[WorkedShift]) -> int:
    """Number of rota days a run covers."""
    return (run[-1].date - run[0].date).days + 1


def check_consecutive_shifts(
    timeline: Timeline, period: Period, parameters: Parameters
) -> list[Verdict]:
    """Runs of days, and of nights, longer than the policy allows."""
    return [
        *_long_runs(timeline.shifts, timeline, period, parameters, nights=False),
        *_long_runs(
            [shift for shift in timeline.shifts if shift.is_night],
            timeline,
            period,
            parameters,
            nights=True,
        ),
    ]


def _long_runs(
    shifts: Sequence[WorkedShift],
    timeline: Timeline,
    period: Period,
    parameters: Parameters,
    *,
    nights: bool,
) -> list[Verdict]:
    verdicts = []
    for run in runs_of(shifts):
        if run[-1].date < period.start or run[0].date > period.end:
            continue
        limits = parameters.at(run[-1].date, timeline.worker.role_code)
        length = days_of(run)
        warning = limits.night_run_warning if nights else limits.run_warning_days
        if length <= warning:
            continue
        barred = not nights and length > limits.run_limit_days
        verdicts.append(
            _run_verdict(run, limits.run_limit_days if barred else warning, barred, nights)
        )
    return verdicts


def _run_verdict(run: Sequence[WorkedShift], limit: int, barred: bool, nights: bool) -> Verdict:
    length = days_of(run)
    return Verdict(
        rule=CONSECUTIVE_SHIFTS.key,
        severity=Severity.BARRED if barred else Severity.WARNED,
        title=CONSECUTIVE_SHIFTS.title,
        message=(
            f"{length} {'nights' if nights else 'days'} in a row from {day_text(run[0].date)} "
            f"to {day_text(run[-1].date)}; {limit} is the most advised"
            + (" and this is beyond what policy allows" if barred else "")
        ),
        dates=(run[0].date, run[-1].date),
        shift_ids=tuple(shift.id for shift in run),
        measured=length,
        limit=limit,
        unit="nights" if nights else "days",
        excess=length - limit,
        subject=f"{'nights' if nights else 'days'}:{run[0].date.isoformat()}",
    )


DOUBLE_BOOKING = Rule(
    "double_booking",
    "Double booking",
    "Nobody works two shifts at the same time.",
    "One person, one place",
    Severity.BARRED,
    check_double_booking,
    reach_days=2,
)
ABSENCE = Rule(
    "absence",
    "Away from work",
    "Nobody is rostered on a day of leave, sickness or other absence.",
    "Working Time Regulations 1998, reg 13; sickness policy",
    Severity.BARRED,
    check_absence,
    reach_days=1,
)
EMPLOYMENT = Rule(
    "employment",
    "Dates of employment",
    "Nobody works before their first or after their last day.",
    "Contract of employment",
    Severity.BARRED,
    check_employment,
)
CONSECUTIVE_SHIFTS = Rule(
    "consecutive_shifts",
    "Days in a row",
    "No more days, and no more nights, in a row than the organisation allows.",
    "Local policy on fatigue",
    Severity.BARRED,
    check_consecutive_shifts,
    reach_days=1,
    joins_runs=True,
    may_be_overruled=True,
)
