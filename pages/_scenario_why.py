"""Why? — of one scenario: open places, one person's shift, what could be loosened, the risk."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, callback, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import candidates as lists
from components import formats
from components.cards import card
from components.charts.graph import chart
from components.charts.scenarios import RiskCell, risk_figure
from components.feedback import empty_state, error_panel
from components.filters import segmented
from components.forms import field, link_button, select
from components.state import ScreenState, parse_search
from components.tables import simple_table
from pages._inputs import whole
from pages._scenario_ids import OPEN, Ids
from rota.access.permissions import Permission
from rota.calendar import london_today
from rota.errors import Conflict
from rota.optimisation import explain, loading, queries, robust
from rota.optimisation.comparison import gaps_of
from rota.optimisation.explain import TERMS, GapMatrix
from rota.optimisation.home import HomeProblem
from rota.optimisation.problem import OFF, Roster
from rota.optimisation.queries import ScenarioView
from rota.optimisation.relaxations import Relaxation, relaxations
from rota.optimisation.service import scenario_of
from rota.roster.rulebooks import load_rulebook
from rota.roster.shift_types import load_shift_kinds
from server.context import current_actor
from server.gate import requires

#: rows of a matrix and alternatives of a shift that are shown
SHOWN_PEOPLE, SHOWN_OTHERS, SHOWN_GAPS = 25, 8, 40


def why(session: Any, view: ScenarioView, state: ScreenState) -> list[Component]:
    """Gaps and people of a scenario explained; a moved rota says so instead."""
    parts = [_gaps(session, view, state)]
    try:
        home, roster = loading.problem_of(session, current_actor(), view.id)
    except Conflict as error:
        return [*parts, error_panel(error.message, hint=error.hint, title="The rota has moved")]
    loosened = relaxations(home, roster, load_rulebook(session))
    return [*parts, _person(home, roster, state), _loosened(loosened)]


def _gaps(session: Any, view: ScenarioView, state: ScreenState) -> Component:
    actor = current_actor()
    gaps = gaps_of(session, actor, view.id)
    if not gaps:
        return card(html.P("Every place is filled.", className="muted"), title="Open places")
    units = queries.unit_names(session, actor, view.home_id)
    kinds = load_shift_kinds(session)
    links = [
        link_button(
            f"{kinds[g.shift_type_id].code} {formats.day(g.date)}, {units.get(g.unit_id, '?')}",
            state.to(q=str(g.id)).href(OPEN), kind="primary" if state.q == str(g.id) else "quiet",
        )
        for g in gaps[:SHOWN_GAPS]
    ]  # fmt: skip
    inner: list[Component] = [html.Div(links, className="scenario-links")]
    if state.q:
        found = explain.why_open(session, actor, view.id, whole({"q": state.q}, "q"))
        inner += _matrix(found)
    title = f"{formats.plural(len(gaps), 'place')} left open: choose one to see why"
    return card(html.Div(inner, className="stack"), title=title)


def _matrix(found: GapMatrix) -> list[Component]:
    barred = [row for row in found.rows if row.obstacles][:SHOWN_PEOPLE]
    free = [row.name for row in found.rows if not row.obstacles]
    words = f"{len(found.rows) - len(free)} of {len(found.rows)} people are barred by a rule."
    if free:
        words += (
            f" No rule bars {', '.join(free[:6])}"
            f"{' and others' if len(free) > 6 else ''}: they would stand in for another role, "
            "or cost more than the open place is priced at."
        )
    broken = {(r.staff_id, v.rule): v.message for r in barred for v in r.against}
    people = [(row.staff_id, f"{row.name} ({row.role_code})") for row in barred]
    rules = [(column.key, column.title) for column in found.columns]
    return [html.P(words), lists.rules_matrix(people, rules, broken)]


def _person(home: HomeProblem, roster: Roster, state: ScreenState) -> Component:
    names = {p.id: f"{p.first_name} {p.last_name}".strip() for p in home.data.staff}
    working = [
        (str(i), names[i])
        for i, row in zip(home.staff_ids, roster, strict=True)
        if any(_is_open(home, i, row, d) for d in range(home.problem.first_open_day, len(row)))
    ]
    working.sort(key=lambda pair: pair[1])
    chosen = str(state.person) if state.person in home.staff_ids else ""
    parts: list[Component] = [
        field("Person", select(Ids.PERSON, working, chosen, placeholder="Choose a person"),
              required=True)
    ]  # fmt: skip
    if chosen and state.person is not None:
        parts += _days(home, roster, state, state.person)
    return card(html.Div(parts, className="stack"), title="Why this person?")


def _is_open(home: HomeProblem, staff_id: int, row: tuple[int, ...], number: int) -> bool:
    fixed = home.problem.people[home.staff_ids.index(staff_id)].fixed
    return row[number] != OFF and number not in fixed


def _days(home: HomeProblem, roster: Roster, state: ScreenState, staff_id: int) -> list[Component]:
    row = roster[home.staff_ids.index(staff_id)]
    days = [
        (home.day_of(d), home.problem.duties[row[d]].code)
        for d in range(home.problem.first_open_day, len(row))
        if _is_open(home, staff_id, row, d)
    ]
    parts: list[Component] = [
        segmented("Day", [
            (f"{code} {formats.day(day)}", state.to(start=day).href(OPEN), state.start == day, "")
            for day, code in days
        ])
    ]  # fmt: skip
    if state.start not in [day for day, _ in days]:
        return [*parts, html.P("Choose one of the shifts.", className="muted")]
    found = explain.why_this_person(home, roster, staff_id, state.start)  # type: ignore[arg-type]
    best = found.next_best
    if best is None:
        return parts
    if best.pence >= 0:
        words = f"The next best way would cost {formats.money_exact(best.pence)} more: {best.text}."
    else:
        words = (
            f"The search had not found it: {best.text} would save "
            f"{formats.money_exact(-best.pence)}. Solve again with more time."
        )
    barred = ", ".join(f"{count} by {rule}" for rule, count in sorted(found.barred.items()))
    rows = [
        [a.text, _pence(a.pence), *[_pence(a.terms[term]) for term in TERMS]]
        for a in found.alternatives[:SHOWN_OTHERS]
    ]
    heads: list[Any] = ["Instead", ("In all", "num")]
    heads += [(f"for {words_}", "num") for words_ in TERMS.values()]
    return [
        *parts, html.P(html.Strong(words)),
        html.Div(simple_table(heads, rows, caption="Lawful alternatives and what they cost"),
                 className="table-scroll"),
        html.P(f"Others may not take it: {barred}." if barred else "", className="muted"),
    ]  # fmt: skip


def _pence(pence: int) -> str:
    return formats.change_money(pence) if abs(pence) >= 50 else "0"


def _loosened(found: list[Relaxation]) -> Component:
    if not found:
        words = (
            "Nothing stands in the way: moving training, unlocking a shift or a higher agency "
            "cap would save nothing."
        )
        return card(html.P(words, className="muted"), title="What could be loosened")
    items = [
        html.Li([html.Strong(f"{formats.change_money(each.pence)} "), each.text]) for each in found
    ]
    note = "One at a time, each within the law; priced by the terms of this scenario."
    return card([html.P(note, className="muted"), html.Ul(items, className="reasons")],
                title="What could be loosened")  # fmt: skip


def risk(session: Any, view: ScenarioView) -> list[Component]:
    """The chance of every unit, day and night to fall below its minimum through sickness."""
    actor = current_actor()
    try:
        home, roster = loading.problem_of(session, actor, view.id)
    except Conflict as error:
        return [error_panel(error.message, hint=error.hint, title="The rota has moved")]
    rates, rate = robust.absence_rates(session, view.home_id, london_today())
    agency = robust.agency_cells(home, scenario_of(session, actor, view.id))
    found = robust.Risk(home, roster, rates, rate, agency)
    cells = found.cells()
    if not cells:
        return [empty_state("No minimum", "Nobody has said how many people are needed.")]
    units = {unit.id: unit.name for unit in home.data.units}
    shown = [
        RiskCell(units[c.unit_id], f"{formats.day(c.day)} {c.band.value}", c.chance)
        for c in sorted(cells, key=lambda c: (units[c.unit_id], c.day, c.band.value))
    ]
    expected = formats.number(found.expected_below, 1)
    return [
        chart(
            "scenario-risk", risk_figure(shown),
            title=f"{expected} of {len(cells)} shifts of a unit are expected to fall below minimum",
            subtitle=(
                f"Chance below the minimum through sickness; {formats.percent(rate, 1)} of "
                "rostered shifts were lost in the last year, each person by their own history"
            ),
            description="Chance of each unit, day and night to fall below its minimum.",
            filename="rota-risk", height=120 + 36 * len(units), table=True,
        )
    ]  # fmt: skip


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Input(Ids.PERSON, "value"),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_SCENARIOS)
def choose_person(value: Any, search: str | None) -> Any:
    """Open the shifts of a person."""
    state = parse_search(search)
    if not value:
        raise PreventUpdate
    person = whole({"v": value}, "v")
    if person == state.person:
        raise PreventUpdate
    return state.to(person=person, start=None).href(OPEN)
