"""Every use case leaves an audit line: shown of the code as a whole, and of use cases by running.

A use case is a public function of ``rota`` whose first parameter is a ``UnitOfWork``. Following
the calls from it, by name, must lead to ``uow.audit(...)``. A new one that forgets the line fails
here; what only reads or prepares is named below with the reason.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from rota.carer.availability import offer_days
from rota.carer.preferences import set_preferences
from rota.database import UnitOfWork
from rota.evidence.service import judge
from rota.leave import accounts
from rota.leave.policy import set_limit
from rota.leave.service import approve, reject, request_leave, withdraw
from rota.leave.sickness import report_sick, return_to_work
from rota.models import AuditEvent, AvailabilityKind, Band, LeaveRequest
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.leave.conftest import Home, _frozen, home

__all__ = ["_frozen", "home"]
ROTA = Path(__file__).resolve().parents[2] / "rota"

#: methods of a session or a unit of work that write
WRITING = frozenset({"add", "add_all", "delete", "flush", "touch"})
#: use cases without an audit line of their own, and why
WITHOUT = {
    "begin_session": "part of log_in, which writes the line",
    "delete_expired": "its job (run_retention) writes one line for the night",
    "note": "an attempt to sign in, kept in a table of its own",
    "note_seen": "when a session was used last, bookkeeping of the machine",
    "post": "one line of the ledger, itself append-only with who and why; its callers audit",
    "post_leave": "the ledger's side of an approval, which audits",
    "preview": "shows what would happen, writes nothing",
    "prune": "old sign-ins, bookkeeping of the machine",
    "refuse_while_waiting": "an attempt to sign in, kept in a table of its own",
    "return_leave": "the ledger's side of a withdrawal, which audits",
}


def _functions() -> dict[str, list[tuple[Path, ast.FunctionDef]]]:
    found: dict[str, list[tuple[Path, ast.FunctionDef]]] = {}
    for path in sorted(ROTA.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, []).append((path, node))
    return found


FUNCTIONS = _functions()


def _takes_work(node: ast.FunctionDef) -> bool:
    first = node.args.args[0] if node.args.args else None
    return first is not None and first.annotation is not None and (
        ast.unparse(first.annotation) == "UnitOfWork"
    )  # fmt: skip


MODULES = {path.stem for path in ROTA.rglob("*.py")}


def _called(node: ast.FunctionDef) -> set[str]:
    """Functions called by name or through their module; of methods only those that write."""
    names = set()
    for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
        if isinstance(call.func, ast.Name):
            names.add(call.func.id)
        elif isinstance(call.func, ast.Attribute):
            value, method = call.func.value, call.func.attr
            if method == "finish":  # of a ChangeRecorder: a line for every shift
                names.add("audit")
            elif (
                method in WRITING or method == "audit"
                or (isinstance(value, ast.Name) and value.id in MODULES)
            ):  # fmt: skip
                names.add(method)
    return names


def _audits(name: str, seen: set[str]) -> bool:
    """Whether following calls by name from a function leads to an audit line."""
    if name in seen:
        return False
    seen.add(name)
    called = set().union(*(_called(node) for _, node in FUNCTIONS.get(name, [])))
    return "audit" in called or any(_audits(other, seen) for other in called if other in FUNCTIONS)


def _writes(name: str, seen: set[str]) -> bool:
    """Whether a function writes: adds, deletes, flushes or touches, itself or further on."""
    if name in seen:
        return False
    seen.add(name)
    called = set().union(*(_called(node) for _, node in FUNCTIONS.get(name, [])))
    return bool(called & WRITING) or any(
        _writes(other, seen) for other in called if other in FUNCTIONS
    )


USE_CASES = sorted(
    {
        node.name
        for each in FUNCTIONS.values()
        for _, node in each
        if _takes_work(node) and not node.name.startswith("_") and _writes(node.name, set())
    }
)


def test_there_are_use_cases_to_look_at() -> None:
    assert {"approve", "report_sick", "assign_shift", "publish", "accept"} <= set(USE_CASES)
    assert len(USE_CASES) > 40


@pytest.mark.parametrize("name", USE_CASES)
def test_following_the_code_leads_to_an_audit_line(name: str) -> None:
    assert (name in WITHOUT) != _audits(name, set()), WITHOUT.get(name, "no audit line")


Act = Callable[[UnitOfWork, Home], object]
DAY = date(2026, 5, 20)


def _asked(uow: UnitOfWork, home: Home) -> LeaveRequest:
    return make.make_leave(uow.session, home.carer, MONDAY, MONDAY + timedelta(days=2))


ACTS: dict[str, tuple[Act, str]] = {
    "request": (lambda uow, h: request_leave(uow, h.carer.id, MONDAY, MONDAY), "request leave"),
    "approve": (lambda uow, h: approve(uow, _asked(uow, h).id, 1), "approve leave"),
    "reject": (lambda uow, h: reject(uow, _asked(uow, h).id, 1, "Two off"), "reject leave"),
    "withdraw": (lambda uow, h: withdraw(uow, _asked(uow, h).id, 1), "withdraw leave"),
    "correct": (lambda uow, h: accounts.correct(uow, h.carer.id, DAY, 30, "Slip"), "correct leave"),
    "toil": (
        lambda uow, h: accounts.record_toil(uow, h.carer.id, DAY, 30, "Stayed on"),
        "record time off in lieu",
    ),
    "year": (lambda uow, h: accounts.open_year(uow, h.home.id, DAY), "open leave year"),
    "sick": (lambda uow, h: report_sick(uow, h.carer.id, DAY, note="Rang"), "report absence"),
    "back": (
        lambda uow, h: return_to_work(uow, report_sick(uow, h.carer.id, DAY).spell_id),
        "return to work",
    ),
    "limit": (
        lambda uow, h: set_limit(uow, "notice_days", 21, DAY, home_id=h.home.id, reason="Rule"),
        "set limit",
    ),
    "judge": (
        lambda uow, h: judge(uow, h.unit.id, DAY, Band.DAY, "Quiet"), "judge staffing",
    ),
}  # fmt: skip
OWN: dict[str, tuple[Act, str]] = {
    "days": (
        lambda uow, h: offer_days(uow, MONDAY, MONDAY, AvailabilityKind.AVAILABLE),
        "offer availability",
    ),
    "likes": (lambda uow, h: set_preferences(uow, 0, band=Band.DAY), "set preferences"),
}


@pytest.mark.parametrize("key", [*ACTS, *OWN])
def test_the_line_says_who_when_from_where_what_and_after(
    uow: UnitOfWork, home: Home, key: str
) -> None:
    act, action = {**ACTS, **OWN}[key]
    uow.source = "10.1.2.3"
    uow.actor = home.carer_actor() if key in OWN else uow.actor
    name = uow.actor.name
    act(uow, home)
    uow.commit()
    line = uow.session.scalars(select(AuditEvent).where(AuditEvent.action == action)).one()
    assert (line.actor, line.source, line.home_id) == (name, "10.1.2.3", home.home.id)
    assert line.at is not None and line.entity and line.entity_id
    assert line.after


@pytest.mark.parametrize("key", [*ACTS, *OWN])
def test_what_is_rolled_back_leaves_neither_change_nor_line(
    uow: UnitOfWork, home: Home, key: str
) -> None:
    act, action = {**ACTS, **OWN}[key]
    uow.actor = home.carer_actor() if key in OWN else uow.actor
    act(uow, home)
    uow.session.rollback()  # as when the connection is lost in the middle of a save
    lines = uow.session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all()
    assert lines == []
