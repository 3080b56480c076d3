"""From a home's rows to the problem that the engine solves, and the way back.

Shifts that are not the optimiser's to move (office, training, supernumerary, locked, in
another home) are fixed and occupy their person; everything that counts towards a unit's
cover is decided anew, with a price on every difference from the rota as it stands.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal

from rota.calendar import DAYS_PER_WEEK, Period, age_on, bank_holiday, minute_of, shift_instants
from rota.costs.people import BurdenKind
from rota.costs.rates import ShiftFacts, cost_of_shift
from rota.models import Band, Classification, Employment, Grade, Shift, ShiftType, Staff
from rota.optimisation.agency_caps import AGENCY, weekly_caps
from rota.optimisation.burdens import burden_shares, is_burden
from rota.optimisation.home_data import HISTORY_DAYS, HomeData
from rota.optimisation.prices import Prices
from rota.optimisation.problem import OFF, Demand, Duty, Person, Problem, Request, Roster, Step
from rota.rules.averages import weekly_averages
from rota.rules.parameters import Limits
from rota.rules.rulebook import DEFAULT_RULEBOOK, Rulebook

_PLENTY = 10_000
_ADULT = 18
#: part above the fair share from which it is priced, and at which the price stops rising
_LEAST_EXCESS, _MOST_EXCESS = 0.1, 1.5
_TEN, _ELEVEN = time(10), time(11)


@dataclass(frozen=True, slots=True)
class Place:
    """What a duty index means: a shift type on a unit (no unit: history or fixed work)."""

    shift_type_id: int
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class HomeProblem:
    """The engine's problem and what its indices mean."""

    data: HomeData
    problem: Problem
    places: tuple[Place, ...]
    #: staff ids in the order of ``problem.people``
    staff_ids: tuple[int, ...]
    #: shifts the answer decides about (they are replaced), by id
    decided: dict[int, Shift]
    #: the rota as it stands, as a roster of the problem (unlawful parts left out)
    current: Roster
    prices: Prices

    def day_of(self, index: int) -> date:
        """The rota day of a day index of the problem."""
        return self.data.start + timedelta(days=index - self.problem.first_open_day)


def build_problem(
    data: HomeData, prices: Prices | None = None, rulebook: Rulebook = DEFAULT_RULEBOOK
) -> HomeProblem:
    """The whole home, every day together, as one problem."""
    prices = prices or Prices()
    builder = _Builder(data, prices, rulebook)
    return builder.build()


class _Builder:
    def __init__(self, data: HomeData, prices: Prices, rulebook: Rulebook) -> None:
        self.data, self.prices, self.rulebook = data, prices, rulebook
        self.kinds = [
            kind
            for kind in sorted(data.shift_types.values(), key=lambda kind: kind.id)
            if kind.is_active
        ]
        cover = [kind for kind in self.kinds if kind.counts_to_cover and kind.band != Band.OFFICE]
        # a home uses a few of the organisation's shift types: offering it the others would
        # multiply the search and propose shifts nobody there works
        used = {shift.shift_type_id for shift in data.shifts if shift.home_id == data.home_id}
        bands = {kind.band for kind in cover if kind.id in used}
        # where no type of a band has been used yet, any of them is better than an open day
        self.cover_kinds = [kind for kind in cover if kind.id in used or kind.band not in bands]
        self.places: list[Place] = [
            Place(kind.id, unit.id) for unit in data.units for kind in self.cover_kinds
        ]
        self.first_cover_free = len(self.places)
        self.places += [Place(kind.id, None) for kind in data.shift_types.values()]
        self.index = {place: number for number, place in enumerate(self.places)}
        self.minutes = {kind.id: _minutes(kind) for kind in data.shift_types.values()}
        self.by_person: dict[int, list[Shift]] = defaultdict(list)
        for shift in data.shifts:
            if shift.user_id is not None:
                self.by_person[shift.user_id].append(shift)
        self.unit_ids = {unit.id for unit in data.units}
        self.decided: dict[int, Shift] = {
            shift.id: shift for shift in data.shifts if self.is_ours(shift)
        }

    def is_ours(self, shift: Shift) -> bool:
        """Whether the optimiser decides about this shift."""
        kind = self.data.shift_types[shift.shift_type_id]
        return (
            shift.date >= self.data.start
            and shift.unit_id in self.unit_ids
            and kind in self.cover_kinds
            and not self.data.is_locked(shift)
            and not shift.is_supernumerary
        )

    def build(self) -> HomeProblem:
        people = [(staff, self.person(staff)) for staff in self.data.staff]
        people = [(staff, person) for staff, person in people if self.can_do_anything(person)]
        staff_ids = tuple(staff.id for staff, _ in people)
        position = {staff_id: number for number, staff_id in enumerate(staff_ids)}
        total = HISTORY_DAYS + len(self.data.days)
        demands = tuple(self.demands())
        problem = Problem(
            days=total,
            duties=tuple(self.duty(number) for number in range(len(self.places))),
            people=tuple(person for _, person in people),
            demands=demands,
            requests=tuple(self.requests(position) + self.fairness(people)),
            supplies=weekly_caps(
                self.data,
                demands,
                {band: self.longest_minutes(band) for band in Band if self.kinds_of(band)},
            ),
            weekends=self.weekends(total),
            first_open_day=HISTORY_DAYS,
            name=self.data.name,
        )
        current = tuple(self.current_row(staff, person, total) for staff, person in people)
        return HomeProblem(
            self.data, problem, tuple(self.places), staff_ids, self.decided, current, self.prices
        )

    # --- duties -----------------------------------------------------------------------

    def duty(self, number: int) -> Duty:
        place = self.places[number]
        kind = self.data.shift_types[place.shift_type_id]
        return Duty(
            code=kind.code,
            minutes=self.minutes[kind.id],
            not_next_day=frozenset(
                other
                for other, next_place in enumerate(self.places)
                if not self.may_follow(kind, self.data.shift_types[next_place.shift_type_id])
            ),
            unit=str(place.unit_id or ""),
        )

    def may_follow(self, first: ShiftType, second: ShiftType) -> bool:
        """Whether the rest between two types on consecutive days is enough (daily rest)."""
        day = self.data.start
        _, ends = shift_instants(day, first.start_time, first.end_time)
        starts, _ = shift_instants(day + timedelta(days=1), second.start_time, second.end_time)
        return minute_of(starts) - minute_of(ends) >= self.limits("").daily_rest

    def limits(self, role: str) -> Limits:
        return self.rulebook.parameters.at(self.data.start, role)

    # --- people -----------------------------------------------------------------------

    def person(self, staff: Staff) -> Person:
        limits = self.limits(staff.role.code)
        fixed, off = self.fixed_and_off(staff)
        contract = self.contract(staff)
        rate = self.hourly_rate(staff, Classification.REGULAR)
        overtime = self.hourly_rate(staff, Classification.OVERTIME)
        bank = staff.employment == Employment.BANK
        maximum = dict.fromkeys(self.own_duties(staff), _PLENTY)
        maximum.update(dict.fromkeys(fixed.values(), _PLENTY))
        run = min(limits.run_limit_days, DAYS_PER_WEEK - 1)  # a day of weekly rest in seven
        return Person(
            code=staff.sap_number,
            maximum=maximum,
            min_minutes=0,
            max_minutes=self.headroom(staff, fixed),
            max_run=max(run, _longest_run(fixed)),
            days_off=frozenset(off),
            barred=frozenset(self.barred(staff, maximum) + self.only_as_fixed(staff, fixed)),
            fixed=fixed,
            grade=staff.role.grade.value,
            contract_minutes=contract,
            under_price=0 if bank else rate * self.prices.unused_contract_percent // 6000,
            # a bank hour and an overtime hour are paid; a contracted one is paid anyway
            over_price=(rate if bank else overtime) // 60,
            duty_price={
                duty: self.prices.unfamiliar_unit
                for duty in maximum
                if self.places[duty].unit_id not in (None, staff.unit_id)
            },
        )

    def own_duties(self, staff: Staff) -> list[int]:
        """Duties of the person's role: on the own unit, for shared people on every unit."""
        shared = (
            staff.employment == Employment.BANK
            or staff.unit_id not in self.unit_ids
            or staff.role.grade == Grade.SENIOR
        )
        if not staff.role.counts_to_cover:
            return []
        return [
            number
            for number, place in enumerate(self.places[: self.first_cover_free])
            if (shared or place.unit_id == staff.unit_id)
            and self.may_work(staff, self.data.shift_types[place.shift_type_id])
        ]

    def may_work(self, staff: Staff, kind: ShiftType) -> bool:
        if kind.roles:
            return any(role.id == staff.role_id for role in kind.roles)
        return staff.role.is_night == (kind.band == Band.NIGHT)

    def fixed_and_off(self, staff: Staff) -> tuple[dict[int, int], set[int]]:
        """Day index → duty that stands, and day indices without work.

        History is fixed altogether: what was worked, and free days as days off.
        """
        fixed: dict[int, int] = {}
        for shift in self.by_person[staff.id]:
            number = self.day_index(shift.date)
            if number >= 0 and shift.id not in self.decided and number not in fixed:
                fixed[number] = self.index[Place(shift.shift_type_id, None)]
        off = {number for number in range(HISTORY_DAYS) if number not in fixed}
        for day in self.data.days:
            employed = (staff.started_on is None or staff.started_on <= day) and (
                staff.left_on is None or day <= staff.left_on
            )
            if (staff.id, day) in self.data.away or not employed or not _registered(staff, day):
                off.add(self.day_index(day))
        return fixed, off - fixed.keys()

    def barred(self, staff: Staff, maximum: dict[int, int]) -> list[tuple[int, int]]:
        """No night on the eve of leave (it would end on it), none for anybody under 18."""
        nights = [
            duty
            for duty in maximum
            if self.data.shift_types[self.places[duty].shift_type_id].band == Band.NIGHT
        ]
        barred = []
        for day in self.data.days:
            number = self.day_index(day)
            young = staff.date_of_birth is not None and age_on(staff.date_of_birth, day) < _ADULT
            if young or (staff.id, day + timedelta(days=1)) in self.data.away:
                barred += [(number, duty) for duty in nights]
        return barred

    def only_as_fixed(self, staff: Staff, fixed: dict[int, int]) -> list[tuple[int, int]]:
        """Duties that somebody has only because they are fixed are possible there alone."""
        foreign = set(fixed.values()) - set(self.own_duties(staff))
        return [
            (number, duty)
            for duty in foreign
            for number in range(HISTORY_DAYS, HISTORY_DAYS + len(self.data.days))
            if fixed.get(number) != duty
        ]

    def contract(self, staff: Staff) -> int:
        """Contracted minutes of the period less the days away (a fifth of a week a day)."""
        if staff.employment == Employment.BANK:
            return 0
        days = len(self.data.days)
        away = sum((staff.id, day) in self.data.away for day in self.data.days)
        return max(0, round(staff.contracted_minutes * (days - away) / 7))

    def headroom(self, staff: Staff, fixed: dict[int, int]) -> int:
        """Minutes of the period that keep the projected weekly average lawful.

        The rule itself says it (WTR 1998 reg 4, over the rulebook's reference weeks of the
        role, excluded days made up): what each reference period that takes in the last day
        leaves beside the work that stands. No average, no limit: under an opt-out, or too
        new to average.
        """
        standing = sum(
            self.minutes[self.places[duty].shift_type_id]
            for day, duty in fixed.items()
            if day >= HISTORY_DAYS
        )
        timeline = self.data.timelines.get(staff.id)
        if timeline is None:
            return standing
        gone = [shift.id for shift in self.by_person[staff.id] if shift.id in self.decided]
        averages = weekly_averages(
            timeline.changed(removed=gone),
            Period(self.data.start, self.data.end),
            self.rulebook.parameters,
        )
        left = [
            average.headroom_minutes
            for average in averages
            if average.period.end >= self.data.end
            and average.period.days >= DAYS_PER_WEEK * average.limits.weekly_settling_weeks
        ]
        everything = len(self.data.days) * 24 * 60
        return standing + max(0, min(left, default=everything))

    def hourly_rate(self, staff: Staff, classification: Classification) -> int:
        """Loaded pence for an hour on an ordinary weekday; 0 when the rate is not known."""
        night = staff.role.is_night
        starts, ends = shift_instants(self.data.start, _TEN, _ELEVEN)
        cost = cost_of_shift(
            ShiftFacts(
                role_id=staff.role_id,
                date=_weekday(self.data.start),
                starts_at=starts,
                ends_at=ends,
                paid_minutes=60,
                band=Band.NIGHT if night else Band.DAY,
                classification=classification,
            ),
            self.data.rates,
        )
        return cost.total_pence or 0

    def can_do_anything(self, person: Person) -> bool:
        return any(duty < self.first_cover_free for duty in person.maximum)

    # --- what is wanted ---------------------------------------------------------------

    def demands(self) -> list[Demand]:
        found: list[Demand] = []
        duties = self.duties_by_unit_and_band()
        standing = self.standing_cover()
        for (unit_id, day, band), need in sorted(self.data.needs.items()):
            chosen = duties.get((unit_id, band))
            if not chosen:
                continue
            there, seniors_there = standing.get((unit_id, day, band), (0, 0))
            number = self.day_index(day)
            name = f"{unit_id}/{band.value}"
            minimum = max(0, need.minimum - there)
            if minimum:
                found.append(
                    Demand(number, f"{name}/minimum", minimum, chosen, self.sources(day, band))
                )
            ideal = max(0, need.ideal - there)
            found.append(
                Demand(
                    number, f"{name}/ideal", ideal, chosen, (Step(self.prices.below_ideal),),
                    over_price=self.prices.above_ideal,
                )
            )  # fmt: skip
            seniors = max(0, need.senior_minimum - seniors_there)
            if seniors:
                found.append(
                    Demand(
                        number, f"{name}/senior", seniors, chosen,
                        (Step(self.prices.senior_missing, source="no senior"),),
                        grades=frozenset({Grade.SENIOR.value}),
                    )
                )  # fmt: skip
        return found

    def duties_by_unit_and_band(self) -> dict[tuple[int, Band], frozenset[int]]:
        grouped: dict[tuple[int, Band], set[int]] = defaultdict(set)
        for number, place in enumerate(self.places[: self.first_cover_free]):
            if place.unit_id is not None:
                band = self.data.shift_types[place.shift_type_id].band
                grouped[place.unit_id, band].add(number)
        return {key: frozenset(duties) for key, duties in grouped.items()}

    def standing_cover(self) -> dict[tuple[int, date, Band], tuple[int, int]]:
        """People on fixed shifts that count to cover, and seniors among them."""
        grades = {staff.id: staff.role.grade for staff in self.data.staff}
        cover: dict[tuple[int, date, Band], tuple[int, int]] = {}
        for shift in self.data.shifts:
            kind = self.data.shift_types[shift.shift_type_id]
            if (
                shift.is_vacant
                or shift.is_supernumerary
                or shift.id in self.decided
                or not kind.counts_to_cover
                or shift.date < self.data.start
            ):
                continue
            key = (shift.unit_id, shift.date, kind.band)
            there, seniors = cover.get(key, (0, 0))
            senior = grades.get(shift.user_id or 0) == Grade.SENIOR
            cover[key] = (there + 1, seniors + senior)
        return cover

    def sources(self, day: date, band: Band) -> tuple[Step, ...]:
        """The cheapest agency, then a gap (their weekly caps: ``agency_caps.py``)."""
        price = min(
            (self.agency_price(agency.id, day, band) for agency in self.data.agencies),
            default=self.prices.unfilled,
        )
        gap = Step(self.prices.unfilled)
        if price >= gap.price:
            return (gap,)
        return (Step(price, limit=_PLENTY, source=AGENCY), gap)

    def kinds_of(self, band: Band) -> list[ShiftType]:
        return [kind for kind in self.cover_kinds if kind.band == band]

    def longest_minutes(self, band: Band) -> int:
        return max(self.minutes[kind.id] for kind in self.kinds_of(band))

    def agency_price(self, agency_id: int, day: date, band: Band) -> int:
        """Pence for the longest shift of the band by the cheapest role the supplier has."""
        kinds, minutes = self.kinds_of(band), self.longest_minutes(band)
        roles = {staff.role_id for staff in self.data.staff if staff.role.counts_to_cover}
        prices = []
        for role_id in sorted(roles):
            starts, ends = shift_instants(day, kinds[0].start_time, kinds[0].end_time)
            cost = cost_of_shift(
                ShiftFacts(
                    role_id=role_id, date=day, starts_at=starts, ends_at=ends,
                    paid_minutes=minutes, band=band, classification=Classification.AGENCY,
                    agency_id=agency_id, is_bank_holiday=bank_holiday(day) is not None,
                ),
                self.data.rates,
            )  # fmt: skip
            if cost.total_pence is not None:
                prices.append(cost.total_pence)
        fallback = int(Decimal(self.prices.agency_fallback_hour) * minutes / 60)
        return min(prices, default=fallback)

    def requests(self, position: dict[int, int]) -> list[Request]:
        """Keep what is rostered where it does not cost more than the price of a change."""
        found = []
        for shift in self.decided.values():
            person = position.get(shift.user_id or -1)
            duty = self.index.get(Place(shift.shift_type_id, shift.unit_id))
            if person is not None and duty is not None:
                found.append(
                    Request(
                        person, self.day_index(shift.date), duty, self.prices.change, wanted=True
                    )
                )
        return found

    def fairness(self, people: list[tuple[Staff, Person]]) -> list[Request]:
        """A price on weekends, nights and bank holidays for whoever had more than their share
        of them; a shift that is two of these is priced for both."""
        if not self.prices.fairness:
            return []
        found = []
        for kind in BurdenKind:
            shares = burden_shares(self.data, kind)
            for place, (staff, person) in enumerate(people):
                excess = min(_MOST_EXCESS, shares.get(staff.id, 1.0) - 1.0)
                weight = round(self.prices.fairness * excess)
                if excess >= _LEAST_EXCESS and weight >= 1:
                    found += [
                        Request(place, day, duty, weight, wanted=False)
                        for day, duty in self.burdensome(kind, person)
                    ]
        return found

    def burdensome(self, kind: BurdenKind, person: Person) -> list[tuple[int, int]]:
        """Days and duties that a person may be given and that are unsocial in this way."""
        bands = {
            duty: self.data.shift_types[self.places[duty].shift_type_id].band
            for duty in sorted(person.maximum)
            if duty < self.first_cover_free
        }
        return [
            (number, duty)
            for day in self.data.days
            if (number := self.day_index(day)) not in person.days_off and number not in person.fixed
            for duty, band in bands.items()
            if is_burden(kind, day, band)
        ]

    def weekends(self, total: int) -> tuple[frozenset[int], ...]:
        first = self.data.start - timedelta(days=HISTORY_DAYS)
        found: dict[date, set[int]] = defaultdict(set)
        for number in range(total):
            day = first + timedelta(days=number)
            if day.weekday() >= 5:
                found[day - timedelta(days=day.weekday())].add(number)
        return tuple(frozenset(days) for _, days in sorted(found.items()))

    # --- the rota as it stands --------------------------------------------------------

    def current_row(self, staff: Staff, person: Person, days: int) -> tuple[int, ...]:
        row = [OFF] * days
        for number, duty in person.fixed.items():
            row[number] = duty
        for shift in self.by_person[staff.id]:
            number = self.day_index(shift.date)
            wanted = self.index.get(Place(shift.shift_type_id, shift.unit_id))
            free = shift.id in self.decided and row[number] == OFF
            known = wanted is not None and wanted in person.maximum
            if free and known and number not in person.days_off:
                row[number] = self.index[Place(shift.shift_type_id, shift.unit_id)]
        return tuple(row)

    def day_index(self, day: date) -> int:
        return (day - self.data.start).days + HISTORY_DAYS


def _minutes(kind: ShiftType) -> int:
    """Paid minutes of a shift type on a day without a clock change."""
    span = (
        (kind.end_time.hour * 60 + kind.end_time.minute)
        - (kind.start_time.hour * 60 + kind.start_time.minute)
    ) % (24 * 60) or 24 * 60
    return span if kind.break_is_paid else max(0, span - kind.break_minutes)


def _registered(staff: Staff, day: date) -> bool:
    """An expired registration keeps a role that needs one from working (the rule decides
    about newcomers; here only a known lapse counts)."""
    expires = staff.registration_expires
    return not staff.role.needs_registration or expires is None or day <= expires


def _longest_run(fixed: dict[int, int]) -> int:
    """The longest fixed run that reaches the days to be decided: it is there already."""
    longest = run = 0
    previous = -2
    for day in sorted(fixed):
        run = run + 1 if day == previous + 1 else 1
        previous = day
        if day >= HISTORY_DAYS - 1:
            longest = max(longest, run)
    return longest


def _weekday(day: date) -> date:
    """The first day from ``day`` on that is no weekend and no bank holiday."""
    while day.weekday() >= 5 or bank_holiday(day):
        day += timedelta(days=1)
    return day
