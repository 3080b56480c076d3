"""The rota on a phone: a day as a list, and a carer's own week as cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.icons import icon
from components.legend import shift_code
from components.theme import Category


@dataclass(frozen=True, slots=True)
class OnShift:
    """One person on one shift, or an open shift (no name)."""

    name: str
    detail: str = ""
    href: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DayShift:
    """One shift type of a day with who works it, planned against required."""

    code: str
    category: Category
    label: str
    times: str
    people: Sequence[OnShift] = ()
    required: int = 0


@dataclass(frozen=True, slots=True)
class MyDay:
    """One day of a person's own week: their shifts, or none for a day off."""

    day: date
    shifts: Sequence[tuple[str, Category, str, str]] = field(default_factory=tuple)
    place: str = ""
    note: str = ""
    with_whom: str = ""
    #: what may be done about the day, put at its end
    action: Component | None = None


def day_strip(days: Sequence[tuple[date, str, int]], chosen: date, today: date) -> Component:
    """Days to choose from, each with how many are short: (day, href, short)."""
    return html.Nav(
        [
            dcc.Link(
                [
                    html.Span(formats.weekday(day)[:2], className="strip-weekday"),
                    html.Span(str(day.day), className="strip-day"),
                    html.Span(
                        f"−{short}" if short else "",
                        className="strip-short",
                        title=f"{short} short" if short else None,
                    ),
                ],
                href=href,
                className=" ".join(
                    ["strip-item"]
                    + (["is-on"] if day == chosen else [])
                    + (["is-today"] if day == today else [])
                ),
                title=formats.day_long(day),
            )
            for day, href, short in days
        ],
        className="day-strip",
        **{"aria-label": "Days"},
    )


def day_list(day: date, shifts: Sequence[DayShift]) -> Component:
    """Who works on ``day``, shift by shift, with what is missing on top of each list."""
    return html.Section(
        [html.H2(formats.day_long(day), className="card-heading"), *map(_shift, shifts)],
        className="day-list",
    )


def _shift(shift: DayShift) -> Component:
    planned = sum(1 for person in shift.people if person.name)
    missing = max(0, shift.required - planned)
    count = f"{planned}/{shift.required}" if shift.required else str(planned)
    head = html.Div(
        [
            shift_code(shift.code, shift.category),
            html.Span(shift.label, className="day-label"),
            html.Span(shift.times, className="muted num"),
            html.Span(count, className="cover cover-short" if missing else "cover"),
        ],
        className="day-head",
    )
    return html.Div([head, html.Ul([_person(p) for p in shift.people])], className="day-shift")


def _person(person: OnShift) -> Component:
    open_shift = not person.name
    inner = [
        icon("person-dash" if open_shift else "person"),
        html.Span(person.name or "Open shift", className="day-name"),
        html.Span(person.detail, className="muted"),
    ]
    content = dcc.Link(inner, href=person.href) if person.href else html.Span(inner)
    return html.Li(content, className="is-open" if open_shift else "")


def my_week(days: Sequence[MyDay], *, today: date) -> Component:
    """A carer's week as cards, today marked, days off quiet."""
    return html.Div([_my_day(day, today) for day in days], className="my-week")


def _my_day(day: MyDay, today: date) -> Component:
    date_block = html.Div(
        [
            html.Span(formats.weekday(day.day), className="my-weekday"),
            html.Span(str(day.day.day), className="my-day"),
        ],
        className="my-date",
        title=formats.day_long(day.day),
    )
    if not day.shifts:
        body: list[Component] = [html.Span(day.note or "Off", className="muted")]
    else:
        body = [
            html.Div(
                [
                    shift_code(code, category),
                    html.Span(label, className="day-label"),
                    html.Span(times, className="num"),
                ],
                className="my-shift",
            )
            for code, category, label, times in day.shifts
        ]
        more = " · ".join(words for words in (day.place, day.with_whom, day.note) if words)
        words = html.Div(more, className="muted my-more") if more else None
        foot = [part for part in (words, day.action) if part is not None]
        if foot:
            body.append(html.Div(foot, className="my-foot"))
    names = ["my-card"]
    if day.day == today:
        names.append("is-today")
    if not day.shifts:
        names.append("is-off")
    return html.Div([date_block, html.Div(body, className="my-body")], className=" ".join(names))
