"""What the monthly report says beside measures and costs: what was done, saved, and got worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import ROLE_NAMES
from rota.calendar import Period, instant, month_of, months_after
from rota.costs.measures import MEASURES, Facts
from rota.costs.savings import savings_ledger
from rota.models import (
    ChangeItem,
    ChangeSet,
    ForecastOutcome,
    HomeGrant,
    Job,
    JobState,
    LeaveRequest,
    Publication,
    Scenario,
    ScenarioState,
    Unit,
    User,
    UserSession,
)
from rota.operations.service_record import service_by_month
from rota.portable_sql import is_json_null
from rota.reports.document import Column, Kind, Section, Value
from rota.reports.request import ReportRequest

#: measures that got worse, at most this many
MOST_ISSUES = 5
DEFINITIONS = (
    ("Active users", "People with a login in the month who work with these homes, by role. Logins "
     "are kept for a limited time: an old month may lack them."),
    ("Top issues", "The measures that got worse most in proportion to the month before, home by "
     "home."),
    ("Service", "Of the whole installation. Uptime is checks answered ÷ checks, one a minute by the "
     "public address; a minute in which the server itself was off has no check. Times are those of "
     "pages and their parts, as the bound within which they were answered."),
)  # fmt: skip
_Span = tuple[datetime, datetime]


def _instants(month: date) -> _Span:
    """The month as instants: its first London midnight and the next month's."""
    return instant(month, time(0)), instant(months_after(month, 1), time(0))


def activity_section(session: Session, request: ReportRequest, month: date) -> Section:
    """What people and the product did in the month and in the one before. Two statements."""
    before = months_after(month, -1)
    counts: dict[tuple[str, str], int] = {}
    for which, first in (("this", month), ("before", before)):
        parts = _counts(request.home_ids, which, first)
        for name, span, count in session.execute(union_all(*parts)):
            counts[name, span] = int(count)
    rows: list[Sequence[Value]] = []
    for name in _NAMES:
        now, then = counts.get((name, "this"), 0), counts.get((name, "before"), 0)
        rows.append([name, now, then, now - then])
    return Section(
        "What was done",
        (Column("What", width=32), Column("This month", Kind.NUMBER),
         Column("Month before", Kind.NUMBER), Column("Change", Kind.NUMBER)),
        rows,
    )  # fmt: skip


_USERS = {role: f"Active users: {name}" for role, name in ROLE_NAMES.items()}
_NAMES = (
    *_USERS.values(), "Changes of the rota", "Shifts created", "Rotas published",
    "Leave requests decided", "Optimisations finished", "Scenarios applied",
    "Forecast days that came",
)  # fmt: skip


def _counts(homes: Sequence[int], which: str, month: date) -> list[Select[Any, Any, Any]]:
    start, end = _instants(month)
    last = months_after(month, 1) - timedelta(days=1)

    def count(name: str, what: Any = None) -> Select[Any, Any, Any]:
        return select(
            literal(name), literal(which), func.count() if what is None else func.count(what)
        )

    changed = (
        ChangeSet.home_id.in_(homes), ChangeSet.undone_at.is_(None), ChangeSet.created_at >= start,
        ChangeSet.created_at < end,
    )  # fmt: skip
    users = [
        count(words, UserSession.user_id.distinct())
        .select_from(UserSession)
        .join(User, User.id == UserSession.user_id)
        .join(HomeGrant, HomeGrant.user_id == User.id)
        .where(
            User.role == role, HomeGrant.home_id.in_(homes), UserSession.started_at < end,
            UserSession.seen_at >= start,
        )
        for role, words in _USERS.items()
    ]  # fmt: skip
    return [
        *users,
        count("Changes of the rota").select_from(ChangeSet).where(*changed),
        count("Shifts created")
        .select_from(ChangeItem)
        .join(ChangeSet, ChangeSet.id == ChangeItem.change_set_id)
        .where(*changed, is_json_null(ChangeItem.before)),
        count("Rotas published")
        .select_from(Publication)
        .where(Publication.home_id.in_(homes), Publication.published_at >= start,
               Publication.published_at < end),
        count("Leave requests decided")
        .select_from(LeaveRequest)
        .where(LeaveRequest.home_id.in_(homes), LeaveRequest.decided_at >= start,
               LeaveRequest.decided_at < end),
        count("Optimisations finished")
        .select_from(Job)
        .where(Job.kind == "optimise", Job.state == JobState.DONE, Job.home_id.in_(homes),
               Job.finished_at >= start, Job.finished_at < end),
        count("Scenarios applied")
        .select_from(Scenario)
        .where(Scenario.home_id.in_(homes), Scenario.state == ScenarioState.APPLIED,
               Scenario.applied_at >= start, Scenario.applied_at < end),
        count("Forecast days that came")
        .select_from(ForecastOutcome)
        .join(Unit, Unit.id == ForecastOutcome.unit_id)
        .where(Unit.home_id.in_(homes), ForecastOutcome.date.between(month, last)),
    ]  # fmt: skip


def savings_section(
    session: Session, actor: Actor, request: ReportRequest, month: Period, today: date
) -> Section:
    """What applied scenarios whose period touches the month promised and saved so far."""
    lines = [
        line
        for line in savings_ledger(session, actor, request.homes, today)
        if month.overlap(Period(line.start, line.end))
    ]
    rows: list[Sequence[Value]] = [
        [line.name, line.home, line.start, line.end, line.outcome.predicted_pence,
         line.outcome.due_pence, line.outcome.realised_pence, line.outcome.realisation]
        for line in lines
    ]  # fmt: skip
    return Section(
        "Savings",
        (Column("Scenario", width=28), Column("Home"), Column("From", Kind.DAY),
         Column("To", Kind.DAY), Column("Promised", Kind.PENCE, total=True),
         Column("Due", Kind.PENCE, total=True), Column("Realised", Kind.PENCE, total=True),
         Column("Realisation", Kind.SHARE)),
        rows,
    )  # fmt: skip


def service_section(session: Session, month: date) -> Section:
    """How the site answered, beside the month before; nothing where it was not measured."""
    before = months_after(month, -1)
    by_month = service_by_month(session, before, month_of(month).end)
    now, then = by_month[month], by_month[before]
    pairs: list[tuple[str, float | None, float | None, str]] = [
        ("Uptime", _percent(now.uptime), _percent(then.uptime), "%"),
        ("Checks of the site", now.checks or None, then.checks or None, ""),
        ("Half of answers within", now.median_ms, then.median_ms, "ms"),
        ("95 of 100 answers within", now.slow_ms, then.slow_ms, "ms"),
        ("Answers measured", now.answers or None, then.answers or None, ""),
        ("Answers that failed", now.failed if now.answers else None,
         then.failed if then.answers else None, ""),
    ]  # fmt: skip
    measured = [list(pair) for pair in pairs if pair[1] is not None or pair[2] is not None]
    return Section(
        "Service",
        (Column("What", width=28), Column("This month", Kind.NUMBER),
         Column("Month before", Kind.NUMBER), Column("In", width=8)),
        measured,
        note="" if len(measured) == len(pairs) else NOT_MEASURED,
    )  # fmt: skip


NOT_MEASURED = (
    "What is missing was not measured: only an installation in production measures itself, and "
    "its uptime only when it knows its public address."
)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 2)


def issues_section(
    facts: Mapping[tuple[int, date], Facts], request: ReportRequest, month: date
) -> Section:
    """The measures that got worse most, in proportion to the month before."""
    before = months_after(month, -1)
    found: list[tuple[float, str, str]] = []
    for home in request.homes:
        for measure in MEASURES:
            now, then = (measure.of(facts[home.id, m]) for m in (month, before))
            if now is None or then is None or not then:
                continue
            worse = (now - then if measure.less_is_better else then - now) / abs(then)
            if worse > 0:
                found.append((worse, home.name, measure.name))
    worst = sorted(found, key=lambda one: (-one[0], one[1], one[2]))[:MOST_ISSUES]
    rows: list[Sequence[Value]] = [[home, name, worse] for worse, home, name in worst]
    return Section(
        "Top issues",
        (Column("Home", width=24), Column("Measure", width=26),
         Column("Worse by", Kind.SHARE)),
        rows,
        note="Values stand in the table of measures.",
    )  # fmt: skip
