"""The checklists fill themselves in."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from rota.database import UnitOfWork
from rota.errors import NotAllowed
from rota.models import UserRole, utc_now
from rota.operations.checklists import checklists
from tests import factories as make


def test_a_line_is_met_once_what_it_measures_is_there(uow: UnitOfWork, database: Engine) -> None:
    before = checklists(uow.session, uow.actor, database)
    uow.session.rollback()
    assert [one.title for one in before] == ["Go-live", "Week 1", "Month 1"]
    lines = {line.words: line.met for line in before[0].lines}
    assert lines["Homes are there"] is False and lines["Database"] is True
    make.make_unit(uow.session, make.make_home(uow.session))
    make.make_user(uow.session, UserRole.OPERATIONAL_MANAGER, last_login_at=utc_now())
    uow.commit()
    after = checklists(uow.session, uow.actor, database)
    assert {line.words: line.met for line in after[0].lines}["Homes are there"] is True
    assert after[1].lines[0].met is True and after[1].lines[0].found == "1 of 1"
    assert after[0].met > before[0].met


def test_only_administrators_see_them(uow: UnitOfWork) -> None:
    with pytest.raises(NotAllowed):
        checklists(uow.session, make.actor(UserRole.SENIOR_MANAGER))
