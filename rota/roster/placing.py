"""Whether somebody may be put on a shift: scope, dates, rules, price.

One :class:`Desk` serves one unit of work: it reads the rulebook, shift types and rates once
and keeps people's timelines up to date while several shifts are placed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cached_property

from sqlalchemy import select

from rota.access.permissions import Permission
from rota.calendar import (
    LONDON,
    Period,
    bank_holiday,
    date_text,
    duration_minutes,
    london_today,
    shift_instants,
    week_of,
)
from rota.costs.rates import RateBook, ShiftFacts, cost_of_shift, load_rate_book
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed, NotFound, RuleBreach
from rota.leave.guard import absences_of, refuse_away
from rota.models import Classification, Employment, Role, Staff, Unit
from rota.roster.edits import Allowance
from rota.roster.rest_ledger import owe
from rota.roster.rulebooks import load_rulebook
from rota.roster.shift_types import ShiftKind, kind_by_code, load_shift_kinds
from rota.roster.timelines import load_timelines
from rota.rules import (
    Assessment,
    Change,
    Rulebook,
    Severity,
    Timeline,
    Verdict,
    WorkedShift,
    check_change,
)

#: how far back a rota may still be corrected, and how far ahead it may be planned
EDITABLE_DAYS_BACK = 35
EDITABLE_DAYS_AHEAD = 400
#: a shift shorter or longer than this is a slip of the hand
SHORTEST_SHIFT_MINUTES = 15
LONGEST_SHIFT_MINUTES = 16 * 60
LONGEST_NOTE = 500
LONGEST_REASON = 300


class Desk:
    """What placing shifts needs to know, read once for a unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self._people: dict[int, Staff] = {}
        self._units: dict[int, Unit] = {}
        self._timelines: dict[int, Timeline] = {}
        self._absences: dict[int, list[tuple[Period, str]]] = {}
        self._span: Period | None = None

    @cached_property
    def kinds(self) -> dict[int, ShiftKind]:
        """Shift types by id."""
        return load_shift_kinds(self.uow.session)

    @cached_property
    def rulebook(self) -> Rulebook:
        """The rules with the thresholds in force."""
        return load_rulebook(self.uow.session)

    @cached_property
    def rates(self) -> RateBook:
        """Every dated rate."""
        return load_rate_book(self.uow.session)

    @cached_property
    def role_codes(self) -> dict[int, str]:
        """Role codes by id."""
        rows = self.uow.session.execute(select(Role.id, Role.code))
        return {row.id: row.code for row in rows}

    @cached_property
    def today(self) -> date:
        """Today in London."""
        return london_today()

    def kind(self, code: str) -> ShiftKind:
        """The active shift type of a code; raises :class:`InvalidInput`."""
        return kind_by_code(self.kinds, code)

    def unit(self, unit_id: int) -> Unit:
        """An active unit whose home the actor may edit; raises :class:`NotAllowed`."""
        found = self._units.get(unit_id)
        if found is None:
            found = self.uow.session.get(Unit, unit_id)
            if found is None:
                raise NotFound("There is no such unit.")
            self.uow.actor.require(Permission.EDIT_ROTA, found.home_id)
            if not found.is_active:
                raise InvalidInput(f"{found.name} is closed.", hint="Choose another unit.")
            self._units[unit_id] = found
        return found

    def people(self, staff_ids: Iterable[int]) -> dict[int, Staff]:
        """People by id, their rows locked until the transaction ends.

        Whoever writes about somebody's working time holds their row, so that two managers
        (or a manager and a leave decision) never judge the same person at once. Raises
        :class:`NotFound` for somebody who does not exist.
        """
        wanted = sorted(set(staff_ids) - self._people.keys())
        if wanted:
            rows = self.uow.session.scalars(
                select(Staff)
                .where(Staff.id.in_(wanted))
                .order_by(Staff.id)
                .with_for_update(of=Staff)
            )
            self._people.update({row.id: row for row in rows})
        missing = [staff_id for staff_id in wanted if staff_id not in self._people]
        if missing:
            raise NotFound("There is no such person.")
        return self._people

    def person(self, staff_id: int, home_id: int) -> Staff:
        """Somebody who may work in a home: its own people, bank staff, and who works elsewhere.

        Raises :class:`NotAllowed` for other homes' people, :class:`RuleBreach` for somebody
        who has left.
        """
        person = self.people([staff_id])[staff_id]
        lent = person.works_other_homes or person.employment is Employment.BANK
        if person.home_id != home_id and not lent:
            raise NotAllowed(
                f"{person.name} belongs to another home.",
                hint="Ask their manager, or mark them as working in other homes.",
            )
        if not person.is_active:
            raise RuleBreach(f"{person.name} is no longer active.")
        return person

    def check_day(self, day: date) -> None:
        """Raise :class:`InvalidInput` for a day too long past or too far ahead."""
        if day < self.today - timedelta(days=EDITABLE_DAYS_BACK):
            raise InvalidInput(
                f"{date_text(day)} is closed: a rota is corrected for "
                f"{EDITABLE_DAYS_BACK} days at most."
            )
        if day > self.today + timedelta(days=EDITABLE_DAYS_AHEAD):
            raise InvalidInput(f"{date_text(day)} is too far ahead to plan.")

    def instants(
        self, kind: ShiftKind, day: date, hours: tuple[time, time] | None
    ) -> tuple[datetime, datetime]:
        """When a shift starts and ends; raises :class:`InvalidInput` for an absurd length."""
        self.check_day(day)
        starts, ends = hours or (kind.start_time, kind.end_time)
        starts_at, ends_at = shift_instants(day, starts, ends)
        length = duration_minutes(starts_at, ends_at)
        if not SHORTEST_SHIFT_MINUTES <= length <= LONGEST_SHIFT_MINUTES:
            raise InvalidInput(
                f"A shift from {starts:%H:%M} to {ends:%H:%M} lasts {length / 60:.4g} hours.",
                hint=f"A shift lasts {SHORTEST_SHIFT_MINUTES} minutes at least and "
                f"{LONGEST_SHIFT_MINUTES // 60} hours at most.",
            )
        return starts_at, ends_at

    def load(self, staff_ids: Iterable[int], span: Period) -> None:
        """Read timelines ahead for several people, to judge changes within a span."""
        if self._span is None or span.start < self._span.start:
            self._timelines.clear()
            self._span = span
        wanted = set(staff_ids) - self._timelines.keys()
        if not wanted:
            return
        self._timelines.update(
            load_timelines(self.uow.session, wanted, self._span, kinds=self.kinds)
        )
        ever = Period(self._span.start, self.today + timedelta(days=EDITABLE_DAYS_AHEAD))
        self._absences.update(absences_of(self.uow.session, wanted, ever))

    def timeline(self, staff_id: int, day: date) -> Timeline:
        """Somebody's timeline around a day, with what was placed so far."""
        self.load([staff_id], Period(day, day))
        return self._timelines[staff_id]

    def judge(self, person: Staff, change: Change, allowance: Allowance) -> Assessment:
        """What the rules say of a change; keeps it in mind as done.

        Raises :class:`RuleBreach` naming the rule when it is barred and the allowance does
        not open it, :class:`Conflict` when the person is away whatever the rules say.
        Compensatory rest that is promised is recorded.
        """
        days = [shift.date for shift in change.added]
        timeline = self.timeline(person.id, min(days, default=self.today))
        assessment = check_change(timeline, change, self.rulebook)
        barred = [
            verdict
            for verdict in assessment.verdicts
            if verdict.severity is Severity.BARRED and not self._is_allowed(verdict, allowance)
        ]
        if barred:
            raise Refused(person, barred[0], self.rulebook)
        self._refuse_if_away(person, days)
        owed = [verdict for verdict in assessment.verdicts if verdict.can_be_compensated]
        if owed:
            entries = tuple(owe(self.uow, person, verdict, allowance.reason) for verdict in owed)
            rests = (*timeline.compensatory_rests, *entries)
            timeline = replace(timeline, compensatory_rests=rests)
            assessment = check_change(timeline, change, self.rulebook)
        self._timelines[person.id] = timeline.changed(added=change.added, removed=change.removed)
        return assessment

    def _refuse_if_away(self, person: Staff, days: Iterable[date]) -> None:
        """Nobody is both on leave and on shift: the guard of every writer of shifts."""
        absences = self._absences.get(person.id, ())
        refuse_away({day: why for period, why in absences for day in days if day in period})

    def forget(self, staff_id: int, shift_id: int) -> None:
        """Keep in mind that somebody no longer works a shift, for judging what follows."""
        self._timelines[staff_id] = self._timelines[staff_id].changed(removed=[shift_id])

    def classify(self, person: Staff, shift: WorkedShift) -> Classification:
        """Where the hours come from, the shift itself being already judged."""
        if person.employment is Employment.BANK:
            return Classification.BANK
        week = week_of(shift.date)
        paid = sum(entry.paid_minutes for entry in self._timelines[person.id].within(week))
        limits = self.rulebook.parameters.at(shift.date, self.role_codes[person.role_id])
        contract = person.contracted_minutes
        if contract and paid > contract + limits.contract_tolerance:
            return Classification.OVERTIME
        return Classification.REGULAR

    def cost(
        self,
        kind: ShiftKind,
        role_id: int | None,
        shift: WorkedShift,
        classification: Classification,
        agency_id: int | None = None,
    ) -> int | None:
        """Loaded cost in pence at the rates of the day; nothing when a rate is missing."""
        facts = ShiftFacts(
            role_id=role_id,
            date=shift.date,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            paid_minutes=shift.paid_minutes,
            band=kind.band,
            classification=classification,
            agency_id=agency_id,
            is_bank_holiday=bank_holiday(shift.date) is not None,
        )
        return cost_of_shift(facts, self.rates).total_pence

    def _is_allowed(self, verdict: Verdict, allowance: Allowance) -> bool:
        if verdict.can_be_compensated and allowance.compensatory_rest:
            return True
        rule = self.rulebook.rule(verdict.rule)
        return rule.may_be_overruled and bool(allowance.reason.strip())


def local_hours(starts_at: datetime, ends_at: datetime) -> tuple[time, time]:
    """The London wall-clock times of two instants."""
    start, end = (moment.astimezone(LONDON) for moment in (starts_at, ends_at))
    return start.time().replace(tzinfo=None), end.time().replace(tzinfo=None)


class Refused(RuleBreach):
    """A rule bars a shift; says whether recorded rest or a reason would open it."""

    def __init__(self, person: Staff, verdict: Verdict, rulebook: Rulebook) -> None:
        self.verdict = verdict
        self.may_be_overruled = rulebook.rule(verdict.rule).may_be_overruled
        self.can_be_compensated = verdict.can_be_compensated
        if self.can_be_compensated:
            hint = "It is lawful if the compensatory rest is recorded with it."
        elif self.may_be_overruled:
            hint = "Give a reason to set this rule aside, or choose somebody else."
        else:
            hint = "Choose somebody else or another time."
        super().__init__(f"{verdict.title}: {person.name}, {verdict.message}.", hint=hint)
