"""What an administrator reads, and nobody else."""

from __future__ import annotations

import pytest

from rota.access import queries, service
from rota.database import UnitOfWork
from rota.errors import NotAllowed
from rota.models import UserRole
from tests import factories as make


def test_accounts_are_found_by_number_and_name_and_wildcards_are_text(uow: UnitOfWork) -> None:
    for sap, name in (("100%", "Ann Bell"), ("1002", "Bob Cairns")):
        service.create_user(uow, sap_number=sap, name=name, role=UserRole.ANALYST)
    uow.commit()
    found = queries.accounts(uow.session, uow.actor, search="bell")
    assert [one.sap_number for one in found] == ["100%"]
    assert [o.name for o in queries.accounts(uow.session, uow.actor, search="100%")] == ["Ann Bell"]
    assert len(queries.accounts(uow.session, uow.actor)) == 2


def test_only_administrators_read_accounts(uow: UnitOfWork) -> None:
    manager = make.actor(UserRole.OPERATIONAL_MANAGER)
    with pytest.raises(NotAllowed):
        queries.accounts(uow.session, manager)
    with pytest.raises(NotAllowed):
        queries.audit_trail(uow.session, manager)


def test_a_senior_manager_reads_the_audit_of_own_homes_only(uow: UnitOfWork) -> None:
    mine, other = make.make_home(uow.session), make.make_home(uow.session)
    uow.audit("change", "shift", 1, home_id=mine.id, after={"note": "a"})
    uow.audit("change", "shift", 2, home_id=other.id)
    uow.audit("log in", "user", 3)
    uow.commit()
    senior = make.actor(UserRole.SENIOR_MANAGER, mine)
    lines = queries.audit_trail(uow.session, senior)
    assert [(line.entity_id, line.home) for line in lines] == [("1", mine.name)]
    assert len(queries.audit_trail(uow.session, uow.actor, search="LOG IN")) == 1
