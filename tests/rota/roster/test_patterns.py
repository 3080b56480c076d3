"""Rolling patterns of any cycle, written out where the rota is free and the rules allow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rota.calendar import Period
from rota.errors import InvalidInput, NotAllowed
from rota.models import LeaveStatus, Shift, ShiftPattern, Staff, UserRole
from rota.roster.edits import ApplyPatterns
from rota.roster.patterns import apply_patterns, code_on
from rota.roster.service import undo_change
from tests import factories as make
from tests.rota.roster.conftest import SOON, Place, later

FORTNIGHT = Period(SOON, later(13))


def pattern(place: Place, *codes: str) -> ShiftPattern:
    for code in filter(None, codes):
        make.make_shift_type(place.uow.session, code)
    made = ShiftPattern(name="-".join(codes), cycle_days=len(codes), days=list(codes), legacy={})
    place.uow.session.add(made)
    place.uow.session.flush()
    return made


def person(place: Place, cycle: ShiftPattern, offset: int = 0, **fields: object) -> Staff:
    return place.person(pattern_id=cycle.id, pattern_anchor=SOON - timedelta(days=offset), **fields)


def apply(place: Place, **fields: object):  # type: ignore[no-untyped-def]
    return apply_patterns(place.uow, ApplyPatterns(place.home.id, FORTNIGHT, **fields))


def test_a_cycle_repeats_from_its_anchor_in_both_directions() -> None:
    five = ShiftPattern(name="five", cycle_days=5, days=["D", "D", "N", "", ""])
    codes = [code_on(five, SOON, later(day)) for day in range(-5, 7)]
    assert codes == ["D", "D", "N", "", "", "D", "D", "N", "", "", "D", "D"]


def test_everybodys_pattern_is_written_as_one_change(place: Place) -> None:
    three = pattern(place, "D", "", "")
    ann, bob = person(place, three), person(place, three, offset=1)
    done = apply(place)
    place.uow.commit()
    written = [place.stored(shift_id) for shift_id in done.shift_ids]
    assert [s.date for s in written if s.user_id == ann.id] == [later(d) for d in (0, 3, 6, 9, 12)]
    assert [s.date for s in written if s.user_id == bob.id] == [later(d) for d in (2, 5, 8, 11)]
    assert not any(s.is_published for s in written)
    undo_change(place.uow, done.change_set_id)
    place.uow.commit()
    assert place.uow.session.query(Shift).count() == 0


def test_what_is_there_stays_and_what_may_not_be_is_listed(place: Place) -> None:
    weekly = pattern(place, "E", "", "E", "", "", "", "")
    ann, bob = person(place, weekly), person(place, weekly)
    there = place.shift(ann, 2, "N")
    make.make_leave(place.uow.session, bob, later(7), later(7), status=LeaveStatus.APPROVED)
    place.shift(bob, 1, "L")
    done = apply(place)
    assert {(s.name, s.day, s.reason.split(":")[0]) for s in done.skipped} == {
        (bob.name, later(2), "Daily rest"), (bob.name, later(7), "Away from work"),
    }  # fmt: skip
    assert place.stored(there.id).shift_type.code == "N"
    assert len(done.shift_ids) == 3 + 2


def test_a_code_left_open_takes_the_persons_usual_shift(place: Place) -> None:
    make.make_shift_type(place.uow.session, "D")
    open_code = ShiftPattern(name="open", cycle_days=7, days=["*"] + [""] * 6, legacy={})
    place.uow.session.add(open_code)
    place.uow.session.flush()
    person(place, open_code, preferred_shift="D")
    nobody_knows = person(place, open_code)
    done = apply(place)
    assert {place.stored(one).shift_type.code for one in done.shift_ids} == {"D"}
    assert {s.staff_id for s in done.skipped} == {nobody_knows.id}


def test_nobody_is_planned_before_they_start_or_after_they_leave(place: Place) -> None:
    daily = pattern(place, "E", "", "")
    person(place, daily, started_on=later(6), left_on=later(10))
    assert apply(place).days == {later(6), later(9)}


def test_one_unit_at_a_time(place: Place) -> None:
    cycle = pattern(place, "D", "", "")
    sister = make.make_unit(place.uow.session, place.home)
    here = person(place, cycle)
    make.make_staff(place.uow.session, sister, pattern_id=cycle.id, pattern_anchor=SOON)
    assert apply(place, unit_id=place.unit.id).staff_ids == {here.id}


def test_refusals(place: Place) -> None:
    with pytest.raises(InvalidInput, match="Nobody here has"):
        apply(place)
    with pytest.raises(InvalidInput, match="at most 8 weeks"):
        apply_patterns(place.uow, ApplyPatterns(place.home.id, Period(SOON, later(60))))
    place.uow.actor = make.actor(UserRole.ANALYST, place.home)
    with pytest.raises(NotAllowed):
        apply(place)
