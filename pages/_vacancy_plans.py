"""Plans that fill several vacancies together: cards side by side, and applying one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from dash import ALL, Input, Output, State, callback, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.cards import card
from components.feedback import empty_state, skeleton, toast
from components.filters import segmented
from components.forms import button, link_button
from components.state import ScreenState, parse_search
from components.tables import facts, simple_table
from components.theme import Status
from pages._inputs import afresh, clicked, whole
from pages._undo import say
from pages._vacancy_parts import PATH, Ids, VacancyView
from rota.access.permissions import Permission
from rota.access.scope import choose_home, homes_of
from rota.calendar import london_today, monday, sunday
from rota.errors import InvalidInput
from rota.vacancies.queries import vacancies_of_week
from rota.vacancies.repair import MOST_TOGETHER, apply_plan, plans, vacancies_of_spell
from rota.vacancies.spells import BrokenSpell
from rota.vacancies.values import Assignment, Plan, Vacancy
from server.context import current_actor, reading, working
from server.gate import requires

PLAN = "vacancies-plan"
PLANS = "vacancies-plans"
WANTED = "vacancies-plan-wanted"
PLANNED = "vacancies-planned"
#: absences listed above the vacancies
SHOWN = 3


def together(state: ScreenState, view: VacancyView, found: Sequence[Vacancy]) -> list[Component]:
    """Several vacancies at once: a week of them, or what a spell of absence left open.

    The plans follow: judging everybody for a whole week takes longer than the page.
    """
    weeks = Counter(monday(vacancy.date) for vacancy in found)
    week = monday(state.start) if state.start else min(weeks, default=monday(london_today()))
    count = weeks[week]
    head: list[Component] = [link_button("Back to the list", _list(state), kind="quiet")]
    if view.spell_id is None:
        head.append(_week_choice(state, weeks, week))
    words = "Every choice is checked by the rules, on top of those before it."
    if view.spell_id is None and count:
        words = f"Planning {formats.plural(count, 'open shift')}. {words}"
    wanted = {
        "home": state.home,
        "unit": state.unit,
        "week": week.isoformat(),
        "spell": view.spell_id,
    }
    waiting = [html.P(words, className="muted", role="status"), skeleton(rows=8)]
    return [
        html.Div(head, className="plan-head"),
        dcc.Store(id=WANTED, data=wanted),
        html.Div(waiting, id=PLANNED, className="stack", **{"aria-live": "polite"}),
    ]


def _week_choice(state: ScreenState, weeks: Counter[date], chosen: date) -> Component:
    return segmented(
        "Week to plan",
        [
            (
                f"{formats.period(week, sunday(week))} · {count}",
                state.to(view="plan", start=week).href(PATH),
                week == chosen,
                f"{formats.plural(count, 'open shift')} in this week",
            )
            for week, count in sorted(weeks.items())
        ],
    )


def _list(state: ScreenState) -> str:
    return state.to(view="", start=None).href(PATH)


@callback(Output(PLANNED, "children"), Input(WANTED, "data"))
@requires(Permission.VIEW_VACANCIES)
def show_plans(wanted: Any) -> list[Component]:
    """Three ways of filling what is to be planned."""
    if not isinstance(wanted, dict):
        raise PreventUpdate
    actor = current_actor()
    with reading() as session:
        home = choose_home(homes_of(session, actor), whole(wanted, "home"))
        state = ScreenState(home=home.id, unit=whole(wanted, "unit") if wanted["unit"] else None)
        if wanted.get("spell"):
            ids = vacancies_of_spell(session, actor, whole(wanted, "spell"))
        else:
            ids = vacancies_of_week(session, actor, home.id, _day(wanted), state.unit)
        made = plans(session, actor, ids) if ids else ()
    return plans_panel(made, state, may_fill=actor.may(Permission.FILL_VACANCY, home.id))


def _day(wanted: dict[str, Any]) -> date:
    try:
        return date.fromisoformat(str(wanted.get("week")))
    except ValueError:
        raise InvalidInput("That is not a week.", hint="Choose one of the list.") from None


def plans_panel(found: Sequence[Plan], state: ScreenState, *, may_fill: bool) -> list[Component]:
    """The plans side by side, each with its price, whom it asks, and the button to apply it."""
    if not found:
        back = link_button("All vacancies", _list(state))
        return [
            empty_state("Nothing to fill", "These shifts are filled already.", action=back),
        ]
    return [
        dcc.Store(id=PLANS, data=[_stored(plan) for plan in found]),
        html.Div(
            [_plan(plan, place, may_fill) for place, plan in enumerate(found)],
            className="plans",
        ),
    ]


def repairs_card(spells: Sequence[BrokenSpell], state: ScreenState) -> Component:
    """The absences that left shifts open, each with the button that repairs it."""
    rows = [
        html.Li(
            [
                html.Div(
                    [
                        html.Strong(spell.name),
                        html.Div(
                            f"{formats.plural(spell.shifts, 'shift')} open, the next on "
                            f"{formats.day(spell.first_shift)}",
                            className="muted",
                        ),
                    ]
                ),
                repair_link(spell, state),
            ],
            className="repair",
        )
        for spell in spells[:SHOWN]
    ]
    more = len(spells) - SHOWN
    if more > 0:
        rows.append(html.Li(f"and {more} more under Leave, Sickness", className="repair muted"))
    return card(html.Ul(rows, className="repairs"), title="Left open by sickness", flush=True)


def repair_link(spell: BrokenSpell, state: ScreenState) -> Component:
    """The button that leads to three ways of filling what a spell has left open."""
    place = ScreenState(home=state.home, view=f"plan-{spell.spell_id}")
    return link_button("Repair…", place.href(PATH), icon_name="magic")


def _stored(plan: Plan) -> list[list[int]]:
    return [[a.vacancy_id, a.version, a.staff_id or 0, a.agency_id or 0] for a in plan.assignments]


def _plan(plan: Plan, place: int, may_fill: bool) -> Component:
    numbers: list[tuple[str, Component | str]] = [
        ("Cost", formats.money(plan.cost_pence)),
        ("People asked", formats.number(plan.people)),
        ("Agency shifts", formats.number(plan.agency_shifts)),
        ("Left open", formats.number(plan.unfilled)),
        ("Shortest notice", formats.hours(round(plan.notice_hours))),
    ]
    rows = [[a.text, _who(a), formats.money(a.cost_pence)] for a in plan.assignments]
    parts = [facts(numbers)]
    if may_fill and plan.unfilled < len(plan.assignments):
        identity = {"type": PLAN, "at": place}
        parts.append(
            html.Div(
                button(
                    "Apply this plan", id=identity, kind="primary" if not place else "secondary"
                ),
                className="actions",
            )
        )
    table = simple_table(
        ["Shift", "Filled by", ("Cost", "num")], rows, caption=f"{plan.title}: who fills what"
    )
    # a week is long: it scrolls, so that the plans stay side by side
    lines = html.Div(
        table, className="plan-lines", tabIndex=0, role="region", **{"aria-label": plan.title}
    )
    return card([*parts, lines], title=plan.title)


def _who(assignment: Assignment) -> Component:
    note = ". ".join(assignment.warnings)
    return html.Div([assignment.name, *([html.Div(note, className="muted")] if note else [])])


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Input({"type": PLAN, "at": ALL}, "n_clicks"),
    State(PLANS, "data"),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.FILL_VACANCY)
def apply_one(_clicks: Any, stored: Any, search: str | None) -> str:
    """Apply the plan whose button was pressed; every assignment is checked again."""
    place = clicked(ctx)["at"]
    if not isinstance(stored, list) or not isinstance(place, int) or place >= len(stored):
        raise PreventUpdate
    assignments = _read(stored[place])
    state = parse_search(search)
    actor = current_actor()
    home_id = state.home or min(actor.home_ids, default=0)
    with working() as uow:
        change_set_id = apply_plan(uow, assignments, home_id)
        uow.commit()
    count = sum(1 for a in assignments if a.staff_id or a.agency_id)
    text = f"{formats.plural(count, 'shift')} filled"
    say(toast(Status.GOOD, text, undo_token=str(change_set_id)))
    return afresh(_list(state), search)


def _read(stored: Any) -> list[Assignment]:
    """The assignments a plan's button carries; every id is checked by the use case."""
    if not isinstance(stored, list) or len(stored) > MOST_TOGETHER:
        raise InvalidInput("This plan cannot be read.", hint="Open it again.")
    found = []
    for line in stored:
        if not isinstance(line, list) or len(line) != 4:
            raise InvalidInput("This plan cannot be read.", hint="Open it again.")
        vacancy_id, version = whole({"v": line[0]}, "v"), whole({"v": line[1]}, "v")
        staff_id = whole({"v": line[2]}, "v") if line[2] else None
        agency_id = whole({"v": line[3]}, "v") if line[3] else None
        found.append(Assignment(vacancy_id, version, staff_id, agency_id, "", "", None, ()))
    return found
