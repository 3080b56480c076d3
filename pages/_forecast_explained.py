"""Where a forecast comes from, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash import html
from dash.development.base_component import Component

from components import formats
from components.cards import card
from rota.forecasting.screen import ForecastScreen

_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def explained(shown: ForecastScreen) -> Component:
    """What the forecast is made of, who speaks in it, and what was found in the data."""
    if shown.model is None:
        return html.Div()
    figures = shown.model.metrics
    lines = [*_part_lines(figures.get("parts") or {}, figures.get("pattern_days") or 0)]
    weights = figures.get("weights", {})
    if weights:
        said = ", ".join(f"{spoken(n)} {formats.percent(share)}" for n, share in weights.items())
        lines.append(f"Made of {said}: weighed by their errors on the unit's own past weeks.")
    each = figures.get("hours_each_resident") or 0.0
    if each:
        lines.append(
            f"A resident more or fewer has meant {formats.change(each, 1)} h a day; those booked"
            " are counted so."
        )
    for day, value in figures.get("outliers", [])[-5:]:
        lines.append(f"{formats.trimmed(value)} h on {day} was left out as a likely mistake.")
    for day, change in figures.get("shifts", []):
        lines.append(f"The level has been new since {day} ({formats.trimmed(change)} h).")
    return card(html.Ul([html.Li(line) for line in lines]), title="How it was made")


def _part_lines(parts: dict[str, Any], pattern_days: int) -> list[str]:
    """The components in words: level, week, pattern, holidays."""
    lines = []
    if parts.get("level"):
        first, last = parts["level"]
        way = "stays at" if abs(last - first) < 0.01 * max(abs(first), 1) else "goes to"
        lines.append(
            f"Level: {formats.number(first, 1)} h a day, {way} {formats.number(last, 1)} h."
        )
    week = [(name, value) for name, value in zip(_WEEKDAYS, parts.get("week") or [], strict=False)
            if value is not None]  # fmt: skip
    if week:
        high, low = max(week, key=lambda p: p[1]), min(week, key=lambda p: p[1])
        lines.append(
            f"Week: {high[0]} {formats.change(high[1], 1)} h, {low[0]}"
            f" {formats.change(low[1], 1)} h."
        )
    if pattern_days:
        swing = parts.get("pattern") or []
        effect = (
            f" ({formats.change(swing[0], 1)} to {formats.change(swing[1], 1)} h)" if swing else ""
        )
        lines.append(f"A pattern of {pattern_days} days is used{effect}.")
    for day, effect in (parts.get("holidays") or [])[:6]:
        named = formats.day(date.fromisoformat(day))
        lines.append(f"Holiday on {named}: {formats.change(effect, 1)} h.")
    return lines


def spoken(name: str) -> str:
    """A forecaster's name for people."""
    return {
        "prophet": "Prophet", "prophet_year": "Prophet with the year",
        "prophet_residents": "Prophet with the residents",
        "ets": "exponential smoothing", "level": "learnt level",
        "weekday_mean_26": "weekday mean of 26 weeks",
        "weekday_mean_4": "weekday mean of 4 weeks", "seasonal_naive": "last week",
        "weekday_median_26": "usual weekday of 26 weeks", "median_56": "usual day of 8 weeks",
        "last_value": "last value",
    }.get(name, name.replace("_", " "))  # fmt: skip
