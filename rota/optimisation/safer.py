"""The same hours of a rota placed where they cut the risk of falling below minimum the most."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from rota.models import Band
from rota.optimisation.explain import Terms
from rota.optimisation.home import HomeProblem
from rota.optimisation.problem import OFF, Roster
from rota.optimisation.robust import Cell, Risk

#: cells that moves try to help in each round, and moves in all
_WORST_CELLS = 10
MOST_MOVES = 25
#: a move must cut the people expected to be missing by this much
_LEAST_GAIN = 0.005
#: placings that are tried before the rules have the last word
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody's shift placed elsewhere; ``gain``: fewer people expected to be missing."""

    staff_id: int
    from_day: date
    from_unit: int
    to_day: date
    to_unit: int
    gain: float


def place_for_safety(
    home: HomeProblem,
    roster: Roster,
    rates: Mapping[int, float],
    rate: float,
    agency: Mapping[Cell, int] | None = None,
    check: Callable[[Roster], tuple[Roster, int]] = lambda roster: (roster, 0),
) -> tuple[Roster, list[Move]]:
    """Move shifts, hour for hour, to where they cut the risk most, one lawful move after
    another; nobody works more or less, and no unit's cover gets worse. Gives the roster and
    the moves.

    ``check`` gives a roster less what the rules of work forbid: whoever lost a shift to it
    is left alone in another attempt; after the last, nothing is moved.
    """

    def risk_of(one: Roster) -> Risk:
        return Risk(home, one, rates, rate, agency)

    alone: set[int] = set()
    for _ in range(_ATTEMPTS):
        placed, moves = _placed(home, roster, risk_of, alone)
        checked, taken_off = check(placed)
        if not taken_off:
            return placed, moves
        alone |= {who for who, row in enumerate(placed) if checked[who] != row}
    return roster, []


def _placed(
    home: HomeProblem, roster: Roster, risk_of: Callable[[Roster], Risk], alone: Collection[int]
) -> tuple[Roster, list[Move]]:
    moves: list[Move] = []
    while len(moves) < MOST_MOVES:
        step = _best_move(home, roster, risk_of(roster), alone)
        if step is None:
            break
        roster, move = step
        moves.append(move)
    return roster, moves


def _best_move(
    home: HomeProblem, roster: Roster, risk: Risk, alone: Collection[int]
) -> tuple[Roster, Move] | None:
    terms = Terms(home.problem, roster)
    cells = risk.cells()
    worst = sorted(cells, key=lambda each: -each.missing)[:_WORST_CELLS]
    targets = {(each.unit_id, each.day, each.band): each.missing for each in worst}
    now = {(each.unit_id, each.day, each.band): each.missing for each in cells}
    best: tuple[float, int, int, int, int] | None = None
    for who, row in enumerate(roster):
        if who in alone:
            continue
        person = home.problem.people[who]
        for number in range(home.problem.first_open_day, home.problem.days):
            source = risk.cell(number, row[number])
            if source is None or number in person.fixed:
                continue
            lost = risk.missing(source, less=[who]) - now.get(source, 0.0)
            for (unit, day, band), before in targets.items():
                if lost >= before:
                    continue
                other = (day - home.data.start).days + home.problem.first_open_day
                duty = _same_length(home, person.maximum, row[number], unit, band)
                if duty is None or (other != number and row[other] != OFF):
                    continue
                if (unit, day, band) == source:
                    continue
                gain = before - risk.missing((unit, day, band), add=[who]) - lost
                if gain < _LEAST_GAIN or (best is not None and gain <= best[0]):
                    continue
                changed = list(row)
                changed[number], changed[other] = OFF, duty
                row_after = tuple(changed)
                if not terms.is_lawful(who, row_after):
                    continue
                if terms.difference({who: row_after})["cover"] <= 0:
                    best = (gain, who, number, other, duty)
    if best is None:
        return None
    gain, who, number, other, duty = best
    final = list(roster[who])
    old = home.places[final[number]].unit_id or 0
    final[number], final[other] = OFF, duty
    moved = (*roster[:who], tuple(final), *roster[who + 1 :])
    return moved, Move(
        home.staff_ids[who], home.day_of(number), old, home.day_of(other),
        home.places[duty].unit_id or 0, gain,
    )  # fmt: skip


def _same_length(
    home: HomeProblem, maximum: Mapping[int, int], duty: int, unit: int, band: Band
) -> int | None:
    """A duty of the same length on a unit and band that the person may have: the same type
    if there is one."""
    minutes = home.problem.duties[duty].minutes
    able = [
        each
        for each in maximum
        if home.places[each].unit_id == unit
        and home.data.shift_types[home.places[each].shift_type_id].band == band
        and home.problem.duties[each].minutes == minutes
    ]
    kind = home.places[duty].shift_type_id
    return min(able, key=lambda each: (home.places[each].shift_type_id != kind, each), default=None)
