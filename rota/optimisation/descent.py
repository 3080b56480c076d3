"""First rosters and best-response descent: one person at a time, exactly.

Every hard limit belongs to one person, so a roster made of lawful rows is lawful:
construction cannot fail unless somebody has no lawful row at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rota.errors import InvalidInput
from rota.optimisation.arrays import Arrays
from rota.optimisation.clock import Clock
from rota.optimisation.columns import Pool
from rota.optimisation.incumbent import Incumbent
from rota.optimisation.pricing import Pricer


def construct(
    arrays: Arrays, pricer: Pricer, pool: Pool, present: NDArray[np.int16] | None = None
) -> Incumbent:
    """A lawful roster: people in turn (those with few duties first) take the row that is
    cheapest given those before them.

    Somebody who has no lawful row keeps the row of ``present``; without one, raises
    :class:`~rota.errors.InvalidInput` naming the person."""
    people = len(arrays.people)
    order = np.argsort([len(person.duties) for person in arrays.people], kind="stable")
    roster = np.full((people, arrays.days), -1, dtype=np.int16)
    cover = np.zeros(arrays.demands, dtype=np.int64)
    frozen = np.zeros(people, dtype=np.bool_)
    for person in order.tolist():
        found = pricer.rows(person, arrays.marginal_prices(cover))
        if found.rows:
            column = pool.column(person, found.rows[0])
            roster[person] = column.row
            cover[column.served] += 1
        elif present is not None:
            frozen[person] = True
            roster[person] = present[person]
            cover[arrays.served(person, present[person])] += 1
        else:
            code = arrays.problem.people[person].code
            raise InvalidInput(
                f"{code} has no lawful row: minutes, days off, runs and weekends contradict.",
                hint="Lower the minimum minutes or free some days.",
            )
    incumbent = Incumbent.of(arrays, roster)
    incumbent.frozen = frozen
    return incumbent


def descend(
    incumbent: Incumbent, pricer: Pricer, pool: Pool, clock: Clock, order: NDArray[np.int64]
) -> float:
    """One pass of best responses over ``order``; the change in cost (0 or negative)."""
    total = 0.0
    for person in order.tolist():
        if clock.over():
            break
        cover = incumbent.cover.copy()
        cover[incumbent.arrays.served(person, incumbent.roster[person])] -= 1
        found = pricer.rows(person, incumbent.arrays.marginal_prices(cover))
        if found.rows:
            change = incumbent.offer([pool.column(person, found.rows[0])])
            if change < 0:
                total += change
    return total
