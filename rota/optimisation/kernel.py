"""The compiled heart: the cheapest lawful row of one person, exactly, by dynamic programming.

A row is a chain of work runs and rests. For every first day of a run and every length
the cheapest content is found over (length, minutes and limited counts so far, last duty);
a second recursion chains runs and rests over (day, weekends, limited counts, minutes).
Only totals that can still end between the minimum and the maximum are kept, so the table
is a narrow band for people near full time. Compiled once and cached; runs without the
interpreter lock.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import njit

from rota.optimisation.compiled import cache_folder

if not numba.config.CACHE_DIR:
    numba.config.CACHE_DIR = str(cache_folder() or "")

INFINITE = 1e15
FINITE = 1e14


@njit(cache=True, nogil=True)
def run_contents(cost, dur, cls, ok, next_state, first, max_run):  # type: ignore[no-untyped-def]
    """Cheapest content of every run.

    ``cost`` (days × duties), ``cls`` class of each duty, ``next_state`` (states × classes,
    -1: impossible) the bookkeeping of run states, ``first[l]..first[l+1]`` the states of
    length l. Gives ``value`` (days × states × duties): the cheapest run that starts on the
    day, is in the state and ends with the duty.
    """
    days, duties = cost.shape
    states = next_state.shape[0]
    value = np.full((days, states, duties), INFINITE)
    for day in range(days):
        for duty in range(duties):
            if cost[day, duty] < FINITE:
                state = next_state[0, cls[duty]]
                if state >= 0 and cost[day, duty] < value[day, state, duty]:
                    value[day, state, duty] = cost[day, duty]
        for length in range(1, max_run):
            if day + length >= days:
                break
            alive = False
            for duty in range(duties):
                price = cost[day + length, duty]
                if price >= FINITE:
                    continue
                kind = cls[duty]
                for state in range(first[length], first[length + 1]):
                    after = next_state[state, kind]
                    if after < 0:
                        continue
                    best = INFINITE
                    for before in range(duties):
                        if ok[before, duty] and value[day, state, before] < best:
                            best = value[day, state, before]
                    if best < FINITE:
                        alive = True
                        if best + price < value[day, after, duty]:
                            value[day, after, duty] = best + price
            if not alive:
                break
    return value


@njit(cache=True, nogil=True)
def most_units(cost, off, dur, max_run, min_off):  # type: ignore[no-untyped-def]
    """Upper bound on the units worked before each day, successions and minimum runs aside."""
    days, duties = cost.shape
    longest = np.full(days, -1)
    for day in range(days):
        for duty in range(duties):
            if cost[day, duty] < FINITE and dur[duty] > longest[day]:
                longest[day] = dur[duty]
    low = -1_000_000
    ready = np.full(days + 1, low)
    ended = np.full(days + 1, low)
    ready[0] = 0
    for day in range(days + 1):
        if day > 0:
            if off[day - 1] < FINITE and ready[day - 1] > ready[day]:
                ready[day] = ready[day - 1]
            if day >= min_off and ended[day - min_off] > ready[day]:
                resting = True
                for rest in range(day - min_off, day):
                    resting = resting and off[rest] < FINITE
                if resting:
                    ready[day] = ended[day - min_off]
        if ready[day] < 0:
            continue
        total = ready[day]
        for length in range(1, max_run + 1):
            if day + length > days or longest[day + length - 1] < 0:
                break
            total += longest[day + length - 1]
            if total > ended[day + length]:
                ended[day + length] = total
    best = np.empty(days + 1, dtype=np.int64)
    running = 0
    for day in range(days + 1):
        running = max(running, ready[day], ended[day])
        best[day] = running
    return best


@njit(cache=True, nogil=True)
def best_rows(  # type: ignore[no-untyped-def]
    cost, off, dur, cls, ok, weekend, limits, next_state, first, state_units, state_counts,
    counts_size, end_cost, target, beam, wanted,
):  # fmt: skip
    """The cheapest lawful rows of a person.

    cost (days × duties) price of each duty, at least FINITE where impossible; off (days)
    price of a free day; weekend (days) index of the weekend a day belongs to or -1;
    limits = (min_run, max_run, min_days_off, max_weekends, left_open, right_open), the
    last two say whether the first and last day are borders of the horizon; run states as
    in :func:`run_contents` with their units and their offset in the limited counts;
    counts_size (3) sizes of the limited counts; end_cost by total units (its length − 1
    is the most units); target: units expected per day × 1000 and beam: widest distance
    kept from it (beam < 0: exact).

    Gives (number of rows, rows (wanted × days) of duty index or -1, their costs, and the
    lowest cost of all). Rows end in different states. No row: number 0.
    """
    days, duties = cost.shape
    min_run, max_run, min_off, max_weekends = limits[0], limits[1], limits[2], limits[3]
    left_open, right_open = limits[4] == 1, limits[5] == 1
    most = end_cost.shape[0] - 1
    rows = np.full((wanted, days), -1, dtype=np.int16)
    costs = np.full(wanted, INFINITE)

    least = 0
    while least <= most and end_cost[least] >= FINITE:
        least += 1
    before = most_units(cost, off, dur, max_run, min_off)
    after = most_units(cost[::-1], off[::-1], dur, max_run, min_off)
    low = np.empty(days + 1, dtype=np.int64)
    high = np.empty(days + 1, dtype=np.int64)
    for day in range(days + 1):
        low[day] = max(0, least - after[days - day])
        high[day] = min(most, before[day])
        if beam >= 0:
            middle = target * day // 1000
            low[day] = max(low[day], min(middle - beam, high[day]))
            high[day] = min(high[day], max(middle + beam, low[day]))
        if low[day] > high[day]:
            return 0, rows, costs, INFINITE

    weekends_here = 0
    seen = -1
    for day in range(days):
        if weekend[day] >= 0 and weekend[day] != seen:
            seen = weekend[day]
            weekends_here += 1
    track_weekends = max_weekends < weekends_here
    sizes_w = max_weekends + 1 if track_weekends else 1
    c0, c1, c2 = counts_size[0], counts_size[1], counts_size[2]
    counts = c0 * c1 * c2
    layers = sizes_w * counts

    offset = np.empty(days + 2, dtype=np.int64)
    offset[0] = 0
    for day in range(days + 1):
        offset[day + 1] = offset[day] + layers * (high[day] - low[day] + 1)
    ready = np.full(offset[days + 1], INFINITE)
    ended = np.full(offset[days + 1], INFINITE)
    ready[0 - low[0] if low[0] <= 0 else 0] = 0.0 if low[0] <= 0 else INFINITE

    value = run_contents(cost, dur, cls, ok, next_state, first, max_run)
    states = next_state.shape[0]
    cheapest = np.full((days, states), INFINITE)
    for day in range(days):
        for state in range(1, states):
            for duty in range(duties):
                if value[day, state, duty] < cheapest[day, state]:
                    cheapest[day, state] = value[day, state, duty]

    off_sum = np.zeros(days + 1)
    for day in range(days):
        off_sum[day + 1] = off_sum[day] + min(off[day], INFINITE)

    for day in range(days + 1):
        width = high[day] - low[day] + 1
        if day > 0:
            if off[day - 1] < FINITE:
                _relax(ready, offset, low, high, day - 1, ready, day, layers, off[day - 1])
            if day >= min_off:
                rest = off_sum[day] - off_sum[day - min_off]
                if rest < FINITE:
                    _relax(ended, offset, low, high, day - min_off, ready, day, layers, rest)
        if day == days:
            break
        any_ready = False
        for index in range(offset[day], offset[day + 1]):
            if ready[index] < FINITE:
                any_ready = True
                break
        if not any_ready:
            continue
        for length in range(1, max_run + 1):
            end = day + length
            if end > days:
                break
            if length < min_run and not ((day == 0 and left_open) or (end == days and right_open)):
                continue
            dw = 0
            if track_weekends:
                seen = -1
                for worked in range(day, end):
                    if weekend[worked] >= 0 and weekend[worked] != seen:
                        seen = weekend[worked]
                        dw += 1
            width_end = high[end] - low[end] + 1
            for state in range(first[length], first[length + 1]):
                price = cheapest[day, state]
                if price >= FINITE:
                    continue
                units = state_units[state]
                d0, d1, d2 = state_counts[state, 0], state_counts[state, 1], state_counts[state, 2]
                start_units = max(low[day], low[end] - units)
                stop_units = min(high[day], high[end] - units)
                if start_units > stop_units:
                    continue
                for w in range(sizes_w - dw):
                    for k0 in range(c0 - d0):
                        for k1 in range(c1 - d1):
                            for k2 in range(c2 - d2):
                                layer = ((w * c0 + k0) * c1 + k1) * c2 + k2
                                into = (((w + dw) * c0 + k0 + d0) * c1 + k1 + d1) * c2 + k2 + d2
                                source = offset[day] + layer * width - low[day]
                                goal = offset[end] + into * width_end - low[end] + units
                                for m in range(start_units, stop_units + 1):
                                    offer = ready[source + m] + price
                                    if offer < ended[goal + m]:
                                        ended[goal + m] = offer

    # terminal states: (kind: 0 ready at the end, 1 ended on a day, day, layer, units)
    found = 0
    kinds = np.zeros((wanted, 4), dtype=np.int64)
    lowest = INFINITE
    for end in range(days, max(-1, days - min_off), -1):
        if end < days and not right_open:
            break
        rest = off_sum[days] - off_sum[end]
        if rest >= FINITE:
            continue
        for kind in range(2):
            if kind == 0 and end < days:
                continue
            width = high[end] - low[end] + 1
            for layer in range(layers):
                for m in range(low[end], high[end] + 1):
                    where = offset[end] + layer * width + m - low[end]
                    total = ended[where] if kind == 1 else ready[where]
                    total += rest + end_cost[m]
                    if total >= FINITE:
                        continue
                    if total < lowest:
                        lowest = total
                    if found < wanted or total < costs[wanted - 1]:
                        place = min(found, wanted - 1)
                        while place > 0 and costs[place - 1] > total:
                            costs[place] = costs[place - 1]
                            kinds[place] = kinds[place - 1]
                            place -= 1
                        costs[place] = total
                        kinds[place, 0] = kind
                        kinds[place, 1] = end
                        kinds[place, 2] = layer
                        kinds[place, 3] = m
                        found = min(found + 1, wanted)

    for row in range(found):
        _trace(
            rows[row], kinds[row], ready, ended, offset, low, high, off, off_sum, cheapest, value,
            next_state, first, state_units, state_counts, cls, ok, cost, weekend, track_weekends,
            min_run, max_run, min_off, c0, c1, c2, sizes_w, left_open, right_open,
        )  # fmt: skip
    return found, rows, costs, lowest


@njit(cache=True, nogil=True)
def _relax(source, offset, low, high, day, goal, next_day, layers, price):  # type: ignore[no-untyped-def]
    """Carry every state of ``source`` on ``day`` to ``goal`` on ``next_day`` at ``price``."""
    width = high[day] - low[day] + 1
    width_next = high[next_day] - low[next_day] + 1
    start = max(low[day], low[next_day])
    stop = min(high[day], high[next_day])
    for layer in range(layers):
        a = offset[day] + layer * width - low[day]
        b = offset[next_day] + layer * width_next - low[next_day]
        for m in range(start, stop + 1):
            offer = source[a + m] + price
            if offer < goal[b + m]:
                goal[b + m] = offer


@njit(cache=True, nogil=True)
def _trace(  # type: ignore[no-untyped-def]
    row, terminal, ready, ended, offset, low, high, off, off_sum, cheapest, value, next_state,
    first, state_units, state_counts, cls, ok, cost, weekend, track_weekends,
    min_run, max_run, min_off, c0, c1, c2, sizes_w, left_open, right_open,
):  # fmt: skip
    """Write into ``row`` the duties of the path that ends in ``terminal``."""
    days = cost.shape[0]
    kind, day, layer, m = terminal[0], terminal[1], terminal[2], terminal[3]
    slack = 1e-7
    while True:
        width = high[day] - low[day] + 1
        here = offset[day] + layer * width + m - low[day]
        if kind == 0:
            if day == 0:
                return
            worth = ready[here]
            back = day - min_off
            if back >= 0 and low[back] <= m <= high[back]:
                rest = off_sum[day] - off_sum[back]
                from_ = offset[back] + layer * (high[back] - low[back] + 1) + m - low[back]
                if ended[from_] + rest <= worth + slack:
                    kind = 1
                    day = back
                    continue
            day -= 1
            continue
        worth = ended[here]
        moved = False
        for length in range(1, max_run + 1):
            start = day - length
            if start < 0:
                break
            if length < min_run and not (
                (start == 0 and left_open) or (day == days and right_open)
            ):
                continue
            dw = 0
            if track_weekends:
                seen = -1
                for worked in range(start, day):
                    if weekend[worked] >= 0 and weekend[worked] != seen:
                        seen = weekend[worked]
                        dw += 1
            k2 = layer % c2
            k1 = (layer // c2) % c1
            k0 = (layer // (c2 * c1)) % c0
            w = layer // (c2 * c1 * c0)
            for state in range(first[length], first[length + 1]):
                price = cheapest[start, state]
                units = m - state_units[state]
                if price >= FINITE or units < low[start] or units > high[start]:
                    continue
                b0, b1, b2 = (
                    k0 - state_counts[state, 0],
                    k1 - state_counts[state, 1],
                    k2 - state_counts[state, 2],
                )
                if w < dw or b0 < 0 or b1 < 0 or b2 < 0:
                    continue
                under = (((w - dw) * c0 + b0) * c1 + b1) * c2 + b2
                from_ = offset[start] + under * (high[start] - low[start] + 1) + units - low[start]
                if ready[from_] + price <= worth + slack:
                    _write_run(row, start, length, state, value, next_state, first, cls, ok, cost)
                    kind = 0
                    day = start
                    layer = under
                    m = units
                    moved = True
                    break
            if moved:
                break
        if not moved:
            row[0] = -2  # cannot happen; the caller drops such a row
            return


@njit(cache=True, nogil=True)
def _write_run(row, start, length, state, value, next_state, first, cls, ok, cost):  # type: ignore[no-untyped-def]
    """Write the duties of the cheapest run of ``length`` days from ``start`` in ``state``."""
    duties = cost.shape[1]
    last = 0
    for duty in range(duties):
        if value[start, state, duty] < value[start, state, last]:
            last = duty
    for step in range(length - 1, -1, -1):
        row[start + step] = last
        if step == 0:
            return
        worth = value[start, state, last]
        price = cost[start + step, last]
        best = INFINITE
        best_state = -1
        best_duty = -1
        for earlier in range(first[step], first[step + 1]):
            if next_state[earlier, cls[last]] != state:
                continue
            for duty in range(duties):
                if ok[duty, last]:
                    distance = abs(value[start, earlier, duty] + price - worth)
                    if distance < best:
                        best = distance
                        best_state = earlier
                        best_duty = duty
        state = best_state
        last = best_duty
