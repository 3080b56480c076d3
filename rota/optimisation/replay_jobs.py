"""The replay of a month in the worker: read, solve twice, compare; the answer is the job's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from rota.access.permissions import Permission
from rota.costs.savings import cover_price
from rota.database import reading
from rota.errors import InvalidInput
from rota.jobs.runner import Cancelled, JobContext
from rota.optimisation.draft import DraftShift, draft_of, refilled
from rota.optimisation.home import HomeProblem, build_problem
from rota.optimisation.home_data import HomeData, leave_days, load_home, sick_days
from rota.optimisation.home_search import solve_home
from rota.optimisation.measures import measure_draft, measure_rota
from rota.optimisation.problem import Limits, Progress, Solution
from rota.optimisation.proof import prove
from rota.optimisation.replay import Rota, replayed, with_absences
from rota.optimisation.solving import proved_answer
from rota.roster.rulebooks import load_rulebook
from rota.settings import get_settings


def run_replay(context: JobContext) -> dict[str, Any]:
    """Replay the month that the job's inputs name."""
    home_id = int(context.inputs["home_id"])
    start, end = (date.fromisoformat(context.inputs[name]) for name in ("start", "end"))
    seconds = float(context.inputs["seconds"])
    context.actor.require(Permission.RUN_OPTIMISATION, home_id)
    context.report(0.02, "Reading the month")
    with reading(context.engine) as session:
        data = load_home(session, home_id, start, end)
        rulebook = load_rulebook(session)
        last = end + timedelta(days=1)
        planned = replace(data, away=leave_days(session, home_id, start, last))
        absent = sick_days(session, home_id, start, end)
        price = cover_price(session, home_id, start, end)
        unknowing, knowing = (build_problem(one, rulebook=rulebook) for one in (planned, data))
    if not data.needs or not knowing.decided:
        raise InvalidInput(
            "There is nothing to replay: no shifts, or no requirement, in this month.",
            hint="Choose another month.",
        )
    # without any cover in the month, a gap or an absence costs what own hours cost
    cover = price if price is not None else _own_price(knowing)
    actual = measure_rota(data, knowing.decided.values(), {})

    first = _solved(context, unknowing, seconds, 0.05, "Without knowing who will be ill")
    drafts = _planned_draft(context, planned, unknowing, first)
    pence, count = with_absences(drafts, absent, cover)
    assigned = Rota(pence, measure_draft(planned, drafts, {}).unfilled_minutes)

    second = _solved(context, knowing, seconds, 0.5, "Knowing every absence")
    context.report(0.95, "Checking every rule of work")
    with reading(context.engine) as session:
        answer = proved_answer(session, knowing, second, get_settings().lp_solver)
    found = answer.summary["after"]
    foreseen = Rota(found["cost_pence"], found["unfilled_minutes"])
    now = Rota(actual.cost_pence, actual.unfilled_minutes)
    return replayed(now, assigned, foreseen, count, cover).as_result()


def _solved(
    context: JobContext, home: HomeProblem, seconds: float, begins: float, words: str
) -> Solution:
    """Search for so long, telling how far it is. Raises :class:`Cancelled`."""
    context.check()
    solution = solve_home(
        home.problem, home.current, Limits(seconds=seconds, threads=2, seed=1),
        solver=get_settings().lp_solver, report=_reporter(context, seconds, begins, words),
        cancelled=context.cancelled,
    )  # fmt: skip
    context.check()
    if solution.roster is None:
        raise Cancelled
    return solution


def _planned_draft(
    context: JobContext, planned: HomeData, home: HomeProblem, solution: Solution
) -> list[DraftShift]:
    """The first rota's shifts, checked by the rules with what was known when it was made."""
    shifts = draft_of(home, solution.roster or ())
    with reading(context.engine) as session:
        proof = prove(session, planned, home.decided, shifts, only_planned=True)
    return refilled(planned, proof.shifts) if proof.taken_off else shifts


def _reporter(
    context: JobContext, seconds: float, begins: float, words: str
) -> Callable[[Progress], None]:
    def tell(progress: Progress) -> None:
        context.report(begins + 0.45 * min(1.0, progress.seconds / seconds), words)

    return tell


def _own_price(home: HomeProblem) -> Fraction:
    shifts = [s for s in home.decided.values() if not s.is_vacant and s.cost_pence is not None]
    minutes = sum(shift.paid_minutes for shift in shifts)
    return (
        Fraction(sum(s.cost_pence or 0 for s in shifts) * 60, minutes) if minutes else Fraction(0)
    )
