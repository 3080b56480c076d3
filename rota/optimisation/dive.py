"""Diving: fix rows of people one after another, price new rows in between.

The linear master is nearly integral, so a few dozen fixings lead to a good roster; new
rows for the people who are still free repair what fixing spoilt.
"""

from __future__ import annotations

import numpy as np

from rota.optimisation.clock import Clock
from rota.optimisation.columns import Column
from rota.optimisation.generation import Generator, Root
from rota.optimisation.person_arrays import Floats

NEARLY_ONE = 0.999


def dive(
    generator: Generator,
    root: Root,
    clock: Clock,
    random: np.random.Generator,
    cutoff: float = np.inf,
    rounds: int = 4,
    noise: float = 0.1,
) -> list[Column] | None:
    """One row for each person of the generator's area, or None when time ran out or the
    linear objective passed ``cutoff``. Upper bounds of the master are put back."""
    master = generator.master
    fixed: dict[int, Column] = {}
    everyone = generator.active
    objective, values = root.objective, root.values
    try:
        while len(fixed) < len(everyone):
            chosen = _next_fixings(master.columns, values, fixed, random, noise)
            if not chosen:
                return None
            fixed.update((column.person, column) for column in chosen)
            generator.active = np.array([p for p in everyone if p not in fixed], dtype=np.int64)
            _close_others(generator, chosen)
            if not len(generator.active):
                break
            step = generator.converge(clock, rounds=rounds, smooth=False)
            if step is None or clock.over():
                return None
            objective, values = step.objective, step.values
            if objective > cutoff:
                return None
        return [fixed[person] for person in everyone.tolist()]
    finally:
        generator.active = everyone
        places = np.arange(len(master.columns))
        master.program.set_upper(places, np.full(len(places), np.inf))


def _next_fixings(
    columns: list[Column],
    values: Floats,
    fixed: dict[int, Column],
    random: np.random.Generator,
    noise: float,
) -> list[Column]:
    """All columns at one, or else the (slightly shaken) largest."""
    best: Column | None = None
    best_value = 0.0
    whole: list[Column] = []
    for place in np.flatnonzero(values > 1e-6):
        column = columns[place]
        if column.person in fixed:
            continue
        if values[place] > NEARLY_ONE:
            whole.append(column)
        shaken = values[place] + noise * random.random()
        if shaken > best_value:
            best, best_value = column, shaken
    if whole:
        return whole
    return [best] if best is not None else []


def _close_others(generator: Generator, chosen: list[Column]) -> None:
    """Upper bound 0 for the other columns of people who are now fixed."""
    mine = {column.person: column for column in chosen}
    closed = [
        place
        for place, column in enumerate(generator.master.columns)
        if column.person in mine and column is not mine[column.person]
    ]
    places = np.array(closed, dtype=np.int64)
    generator.master.program.set_upper(places, np.zeros(len(places)))
