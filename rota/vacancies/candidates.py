"""Ranking the people and agencies that could fill a vacancy, each with every reason.

Best first: what the rules say (free, warned, barred), then whether the shift is for their
grade, then where they come from (unit, home, other homes, bank, overtime), price, familiarity
with the unit, and how few nights and weekends they have had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from statistics import fmean

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.calendar import Period, bank_holiday, hours_text, monday, sunday
from rota.carer.preferences import Wish
from rota.costs.rates import RateBook, ShiftFacts, cost_of_shift
from rota.models import Agency, Classification, Employment, OfferState, Shift
from rota.rules import (
    Change,
    Severity,
    Timeline,
    Verdict,
    check_change,
    weekly_hours_headroom,
)
from rota.vacancies.ground import Past, Person, load_ground
from rota.vacancies.policy import FillPolicy
from rota.vacancies.pool import Pool, load_pool
from rota.vacancies.queries import vacancy as read_vacancy
from rota.vacancies.values import (
    AgencyOption,
    Candidate,
    Ranking,
    Reason,
    Tier,
    Vacancy,
)

#: judged in one go; somebody further down is judged only while too few are free
CHUNK = 40
#: free candidates after which nobody further down need be judged
ENOUGH_FREE = 5


def rank_candidates(
    session: Session, actor: Actor, shift_id: int, *, enough: int | None = ENOUGH_FREE
) -> Ranking:
    """The people who may be asked for one vacancy, best first, and the agencies.

    People are judged in the order in which they would be asked until ``enough`` are free;
    ``None`` judges everybody. Raises :class:`NotFound` when it is filled,
    :class:`NotAllowed` for another home.
    """
    vacancy = read_vacancy(session, actor, shift_id)
    ground = load_ground(session, [vacancy])
    pool = load_pool(session, vacancy, ground)
    found, unjudged = _rank(session, pool, enough)
    agencies = tuple(agency_options(session, vacancy, ground.rates, ground.policy))
    return Ranking(vacancy, tuple(found), agencies, unjudged)


def shortlist(
    session: Session, pool: Pool, *, enough: int | None, chunk: int
) -> tuple[list[Candidate], int]:
    """Who may lawfully take the vacancy of a pool, best first, and how many were left unjudged.

    For filling many vacancies together: so many people are judged at a time until ``enough``
    are free, and the reasons, which nobody reads there, are left out.
    """
    everybody = _candidates(pool)
    judged, unjudged = _judged_in_turn(session, pool, everybody, enough, chunk, _verdict)
    return [c for c in judged if c.severity is not Severity.BARRED], unjudged


#: a candidate with what the rules say
Judge = Callable[[Pool, Candidate, Timeline], Candidate]


def _rank(session: Session, pool: Pool, enough: int | None) -> tuple[list[Candidate], int]:
    """The people of a pool as candidates, best first, and how many were left unjudged."""
    everybody = _candidates(pool)
    judged, unjudged = _judged_in_turn(session, pool, everybody, enough, CHUNK, _judged)
    judged += [
        _said(c, Severity.BARRED, pool.clashes[c.staff_id], pool)
        for c in everybody
        if c.staff_id in pool.clashes
    ]
    judged.sort(key=_best_first)
    return judged, unjudged


def _judged_in_turn(
    session: Session,
    pool: Pool,
    everybody: list[Candidate],
    enough: int | None,
    size: int,
    look: Judge,
) -> tuple[list[Candidate], int]:
    """Those who do not clash, judged in the order of asking until enough are free."""
    waiting = [c for c in everybody if c.staff_id not in pool.clashes]
    judged: list[Candidate] = []
    while waiting and (enough is None or _free(judged) < enough):
        chunk, waiting = waiting[:size], waiting[size:]
        timelines = pool.ground.timelines(session, [c.staff_id for c in chunk])
        judged += [look(pool, c, timelines[c.staff_id]) for c in chunk if c.staff_id in timelines]
    judged.sort(key=_best_first)
    return judged, len(waiting)


def _free(candidates: list[Candidate]) -> int:
    return sum(1 for c in candidates if c.severity is Severity.OK)


def _verdict(pool: Pool, candidate: Candidate, timeline: Timeline) -> Candidate:
    """The candidate with what the rules say, without the reasons."""
    said = check_change(timeline, Change.add(pool.shift), pool.rulebook)
    return replace(candidate, severity=said.severity, verdicts=said.verdicts)


def _judged(pool: Pool, candidate: Candidate, timeline: Timeline) -> Candidate:
    """The candidate with what the rules say, and the headroom left with the shift."""
    said = check_change(timeline, Change.add(pool.shift), pool.rulebook)
    found = _said(candidate, said.severity, said.verdicts, pool)
    if said.is_barred:
        return found
    added = timeline.changed(added=(pool.shift,))
    minutes = weekly_hours_headroom(added, pool.shift.date, pool.rulebook)
    if minutes is None:
        return found
    per_week = minutes // _average_weeks(pool, timeline)
    words = f"{hours_text(per_week)} a week below the 48-hour average with this"
    reasons = (*found.reasons, Reason(words, minutes >= 0))
    return replace(found, headroom_minutes=minutes, reasons=reasons)


def _average_weeks(pool: Pool, timeline: Timeline) -> int:
    limits = pool.rulebook.parameters.at(pool.shift.date, timeline.worker.role_code)
    return max(1, limits.weekly_reference_weeks)


def _said(
    candidate: Candidate, severity: Severity, verdicts: tuple[Verdict, ...], pool: Pool
) -> Candidate:
    told = replace(candidate, severity=severity, verdicts=verdicts)
    return replace(told, reasons=tuple(_reasons(told, pool.vacancy, pool.ground.policy)))


def classification_of(person: Person, week_minutes: int, shift_minutes: int) -> Classification:
    """The source the hours would come from: bank, within the contract, or overtime."""
    if person.employment is Employment.BANK:
        return Classification.BANK
    within = week_minutes + shift_minutes <= person.contracted_minutes
    return Classification.REGULAR if within else Classification.OVERTIME


def tier_of(person: Person, vacancy: Vacancy, source: Classification) -> Tier:
    """Where somebody stands in the order of asking."""
    if source is Classification.BANK:
        return Tier.BANK
    if source is Classification.OVERTIME:
        return Tier.OVERTIME
    if person.home_id != vacancy.home_id:
        return Tier.OTHER_HOME
    return Tier.UNIT if person.unit_id == vacancy.unit_id else Tier.HOME


def price_for(
    vacancy: Vacancy,
    role_id: int | None,
    source: Classification,
    book: RateBook,
    agency_id: int | None = None,
) -> int | None:
    """What the vacancy costs filled by a role from a source, in pence; null: a rate is missing."""
    facts = ShiftFacts(
        role_id=role_id, date=vacancy.date, starts_at=vacancy.starts_at, ends_at=vacancy.ends_at,
        paid_minutes=vacancy.paid_minutes, band=vacancy.band, classification=source,
        agency_id=agency_id, is_bank_holiday=bank_holiday(vacancy.date) is not None,
    )  # fmt: skip
    return cost_of_shift(facts, book).total_pence


def agency_options(
    session: Session, vacancy: Vacancy, book: RateBook, policy: FillPolicy
) -> list[AgencyOption]:
    """The active agencies in order of preference, with price and what their cap leaves.

    The cap is counted over all homes in the Monday-to-Sunday week of the vacancy.
    """
    week = Period(monday(vacancy.date), sunday(vacancy.date))
    used = (
        select(Shift.agency_id, func.sum(Shift.paid_minutes).label("minutes"))
        .where(Shift.agency_id.is_not(None), Shift.date.between(week.start, week.end))
        .group_by(Shift.agency_id)
        .subquery()
    )
    rows = session.execute(
        select(Agency, func.coalesce(used.c.minutes, 0))
        .outerjoin(used, used.c.agency_id == Agency.id)
        .where(Agency.is_active)
        .order_by(Agency.preference, Agency.name)
    )
    return [_agency(agency, int(minutes), vacancy, book, policy) for agency, minutes in rows]


def _agency(
    agency: Agency, used: int, vacancy: Vacancy, book: RateBook, policy: FillPolicy
) -> AgencyOption:
    cost = price_for(vacancy, vacancy.role_id, Classification.AGENCY, book, agency.id)
    left = None if agency.weekly_cap_minutes is None else agency.weekly_cap_minutes - used
    refusal = ""
    if vacancy.role_id is None:
        refusal = "The vacancy names no role, so no agency rate applies"
    elif left is not None and left < vacancy.paid_minutes:
        refusal = f"Its weekly cap leaves {hours_text(max(0, left))}"
    return AgencyOption(
        agency.id, agency.name, agency.preference, cost, left,
        cost is not None and cost > policy.agency_approval_pence, refusal,
    )  # fmt: skip


def _candidates(pool: Pool) -> list[Candidate]:
    """Everybody of a pool before the rules have spoken, in the order of asking."""
    pasts = {p.id: pool.ground.past_of(p.id, pool.vacancy.unit_id) for p in pool.people}
    burdens = {p.id: _burden(p, pasts[p.id]) for p in pool.people}
    average = fmean(burdens.values()) if burdens else 0.0

    @cache
    def price(role_id: int, source: Classification) -> int | None:
        return price_for(pool.vacancy, role_id, source, pool.ground.rates)

    found = []
    for person in pool.people:
        burden = burdens[person.id] / average if average else 0.0
        found.append(_candidate(pool, person, pasts[person.id], burden, price))
    return sorted(found, key=_best_first)


def _candidate(
    pool: Pool,
    person: Person,
    past: Past,
    burden: float,
    price: Callable[[int, Classification], int | None],
) -> Candidate:
    vacancy = pool.vacancy
    week = pool.ground.week_minutes(person.id, vacancy.date)
    source = classification_of(person, week, vacancy.paid_minutes)
    return Candidate(
        staff_id=person.id,
        name=person.name,
        role_id=person.role_id,
        role=person.role,
        home_id=person.home_id,
        home=person.home,
        unit=person.unit,
        tier=tier_of(person, vacancy, source),
        classification=source,
        severity=Severity.OK,
        verdicts=(),
        cost_pence=price(person.role_id, source),
        week_minutes=week,
        week_minutes_after=week + vacancy.paid_minutes,
        contracted_minutes=person.contracted_minutes,
        headroom_minutes=None,
        shifts_on_unit=past.shifts_on_unit,
        nights=past.nights,
        weekends=past.weekends,
        burden=burden,
        distance_km=person.distance_km,
        stands_in=pool.asked is not None and pool.asked != (person.grade, person.is_night),
        answer=pool.answers.get(person.id),
        wish=pool.wishes.get(person.id, Wish.SAYS_NOTHING),
        prefers=bool(person.preferred_shift) and person.preferred_shift == vacancy.code,
        reasons=(),
    )


def _reasons(c: Candidate, vacancy: Vacancy, policy: FillPolicy) -> list[Reason]:
    # the hours against the contract have a sentence of their own
    found = [Reason(v.message, False) for v in c.verdicts if v.rule != "contracted_hours"]
    if c.answer in _ANSWERS:
        found.append(Reason(*_ANSWERS[c.answer]))
    if c.stands_in:
        found.append(Reason(f"{c.role} on a shift for: {vacancy.role.lower()}", False))
    found.append(_hours_reason(c))
    found.append(_familiarity_reason(c, vacancy, policy))
    if c.burden:
        heavy, light = c.burden > 1.25, c.burden < 0.75
        words = f"{c.nights} nights and {c.weekends} weekend days in {policy.fairness_days} days"
        found.append(Reason(words, False if heavy else True if light else None))
    if c.wish.words:
        found.append(Reason(c.wish.words, c.wish < Wish.SAYS_NOTHING))
    if c.prefers:
        found.append(Reason(f"Prefers {vacancy.shift_name.lower()} shifts", True))
    if c.home_id != vacancy.home_id:
        found.append(_distance_reason(c, policy))
    return found


def _hours_reason(c: Candidate) -> Reason:
    after = hours_text(c.week_minutes_after)
    if not c.contracted_minutes:
        return Reason(f"{after} that week with this")
    contract = hours_text(c.contracted_minutes)
    if c.week_minutes_after <= c.contracted_minutes:
        return Reason(f"{after} that week with this, of {contract} contracted", True)
    over = hours_text(c.week_minutes_after - c.contracted_minutes)
    return Reason(f"{after} that week with this: {over} over the contract", False)


def _familiarity_reason(c: Candidate, vacancy: Vacancy, policy: FillPolicy) -> Reason:
    if not c.shifts_on_unit:
        return Reason(f"Not on {vacancy.unit} in the last {policy.familiarity_days} days", False)
    noun = "shift" if c.shifts_on_unit == 1 else "shifts"
    words = f"{c.shifts_on_unit} {noun} on {vacancy.unit} in {policy.familiarity_days} days"
    return Reason(words, True)


def _distance_reason(c: Candidate, policy: FillPolicy) -> Reason:
    if c.distance_km is None:
        return Reason(f"From {c.home}; distance not known")
    near = c.distance_km <= policy.travel_km
    return Reason(f"From {c.home}, {c.distance_km:.0f} km away", near)


def _burden(person: Person, past: Past) -> float:
    """Nights and weekend days per contracted hour a week; bank staff count as full time."""
    hours = person.contracted_minutes / 60 or 35.0
    return (past.nights + past.weekends) / hours


#: who has said yes comes first, who has said no last
_WILLING: dict[OfferState | None, int] = {OfferState.VOLUNTEERED: 0, OfferState.DECLINED: 2}
_ANSWERS: dict[OfferState, tuple[str, bool | None]] = {
    OfferState.VOLUNTEERED: ("Has said they would take it", True),
    OfferState.OPEN: ("Has been asked, no answer yet", None),
    OfferState.DECLINED: ("Has declined it", False),
}


def _willing(c: Candidate) -> int:
    """Who said yes to this shift or offered the day comes first, who said no last."""
    if c.answer in _WILLING:
        return _WILLING[c.answer]
    return {Wish.AVAILABLE: 0, Wish.UNAVAILABLE: 2}.get(c.wish, 1)


def _best_first(c: Candidate) -> tuple[object, ...]:
    cost = c.cost_pence if c.cost_pence is not None else 10**9
    return (
        c.severity,
        c.stands_in,
        _willing(c),
        c.tier,
        cost,
        c.wish,
        not c.prefers,
        -c.shifts_on_unit,
        c.burden,
        c.name,
        c.staff_id,
    )
