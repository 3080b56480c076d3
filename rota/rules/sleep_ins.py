"""Sleep-ins: whether they count as working time, and how many in a row."""

from __future__ import annotations

from collections.abc import Sequence

from rota.calendar import Period, day_text, duration_text
from rota.rules.parameters import Parameters
from rota.rules.presence import days_of, runs_of
from rota.rules.rule import Rule
from rota.rules.timeline import Timeline, WorkedShift
from rota.rules.verdict import Severity, Verdict


def check_sleep_in(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """Sleep-ins left out of working time, and too many of them in a row."""
    sleep_ins = [shift for shift in timeline.shifts if shift.is_sleep_in]
    if not sleep_ins:
        return []
    verdicts = []
    role = timeline.worker.role_code
    left_out = [
        shift
        for shift in sleep_ins
        if shift.date in period
        and not shift.counts_as_working_time
        and parameters.at(shift.date, role).sleep_in_must_count
    ]
    if left_out:
        verdicts.append(_left_out_verdict(left_out))
    for run in runs_of(sleep_ins):
        limit = parameters.at(run[-1].date, role).sleep_in_run_limit
        if days_of(run) > limit and run[-1].date >= period.start and run[0].date <= period.end:
            verdicts.append(_sleep_in_run_verdict(run, limit))
    return verdicts


def _left_out_verdict(shifts: Sequence[WorkedShift]) -> Verdict:
    minutes = sum(shift.span_minutes - shift.working_minutes for shift in shifts)
    return Verdict(
        rule=SLEEP_IN.key,
        severity=Severity.WARNED,
        title=SLEEP_IN.title,
        message=(
            f"{duration_text(minutes)} of sleep-in from {day_text(shifts[0].date)} is not counted "
            "as working time; time that must be spent at the home counts, whatever is paid for it"
        ),
        dates=tuple(shift.date for shift in shifts),
        shift_ids=tuple(shift.id for shift in shifts),
        measured=minutes,
        limit=0,
        unit="minutes",
        excess=minutes,
        subject="not counted",
    )


def _sleep_in_run_verdict(run: Sequence[WorkedShift], limit: int) -> Verdict:
    length = days_of(run)
    return Verdict(
        rule=SLEEP_IN.key,
        severity=Severity.WARNED,
        title=SLEEP_IN.title,
        message=(
            f"{length} sleep-ins in a row from {day_text(run[0].date)}; {limit} is the most advised"
        ),
        dates=(run[0].date, run[-1].date),
        shift_ids=tuple(shift.id for shift in run),
        measured=length,
        limit=limit,
        unit="nights",
        excess=length - limit,
        subject=f"run:{run[0].date.isoformat()}",
    )


SLEEP_IN = Rule(
    "sleep_in",
    "Sleep-ins",
    "A sleep-in at the home is working time, whatever is paid for it, and there are not too "
    "many in a row.",
    "Working Time Regulations 1998, reg 2; Royal Mencap Society v Tomlinson-Blake [2021] UKSC 8 "
    "decides the minimum wage only",
    Severity.WARNED,
    check_sleep_in,
    reach_days=1,
    joins_runs=True,
)
