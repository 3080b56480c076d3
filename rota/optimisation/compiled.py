"""Where the compiled inner loops are kept, and compiling them before anybody waits for it.

Compiling takes about eight seconds of one core, once after an installation. Imports no
compiler: the worker asks here whether there is something to do.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rota.settings import get_settings

#: how far a compiler in the background stands back
_NICE = 15
_KERNEL = Path(__file__).with_name("kernel.py")


def cache_folder() -> Path | None:
    """Where a read-only installation keeps its compiled code: with its data.

    There nobody else can put code in its place (a shared /tmp would let them), and a restart
    does not lose it. Null: beside the source, as the compiler does by itself."""
    if os.access(_KERNEL.parent, os.W_OK):
        return None
    return get_settings().data_dir.absolute() / "compiled"


def is_compiled() -> bool:
    """Whether the newest source has been compiled here before."""
    folder = cache_folder()
    found = (folder or _KERNEL.parent / "__pycache__").rglob("kernel.best_rows-*.nbi")
    written = _KERNEL.stat().st_mtime
    return any(index.stat().st_mtime >= written for index in found)


def prepare() -> None:
    """Compile what is not compiled and load it: price somebody's day."""
    import numpy as np

    from rota.optimisation.arrays import compile_problem
    from rota.optimisation.pricing import Pricer
    from rota.optimisation.problem import Demand, Duty, Person, Problem, Step

    person = Person("nobody", {0: 1}, 0, 480, 1)
    demand = Demand(0, "day", 1, frozenset((0,)), (Step(1),))
    arrays = compile_problem(Problem(1, (Duty("D", 480),), (person,), (demand,)))
    Pricer(arrays).rows(0, np.zeros(2))


def prepare_in_background() -> None:
    """Compile in a process of its own if there is something to compile (a worker that starts
    does it, so that the first optimisation does not wait)."""
    if not is_compiled():
        process = subprocess.Popen(
            [sys.executable, "-m", "rota", "prepare-solver"], cwd=_KERNEL.parents[2],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        # whoever works now goes first: a page must not wait for a compiler
        os.setpriority(os.PRIO_PROCESS, process.pid, max(_NICE, os.nice(0)))
