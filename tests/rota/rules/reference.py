"""The rules again, slowly and obviously: minute by minute and day by day.

Shares nothing with the product's checker but the timeline, the thresholds and the way a
shortfall is excused; the property tests hold the fast checker to it. A finding is
``(rule, subject, severity, measured)``.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from math import ceil

from rota.calendar import LONDON, Period
from rota.rules import Limits, Parameters, Severity, Timeline, WorkedShift

Finding = tuple[str, str, Severity, int]
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def find_all(timeline: Timeline, period: Period, parameters: Parameters) -> set[Finding]:
    """Every finding of the rules that look at working time."""
    checks = (
        double_booking, daily_rest, weekly_rest, weekly_hours, night_work, breaks,
        young_hours, young_breaks, young_nights, runs, sleep_ins, contracted, absences,
    )  # fmt: skip
    return {found for check in checks for found in check(timeline, period, parameters)}


def minutes_of(shift: WorkedShift) -> list[datetime]:
    moment, found = shift.starts_at, []
    while moment < shift.ends_at:
        found.append(moment)
        moment += MINUTE
    return found


def length(shift: WorkedShift) -> int:
    return int((shift.ends_at - shift.starts_at).total_seconds()) // 60


def worked(shift: WorkedShift) -> int:
    if not shift.counts_as_working_time:
        return shift.disturbed_minutes
    return max(0, length(shift) - shift.break_minutes)


def is_young(timeline: Timeline, day: date) -> bool:
    born = timeline.worker.date_of_birth
    return born is not None and day < born.replace(year=born.year + 18)


def excused(
    timeline: Timeline, rule: str, arising_on: date, shortfall: int, limits: Limits
) -> Severity:
    exempt = timeline.worker.care_exempt
    if exempt is None:
        exempt = limits.care_exempt
    recorded = any(
        entry.rule == rule and entry.arising_on == arising_on and entry.owed_minutes >= shortfall
        for entry in timeline.compensatory_rests
    )
    return Severity.WARNED if exempt and recorded else Severity.BARRED


def double_booking(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    found = []
    for index, one in enumerate(timeline.shifts):
        for other in timeline.shifts[index + 1 :]:
            shared = min(one.ends_at, other.ends_at) - max(one.starts_at, other.starts_at)
            minutes = int(shared.total_seconds()) // 60
            if minutes > 0 and (one.date in period or other.date in period):
                subject = f"{one.id}+{other.id}"
                found.append(("double_booking", subject, Severity.BARRED, minutes))
    return found


def daily_rest(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    """Walk the 24 hours after each moment at which work begins."""
    role = timeline.worker.role_code
    counted = [shift for shift in timeline.shifts if shift.counts_as_working_time]
    busy = {moment for shift in counted for moment in minutes_of(shift)}
    found = {}
    for begins in sorted(moment for moment in busy if moment - MINUTE not in busy):
        first = next(shift for shift in counted if shift.starts_at == begins)
        limits = parameters.at(first.date, role)
        for young in (False, True):
            limit = limits.young_daily_rest if young else limits.daily_rest
            best, best_start, run, run_start = 0, None, 0, begins
            for offset in range(limits.daily_rest_span):
                moment = begins + offset * MINUTE
                if moment in busy:
                    run = 0
                    continue
                if run == 0:
                    run_start = moment
                run += 1
                if run > best:
                    best, best_start = run, run_start
            if best >= limit:
                continue
            if best_start is None:
                best_start = begins
                while best_start in busy:
                    best_start += MINUTE
            enders = [shift for shift in counted if shift.ends_at == best_start]
            after = enders[-1]
            nexts = [shift for shift in counted if shift.starts_at > best_start]
            before = nexts[0] if nexts else None
            if before is not None and (before.starts_at - best_start) >= limit * MINUTE:
                before = None
            if is_young(timeline, after.date) is not young:
                continue
            if after.date not in period and (before is None or before.date not in period):
                continue
            subject = f"{after.id}>{before.id}" if before else f"{after.id}"
            arising = (before or after).date
            if young:
                severity = Severity.BARRED
            else:
                then = parameters.at(arising, role)
                severity = excused(timeline, "daily_rest", arising, limit - best, then)
            key = "young_daily_rest" if young else "daily_rest"
            found.setdefault((key, subject), (key, subject, severity, best))
    return list(found.values())


def free_runs(timeline: Timeline, start: date, end: date) -> list[int]:
    """Lengths of the runs of free minutes in the local days ``start`` to before ``end``."""
    shifts = [
        shift
        for shift in timeline.shifts
        if shift.counts_as_working_time and abs((shift.date - start).days) < 20
    ]
    busy = {moment for shift in shifts for moment in minutes_of(shift)}
    moment = datetime.combine(start, time(0), LONDON).astimezone(UTC)
    until = datetime.combine(end, time(0), LONDON).astimezone(UTC)
    runs, run = [], 0
    while moment < until:
        if moment in busy:
            runs.append(run)
            run = 0
        else:
            run += 1
        moment += MINUTE
    return [*runs, run]


def weeks_with_shifts(timeline: Timeline, period: Period) -> list[date]:
    first = period.start - period.start.weekday() * DAY
    found = []
    while first <= period.end:
        if any(first <= shift.date < first + 7 * DAY for shift in timeline.shifts):
            found.append(first)
        first += 7 * DAY
    return found


def weekly_rest(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    found = []
    for first in weeks_with_shifts(timeline, period):
        limits = parameters.at(first, timeline.worker.role_code)
        longest = max(free_runs(timeline, first, first + 7 * DAY))
        if is_young(timeline, first):
            if longest < limits.young_weekly_rest:
                found.append(("young_weekly_rest", str(first), Severity.BARRED, longest))
            continue
        if longest >= limits.weekly_rest:
            continue
        enough = []
        for start in (first - 7 * DAY, first):
            rests = free_runs(timeline, start, start + 14 * DAY)
            enough.append(
                max(rests) >= limits.fortnight_rest
                or len([rest for rest in rests if rest >= limits.weekly_rest])
                >= limits.fortnight_rest_count
            )
        if not all(enough):
            short = limits.weekly_rest - longest
            severity = excused(timeline, "weekly_rest", first, short, limits)
            found.append(("weekly_rest", str(first), severity, longest))
    return found


def window_ends(timeline: Timeline, period: Period) -> list[date]:
    last = max([period.end, *(shift.date for shift in timeline.shifts)])
    end, ends = period.start, []
    while end.weekday() != 6:
        end += DAY
    ends.append(end)
    while end < last:
        end += 7 * DAY
        ends.append(end)
    started = timeline.worker.started_on
    return [
        end for end in ends if not is_young(timeline, end) and (started is None or started <= end)
    ]


def window_days(timeline: Timeline, end: date, weeks: int) -> list[date]:
    days = [end - offset * DAY for offset in range(7 * weeks)]
    started = timeline.worker.started_on
    return sorted(day for day in days if started is None or day >= started)


def worked_by_day(timeline: Timeline) -> Counter[date]:
    """Minutes by rota day; days with none are not in it."""
    total: Counter[date] = Counter()
    for shift in timeline.shifts:
        if worked(shift):
            total[shift.date] += worked(shift)
    return total


def opted_out(timeline: Timeline, day: date) -> bool:
    born = timeline.worker.date_of_birth
    for entry in timeline.opt_outs:
        if born is not None and entry.signed_on < born.replace(year=born.year + 18):
            continue
        if entry.signed_on <= day and (entry.ends_on is None or day < entry.ends_on):
            return True
    return False


def weekly_hours(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    worker, minutes = timeline.worker, worked_by_day(timeline)
    candidates = []
    for end in window_ends(timeline, period):
        if opted_out(timeline, end):
            continue
        limits = parameters.at(end, worker.role_code)
        days = window_days(timeline, end, limits.weekly_reference_weeks)
        counted = [day for day in days if minutes[day] and not opted_out(timeline, day)]
        held = [day for day in days if minutes[day] and opted_out(timeline, day)]
        away = [
            day
            for day in days
            if any(
                entry.is_excluded and entry.start <= day <= entry.end for entry in timeline.absences
            )
        ]
        if worker.contracted_minutes_per_week:
            usual = min(7.0, worker.contracted_minutes_per_week / limits.usual_day_minutes)
        else:
            usual = len(counted) * 7 / len(days)
        to_make_up = round(len(away) * usual / 7) + len(held)
        a = sum(minutes[day] for day in counted)
        later = [day for day in sorted(minutes) if day > end and not opted_out(timeline, day)]
        b = sum(minutes[day] for day in later[:to_make_up])
        average_day = a // len(counted) if counted else limits.usual_day_minutes
        b += max(0, to_make_up - len(later)) * average_day
        average = Fraction((a + b) * 7, len(days))
        settled = len(days) >= 7 * limits.weekly_settling_weeks
        over = average > limits.weekly_average_limit
        if over and settled:
            rank = (Severity.BARRED, ceil(average) - limits.weekly_average_limit)
        elif over or (settled and ceil(average) >= limits.weekly_average_warning):
            rank = (Severity.WARNED, ceil(average) - limits.weekly_average_warning)
        else:
            continue
        candidates.append((rank, -len(candidates), str(end), ceil(average)))
    if not candidates:
        return []
    (severity, _), _, subject, measured = max(candidates)
    return [("weekly_hours", subject, severity, measured)]


def night_minutes(shift: WorkedShift, opens: int, closes: int) -> int:
    found = 0
    for moment in minutes_of(shift):
        local = moment.astimezone(LONDON)
        at = local.hour * 60 + local.minute
        found += at >= opens or at < closes
    return found


def night_work(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    role = timeline.worker.role_code
    candidates = []
    for end in window_ends(timeline, period):
        limits = parameters.at(end, role)
        days = window_days(timeline, end, limits.night_reference_weeks)
        if len(days) < 7 * limits.weekly_settling_weeks:
            continue
        shifts = [shift for shift in timeline.shifts if shift.date in days and worked(shift)]
        nights = [
            shift
            for shift in shifts
            if night_minutes(shift, limits.night_from, limits.night_to) >= limits.night_qualifying
        ]
        if not nights or len(nights) * 100 < len(shifts) * limits.night_share_percent:
            continue
        a = sum(worked(shift) for shift in shifts)
        rest_days = Fraction(len(days) * limits.night_rest_days_per_week, 7)
        average = a / (len(days) - rest_days)
        if ceil(average) > limits.night_average_limit:
            over = ceil(average) - limits.night_average_limit
            severity = excused(timeline, "night_work", end, over, limits)
            candidates.append((severity, over, -len(candidates), str(end), ceil(average)))
    if not candidates:
        return []
    severity, _, _, subject, measured = max(candidates)
    return [("night_work", subject, severity, measured)]


def breaks(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    found = []
    for shift in timeline.shifts:
        limits = parameters.at(shift.date, timeline.worker.role_code)
        if shift.date not in period or is_young(timeline, shift.date) or shift.is_sleep_in:
            continue
        short = limits.break_minutes - shift.break_minutes
        if length(shift) > limits.break_after and short > 0:
            severity = excused(timeline, "breaks", shift.date, short, limits)
            found.append(("breaks", str(shift.id), severity, shift.break_minutes))
    return found


def young_hours(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    role = timeline.worker.role_code
    young = [shift for shift in timeline.shifts if is_young(timeline, shift.date)]
    by_day: Counter[date] = Counter()
    by_week: Counter[date] = Counter()
    for shift in young:
        by_day[shift.date] += worked(shift)
        by_week[shift.date - shift.date.weekday() * DAY] += worked(shift)
    found = [
        ("young_daily_hours", str(day), Severity.BARRED, minutes)
        for day, minutes in by_day.items()
        if day in period and minutes > parameters.at(day, role).young_daily_limit
    ]
    found += [
        ("young_weekly_hours", str(week), Severity.BARRED, minutes)
        for week, minutes in by_week.items()
        if week <= period.end
        and week + 6 * DAY >= period.start
        and minutes > parameters.at(week, role).young_weekly_limit
    ]
    return found


def young_breaks(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    found = []
    for shift in timeline.shifts:
        limits = parameters.at(shift.date, timeline.worker.role_code)
        if (
            shift.date in period
            and is_young(timeline, shift.date)
            and length(shift) > limits.young_break_after
            and shift.break_minutes < limits.young_break_minutes
        ):
            found.append(("young_breaks", str(shift.id), Severity.BARRED, shift.break_minutes))
    return found


def young_nights(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    found = []
    for shift in timeline.shifts:
        if shift.date in period and is_young(timeline, shift.date):
            limits = parameters.at(shift.date, timeline.worker.role_code)
            minutes = night_minutes(shift, limits.young_night_from, limits.young_night_to)
            if minutes:
                found.append(("young_nights", str(shift.id), Severity.BARRED, minutes))
    return found


def spans(days: set[date]) -> list[tuple[date, int]]:
    """First day and length of each run of days."""
    found = []
    for day in sorted(days):
        if day - DAY not in days:
            last = day
            while last + DAY in days:
                last += DAY
            found.append((day, (last - day).days + 1))
    return found


def runs(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    found = []
    kinds = {
        "days": {shift.date for shift in timeline.shifts},
        "nights": {shift.date for shift in timeline.shifts if shift.is_night},
    }
    for kind, days in kinds.items():
        for first, count in spans(days):
            last = first + (count - 1) * DAY
            limits = parameters.at(last, timeline.worker.role_code)
            warning = limits.run_warning_days if kind == "days" else limits.night_run_warning
            if count <= warning or last < period.start or first > period.end:
                continue
            barred = kind == "days" and count > limits.run_limit_days
            severity = Severity.BARRED if barred else Severity.WARNED
            found.append(("consecutive_shifts", f"{kind}:{first}", severity, count))
    return found


def sleep_ins(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    sleeps = [shift for shift in timeline.shifts if shift.is_sleep_in]
    role = timeline.worker.role_code
    found = []
    left_out = sum(
        length(shift) - shift.disturbed_minutes
        for shift in sleeps
        if shift.date in period
        and not shift.counts_as_working_time
        and parameters.at(shift.date, role).sleep_in_must_count
    )
    if left_out:
        found.append(("sleep_in", "not counted", Severity.WARNED, left_out))
    for first, count in spans({shift.date for shift in sleeps}):
        last = first + (count - 1) * DAY
        if (
            count > parameters.at(last, role).sleep_in_run_limit
            and last >= period.start
            and first <= period.end
        ):
            found.append(("sleep_in", f"run:{first}", Severity.WARNED, count))
    return found


def contracted(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    worker = timeline.worker
    if not worker.contracted_minutes_per_week:
        return []
    first, last = period.start, period.end
    while first.weekday() != 0:
        first -= DAY
    while last.weekday() != 6:
        last += DAY
    days = [first + offset * DAY for offset in range((last - first).days + 1)]
    expected = [
        day
        for day in days
        if not any(entry.start <= day <= entry.end for entry in timeline.absences)
        and (worker.started_on is None or day >= worker.started_on)
    ]
    due = worker.contracted_minutes_per_week * len(expected) // 7
    inside = [shift for shift in timeline.shifts if first <= shift.date <= last]
    rostered = sum(worked(shift) for shift in inside)
    agreed = sum(worked(shift) for shift in inside if shift.is_overtime)
    limits = parameters.at(first, worker.role_code)
    allowed = limits.contract_tolerance * len(days) // 7
    if -allowed <= rostered - due <= allowed or 0 <= rostered - due <= allowed + agreed:
        return []
    side = "over" if rostered > due else "under"
    return [("contracted_hours", f"{side}:{first}", Severity.WARNED, rostered)]


def absences(timeline: Timeline, period: Period, parameters: Parameters) -> list[Finding]:
    found = []
    for entry in timeline.absences:
        clashing = [
            shift
            for shift in timeline.shifts
            if entry.start <= shift.date <= entry.end and shift.date in period
        ]
        if clashing:
            subject = f"{entry.kind}:{entry.start}"
            found.append(("absence", subject, Severity.BARRED, len(clashing)))
        midnight = datetime.combine(entry.start, time(0), LONDON)
        for shift in timeline.shifts:
            if shift.date == entry.start - DAY and shift.date in period:
                late = int((shift.ends_at - midnight.astimezone(UTC)).total_seconds()) // 60
                if late > 0:
                    subject = f"eve:{entry.kind}:{entry.start}:{shift.id}"
                    found.append(("absence", subject, Severity.WARNED, late))
    return found
