"""The cards on top of the cost screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from components import formats
from components.cards import Kpi
from components.theme import Status
from rota.costs.explorer import (
    CostLine,
    CostReport,
)
from rota.costs.values import Dimension
from server.cost_addresses import (
    shifts_href,
)


def cost_cards(report: CostReport, today: date) -> list[Kpi]:
    total, budget, question = report.total, report.budget_pence, report.question
    agency = sum(_agency_minutes(line) for line in report.months)
    cards = [
        Kpi(
            label=f"Cost of {formats.plural(question.months, 'month')}",
            value=formats.money_short(total.pence),
            detail=f"{formats.hours_from_minutes(total.minutes)} in {formats.number(total.shifts)} shifts",
            href=shifts_href(question.scope, question),
            trend=tuple(line.total.pence for line in report.months),
            trend_label="Cost by month",
            icon="currency-pound",
            link_text="See the shifts",
        ),
        _budget_card(report, budget),
        Kpi(
            label="Agency share of hours",
            value=formats.percent(agency / total.minutes if total.minutes else None, 1),
            detail=f"{formats.hours_from_minutes(agency)} by agencies",
            href=shifts_href(question.scope.within(Dimension.SOURCE, "agency"), question),
            trend=_agency_trend(report),
            trend_label="Agency share by month",
            icon="people",
            link_text="See the agency shifts",
        ),
    ]
    if total.missing_rates:
        gaps = replace(question.scope, only_missing_rates=True)
        cards.append(
            Kpi(
                label="Shifts without a rate",
                value=formats.number(total.missing_rates),
                detail=f"{formats.hours_from_minutes(total.missing_minutes)} are in no sum here",
                href=shifts_href(gaps, question),
                status=Status.WARN,
                icon="question-diamond",
                link_text="See which rates are missing",
            )
        )
    return cards


def _budget_card(report: CostReport, budget: int | None) -> Kpi:
    with_budget = [line for line in report.months if line.budget_pence is not None]
    spent = sum(line.total.pence for line in with_budget)
    if budget is None:
        words = "Budgets are set for whole homes" if report.question.unit_id else "No budget set"
        return Kpi(label="Against budget", value=formats.NONE, detail=words, icon="bullseye")
    variance = spent - budget
    return Kpi(
        label="Against budget",
        value=formats.change_money(variance),
        detail=f"{formats.percent(spent / budget if budget else None, 1)} of {formats.money_short(budget)}",
        status=Status.BAD if variance > 0 else Status.GOOD,
        trend=tuple(line.variance_pence or 0 for line in with_budget),
        trend_label="Over or under budget by month",
        icon="bullseye",
    )


def _agency_minutes(line: CostLine) -> int:
    return sum(t.minutes for source, t in line.by_source.items() if source.value == "agency")


def _agency_trend(report: CostReport) -> tuple[float, ...]:
    return tuple(
        _agency_minutes(line) / line.total.minutes if line.total.minutes else 0
        for line in report.months
    )
