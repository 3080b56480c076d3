"""A member of staff as the engine's person: what she may do, when, how much and at what price."""

from __future__ import annotations

from datetime import date, time, timedelta

from rota.calendar import DAYS_PER_WEEK, Period, age_on, bank_holiday, minute_of, shift_instants
from rota.costs.rates import ShiftFacts, cost_of_shift
from rota.models import Band, Classification, Employment, Grade, ShiftType, Staff
from rota.optimisation.home_data import HISTORY_DAYS
from rota.optimisation.home_frame import Frame, Place
from rota.optimisation.problem import OFF, Person
from rota.rules.averages import weekly_averages

#: more than anybody could work in a period: no limit on how often
_PLENTY = 10_000
_ADULT = 18
_DAY = timedelta(days=1)
#: an hour of a day without a premium
_TEN, _ELEVEN = time(10), time(11)


def person_of(frame: Frame, staff: Staff) -> Person:
    """Rules, contract, prices and what already stands, for the days of the problem."""
    limits = frame.limits(staff.role.code)
    fixed, off = _fixed_and_off(frame, staff)
    contract = _contract(frame, staff)
    rate = _hourly_rate(frame, staff, Classification.REGULAR)
    overtime = _hourly_rate(frame, staff, Classification.OVERTIME)
    bank = staff.employment == Employment.BANK
    maximum = dict.fromkeys(_own_duties(frame, staff), _PLENTY)
    maximum.update(dict.fromkeys(fixed.values(), _PLENTY))
    run = min(limits.run_limit_days, DAYS_PER_WEEK - 1)  # a day of weekly rest in seven
    return Person(
        code=staff.sap_number,
        maximum=maximum,
        min_minutes=0,
        max_minutes=_headroom(frame, staff, fixed),
        max_run=max(run, _longest_run(fixed)),
        days_off=frozenset(off),
        barred=frozenset(
            _barred(frame, staff, maximum)
            + _before_what_follows(frame, staff, maximum)
            + _only_as_fixed(frame, staff, fixed)
        ),
        fixed=fixed,
        grade=staff.role.grade.value,
        contract_minutes=contract,
        under_price=0 if bank else rate * frame.prices.unused_contract_percent // 6000,
        # a bank hour and an overtime hour are paid; a contracted one is paid anyway
        over_price=(rate if bank else overtime) // 60,
        duty_price={
            duty: frame.prices.unfamiliar_unit
            for duty in maximum
            if frame.places[duty].unit_id not in (None, staff.unit_id)
        },
    )


def _own_duties(frame: Frame, staff: Staff) -> list[int]:
    """Duties of the person's role: on the own unit, for shared people on every unit."""
    shared = (
        staff.employment == Employment.BANK
        or staff.unit_id not in frame.unit_ids
        or staff.role.grade == Grade.SENIOR
    )
    if not staff.role.counts_to_cover:
        return []
    return [
        number
        for number, place in enumerate(frame.places[: frame.first_cover_free])
        if (shared or place.unit_id == staff.unit_id)
        and _may_work(frame, staff, frame.data.shift_types[place.shift_type_id])
    ]


def _may_work(frame: Frame, staff: Staff, kind: ShiftType) -> bool:
    if kind.roles:
        return any(role.id == staff.role_id for role in kind.roles)
    return staff.role.is_night == (kind.band == Band.NIGHT)


def _fixed_and_off(frame: Frame, staff: Staff) -> tuple[dict[int, int], set[int]]:
    """Day index → duty that stands, and day indices without work.

    History is fixed altogether: what was worked, and free days as days off.
    """
    fixed: dict[int, int] = {}
    for shift in frame.by_person[staff.id]:
        number = frame.day_index(shift.date)
        if number >= 0 and shift.id not in frame.decided and number not in fixed:
            fixed[number] = frame.index[Place(shift.shift_type_id, None)]
    off = {number for number in range(HISTORY_DAYS) if number not in fixed}
    for day in frame.data.days:
        employed = (staff.started_on is None or staff.started_on <= day) and (
            staff.left_on is None or day <= staff.left_on
        )
        if (staff.id, day) in frame.data.away or not employed or not _registered(staff, day):
            off.add(frame.day_index(day))
    return fixed, off - fixed.keys()


def _barred(frame: Frame, staff: Staff, maximum: dict[int, int]) -> list[tuple[int, int]]:
    """No night on the eve of leave (it would end on it), none for anybody under 18."""
    nights = [
        duty
        for duty in maximum
        if frame.data.shift_types[frame.places[duty].shift_type_id].band == Band.NIGHT
    ]
    barred = []
    for day in frame.data.days:
        number = frame.day_index(day)
        young = staff.date_of_birth is not None and age_on(staff.date_of_birth, day) < _ADULT
        if young or (staff.id, day + _DAY) in frame.data.away:
            barred += [(number, duty) for duty in nights]
    return barred


def _before_what_follows(
    frame: Frame, staff: Staff, maximum: dict[int, int]
) -> list[tuple[int, int]]:
    """No duty on the last day that leaves too little rest before the shift standing on the
    day after: the period ends, the rota goes on."""
    timeline = frame.data.timelines.get(staff.id)
    end = frame.data.end
    morning = timeline.between(end + _DAY, end + _DAY) if timeline is not None else ()
    if not morning:
        return []
    opens = min(shift.start for shift in morning) - frame.limits(staff.role.code).daily_rest
    barred = []
    for duty in maximum:
        if duty < frame.first_cover_free:
            kind = frame.data.shift_types[frame.places[duty].shift_type_id]
            if minute_of(shift_instants(end, kind.start_time, kind.end_time)[1]) > opens:
                barred.append((frame.day_index(end), duty))
    return barred


def _only_as_fixed(frame: Frame, staff: Staff, fixed: dict[int, int]) -> list[tuple[int, int]]:
    """Duties that somebody has only because they are fixed are possible there alone."""
    foreign = set(fixed.values()) - set(_own_duties(frame, staff))
    return [
        (number, duty)
        for duty in foreign
        for number in range(HISTORY_DAYS, HISTORY_DAYS + len(frame.data.days))
        if fixed.get(number) != duty
    ]


def _contract(frame: Frame, staff: Staff) -> int:
    """Contracted minutes of the period less the days away (a fifth of a week a day)."""
    if staff.employment == Employment.BANK:
        return 0
    days = len(frame.data.days)
    away = sum((staff.id, day) in frame.data.away for day in frame.data.days)
    return max(0, round(staff.contracted_minutes * (days - away) / 7))


def _headroom(frame: Frame, staff: Staff, fixed: dict[int, int]) -> int:
    """Minutes of the period that keep the projected weekly average lawful.

    The rule itself says it (WTR 1998 reg 4, over the rulebook's reference weeks of the
    role, excluded days made up): what each reference period that takes in the last day
    leaves beside the work that stands. No average, no limit: under an opt-out, or too
    new to average.
    """
    standing = sum(
        frame.minutes[frame.places[duty].shift_type_id]
        for day, duty in fixed.items()
        if day >= HISTORY_DAYS
    )
    timeline = frame.data.timelines.get(staff.id)
    if timeline is None:
        return standing
    gone = [shift.id for shift in frame.by_person[staff.id] if shift.id in frame.decided]
    averages = weekly_averages(
        timeline.changed(removed=gone),
        Period(frame.data.start, frame.data.end),
        frame.rulebook.parameters,
    )
    left = [
        average.headroom_minutes
        for average in averages
        if average.period.end >= frame.data.end
        and average.period.days >= DAYS_PER_WEEK * average.limits.weekly_settling_weeks
    ]
    everything = len(frame.data.days) * 24 * 60
    return standing + max(0, min(left, default=everything))


def _hourly_rate(frame: Frame, staff: Staff, classification: Classification) -> int:
    """Loaded pence for an hour on an ordinary weekday; 0 when the rate is not known."""
    night = staff.role.is_night
    starts, ends = shift_instants(frame.data.start, _TEN, _ELEVEN)
    cost = cost_of_shift(
        ShiftFacts(
            role_id=staff.role_id,
            date=_weekday(frame.data.start),
            starts_at=starts,
            ends_at=ends,
            paid_minutes=60,
            band=Band.NIGHT if night else Band.DAY,
            classification=classification,
        ),
        frame.data.rates,
    )
    return cost.total_pence or 0


def current_row(frame: Frame, staff: Staff, person: Person, days: int) -> tuple[int, ...]:
    """The person's rota as it stands, in duties; what would be unlawful is left out."""
    row = [OFF] * days
    for number, duty in person.fixed.items():
        row[number] = duty
    for shift in frame.by_person[staff.id]:
        number = frame.day_index(shift.date)
        wanted = frame.index.get(Place(shift.shift_type_id, shift.unit_id))
        free = shift.id in frame.decided and row[number] == OFF
        known = wanted is not None and wanted in person.maximum
        if free and known and number not in person.days_off:
            row[number] = frame.index[Place(shift.shift_type_id, shift.unit_id)]
    return tuple(row)


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
        day += _DAY
    return day
