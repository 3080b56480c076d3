"""What the pages of the numbers room share: the way between them, and the empty room."""

from __future__ import annotations

from dash.development.base_component import Component

from components.feedback import empty_state
from components.forms import tabs
from components.state import ScreenState

#: (words, address)
PARTS = (
    ("Costs", "/costs/"),
    ("Year", "/costs/year/"),
    ("Why it changed", "/costs/why/"),
    ("Homes", "/costs/homes/"),
    ("Explore", "/costs/explore/"),
    ("Savings", "/costs/savings/"),
    ("Establishment", "/costs/establishment/"),
    ("Budgets", "/costs/budgets/"),
)


def numbers_tabs(chosen: str, state: ScreenState) -> Component:
    """Tabs of the parts of the numbers room; the home stays."""
    place = ScreenState(home=state.home)
    return tabs("Part", [(words, place.href(path), words == chosen) for words, path in PARTS])


def no_home() -> Component:
    """What somebody without a home is told."""
    return empty_state(
        "No home yet",
        "An administrator has to give you the homes that you work with.",
        icon_name="house-door",
    )
