"""``make bench-optimiser INSTANCES=folder``: published rosters, CP-SAT beside ours, as a report.

Each instance is solved by ``python -m rota solve-roster`` in a process of its own and then,
with the same seconds and threads, by CP-SAT on a plain assignment model. The published best
values stand beside both. Nothing is asserted: these machines are noisy.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ortools.sat.python import cp_model

from rota.optimisation.benchmark import read_benchmark
from rota.optimisation.evaluation import evaluate
from rota.optimisation.problem import OFF, Problem

#: best known costs as published with the instances
BEST = {
    1: 607, 2: 828, 3: 1001, 4: 1716, 5: 1143, 6: 1950, 8: 1300, 10: 4631, 12: 4040,
    14: 1278, 16: 3225, 18: 4459, 20: 4769,
}  # fmt: skip


def main() -> None:
    """Solve every instance of a folder and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", type=int, nargs="*")
    options = parser.parse_args()
    print(f"{'instance':>8}{'best':>7}{'ours':>8}{'bound':>8}{'gap':>7}{'s':>6}{'CP-SAT':>8}")
    for path in sorted(options.folder.glob("Instance*.txt"), key=_number):
        number = _number(path)
        if options.only and number not in options.only:
            continue
        ours = _ours(path, options.seconds, options.threads)
        problem = read_benchmark(path)
        theirs = _cp_sat(problem, options.seconds, options.threads)
        gap = "–" if ours["gap"] is None else f"{ours['gap']:.1%}"
        print(
            f"{number:>8}{BEST.get(number, '–'):>7}{ours['cost'] or '–':>8}"
            f"{ours['lower_bound'] if ours['lower_bound'] is not None else '–':>8}"
            f"{gap:>7}{ours['seconds']:>6.0f}{theirs if theirs is not None else '–':>8}",
            flush=True,
        )


def _number(path: Path) -> int:
    return int("".join(c for c in path.stem if c.isdigit()) or 0)


def _ours(path: Path, seconds: float, threads: int) -> dict[str, float | None]:
    with tempfile.TemporaryDirectory() as folder:
        answer = subprocess.run(
            [sys.executable, "-m", "rota", "solve-roster", str(path), "--seconds", str(seconds),
             "--threads", str(threads), "--out", f"{folder}/roster.csv", "--json"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return json.loads(answer.stdout)  # type: ignore[no-any-return]


def _cp_sat(problem: Problem, seconds: float, threads: int) -> int | None:
    """The cost that CP-SAT reaches, re-scored by our judge; None: no roster."""
    model = cp_model.CpModel()
    days, duties = range(problem.days), range(len(problem.duties))
    x = {
        (p, d, k): model.new_bool_var("")
        for p, person in enumerate(problem.people)
        for d in days
        if d not in person.days_off
        for k in person.maximum
    }
    cost: list[cp_model.LinearExpr] = []
    for p, person in enumerate(problem.people):
        on = [sum(x[p, d, k] for k in duties if (p, d, k) in x) for d in days]
        for d in days:
            model.add(on[d] <= 1)
            for k in duties:
                for j in problem.duties[k].not_next_day:
                    if (p, d, k) in x and (p, d + 1, j) in x:
                        model.add(x[p, d, k] + x[p, d + 1, j] <= 1)
        for k, limit in person.maximum.items():
            model.add(sum(x[p, d, k] for d in days if (p, d, k) in x) <= limit)
        minutes = sum(
            problem.duties[k].minutes * x[p, d, k] for d in days for k in duties if (p, d, k) in x
        )
        model.add(minutes >= person.min_minutes)
        model.add(minutes <= person.max_minutes)
        for d in range(problem.days - person.max_run):
            model.add(sum(on[d : d + person.max_run + 1]) <= person.max_run)
        for d in range(1, problem.days):
            for t in range(1, person.min_run):
                if d + t < problem.days:
                    model.add(on[d] - on[d - 1] <= on[d + t])
            for t in range(1, person.min_days_off):
                if d + t < problem.days:
                    model.add(on[d - 1] - on[d] <= 1 - on[d + t])
        worked = []
        for weekend in problem.weekends:
            flag = model.new_bool_var("")
            for d in weekend:
                model.add(flag >= on[d])
            worked.append(flag)
        model.add(sum(worked) <= person.max_weekends)
    for demand in problem.demands:
        there = sum(
            x[p, demand.day, k]
            for p in range(len(problem.people))
            for k in demand.duties
            if (p, demand.day, k) in x
        )
        under = model.new_int_var(0, demand.required, "")
        over = model.new_int_var(0, len(problem.people), "")
        model.add(there + under - over == demand.required)
        cost += [demand.shortage[-1].price * under, demand.over_price * over]
    for request in problem.requests:
        given = x.get((request.person, request.day, request.duty))
        if given is not None:
            cost.append(request.weight * ((1 - given) if request.wanted else given))
        elif request.wanted:
            cost.append(request.weight * model.new_constant(1))
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = threads
    begun = time.monotonic()
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        print(f"         CP-SAT: no roster in {time.monotonic() - begun:.0f} s")
        return None
    roster = tuple(
        tuple(
            next((k for k in duties if (p, d, k) in x and solver.value(x[p, d, k])), OFF)
            for d in days
        )
        for p in range(len(problem.people))
    )
    score = evaluate(problem, roster)
    return score.cost if score.lawful else None


if __name__ == "__main__":
    main()
