"""Putting somebody on a shift: what is written, what is refused and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import select

from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBreach
from rota.models import (
    AuditEvent,
    CareHome,
    Classification,
    CompensatoryRest,
    Employment,
    Grade,
    LeaveStatus,
    Shift,
    UserRole,
)
from rota.roster.edits import Allowance
from rota.roster.placing import Desk
from rota.roster.service import assign_shift, undo_change
from rota.rules import Severity
from tests import factories as make
from tests.clock import TODAY
from tests.rota.roster.conftest import SOON, Place, later


def test_a_shift_is_written_with_its_instants_source_and_audit_line(place: Place) -> None:
    ann = place.person(first_name="Ann", last_name="Reid")
    before = place.home.data_version
    done = assign_shift(place.uow, place.assign(ann, 2))
    place.uow.commit()
    shift = place.stored(done.shift_ids[0])
    assert (shift.user_id, shift.date, shift.unit_id) == (ann.id, later(2), place.unit.id)
    assert shift.classification is Classification.REGULAR
    assert not shift.is_vacant and not shift.is_published
    assert done.label == f"D for Ann Reid on {later(2):%a} {later(2).day} {later(2):%b}"
    line = place.uow.session.scalars(select(AuditEvent)).one()
    assert (line.action, line.entity_id, line.before) == ("assign", str(shift.id), None)
    assert line.user_id == place.manager.id
    assert place.uow.session.get_one(CareHome, place.home.id).data_version == before + 1


def test_an_open_shift_is_filled_rather_than_doubled(place: Place) -> None:
    ann = place.person()
    vacancy = place.shift(day=1, vacancy_reason="sickness")
    done = assign_shift(place.uow, place.assign(ann, 1))
    assert done.shift_ids == (vacancy.id,)
    stored = place.stored(vacancy.id)
    assert (stored.user_id, stored.is_vacant, stored.vacancy_reason) == (ann.id, False, "")


def test_an_open_shift_that_asks_for_a_senior_is_left_to_a_senior(place: Place) -> None:
    ann = place.person()
    senior = make.make_role(place.uow.session, "SSCW", grade=Grade.SENIOR)
    vacancy = place.shift(day=1, role_id=senior.id)
    done = assign_shift(place.uow, place.assign(ann, 1))
    assert done.shift_ids != (vacancy.id,)


def test_a_second_shift_at_the_same_time_is_a_double_booking(place: Place) -> None:
    ann = place.person()
    assign_shift(place.uow, place.assign(ann, 0, "D"))
    with pytest.raises(RuleBreach, match="Double booking"):
        assign_shift(place.uow, place.assign(ann, 0, "L"))


def test_too_little_rest_is_refused_with_the_rules_name_and_numbers(place: Place) -> None:
    ann = place.person()
    place.shift(ann, 0, "L")
    with pytest.raises(RuleBreach, match=r"Daily rest: .* 9 h between .* 11 h required") as refused:
        assign_shift(place.uow, place.assign(ann, 1, "E"))
    assert "compensatory rest" in refused.value.hint


def test_it_is_lawful_in_care_with_compensatory_rest_on_record(place: Place) -> None:
    ann = place.person()
    place.shift(ann, 0, "L")
    allowance = Allowance(compensatory_rest=True)
    done = assign_shift(place.uow, place.assign(ann, 1, "E", allowance=allowance))
    place.uow.commit()
    entry = place.uow.session.scalars(select(CompensatoryRest)).one()
    assert (entry.rule, entry.owed_minutes, entry.arose_on) == ("daily_rest", 120, later(1))
    assert entry.due_on == later(1) + timedelta(days=14)
    (told,) = done.assessment.verdicts
    assert (told.rule, told.severity) == ("daily_rest", Severity.WARNED)
    assert "2 h compensatory rest owed by" in told.message


def test_no_reason_opens_what_the_law_forbids(place: Place) -> None:
    office = make.make_role(
        place.uow.session, "OM", grade=Grade.MANAGER, is_care_exempt=False, needs_registration=False
    )
    manager = make.make_staff(place.uow.session, place.unit, office)
    place.shift(manager, 0, "L")
    allowance = Allowance(compensatory_rest=True, reason="I insist")
    with pytest.raises(RuleBreach, match="Daily rest"):
        assign_shift(place.uow, place.assign(manager, 1, "E", allowance=allowance))


def test_the_organisations_own_rule_is_set_aside_with_a_reason_on_record(place: Place) -> None:
    ann = place.person(contracted_minutes=0)
    for day in range(7):
        place.shift(ann, day, "E")
    with pytest.raises(RuleBreach, match="Days in a row"):
        assign_shift(place.uow, place.assign(ann, 7, "E"))
    # seven days and then an eighth: weekly rest stands on its own and needs the rest recorded
    allowance = Allowance(compensatory_rest=True, reason="Agreed with Ann")
    done = assign_shift(place.uow, place.assign(ann, 7, "E", allowance=allowance))
    assert done.label.endswith("(Agreed with Ann)")


def test_nobody_on_leave_is_rostered(place: Place) -> None:
    ann = place.person()
    make.make_leave(place.uow.session, ann, later(1), later(3), status=LeaveStatus.APPROVED)
    with pytest.raises(RuleBreach, match=r"Away from work: .*annual leave"):
        assign_shift(place.uow, place.assign(ann, 2))
    assign_shift(place.uow, place.assign(ann, 4))


def test_whoever_is_away_is_refused_even_where_the_rule_is_not_in_the_book(place: Place) -> None:
    """The guard that every writer of shifts shares stands beside the rule."""
    ann = place.person()
    make.make_leave(place.uow.session, ann, later(1), later(3), status=LeaveStatus.APPROVED)
    desk = Desk(place.uow)
    desk.rulebook = desk.rulebook.without("absence")
    with pytest.raises(Conflict, match=r"is away on .*annual leave"):
        assign_shift(place.uow, place.assign(ann, 2), desk)
    assign_shift(place.uow, place.assign(ann, 4), desk)


def test_an_expired_registration_is_refused(place: Place) -> None:
    ann = place.person(registration_expires=later(0))
    with pytest.raises(RuleBreach, match="Registration"):
        assign_shift(place.uow, place.assign(ann, 1))


def test_hours_beyond_the_contract_are_overtime(place: Place) -> None:
    ann = place.person(contracted_minutes=24 * 60)
    for day in (0, 1):
        place.shift(ann, day)
    done = assign_shift(place.uow, place.assign(ann, 3))
    assert place.stored(done.shift_ids[0]).classification is Classification.OVERTIME
    assert {verdict.rule for verdict in done.assessment.verdicts} == {"contracted_hours"}


def test_bank_staff_are_bank(place: Place) -> None:
    bank = place.person(employment=Employment.BANK, contracted_minutes=0)
    done = assign_shift(place.uow, place.assign(bank))
    assert place.stored(done.shift_ids[0]).classification is Classification.BANK


def test_another_managers_edit_of_the_cell_is_told_with_who_and_when(place: Place) -> None:
    ann = place.person()
    other = make.make_user(place.uow.session, UserRole.OPERATIONAL_MANAGER, name="Ewan Muir")
    mine = place.uow.actor
    place.uow.actor = replace(mine, user_id=other.id)
    assign_shift(place.uow, place.assign(ann, 0, "E"))
    place.uow.actor = mine
    with pytest.raises(Conflict, match=r"Ewan Muir changed this at \d\d:\d\d \(E for "):
        assign_shift(place.uow, place.assign(ann, 0, "D"))


class TestHostileInput:
    def test_another_homes_person(self, place: Place) -> None:
        elsewhere = make.make_unit(place.uow.session, make.make_home(place.uow.session))
        stranger = make.make_staff(place.uow.session, elsewhere)
        with pytest.raises(NotAllowed, match="another home"):
            assign_shift(place.uow, place.assign(stranger, unit_id=place.unit.id))

    def test_another_homes_unit(self, place: Place) -> None:
        elsewhere = make.make_unit(place.uow.session, make.make_home(place.uow.session))
        with pytest.raises(NotAllowed):
            assign_shift(place.uow, place.assign(place.person(), unit_id=elsewhere.id))

    def test_a_home_the_actor_does_not_run(self, place: Place) -> None:
        command = replace(
            place.assign(place.person()), home_id=make.make_home(place.uow.session).id
        )
        with pytest.raises(NotAllowed):
            assign_shift(place.uow, command)

    def test_an_analyst(self, place: Place) -> None:
        place.uow.actor = make.actor(UserRole.ANALYST, place.home)
        with pytest.raises(NotAllowed, match="may not change the rota"):
            assign_shift(place.uow, place.assign(place.person()))

    def test_ids_that_do_not_exist(self, place: Place) -> None:
        with pytest.raises(NotFound):
            assign_shift(place.uow, replace(place.assign(place.person()), staff_id=10**9))
        with pytest.raises(NotFound):
            assign_shift(place.uow, place.assign(place.person(), unit_id=10**9))

    def test_an_unknown_code(self, place: Place) -> None:
        with pytest.raises(InvalidInput, match="no shift code"):
            assign_shift(place.uow, replace(place.assign(place.person()), code="<script>"))

    @pytest.mark.parametrize("days", [-60, 500])
    def test_days_out_of_reach(self, place: Place, days: int) -> None:
        command = replace(place.assign(place.person()), day=TODAY + timedelta(days=days))
        with pytest.raises(InvalidInput):
            assign_shift(place.uow, command)

    @pytest.mark.parametrize(
        "hours", [(time(8), time(8)), (time(8), time(7)), (time(8), time(8, 5))]
    )
    def test_a_shift_of_no_length_or_of_nearly_a_day(
        self, place: Place, hours: tuple[time, time]
    ) -> None:
        with pytest.raises(InvalidInput):
            assign_shift(place.uow, place.assign(place.person(), hours=hours))

    def test_somebody_who_has_left(self, place: Place) -> None:
        gone = place.person(is_active=False)
        with pytest.raises(RuleBreach, match="no longer active"):
            assign_shift(place.uow, place.assign(gone))

    def test_an_endless_note(self, place: Place) -> None:
        with pytest.raises(InvalidInput, match="at most 500"):
            assign_shift(place.uow, place.assign(place.person(), note="x" * 501))


def test_an_assignment_is_undone_and_redone(place: Place) -> None:
    done = assign_shift(place.uow, place.assign(place.person()))
    place.uow.commit()
    undone = undo_change(place.uow, done.change_set_id)
    place.uow.commit()
    assert place.uow.session.get(Shift, done.shift_ids[0]) is None
    redone = undo_change(place.uow, undone.change_set_id)
    place.uow.commit()
    assert place.uow.session.get(Shift, done.shift_ids[0]) is not None
    assert redone.days == {SOON}


def test_an_undo_never_puts_somebody_on_a_shift_during_leave(place: Place) -> None:
    from rota.roster.edits import ClearShift
    from rota.roster.service import clear_shift
    from tests.rota.roster.conftest import ref

    ann = place.person()
    shift = place.shift(ann, 2)
    done = clear_shift(place.uow, ClearShift(ref(shift)))
    place.uow.commit()
    make.make_leave(place.uow.session, ann, later(1), later(3), status=LeaveStatus.APPROVED)
    place.uow.commit()
    with pytest.raises(Conflict, match="is away on"):
        undo_change(place.uow, done.change_set_id)
