"""Vacancies: what is open by urgency, who could work it and why, and filling it."""

from __future__ import annotations

import time
from typing import Any

import dash
from dash import ALL, Input, Output, State, callback, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.feedback import UNDO_TYPE, empty_state, skeleton, toast
from components.filters import Choices, Option, filter_bar
from components.forms import link_button
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.theme import Status
from pages._inputs import afresh, clicked, whole
from pages._undo import say, undo_token
from pages._vacancy_leaver import leaver_button, leaver_dialog
from pages._vacancy_parts import (
    PATH,
    Ids,
    VacancyView,
    back_link,
    history_panel,
    matrix_panel,
    parse_view,
    ranking_panel,
    release_line,
    unpack_moves,
    vacancy_head,
    vacancy_list,
    view_tabs,
    ways_strip,
)
from pages._vacancy_plans import plans_panel, repairs_card
from pages._vacancy_requests import requests_card
from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, choose_unit, everywhere, homes_of
from rota.calendar import london_today
from rota.database import Session
from rota.errors import InvalidInput, NotFound
from rota.vacancies.agency_requests import WaitingRequest, request_agency, waiting_requests
from rota.vacancies.candidates import ENOUGH_FREE, rank_candidates
from rota.vacancies.history import vacancy_history, ways_of_filling
from rota.vacancies.matrix import Matrix, why_not
from rota.vacancies.offers import offer, offered_text
from rota.vacancies.policy import fill_policy
from rota.vacancies.queries import vacancies
from rota.vacancies.release import releases
from rota.vacancies.repair import MOST_TOGETHER, plans, vacancies_of_spell
from rota.vacancies.service import APPROVERS, Filled, assign
from rota.vacancies.spells import BrokenSpell, broken_spells
from rota.vacancies.swaps import apply_swap
from rota.vacancies.values import Ranking, Vacancy
from server.answers import PERSONAL
from server.cache import remembered
from server.context import current_actor, reading, working
from server.gate import requires

#: urgency and what is released change with the hour: a ranking is made anew after this long
_REMEMBERED_SECONDS = 300

dash.register_page(
    __name__,
    path=PATH,
    name="Vacancies",
    title="Vacancies · Staff Rota",
    order=30,
    icon="person-dash",
    permission=Permission.VIEW_VACANCIES,
    remembered=PERSONAL,
)


def layout(**query: Any) -> Component:
    """The open shifts of a home, and the one in the address with its candidates."""
    state = parse_query(query)
    view = parse_view(state.view)
    actor = current_actor()
    today = london_today()
    with reading() as session:
        homes = homes_of(session, actor)
        home = choose_home(homes, state.home)
        unit = choose_unit(home, state.unit)
        found = vacancies(session, actor, home.id, unit_id=unit.id if unit else None)
        waiting = waiting_requests(session, actor, [home.id])
        broken = _broken(session, actor, home, unit.id if unit else None, view)
        chosen = None if view.mode == "plan" else _chosen(found, view)
        state = state.to(home=home.id, unit=unit.id if unit else None)
        together = _together(session, state, view, found) if view.mode == "plan" else None
    may_edit = actor.may(Permission.EDIT_ROTA, home.id)
    missed = sum(1 for v in found if v.below_minimum)
    subtitle = f"{formats.plural(len(found), 'open shift')} in the next four weeks"
    if missed:
        subtitle += f", {missed} below the minimum"
    return page(
        "Vacancies",
        [
            dcc.Location(id=Ids.GO, refresh="callback-nav"),
            dcc.Store(id=Ids.CHOSEN, data=_stored(chosen, state, view)),
            *_waiting_for_approval(waiting, state),
            *([repairs_card(broken, state)] if broken else []),
            together or _side_by_side(found, chosen, state, view, today),
            *([leaver_dialog()] if may_edit else []),
        ],
        subtitle=subtitle,
        filters=_filters(homes, home, state, today),
        secondary=[*([leaver_button()] if may_edit else []), *_secondary(state, found, view)],
    )


def _broken(
    session: Session, actor: Actor, home: HomeChoice, unit_id: int | None, view: VacancyView
) -> list[BrokenSpell]:
    """Absences to repair: above the list, for who may fill, not while something is open."""
    if view.mode == "plan" or view.shift_id or not actor.may(Permission.FILL_VACANCY, home.id):
        return []
    return broken_spells(session, actor, home.id, unit_id)


def _waiting_for_approval(found: list[WaitingRequest], state: ScreenState) -> list[Component]:
    if not found:
        return []
    actor = current_actor()
    may_approve = actor.role in APPROVERS
    return [requests_card(found, state, may_approve=may_approve, user_id=actor.user_id)]


def _stored(chosen: Vacancy | None, state: ScreenState, view: VacancyView) -> dict[str, Any] | None:
    """What the panel's callbacks need of the address and of the vacancy as it was seen."""
    if chosen is None:
        return None
    return {
        "id": chosen.shift_id,
        "version": chosen.version,
        "view": VacancyView(chosen.shift_id, view.mode).text,
        "home": state.home,
        "unit": state.unit,
    }


def _side_by_side(
    found: list[Vacancy],
    chosen: Vacancy | None,
    state: ScreenState,
    view: VacancyView,
    today: Any,
) -> Component:
    """The list and the chosen vacancy, whose candidates follow; on a phone they take turns."""
    if not found and view.shift_id is None:
        return _nothing_open(state)
    is_open = view.shift_id is not None
    listed = vacancy_list(found, state, chosen.shift_id if chosen else None, today)
    panel = _waiting(chosen, state, view) if chosen else _gone(state)
    return html.Div(
        [
            html.Div(listed, className="only-desk" if is_open else ""),
            html.Div(panel, className="stack" if is_open else "stack only-desk"),
        ],
        className="columns-list",
    )


def _gone(state: ScreenState) -> list[Component]:
    return [
        back_link(state),
        empty_state(
            "This vacancy is filled or gone",
            "Choose another one of the list.",
            action=link_button("All vacancies", state.to(view="").href(PATH)),
            icon_name="check2-circle",
        ),
    ]


def _waiting(chosen: Vacancy, state: ScreenState, view: VacancyView) -> list[Component]:
    """The head of the chosen vacancy, and room for who could work it: judging a whole home
    takes longer than the list, so the list does not wait for it."""
    shown = VacancyView(chosen.shift_id, view.mode)
    return [
        back_link(state),
        vacancy_head(chosen),
        view_tabs(state, shown),
        html.Div(skeleton(rows=6), id=Ids.PANEL, className="stack"),
    ]


def _secondary(state: ScreenState, found: list[Vacancy], view: VacancyView) -> list[Component]:
    """Filling several at once, where there are several."""
    if view.mode == "plan" or len(found) < 2:
        return []
    many = min(len(found), MOST_TOGETHER)
    href = state.to(view="plan").href(PATH)
    return [link_button(f"Plan the {many} most urgent", href, icon_name="magic")]


def _together(
    session: Any, state: ScreenState, view: VacancyView, found: list[Vacancy]
) -> Component:
    """Plans for what a spell of absence left open, or for the most urgent vacancies."""
    actor = current_actor()
    if view.spell_id is not None:
        ids = vacancies_of_spell(session, actor, view.spell_id)
    else:
        ids = [vacancy.shift_id for vacancy in found[:MOST_TOGETHER]]
    made = plans(session, actor, ids) if ids else ()
    may_fill = actor.may(Permission.FILL_VACANCY, state.home)
    return html.Div(plans_panel(made, state, may_fill=may_fill), className="stack")


def _chosen(found: list[Vacancy], view: VacancyView) -> Vacancy | None:
    if view.shift_id is None:
        return found[0] if found else None
    return next((v for v in found if v.shift_id == view.shift_id), None)


@callback(
    Output(Ids.PANEL, "children"),
    Input(Ids.CHOSEN, "data"),
    prevent_initial_call=False,
)
@requires(Permission.VIEW_VACANCIES)
def show_panel(chosen: Any) -> list[Component]:
    """The candidates, or the matrix, of the chosen vacancy."""
    if not isinstance(chosen, dict):
        raise PreventUpdate
    view = parse_view(str(chosen.get("view", "")))
    if view.shift_id is None or view.shift_id != whole(chosen, "id"):
        raise PreventUpdate
    actor = current_actor()
    with reading() as session:
        homes = homes_of(session, actor)
        home = choose_home(homes, whole(chosen, "home"))
        unit = whole(chosen, "unit") if chosen.get("unit") else None
        state = ScreenState(home=home.id, unit=unit)
        return _panel(session, actor, homes, home, state, view)


def _panel(
    session: Session,
    actor: Actor,
    homes: list[HomeChoice],
    home: HomeChoice,
    state: ScreenState,
    view: VacancyView,
) -> list[Component]:
    """The right side; what it was made of is remembered until any home's data changes."""
    shift_id = view.shift_id or 0
    may_fill = actor.may(Permission.FILL_VACANCY, home.id)

    def compute() -> Ranking | Matrix:
        if view.mode == "why":
            return why_not(session, actor, shift_id)
        enough = None if view.mode == "all" else ENOUGH_FREE
        return rank_candidates(session, actor, shift_id, enough=enough)

    # people of other homes may be asked too, and hours pass
    moment = int(time.time() // _REMEMBERED_SECONDS)
    scope = (actor.role.value, shift_id, view.mode, everywhere(session), moment)
    try:
        found = remembered("vacancy", homes, scope, compute)
    except NotFound as gone:  # filled between the list and its candidates
        return [empty_state(gone.message, gone.hint)]
    if isinstance(found, Matrix):
        return matrix_panel(found, may_fill=may_fill)
    policy = fill_policy(session, found.vacancy.date, home.id)
    circles = releases(found.vacancy.date, policy, london_today())
    shown = ranking_panel(
        found,
        state,
        may_fill=may_fill,
        everybody=view.mode == "all",
        may_approve=actor.role in APPROVERS,
    )
    past = history_panel(vacancy_history(session, shift_id))
    return [release_line(circles), ways_strip(ways_of_filling(found)), *shown, past]


def _nothing_open(state: ScreenState) -> Component:
    return empty_state(
        "Every shift is filled",
        "Nothing is open here in the next four weeks.",
        action=link_button("See the rota", state.to(view="").href("/rota/")),
        icon_name="check2-circle",
    )


def _filters(
    homes: list[HomeChoice], home: HomeChoice, state: ScreenState, today: Any
) -> Component:
    choices = Choices(
        PATH,
        homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (),
        units=[Option(u.id, u.name) for u in home.units if not u.is_management],
        period=False,
    )
    return filter_bar(state.to(view=""), choices, today=today)


@callback(
    Output(Ids.GO, "href"),
    Input({"type": Ids.ASSIGN, "person": ALL}, "n_clicks"),
    Input({"type": Ids.AGENCY, "agency": ALL}, "n_clicks"),
    Input({"type": Ids.SWAP, "moves": ALL}, "n_clicks"),
    State(Ids.CHOSEN, "data"),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.FILL_VACANCY)
def fill(_people: Any, _agencies: Any, _moves: Any, chosen: Any, search: str | None) -> Any:
    """Assign a person, book an agency or apply a swap, whichever was clicked."""
    identity = clicked(ctx)
    vacancy_id, version = whole(chosen, "id"), whole(chosen, "version")
    with working() as uow:
        if identity["type"] == Ids.SWAP:
            moves = unpack_moves(identity["moves"])
            text, token = "The swap is done", apply_swap(uow, vacancy_id, version, moves)
            hint = ""
        else:
            done = _fill(uow, identity, vacancy_id, version)
            if not isinstance(done, Filled):
                uow.commit()
                say(toast(Status.GOOD, "Asked for: a senior manager approves it"))
                return afresh(parse_search(search).href(PATH), search)
            text, token = done.label, done.change_set_id
            hint = ". ".join(done.warnings[:2])
        uow.commit()
    state = parse_search(search).to(view="")
    say(toast(Status.GOOD, text, hint=hint, undo_token=str(token)))
    return afresh(state.href(PATH), search)


def _fill(uow: Any, identity: dict[str, Any], vacancy_id: int, version: int) -> Filled | object:
    if identity["type"] == Ids.ASSIGN:
        return assign(uow, vacancy_id, whole(identity, "person"), version)
    return request_agency(uow, vacancy_id, whole(identity, "agency"), version)


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Input(Ids.OFFER, "n_clicks"),
    State(Ids.CHOSEN, "data"),
    State(Ids.FREE, "data"),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.FILL_VACANCY)
def send_offers(clicks: Any, chosen: Any, free: Any, search: str | None) -> str:
    """Offer the vacancy to everybody shown who is free; the first who accepts has it."""
    if not clicks:
        raise PreventUpdate
    if not isinstance(free, list):
        raise InvalidInput("The page sent something that cannot be read.", hint="Load it again.")
    people = [whole({"id": value}, "id") for value in free]
    with working() as uow:
        done = offer(uow, whole(chosen, "id"), whole(chosen, "version"), people)
        uow.commit()
    until = f"They may answer until {formats.clock(done.expires_at)}; the first has it."
    say(toast(Status.GOOD, offered_text(done), hint=until))
    return afresh(parse_search(search).href(PATH), search)


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Input({"type": UNDO_TYPE, "token": ALL}, "n_clicks"),
    State(Ids.GO, "search"),
    prevent_initial_call=True,
)
@requires(Permission.FILL_VACANCY)
def undo(_clicks: Any, search: str | None) -> Any:
    """Undo what the toast says."""
    token = str(clicked(ctx)["token"])
    with working() as uow:
        text = undo_token(uow, token)
        uow.commit()
    say(toast(Status.INFO, text))
    return afresh(parse_search(search).href(PATH), search)
