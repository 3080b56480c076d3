"""Budgets: what each home may spend in a month on each source of hours, with its history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.feedback import toast
from components.filters import Choices, Option, filter_bar, step_arrow
from components.forms import button, field, form_row, link_button, switch, text_field
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.tables import simple_table
from components.theme import Status
from pages._inputs import afresh, text_of
from pages._numbers import no_home, numbers_tabs
from pages._numbers_forms import terms_tabs
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.administration.fields import Field, Kind
from rota.calendar import Period, london_today, years_after
from rota.costs.explorer import SOURCE_NAMES
from rota.costs.months import months_between
from rota.costs.outlook import financial_year
from rota.costs.queries import budgets, cost_by
from rota.costs.service import (
    BudgetChange,
    Classification,
    SetBudget,
    budget_history,
    set_budgets,
)
from rota.costs.values import CostScope, Dimension
from rota.errors import InvalidInput
from server.context import current_actor, reading, working
from server.gate import requires

PATH = "/costs/budgets/"


class Ids:
    """What callbacks of this page address."""

    AMOUNT = "budgets-amount"
    REASON = "budgets-reason"
    LATER = "budgets-later"
    SEEN = "budgets-seen"
    SAVE = "budgets-save"
    LOCATION = "_pages_location"


dash.register_page(
    __name__,
    path=PATH,
    name="Budgets",
    title="Budgets · Staff Rota",
    order=76,
    permission=Permission.VIEW_COSTS,
)

Cells = dict[tuple[date, Classification], int]


def layout(**query: Any) -> Component:
    """The budgets of a home in a financial year, one of them opened (``status``)."""
    state = parse_query(query)
    actor = current_actor()
    today = london_today()
    year = financial_year(state.start or today)
    with reading() as session:
        homes = homes_of(session, actor)
        if not homes:
            return page("Budgets", no_home())
        home = choose_home(homes, state.home)
        scope = CostScope(frozenset({home.id}), year.start, year.end)
        cells: Cells = {(b.month, b.source): b.pence for b in budgets(session, actor, scope)}
        spent: Cells = {
            (row.keys[0], Classification(str(row.keys[1]))): row.totals.pence  # type: ignore[misc]
            for row in cost_by(session, actor, scope, Dimension.MONTH, Dimension.SOURCE)
        }
        opened = _opened(state.status, year)
        past = budget_history(session, actor, home.id, *opened) if opened else []
    state = state.to(home=home.id, status=state.status)
    may_edit = actor.may(Permission.EDIT_RATES)
    body: list[Component] = [numbers_tabs("Budgets", state), terms_tabs("Budgets", state)]
    if opened is not None:
        body.append(_form(home, opened, cells.get(opened), past, state, may_edit))
    body.append(_table(year, cells, spent, state))
    return page(
        "Budgets",
        body,
        subtitle=f"{home.name} · {formats.day_year(year.start)} – {formats.day_year(year.end)}",
        filters=_filters(homes, state, year, today),
    )


def _opened(text: str, year: Period) -> tuple[date, Classification] | None:
    """The month and source in an address such as ``2026-05.agency``; nothing without."""
    if not text:
        return None
    month, _, source = text.partition(".")
    try:
        found = date.fromisoformat(f"{month}-01"), Classification(source)
    except ValueError:
        raise InvalidInput("There is no such budget.", hint="Choose one of the table.") from None
    if found[0] not in year:
        raise InvalidInput("This month lies in another year.", hint="Choose one of the table.")
    return found


def _filters(
    homes: Sequence[HomeChoice], state: ScreenState, year: Period, today: date
) -> Component:
    def arrow(name: str, words: str, count: int) -> Component:
        return step_arrow(
            name, words, state.to(start=years_after(year.start, count), status="").href(PATH)
        )

    stepper = html.Div(
        [
            arrow("chevron-left", "Year before", -1),
            html.Span(f"{year.start.year}/{year.end:%y}", className="period period-words"),
            arrow("chevron-right", "Year after", 1),
        ],
        className="stepper",
    )
    choices = Choices(
        PATH, homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (), period=False,
    )  # fmt: skip
    return filter_bar(state.to(status=""), choices, today=today, extra=[stepper])


def _form(
    home: HomeChoice,
    opened: tuple[date, Classification],
    pence: int | None,
    past: Sequence[BudgetChange],
    state: ScreenState,
    may_edit: bool,
) -> Component:
    month, source = opened
    title = f"{SOURCE_NAMES[source]}, {formats.month(month)}"
    close = link_button("Close", state.to(status="").href(PATH))
    parts: list[Component] = []
    if may_edit:
        parts += [
            dcc.Store(Ids.SEEN, data=-1 if pence is None else pence),
            form_row(
                field(
                    "Budget (£)",
                    text_field(
                        Ids.AMOUNT, "" if pence is None else f"{pence / 100:.2f}",
                        inputmode="decimal", maxlength=20,
                    ),
                    hint="Empty takes the budget away.",
                ),
                field("Reason", text_field(Ids.REASON, "", maxlength=500)),
            ),
            switch(Ids.LATER, "The same for every later month of this year"),
            html.Div([button("Save", id=Ids.SAVE, kind="primary"), close], className="actions"),
        ]  # fmt: skip
    else:
        words = "No budget" if pence is None else formats.money_exact(pence)
        parts += [
            html.P(f"{words}. An administrator can change it."),
            html.Div(close, className="actions"),
        ]
    if past:
        rows = [
            [formats.moment(one.at), one.actor, formats.money_exact(one.before_pence),
             formats.money_exact(one.after_pence), one.reason]
            for one in past
        ]  # fmt: skip
        parts.append(
            simple_table(["When", "Who", ("Before", "num"), ("After", "num"), "Reason"], rows,
                         caption=f"History of {title}, {home.name}")
        )  # fmt: skip
    else:
        parts.append(html.P("Nothing on record yet.", className="muted"))
    return card(parts, title=title)


def _table(year: Period, cells: Cells, spent: Cells, state: ScreenState) -> Component:
    months = months_between(year.start, year.end)

    def cell(month: date, source: Classification) -> Component:
        pence = cells.get((month, source))
        words = "Set" if pence is None else formats.money(pence)
        name = f"{SOURCE_NAMES[source]}, {formats.month(month)}"
        return dcc.Link(
            words,
            href=state.to(status=f"{month:%Y-%m}.{source.value}").href(PATH),
            title=f"Budget of {name}",
            className="muted" if pence is None else None,
        )

    rows = []
    for month in months:
        known = [cells[month, s] for s in SOURCE_NAMES if (month, s) in cells]
        cost = sum(spent.get((month, s), 0) for s in SOURCE_NAMES)
        whole = sum(known) if known else None
        rows.append(
            [formats.month(month), *(cell(month, s) for s in SOURCE_NAMES), formats.money(whole),
             formats.money(cost), formats.change_money(None if whole is None else cost - whole)]
        )  # fmt: skip
    sums = [sum(p for (_, s), p in cells.items() if s is source) for source in SOURCE_NAMES]
    return card(
        simple_table(
            ["Month", *((name, "num") for name in SOURCE_NAMES.values()), ("Budget", "num"),
             ("Worked and planned", "num"), ("Over budget", "num")],
            rows,
            caption="Budgets by month and source; each opens its history and form",
            footer=["Total", *map(formats.money, sums), formats.money(sum(sums)),
                    formats.money(sum(spent.values())), ""],
        ),
        flush=True,
    )  # fmt: skip


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SAVE, "n_clicks"),
    State(Ids.AMOUNT, "value"),
    State(Ids.REASON, "value"),
    State(Ids.LATER, "value"),
    State(Ids.SEEN, "data"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.EDIT_RATES)
def save_budget(
    clicks: int | None, amount: Any, reason: Any, later: Any, seen: Any, search: str | None
) -> tuple[Any, Any]:
    """Set, change or take away the budget that is open."""
    if not clicks:
        return no_update, no_update
    state = parse_search(search)
    year = financial_year(state.start or london_today())
    opened = _opened(state.status, year)
    if opened is None or state.home is None:
        raise InvalidInput("Choose a budget of the table first.")
    month, source = opened
    pence = Field("amount", "The budget", Kind.MONEY, required=False, high=10_000_000).parse(amount)
    if isinstance(seen, bool) or not isinstance(seen, int):
        raise InvalidInput("The page sent something that cannot be read.", hint="Load it again.")
    command = SetBudget(
        state.home, month, source, pence, None if seen < 0 else seen, text_of(reason, 500)
    )
    rest = months_between(month, year.end)[1:] if later is True else []
    with working() as uow:
        changed = set_budgets(uow, command, rest)
        uow.commit()
    said = formats.plural(changed, "budget") + (" was" if changed == 1 else " were") + " changed"
    here = state.to(status=state.status).href(PATH)
    return [toast(Status.GOOD, said, hint="The change stands in its history.")], afresh(
        here, search
    )
