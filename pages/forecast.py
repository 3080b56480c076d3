"""Forecast: what a unit, a home or all of them worked, will need, and how sure that is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import kpi_row
from components.feedback import empty_state, toast
from components.filters import Choices, Option, filter_bar
from components.forms import button
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.theme import Status
from pages import _forecast_charts as charts
from pages import _forecast_parts as parts
from pages._forecast_bookings import booked_card
from pages._forecast_explained import explained
from pages._forecast_parts import PATH, USUAL_LEVEL, VIEW_WORDS, Ids
from pages._forecast_sum import Asked, asked, made_of
from pages._inputs import afresh
from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, homes_of
from rota.calendar import london_today
from rota.errors import InvalidInput, RotaError
from rota.forecasting import requirement
from rota.forecasting.screen import AHEAD_DAYS, VIEWS, ForecastScreen, forecast_screen
from rota.forecasting.sum_screen import sum_screen
from rota.jobs import service as jobs
from server.context import current_actor, reading, working
from server.gate import requires

TICK_MS = 1_000


dash.register_page(
    __name__,
    path=PATH,
    name="Forecast",
    title="Forecast · Staff Rota",
    order=50,
    icon="graph-up",
    permission=Permission.VIEW_FORECAST,
)


def layout(**query: Any) -> Component:
    """History, forecast and staffing levels of the unit, home or all homes in the address."""
    state = parse_query(query)
    actor = current_actor()
    today = london_today()
    with reading() as session:
        homes = homes_of(session, actor)
        place, all_homes = asked(session, actor, homes, state)
        if not place.has_residents:
            return page("Forecast", _no_unit(place))
        state = place.placed(state, _view(state))
        shown = _shown(session, actor, place, state.view, today)
        running = _job_of(session, place)
    home = place.home
    view_words = VIEW_WORDS[state.view][1]
    return page(
        "Forecast",
        [
            parts.page_tabs(state, PATH),
            *_content(
                shown,
                running,
                may_train=_may(actor, Permission.TRAIN_FORECAST, place, homes),
                may_accept=_may(actor, Permission.SET_REQUIREMENT, place, homes),
            ),
        ],
        subtitle=f"{place.words} · {view_words}",
        filters=filter_bar(
            state,
            Choices(
                PATH,
                homes=[Option(h.id, h.name) for h in homes],
                units=[
                    Option(u.id, u.name)
                    for u in (home.units if home else ())
                    if not u.is_management
                ],
                period=False,
                all_homes=all_homes,
            ),
            today=today,
            extra=[parts.view_switch(state)],
        ),
    )


def _view(state: ScreenState) -> str:
    return state.view if state.view in VIEWS else "all"


def _shown(session: Any, actor: Actor, place: Asked, view: str, today: date) -> ForecastScreen:
    """The stored forecast of what was asked for."""
    if place.unit is not None:
        return forecast_screen(session, actor, place.unit.id, view, today)
    return sum_screen(session, actor, place.home.id if place.home else None, view, today)


def _may(actor: Actor, permission: Permission, place: Asked, homes: list[HomeChoice]) -> bool:
    """Whether the actor may do this to all that is shown."""
    concerned = [place.home] if place.home else homes
    return all(actor.may(permission, home.id) for home in concerned)


def _no_unit(place: Asked) -> Component:
    return empty_state(
        "No care unit yet",
        f"{place.words} has no unit with residents, so there is nothing to forecast.",
        icon_name="graph-up",
    )


def _job_of(session: Any, place: Asked) -> jobs.JobView | None:
    """The newest forecast or training of what is shown, if it is under way or has failed."""
    for job in jobs.recent(session, current_actor()):
        if place.is_of(job):
            return job if job.is_active or job.error else None
    return None


def _content(
    shown: ForecastScreen, job: jobs.JobView | None, *, may_train: bool, may_accept: bool
) -> list[Component]:
    active = job is not None and job.is_active
    content: list[Component] = [
        html.Div(parts.job_panel(job), id=Ids.JOB, className="stack", **{"aria-live": "polite"}),
        dcc.Interval(Ids.TICK, interval=TICK_MS, disabled=not active),
        dcc.Location(id=Ids.GO, refresh="callback-nav"),
    ]
    if not shown.ahead:
        return [*content, _nothing_stored(shown, active, may_train=may_train)]
    level = USUAL_LEVEL
    return [
        *content,
        kpi_row(parts.cards_of(shown)),
        charts.main_chart(shown, level),
        html.Div(
            [
                parts.level_card(
                    shown, level, may_train=may_train, may_accept=may_accept, active=active
                ),
                charts.curve_chart(shown, level),
            ],
            className="columns-2" if shown.plans else "stack",
        ),
        made_of(shown) if shown.parts else explained(shown),
        booked_card(shown, may_book=may_accept),
    ]


def _nothing_stored(shown: ForecastScreen, active: bool, *, may_train: bool) -> Component:
    if active:
        return empty_state("The forecast is being made", "It appears here by itself.")
    # anybody may have one unit forecast; a whole home is a training
    may_start = may_train or not shown.parts
    return empty_state(
        "No forecast stored",
        f"{shown.place.name} has no forecast of this kind for the next {AHEAD_DAYS} days."
        + ("" if may_start else " Choose a unit, or ask somebody who may train forecasts."),
        action=button("Make the forecast", id=Ids.START, kind="primary", icon_name="play-fill")
        if may_start
        else None,
        icon_name="graph-up",
    )


def _read(search: str | None) -> tuple[ForecastScreen, Asked]:
    """The screen of the address, again, for a callback."""
    state = parse_search(search)
    actor = current_actor()
    today = london_today()
    with reading() as session:
        place, _ = asked(session, actor, homes_of(session, actor), state)
        if not place.has_residents:
            raise InvalidInput("Choose a unit with residents.")
        return _shown(session, actor, place, _view(state), today), place


def _level_of(value: Any) -> int:
    """A service level from the slider. Raises :class:`InvalidInput`."""
    try:
        return min(max(round(float(value)), 50), 99)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput("The service level is a number from 50 to 99.") from None


@callback(
    Output(Ids.CHART, "figure"),
    Output(Ids.LEVEL_TEXT, "children"),
    Input(Ids.LEVEL, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_FORECAST)
def choose_level(level: Any, search: str | None) -> tuple[Any, Any]:
    """Draw the staffing level that was chosen."""
    chosen = _level_of(level)
    shown, _ = _read(search)
    return charts.main_figure(shown, chosen), parts.level_words(shown, chosen)


@callback(
    Output(Ids.CURVE, "figure"),
    Output(f"{Ids.CURVE}-title", "children"),
    Input(Ids.LEVEL, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_FORECAST)
def mark_level(level: Any, search: str | None) -> tuple[Any, str]:
    """Mark the chosen level on the curve of cost against shifts short."""
    chosen = _level_of(level)
    shown, _ = _read(search)
    return charts.curve_figure(shown, chosen), charts.curve_title(shown, chosen)


@callback(
    Output(Ids.GO, "href", allow_duplicate=True),
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Input(Ids.ACCEPT, "n_clicks"),
    Input(Ids.WITHDRAW, "n_clicks"),
    State(Ids.LEVEL, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.SET_REQUIREMENT)
def decide_requirement(
    _accept: int | None, _withdraw: int | None, level: Any, search: str | None
) -> tuple[Any, Any]:
    """Make the chosen level the demand of rota and optimiser, or take that back."""
    if not any(entry.get("value") for entry in dash.ctx.triggered):
        return no_update, no_update
    chosen = _level_of(level)
    shown, _ = _read(search)
    if shown.parts:
        raise InvalidInput("A requirement belongs to a unit.", hint="Choose one in the bar above.")
    start, end = requirement.period_of(shown.today, AHEAD_DAYS)
    bands = [plan.band for plan in shown.plans]
    if not bands:
        raise InvalidInput("Nobody is rostered by this series.", hint="Choose all, day or night.")
    with working() as uow:
        if dash.ctx.triggered_id == Ids.WITHDRAW:
            gone = requirement.withdraw_requirement(uow, shown.place.id, start, end)
            said = f"{formats.plural(gone, 'accepted requirement')} withdrawn"
        else:
            done = requirement.accept_requirement(uow, shown.place.id, chosen, start, end, bands)
            said = (
                f"{shown.place.name}: {formats.plural(done.written, 'requirement')} for"
                f" {formats.plural(done.days, 'day')} at {chosen}%, {done.raised} above the"
                f" usual minimum, {done.kept_minimum} kept at it"
            )
        uow.commit()
    return afresh(parse_search(search).href(PATH), search), [toast(Status.GOOD, said)]


@callback(
    Output(Ids.JOB, "children"),
    Output(Ids.TICK, "disabled"),
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Input(Ids.START, "n_clicks"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_FORECAST)
def start(clicks: int | None, search: str | None) -> tuple[Any, Any, Any]:
    """Ask for the forecast, or for a new training by who may train."""
    if not clicks:
        return no_update, no_update, no_update
    shown, place = _read(search)
    inputs, key, home_id = place.training()
    with working() as uow:
        train = shown.parts or uow.actor.may(Permission.TRAIN_FORECAST, home_id)
        if train and (shown.parts or shown.ahead):
            job = jobs.submit(uow, "train", inputs, key=key, home_id=home_id)
        else:
            end = shown.today + timedelta(days=AHEAD_DAYS - 1)
            inputs = {"unit_id": shown.place.id, "end": end.isoformat()}
            key = f"{shown.place.id}:{end}"
            job = jobs.submit(uow, "forecast", inputs, key=key, home_id=home_id)
        uow.commit()
    said: Component = toast(Status.INFO, f"The forecast of {shown.place.name} is being made")
    try:
        jobs.dispatch(job.id)
    except RotaError as error:
        said = toast(Status.WARN, error.message, hint=error.hint)
    with reading() as session:
        return parts.job_panel(jobs.view(session, current_actor(), job.id)), False, [said]


@callback(
    Output(Ids.JOB, "children", allow_duplicate=True),
    Output(Ids.TICK, "disabled", allow_duplicate=True),
    Output(Ids.GO, "href"),
    Input(Ids.TICK, "n_intervals"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_FORECAST)
def follow(_ticks: int | None, search: str | None) -> tuple[Any, Any, Any]:
    """How far it is; when it is done the page shows what came out."""
    state = parse_search(search)
    with reading() as session:
        actor = current_actor()
        place, _ = asked(session, actor, homes_of(session, actor), state)
        job = _job_of(session, place)
    if job is not None and job.is_active:
        return parts.job_panel(job), False, no_update
    if job is not None:
        return parts.job_panel(job), True, no_update
    return [], True, afresh(parse_search(search).href(PATH), search)
