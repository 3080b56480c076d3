"""The panels of the cost screen: months against budget, why they changed, what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.charts.costs import CostMonth, Group, comparison_figure, costs_figure
from components.charts.graph import chart
from components.charts.waterfall import Step, waterfall_figure
from components.filters import segmented
from components.forms import link_button
from components.state import ScreenState
from components.tables import simple_table
from rota.calendar import month_of, months_after
from rota.costs.explorer import (
    GROUPINGS,
    SOURCE_NAMES,
    CostLine,
    CostReport,
    last_full_month,
)
from rota.costs.values import Dimension
from server.cost_addresses import (
    PATH,
    CostView,
    shifts_href,
)


class Ids:
    """What callbacks of this page address."""

    CHART = "costs-months"
    COMPARISON = "costs-comparison"
    WATERFALL = "costs-why"
    GO = "costs-go"


WHY_PATH = "/costs/why/"
#: the names that the chart factory gives the sources
_CHART_KEYS = {
    "regular": "contracted", "overtime": "overtime", "bank": "bank", "agency": "agency",
}  # fmt: skip
GROUP_WORDS = {
    Dimension.HOME: "home", Dimension.UNIT: "unit", Dimension.ROLE: "role",
    Dimension.BAND: "day or night", Dimension.WEEKDAY: "weekday",
    Dimension.SHIFT_TYPE: "shift type",
}  # fmt: skip


def months_panel(report: CostReport, today: date) -> Component:
    this_month = month_of(today).start
    months = [
        CostMonth(
            month=line.key,  # type: ignore[arg-type]
            by_source=_chart_sources(line),
            budget=line.budget_pence,
            projected=isinstance(line.key, date) and line.key >= this_month,
        )
        for line in report.months
    ]
    return card(
        [
            chart(
                Ids.CHART,
                costs_figure(months),
                title=_months_title(report),
                subtitle="Loaded cost by source of hours; paler months are not over yet",
                description=_months_title(report) + ". Click a month to see its shifts.",
                filename=f"costs-{report.question.scope.start:%Y-%m}",
                clickable=True,
            ),
            _months_table(report),
        ]
    )


def _chart_sources(line: CostLine) -> dict[str, int]:
    return {_CHART_KEYS[source.value]: totals.pence for source, totals in line.by_source.items()}


def _months_title(report: CostReport) -> str:
    over = [line for line in report.months if (line.variance_pence or 0) > 0]
    known = [line for line in report.months if line.budget_pence is not None]
    if not known:
        return f"{formats.money_short(report.total.pence)} of staff cost"
    if not over:
        return f"Within budget in all of {formats.plural(len(known), 'month')}"
    return f"Over budget in {len(over)} of {formats.plural(len(known), 'month')}"


def _months_table(report: CostReport) -> Component:
    sources = list(SOURCE_NAMES)
    rows = [
        [
            line.label,
            *(_money_link(report, line, source.value) for source in sources),
            formats.money(line.total.pence),
            formats.money(line.budget_pence),
            formats.change_money(line.variance_pence),
        ]
        for line in report.months
    ]
    known = [line for line in report.months if line.budget_pence is not None]
    footer: list[str] = [
        "Total",
        *(formats.money(_sum_of(report.months, source.value)) for source in sources),
        formats.money(report.total.pence),
        formats.money(report.budget_pence),
        formats.change_money(sum(line.variance_pence or 0 for line in known)) if known else "–",
    ]
    return simple_table(
        [
            "Month",
            *((name, "num") for name in SOURCE_NAMES.values()),
            ("Total", "num"),
            ("Budget", "num"),
            ("Over budget", "num"),
        ],
        rows,
        caption="Cost by month and source against budget; each amount opens its shifts",
        footer=footer,
    )


def _money_link(report: CostReport, line: CostLine, source: str) -> Component | str:
    totals = next((t for s, t in line.by_source.items() if s.value == source), None)
    if totals is None:
        return formats.NONE
    scope = report.question.scope.within(Dimension.MONTH, line.key)
    scope = scope.within(Dimension.SOURCE, source)
    return dcc.Link(formats.money(totals.pence), href=shifts_href(scope, report.question))


def _sum_of(lines: Sequence[CostLine], source: str) -> int:
    return sum(t.pence for line in lines for s, t in line.by_source.items() if s.value == source)


def why_panel(report: CostReport, state: ScreenState, today: date) -> Component:
    """Why the last full month differs from the one before."""
    month = min(last_full_month(today), month_of(report.question.scope.end).start)
    why = report.why(month)
    if why is None:
        return html.Div()
    before = formats.month(months_after(month, -1))
    steps = [
        Step(before, why.base_pence, total=True),
        Step("More or fewer hours", why.volume_pence),
        Step("Dearer or cheaper sources", why.mix_pence),
        Step("Higher or lower rates", why.rate_pence),
        Step(formats.month(month), why.actual_pence, total=True),
    ]
    change = why.change_pence
    words = "more" if change > 0 else "less"
    title = f"{formats.month(month)} cost {formats.money(abs(change))} {words} than {before}"
    return card(
        chart(
            Ids.WATERFALL,
            waterfall_figure(steps),
            title=title,
            subtitle="Volume at the old average rate, mix at the old rates, then rates; "
            "the parts add up to the change to the penny",
            description=f"{title}: hours {formats.change_money(why.volume_pence)}, sources "
            f"{formats.change_money(why.mix_pence)}, rates {formats.change_money(why.rate_pence)}.",
            filename=f"cost-change-{month:%Y-%m}",
            height=280,
            table=True,
        ),
        title="Why the last full month differs",
        actions=[
            link_button(
                "By cause", ScreenState(home=state.home, unit=state.unit, start=month).href(WHY_PATH),
                icon_name="search",
            )
        ],
    )  # fmt: skip


def groups_panel(report: CostReport, state: ScreenState, view: CostView) -> Component:
    choices = [
        dimension
        for dimension in GROUPINGS
        if not (dimension is Dimension.HOME and len(report.question.homes) == 1)
        and not (dimension is Dimension.UNIT and report.question.unit_id is not None)
    ]
    switch = segmented(
        "Compare by",
        [
            (
                GROUP_WORDS[dimension].capitalize(),
                state.to(view=replace(view, by=dimension).text).href(PATH),
                dimension is view.by,
                f"Compare by {GROUP_WORDS[dimension]}",
            )
            for dimension in choices
        ],
    )
    groups = [Group(line.label, _chart_sources(line), line.budget_pence) for line in report.groups]
    dearest = max(report.groups, key=lambda line: line.total.pence, default=None)
    word = GROUP_WORDS[view.by]
    title = "No costs to compare"
    if dearest is not None and report.total.pence > 0:
        share = formats.percent(dearest.total.pence / report.total.pence)
        title = f"{dearest.label} makes up {share} of the cost"
    return card(
        [
            html.Div(switch, className="actions"),
            chart(
                Ids.COMPARISON,
                comparison_figure(groups),
                title=title,
                subtitle=f"Loaded cost by {word} and source of hours, the whole period",
                description=f"{title}; cost by {word} and source.",
                filename=f"costs-by-{view.by.value.replace(' ', '-')}",
                height=max(180, 90 + 26 * len(groups)),
            ),
            _groups_table(report, word),
        ],
        title="What it is made of",
    )


def _groups_table(report: CostReport, word: str) -> Component:
    rows = []
    for line in report.groups:
        totals = line.total
        scope = report.question.scope.within(report.question.by, line.key)
        per_hour = (
            totals.pence * 60 / priced
            if (priced := totals.minutes - totals.missing_minutes)
            else None
        )
        rows.append(
            [
                line.label,
                formats.number(totals.shifts),
                formats.hours_from_minutes(totals.minutes),
                dcc.Link(formats.money(totals.pence), href=shifts_href(scope, report.question)),
                formats.money_exact(round(per_hour)) if per_hour is not None else formats.NONE,
                formats.percent(
                    totals.pence / report.total.pence if report.total.pence else None, 1
                ),
            ]
        )
    total = report.total
    return simple_table(
        [
            word.capitalize(), ("Shifts", "num"), ("Hours", "num"), ("Cost", "num"),
            ("Per hour", "num"), ("Share", "num"),
        ],
        rows,
        caption=f"Cost by {word}; each amount opens its shifts",
        footer=[
            "Total", formats.number(total.shifts), formats.hours_from_minutes(total.minutes),
            formats.money(total.pence), "", "",
        ],
    )  # fmt: skip
