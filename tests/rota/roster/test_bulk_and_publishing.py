"""Copying weeks, many cells at once, and publishing a rota."""

from __future__ import annotations

import pytest

from rota.calendar import Period
from rota.errors import InvalidInput, NotAllowed
from rota.models import LeaveStatus, Publication, Shift, UserRole
from rota.roster.bulk import copy_week
from rota.roster.edits import ChangeShift, ClearShift, CopyWeek, MoveShift
from rota.roster.publishing import draft_changes, publish
from rota.roster.service import assign_shift, change_shift, clear_shift, move_shift, undo_change
from tests import factories as make
from tests.clock import TODAY
from tests.rota.roster.conftest import SOON, Place, later, ref

WEEK = Period(SOON, later(6))


def copy(place: Place, days: int = 7) -> CopyWeek:
    return CopyWeek(place.home.id, SOON, later(days))


class TestCopyWeek:
    def test_everybodys_shifts_are_written_again_as_one_change(self, place: Place) -> None:
        ann, bob = place.person(), place.person()
        for person, day in ((ann, 0), (ann, 1), (bob, 2)):
            place.shift(person, day)
        done = copy_week(place.uow, copy(place))
        place.uow.commit()
        written = [place.stored(shift_id) for shift_id in done.shift_ids]
        assert [(s.user_id, s.date) for s in written] == [
            (ann.id, later(7)), (ann.id, later(8)), (bob.id, later(9)),
        ]  # fmt: skip
        undo_change(place.uow, done.change_set_id)
        place.uow.commit()
        assert all(place.uow.session.get(Shift, one) is None for one in done.shift_ids)

    def test_who_is_busy_away_or_short_of_rest_is_skipped_with_the_reason(
        self, place: Place
    ) -> None:
        ann, bob, cat, eve = (place.person() for _ in range(4))
        for person in (ann, bob, cat, eve):
            place.shift(person, 0, "E")
        place.shift(ann, 7, "D")
        make.make_leave(place.uow.session, bob, later(6), later(9), status=LeaveStatus.APPROVED)
        place.shift(cat, 6, "L")
        done = copy_week(place.uow, copy(place))
        assert {s.staff_id: s.reason.split(":")[0] for s in done.skipped} == {
            ann.id: "has a shift already", bob.id: "Away from work", cat.id: "Daily rest",
        }  # fmt: skip
        assert done.staff_ids == {cat.id, eve.id}, "the late itself is copied too"

    def test_onto_itself_or_from_nothing_is_refused(self, place: Place) -> None:
        with pytest.raises(InvalidInput, match="onto itself"):
            copy_week(place.uow, copy(place, 3))
        with pytest.raises(InvalidInput, match="nothing to copy"):
            copy_week(place.uow, copy(place))


class TestPublishing:
    def test_a_first_version_tells_everybody_their_shifts(self, place: Place) -> None:
        ann = place.person()
        shift = place.shift(ann, 1)
        published = publish(place.uow, place.home.id, None, WEEK)
        place.uow.commit()
        (change,) = published.changes
        assert (change.staff_id, change.text, published.number) == (ann.id, "new D", 1)
        assert change.notice_days == (later(1) - TODAY).days
        assert place.stored(shift.id).is_published
        assert place.uow.session.get_one(Publication, published.publication_id).snapshot

    def test_the_next_version_tells_only_what_changed(self, place: Place) -> None:
        make.make_shift_type(place.uow.session, "N")
        ann, bob = place.person(first_name="Ann"), place.person(first_name="Bob")
        changed, cleared, moved = place.shift(ann, 0), place.shift(ann, 2), place.shift(ann, 4)
        place.shift(bob, 5)
        publish(place.uow, place.home.id, None, WEEK)
        place.uow.commit()
        change_shift(place.uow, ChangeShift(ref(changed), code="N"))
        clear_shift(place.uow, ClearShift(ref(cleared)))
        move_shift(place.uow, MoveShift(ref(moved), bob.id, later(4)))
        assign_shift(place.uow, place.assign(bob, 1))
        place.uow.commit()
        told = [
            (change.name.split()[0], change.text)
            for change in draft_changes(place.uow.session, place.home.id, None, WEEK)
        ]
        assert told == [
            ("Ann", "D → N"), ("Bob", "new D"), ("Ann", "no longer D"),
            ("Ann", "no longer D"), ("Bob", "new D"),
        ]  # fmt: skip

    def test_an_undone_change_needs_no_publishing(self, place: Place) -> None:
        shift = place.shift(place.person(), 0)
        publish(place.uow, place.home.id, None, WEEK)
        place.uow.commit()
        done = clear_shift(place.uow, ClearShift(ref(shift)))
        place.uow.commit()
        assert draft_changes(place.uow.session, place.home.id, None, WEEK)
        undo_change(place.uow, done.change_set_id)
        place.uow.commit()
        assert draft_changes(place.uow.session, place.home.id, None, WEEK) == []
        with pytest.raises(InvalidInput, match="Nothing has changed"):
            publish(place.uow, place.home.id, None, WEEK)

    def test_one_unit_is_published_by_itself(self, place: Place) -> None:
        other = make.make_unit(place.uow.session, place.home)
        mine = place.shift(place.person(), 0)
        theirs = make.make_shift(
            place.uow.session, other, make.make_staff(place.uow.session, other), SOON
        )
        publish(place.uow, place.home.id, place.unit.id, WEEK)
        place.uow.commit()
        assert place.stored(mine.id).is_published
        assert not place.stored(theirs.id).is_published

    def test_publishing_changes_the_version_an_edit_must_name(self, place: Place) -> None:
        """Publishing is a change of every shift: an open screen must look again."""
        shift = place.shift(place.person(), 0)
        seen = ref(shift)
        publish(place.uow, place.home.id, None, WEEK)
        place.uow.commit()
        assert place.stored(shift.id).version == seen.version + 1

    def test_who_may_not_publish(self, place: Place) -> None:
        place.shift(place.person(), 0)
        place.uow.actor = make.actor(UserRole.SENIOR_MANAGER, place.home)
        with pytest.raises(NotAllowed):
            publish(place.uow, place.home.id, None, WEEK)
