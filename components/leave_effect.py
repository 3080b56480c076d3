"""What a leave request does to cover: each day with and without, as paired bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dash import html
from dash.development.base_component import Component

from components import formats
from components.cards import chip
from components.theme import Status


@dataclass(frozen=True, slots=True)
class DayEffect:
    """Cover of one day and shift: planned now, planned if approved, required."""

    day: date
    label: str
    now: int
    after: int
    required: int


def effect_bars(effects: Sequence[DayEffect]) -> Component:
    """One line per day: the bar now, the bar after, a tick where the requirement is."""
    top = max((max(e.now, e.after, e.required) for e in effects), default=0) or 1
    return html.Div([_line(effect, top) for effect in effects], className="effects", role="list")


def effect_sentence(effects: Sequence[DayEffect]) -> str:
    """``3 of 7 days would be short``, for the head of the card."""
    short = sum(1 for e in effects if e.after < e.required)
    if not effects:
        return "No shift is affected."
    if not short:
        return f"Cover holds on all {formats.plural(len(effects), 'shift')}."
    return f"{short} of {formats.plural(len(effects), 'shift')} would be short."


def _line(effect: DayEffect, top: int) -> Component:
    short = effect.required - effect.after
    if short > 0:
        verdict = chip(f"{short} short", Status.BAD if short > 1 else Status.WARN)
    else:
        verdict = chip("Holds", Status.GOOD)
    spoken = (
        f"{formats.day(effect.day)} {effect.label}: {effect.now} now, {effect.after} after, "
        f"{effect.required} required"
    )
    tick = html.Span(className="effect-tick", style={"left": f"{effect.required / top * 100:.1f}%"})
    bars = html.Div(
        [
            html.Span(className="effect-now", style={"width": f"{effect.now / top * 100:.1f}%"}),
            html.Span(
                className="effect-after is-short" if short > 0 else "effect-after",
                style={"width": f"{effect.after / top * 100:.1f}%"},
            ),
            tick,
        ],
        className="effect-bars",
        **{"aria-hidden": "true"},
    )
    return html.Div(
        [
            html.Span(
                [formats.day(effect.day), html.Span(effect.label, className="muted")],
                className="effect-day",
            ),
            bars,
            html.Span(
                f"{effect.now} → {effect.after} of {effect.required}", className="effect-numbers"
            ),
            verdict,
            html.Span(spoken, className="visually-hidden"),
        ],
        className="effect",
        role="listitem",
    )
