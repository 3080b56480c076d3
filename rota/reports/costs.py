"""The cost reports: months against budget, and every shift with its cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, local_day, month_of, months_after
from rota.costs.explorer import (
    SOURCE_NAMES,
    CostLine,
    CostQuestion,
    CostReport,
    cost_report,
)
from rota.costs.facts import facts_by_home_and_month, with_continuity
from rota.costs.measures import MEASURES, Facts, Measure
from rota.costs.measures import Kind as MeasureKind
from rota.costs.months import months_between
from rota.costs.queries import cost_total, shifts_behind
from rota.costs.values import CostScope, Dimension
from rota.reports.activity import DEFINITIONS as ACTIVITY_DEFINITIONS
from rota.reports.activity import (
    activity_section,
    issues_section,
    savings_section,
    service_section,
)
from rota.reports.document import Chart, Column, Document, Kind, Section, Value
from rota.reports.request import MOST_ROWS, ReportRequest

DEFINITIONS = (
    ("Cost", "Loaded cost of worked and planned shifts at the rates of their day, fixed when "
     "the shift was written. A vacancy costs nothing."),
    ("Without a rate", "Shifts whose rate is missing. They are in the hours, in no cost."),
    ("Over budget", "Cost less budget; negative is under."),
    ("Sources", "Contracted, overtime (own staff beyond contract), bank (own casual staff) and "
     "agency (invoiced by the hour)."),
)  # fmt: skip


def cost_document(
    session: Session, actor: Actor, request: ReportRequest, by: Dimension = Dimension.UNIT
) -> Document:
    """Costs by month and by ``by``, against budget: what the cost screen shows."""
    request.check(actor, Permission.VIEW_COSTS)
    months = months_between(request.period.start, request.period.end)
    question = CostQuestion(request.homes, months[0], len(months), request.unit_id, by)
    report = cost_report(session, actor, question)
    whole = Period(question.scope.start, question.scope.end)
    return Document(
        title=f"Staff costs, {request.place}",
        file_name=request.file_name("costs"),
        facts=ReportRequest(request.homes, whole, request.made_at, request.unit_id).facts(actor),
        sections=(_months(report), _groups(report)),
        definitions=DEFINITIONS,
    )


def _months(report: CostReport) -> Section:
    rows: list[Sequence[Value]] = [
        [
            line.key if not isinstance(line.key, str) else None,
            *_by_source(line),
            line.total.pence,
            line.budget_pence,
            line.variance_pence,
            line.total.minutes,
            line.total.missing_rates,
        ]
        for line in report.months
    ]
    return Section(
        "By month",
        (
            Column("Month", Kind.MONTH),
            *_source_columns(),
            Column("Total", Kind.PENCE, total=True),
            Column("Budget", Kind.PENCE, total=True),
            Column("Over budget", Kind.PENCE, total=True),
            Column("Hours", Kind.MINUTES, total=True),
            Column("Without a rate", Kind.NUMBER, total=True),
        ),
        rows,
        chart=Chart.MONTHS_BY_SOURCE,
    )


def _groups(report: CostReport) -> Section:
    rows: list[Sequence[Value]] = [
        [
            line.label,
            *_by_source(line),
            line.total.pence,
            line.total.minutes,
            line.total.shifts,
            line.total.missing_rates,
        ]
        for line in report.groups
    ]
    by = report.question.by.value
    return Section(
        f"By {by}",
        (
            Column(by.capitalize(), width=26),
            *_source_columns(),
            Column("Total", Kind.PENCE, total=True),
            Column("Hours", Kind.MINUTES, total=True),
            Column("Shifts", Kind.NUMBER, total=True),
            Column("Without a rate", Kind.NUMBER, total=True),
        ),
        rows,
        chart=Chart.GROUPS_BY_SOURCE,
    )


def _source_columns() -> tuple[Column, ...]:
    return tuple(Column(name, Kind.PENCE, total=True) for name in SOURCE_NAMES.values())


def _by_source(line: CostLine) -> list[int]:
    return [
        line.by_source[source].pence if source in line.by_source else 0 for source in SOURCE_NAMES
    ]


def shifts_document(
    session: Session, actor: Actor, request: ReportRequest, scope: CostScope | None = None
) -> Document:
    """Every worked or planned shift of the period with its cost (or of a part of it).

    A scope is cut to the homes of the request, whatever it names.
    """
    request.check(actor, Permission.VIEW_COSTS)
    home_ids = frozenset(request.home_ids)
    if scope is None:
        period = request.period
        scope = CostScope(home_ids, period.start, period.end, request.unit_id)
    elif not scope.home_ids <= home_ids:
        scope = CostScope(frozenset(), scope.start, scope.end)
    lines = shifts_behind(session, actor, scope, limit=MOST_ROWS)
    count = cost_total(session, actor, scope).shifts
    note = "" if count <= MOST_ROWS else f"Only the first {MOST_ROWS:,} of {count:,} shifts."
    rows: list[Sequence[Value]] = [
        [
            line.date, line.home, line.unit, line.shift_type, line.starts_at, line.ends_at,
            line.worker, line.role, SOURCE_NAMES[line.source], line.minutes, line.pence,
            "yes" if line.is_published else "draft",
        ]
        for line in lines
    ]  # fmt: skip
    return Document(
        title=f"Shifts with their cost, {request.place}",
        file_name=request.file_name("shifts"),
        facts=request.facts(actor),
        sections=(
            Section(
                "Shifts",
                (
                    Column("Day", Kind.DAY), Column("Home"), Column("Unit"),
                    Column("Shift", width=9), Column("From", Kind.INSTANT),
                    Column("To", Kind.INSTANT), Column("Worked by", width=26),
                    Column("Role", width=10), Column("Source", width=12),
                    Column("Hours", Kind.MINUTES, total=True),
                    Column("Cost", Kind.PENCE, total=True), Column("Published", width=11),
                ),
                rows,
                note=note,
            ),
        ),
        definitions=DEFINITIONS,
    )  # fmt: skip


def monthly_document(session: Session, actor: Actor, request: ReportRequest) -> Document:
    """The month's measures for every home beside the month before, its costs by unit, what got
    worse, what was done and what was saved."""
    request.check(actor, Permission.VIEW_COSTS)
    month = month_of(request.period.start)
    before = months_after(month.start, -1)
    facts = facts_by_home_and_month(session, actor, request.homes, [before, month.start])
    facts = with_continuity(session, actor, facts)
    now = ReportRequest(request.homes, month, request.made_at)
    costs = cost_document(session, actor, now)
    return Document(
        title=f"Monthly report, {request.place}, {month.start:%B %Y}",
        file_name=now.file_name("monthly-report"),
        facts=now.facts(actor),
        sections=(
            _comparison(facts, now, month.start, before),
            *costs.sections,
            issues_section(facts, now, month.start),
            activity_section(session, now, month.start),
            savings_section(session, actor, now, month, local_day(request.made_at)),
            service_section(session, month.start),
        ),
        definitions=(
            *((measure.name, measure.definition) for measure in MEASURES),
            *DEFINITIONS,
            *ACTIVITY_DEFINITIONS,
        ),
    )


def _comparison(
    facts: dict[tuple[int, date], Facts], request: ReportRequest, month: date, before: date
) -> Section:
    """Every measure beside the month before: home by home, then all homes together."""
    places = [(home.name, [home.id]) for home in request.homes]
    several = len(places) > 1
    if several:
        places.append(("All homes", request.home_ids))
    rows: list[Sequence[Value]] = []
    for place, home_ids in places:
        this = sum((facts[home_id, month] for home_id in home_ids), Facts())
        last = sum((facts[home_id, before] for home_id in home_ids), Facts())
        head = [place] if several else []
        rows += [[*head, *_measure_row(measure, this, last)] for measure in MEASURES]
    columns = (
        Column("Measure", width=24),
        Column("This month", Kind.NUMBER, width=14),
        Column("Month before", Kind.NUMBER, width=14),
        Column("Change", Kind.NUMBER, width=12),
        Column("In", width=8),
    )
    return Section("Measures", (Column("Home", width=22), *columns) if several else columns, rows)


def _measure_row(measure: Measure, this: Facts, last: Facts) -> list[Value]:
    now, then = (_readable(measure, measure.of(facts)) for facts in (this, last))
    change = None if now is None or then is None else round(now - then, 2)
    units = {
        MeasureKind.PENCE: "£", MeasureKind.SHARE: "%", MeasureKind.DAYS: "days",
        MeasureKind.NUMBER: "",
    }  # fmt: skip
    return [measure.name, now, then, change, units[measure.kind]]


def _readable(measure: Measure, value: float | None) -> float | None:
    """Pounds for pence and per cent for shares, to two decimals."""
    if value is None:
        return None
    if measure.kind is MeasureKind.PENCE:
        return round(value / 100, 2)
    return round(value * 100 if measure.kind is MeasureKind.SHARE else value, 2)
