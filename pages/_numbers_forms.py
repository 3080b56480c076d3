"""What the pages that change the numbers' terms share: the way between them, and their units."""

from __future__ import annotations

from dash.development.base_component import Component

from components.filters import segmented
from components.state import ScreenState
from rota.administration.fields import Field
from rota.administration.fields import Kind as Typed
from rota.costs.measures import Kind, Measure

#: (words, address)
VIEWS = (
    ("Budgets", "/costs/budgets/"),
    ("Targets", "/costs/targets/"),
    ("Closed months", "/costs/closing/"),
)
#: what is typed for a measure, in which unit, and how many of its own unit that is
_UNITS = {
    Kind.PENCE: ("in pounds", 100.0),
    Kind.SHARE: ("in per cent", 0.01),
    Kind.DAYS: ("in days", 1.0),
    Kind.NUMBER: ("", 1.0),
}


def terms_tabs(chosen: str, state: ScreenState) -> Component:
    """The way between budgets, targets and closed months; the home stays."""
    place = ScreenState(home=state.home)
    return segmented(
        "Terms", [(words, place.href(path), words == chosen, words) for words, path in VIEWS]
    )


def unit_of(measure: Measure) -> str:
    """In what a value of the measure is typed, in words."""
    return _UNITS[measure.kind][0]


def typed(measure: Measure, value: float | None) -> str:
    """A value of the measure as it stands in a form."""
    return "" if value is None else f"{value / _UNITS[measure.kind][1]:.4f}".rstrip("0").rstrip(".")


def read_value(measure: Measure, label: str, raw: object) -> float | None:
    """What was typed, in the measure's own unit; null when empty.

    Raises :class:`~rota.errors.InvalidInput` naming the field.
    """
    field = Field(label, label, Typed.NUMBER, required=False, low=-1e9, high=1e9)
    found = field.parse(raw)
    return None if found is None else float(found) * _UNITS[measure.kind][1]
