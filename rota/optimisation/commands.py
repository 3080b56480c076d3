"""The optimiser's commands. Solvers are imported when a command runs, not before."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import click

from rota.errors import InvalidInput
from rota.optimisation.problem import Limits, Solution

FINISHING = 0.25  #: seconds kept for judging, writing and leaving


@click.command("solve-roster")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--seconds", type=click.FloatRange(min=1.0), default=60.0, show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--work", type=click.IntRange(min=1), help="Stop after so many improvement steps.")
@click.option("--out", type=click.Path(path_type=Path), help="Write employee,day,shift rows here.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def solve_roster(
    file: Path,
    seconds: float,
    threads: int,
    seed: int,
    work: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Solve a Curtois & Qu roster FILE with the engine that serves the homes."""
    from rota.optimisation.clock import process_age

    started = time.monotonic() - min(process_age(), 30.0)
    from rota.optimisation.benchmark import read_benchmark, write_roster

    problem = read_benchmark(file)
    if out is not None and not out.resolve().parent.is_dir():
        raise InvalidInput(f"The folder of {out} does not exist.")
    from rota.optimisation.engine import solve

    limits = Limits(max(0.5, seconds - FINISHING), threads, seed, work)
    solution = solve(problem, limits, started=started)
    if out is not None and solution.roster is not None:
        write_roster(problem, solution.roster, out)
    click.echo(_as_json(solution) if as_json else _as_text(solution))
    sys.stdout.flush()
    sys.stderr.flush()
    # a helper may still be inside a solver; the answer is out, so leave at once
    os._exit(0 if solution.roster is not None else 1)


@click.command("prepare-solver")
def prepare_solver() -> None:
    """Compile the optimiser's inner loops, once after an installation (about ten seconds)."""
    from rota.optimisation.compiled import is_compiled, prepare

    begun, before = time.monotonic(), is_compiled()
    prepare()
    word = "was compiled already" if before else f"compiled in {time.monotonic() - begun:.0f} s"
    click.echo(f"The optimiser {word}.")


def _as_json(solution: Solution) -> str:
    return json.dumps(
        {
            "cost": solution.cost,
            "lower_bound": solution.lower_bound,
            "gap": None if solution.gap is None else round(solution.gap, 6),
            "seconds": solution.seconds,
            "cpu_seconds": solution.cpu_seconds,
            "status": solution.status,
            "message": solution.message,
        }
    )


def _as_text(solution: Solution) -> str:
    gap = "unknown" if solution.gap is None else f"{100 * solution.gap:.2f}%"
    bound = "unknown" if solution.lower_bound is None else str(solution.lower_bound)
    return (
        f"{solution.status}: cost {solution.cost}, lower bound {bound}, gap {gap}, "
        f"{solution.seconds:.1f} s ({solution.cpu_seconds:.1f} s of CPU) {solution.message}".rstrip()
    )
