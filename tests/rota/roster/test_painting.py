"""Cells are coloured by what the rules would say, before anybody clicks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rota.calendar import Period
from rota.errors import InvalidInput, RuleBreach
from rota.models import LeaveStatus
from rota.roster.painting import shades
from rota.roster.service import assign_shift
from rota.rules import Severity
from tests import factories as make
from tests.clock import TODAY
from tests.rota.roster.conftest import SOON, Place, later

WEEK = Period(SOON, later(6))


def shown(place: Place, code: str) -> dict[tuple[int, date], Severity]:
    place.uow.session.flush()
    found = shades(place.uow.session, place.home.id, place.unit.id, WEEK, code)
    return {(shade.staff_id, shade.day): shade.severity for shade in found}


def test_only_cells_that_are_not_free_are_coloured(place: Place) -> None:
    make.make_shift_type(place.uow.session, "E")
    ann, bob = place.person(), place.person()
    place.shift(ann, 2, "L")
    make.make_leave(place.uow.session, bob, later(5), later(5), status=LeaveStatus.APPROVED)
    assert shown(place, "E") == {
        (ann.id, later(3)): Severity.BARRED, (bob.id, later(5)): Severity.BARRED,
    }  # fmt: skip


def test_the_words_name_the_rule(place: Place) -> None:
    make.make_shift_type(place.uow.session, "E")
    ann = place.person()
    place.shift(ann, 2, "L")
    place.uow.session.flush()
    (shade,) = shades(place.uow.session, place.home.id, place.unit.id, WEEK, "E")
    assert shade.words.startswith("Barred. Daily rest: 9 h between")


def test_colours_keep_their_word(place: Place) -> None:
    """A barred cell is refused and every other is accepted when it is painted."""
    for code in ("E", "N"):
        make.make_shift_type(place.uow.session, code)
    people = [place.person() for _ in range(3)]
    for number, person in enumerate(people):
        for day in range(number, 7, 3):
            place.shift(person, day, "LNE"[number])
    place.uow.commit()
    for code in ("E", "N"):
        said = shown(place, code)
        for person in people:
            for day in range(7):
                if (later(day) - SOON).days % 3 == people.index(person):
                    continue
                barred = said.get((person.id, later(day))) is Severity.BARRED
                if barred:
                    with pytest.raises(RuleBreach):
                        assign_shift(place.uow, place.assign(person, day, code))
                else:
                    assign_shift(place.uow, place.assign(person, day, code))
                place.uow.session.rollback()


def test_past_days_and_unknown_codes(place: Place) -> None:
    make.make_shift_type(place.uow.session, "E")
    past = Period(TODAY - timedelta(days=14), TODAY - timedelta(days=8))
    assert shades(place.uow.session, place.home.id, None, past, "E") == []
    with pytest.raises(InvalidInput):
        shades(place.uow.session, place.home.id, None, past, "?")
