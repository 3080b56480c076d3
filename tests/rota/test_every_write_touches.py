"""What screens remember follows every write: a use case of the rooms whose figures are shown on
remembered pages leads to ``uow.touch(...)``, which makes their answers other ones."""

from __future__ import annotations

import ast
from functools import cache

from tests.rota.test_every_write_audits import FUNCTIONS, ROTA, USE_CASES, _called, _takes_work

ROOMS = frozenset({"roster", "leave", "vacancies", "carer", "evidence"})
#: use cases without a touch of their own, and why
WITHOUT = {
    "owe": "part of a change of the rota, which touches",
    "preview": "shows what would happen, writes nothing",
}


@cache
def _steps(name: str) -> frozenset[str]:
    """What functions of this name call; a ChangeRecorder touches when it is finished."""
    nodes = [node for _, node in FUNCTIONS.get(name, [])]
    called = set().union(*(_called(node) for node in nodes))
    methods = {
        call.func.attr
        for node in nodes
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    }
    return frozenset(called | ({"touch"} if "finish" in methods else set()))


def _touches(name: str) -> bool:
    """Whether following calls by name leads to a touch."""
    seen, ahead = set(), [name]
    while ahead:
        step = ahead.pop()
        if "touch" in _steps(step):
            return True
        seen.add(step)
        ahead += [other for other in _steps(step) if other in FUNCTIONS and other not in seen]
    return False


SHOWN = frozenset(
    name
    for name in USE_CASES
    for path, node in FUNCTIONS[name]
    if path.relative_to(ROTA).parts[0] in ROOMS and _takes_work(node)
)


def test_there_are_use_cases_to_look_at() -> None:
    assert {"approve", "report_sick", "assign_shift", "publish", "offer", "make_feed"} <= SHOWN


def test_following_the_code_leads_to_a_touch() -> None:
    assert {name for name in SHOWN if not _touches(name)} == set(WITHOUT)
