"""Reference data: typed, checked, versioned by content, on record, undoable."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from rota.administration import service
from rota.administration.catalogue import TABLES, table_called
from rota.administration.fields import Field, Kind
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rota.models import (
    CareHome,
    Classification,
    OnCost,
    PayRate,
    Shift,
    ShiftPattern,
    ShiftType,
    Unit,
    UserRole,
)
from tests import factories as make
from tests.clock import TODAY

TOMORROW = TODAY + timedelta(days=2)
pytestmark = pytest.mark.usefixtures("noon")
UNIT = {"name": "Rowan", "beds": "12", "is_management": False, "is_active": True}


def _raw(table: Any, view: service.RowView) -> dict[str, Any]:
    return {f.key: f.raw(view.values[f.key]) for f in table.fields}


def test_a_unit_is_made_changed_and_put_back(uow: UnitOfWork) -> None:
    table, home = table_called("units"), make.make_home(uow.session)
    made = service.save(uow, table, None, {**UNIT, "home_id": str(home.id)})
    seen = service.row(uow.session, uow.actor, table, made.row_id)
    service.save(uow, table, made.row_id, {**_raw(table, seen), "name": "Birch"}, mark=seen.mark)
    uow.session.flush()
    assert uow.session.get_one(Unit, made.row_id).name == "Birch"
    changes = service.history(uow.session, uow.actor, table, made.row_id)
    assert [c.action for c in changes] == ["change", "create"]
    now = service.row(uow.session, uow.actor, table, made.row_id)
    service.put_back(uow, table, changes[0].id, mark=now.mark)
    assert uow.session.get_one(Unit, made.row_id).name == "Rowan"


def test_of_two_administrators_at_once_one_is_told(uow: UnitOfWork) -> None:
    table, home = table_called("units"), make.make_home(uow.session)
    made = service.save(uow, table, None, {**UNIT, "home_id": str(home.id)})
    seen = service.row(uow.session, uow.actor, table, made.row_id)
    service.save(uow, table, made.row_id, {**_raw(table, seen), "name": "Birch"}, mark=seen.mark)
    with pytest.raises(Conflict):
        service.save(uow, table, made.row_id, {**_raw(table, seen), "name": "Oak"}, mark=seen.mark)
    assert uow.session.get_one(Unit, made.row_id).name == "Birch"


@pytest.mark.parametrize(
    ("key", "value"),
    [("name", ""), ("name", "x" * 121), ("beds", "many"), ("beds", "-1"), ("beds", "1e9"),
     ("beds", "1.5"), ("beds", "NaN"), ("beds", True), ("beds", [1]), ("home_id", "999999"),
     ("home_id", "1 OR 1=1"), ("is_active", "yes"), ("name", "a\x00b")],
)  # fmt: skip
def test_what_makes_no_sense_names_its_field_and_changes_nothing(
    uow: UnitOfWork, key: str, value: Any
) -> None:
    home = make.make_home(uow.session)
    with pytest.raises(InvalidInput) as refused:
        service.save(uow, table_called("units"), None,
                     {**UNIT, "home_id": str(home.id), key: value})  # fmt: skip
    assert refused.value.message.startswith(table_called("units").field(key).label)
    assert uow.session.scalars(select(Unit)).all() == []


def test_a_unit_of_another_home_is_refused_for_who_may_not(uow: UnitOfWork) -> None:
    mine, other = make.make_home(uow.session), make.make_home(uow.session)
    uow.actor = make.actor(UserRole.ADMINISTRATOR, mine)
    with pytest.raises(NotAllowed):
        service.save(uow, table_called("units"), None, {**UNIT, "home_id": str(other.id)})
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, mine)
    for table in TABLES:
        with pytest.raises(NotAllowed):
            service.save(uow, table, None, {})
        with pytest.raises(NotAllowed):
            service.rows(uow.session, uow.actor, table)


def test_a_fixed_field_stays_whatever_is_sent(uow: UnitOfWork) -> None:
    table, home = table_called("units"), make.make_home(uow.session)
    other = make.make_home(uow.session)
    made = service.save(uow, table, None, {**UNIT, "home_id": str(home.id)})
    seen = service.row(uow.session, uow.actor, table, made.row_id)
    forged = {**_raw(table, seen), "home_id": str(other.id), "beds": "3"}
    service.save(uow, table, made.row_id, forged, mark=seen.mark)
    assert uow.session.get_one(Unit, made.row_id).home_id == home.id


def test_a_unit_with_people_is_not_closed(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    make.make_staff(uow.session, unit)
    table = table_called("units")
    seen = service.row(uow.session, uow.actor, table, unit.id)
    with pytest.raises(InvalidInput, match="1 people still belong"):
        service.save(uow, table, unit.id, {**_raw(table, seen), "is_active": False}, mark=seen.mark)


def test_what_is_in_use_is_not_deleted(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    make.make_shift(uow.session, unit)
    kind = uow.session.scalars(select(ShiftType)).one()
    table = table_called("shift-types")
    seen = service.row(uow.session, uow.actor, table, kind.id)
    with pytest.raises(Conflict, match="in use"):
        service.remove(uow, table, kind.id, mark=seen.mark)


def test_a_pattern_has_a_known_code_for_each_day(uow: UnitOfWork) -> None:
    make.make_shift_type(uow.session, "D")
    table = table_called("patterns")
    for raw in ({"days": "D D -", "cycle_days": "4"}, {"days": "D Q -", "cycle_days": "3"}):
        with pytest.raises(InvalidInput):
            service.save(uow, table, None, {"name": "A", **raw})
    service.save(uow, table, None, {"name": "A", "days": "D, D -", "cycle_days": "3"})
    assert uow.session.scalars(select(ShiftPattern)).one().days == ["D", "D", ""]


def _priced(uow: UnitOfWork, day: date) -> tuple[Any, Shift]:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    person = make.make_staff(uow.session, unit)
    uow.session.add(
        OnCost(effective_from=date(2020, 1, 1), national_insurance_percent=0,
               national_insurance_threshold_pence=0, pension_percent=0)
    )  # fmt: skip
    shift = make.make_shift(
        uow.session, unit, person, day, classification=Classification.REGULAR, paid_minutes=600
    )
    return person, shift


RATE = {"day_pence": "12.50", "night_pence": "15", "weekend_pence": "15", "holiday_pence": "25",
        "overtime_multiplier": "1.5"}  # fmt: skip


def test_a_new_rate_prices_the_shifts_from_its_day_on(uow: UnitOfWork) -> None:
    monday = TOMORROW + timedelta(days=(7 - TOMORROW.weekday()) % 7)
    person, shift = _priced(uow, monday)
    table = table_called("pay-rates")
    saved = service.save(
        uow, table, None,
        {**RATE, "role_id": str(person.role_id), "effective_from": TOMORROW.isoformat()},
    )  # fmt: skip
    uow.session.refresh(shift)
    assert shift.cost_pence in (12_500, 25_000), saved
    assert saved.note == "1 shifts were priced anew."


def test_a_rate_in_force_changes_only_for_a_reason(uow: UnitOfWork) -> None:
    person, shift = _priced(uow, date(2026, 6, 1))
    table = table_called("pay-rates")
    made = service.save(uow, table, None, {**RATE, "role_id": str(person.role_id),
                                           "effective_from": "2026-01-01"})  # fmt: skip
    seen = service.row(uow.session, uow.actor, table, made.row_id)
    better = {**_raw(table, seen), "day_pence": "13.00"}
    with pytest.raises(InvalidInput, match="say why"):
        service.save(uow, table, made.row_id, better, mark=seen.mark)
    service.save(uow, table, made.row_id, better, mark=seen.mark, reason="typed wrongly")
    uow.session.refresh(shift)
    assert shift.cost_pence == 13_000


def test_two_rates_of_one_day_contradict(uow: UnitOfWork) -> None:
    role = make.make_role(uow.session)
    raw = {**RATE, "role_id": str(role.id), "effective_from": TOMORROW.isoformat()}
    service.save(uow, table_called("pay-rates"), None, raw)
    with pytest.raises(Conflict):
        service.save(uow, table_called("pay-rates"), None, raw)


def test_a_deleted_row_can_be_put_back(uow: UnitOfWork) -> None:
    role = make.make_role(uow.session)
    table = table_called("pay-rates")
    made = service.save(uow, table, None, {**RATE, "role_id": str(role.id),
                                           "effective_from": TOMORROW.isoformat()})  # fmt: skip
    seen = service.row(uow.session, uow.actor, table, made.row_id)
    service.remove(uow, table, made.row_id, mark=seen.mark)
    assert uow.session.scalars(select(PayRate)).all() == []
    deleted = service.history(uow.session, uow.actor, table, made.row_id)[0]
    service.put_back(uow, table, deleted.id, mark="")
    assert uow.session.scalars(select(PayRate)).one().day_pence == 1250


def test_every_home_is_told_when_what_is_common_changes(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    before = home.data_version
    service.save(uow, table_called("dependency"), None,
                 {"code": "A", "hours_per_day": "1.5", "effective_from": "2027-01-01"})  # fmt: skip
    uow.commit()
    uow.session.refresh(home)
    assert home.data_version == before + 1


def test_a_closed_home_can_be_opened_again(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    table = table_called("homes")
    for active in (False, True):
        seen = service.row(uow.session, uow.actor, table, home.id)
        raw = {**_raw(table, seen), "is_active": active}
        service.save(uow, table, home.id, raw, mark=seen.mark)
        assert uow.session.get_one(CareHome, home.id).is_active is active


def test_every_table_shows_what_it_stores(uow: UnitOfWork) -> None:
    """What a form shows of a value reads back as the same value."""
    unit = make.make_unit(uow.session, make.make_home(uow.session, latitude=55.9, longitude=-3.2))
    make.make_requirement(uow.session, unit)
    make.make_shift_type(uow.session, "N", roles=[make.make_role(uow.session)])
    checked = 0
    for table in TABLES:
        lists = service.choices_of(uow.session, table)
        for view in service.rows(uow.session, uow.actor, table):
            for f in table.fields:
                assert (
                    f.parse(f.raw(view.values[f.key]), lists.get(f.key, ())) == view.values[f.key]
                )
                checked += 1
    assert checked > 30


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [(Kind.MONEY, "£1,012.60", 101_260), (Kind.HOURS, "7.5", 450), (Kind.CLOCK, "23:00", 1380),
     (Kind.WORDS, "SCA, SCW", ["SCA", "SCW"])],
)  # fmt: skip
def test_values_are_typed_as_people_write_them(kind: Kind, raw: str, value: Any) -> None:
    assert Field("x", "X", kind).parse(raw) == value


def test_an_unknown_table_or_row_is_not_found(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        table_called("users; DROP TABLE")
    with pytest.raises(NotFound):
        service.row(uow.session, uow.actor, table_called("units"), 77)
