"""Many cells at once: the question when some of them are refused, and the words for it."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html, set_props
from dash.development.base_component import Component

from components import formats
from components.forms import button, dialog
from pages._rota_ids import Ids
from pages._rota_panel import act_id
from pages._rota_place import Intent
from rota.roster.edits import Done, Skipped

#: refusals that are listed; the rest is a number
MOST_LISTED = 60


def cells_dialog() -> Component:
    """What would be left out, and why, before the rest is done."""
    return dialog(
        Ids.CELLS_DIALOG,
        "Some cells cannot be changed",
        html.Div(id=Ids.CELLS_BODY),
        actions=[button("Change the others", id=act_id("again-cells"), kind="primary")],
        size="lg",
    )


def cells_label(wanted: Intent) -> str:
    """The change as undo and the toast call it."""
    cells = formats.plural(len(wanted.cells), "cell")
    return {
        "paint": f"{wanted.code} in {cells}",
        "clear": f"Clear {cells}",
        "fill": f"Fill down {cells}",
        "paste": f"Paste {cells}",
    }[wanted.how]


def ask_about_cells(wanted: Intent, done: Done) -> None:
    """Open the question: how many would be done, and what is refused by which rule."""
    words = (
        f"{cells_label(wanted)}: {formats.plural(len(done.shift_ids), 'shift')} can be changed, "
        f"{formats.plural(len(done.skipped), 'cell')} cannot. Nothing has been changed yet."
    )
    set_props(Ids.CELLS_BODY, {"children": [html.P(words), *skipped_list(done.skipped)]})
    set_props(Ids.CELLS_DIALOG, {"is_open": True})


def skipped_list(skipped: Sequence[Skipped]) -> list[Component]:
    """Who was left out on which day, and why."""
    entries = [
        html.Li(
            [
                html.Div(f"{entry.name}, {formats.day(entry.day)}", className="skipped-who"),
                html.Div(entry.reason),
            ]
        )
        for entry in skipped[:MOST_LISTED]
    ]
    parts: list[Component] = [html.Ul(entries, className="skipped")]
    if len(skipped) > MOST_LISTED:
        parts.append(html.P(f"and {len(skipped) - MOST_LISTED} more", className="muted"))
    return parts
