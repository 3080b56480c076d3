"""Links that fetch what a screen shows as a file: one wording and one icon for each kind."""

from __future__ import annotations

from dash.development.base_component import Component

from components.forms import link_button
from components.state import ScreenState

_KINDS = {
    "csv": ("CSV", "filetype-csv"),
    "xlsx": ("Workbook", "file-earmark-spreadsheet"),
    "pdf": ("PDF", "file-earmark-pdf"),
}


def file_links(state: ScreenState, path: str, *kinds: str) -> list[Component]:
    """A link for each kind (``csv``, ``xlsx``, ``pdf``) of the file at ``path`` without ending."""
    return [
        link_button(words, state.href(f"{path}.{kind}"), icon_name=icon_name, external=True)
        for kind, (words, icon_name) in ((kind, _KINDS[kind]) for kind in kinds)
    ]
