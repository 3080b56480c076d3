"""Staffing evidence: each shift's required, planned and actual, with what was judged about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import dash
from dash import ALL, Input, Output, State, callback, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from components import formats
from components.cards import Kpi, card, chip, kpi_row
from components.downloads import file_links
from components.feedback import empty_state, toast
from components.filters import Choices, Option, filter_bar, segmented
from components.forms import button, dialog, field, text_area
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.tables import simple_table
from components.theme import Status
from pages._inputs import afresh, clicked, day_of, text_of, whole
from pages._undo import say
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, UnitChoice, choose_home, choose_unit, homes_of
from rota.calendar import london_today, monday
from rota.carer.words import Band
from rota.errors import InvalidInput
from rota.evidence.service import judge
from rota.evidence.staffing import Staffing, staffing_evidence
from rota.reports.catalogue import Span
from server.context import current_actor, reading, working
from server.gate import requires

PATH = "/evidence/"
VIEWS = (("", "Below", "Below what was required"), ("all", "All", "Every shift"))
#: rows shown of a long period; the files have them all
SHOWN = 300
_BANDS = {Band.DAY: "Day", Band.NIGHT: "Night"}
READY = ("Covered from another unit.", "Fewer residents or lower need that day.",
         "A manager worked on the floor.")  # fmt: skip

dash.register_page(
    __name__,
    path=PATH,
    name="Evidence",
    title="Staffing evidence · Staff Rota",
    order=82,
    icon="journal-check",
    permission=Permission.VIEW_ROTA,
)


class Ids:
    """Ids of the page."""

    GO = "evidence-go"
    OPEN = "evidence-open"
    DIALOG = "evidence-dialog"
    CHOSEN = "evidence-chosen"
    NOTE = "evidence-note"
    SEND = "evidence-send"


def layout(**query: Any) -> Component:
    """A home's shifts of four weeks, as the files have them; those below first."""
    state = parse_query(query)
    if state.view not in {key for key, _, _ in VIEWS}:
        raise InvalidInput("This address names nothing of the evidence.")
    today = london_today()
    actor = current_actor()
    # the weeks that are over and this one, unless others are asked for; always from a Monday
    day = state.start or today - timedelta(weeks=3)
    start = monday(day)
    state = state.to(start=start, weeks=4)
    period = Span.FOUR_WEEKS.around(start)
    with reading() as session:
        homes = homes_of(session, actor)
        home = choose_home(homes, state.home)
        unit = choose_unit(home, state.unit)
        state = state.to(home=home.id, unit=unit.id if unit else None)
        actor.require(Permission.VIEW_ROTA, home.id)
        ids = [unit.id] if unit else [u.id for u in home.units]
        rows = staffing_evidence(session, ids, period)
    may = actor.may(Permission.EDIT_ROTA, home.id)
    return page(
        "Staffing evidence",
        [
            dcc.Location(id=Ids.GO, refresh="callback-nav"),
            _figures(rows),
            _table(rows, state, unit, today, may_judge=may),
            *([_dialog()] if may else []),
        ],
        subtitle="Health and Care (Staffing) (Scotland) Act 2019, section 7",
        filters=_filters(homes, home, state, today),
        secondary=file_links(state.to(view=""), "/download/report/staffing-evidence", "xlsx", "pdf")
        if actor.may(Permission.EXPORT_DATA)
        else [],
    )


def _figures(rows: Sequence[Staffing]) -> Component:
    begun = [row for row in rows if row.actual is not None]
    below = [row for row in begun if row.short or row.seniors_short]
    silent = sum(1 for row in below if row.needs_judgement)
    met = len(begun) - len(below)
    share = formats.percent(met / len(begun)) if begun else "–"
    return kpi_row(
        [
            Kpi("Shifts so far", formats.number(len(begun))),
            Kpi("As required", share),
            Kpi("Below", formats.number(len(below))),
            Kpi("Without a judgement", formats.number(silent)),
        ]
    )


def _table(
    rows: Sequence[Staffing],
    state: ScreenState,
    unit: UnitChoice | None,
    today: date,
    *,
    may_judge: bool,
) -> Component:
    if not state.view:
        rows = [r for r in rows if r.actual is not None and (r.short or r.seniors_short)]
    if not rows:
        return empty_state(
            "Every shift had what was required",
            "Shifts with fewer people, or fewer seniors, than required appear here.",
            icon_name="check2-circle",
        )
    lines = [_line(row, unit, may_judge) for row in rows[:SHOWN]]
    place = [] if unit else ["Unit"]
    table = simple_table(
        [
            "Day", *place, "Shift", ("Required", "num"), ("Planned", "num"), ("Actual", "num"),
            ("Seniors", "num"), "", "Judgement", "",
        ],
        lines,
        caption="Staffing by shift",
    )  # fmt: skip
    more = (
        [html.P(f"{len(rows) - SHOWN} more shifts are in the files.", className="panel-body muted")]
        if len(rows) > SHOWN
        else []
    )
    return card([html.Div(table, className="table-scroll"), *more], flush=True)


def _line(row: Staffing, unit: UnitChoice | None, may_judge: bool) -> list[Any]:
    seniors = row.stands[1]
    if row.short or row.seniors_short:
        missing = [f"{row.short} short"] if row.short else []
        if row.seniors_short:
            missing.append(f"{formats.plural(row.seniors_short, 'senior')} short")
        verdict = chip(", ".join(missing), Status.BAD if row.short else Status.WARN)
    else:
        verdict = chip("As required", Status.GOOD)
    note: Component | str = ""
    if row.judgement is not None:
        by = f"{row.judgement.recorded_by}, " if row.judgement.recorded_by else ""
        note = html.Div(
            [
                row.judgement.note,
                html.Div(f"{by}{formats.moment(row.judgement.recorded_at)}", className="muted"),
            ]
        )
    slot = row.slot
    identity = {
        "type": Ids.OPEN, "unit": slot.unit_id, "day": slot.day.isoformat(),
        "band": slot.band.value,
    }  # fmt: skip
    where = f"{row.unit}, {_BANDS[slot.band].lower()} of {formats.day(slot.day)}"
    action = (
        button("Change" if row.judgement else "Judge…", id=identity, kind="quiet",
               title=f"Judge {where}")
        if may_judge
        else ""
    )  # fmt: skip
    return [
        formats.day(slot.day), *([] if unit else [row.unit]), _BANDS[slot.band],
        formats.number(row.required), formats.number(row.planned),
        "–" if row.actual is None else formats.number(row.actual),
        f"{seniors}/{row.required_seniors}", verdict, note, action,
    ]  # fmt: skip


def _dialog() -> Component:
    return dialog(
        Ids.DIALOG,
        "How was this shift made safe?",
        [
            dcc.Store(id=Ids.CHOSEN),
            field(
                "Judgement",
                text_area(Ids.NOTE, rows=3, maxLength=500),
                hint=" ".join(READY),
                required=True,
            ),
            html.P("It is kept as written, with your name and the time.", className="muted"),
        ],
        actions=[button("Record the judgement", id=Ids.SEND, kind="primary")],
    )


def _filters(
    homes: Sequence[HomeChoice], home: HomeChoice, state: ScreenState, today: date
) -> Component:
    choices = Choices(
        PATH,
        homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (),
        units=[Option(u.id, u.name) for u in home.units],
        weeks=(4,),
    )
    views = segmented(
        "Which shifts",
        [
            (word, state.to(view=key).href(PATH), state.view == key, title)
            for key, word, title in VIEWS
        ],
    )
    return filter_bar(state, choices, today=today, extra=[views])


@callback(
    Output(Ids.DIALOG, "is_open"), Output(Ids.CHOSEN, "data"), Output(Ids.NOTE, "value"),
    Input({"type": Ids.OPEN, "unit": ALL, "day": ALL, "band": ALL}, "n_clicks"),
    prevent_initial_call=True,
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def ask(_clicks: Any) -> Any:
    """Ask for the judgement on one shift."""
    return True, clicked(ctx), ""


@callback(
    Output(Ids.GO, "href"), Input(Ids.SEND, "n_clicks"), State(Ids.CHOSEN, "data"),
    State(Ids.NOTE, "value"), State(Ids.GO, "search"), prevent_initial_call=True,
    running=[(Output(Ids.SEND, "disabled"), True, False)],
)  # fmt: skip
@requires(Permission.EDIT_ROTA)
def record(clicks: Any, chosen: Any, note: Any, search: str | None) -> str:
    """Record the judgement on the shift that was chosen."""
    if not clicks:
        raise PreventUpdate
    unit_id = whole(chosen, "unit")
    day = day_of(chosen.get("day"), "The day")
    try:
        band = Band(chosen.get("band"))
    except ValueError as error:
        raise InvalidInput("A judgement is about a day or a night.") from error
    with working() as uow:
        judge(uow, unit_id, day, band, text_of(note))
        uow.commit()
    say(toast(Status.GOOD, "Recorded"))
    return afresh(parse_search(search).href(PATH), search)
