"""Solving a request: read, build, search, draft, prove. Runs in the worker's process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from rota.database import reading
from rota.errors import InvalidInput
from rota.jobs.runner import Cancelled
from rota.optimisation.draft import DraftShift, draft_of, refilled
from rota.optimisation.home import HomeProblem, build_problem
from rota.optimisation.home_data import HomeData
from rota.optimisation.home_search import solve_home
from rota.optimisation.loading import home_for
from rota.optimisation.measures import Measures, measure_draft, measure_rota
from rota.optimisation.problem import Limits, Progress, Roster, Solution
from rota.optimisation.proof import Proof, less_unlawful, prove
from rota.optimisation.second_look import with_the_rules
from rota.roster.rulebooks import load_rulebook
from rota.settings import get_settings

if TYPE_CHECKING:
    from rota.optimisation.requests import OptimisationRequest

Report = Callable[[float, str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """A proved answer, ready to be saved."""

    shifts: list[DraftShift]
    data_version: int
    solver: str
    status: str
    objective: float | None
    bound: float | None
    summary: dict[str, Any]
    explanation: str


def solve_request(
    request: OptimisationRequest,
    engine: Engine,
    *,
    report: Report,
    cancelled: Callable[[], bool],
) -> Answer:
    """The best lawful rota found in the time given, proved by the rules of work.

    Raises :class:`InvalidInput` for a home in which nothing can be decided, and
    :class:`~rota.jobs.runner.Cancelled`.
    """
    report(0.02, "Reading the rota", {})
    with reading(engine) as session:
        data = home_for(session, request)
        home = build_problem(data, request.prices, load_rulebook(session))
        _check(data, home)
    # no transaction is open while the solver works
    solver = get_settings().lp_solver
    solution = solve_home(
        home.problem,
        home.current,
        Limits(seconds=request.seconds, threads=2, seed=request.seed),
        solver=solver,
        report=_reporter(report, request.seconds),
        cancelled=cancelled,
    )
    if cancelled() or solution.roster is None:
        raise Cancelled
    report(0.92, "Checking every rule of work", {})

    def check(roster: Roster) -> tuple[Roster, int]:
        with reading(engine) as session:
            return less_unlawful(session, [home], roster)

    solution = with_the_rules(home.problem, solution, check, cancelled)
    with reading(engine) as session:
        return proved_answer(session, home, solution, solver)


def proved_answer(session: Session, home: HomeProblem, solution: Solution, solver: str) -> Answer:
    """A solver's roster as shifts, checked by the rules of work, with its measures."""
    if solution.roster is None:
        raise Cancelled
    data = home.data
    shifts = draft_of(home, solution.roster)
    proof = prove(session, data, home.decided, shifts)
    if proof.taken_off:
        shifts = refilled(data, proof.shifts)
    before = measure_rota(data, home.decided.values(), proof.breaches_before)
    after = measure_draft(data, shifts, proof.breaches_after)
    return Answer(
        shifts=shifts,
        data_version=data.data_version,
        solver=solver,
        status=solution.status,
        objective=solution.cost,
        bound=solution.lower_bound,
        summary={
            "before": before.as_summary(),
            "after": after.as_summary(),
            "breaches_before": dict(proof.breaches_before),
            "breaches_after": dict(proof.breaches_after),
            "seconds": round(solution.seconds, 2),
            "cpu_seconds": round(solution.cpu_seconds, 2),
            "trace": [_point(progress) for progress in solution.trace],
        },
        explanation=_explain(solution, proof, after),
    )


def _check(data: HomeData, home: HomeProblem) -> None:
    """Say what is missing before a solver says "infeasible"."""
    if not data.units:
        raise InvalidInput(f"{data.name} has no unit that needs cover.")
    if not data.needs:
        raise InvalidInput(
            f"Nobody has said how many people {data.name} needs.",
            hint="Enter the requirements of its units first.",
        )
    if not home.problem.people:
        raise InvalidInput(
            f"Nobody at {data.name} can work any of its shifts.",
            hint="Check roles, contracts and which roles each shift type is open to.",
        )


def _reporter(report: Report, seconds: float) -> Callable[[Progress], None]:
    trace: list[dict[str, Any]] = []

    def tell(progress: Progress) -> None:
        trace.append(_point(progress))
        share = 0.05 + 0.85 * min(1.0, progress.seconds / seconds)
        report(share, progress.phase, {"trace": trace[-60:]})

    return tell


def _point(progress: Progress) -> dict[str, Any]:
    return {
        "seconds": round(progress.seconds, 1),
        "cost": progress.cost,
        "bound": progress.lower_bound,
    }


def _explain(solution: Solution, proof: Proof, after: Measures) -> str:
    """What the answer is worth, in plain words."""
    parts = []
    if solution.gap is None:
        parts.append("No bound was proved in the time given: a better rota may exist.")
    elif solution.gap <= 0.001:
        parts.append("Proved: no lawful rota is better at these prices.")
    else:
        parts.append(f"Proved to be within {solution.gap:.1%} of the best possible rota.")
    if after.unfilled:
        parts.append(
            f"{_places(after.unfilled)} open: at these prices no lawful way to fill "
            f"{'it' if after.unfilled == 1 else 'them'} was left."
        )
    if proof.taken_off:
        parts.append(
            f"The check of the rules took {_shifts(proof.taken_off)} off again; what was missing "
            "then went to an agency or stayed open."
        )
    if after.unpriced:
        verb = "has" if after.unpriced == 1 else "have"
        parts.append(
            f"{_shifts(after.unpriced)} {verb} no rate: their cost is missing, not nothing."
        )
    return " ".join(parts)


def _places(count: int) -> str:
    return "One place stays" if count == 1 else f"{count} places stay"


def _shifts(count: int) -> str:
    return "One shift" if count == 1 else f"{count} shifts"
