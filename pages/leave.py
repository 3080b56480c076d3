"""Leave: what waits and what deciding it means, the team's calendar, absence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.feedback import empty_state
from components.filters import Choices, Option, filter_bar
from components.forms import button, link_button, tabs
from components.shell import page
from components.state import ScreenState, parse_query
from pages import _leave_callbacks  # noqa: F401 - its callbacks belong to this page
from pages._leave_balances import balances_tab
from pages._leave_decision import decision_panel, request_list
from pages._leave_dialogs import ask_dialog, bulk_dialog, part_dialog, reject_dialog, sick_dialog
from pages._leave_heat import heat_tab
from pages._leave_ids import PATH, Ids, LeaveView, parse_view
from pages._leave_swaps import swaps_panel
from pages._leave_talks import due_panel, talk_dialog
from pages._leave_team import HealthView, calendar_panel, decided_panel, sickness_panel
from pages._vacancy_plans import repair_link
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, choose_unit, homes_of
from rota.calendar import Period, london_today
from rota.carer.swap_queries import Swap, swaps_to_decide
from rota.errors import NotFound
from rota.leave.decision import decision_facts
from rota.leave.facts import LeaveStatus
from rota.leave.guard import require_on
from rota.leave.queries import people_of, requests, spells, team_calendar
from rota.leave.return_talks import talks_due, talks_held
from rota.leave.sickness import bradford_of_home
from rota.vacancies.spells import broken_spells
from server.answers import OWN_RECORD
from server.cache import remembered
from server.context import current_actor, reading

#: how far back closed spells of absence are listed
SPELL_DAYS = 28

dash.register_page(
    __name__,
    path=PATH,
    name="Leave",
    title="Leave · Staff Rota",
    order=40,
    icon="calendar-check",
    permission=Permission.VIEW_LEAVE,
    remembered=OWN_RECORD,
)


def layout(**query: Any) -> Component:
    """Leave of a home: requests that wait, or one of the other tabs."""
    state = parse_query(query)
    view = parse_view(state.view)
    actor = current_actor()
    today = london_today()
    with reading() as session:
        homes = homes_of(session, actor)
        home = choose_home(homes, state.home)
        unit = choose_unit(home, state.unit)
        state = state.to(home=home.id, unit=unit.id if unit else None)
        may_decide = actor.may(Permission.DECIDE_LEAVE, home.id)
        people = people_of(session, actor, home.id) if may_decide else []
        waiting = requests(session, actor, home.id, unit_id=state.unit)
        swaps = swaps_to_decide(session, actor, home.id)
        if view.tab == "heat":
            body = heat_tab(session, home, state, view, today)
        else:
            body = _body(session, state, home, view, waiting, swaps, today)
    dialogs = [ask_dialog(people, today), sick_dialog(people, today), bulk_dialog()]
    return page(
        "Leave",
        [
            dcc.Location(id=Ids.GO, refresh="callback-nav"),
            _tabs(state, view, len(waiting), len(swaps)),
            *body,
            *(dialogs if may_decide else []),
        ],
        subtitle=f"{formats.plural(len(waiting), 'request')} waiting, {home.name}",
        filters=_filters(homes, home, state, view, today),
        secondary=_secondary(len(waiting)) if may_decide else [],
        primary=button("New request", id=Ids.ASK_OPEN, kind="primary", icon_name="plus-lg")
        if may_decide
        else None,
    )


def _secondary(waiting: int) -> list[Component]:
    found = [button("Report sickness", id=Ids.SICK_OPEN, icon_name="thermometer-half")]
    if waiting > 1:
        found.insert(0, button("Approve several…", id=Ids.BULK_OPEN, icon_name="check2-all"))
    return found


def _tabs(state: ScreenState, view: LeaveView, waiting: int, swaps: int) -> Component:
    names = (
        ("", f"Waiting ({waiting})"),
        ("swaps", f"Swaps ({swaps})" if swaps else "Swaps"),
        ("calendar", "Calendar"),
        ("heat", "Heat map"),
        ("balances", "Balances"),
        ("sickness", "Sickness"),
        ("decided", "Decided"),
    )
    return tabs(
        "Leave", [(words, state.to(view=key).href(PATH), view.tab == key) for key, words in names]
    )


def _body(
    session: Any,
    state: ScreenState,
    home: HomeChoice,
    view: LeaveView,
    waiting: list[Any],
    swaps: list[Swap],
    today: date,
) -> list[Component]:
    actor, home_id = current_actor(), state.home or 0
    if view.tab == "swaps":
        return swaps_panel(swaps, may_decide=actor.may(Permission.EDIT_ROTA, home_id))
    if view.tab == "balances":
        return balances_tab(session, actor, state, today)
    if view.tab == "calendar":
        start = state.beginning(today).start or today
        period = Period(start, start + timedelta(days=7 * state.weeks - 1))
        return [calendar_panel(team_calendar(session, actor, home_id, period, state.unit), today)]
    if view.tab == "sickness":
        return _sickness(session, state, today)
    if view.tab == "decided":
        rows = [
            row
            for status in (LeaveStatus.APPROVED, LeaveStatus.REJECTED, LeaveStatus.WITHDRAWN)
            for row in requests(session, actor, home_id, status=status, unit_id=state.unit)[:60]
        ]
        rows.sort(key=lambda row: row.period.start, reverse=True)
        return [decided_panel(rows)]
    return _waiting(session, state, home, view, waiting)


def _sickness(session: Any, state: ScreenState, today: date) -> list[Component]:
    """Spells of the last weeks; for those who decide leave, what is private about them too."""
    actor, home_id = current_actor(), state.home or 0
    since = today - timedelta(days=SPELL_DAYS)
    found = spells(session, actor, home_id, since=since, unit_id=state.unit)
    may_report = actor.may(Permission.EDIT_ROTA, home_id)
    repairs: dict[int, Component] = {}
    if actor.may(Permission.FILL_VACANCY, home_id):
        broken = broken_spells(session, actor, home_id)
        repairs = {spell.spell_id: repair_link(spell, state) for spell in broken}
    if not actor.may(Permission.DECIDE_LEAVE, home_id):
        return [sickness_panel(found, today, None, may_report=may_report, repairs=repairs)]
    due = talks_due(session, actor, home_id, unit_id=state.unit)
    health = HealthView(
        bradford_of_home(session, actor, home_id),
        talks_held(session, actor, home_id, since=since),
        {row.spell_id: row.due_on for row in due},
    )
    return [
        *([due_panel(due, today)] if due else []),
        sickness_panel(found, today, health, may_report=may_report, repairs=repairs),
        talk_dialog(today),
    ]


def _waiting(
    session: Any, state: ScreenState, home: HomeChoice, view: LeaveView, waiting: list[Any]
) -> list[Component]:
    if not waiting and view.request_id is None:
        return [
            dcc.Store(id=Ids.CHOSEN),
            empty_state(
                "Nothing waits for you",
                "Requests of this home appear here as soon as they are made.",
                action=link_button("Team calendar", state.to(view="calendar").href(PATH)),
                icon_name="calendar-check",
            ),
        ]
    chosen = view.request_id or (waiting[0].id if waiting else None)
    left = html.Div(
        request_list(waiting, state, chosen), className="only-desk" if view.request_id else ""
    )
    names = "stack" if view.request_id else "stack only-desk"
    right = html.Div(_decision(session, state, home, chosen), className=names)
    return [html.Div([left, right], className="columns-list")]


def _decision(
    session: Any, state: ScreenState, home: HomeChoice, request_id: int | None
) -> list[Component]:
    back = html.Div(
        dcc.Link("‹ All requests", href=state.to(view="").href(PATH), className="btn btn-quiet"),
        className="only-phone",
    )
    actor = current_actor()
    try:
        facts = remembered(
            "leave decision",
            [home],
            (actor.role.value, request_id, london_today()),
            lambda: decision_facts(session, actor, request_id or 0),
        )
    except NotFound as gone:
        return [dcc.Store(id=Ids.CHOSEN), back, empty_state(gone.message, "Choose another one.")]
    # what is remembered was made for somebody who might: whether this one may is asked here
    require_on(actor, Permission.VIEW_LEAVE, facts.asked.home_id)
    is_open = facts.asked.status is LeaveStatus.PENDING
    own = actor.staff_id == facts.asked.staff_id
    may = is_open and not own and actor.may(Permission.DECIDE_LEAVE, facts.asked.home_id)
    chosen = {"id": facts.asked.request_id, "version": facts.asked.version}
    parts = [dcc.Store(id=Ids.CHOSEN, data=chosen), back]
    parts += decision_panel(facts, may_decide=may)
    if not is_open:
        parts.append(html.P(f"This request is {facts.asked.status.value}.", className="muted"))
    if own and is_open:
        parts.append(html.P("Nobody decides their own leave.", className="muted"))
    return [*parts, *([reject_dialog(facts), part_dialog(facts)] if may else [])]


def _filters(
    homes: list[HomeChoice], home: HomeChoice, state: ScreenState, view: LeaveView, today: date
) -> Component:
    choices = Choices(
        PATH,
        homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (),
        units=[Option(u.id, u.name) for u in home.units],
        period=view.tab == "calendar",
    )
    bar = state if view.tab else state.to(view="")
    return filter_bar(bar, choices, today=today)
