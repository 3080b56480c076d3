"""From the linear master of the whole to a roster: diving, and the best choice of its rows.

A finished master is nearly integral (a home's week: three people of four have one row only),
so the best choice among the rows that it knows is often within a thousandth of the bound.
"""

from __future__ import annotations

import numpy as np

from rota.optimisation.columns import Column
from rota.optimisation.dive import dive
from rota.optimisation.generation import Generator, Root
from rota.optimisation.state import Run

COLUMNS_PER_PERSON = 12
#: most rows among which the best choice is sought
MOST_COLUMNS = 6_000
#: a linear answer that has decided so many of its people
NEARLY_WHOLE, DECIDED = 0.6, 0.999
DIVE_SHARE = 0.1  #: most of the time that diving may take
#: and the choice: of the time left, in seconds, in nodes
CHOICE_SHARE, CHOICE_SECONDS, CHOICE_NODES = 0.4, 8.0, 2_000


def is_nearly_whole(run: Run, root: Root) -> bool:
    """Whether the linear answer gives most people one row."""
    return bool((root.values > DECIDED).sum() >= NEARLY_WHOLE * len(run.active))


def round_root(run: Run, whole: Generator, root: Root, random: np.random.Generator) -> Root:
    """A roster by diving from a finished ``root`` of everybody on all days; the root as it is
    with fewer rows."""
    root = whole.thin(root, COLUMNS_PER_PERSON)
    _dive(run, whole, root, random)
    return root


def _dive(run: Run, whole: Generator, root: Root, random: np.random.Generator) -> None:
    clock = run.clock.within(DIVE_SHARE * run.clock.left())
    chosen = dive(whole, root, clock, random, run.incumbent.cost, rounds=2, noise=0.02)
    if chosen is not None:
        _take(run, chosen, "dive")


def choose_rows(run: Run, whole: Generator, root: Root, random: np.random.Generator) -> None:
    """The best choice of one row each, of the root's rows and those met since whose reduced
    cost leaves them a chance."""
    if len(whole.master.columns) > MOST_COLUMNS:
        return
    with run.incumbent.lock:
        roster, cost = run.incumbent.roster.copy(), run.incumbent.cost
    people = run.active.tolist()
    present = [run.pool.column(person, roster[person]) for person in people]
    near = [column for person in people for column in run.pool.young(person, 4)]
    whole.master.add([*present, *near])
    reduced = whole.reduced_costs(root.prices, root.person_prices)
    likely = reduced <= cost - run.standing - root.objective
    mine = {(column.person, column.row.tobytes()) for column in present}
    for place, column in enumerate(whole.master.columns):
        likely[place] |= (column.person, column.row.tobytes()) in mine
    chosen = whole.master.choose(
        likely, min(CHOICE_SECONDS, CHOICE_SHARE * run.clock.left()), present,
        int(random.integers(1 << 30)), CHOICE_NODES,
    )  # fmt: skip
    if chosen is not None and len(chosen) == len(present):
        _take(run, chosen, "best choice")


def _take(run: Run, chosen: list[Column], phase: str) -> None:
    with run.incumbent.lock:
        roster = run.incumbent.roster.copy()
    for column in chosen:
        roster[column.person] = column.row
    if run.incumbent.replace(roster):
        run.note(phase)
