"""A vacancy's history and its price by each way of filling it."""

from __future__ import annotations

from sqlalchemy import select

from rota.database import UnitOfWork
from rota.models import Employment, ShiftOffer
from rota.roster import changes
from rota.vacancies.candidates import rank_candidates
from rota.vacancies.history import vacancy_history, ways_of_filling
from rota.vacancies.offers import accept, offer
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.vacancies.conftest import Open
from tests.rota.vacancies.test_offers import carer


def test_the_history_tells_offers_answers_fillings_and_undoing(uow: UnitOfWork, gap: Open) -> None:
    ann = make.make_staff(uow.session, gap.unit, first_name="Ann", last_name="Reid")
    bob = make.make_staff(uow.session, gap.unit, first_name="Bob", last_name="Ure")
    gap.shift.vacant_since = None
    uow.commit()
    assert vacancy_history(uow.session, gap.shift.id) == []
    uow.actor = gap.manager
    offer(uow, gap.shift.id, gap.shift.version, [ann.id, bob.id])
    uow.commit()
    uow.actor = carer(gap, ann)
    (row,) = [r for r in uow.session.scalars(select(ShiftOffer)) if r.staff_id == ann.id]
    done = accept(uow, row.id)
    uow.commit()
    uow.actor = gap.manager
    changes.undo(uow, done.change_set_id)
    uow.commit()
    told = {(event.who, event.words) for event in vacancy_history(uow.session, gap.shift.id)}
    assert ("Ann Reid", "accepted") in told
    assert ("Bob Ure", "was told that somebody else has it") in told
    assert ("", "Offered to Bob Ure") in told
    assert any(words.startswith("Ann Reid takes D") for _, words in told)
    assert any(words.startswith("Undo: Ann Reid takes D") for _, words in told)


def test_each_way_has_its_cheapest_price_and_who_would_come(uow: UnitOfWork, gap: Open) -> None:
    session, role = uow.session, gap.role
    spare = make.make_staff(session, gap.unit, role, first_name="Ann", contracted_minutes=35 * 60)
    full = make.make_staff(session, gap.unit, role, first_name="Bob", contracted_minutes=60)
    bank = make.make_staff(
        session, gap.unit, role, first_name="Cat", contracted_minutes=0,
        employment=Employment.BANK,
    )  # fmt: skip
    busy = make.make_staff(session, gap.unit, role, first_name="Eve", contracted_minutes=35 * 60)
    make.make_shift(session, gap.unit, busy, MONDAY)
    uow.commit()
    ways = ways_of_filling(rank_candidates(session, gap.manager, gap.shift.id, enough=None))
    by_source = {way.source: way for way in ways}
    assert list(by_source) == ["Contracted hours", "Bank", "Overtime", "Agency"]
    assert (by_source["Contracted hours"].pence, by_source["Contracted hours"].name) == (
        11000, spare.name,
    )  # fmt: skip
    assert (by_source["Overtime"].pence, by_source["Overtime"].name) == (22000, full.name)
    assert (by_source["Bank"].pence, by_source["Bank"].count) == (11000, 1)
    assert by_source["Bank"].name == bank.name
    assert by_source["Agency"].pence is None and by_source["Agency"].count == 0
