"""What the undo button of a toast means: the token says what is to be undone."""

from __future__ import annotations

from typing import Any

from dash import set_props

from components.shell import Ids as Shell
from pages._inputs import whole
from rota.database import UnitOfWork
from rota.leave.leaving import undo_leaver
from rota.leave.service import undo_approval
from rota.leave.sickness import undo_report
from rota.roster import changes
from rota.roster.rest_ledger import take_back

APPROVAL = "leave-approval-"
SPELL = "leave-spell-"
REST = "rest-"
LEAVER = "leaver-"


def say(*toasts: Any) -> None:
    """Show toasts. (Not an output: then a callback that another page's toast starts would
    have one output here and one missing.)"""
    set_props(Shell.TOASTS, {"children": list(toasts)})


def undo_token(uow: UnitOfWork, token: str) -> str:
    """Undo what a toast's token names; gives the words to show.

    An approval or a report of sickness is undone with its leave, rest taken with its ledger; a
    number is a change of the rota.
    """
    if token.startswith(APPROVAL):
        undo_approval(uow, whole({"id": token.removeprefix(APPROVAL)}, "id"))
        return "Undone: the request waits again, the shifts are as they were"
    if token.startswith(SPELL):
        undo_report(uow, whole({"id": token.removeprefix(SPELL)}, "id"))
        return "Undone: the report is gone, the shifts are as they were"
    if token.startswith(REST):
        take_back(uow, whole({"id": token.removeprefix(REST)}, "id"))
        return "Undone: the rest is owed again"
    if token.startswith(LEAVER):
        person, _, change = token.removeprefix(LEAVER).partition("-")
        change_set = None if change == "0" else whole({"id": change}, "id")
        name = undo_leaver(uow, whole({"id": person}, "id"), change_set)
        return f"Undone: {name} stays, the shifts are as they were"
    return changes.undo(uow, whole({"id": token}, "id")).label
