"""What is done on the rota with mouse, keys and buttons: each becomes one use case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import ALL, Input, Output, State, callback, ctx, no_update, set_props
from dash.exceptions import PreventUpdate

from components import formats
from components.feedback import UNDO_TYPE, toast
from components.state import ScreenState
from components.theme import Status
from pages._rota_cells import ask_about_cells, cells_label
from pages._rota_ids import Ids
from pages._rota_panel import ACT, NOTE, open_panel, person_panel, refusal_panel
from pages._rota_place import History, Intent, Place, intent_of, place_of, whole_number
from pages._rota_refresh import refresh
from pages._undo import say, undo_token
from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.roster.cells import edit_cells
from rota.roster.edits import (
    STRICT,
    Allowance,
    AssignShift,
    ChangeShift,
    ClearShift,
    Done,
    MoveShift,
    ShiftRef,
    SwapShifts,
)
from rota.roster.findings import findings_of
from rota.roster.grid import GridPerson
from rota.roster.placing import Refused
from rota.roster.queries import units_of
from rota.roster.refresh import part_of_grid
from rota.roster.service import (
    assign_shift,
    change_shift,
    clear_shift,
    move_shift,
    set_lock,
    swap_shifts,
    undo_change,
)
from server.context import current_actor, reading, working
from server.gate import requires

#: what a callback answers that only spoke (panel, toast); PreventUpdate would swallow the words
_UNCHANGED = (no_update,) * 5


@callback(
    Output(Ids.DELTA, "data"),
    Output(Ids.GRID, "dashGridOptions"),
    Output(Ids.GRID, "rowData"),
    Output(Ids.SEEN, "data"),
    Output(Ids.HISTORY, "data"),
    Input(Ids.INTENT, "data"),
    Input({"type": UNDO_TYPE, "token": ALL}, "n_clicks"),
    Input({"type": ACT, "do": ALL, "shift": ALL, "version": ALL}, "n_clicks"),
    State(Ids.PLACE, "data"),
    State(Ids.SEEN, "data"),
    State(Ids.HISTORY, "data"),
    State(Ids.PENDING, "data"),
    State({"type": "rota-reason", "of": ALL}, "value"),
    State({"type": NOTE, "shift": ALL}, "value"),
    State({"type": NOTE, "shift": ALL}, "id"),
    State(Ids.DRAWER, "is_open"),
    prevent_initial_call=True,
)
@requires(Permission.VIEW_ROTA)
def act(
    intent: object, undos: object, acts: object, stored: object, seen: object, past: object,
    pending: object, reasons: list[str | None], notes: object, note_ids: object,
    panel_is_open: object,
) -> tuple[Any, ...]:  # fmt: skip
    """Do what was asked for and redraw what it concerns; a choice opens the panel instead."""
    if not ctx.triggered or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    place, history = place_of(stored), History.of(past)
    asked = ctx.triggered_id
    if asked == Ids.INTENT:
        wanted, allowance = intent_of(intent), STRICT
    elif asked["type"] == UNDO_TYPE:
        after = _undo_toast(history, asked["token"])
        return (*refresh(place, seen), after.stored())
    else:
        wanted, allowance = _pressed(asked, pending, reasons)
        if wanted.action == "note":
            wanted = replace(wanted, code=_note_of(asked["shift"], notes, note_ids))
    if wanted.action == "select":
        _show(place, wanted)
        return _UNCHANGED
    if wanted.action in ("undo", "redo"):
        after = _undo_last(history, redo=wanted.action == "redo")
        if after is None:
            return _UNCHANGED
        return (*refresh(place, seen), after.stored())
    try:
        done = _do(place, wanted, allowance, sure=asked != Ids.INTENT)
        if done is None:
            set_props(Ids.PENDING, {"data": intent})
            return _UNCHANGED
    except Refused as refusal:
        _ask(refusal, intent if asked == Ids.INTENT else pending)
        return _UNCHANGED
    _tell(done)
    if wanted.action == "cells":
        set_props(Ids.CELLS_DIALOG, {"is_open": False})
    elif asked != Ids.INTENT:
        set_props(Ids.DRAWER, {"is_open": False})
    elif panel_is_open:
        # closing it would take the focus from the cell that is being painted
        _show(place, wanted)
    return (*refresh(place, seen), history.done(done.change_set_id).stored())


def _pressed(
    asked: dict[str, Any], pending: object, reasons: list[str | None]
) -> tuple[Intent, Allowance]:
    """What a button of the panel or the toolbar means."""
    do = asked["do"]
    if do in ("undo", "redo"):
        return Intent(do), STRICT
    if do == "again-cells":
        return intent_of(pending), STRICT
    if do in ("again-rest", "again-reason"):
        reason = next((entry for entry in reasons if entry), "") if do == "again-reason" else ""
        if do == "again-reason" and not reason:
            raise InvalidInput("Give a reason.", hint="It is kept with the shift.")
        return intent_of(pending), Allowance(compensatory_rest=do == "again-rest", reason=reason)
    ref = ShiftRef(whole_number(asked["shift"]), whole_number(asked["version"]))
    return Intent(do, shifts=(ref,)), STRICT


def _note_of(shift: object, notes: object, ids: object) -> str:
    """What stands in the note field of a shift."""
    if isinstance(notes, list) and isinstance(ids, list):
        for words, identity in zip(notes, ids, strict=False):
            if isinstance(identity, dict) and identity.get("shift") == shift:
                return words if isinstance(words, str) else ""
    raise InvalidInput("That could not be read.", hint="Open the cell again.")


def _do(place: Place, wanted: Intent, allowance: Allowance, *, sure: bool) -> Done | None:
    """The use case an intent asks for, in one transaction.

    Many cells of which some are refused are a question first: nothing is kept, null given.
    """
    with working() as uow:
        done = _use_case(uow, place, wanted, allowance)
        if done.skipped and not sure:
            ask_about_cells(wanted, done)
            return None
        uow.commit()
    return done


def _use_case(uow: UnitOfWork, place: Place, wanted: Intent, allowance: Allowance) -> Done:
    if wanted.action == "cells":
        label = cells_label(wanted)
        return edit_cells(uow, place.home.id, place.unit_id, wanted.cells, label)
    if wanted.action == "move":
        return _move(uow, wanted, allowance)
    if wanted.action == "assign" and not wanted.shifts:
        if wanted.staff_id is None or wanted.day is None:
            raise InvalidInput("Choose somebody's line.", hint="Open shifts are filled from there.")
        return assign_shift(
            uow,
            AssignShift(
                place.home.id, wanted.staff_id, wanted.day, wanted.code, place.unit_id,
                allowance=allowance,
            ),
        )  # fmt: skip
    if len(wanted.shifts) != 1:
        raise InvalidInput(
            "There is nothing to clear here."
            if not wanted.shifts
            else "There are two shifts on this day.",
            hint="" if not wanted.shifts else "Open the cell and choose one of them.",
        )
    ref = wanted.shifts[0]
    if wanted.action == "assign":
        return change_shift(uow, ChangeShift(ref, code=wanted.code, allowance=allowance))
    if wanted.action == "clear":
        return clear_shift(uow, ClearShift(ref))
    if wanted.action == "note":
        return change_shift(uow, ChangeShift(ref, note=wanted.code))
    if wanted.action in ("supernumerary", "counted"):
        extra = wanted.action == "supernumerary"
        return change_shift(uow, ChangeShift(ref, is_supernumerary=extra))
    return set_lock(uow, ref, None if wanted.action == "lock" else False)


def _move(uow: UnitOfWork, wanted: Intent, allowance: Allowance) -> Done:
    """A carried shift put down: on a free day, or in exchange for somebody's shift."""
    if len(wanted.origin) != 1:
        raise InvalidInput("Take up one shift first.", hint="A day with two is moved in the panel.")
    if wanted.staff_id is None or wanted.day is None:
        raise InvalidInput("Put it down on somebody's line.")
    if not wanted.shifts:
        return move_shift(
            uow, MoveShift(wanted.origin[0], wanted.staff_id, wanted.day, allowance=allowance)
        )
    if len(wanted.shifts) > 1:
        raise InvalidInput("There are two shifts on this day.", hint="Choose another one.")
    return swap_shifts(uow, SwapShifts(wanted.origin[0], wanted.shifts[0], allowance=allowance))


def _undo_toast(history: History, token: object) -> History:
    """Undo what a toast offers: a change of this rota, or what another page left behind."""
    if isinstance(token, str) and not token.isdigit():
        with working() as uow:
            words = undo_token(uow, token)
            uow.commit()
        say(toast(Status.GOOD, words))
        return history
    return _undo(history, whole_number(token))


def _undo_last(history: History, *, redo: bool) -> History | None:
    """The history after undoing (or redoing) its newest entry; nothing when there is none."""
    entries = history.redo if redo else history.undo
    if not entries:
        words = f"There is nothing to {'redo' if redo else 'undo'}."
        say(toast(Status.INFO, words))
        return None
    return _undo(history, entries[-1], redo=redo)


def _undo(history: History, change_set_id: int, *, redo: bool = False) -> History:
    with working() as uow:
        done = undo_change(uow, change_set_id)
        uow.commit()
    words = done.label.replace("Undo: Undo: ", "Redone: ") if redo else done.label
    say(toast(Status.GOOD, words))
    if redo:
        return history.redone(change_set_id, done.change_set_id)
    return history.undone(change_set_id, done.change_set_id)


def _tell(done: Done) -> None:
    """A toast that names what happened, offers undo and says what the rules warn of."""
    warnings = "; ".join(f"{v.title}: {v.message}" for v in done.assessment.verdicts[:2])
    kind = Status.WARN if warnings else Status.GOOD
    words = done.label
    if done.skipped:
        words += f", {len(done.skipped)} left out"
    shown = toast(kind, words, hint=warnings, undo_token=str(done.change_set_id))
    say(shown)


def _ask(refusal: Refused, intent: object) -> None:
    """Say why not, in the panel, with what would open it."""
    say(toast(Status.BAD, refusal.message))
    if refusal.can_be_compensated or refusal.may_be_overruled:
        set_props(Ids.PENDING, {"data": intent})
        set_props(Ids.DRAWER_TITLE, {"children": "Not without more"})
        set_props(Ids.DRAWER_BODY, {"children": refusal_panel(refusal)})
        set_props(Ids.DRAWER, {"is_open": True})


def _show(place: Place, wanted: Intent) -> None:
    """Open the panel about the chosen cell."""
    if not wanted.row:
        return
    actor = current_actor()
    editable = actor.may(Permission.EDIT_ROTA, place.home.id)
    with_cost = actor.may(Permission.VIEW_COSTS, place.home.id)
    with reading() as session:
        units = units_of(session, place.home.id)
        ids = [wanted.staff_id] if wanted.staff_id is not None else []
        part = part_of_grid(session, place.home.id, place.unit_id, place.period, ids, ())
        found = findings_of(session, ids, place.period)
    if wanted.staff_id is None:
        unit_id = int(wanted.row[1:])
        kind = part.vacancies if wanted.row.startswith("o") else part.agency
        title = (
            f"{'Open shifts' if wanted.row.startswith('o') else 'Agency'}, {units.get(unit_id, '')}"
        )
        shifts = [shift for shift in kind if shift.unit_id == unit_id]
        state = ScreenState(home=place.home.id, unit=unit_id, start=wanted.day)
        body = open_panel(wanted.day, shifts, state.href("/vacancies/"), editable=editable)
    else:
        person = next((entry for entry in part.people if _is_shown(place, entry)), None)
        if person is None:
            raise InvalidInput("This person is not on the rota shown.")
        title = f"{person.name}, {formats.day(wanted.day)}" if wanted.day else person.name
        verdicts = found.get(person.id, [])
        body = person_panel(
            person, wanted.day, verdicts, units, editable=editable, with_cost=with_cost
        )
    set_props(Ids.DRAWER_TITLE, {"children": title})
    set_props(Ids.DRAWER_BODY, {"children": body})
    set_props(Ids.DRAWER, {"is_open": True})


def _is_shown(place: Place, person: GridPerson) -> bool:
    """Somebody of this home, or with a shift in it: nobody else's rota is shown."""
    at_work = (shift.home_id for day in person.days.values() for shift in day)
    return person.home_id == place.home.id or place.home.id in at_work
