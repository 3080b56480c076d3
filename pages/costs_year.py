"""The financial year: spent, planned and expected to 31 March, against budget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import Kpi, card, kpi_row
from components.charts.graph import chart
from components.charts.outlook import OutlookMonth, outlook_figure
from components.filters import Choices, Option, filter_bar, step_arrow
from components.forms import link_button
from components.shell import page
from components.state import ScreenState, parse_query
from components.tables import facts, simple_table
from components.theme import Status
from pages._numbers import no_home, numbers_tabs
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.calendar import Period, london_today, month_of, years_after
from rota.costs.outlook import RUN_WEEKS, MonthOutlook, Outlook, financial_year, outlook, total
from server.answers import SHARED
from server.cache import remembered
from server.context import current_actor, reading
from server.cost_addresses import SHIFTS_PATH

PATH = "/costs/year/"

dash.register_page(
    __name__,
    path=PATH,
    name="Financial year",
    title="Financial year · Staff Rota",
    order=71,
    permission=Permission.VIEW_COSTS,
    remembered=SHARED,
)


def layout(**query: Any) -> Component:
    """The financial year around the day in the address, of its home or of all."""
    state = parse_query(query)
    actor = current_actor()
    today = london_today()
    year = financial_year(state.start or today)
    with reading() as session:
        homes = homes_of(session, actor)
        if not homes:
            return page("Financial year", no_home())
        shown = [choose_home(homes, state.home)] if state.home else homes
        found = remembered(
            "outlook", shown, (year, today), lambda: outlook(session, actor, shown, year, today)
        )
    place = shown[0].name if len(shown) == 1 else "All homes"
    return page(
        "Financial year",
        [numbers_tabs("Year", state), *_content(found, shown, state)],
        subtitle=f"{place} · {formats.day_year(year.start)} – {formats.day_year(year.end)}",
        filters=_filters(homes, state, year, today),
        secondary=[link_button("Budgets", state.href("/costs/budgets/"), icon_name="bullseye")],
    )


def _filters(
    homes: Sequence[HomeChoice], state: ScreenState, year: Period, today: date
) -> Component:
    def arrow(name: str, words: str, count: int) -> Component:
        return step_arrow(name, words, state.to(start=years_after(year.start, count)).href(PATH))

    stepper = html.Div(
        [
            arrow("chevron-left", "Year before", -1),
            html.Span(f"{year.start.year}/{year.end:%y}", className="period period-words"),
            arrow("chevron-right", "Year after", 1),
            dcc.Link(
                "This year", href=state.to(start=None).href(PATH),
                className="bar-button period-today",
            ),
        ],
        className="stepper",
    )  # fmt: skip
    choices = Choices(
        PATH, homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (),
        period=False, all_homes=True,
    )  # fmt: skip
    return filter_bar(state, choices, today=today, extra=[stepper])


def _content(found: Outlook, shown: Sequence[HomeChoice], state: ScreenState) -> list[Component]:
    whole = found.whole
    title = _finding(whole, found)
    months = [
        OutlookMonth(
            m.month, m.spent_pence, m.planned_pence, m.run_rate_pence, m.budget_pence
        )
        for m in found.months
    ]  # fmt: skip
    parts: list[Component] = [
        kpi_row(_cards(found, whole)),
        card(
            [
                chart(
                    "year-months", outlook_figure(months), title=title,
                    subtitle="Days over as spent; days to come as planned, or at the run rate "
                    "where the rota is not built yet",
                    description=f"{title}. Spent {formats.money(whole.spent_pence)}, planned "
                    f"{formats.money(whole.planned_pence)}, run rate "
                    f"{formats.money(whole.run_rate_pence)}.",
                    filename=f"financial-year-{found.year.start.year}",
                ),
                _table("Month", [(formats.month(m.month), m, _shifts(state, month_of(m.month)))
                                 for m in found.months], whole),
            ]
        ),
    ]  # fmt: skip
    if len(shown) > 1:
        rows = [
            (home.name, total(found.by_home[home.id]), state.to(home=home.id).href(PATH))
            for home in shown
        ]
        parts.append(card(_table("Home", rows, whole), title="By home", flush=True))
    parts.append(card(facts(_METHOD), title="How the forecast is made"))
    return parts


_METHOD = (
    ("Spent", "Loaded cost of the shifts of days that are over, at the rates of their day."),
    ("Planned rota", "Shifts of days to come that somebody works; their vacancies at the mean "
     f"price an hour of overtime, bank and agency of the last {RUN_WEEKS} full weeks."),
    ("Run rate", "A day whose rota holds less than half the hours of its weekday in those weeks "
     "is not planned yet: the mean cost of that weekday stands for it."),
    ("Not in it", "Pay rises and bank holidays to come beyond the planned rota. Shifts without a "
     "rate have no cost and are in no sum."),
)  # fmt: skip


def _finding(whole: MonthOutlook, found: Outlook) -> str:
    is_over = found.today > found.year.end
    head = "Ended" if is_over else "On course"
    variance = whole.variance_pence
    if variance is None:
        return f"{head} at {formats.money_short(whole.forecast_pence)}" + (
            "" if is_over else f" by {formats.day(found.year.end)}"
        )
    words = "over" if variance > 0 else "under"
    return f"{head} {formats.money_short(abs(variance))} {words} budget"


def _cards(found: Outlook, whole: MonthOutlook) -> list[Kpi]:
    variance = whole.variance_pence
    share = whole.compared_pence / whole.budget_pence if whole.budget_pence else None
    cards = [
        Kpi(
            label="Spent so far", value=formats.money_short(whole.spent_pence),
            detail="days that are over", icon="currency-pound", href=_spent(found),
            link_text="See the shifts", trend=tuple(m.forecast_pence for m in found.months),
            trend_label="Forecast by month",
        ),
        Kpi(
            label="Forecast to 31 March", value=formats.money_short(whole.forecast_pence),
            detail=f"{formats.money_short(whole.planned_pence)} planned, "
            f"{formats.money_short(whole.run_rate_pence)} at the run rate", icon="graph-up",
        ),
        Kpi(
            label="Budget", value=formats.money_short(whole.budget_pence)
            if whole.budget_pence is not None else formats.NONE,
            detail=_budget_words(found), icon="bullseye",
        ),
        Kpi(
            label="Against budget", value=formats.change_money(variance),
            detail=f"{formats.percent(share, 1)} of the budget" if share is not None
            else "No budget set",
            status=None if variance is None else Status.BAD if variance > 0 else Status.GOOD,
            icon="clipboard-check",
        ),
    ]  # fmt: skip
    if whole.missing_rates:
        cards.append(
            Kpi(
                label="Shifts without a rate", value=formats.number(whole.missing_rates),
                detail="They are in no sum here", status=Status.WARN, icon="question-diamond",
                href=f"{SHIFTS_PATH}?from={found.year.start}&to={found.year.end}&missing=1"
                + _home(found),
                link_text="See which rates are missing",
            )
        )  # fmt: skip
    return cards


def _home(found: Outlook) -> str:
    return f"&home={next(iter(found.by_home))}" if len(found.by_home) == 1 else ""


def _spent(found: Outlook) -> str:
    """The shifts of the days that are over; nowhere before the year has begun."""
    last = min(found.year.end, found.today - timedelta(days=1))
    if last < found.year.start:
        return ""
    return f"{SHIFTS_PATH}?from={found.year.start}&to={last}{_home(found)}"


def _budget_words(found: Outlook) -> str:
    without = sum(m.budget_pence is None for m in found.months)
    if not without:
        return "set for every month"
    return "No budget set" if without == 12 else f"{formats.plural(without, 'month')} without one"


def _shifts(state: ScreenState, period: Period) -> str:
    home = f"home={state.home}&" if state.home else ""
    return f"{SHIFTS_PATH}?{home}from={period.start}&to={period.end}"


def _table(
    head: str, rows: Sequence[tuple[str, MonthOutlook, str]], whole: MonthOutlook
) -> Component:
    def cells(line: MonthOutlook) -> list[str]:
        return [
            formats.money(line.spent_pence), formats.money(line.planned_pence),
            formats.money(line.run_rate_pence), formats.money(line.forecast_pence),
            formats.money(line.budget_pence), formats.change_money(line.variance_pence),
        ]  # fmt: skip

    return simple_table(
        [head, ("Spent", "num"), ("Planned rota", "num"), ("Run rate", "num"), ("Forecast", "num"),
         ("Budget", "num"), ("Over budget", "num")],
        [[dcc.Link(name, href=href), *cells(line)] for name, line, href in rows],
        caption=f"The financial year by {head.lower()}; each name leads on",
        footer=["Total", *cells(whole)],
    )  # fmt: skip
