"""Every report there is: what it says, who may have it, over which kind of period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, monday, month_of, months_after
from rota.errors import NotFound
from rota.reports.compliance import compliance_document
from rota.reports.costs import cost_document, monthly_document, shifts_document
from rota.reports.document import Document
from rota.reports.leave_liability import leave_liability_document
from rota.reports.lists import leave_document, rota_document, vacancies_document
from rota.reports.payroll import payroll_document
from rota.reports.request import ReportRequest, week_beginning
from rota.reports.staffing import staffing_document
from rota.reports.weekly import weekly_document


class Span(StrEnum):
    """The period a report covers unless another is asked for."""

    WEEK = "week"
    FOUR_WEEKS = "four weeks"
    MONTH = "month"
    YEAR = "year"

    def around(self, day: date) -> Period:
        """The period of this kind that a day asks for; a year is the twelve months up to it."""
        match self:
            case Span.WEEK:
                return week_beginning(monday(day))
            case Span.FOUR_WEEKS:
                return Period(monday(day), monday(day) + timedelta(days=27))
            case Span.MONTH:
                return month_of(day)
            case Span.YEAR:
                this = month_of(day)
                return Period(months_after(this.start, -11), this.end)


@dataclass(frozen=True, slots=True)
class Report:
    """One report of the catalogue."""

    key: str
    title: str
    description: str
    permission: Permission
    span: Span
    build: Callable[[Session, Actor, ReportRequest], Document]
    icon: str


REPORTS: tuple[Report, ...] = (
    Report(
        "weekly-summary", "Weekly rota summary",
        "Cover of every unit, day and night, against what is required, with gaps and seniors.",
        Permission.VIEW_ROTA, Span.WEEK, weekly_document, "calendar-week",
    ),
    Report(
        "monthly-report", "Monthly report",
        "Every measure of a home beside the month before, and its costs by source and unit.",
        Permission.VIEW_COSTS, Span.MONTH, monthly_document, "clipboard-data",
    ),
    Report(
        "costs", "Costs against budget",
        "Twelve months by source of hours against budget, and by unit.",
        Permission.VIEW_COSTS, Span.YEAR, cost_document, "currency-pound",
    ),
    Report(
        "vacancies", "Vacancies",
        "Shifts with nobody on them, with the reason and since when.",
        Permission.VIEW_VACANCIES, Span.FOUR_WEEKS, vacancies_document, "person-dash",
    ),
    Report(
        "leave", "Leave",
        "Requests that touch the period, what was decided and when.",
        Permission.VIEW_LEAVE, Span.FOUR_WEEKS, leave_document, "calendar-check",
    ),
    Report(
        "leave-liability", "Leave liability",
        "Leave earned and not taken at the end of the month, and what it is worth.",
        Permission.VIEW_LEAVE, Span.MONTH, leave_liability_document, "piggy-bank",
    ),
    Report(
        "payroll", "Payroll extract",
        "Hours by pay element for every person of the month, in the layout that payroll takes.",
        Permission.VIEW_CONTACTS, Span.MONTH, payroll_document, "cash-stack",
    ),
    Report(
        "rules", "Working time and other rules",
        "What the rules of work say about everybody: breaches, warnings and rest owed.",
        Permission.VIEW_ROTA, Span.FOUR_WEEKS, compliance_document, "shield-check",
    ),
    Report(
        "staffing-evidence", "Staffing evidence (Staffing Act, section 7)",
        "Every shift: required, planned and actual, with the judgement on each shortfall.",
        Permission.VIEW_ROTA, Span.FOUR_WEEKS, staffing_document, "journal-check",
    ),
    Report(
        "rota", "Rota as a table",
        "Every shift, one a row, filled or vacant.",
        Permission.VIEW_ROTA, Span.FOUR_WEEKS, rota_document, "table",
    ),
    Report(
        "shifts", "Shifts with their cost",
        "Every worked or planned shift with its hours, source and loaded cost.",
        Permission.VIEW_COSTS, Span.MONTH, shifts_document, "receipt",
    ),
)  # fmt: skip

_BY_KEY = {report.key: report for report in REPORTS}


def report_called(key: str) -> Report:
    """The report of this key. Raises :class:`NotFound`."""
    if key not in _BY_KEY:
        raise NotFound("There is no such report.", hint="Choose one from Reports.")
    return _BY_KEY[key]


def reports_for(actor: Actor) -> list[Report]:
    """The reports this role may have."""
    return [report for report in REPORTS if actor.may(report.permission)]
