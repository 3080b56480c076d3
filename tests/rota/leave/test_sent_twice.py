"""A double click, or a save whose answer was lost on the way, writes nothing twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from rota.database import UnitOfWork
from rota.errors import Conflict
from rota.leave.accounts import correct, granted_minutes, record_toil
from rota.leave.automatic import ask_and_decide
from rota.leave.policy import policy_for, set_limit
from rota.leave.service import request_leave
from rota.models import LeaveEntry, LeaveRequest
from tests.factories import MONDAY
from tests.rota.leave.conftest import NOW, Home

DAY = date(2026, 5, 20)


def test_the_same_request_again_is_the_same_request(uow: UnitOfWork, home: Home) -> None:
    uow.actor = home.carer_actor()
    first = ask_and_decide(uow, home.carer.id, MONDAY, MONDAY)
    uow.commit()  # committed, but the answer never arrived: the person sends it again
    second = ask_and_decide(uow, home.carer.id, MONDAY, MONDAY)
    assert second.request_id == first.request_id
    assert len(uow.session.scalars(select(LeaveRequest)).all()) == 1


def test_an_hour_later_it_is_a_request_too_many(uow: UnitOfWork, home: Home) -> None:
    request_leave(uow, home.carer.id, MONDAY, MONDAY)
    uow.commit()
    with (
        time_machine.travel(NOW + timedelta(hours=1), tick=False),
        pytest.raises(Conflict, match="already a request"),
    ):
        request_leave(uow, home.carer.id, MONDAY, MONDAY)


@pytest.mark.parametrize("write", [correct, record_toil])
def test_the_same_line_again_is_the_same_line(uow: UnitOfWork, home: Home, write: object) -> None:
    assert callable(write)
    first = write(uow, home.carer.id, DAY, 90, "Stayed for the handover")
    assert write(uow, home.carer.id, DAY, 90, "Stayed for the handover").id == first.id
    assert write(uow, home.carer.id, DAY, 90, "Stayed on Sunday too").id != first.id
    assert len(uow.session.scalars(select(LeaveEntry)).all()) == 2


def test_bank_holidays_are_within_the_weeks_unless_the_policy_adds_them(
    uow: UnitOfWork, home: Home
) -> None:
    policy = policy_for(uow.session, DAY, home.home.id)
    year = policy.year_of(DAY)
    within = granted_minutes(home.carer, policy, year)
    assert within == 35 * 60 * 56 // 10
    set_limit(
        uow, "bank_holidays_added", True, date(2020, 1, 1), home_id=home.home.id, reason="Contract"
    )
    added = granted_minutes(home.carer, policy_for(uow.session, DAY, home.home.id), year)
    assert (added - within) % (35 * 60 // 5) == 0  # a fifth of the week each
    # 2026/27 has two Good Fridays and the World Cup holiday; substitute days count once
    assert (added - within) // (35 * 60 // 5) == 11
