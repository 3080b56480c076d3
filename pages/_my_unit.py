"""The unit's rota on a phone: day by day, shift by shift, names and nothing else."""

from __future__ import annotations

from datetime import date

from dash import html
from dash.development.base_component import Component

from components import formats
from components.day_list import DayShift, OnShift, day_list
from components.feedback import empty_state
from pages._vacancy_parts import category
from rota.carer.unit_rota import UnitRota, UnitShift


def unit_tab(found: UnitRota, me: str, today: date) -> Component:
    """Each day of the period with who is on; one's own name is marked."""
    if not found.unit:
        return empty_state("You belong to no unit", "Ask your manager which unit you work on.")
    if not found.shifts:
        return empty_state(
            "Nothing published for these days", "The rota appears here once it is published."
        )
    days = [day for day in found.period if found.on(day)]
    past = [day for day in days if day < today]
    ahead = [day for day in days if day >= today]
    lists = [day_list(day, [_shift(s, me) for s in found.on(day)]) for day in (*ahead, *past)]
    return html.Div(
        [
            html.P(f"{found.unit}: who is on, as published.", className="muted"),
            html.Div(lists, className="unit-days"),
        ]
    )


def _shift(s: UnitShift, me: str) -> DayShift:
    times = f"{formats.clock(s.starts_at)}–{formats.clock(s.ends_at)}"
    people = [OnShift(name, detail="you" if name == me else "") for name in s.names]
    return DayShift(s.code, category(s.category), s.name, times, people)
