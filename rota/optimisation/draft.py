"""From the engine's answer to shifts: who works what, which gap an agency fills, what stays
open, and what all of it costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from rota.calendar import bank_holiday, duration_minutes, shift_instants
from rota.costs.rates import ShiftFacts, cost_of_shift
from rota.models import Band, Classification, Employment, Grade, Shift, ShiftType, Staff
from rota.optimisation.agency_caps import Caps
from rota.optimisation.home import HomeProblem
from rota.optimisation.home_data import HomeData
from rota.optimisation.problem import OFF, Roster
from rota.rules.timeline import WorkedShift


@dataclass(frozen=True, slots=True)
class DraftShift:
    """One proposed shift: by a person, by an agency, or a vacancy (both null)."""

    unit_id: int
    date: date
    shift_type_id: int
    staff_id: int | None
    agency_id: int | None
    role_id: int | None
    classification: Classification
    starts_at: datetime
    ends_at: datetime
    paid_minutes: int
    cost_pence: int | None

    @property
    def is_vacant(self) -> bool:
        """Whether nobody is on it."""
        return self.staff_id is None and self.agency_id is None

    def worked(self, data: HomeData, number: int) -> WorkedShift:
        """As the rules see it; ``number`` makes its id."""
        kind = data.shift_types[self.shift_type_id]
        return proposed_shift(data, self.unit_id, self.date, kind, number)


def proposed_shift(
    data: HomeData, unit_id: int, day: date, kind: ShiftType, number: int
) -> WorkedShift:
    """A shift on a unit of the home as the rules see it; ``number`` makes its id."""
    starts_at, ends_at = shift_instants(day, kind.start_time, kind.end_time)
    return WorkedShift(
        f"draft-{number}", day, starts_at, ends_at, kind.break_minutes, unit_id, data.home_id,
        kind.code, kind.band == Band.NIGHT, kind.is_sleep_in, kind.counts_as_working_time,
        allowed_roles=frozenset(role.code for role in kind.roles),
        paid_minutes=_paid(kind, starts_at, ends_at),
    )  # fmt: skip


def draft_of(home: HomeProblem, roster: Roster) -> list[DraftShift]:
    """Every decided shift of an answer, in order of day, unit and person, then the gaps."""
    shifts = list(_assigned(home, roster))
    return shifts + fill_gaps(home.data, shifts)


def _assigned(home: HomeProblem, roster: Roster) -> Iterable[DraftShift]:
    data = home.data
    staff = {person.id: person for person in data.staff}
    for position, row in enumerate(roster):
        person = staff[home.staff_ids[position]]
        used = _fixed_minutes(home, position)
        contract = home.problem.people[position].contract_minutes
        for number in range(home.problem.first_open_day, home.problem.days):
            place = home.places[row[number]] if row[number] != OFF else None
            if place is None or place.unit_id is None:
                continue
            kind = data.shift_types[place.shift_type_id]
            used += _paid(kind, *shift_instants(data.start, kind.start_time, kind.end_time))
            classification = _classification(person, used, contract)
            yield make_draft(
                data, place.unit_id, home.day_of(number), kind, classification, person=person
            )


def _fixed_minutes(home: HomeProblem, position: int) -> int:
    person = home.problem.people[position]
    return sum(
        home.problem.duties[duty].minutes
        for number, duty in person.fixed.items()
        if number >= home.problem.first_open_day
    )


def _classification(person: Staff, used: int, contract: int) -> Classification:
    """Own staff beyond contract work overtime; half a shift of tolerance evens out weeks."""
    if person.employment == Employment.BANK:
        return Classification.BANK
    over = used - contract > _TOLERANCE_MINUTES
    return Classification.OVERTIME if over else Classification.REGULAR


_TOLERANCE_MINUTES = 6 * 60


def make_draft(
    data: HomeData,
    unit_id: int,
    day: date,
    kind: ShiftType,
    classification: Classification,
    *,
    person: Staff | None = None,
    agency_id: int | None = None,
    role_id: int | None = None,
) -> DraftShift:
    """A priced shift; without person and agency a vacancy, which costs nothing."""
    starts_at, ends_at = shift_instants(day, kind.start_time, kind.end_time)
    paid = _paid(kind, starts_at, ends_at)
    role = person.role_id if person is not None else role_id
    cost: int | None = 0
    if person is not None or agency_id is not None:
        facts = ShiftFacts(
            role_id=role, date=day, starts_at=starts_at, ends_at=ends_at, paid_minutes=paid,
            band=kind.band, classification=classification, agency_id=agency_id,
            is_bank_holiday=bank_holiday(day) is not None,
        )  # fmt: skip
        cost = cost_of_shift(facts, data.rates).total_pence
    return DraftShift(
        unit_id, day, kind.id, person.id if person else None, agency_id, role, classification,
        starts_at, ends_at, paid, cost,
    )  # fmt: skip


def _paid(kind: ShiftType, starts_at: datetime, ends_at: datetime) -> int:
    unpaid = 0 if kind.break_is_paid else kind.break_minutes
    return max(0, duration_minutes(starts_at, ends_at) - unpaid)


def fill_gaps(data: HomeData, shifts: list[DraftShift]) -> list[DraftShift]:
    """A shift for every person missing to a minimum: by agency up to its weekly cap, else open."""
    there = present(data, shifts)
    caps = Caps(data)
    gaps: list[DraftShift] = []
    for (unit_id, day, band), need in sorted(data.needs.items()):
        missing = need.minimum - there.get((unit_id, day, band), 0)
        kind = _usual_kind(data, band, unit_id)
        if kind is None:
            continue
        role_id = _role_for(data, kind)
        for _ in range(max(0, missing)):
            gaps.append(_gap(data, caps, unit_id, day, kind, role_id))
    return gaps


def refilled(data: HomeData, shifts: list[DraftShift]) -> list[DraftShift]:
    """The people of a draft, and the gaps that are there without those taken off filled anew."""
    people = [draft for draft in shifts if draft.staff_id is not None]
    return people + fill_gaps(data, people)


def _gap(
    data: HomeData, caps: Caps, unit_id: int, day: date, kind: ShiftType, role_id: int | None
) -> DraftShift:
    vacancy = make_draft(data, unit_id, day, kind, Classification.REGULAR, role_id=role_id)
    offers = [
        make_draft(
            data, unit_id, day, kind, Classification.AGENCY, agency_id=agency.id, role_id=role_id
        )
        for agency in data.agencies
        if caps.has_room(agency.id, day, vacancy.paid_minutes)
    ]
    if not offers:
        return vacancy
    chosen = min(offers, key=lambda offer: (offer.cost_pence is None, offer.cost_pence or 0))
    caps.use(chosen.agency_id or 0, day, chosen.paid_minutes)
    return chosen


def present(data: HomeData, shifts: list[DraftShift]) -> dict[tuple[int, date, Band], int]:
    """People on decided and on fixed shifts that count to cover."""
    there: dict[tuple[int, date, Band], int] = defaultdict(int)
    for draft in shifts:
        if draft.is_vacant:
            continue
        there[draft.unit_id, draft.date, data.shift_types[draft.shift_type_id].band] += 1
    for shift in data.shifts:
        if is_standing(data, shift):
            there[shift.unit_id, shift.date, data.shift_types[shift.shift_type_id].band] += 1
    return there


def is_standing(data: HomeData, shift: Shift) -> bool:
    """A shift that the optimiser leaves alone and that counts to cover."""
    kind = data.shift_types[shift.shift_type_id]
    return (
        data.is_locked(shift)
        and not shift.is_vacant
        and not shift.is_supernumerary
        and kind.counts_to_cover
        and kind.band != Band.OFFICE
        and shift.date >= data.start
    )


def _usual_kind(data: HomeData, band: Band, unit_id: int) -> ShiftType | None:
    """The shift type of the band that the unit uses most (not a senior's)."""
    counts: dict[int, int] = defaultdict(int)
    for shift in data.shifts:
        kind = data.shift_types[shift.shift_type_id]
        if kind.band == band and kind.counts_to_cover and not kind.is_senior:
            counts[kind.id] += 1 + 1000 * (shift.unit_id == unit_id)
    if counts:
        return data.shift_types[max(counts, key=lambda key: (counts[key], -key))]
    fitting = [
        kind
        for kind in data.shift_types.values()
        if kind.band == band and kind.counts_to_cover and kind.is_active
    ]
    return min(fitting, key=lambda kind: (kind.is_senior, kind.id), default=None)


def _role_for(data: HomeData, kind: ShiftType) -> int | None:
    """The role a gap of this type asks for: the most junior that may work it."""
    order = [Grade.ASSISTANT, Grade.WORKER, Grade.SENIOR]
    roles = [role for role in kind.roles if role.grade in order]
    if not roles:
        return None
    return min(roles, key=lambda role: (order.index(role.grade), role.id)).id


def without_person(draft: DraftShift, data: HomeData) -> DraftShift:
    """The same shift as a vacancy."""
    kind = data.shift_types[draft.shift_type_id]
    vacancy = make_draft(
        data, draft.unit_id, draft.date, kind, Classification.REGULAR, role_id=draft.role_id
    )
    return replace(vacancy, role_id=_role_for(data, kind))
