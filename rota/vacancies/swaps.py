"""The nearest lawful moves that fill a vacancy when nobody can simply take it.

One move: somebody changes from a shift whose unit can spare them. Two moves: somebody
changes from their shift to the vacancy and a second person takes that shift. Every move is
checked by the rules here, and again when it is applied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.calendar import Period, day_text
from rota.costs.rates import load_rate_book
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotFound, RuleBreach
from rota.leave.guard import locked_person, refuse_if_away
from rota.leave.release import vacated
from rota.models import Band, Classification, Shift, Staff, Unit, utc_now
from rota.roster.changes import ChangeRecorder, shift_state
from rota.roster.rulebooks import load_rulebook
from rota.roster.shift_types import load_shift_kinds
from rota.roster.slots import CoverTable, Slot, cover_table
from rota.roster.timelines import load_timelines, worked_shift
from rota.rules import Change, Severity, Timeline, Verdict, WorkedShift, check_change
from rota.vacancies.candidates import price_for
from rota.vacancies.pool import Pool, roles_able
from rota.vacancies.queries import vacancy as read_vacancy

MOST_SWAPS = 3
#: people whose shift could be given to somebody else, nearest first, that are tried
MOST_TRIED = 12


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody goes to a shift; ``from_shift_id`` is the one they leave, null for none."""

    staff_id: int
    name: str
    from_shift_id: int | None
    to_shift_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Swap:
    """One or two moves that fill the vacancy; ``severity`` is the gravest thing they cause."""

    moves: tuple[Move, ...]
    severity: Severity
    warnings: tuple[str, ...]


def nearest_swaps(
    session: Session,
    pool: Pool,
    timelines: dict[int, Timeline],
    said: dict[int, tuple[Verdict, ...]],
    home_ids: Collection[int],
) -> tuple[Swap, ...]:
    """Up to three lawful swaps of shifts in these homes, one-move ones first. Three statements for the units."""
    able = roles_able(pool.rulebook, pool.shift, {p.role_code for p in pool.people})
    names = {p.id: p for p in pool.people}
    movable = [
        (timelines[staff_id], shift)
        for staff_id in said
        if names[staff_id].role_code in able
        for shift in _in_the_way(timelines[staff_id], pool.shift)
        if shift.home_id in home_ids
    ]
    movable.sort(key=lambda pair: _disturbance(pair[1], pool.shift))
    cover = _cover(session, movable, pool)
    units = _unit_names(session, movable)
    swaps: list[Swap] = []
    blocked: list[tuple[Timeline, WorkedShift]] = []
    for timeline, shift in movable:
        move = _change_over(pool, timeline, shift, units)
        if move is None:
            continue
        if _can_spare(cover, shift):
            swaps.append(move)
        else:
            blocked.append((timeline, shift))
        if len(swaps) >= MOST_SWAPS:
            break
    swaps.sort(key=lambda swap: swap.severity)  # stable: the nearest stay first
    if len(swaps) < MOST_SWAPS:
        swaps += _two_moves(pool, timelines, blocked[:MOST_TRIED], MOST_SWAPS - len(swaps), units)
    return tuple(swaps[:MOST_SWAPS])


def apply_swap(uow: UnitOfWork, vacancy_id: int, version: int, moves: Iterable[Move]) -> int:
    """Carry out a swap in one undoable change; gives the change set's id.

    Every move is checked again: raises :class:`Conflict` when the rota has changed,
    :class:`RuleBreach` when a move is no longer lawful.
    """
    wanted = list(moves)
    if not 1 <= len(wanted) <= 2 or wanted[0].to_shift_id != vacancy_id:
        raise InvalidInput("A swap is one move to the vacancy, or that and a second one.")
    people = {m.staff_id: locked_person(uow.session, m.staff_id) for m in wanted}
    shifts = _locked(uow, wanted, vacancy_id)
    target = shifts[vacancy_id]
    uow.actor.require(Permission.FILL_VACANCY, target.home_id)
    if not target.is_vacant or target.version != version or target.ends_at <= utc_now():
        raise Conflict("This vacancy has changed since you opened it.", hint="Look at it again.")
    _check_moves(uow, wanted, shifts, people)
    recorder = ChangeRecorder(uow, target.home_id, "swap", " · ".join(m.text for m in wanted))
    before = {shift_id: shift_state(shift) for shift_id, shift in shifts.items()}
    first = wanted[0]
    if first.from_shift_id is not None:
        # the one who leaves steps aside first, past the guard against double booking
        person = people[first.staff_id]
        _set(
            uow,
            shifts[first.from_shift_id],
            **vacated(shifts[first.from_shift_id], person, "moved"),
        )
    for move in wanted:
        _take(uow, shifts[move.to_shift_id], people[move.staff_id])
    for shift_id, shift in shifts.items():
        shift.change_set_id = recorder.change_set.id
        # one line a shift, so that an undo finds each as the swap left it
        recorder.note(shift_id, before[shift_id], shift_state(shift))
        uow.touch(shift.home_id)
    uow.session.flush()
    return recorder.finish().id


def _take(uow: UnitOfWork, shift: Shift, person: Staff) -> None:
    priced = read_vacancy(uow.session, uow.actor, shift.id)
    book = load_rate_book(uow.session)
    _set(
        uow, shift, user_id=person.id, is_vacant=False, vacancy_reason="", vacant_since=None,
        classification=Classification.REGULAR,
        cost_pence=price_for(priced, person.role_id, Classification.REGULAR, book),
    )  # fmt: skip


def _set(uow: UnitOfWork, shift: Shift, **values: Any) -> None:
    for name, value in values.items():
        setattr(shift, name, value)
    uow.session.flush()


def _locked(uow: UnitOfWork, moves: list[Move], vacancy_id: int) -> dict[int, Shift]:
    ids = {vacancy_id} | {m.to_shift_id for m in moves}
    ids |= {m.from_shift_id for m in moves if m.from_shift_id is not None}
    rows = uow.session.scalars(
        select(Shift)
        .where(Shift.id.in_(sorted(ids)))
        .order_by(Shift.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    found = {shift.id: shift for shift in rows}
    if set(found) != ids:
        raise NotFound("One of these shifts is gone.", hint="Look at the vacancy again.")
    for shift in rows:
        uow.actor.require(Permission.FILL_VACANCY, shift.home_id)
    for move in moves:
        if move.from_shift_id is not None and found[move.from_shift_id].user_id != move.staff_id:
            raise Conflict(f"{move.name} no longer works that shift.", hint="Look again.")
    if len(moves) == 2 and moves[1].to_shift_id != moves[0].from_shift_id:
        raise InvalidInput("The second person takes the shift the first one leaves.")
    return found


def _check_moves(
    uow: UnitOfWork, moves: list[Move], shifts: dict[int, Shift], people: dict[int, Staff]
) -> None:
    kinds, rulebook = load_shift_kinds(uow.session), load_rulebook(uow.session)
    day = shifts[moves[0].to_shift_id].date
    timelines = load_timelines(uow.session, list(people), Period(day, day), kinds=kinds)
    for move in moves:
        shift = shifts[move.to_shift_id]
        person = people[move.staff_id]
        if person.home_id != shift.home_id and not person.works_other_homes:
            raise RuleBreach(f"{person.name} belongs to another home.")
        refuse_if_away(uow.session, person.id, [shift.date])
        added = worked_shift(kinds[shift.shift_type_id], shift.id, shift)
        gone = () if move.from_shift_id is None else (move.from_shift_id,)
        said = check_change(timelines[person.id], Change((added,), gone), rulebook)
        if said.is_barred:
            first = said.verdicts[0]
            raise RuleBreach(f"{person.name}: {first.title}: {first.message}.")


def _in_the_way(timeline: Timeline, target: WorkedShift) -> Iterator[WorkedShift]:
    """Somebody's other shifts on the day of the vacancy and the days beside it."""
    day = timedelta(days=1)
    for shift in timeline.between(target.date - day, target.date + day):
        if shift.id != target.id and shift.unit_id is not None and not shift.is_supernumerary:
            yield shift


def _disturbance(shift: WorkedShift, target: WorkedShift) -> tuple[int, int, int]:
    """How far a move takes somebody: days, then hours of the day, then hours of work."""
    return (
        abs((shift.date - target.date).days),
        abs(shift.start - target.start),
        abs(shift.paid_minutes - target.paid_minutes),
    )


def _change_over(
    pool: Pool, timeline: Timeline, shift: WorkedShift, units: dict[int, str]
) -> Swap | None:
    """The person leaves ``shift`` for the vacancy, if the rules allow that."""
    change = Change((pool.shift,), (shift.id,))
    said = check_change(timeline, change, pool.rulebook)
    if said.is_barred or not isinstance(shift.id, int):
        return None
    move = Move(
        int(timeline.worker.id), timeline.worker.name, shift.id, pool.vacancy.shift_id,
        f"{timeline.worker.name} moves from {_where(shift, units)} to {pool.vacancy.code} on "
        f"{day_text(pool.vacancy.date)}, {pool.vacancy.unit}",
    )  # fmt: skip
    return Swap((move,), said.severity, tuple(v.message for v in said.verdicts))


def _two_moves(
    pool: Pool,
    timelines: dict[int, Timeline],
    blocked: list[tuple[Timeline, WorkedShift]],
    wanted: int,
    units: dict[int, str],
) -> list[Swap]:
    found: list[Swap] = []
    used: set[int] = set()
    for timeline, shift in blocked:
        first = _change_over(pool, timeline, shift, units)
        if first is None or len(found) >= wanted:
            continue
        second = _taker(pool, timelines, shift, {int(timeline.worker.id), *used}, units)
        if second is None:
            continue
        used.add(second.moves[0].staff_id)
        found.append(
            Swap(
                (*first.moves, *second.moves),
                max(first.severity, second.severity),
                (*first.warnings, *second.warnings),
            )
        )
    return found


def _taker(
    pool: Pool,
    timelines: dict[int, Timeline],
    shift: WorkedShift,
    busy: set[int],
    units: dict[int, str],
) -> Swap | None:
    """Somebody free (or else warned) who can take the shift that becomes open."""
    able = roles_able(pool.rulebook, shift, {p.role_code for p in pool.people})
    best: Swap | None = None
    for person in pool.people:
        if person.id in busy or person.role_code not in able:
            continue
        if person.home_id != shift.home_id:
            continue
        said = check_change(timelines[person.id], Change.add(shift), pool.rulebook)
        if said.is_barred or (best is not None and said.severity >= best.severity):
            continue
        move = Move(
            person.id, person.name, None, int(shift.id),
            f"{person.name} takes {_where(shift, units)}",
        )  # fmt: skip
        best = Swap((move,), said.severity, tuple(v.message for v in said.verdicts))
        if said.is_free:
            break
    return best


def _cover(session: Session, movable: list[tuple[Timeline, WorkedShift]], pool: Pool) -> CoverTable:
    units = {shift.unit_id for _, shift in movable if shift.unit_id is not None}
    day = timedelta(days=1)
    return cover_table(session, units, Period(pool.shift.date - day, pool.shift.date + day))


def _unit_names(session: Session, movable: list[tuple[Timeline, WorkedShift]]) -> dict[int, str]:
    ids = {shift.unit_id for _, shift in movable}
    rows = session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids))).all()
    return {row.id: row.name for row in rows}


def _where(shift: WorkedShift, units: dict[int, str]) -> str:
    return f"{shift.code} on {day_text(shift.date)}, {units.get(shift.unit_id or 0, '')}"


def _can_spare(cover: CoverTable, shift: WorkedShift) -> bool:
    """Whether the shift's unit keeps its minimum without it."""
    band = Band.NIGHT if shift.is_night else Band.DAY
    return cover.at(Slot(shift.unit_id or 0, shift.date, band)).spare > 0
