"""The workbook of many shifts: asked for, followed, fetched."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from components import formats
from components.feedback import progress
from components.forms import button, link_button
from rota.jobs.service import JobView


class Ids:
    """What callbacks of this panel address."""

    PANEL = "shifts-workbook"
    ASK = "shifts-workbook-ask"
    TICK = "shifts-workbook-tick"


def workbook_panel(count: int, job: JobView | None) -> list[Component]:
    """The button, how far it is, or the link to the file."""
    if job is not None and job.is_active:
        return [progress(job.progress, text="Workbook", detail=job.message)]
    again = button(
        "Make the workbook" if job is None else "Make it again", id=Ids.ASK,
        icon_name="file-earmark-spreadsheet",
    )  # fmt: skip
    if job is not None and job.result:
        rows, size = job.result.get("rows", 0), job.result.get("bytes", 0)
        return [
            html.Div(
                [
                    link_button(
                        f"Save the workbook ({formats.number(rows)} shifts, {size / 1e6:.1f} MB)",
                        f"/download/made/{job.id}", kind="primary",
                        icon_name="file-earmark-spreadsheet", external=True,
                    ),
                    again,
                ],
                className="actions",
            )
        ]  # fmt: skip
    words = (
        f"{formats.number(count)} shifts take a moment to write; the page may be left meanwhile."
    )
    failed = [html.P(job.error, className="text-bad")] if job is not None and job.error else []
    return [*failed, html.Div([again, html.Span(words, className="muted")], className="actions")]
