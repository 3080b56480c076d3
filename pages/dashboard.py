"""Overview: today at each home, what waits, the month against its budget, the fortnight ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import dash
from dash import html
from dash.development.base_component import Component

from components import formats
from components.cards import DutyToday, Kpi, card, kpi_row, today_strip
from components.charts.heatmap import CoverCell as MatrixCell
from components.cover_matrix import cover_matrix, matrix_key
from components.feedback import empty_state
from components.filters import Choices, Option, filter_bar
from components.forms import link_button
from components.shell import page
from components.state import ScreenState, parse_query
from components.tables import simple_table
from components.theme import Status
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.calendar import london_today
from rota.overview.queries import overview_of
from rota.overview.values import CoverCell, HomeToday, Overview
from server.answers import SHARED
from server.cache import remembered
from server.context import current_actor, reading

PATH = "/dashboard/"

dash.register_page(
    __name__,
    path=PATH,
    name="Overview",
    title="Overview · Staff Rota",
    order=10,
    icon="speedometer2",
    permission=Permission.VIEW_OVERVIEW,
    remembered=SHARED,
)


def layout(**query: Any) -> Component:
    """The overview of the home in the address, or of all of the actor's homes."""
    state = parse_query(query)
    actor = current_actor()
    today = london_today()
    with reading() as session:
        homes = homes_of(session, actor)
        shown = [choose_home(homes, state.home)] if state.home or len(homes) == 1 else homes
        seen = remembered("overview", shown, (today,), lambda: overview_of(session, shown, today))
    return page(
        "Overview",
        _content(seen, state) if homes else _no_home(),
        subtitle=formats.day_long(today),
        filters=_filters(homes, state, today),
        secondary=[link_button("Week's summary", "/reports/", icon_name="file-earmark-text")],
    )


def _filters(homes: Sequence[HomeChoice], state: ScreenState, today: date) -> Component | None:
    if len(homes) < 2:
        return None
    options = [Option(home.id, home.name) for home in homes]
    choices = Choices(PATH, homes=options, period=False, all_homes=True)
    return filter_bar(state, choices, today=today)


def _no_home() -> Component:
    return empty_state(
        "No home yet",
        "An administrator has to give you the homes that you work with.",
        icon_name="house-door",
    )


def _content(seen: Overview, state: ScreenState) -> list[Component]:
    is_one = len(seen.homes) == 1
    parts = [_today(seen, state, is_one), kpi_row(_cards(seen, state))]
    if is_one:
        parts.append(_units_today(seen.duty[0], seen))
    parts.append(_fortnight(seen, state, is_one))
    return parts


def _today(seen: Overview, state: ScreenState, is_one: bool) -> Component:
    """One strip a home; a strip leads to the home's own overview, there to its rota."""
    path = "/rota/" if is_one else PATH
    return today_strip(
        [
            DutyToday(
                home=duty.home.name,
                on_duty=duty.on_duty,
                required=duty.required,
                short_day=duty.short_day,
                short_night=duty.short_night,
                href=state.to(home=duty.home.id).href(path),
            )
            for duty in seen.duty
        ],
        id="overview-today",
    )


def _cards(seen: Overview, state: ScreenState) -> list[Kpi]:
    return [
        _vacancies(seen, state),
        _leave(seen, state),
        _attention(seen, state),
        _month(seen, state),
    ]


def _vacancies(seen: Overview, state: ScreenState) -> Kpi:
    soon = seen.vacancies_soon
    return Kpi(
        label="Vacancies, next 14 days",
        value=formats.number(seen.vacancies),
        href=state.href("/vacancies/"),
        detail=f"{soon} today or tomorrow" if soon else "None today or tomorrow",
        trend=seen.vacancies_by_day,
        trend_label="Vacancies by day, from today",
        status=Status.BAD if soon else Status.WARN if seen.vacancies else Status.GOOD,
        icon="person-dash",
        link_text="Fill vacancies",
    )


def _leave(seen: Overview, state: ScreenState) -> Kpi:
    first = seen.leave.first_day
    detail = "Nothing waits"
    if first is not None:
        detail = f"First day {formats.relative_day(first, seen.today)}"
    return Kpi(
        label="Leave waiting",
        value=formats.number(seen.leave.count),
        href=state.href("/leave/"),
        detail=detail,
        status=Status.WARN if seen.leave.count else Status.GOOD,
        icon="calendar-check",
        link_text="Decide leave",
    )


def _attention(seen: Overview, state: ScreenState) -> Kpi:
    found = seen.attention
    hours = formats.trimmed(found.rest_minutes / 60)
    parts = [f"{formats.plural(found.short_rests, 'rest')} under {hours} h"]
    if found.rests_owed:
        parts.append(f"{found.rests_owed} owed, {found.rests_overdue} overdue")
    return Kpi(
        label="Working-time attention",
        value=formats.number(found.total),
        href=state.href("/working-time/"),
        detail="; ".join(parts) if found.total else "All rests of the fortnight kept",
        status=Status.BAD if found.rests_overdue else Status.WARN if found.total else Status.GOOD,
        icon="clock-history",
        link_text="See the rest owed",
    )


def _month(seen: Overview, state: ScreenState) -> Kpi:
    cost = seen.cost
    variance = cost.variance_pence
    detail, status = "No budget set", Status.NEUTRAL
    if variance is not None:
        over = variance > 0
        words = "over" if over else "under"
        detail = f"{formats.money(abs(variance))} {words} budget"
        status = Status.BAD if over else Status.GOOD
    if cost.missing_rates:
        detail += f"; {formats.plural(cost.missing_rates, 'shift')} without a rate"
    change = cost.change_pence
    return Kpi(
        label=f"Staff cost, {formats.month(cost.month)}",
        value=formats.money_short(cost.pence),
        href=ScreenState(home=state.home, start=cost.month).href("/costs/"),
        detail=detail,
        change=formats.change_money(change),
        change_status=Status.WARN if change > 0 else Status.GOOD,
        change_period="on last month",
        trend=cost.weekly_pence,
        trend_label="Cost by week, the last eight weeks",
        status=status,
        icon="currency-pound",
        link_text="Open costs",
    )


def _units_today(duty: HomeToday, seen: Overview) -> Component:
    """Who is on duty in each unit today, day and night, against what is required."""
    names = {unit.id: unit.name for unit in duty.home.units}
    bands = [band for band in ("day", "night") if any(c.band == band for c in duty.cells)]
    by_unit: dict[int, dict[str, CoverCell]] = {}
    for cell in duty.cells:
        by_unit.setdefault(cell.unit_id, {})[cell.band.value] = cell
    rows = [
        [names[unit_id], *(_duty_words(cells.get(band)) for band in bands)]
        for unit_id, cells in by_unit.items()
    ]
    if not rows:
        return card(
            empty_state("No requirement for today", "Say how many people each unit needs."),
            title="On duty today",
        )
    return card(
        simple_table(
            ["Unit", *(band.capitalize() for band in bands)],
            rows,
            caption=f"On duty today at {duty.home.name}, against what is required",
        ),
        title="On duty today",
        flush=True,
    )


def _duty_words(cell: CoverCell | None) -> Component | str:
    if cell is None or cell.minimum is None:
        return "–"
    words = f"{cell.planned} of {cell.minimum}"
    if cell.short:
        status, words = Status.BAD, f"{words}, {cell.short} short"
    elif cell.seniors < cell.senior_minimum:
        status, words = Status.WARN, f"{words}, senior missing"
    else:
        return words
    return html.Span(words, className=f"text-{status}")


def _fortnight(seen: Overview, state: ScreenState, is_one: bool) -> Component:
    """Required against planned for 14 days: units of a home, or homes side by side."""
    cells = _unit_cells(seen) if is_one else _home_cells(seen)
    if not cells:
        return card(
            empty_state(
                "Nothing planned or required yet",
                "Set what each unit needs and the fortnight appears here.",
            ),
            title="The fortnight",
        )
    ids = {home.name: home.id for home in seen.homes}
    home_id = seen.homes[0].id
    units = {unit.name: unit.id for home in seen.homes for unit in home.units}

    def cell_href(cell: MatrixCell) -> str:
        home = home_id if is_one else ids[cell.unit]
        place = state.to(home=home, start=cell.day, weeks=1, view="day")
        if is_one:
            place = place.to(unit=units[cell.unit])
        return place.href("/rota/")

    def day_href(day: date) -> str:
        home = home_id if is_one else state.home
        return state.to(home=home, start=day, weeks=1, view="day").href("/rota/")

    def row_href(name: str) -> str:
        if is_one:
            return state.to(home=home_id, unit=units[name]).href("/rota/")
        return state.to(home=ids[name]).href(PATH)

    last = formats.period(seen.today, max(cell.day for cell in cells))
    return card(
        [
            cover_matrix(
                cells,
                today=seen.today,
                href=cell_href,
                row_href=row_href,
                day_href=day_href,
                row_title="Unit" if is_one else "Home",
                caption=f"Planned against required, {last}; each cell opens its day",
            ),
            matrix_key(),
        ],
        title=f"The fortnight, {last}",
    )


def _unit_cells(seen: Overview) -> list[MatrixCell]:
    names = {unit.id: unit.name for home in seen.homes for unit in home.units}
    return [
        MatrixCell(names[c.unit_id], c.date, c.band.value, c.planned, c.minimum)
        for c in seen.fortnight
        if c.minimum is not None
    ]


def _home_cells(seen: Overview) -> list[MatrixCell]:
    """Homes as rows. Planned counts only up to the need of each unit: a gap is not hidden."""
    sums: dict[tuple[int, date, str], tuple[int, int]] = {}
    for cell in seen.fortnight:
        if cell.minimum is None:
            continue
        key = (cell.home_id, cell.date, cell.band.value)
        planned, required = sums.get(key, (0, 0))
        sums[key] = (planned + cell.minimum - cell.short, required + cell.minimum)
    names = {home.id: home.name for home in seen.homes}
    order = list(names)
    return [
        MatrixCell(names[home_id], day, band, planned, required)
        for (home_id, day, band), (planned, required) in sorted(
            sums.items(), key=lambda item: (order.index(item[0][0]), item[0][1], item[0][2])
        )
    ]
