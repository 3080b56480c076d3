"""What somebody finds by typing, and what stays out of sight."""

from __future__ import annotations

from datetime import date

import pytest

from rota.access.finding import Kind, day_called, find
from rota.database import UnitOfWork
from rota.errors import NotAllowed
from rota.models import UserRole
from tests import factories as make

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("3 mar", date(2027, 3, 3)),
        ("3 march 2026", date(2026, 3, 3)),
        ("24th nov", date(2026, 11, 24)),
        ("1/12", date(2026, 12, 1)),
        ("31.12.2025", date(2025, 12, 31)),
        ("2026-12-25", date(2026, 12, 25)),
        ("tomorrow", date(2026, 11, 25)),
        ("29 feb", None),  # neither 2025, 2026 nor 2027 has one
        ("31 feb", None),
        ("3 mary lane", None),
        ("99 dec", None),
        ("aileen", None),
    ],
)
def test_a_day_is_understood_as_people_write_it(words: str, day: date | None) -> None:
    assert day_called(words, TODAY) == day


def test_people_units_and_homes_of_ones_own_are_found(uow: UnitOfWork) -> None:
    session = uow.session
    mine, other = make.make_home(session, "Orchard Grove"), make.make_home(session, "Riverside")
    oak, ash = make.make_unit(session, mine, "OG Oak"), make.make_unit(session, other, "RS Ash")
    make.make_staff(session, oak, first_name="Aileen", last_name="Baird", sap_number="007123")
    make.make_staff(session, oak, first_name="Aileen", last_name="Gone", is_active=False)
    make.make_staff(session, ash, first_name="Aileen", last_name="Elsewhere")
    manager = make.actor(UserRole.OPERATIONAL_MANAGER, mine)

    found = find(session, manager, "  AILEEN  b", TODAY)
    assert [(f.kind, f.name, f.detail) for f in found] == [
        (Kind.PERSON, "Aileen Baird", "SCA · OG Oak · Orchard Grove")
    ]
    assert [f.name for f in find(session, manager, "0071", TODAY)] == ["Aileen Baird"]
    assert [f.kind for f in find(session, manager, "orchard", TODAY)] == [Kind.HOME]
    assert [f.unit_id for f in find(session, manager, "og oak", TODAY)] == [oak.id]
    assert find(session, manager, "elsewhere", TODAY) == []
    assert find(session, manager, "rs ash", TODAY) == []
    assert find(session, manager, "3 dec", TODAY)[0].day == date(2026, 12, 3)


def test_wildcards_are_letters_and_one_letter_finds_nothing(uow: UnitOfWork) -> None:
    session = uow.session
    home = make.make_home(session)
    make.make_staff(session, make.make_unit(session, home), first_name="Aileen")
    manager = make.actor(UserRole.OPERATIONAL_MANAGER, home)
    assert find(session, manager, "%%", TODAY) == []
    assert find(session, manager, "__", TODAY) == []
    assert find(session, manager, "a", TODAY) == []
    assert find(session, manager, "x" * 5000, TODAY) == []


def test_care_staff_search_nothing(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    with pytest.raises(NotAllowed):
        find(uow.session, make.actor(UserRole.CARE_STAFF, home), "aileen", TODAY)
