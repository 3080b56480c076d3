"""Published versions: listed with what changed since, taken back, put back as they were."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from rota.calendar import Period
from rota.errors import Conflict, InvalidInput, NotAllowed, RuleBreach
from rota.models import AuditEvent, ChangeItem, LeaveStatus, Shift, UserRole
from rota.roster.edits import AssignShift, ChangeShift, ClearShift, MoveShift
from rota.roster.publishing import draft_changes, publish
from rota.roster.service import assign_shift, change_shift, clear_shift, move_shift, undo_change
from rota.roster.versions import restore, unpublish, versions
from tests import factories as make
from tests.clock import TODAY
from tests.rota.roster.conftest import SOON, Place, later, ref

WEEK = Period(SOON, later(6))


def published(place: Place) -> int:
    place.uow.commit()
    made = publish(place.uow, place.home.id, None, WEEK)
    place.uow.commit()
    return made.publication_id


def codes(place: Place, person_id: int) -> list[tuple[int, str]]:
    place.uow.session.expire_all()
    rows = place.uow.session.scalars(
        select(Shift).where(Shift.user_id == person_id).order_by(Shift.date)
    )
    return [((shift.date - SOON).days, shift.shift_type.code) for shift in rows]


def test_a_version_is_put_back_as_it_was_and_published_anew(place: Place) -> None:
    make.make_shift_type(place.uow.session, "N")
    ann, bob = place.person(), place.person()
    changed, cleared, moved = place.shift(ann, 0), place.shift(ann, 2), place.shift(ann, 4)
    first = published(place)
    change_shift(place.uow, ChangeShift(ref(changed), code="N"))
    clear_shift(place.uow, ClearShift(ref(cleared)))
    move_shift(place.uow, MoveShift(ref(moved), bob.id, later(4)))
    assign_shift(place.uow, place.assign(bob, 1))
    second = published(place)
    assert codes(place, bob.id) == [(1, "D"), (4, "D")]

    done = restore(place.uow, first)
    place.uow.commit()
    assert codes(place, ann.id) == [(0, "D"), (2, "D"), (4, "D")]
    assert codes(place, bob.id) == []
    assert done.number == 3 and not done.left_open
    assert draft_changes(place.uow.session, place.home.id, None, WEEK) == []
    assert all(shift.is_published for shift in place.uow.session.scalars(select(Shift))), (
        "people see what was restored"
    )

    undo_change(place.uow, done.change_set_id)
    place.uow.commit()
    assert codes(place, bob.id) == [(1, "D"), (4, "D")]
    restore(place.uow, first)
    restore(place.uow, second)
    assert codes(place, ann.id) == [(0, "N")]


def test_who_is_away_by_now_is_not_put_back(place: Place) -> None:
    ann = place.person()
    shift = place.shift(ann, 1)
    first = published(place)
    clear_shift(place.uow, ClearShift(ref(shift), keep_vacancy=False))
    make.make_leave(place.uow.session, ann, later(1), later(1), status=LeaveStatus.APPROVED)
    place.uow.commit()
    done = restore(place.uow, first)
    place.uow.commit()
    stored = place.stored(shift.id)
    assert (stored.user_id, stored.is_vacant, stored.vacancy_reason) == (None, True, "leave")
    assert len(done.left_open) == 1 and "annual leave" in done.left_open[0]


def test_a_version_that_would_break_a_rule_by_now_is_refused(place: Place) -> None:
    ann = place.person()
    late = place.shift(ann, 6, "L")
    first = published(place)
    clear_shift(place.uow, ClearShift(ref(late)))
    place.shift(ann, 7, "E")
    place.uow.commit()
    with pytest.raises(RuleBreach, match=r"cannot be restored as it was.*Daily rest"):
        restore(place.uow, first)
    place.uow.session.rollback()
    assert codes(place, ann.id) == [(7, "E")]


def test_nothing_to_restore_is_said(place: Place) -> None:
    place.shift(place.person(), 0)
    first = published(place)
    with pytest.raises(InvalidInput, match="is as it was"):
        restore(place.uow, first)


def test_taking_a_version_back_makes_its_shifts_a_draft_again(place: Place) -> None:
    ann = place.person()
    shift = place.shift(ann, 0)
    first = published(place)
    assert unpublish(place.uow, first, "Wrong week") == 1
    place.uow.commit()
    stored = place.stored(shift.id)
    assert (stored.is_published, stored.version) == (False, 3)
    (listed,) = versions(place.uow.session, place.home.id, None, WEEK)
    assert listed.withdrawn_at is not None
    line = place.uow.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "unpublish")
    ).one()
    assert (line.reason, line.after["shifts"]) == ("Wrong week", 1)
    with pytest.raises(Conflict, match="already"):
        unpublish(place.uow, first, "again")
    # it can be published again, as the next version
    assert publish(place.uow, place.home.id, None, WEEK).number == 2


def test_a_reason_and_the_permission_are_needed(place: Place) -> None:
    place.shift(place.person(), 0)
    first = published(place)
    with pytest.raises(InvalidInput, match="Say why"):
        unpublish(place.uow, first, "  ")
    place.uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(place.uow.session))
    for act in (lambda: unpublish(place.uow, first, "x"), lambda: restore(place.uow, first)):
        with pytest.raises(NotAllowed):
            act()


def test_every_change_after_publishing_logs_its_notice(place: Place) -> None:
    make.make_shift_type(place.uow.session, "N")
    ann = place.person()
    shift = place.shift(ann, 1)
    before = change_shift(place.uow, ChangeShift(ref(shift), code="N"))
    published(place)
    after = change_shift(place.uow, ChangeShift(ref(place.stored(shift.id)), code="D"))
    new = assign_shift(place.uow, AssignShift(place.home.id, ann.id, later(3), "D"))
    beyond = assign_shift(place.uow, AssignShift(place.home.id, ann.id, later(9), "D"))
    note = change_shift(place.uow, ChangeShift(ref(place.stored(shift.id)), note="Bring keys"))
    place.uow.commit()
    notice = {
        item.change_set_id: item.notice_minutes
        for item in place.uow.session.scalars(select(ChangeItem))
    }
    assert notice[before.change_set_id] is None, "nobody had been told yet"
    assert notice[beyond.change_set_id] is None, "that week is not published"
    assert notice[note.change_set_id] is None, "a note moves nobody's hours"
    days = timedelta(minutes=notice[after.change_set_id] or 0).days
    assert days in ((later(1) - TODAY).days, (later(1) - TODAY).days - 1)
    assert notice[new.change_set_id] is not None
    (version,) = versions(place.uow.session, place.home.id, None, WEEK)
    assert (version.number, version.changes, version.shifts) == (1, 2, 1)
    assert version.shortest_notice_hours == pytest.approx((notice[after.change_set_id] or 0) / 60)
    line = place.uow.session.scalars(select(AuditEvent).where(AuditEvent.action == "change"))
    assert any("[notice " in entry.reason for entry in line)
