"""``make bench-homes``: homes of the database optimised, with the gap over time, as a report.

Uses the database of ``DATABASE_URL`` (the demo organisation, for figures that mean
something): one home for a week, four weeks and eight, then ``--homes`` homes one after another,
twelve seconds each (five in a minute), and what their gaps come to together. Reading a home is not counted, as the limit of an optimisation does not either.
Nothing is asserted: these machines are noisy, so CPU seconds stand beside the clock's.
"""

from __future__ import annotations

import argparse
import resource
from datetime import date, timedelta

from sqlalchemy import select

from rota.database import reading
from rota.models import CareHome
from rota.optimisation.engine import solve
from rota.optimisation.home import HomeProblem, build_problem
from rota.optimisation.home_data import load_home
from rota.optimisation.problem import Limits, Progress, Solution
from rota.roster.rulebooks import load_rulebook

#: when the gap is read off the curve (seconds)
MOMENTS = (3, 5, 10, 20, 30, 60)
#: for each of several homes (seconds)
EACH = 12.0


def main() -> None:
    """Solve and print one line for each home and period."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=2, help="weeks from now until the period")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--homes", type=int, default=5, help="homes one after another")
    options = parser.parse_args()
    monday = date.today() - timedelta(days=date.today().weekday())
    start = monday + timedelta(weeks=options.weeks)
    with reading() as session:
        homes = session.scalars(select(CareHome.id).order_by(CareHome.id)).all()
    curve = "".join(f"{f'gap {moment}s':>9}" for moment in MOMENTS)
    print(
        f"{'home':>5}{'days':>5}{'people':>7}{'limit':>6}{'cost':>11}{'first':>6}{'CPU':>5}{curve}"
    )
    for home, days, seconds in [(homes[0], 7, 10), (homes[0], 28, 30), (homes[0], 56, 60)]:
        _line(read_home(home, start, days), seconds, options.threads)
    found = [
        _line(read_home(home, start, 28), EACH, options.threads) for home in homes[: options.homes]
    ]
    cost = sum(one.cost or 0 for one in found)
    bound = sum(one.lower_bound or 0 for one in found)
    print(f"{len(found)} homes together: gap {(cost - bound) / max(1, cost):.2%}")
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def read_home(home_id: int, start: date, days: int) -> HomeProblem:
    """A home's problem for ``days`` from ``start``."""
    with reading() as session:
        data = load_home(session, home_id, start, start + timedelta(days=days - 1))
        return build_problem(data, None, load_rulebook(session))


def _line(home: HomeProblem, seconds: float, threads: int) -> Solution:
    limits = Limits(seconds=seconds, threads=threads)
    solution = solve(home.problem, limits, start=home.current)
    first = next((p.seconds for p in solution.trace if p.cost is not None), None)
    gaps = "".join(f"{_gap_at(solution, moment, seconds):>9}" for moment in MOMENTS)
    print(
        f"{home.data.home_id:>5}{len(home.data.days):>5}{len(home.staff_ids):>7}{seconds:>6.0f}"
        f"{solution.cost or 0:>11}{first or 0:>6.1f}{solution.cpu_seconds:>5.0f}{gaps}",
        flush=True,
    )
    return solution


def _gap_at(solution: Solution, moment: float, limit: float) -> str:
    """The gap that was known after ``moment`` seconds."""
    known: list[Progress] = [p for p in solution.trace if p.seconds <= moment]
    if moment > limit + 0.5 or not known:
        return "–"
    cost = min((p.cost for p in known if p.cost is not None), default=None)
    bound = max((p.lower_bound for p in known if p.lower_bound is not None), default=None)
    return "–" if not cost or bound is None else f"{(cost - bound) / cost:.2%}"


if __name__ == "__main__":
    main()
