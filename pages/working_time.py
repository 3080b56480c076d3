"""Working time: rest owed and taken, exceptions without it, what the rules find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import dash
from dash import ALL, Input, Output, State, callback, ctx, dcc
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.downloads import file_links
from components.feedback import UNDO_TYPE, toast
from components.filters import Choices, Option, filter_bar
from components.forms import link_button, tabs
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.theme import Status
from pages._inputs import afresh, clicked, day_of, whole
from pages._undo import REST, say, undo_token
from pages._working_time_parts import (
    PATH,
    Ids,
    averages_panel,
    book_panel,
    figures,
    findings_panel,
    lacking_panel,
    owed_panel,
    take_dialog,
    taken_panel,
)
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, choose_unit, everywhere, homes_of
from rota.calendar import Period, duration_text, london_today, monday
from rota.database import Session
from rota.errors import InvalidInput
from rota.roster.headroom import Headroom, weekly_headroom
from rota.roster.rest_ledger import record_rest, strike_out, take_rest
from rota.roster.rest_queries import (
    Finding,
    RestRow,
    home_findings,
    lacking_rest,
    rest_ledger,
)
from server.cache import remembered
from server.context import current_actor, reading, working
from server.gate import requires

VIEWS = ("", "lacking", "taken", "averages", "rules", "book")
#: how far back rest that was taken is listed
TAKEN_DAYS = 365

dash.register_page(
    __name__,
    path=PATH,
    name="Working time",
    title="Working time · Staff Rota",
    order=45,
    icon="shield-check",
    permission=Permission.VIEW_ROTA,
)


def layout(**query: Any) -> Component:
    """A home's ledger of rest and the findings of the rules over four weeks."""
    state = parse_query(query)
    if state.view not in VIEWS:
        raise InvalidInput("This address names nothing of working time.", hint="Start at the top.")
    today, actor = london_today(), current_actor()
    # rest is mostly owed for what was worked: last week, this one and the two ahead
    start = monday(state.start or today - timedelta(weeks=1))
    state = state.to(start=start)
    person = state.person
    with reading() as session:
        homes = homes_of(session, actor)
        home = choose_home(homes, state.home)
        unit = choose_unit(home, state.unit)
        state = replace(state, home=home.id, unit=unit.id if unit else None)
        rows = rest_ledger(
            session, actor, home.id, unit_id=state.unit, staff_id=person,
            taken_since=today - timedelta(days=TAKEN_DAYS) if state.view == "taken" else None,
        )  # fmt: skip
        found = _findings(session, home, state, today)
        averages = _averages(session, home, state, today) if state.view == "averages" else []
    owed = [row for row in rows if row.taken_on is None]
    lacking = lacking_rest(found)
    may = actor.may(Permission.EDIT_ROTA, home.id)
    if state.view == "averages":
        body: list[Component] = [averages_panel(averages)]
    else:
        body = _body(state, today, rows, found, may_edit=may)
    return page(
        "Working time",
        [
            dcc.Location(id=Ids.GO, refresh="callback-nav"),
            figures(owed, lacking, today),
            _tabs(state, len(owed), len(lacking), len(found)),
            *body,
            *([take_dialog()] if may else []),
        ],
        subtitle=f"Rest and the rules of work, {home.name}",
        filters=_filters(homes, home, state, today),
        secondary=file_links(
            state.to(view="", person=None), "/download/report/rules", "xlsx", "pdf"
        )
        if actor.may(Permission.EXPORT_DATA)
        else [],
    )


def _body(
    state: ScreenState,
    today: date,
    rows: Sequence[RestRow],
    found: list[Finding],
    *,
    may_edit: bool,
) -> list[Component]:
    """The tab that is open."""
    owed = [row for row in rows if row.taken_on is None]
    if state.view == "lacking":
        return [lacking_panel(lacking_rest(found), may_edit=may_edit)]
    if state.view == "rules":
        return [findings_panel(found)]
    if state.view == "book":
        return [book_panel()]
    if state.view == "taken":
        taken = taken_panel([row for row in rows if row.taken_on], may_edit=may_edit)
        if state.person is None or not owed:
            return [*_person_head(state, rows), taken]
        still = owed_panel(owed, state, today, may_edit=may_edit)
        return [*_person_head(state, rows), still, taken]
    return [owed_panel(owed, state, today, may_edit=may_edit)]


def _findings(session: Session, home: HomeChoice, state: ScreenState, today: date) -> list[Finding]:
    """What the rules find, remembered until something changes: people work in other homes too."""
    start, actor = state.start or today, current_actor()
    period = Period(start, start + timedelta(days=7 * state.weeks - 1))
    return remembered(
        "findings", [home], (actor.role.value, state.unit, period, today, everywhere(session)),
        lambda: home_findings(session, actor, [home.id], state.unit, period),
    )  # fmt: skip


def _averages(
    session: Session, home: HomeChoice, state: ScreenState, today: date
) -> list[Headroom]:
    actor = current_actor()
    return remembered(
        "headroom", [home], (actor.role.value, state.unit, today, everywhere(session)),
        lambda: weekly_headroom(session, actor, home.id, today, unit_id=state.unit),
    )  # fmt: skip


def _person_head(state: ScreenState, rows: Sequence[RestRow]) -> list[Component]:
    if state.person is None:
        return []
    name = rows[0].name if rows else "this person"
    return [
        link_button(f"‹ Everybody, not only {name}", state.to(person=None).href(PATH), kind="quiet")
    ]


def _tabs(state: ScreenState, owed: int, lacking: int, found: int) -> Component:
    names = (
        ("", f"Rest owed ({owed})"),
        ("lacking", f"Without rest ({lacking})"),
        ("taken", "Taken"),
        ("averages", "Average hours"),
        ("rules", f"All findings ({found})"),
        ("book", "The rules"),
    )
    plain = state.to(person=None)
    return tabs(
        "Working time",
        [(words, plain.to(view=key).href(PATH), state.view == key) for key, words in names],
    )


def _filters(
    homes: Sequence[HomeChoice], home: HomeChoice, state: ScreenState, today: date
) -> Component:
    choices = Choices(
        PATH,
        homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (),
        units=[Option(u.id, u.name) for u in home.units],
    )
    return filter_bar(state, choices, today=today)


_go = Output(Ids.GO, "href", allow_duplicate=True)
_search = State(Ids.GO, "search")


def _again(search: str | None) -> str:
    return afresh(parse_search(search).href(PATH), search)


@callback(
    Output(Ids.TAKE, "is_open"), Output(Ids.CHOSEN, "data"), Output(Ids.TAKE_DAY, "value"),
    Output(Ids.TAKE_WORDS, "children"),
    Input({"type": Ids.TAKE_TYPE, "entry": ALL, "day": ALL}, "n_clicks"),
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def ask(_clicks: Any) -> Any:
    """Ask for the day, proposing the first one whose rest was long enough."""
    chosen = clicked(ctx)
    whole(chosen, "entry")
    day = day_of(chosen["day"], "The day") if chosen.get("day") else None
    if day is None or day > london_today():
        words = "No day so far had rest enough; a longer rest has to be planned first."
        return True, chosen, None, words
    words = f"The first rest long enough was on {formats.day(day)}."
    return True, chosen, day.isoformat(), words


@callback(
    _go, Input(Ids.SEND, "n_clicks"), State(Ids.CHOSEN, "data"), State(Ids.TAKE_DAY, "value"),
    _search, prevent_initial_call=True, running=[(Output(Ids.SEND, "disabled"), True, False)],
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def send(clicks: Any, chosen: Any, day: Any, search: str | None) -> str:
    """Record the rest as taken."""
    if not clicks:
        raise PreventUpdate
    with working() as uow:
        entry = take_rest(uow, whole(chosen, "entry"), day_of(day, "The day of the rest"))
        uow.commit()
    text = f"{duration_text(entry.owed_minutes)} rest taken on {formats.day(entry.taken_on)}"
    say(toast(Status.GOOD, text, undo_token=f"{REST}{entry.id}"))
    return _again(search)


@callback(
    _go, Input({"type": Ids.RECORD_TYPE, "person": ALL, "rule": ALL, "day": ALL}, "n_clicks"),
    _search, prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def record(_clicks: Any, search: str | None) -> str:
    """Record the rest owed for an exception that is on the rota."""
    chosen = clicked(ctx)
    rule = chosen.get("rule")
    if not isinstance(rule, str):
        raise InvalidInput("The page sent something that cannot be read.", hint="Load it again.")
    with working() as uow:
        owed = record_rest(uow, whole(chosen, "person"), rule, day_of(chosen.get("day"), "The day"))
        uow.commit()
    say(
        toast(
            Status.GOOD,
            f"{duration_text(owed.owed_minutes)} rest owed, to be taken by "
            f"{formats.day(owed.due_on)}",
        )
    )
    return _again(search)


@callback(
    _go, Input({"type": Ids.STRIKE_TYPE, "entry": ALL}, "n_clicks"), _search,
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def strike(_clicks: Any, search: str | None) -> str:
    """Take an entry off the ledger whose exception is gone."""
    with working() as uow:
        strike_out(uow, whole(clicked(ctx), "entry"))
        uow.commit()
    say(toast(Status.GOOD, "Struck out; the audit keeps it"))
    return _again(search)


@callback(
    _go, Input({"type": Ids.BACK_TYPE, "entry": ALL}, "n_clicks"),
    Input({"type": UNDO_TYPE, "token": ALL}, "n_clicks"), _search, prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def back(_clicks: Any, _undo: Any, search: str | None) -> str:
    """The rest was recorded as taken by mistake: it is owed again."""
    chosen = clicked(ctx)
    token = chosen["token"] if "token" in chosen else f"{REST}{whole(chosen, 'entry')}"
    with working() as uow:
        text = undo_token(uow, str(token))
        uow.commit()
    say(toast(Status.INFO, text))
    return _again(search)
