"""The conditions of the leave policy, each in plain English with its figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from rota.calendar import Period, date_text, day_text, hours_text, local_day, london_today
from rota.leave.facts import Asked, Check, ColleagueOff, Light, Notice, Pace, Price
from rota.leave.ledger import Balance
from rota.leave.policy import LeavePolicy
from rota.models import LeaveStatus, LeaveType


def notice_of(period: Period, requested_at: datetime, policy: LeavePolicy) -> Notice:
    """Notice given and needed, and the last day on which a refusal is lawful.

    The worker gives twice the length of the leave and a day, the employer refuses at the
    latest its length and a day before it starts; length is counted in calendar days, the
    cautious reading for the employer. Source: Working Time Regulations 1998, reg 15(3)–(4),
    with the day that gov.uk adds.
    """
    given = (period.start - local_day(requested_at)).days
    last = period.start - timedelta(days=period.days + 1)
    return Notice(
        given_days=given,
        statutory_days=policy.request_notice_factor * period.days + 1,
        policy_days=policy.notice_for(period),
        last_refusal=last,
        refusal_is_lawful=london_today() <= last,
    )


def target_percent(policy: LeavePolicy, on: date) -> float:
    """How much of the year's leave should be taken or booked by a day; a line between points."""
    year = policy.year_of(on)
    before_day, before = year.start, 0
    for point in sorted(policy.pace, key=lambda p: p.by.after(year.start)):
        day = point.by.after(year.start)
        if on <= day:
            length = max(1, (day - before_day).days)
            return before + (point.percent - before) * (on - before_day).days / length
        before_day, before = day, point.percent
    return float(before)


def pace_of(account: Balance, minutes: int, policy: LeavePolicy, on: date | None = None) -> Pace:
    """Leave used against the target curve, before and after a request of so many minutes."""
    day = min(max(on or london_today(), account.year.start), account.year.end)
    target = target_percent(policy, day)
    used = _percent(account.used, account.entitlement)
    away = abs(target - used)
    if away <= policy.pace_green_percent:
        light = Light.GREEN
    else:
        light = Light.AMBER if away <= policy.pace_amber_percent else Light.RED
    after = _percent(account.used + minutes, account.entitlement)
    return Pace(used, after, target, light)


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole > 0 else 0.0


def checks_of(
    asked: Asked,
    price: Price,
    colleagues: Sequence[ColleagueOff],
    team_size: int,
    account: Balance,
    notice: Notice,
    policy: LeavePolicy,
) -> tuple[Check, ...]:
    """Every condition for approving without a manager, in the order a manager would ask."""
    off = [c for c in colleagues if c.status != LeaveStatus.PENDING.value]
    busiest, most = _busiest(asked.period, off)
    return (
        _length(asked, policy),
        _season(asked, policy),
        _policy_notice(notice),
        _statutory_notice(notice),
        _enough_left(asked, account),
        _others_off(busiest, most, policy),
        _team_share(busiest, most + 1, team_size, policy),
        _minimum_kept(price, policy),
    )


def _length(asked: Asked, policy: LeavePolicy) -> Check:
    days = asked.period.days
    words = f"{days} {'day' if days == 1 else 'days'}; at most {policy.auto_max_days}"
    return Check("length", days <= policy.auto_max_days, words)


def _season(asked: Asked, policy: LeavePolicy) -> Check:
    closed = [s for s in policy.auto_blackouts if s.overlaps(asked.period)]
    if not closed:
        return Check("season", True, "Outside the weeks a manager decides")
    season = closed[0]
    start, end = date(2024, season.start.month, season.start.day), season.end
    until = date(2024, end.month, end.day)
    words = f"In the weeks a manager decides ({start:%-d %b} – {until:%-d %b})"
    return Check("season", False, words)


def _policy_notice(notice: Notice) -> Check:
    words = f"{notice.given_days} days' notice; the organisation asks for {notice.policy_days}"
    return Check("notice", notice.meets_policy, words)


def _statutory_notice(notice: Notice) -> Check:
    words = (
        f"{notice.given_days} days' notice; the law asks for {notice.statutory_days} "
        "(twice the leave and a day)"
    )
    return Check("statutory_notice", notice.meets_statutory, words, blocks_automatic=False)


def _enough_left(asked: Asked, account: Balance) -> Check:
    if asked.leave_type is LeaveType.TOIL:
        left = account.toil
        what = "time off in lieu"
    elif asked.leave_type is LeaveType.ANNUAL:
        left, what = account.remaining, "this leave year"
    else:
        return Check("balance", True, "Not taken from the entitlement")
    after = left - asked.minutes
    words = f"{hours_text(left)} left ({what}); {hours_text(after)} after this"
    return Check("balance", after >= 0, words)


def _others_off(day: date | None, others: int, policy: LeavePolicy) -> Check:
    limit = policy.auto_others_off_limit
    where = f" on {day_text(day)}" if day is not None else ""
    noun = "colleague" if others == 1 else "colleagues"
    words = f"{others} {noun} of the unit off{where}; fewer than {limit} wanted"
    return Check("others_off", others < limit, words)


def _team_share(day: date | None, off: int, team: int, policy: LeavePolicy) -> Check:
    share = _percent(off, team)
    words = (
        f"{off} of {team} in the unit off with this ({share:.0f}%); "
        f"at most {policy.team_off_percent}%"
    )
    # one person off is never too many: in a team of four a fifth would allow nobody
    return Check("team_share", off <= 1 or share <= policy.team_off_percent, words)


def _minimum_kept(price: Price, policy: LeavePolicy) -> Check:
    if not price.shifts:
        return Check("minimum", True, "Every shift keeps its minimum")
    noun = "shift falls" if price.shifts == 1 else "shifts fall"
    words = f"{price.shifts} {noun} below the minimum"
    return Check("minimum", not policy.auto_keep_minimum, words)


def _busiest(period: Period, off: Sequence[ColleagueOff]) -> tuple[date | None, int]:
    """The day of the request on which most colleagues are off, and how many."""
    best: date | None = None
    most = 0
    for day in period:
        count = len({c.staff_id for c in off if day in c.period})
        if count > most:
            best, most = day, count
    return best, most


def refusal_text(notice: Notice) -> str:
    """Until when the request can lawfully be refused, as a sentence."""
    if notice.refusal_is_lawful:
        return f"A refusal is lawful until {date_text(notice.last_refusal)}."
    return (
        f"The last day for a lawful refusal was {date_text(notice.last_refusal)}; "
        "refuse now only with the person's agreement."
    )
