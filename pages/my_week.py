"""The carer's own page, made for a phone: week, leave, extra shifts, swaps, the unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import dash
from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.day_list import MyDay, my_week
from components.filters import Choices, filter_bar
from components.forms import link_button, tabs
from components.shell import page
from components.state import ScreenState, parse_query
from pages._my_calendar import calendar_card
from pages._my_ids import PATH, TABS, Ids, MyView, parse_my_view
from pages._my_leave import balance_bar, leave_tab
from pages._my_shifts import open_shifts
from pages._my_swaps import swaps_tab
from pages._my_unit import unit_tab
from pages._my_wishes import wishes_cards
from pages._vacancy_parts import category
from rota.access.permissions import Permission
from rota.calendar import Period, bank_holiday, london_today
from rota.carer.availability import my_availability
from rota.carer.feed import my_feed
from rota.carer.preferences import my_preferences
from rota.carer.swap_queries import Swap, my_swaps, swap_options
from rota.carer.unit_rota import my_unit_rota
from rota.leave.mine import MyPage, MyShift, my_page
from rota.vacancies.offers import my_offers
from rota.vacancies.openings import openings
from server.answers import PERSONAL
from server.context import current_actor, reading

#: colleagues named on a card; the rest are counted
MOST_NAMES = 6

dash.register_page(
    __name__,
    path=PATH,
    name="My week",
    title="My week · Staff Rota",
    order=5,
    icon="calendar-week",
    permission=Permission.VIEW_OWN_ROTA,
    remembered=PERSONAL,
)


def layout(**query: Any) -> Component:
    """The actor's own page: one week unless two are asked for, and the tab in the address."""
    state = parse_query(query)
    view = parse_my_view(state.view)
    today = london_today()
    state = state.to(weeks=2 if state.weeks == 2 else 1).beginning(today)
    start = state.start or today
    period = Period(start, start + timedelta(days=7 * state.weeks - 1))
    with reading() as session:
        mine = my_page(session, current_actor(), period)
        swaps = my_swaps(session, current_actor())
        body = _body(session, state, view, mine, swaps, today)
    by_week = view.tab in ("", "unit")
    return page(
        "My week",
        [
            dcc.Location(id=Ids.GO, refresh="callback-nav"),
            tabs("My page", _tabs(state, view, swaps)),
            body,
        ],
        subtitle=mine.name,
        filters=filter_bar(state, Choices(PATH, weeks=(1, 2)), today=today) if by_week else None,
    )


def _tabs(state: ScreenState, view: MyView, swaps: Sequence[Swap]) -> list[tuple[str, str, bool]]:
    asked = sum(1 for s in swaps if s.is_open and not s.is_mine and s.state.value == "proposed")
    count = {"swaps": asked}
    return [
        (
            f"{words} {count[key]}" if count.get(key) else words,
            state.to(view=key).href(PATH),
            view.tab == key,
        )
        for key, words in TABS
    ]


def _body(
    session: Any,
    state: ScreenState,
    view: MyView,
    mine: MyPage,
    swaps: Sequence[Swap],
    today: date,
) -> Component:
    actor = current_actor()
    if view.tab == "leave":
        return leave_tab(mine, today)
    if view.tab == "extra":
        offers, found = my_offers(session, actor), openings(session, actor)
        said, likes = my_availability(session, actor), my_preferences(session, actor)
        shifts = card(open_shifts(offers, found), title="Open shifts")
        return html.Div(
            [shifts, html.Div(wishes_cards(said, likes, today), className="stack")],
            className="my-columns",
        )
    if view.tab == "swaps":
        sought = (
            swap_options(session, actor, view.swap_shift) if view.swap_shift is not None else None
        )
        return swaps_tab(swaps, sought, state.to(view="swaps").href(PATH))
    if view.tab == "unit":
        return unit_tab(my_unit_rota(session, actor, mine.period), mine.name, today)
    offers = my_offers(session, actor)
    return html.Div(
        [
            my_week([_day(mine, day, state) for day in mine.period], today=today),
            html.Div(
                [
                    *_waiting(offers, swaps, state),
                    card(_hours(mine), title="My hours"),
                    card(balance_bar(mine.balance, mine.pace), title="My leave"),
                    calendar_card(my_feed(session, actor)),
                ],
                className="stack",
            ),
        ],
        className="my-columns",
    )


def _waiting(offers: Sequence[Any], swaps: Sequence[Swap], state: ScreenState) -> list[Component]:
    """What waits for an answer of mine, each leading to where it is given."""
    lines = []
    offered = sum(1 for o in offers if o.is_open)
    asked = sum(1 for s in swaps if s.is_open and not s.is_mine and s.state.value == "proposed")
    if offered:
        words = f"{formats.plural(offered, 'shift')} offered to you"
        lines.append(link_button(words, state.to(view="extra").href(PATH), icon_name="bell"))
    if asked:
        words = f"{formats.plural(asked, 'swap')} proposed to you"
        lines.append(
            link_button(words, state.to(view="swaps").href(PATH), icon_name="arrow-left-right")
        )
    return [html.Div(lines, className="stack my-waiting")] if lines else []


def _day(mine: MyPage, day: date, state: ScreenState) -> MyDay:
    shifts = [s for s in mine.shifts if s.date == day]
    away = mine.away.get(day)
    notes = [w for w in (away.capitalize() if away else "", bank_holiday(day) or "") if w]
    notes += [s.note for s in shifts if s.note]
    ahead = [s for s in shifts if s.date > london_today()]
    swap = (
        dcc.Link(
            "Swap",
            href=state.to(view=f"swap{ahead[0].shift_id}").href(PATH),
            className="btn btn-quiet",
            title=f"Swap {formats.day(day)}",
        )
        if ahead
        else None
    )
    return MyDay(
        day=day,
        shifts=[_shift(s) for s in shifts],
        place=", ".join(dict.fromkeys(f"{s.unit}, {s.home}" for s in shifts)),
        note=" · ".join(notes),
        with_whom=_with(shifts),
        action=swap,
    )


def _shift(s: MyShift) -> tuple[str, Any, str, str]:
    times = f"{formats.clock(s.starts_at)}–{formats.clock(s.ends_at)}"
    return s.code, category(s.category), s.name, times


def _with(shifts: Sequence[MyShift]) -> str:
    names = list(dict.fromkeys(name for s in shifts for name in s.with_names))
    if len(names) > MOST_NAMES:
        more = len(names) - MOST_NAMES + 1
        names = [*names[: MOST_NAMES - 1], f"{more} more"]
    return f"with {', '.join(names)}" if names else ""


def _hours(mine: MyPage) -> Component:
    """Rostered against contracted, week by week."""
    lines = []
    for week in mine.period.weeks():
        minutes = mine.minutes_in(week)
        words = formats.hours_from_minutes(minutes)
        if mine.contracted_minutes:
            words += f" of {formats.hours_from_minutes(mine.contracted_minutes)}"
        lines.append(
            html.Div(
                [html.Dt(formats.period(week.start, week.end)), html.Dd(words)], className="fact"
            )
        )
    return html.Dl(lines, className="facts")
