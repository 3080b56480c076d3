"""The bar that says what one looks at: home ▾ unit ▾ ‹ period › 1w 2w 4w.

Every choice is a link to the same page with another address, so the address is the state, Back
works, choices open in a new tab, and no callback is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.icons import icon
from components.state import WEEKS, ScreenState


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: its id in the address (``None`` for "all") and its name."""

    value: int | None
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen on this page; an empty list leaves that menu out."""

    path: str
    homes: Sequence[Option] = ()
    units: Sequence[Option] = ()
    period: bool = True
    weeks: Sequence[int] = WEEKS
    all_homes: bool = False
    all_units: bool = True


def filter_bar(
    state: ScreenState, choices: Choices, *, today: date, extra: Sequence[Component] = ()
) -> Component:
    """The bar for ``state``; ``extra`` is a page's own controls (view switch), put last."""
    parts: list[Component] = []
    if choices.homes:
        homes = ([Option(None, "All homes")] if choices.all_homes else []) + list(choices.homes)
        parts.append(_menu("Home", "house-door", homes, state.home, choices.path, state, "home"))
    if choices.units:
        units = ([Option(None, "All units")] if choices.all_units else []) + list(choices.units)
        parts.append(_menu("Unit", "grid-3x3-gap", units, state.unit, choices.path, state, "unit"))
    if choices.period:
        parts.append(period_stepper(state, choices.path, today=today))
        parts.append(
            segmented(
                "Weeks shown",
                [
                    (f"{n}w", state.to(weeks=n).href(choices.path), n == state.weeks, f"{n} weeks")
                    for n in choices.weeks
                ],
            )
        )
    parts += extra
    return html.Div(parts, className="filters", role="group", **{"aria-label": "What is shown"})


def period_stepper(state: ScreenState, path: str, *, today: date) -> Component:
    """‹ 2 – 29 Mar ›; the middle jumps to a date one picks, the dot to today."""
    state = state.beginning(today)
    if state.start is None or state.end is None:  # pragma: no cover - beginning() sets both
        return html.Div()
    words = formats.period(state.start, state.end)
    if state.end.year != today.year and state.start.year == state.end.year:
        words = f"{words} {state.end.year}"
    this = ScreenState(weeks=state.weeks).beginning(today).start
    here = state.start <= today <= state.end
    return html.Div(
        [
            step_arrow("chevron-left", "Earlier", state.shifted(-1).href(path)),
            html.Label(
                [
                    html.Span(words, className="period-words"),
                    dbc.Input(
                        type="date",
                        value=state.start.isoformat(),
                        class_name="period-date",
                        key=f"{path}{state.query()}",
                    ),
                ],
                className="period",
                title="Choose the first day",
                **{"data-goto": state.to(start=None).href(path), "aria-label": f"Period {words}"},
            ),
            step_arrow("chevron-right", "Later", state.shifted(1).href(path)),
            dcc.Link(
                "Today",
                href=state.to(start=this).href(path),
                className="bar-button period-today is-here" if here else "bar-button period-today",
                title="Go to this week",
            ),
        ],
        className="stepper",
    )


def segmented(label: str, options: Sequence[tuple[str, str, bool, str]]) -> Component:
    """A row of links of which one is on: (text, href, chosen, title)."""
    return html.Div(
        [
            dcc.Link(
                text,
                href=href,
                className="segment is-on" if chosen else "segment",
                title=f"{title} (shown)" if chosen else title,
            )
            for text, href, chosen, title in options
        ],
        className="segmented",
        role="group",
        **{"aria-label": label},
    )


def step_arrow(name: str, title: str, href: str) -> Component:
    """One end of a stepper: an icon, its words for who hears them, and where it leads."""
    return dcc.Link(
        [icon(name), html.Span(title, className="visually-hidden")],
        href=href,
        className="bar-button arrow",
        title=title,
    )


def _menu(
    name: str,
    icon_name: str,
    options: Sequence[Option],
    chosen: int | None,
    path: str,
    state: ScreenState,
    key: str,
) -> Component:
    current = next((o for o in options if o.value == chosen), None)
    label = current.label if current else f"Choose {name.lower()}"
    items = [
        dbc.DropdownMenuItem(
            [
                html.Span(option.label),
                *([html.Span(option.detail, className="menu-detail")] if option.detail else []),
            ],
            href=state.to(**{key: option.value}).href(path),
            active=option.value == chosen,
        )
        for option in options
    ]
    return dbc.DropdownMenu(
        items,
        label=html.Span(
            [
                icon(icon_name),
                html.Span(f"{name}: ", className="visually-hidden"),
                html.Span(label, className="menu-label"),
            ],
            className="menu-words",
        ),
        toggle_class_name="bar-button menu-button",
        className="menu",
    )
