"""Who may work a shift: grade, skills, registration, training, and rest still owed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from rota.calendar import (
    Period,
    date_text,
    day_text,
    duration_text,
    months_after,
    short_day_text,
)
from rota.rules.parameters import Limits, Parameters
from rota.rules.rule import Rule
from rota.rules.timeline import Registration, Timeline, WorkedShift
from rota.rules.verdict import Severity, Verdict

_DAY = timedelta(days=1)


def check_grade(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """Shifts that ask for a grade the person neither has nor may cover.

    Somebody supernumerary is not counted towards the minimum, so the grade is not asked of
    them.
    """
    role = timeline.worker.role_code
    verdicts = []
    for shift in timeline.within(period):
        wanted = frozenset((shift.role_code,)) if shift.role_code else shift.allowed_roles
        if not wanted or role in wanted or shift.is_supernumerary:
            continue
        if wanted.isdisjoint(parameters.at(shift.date, role).covers):
            needed = " or ".join(sorted(wanted))
            message = f"{shift.label} needs {needed}; {timeline.worker.name} is {role}"
            verdicts.append(_shifts_verdict(GRADE, Severity.BARRED, message, [shift], shift.id))
    return verdicts


def check_skills(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """Shifts that ask for a skill the person does not hold on that day."""
    lacking: dict[str, list[WorkedShift]] = {}
    for shift in timeline.within(period):
        if not shift.skills or shift.is_supernumerary:
            continue
        held = {entry.code for entry in timeline.qualifications if entry.valid_on(shift.date)}
        for code in shift.skills - held:
            lacking.setdefault(code, []).append(shift)
    return [
        _shifts_verdict(
            SKILLS,
            Severity.BARRED,
            f"{_days(shifts)} needs {code.replace('_', ' ')}, which is not held",
            shifts,
            code,
        )
        for code, shifts in sorted(lacking.items())
    ]


def check_training(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """Training of the role that has run out, will soon, or (by policy) was never recorded."""
    role = timeline.worker.role_code
    limits = parameters.at(period.end, role)
    verdicts = []
    for code in sorted(limits.required_training):
        records = [entry for entry in timeline.qualifications if entry.code == code]
        if not records:
            shifts = timeline.within(period)
            if limits.missing_training_counts and shifts:
                message = f"No {code.replace('_', ' ')} training on record"
                verdicts.append(_shifts_verdict(TRAINING, Severity.WARNED, message, shifts, code))
            continue
        latest = max(records, key=lambda entry: entry.expires_on or date.max)
        if latest.expires_on is None:
            continue
        uncovered = [
            shift
            for shift in timeline.within(period)
            if not any(entry.valid_on(shift.date) for entry in records)
        ]
        if uncovered:
            message = (
                f"{latest.name} is not valid on {_days(uncovered)} "
                f"(valid to {date_text(latest.expires_on)})"
            )
            verdicts.append(_shifts_verdict(TRAINING, Severity.WARNED, message, uncovered, code))
        else:
            verdicts += _expiring(
                TRAINING, latest.name, latest.expires_on, period, limits.training_notice_days, code
            )
    return verdicts


def check_registration(timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
    """Shifts without the registration due by then, and registrations that run out.

    Apply within 3 months of starting, be registered within 6 (SSSC, from 3 June 2024); no
    shifts without registration after that, nor after it has expired.
    """
    worker = timeline.worker
    limits = parameters.at(period.end, worker.role_code)
    if not limits.registration_required:
        return []
    verdicts: list[Verdict] = []
    expired, late, unapplied = [], [], []
    for shift in timeline.within(period):
        if any(_registered_on(entry, shift.date) for entry in timeline.registrations):
            continue
        if any(_lapsed_on(entry, shift.date) for entry in timeline.registrations):
            expired.append(shift)
        elif _is_after(shift.date, worker.started_on, limits.registration_months):
            late.append(shift)
        elif _is_after(shift.date, worker.started_on, limits.registration_apply_months) and not any(
            entry.applied_on is not None and entry.applied_on <= shift.date
            for entry in timeline.registrations
        ):
            unapplied.append(shift)
    if expired:
        message = f"Registration has run out; rostered on {_days(expired)}"
        verdicts.append(_shifts_verdict(REGISTRATION, Severity.BARRED, message, expired, "expired"))
    if late:
        message = (
            f"Not registered {limits.registration_months} months after starting; "
            f"rostered on {_days(late)}"
        )
        verdicts.append(_shifts_verdict(REGISTRATION, Severity.BARRED, message, late, "late"))
    if unapplied:
        message = (
            f"No application for registration {limits.registration_apply_months} months after "
            f"starting; rostered on {_days(unapplied)}"
        )
        verdicts.append(
            _shifts_verdict(REGISTRATION, Severity.WARNED, message, unapplied, "unapplied")
        )
    return verdicts or _registration_expiring(timeline, period, limits)


def _registration_expiring(timeline: Timeline, period: Period, limits: Limits) -> list[Verdict]:
    ends = [entry.expires_on for entry in timeline.registrations if entry.registered_on]
    known = [day for day in ends if day is not None]
    if not known or len(known) < len(ends):
        return []
    return _expiring(
        REGISTRATION,
        "Registration",
        max(known),
        period,
        limits.registration_notice_days,
        "expiring",
    )


def _registered_on(entry: Registration, day: date) -> bool:
    return (
        entry.registered_on is not None
        and entry.registered_on <= day
        and (entry.expires_on is None or day <= entry.expires_on)
    )


def _lapsed_on(entry: Registration, day: date) -> bool:
    return (
        entry.registered_on is not None and entry.expires_on is not None and entry.expires_on < day
    )


def _is_after(day: date, started_on: date | None, months: int) -> bool:
    return started_on is not None and day >= months_after(started_on, months)


def _expiring(
    rule: Rule, name: str, expires_on: date, period: Period, notice_days: int, subject: str
) -> list[Verdict]:
    left = (expires_on - period.end).days
    if left > notice_days or left < 0:
        return []
    return [
        Verdict(
            rule=rule.key,
            severity=Severity.WARNED,
            title=rule.title,
            message=f"{name} runs out on {date_text(expires_on)}",
            dates=(expires_on,),
            shift_ids=(),
            measured=left,
            limit=notice_days,
            unit="days",
            excess=0,
            subject=f"expiring:{subject}",
        )
    ]


def check_compensatory_rest(
    timeline: Timeline, period: Period, parameters: Parameters
) -> list[Verdict]:
    """Compensatory rest that falls due in a period, or was due before it, and is not taken."""
    verdicts = []
    for entry in timeline.compensatory_rests:
        taken_in_time = entry.taken_on is not None and entry.taken_on <= period.end
        if taken_in_time or entry.due_on > period.end:
            continue
        overdue = entry.due_on < period.start
        state = "was due" if overdue else "is due"
        verdicts.append(
            Verdict(
                rule=COMPENSATORY_REST.key,
                severity=Severity.BARRED if overdue else Severity.WARNED,
                title=COMPENSATORY_REST.title,
                message=(
                    f"{duration_text(entry.owed_minutes)} compensatory rest for "
                    f"{day_text(entry.arising_on)} {state} by {short_day_text(entry.due_on)}"
                    " and is not taken"
                ),
                dates=(entry.arising_on, entry.due_on),
                shift_ids=(),
                measured=0,
                limit=entry.owed_minutes,
                unit="minutes",
                excess=entry.owed_minutes,
                subject=f"{entry.rule}:{entry.arising_on.isoformat()}",
                owed_minutes=entry.owed_minutes,
                owed_by=entry.due_on,
            )
        )
    return verdicts


def _days(shifts: Sequence[WorkedShift]) -> str:
    more = f" and {len(shifts) - 1} more" if len(shifts) > 1 else ""
    return day_text(shifts[0].date) + more


def _shifts_verdict(
    rule: Rule,
    severity: Severity,
    message: str,
    shifts: Sequence[WorkedShift],
    subject: object,
) -> Verdict:
    return Verdict(
        rule=rule.key,
        severity=severity,
        title=rule.title,
        message=message,
        dates=tuple(shift.date for shift in shifts),
        shift_ids=tuple(shift.id for shift in shifts),
        measured=len(shifts),
        limit=0,
        unit="shifts",
        excess=len(shifts),
        subject=str(subject),
    )


GRADE = Rule(
    "grade",
    "Grade",
    "A shift is worked by somebody of the grade it needs, or of one that may cover it.",
    "Health and Care (Staffing) (Scotland) Act 2019, s.7",
    Severity.BARRED,
    check_grade,
    may_be_overruled=True,
)
SKILLS = Rule(
    "skills",
    "Skills",
    "A shift that needs a skill is worked by somebody who holds it on that day.",
    "Health and Care (Staffing) (Scotland) Act 2019, ss.7 and 8",
    Severity.BARRED,
    check_skills,
    may_be_overruled=True,
)
TRAINING = Rule(
    "training",
    "Training",
    "The training a role requires is in date on every shift.",
    "Health and Care (Staffing) (Scotland) Act 2019, s.8",
    Severity.WARNED,
    check_training,
    may_be_overruled=True,
)
REGISTRATION = Rule(
    "registration",
    "Registration",
    "Apply for registration within 3 months of starting and be registered within 6; no shifts "
    "without it after that, nor after it has run out.",
    "Scottish Social Services Council registration rules, from 3 June 2024",
    Severity.BARRED,
    check_registration,
)
COMPENSATORY_REST = Rule(
    "compensatory_rest",
    "Compensatory rest",
    "Rest owed for a lawful exception is taken by its due date.",
    "Working Time Regulations 1998, reg 24",
    Severity.BARRED,
    check_compensatory_rest,
)
