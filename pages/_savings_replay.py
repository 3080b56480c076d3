"""The panel of the replay of a month, and what it says."""

from __future__ import annotations

from datetime import date

from dash import html
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.charts.graph import chart
from components.charts.waterfall import Step, waterfall_figure
from components.feedback import progress
from components.forms import button
from components.tables import facts, simple_table
from rota.jobs.service import JobView
from rota.optimisation.replay import SECONDS, Replay


class Ids:
    """What callbacks of this panel address."""

    PANEL = "replay-panel"
    ASK = "replay-ask"
    TICK = "replay-tick"


_WORDS = (
    "The engine makes the month's rota twice: once not knowing who would be ill, then knowing it. "
    "The first says what better assignment would have been worth, the second what better "
    "forecasts would have added."
)


def replay_panel(
    month: date, job: JobView | None, found: Replay | None, *, may_ask: bool
) -> list[Component]:
    """The answer, how far it is, or the button that asks for it."""
    actions: list[Component] = []
    parts: list[Component] = []
    if job is not None and job.is_active:
        parts.append(progress(job.progress, text="Replay of a month", detail=job.message))
    elif may_ask:
        actions.append(button("Replay again" if found else "Replay it", id=Ids.ASK))
    if job is not None and job.error:
        parts.append(html.P(job.error, className="text-bad"))
    if found is None:
        parts.append(html.P(_WORDS, className="muted"))
        if not may_ask:
            parts.append(html.P("Managers with the permission to optimise can start it."))
    else:
        parts += _answer(month, found)
    return [card(parts, title=f"{formats.month(month)} replayed", actions=actions)]


def _answer(month: date, found: Replay) -> list[Component]:
    title = _finding(month, found)
    steps = [
        Step("As worked", found.actual_pence, total=True),
        Step("Better assignment", -found.assignment_pence),
        Step("Better forecasts", -found.forecast_pence),
        Step("Foreseen", found.foreseen_pence, total=True),
    ]
    hours = formats.hours_from_minutes
    rows = [
        ["As worked", formats.money_exact(found.actual_pence), "",
         hours(found.actual_unfilled_minutes)],
        ["Assigned without knowing absences", formats.money_exact(found.assigned_pence),
         formats.money_exact(found.assignment_pence), hours(found.assigned_unfilled_minutes)],
        ["Assigned knowing every absence", formats.money_exact(found.foreseen_pence),
         formats.money_exact(found.forecast_pence), hours(found.foreseen_unfilled_minutes)],
    ]  # fmt: skip
    price = formats.money_exact(round(found.cover_pence_per_hour))
    return [
        chart(
            "replay-chart", waterfall_figure(steps), title=title,
            subtitle="Shifts of the units, hours missing to the requirement at the price of cover",
            description=f"{title}.", filename=f"replay-{month:%Y-%m}", height=260,
        ),
        simple_table(
            ["Rota", ("Cost with gaps", "num"), ("Saved by it", "num"), ("Missing hours", "num")],
            rows, caption="The three rotas of the month",
            footer=["Could have been saved", "", formats.money_exact(found.saving_pence), ""],
        ),
        facts(
            [
                ("Price of cover", f"{price} an hour: the month's overtime, bank and agency."),
                ("Absences", f"{formats.plural(found.absent_shifts, 'shift')} of the first rota had "
                 "somebody who was ill; covered at that price."),
                ("How sure", f"Each rota was searched for {SECONDS:.0f} seconds; a better one may "
                 "exist. People, agreed leave and requirements are those of the month."),
            ]
        ),
    ]  # fmt: skip


def _finding(month: date, found: Replay) -> str:
    if found.saving_pence <= 0:
        return f"Nothing better than {formats.month(month)} as worked was found"
    return (
        f"{formats.money(found.saving_pence)} could have been saved: "
        f"{formats.money(found.assignment_pence)} by assignment, "
        f"{formats.money(found.forecast_pence)} by forecasts"
    )
