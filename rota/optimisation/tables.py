"""The small compiled loops around the kernel: from prices to its tables, from its rows back.

They are called for every person at every step, where a dozen array expressions would take as
long as the pricing itself (and hold the interpreter's lock meanwhile).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rota.optimisation.kernel import INFINITE


@njit(cache=True, nogil=True)
def duty_costs(own, rows, prices):  # type: ignore[no-untyped-def]
    """Days × duties: own price less what serving the demands is worth.

    ``rows`` (days × duties × k) demands served, ``prices`` (demands + 1) their worth."""
    days, duties, deepest = rows.shape
    cost = np.empty((days, duties))
    for day in range(days):
        for duty in range(duties):
            worth = 0.0
            for place in range(deepest):
                worth += prices[rows[day, duty, place]]
            cost[day, duty] = own[day, duty] - worth
    return cost


@njit(cache=True, nogil=True)
def cheapest_in_groups(cost, of_duty, groups):  # type: ignore[no-untyped-def]
    """Days × groups: the cheapest cost of a group's duties, and which duty has it."""
    days, duties = cost.shape
    cheapest = np.full((days, groups), INFINITE)
    which = np.zeros((days, groups), dtype=np.int64)
    for day in range(days):
        for duty in range(duties):
            group = of_duty[duty]
            if cost[day, duty] < cheapest[day, group]:
                cheapest[day, group] = cost[day, duty]
                which[day, group] = duty
    return cheapest, which


@njit(cache=True, nogil=True)
def spelled_out(row, which, duties, caps):  # type: ignore[no-untyped-def]
    """A row of groups in duties of the problem, and how often each group (up to its cap and
    one more) is used: (row, uses, whether a cap is broken)."""
    full = row.copy()
    used = np.zeros(len(caps), dtype=np.int64)
    broken = False
    for day in range(len(row)):
        group = row[day]
        if group >= 0:
            full[day] = duties[which[day, group]]
            used[group] += 1
            if used[group] > caps[group]:
                broken = True
    return full, used, broken


@njit(cache=True, nogil=True)
def served_by(row, rows, position, first_day, demands):  # type: ignore[no-untyped-def]
    """The demands that a row (days, duties of the problem) serves from ``first_day`` on."""
    deepest = rows.shape[2]
    found = np.empty(len(row) * deepest, dtype=np.int64)
    number = 0
    for day in range(first_day, len(row)):
        if row[day] >= 0:
            duty = position[row[day]]
            for place in range(deepest):
                demand = rows[day, duty, place]
                if demand < demands:
                    found[number] = demand
                    number += 1
    return found[:number].copy()


@njit(cache=True, nogil=True)
def own_cost_of(row, own, units, end_cost, position, first_day):  # type: ignore[no-untyped-def]
    """What a row costs by itself: its duties' own prices and the contract."""
    total = 0.0
    worked = 0
    for day in range(first_day, len(row)):
        if row[day] >= 0:
            duty = position[row[day]]
            total += own[day, duty]
            worked += units[duty]
    return total + end_cost[worked]


@njit(cache=True, nogil=True)
def offers(worth, penalty, required, cover, low, high, shake, drawn):  # type: ignore[no-untyped-def]
    """Prices (demands + 1, the last 0): worth plus the penalty on what is missing, between
    ``−low`` and ``high``, shaken by ``drawn`` (demands, 0 to 1)."""
    demands = len(worth)
    prices = np.zeros(demands + 1)
    for demand in range(demands):
        price = worth[demand] + penalty[demand] * (required[demand] - cover[demand] - 0.5)
        price = min(max(price, -low[demand]), high[demand])
        prices[demand] = price + shake[demand] * (drawn[demand] - 0.5)
    return prices
