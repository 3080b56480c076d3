"""Bootstrap Icons by name, from the vendored font."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component


def icon(name: str, *, label: str = "", class_name: str = "") -> Component:
    """The icon ``name``. Without ``label`` it is decoration and hidden from screen readers."""
    spoken = {"aria-label": label} if label else {"aria-hidden": "true"}
    role = {"role": "img"} if label else {}
    return html.I(className=f"bi bi-{name} {class_name}".strip(), **role, **spoken)
