"""What the pages of administration share: the way between them."""

from __future__ import annotations

from dash.development.base_component import Component

from components.forms import tabs

#: (words, address)
PARTS = (
    ("Accounts", "/admin/"),
    ("Reference data", "/admin/data/"),
    ("Limits", "/admin/limits/"),
    ("Running it", "/admin/running/"),
    ("Wordings", "/admin/wordings/"),
    ("Audit trail", "/admin/?view=audit"),
)


def admin_tabs(chosen: str) -> Component:
    """Tabs of the parts of administration; ``chosen`` is one of their names."""
    return tabs("Part", [(words, href, words == chosen) for words, href in PARTS])
