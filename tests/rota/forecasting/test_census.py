"""Residents by dependency group become care hours, by the organisation's own dated table."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from rota.administration import service
from rota.administration.catalogue import table_called
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed
from rota.forecasting.census import CensusRow, load_census, read_census
from rota.models import AuditEvent, Census, DependencyGroup, UserRole
from tests import factories as make
from tests.clock import TODAY

DAY = date(2026, 3, 10)


@pytest.fixture
def unit_id(uow: UnitOfWork) -> int:
    """OG Mulberry of Orchard Grove, and a table of two groups, one with a new value in April."""
    unit = make.make_unit(uow.session, make.make_home(uow.session, "Orchard Grove"), "OG Mulberry")
    for code, hours, begin in (("A", 3.0, date(2026, 1, 1)), ("B", 5.0, date(2026, 1, 1)),
                               ("B", 6.0, date(2026, 4, 1))):  # fmt: skip
        uow.session.add(DependencyGroup(code=code, hours_per_day=hours, effective_from=begin))
    uow.session.flush()
    return unit.id


def row(day: date = DAY, group: str = "A", residents: int = 4, **more: Any) -> CensusRow:
    return CensusRow(more.get("number", 2), more.get("home", "Orchard Grove"),
                     more.get("unit", "OG Mulberry"), day, group, residents)  # fmt: skip


def stored(uow: UnitOfWork) -> dict[date, tuple[int, float]]:
    return {
        each.date: (each.residents, each.care_hours) for each in uow.session.scalars(select(Census))
    }


def test_need_is_residents_times_the_hours_in_force_that_day(uow: UnitOfWork, unit_id: int) -> None:
    april = date(2026, 4, 2)
    rows = [row(), row(group="B", residents=2), row(april, "B", 2)]
    assert load_census(uow, rows) == 2
    assert stored(uow) == {DAY: (6, 22.0), april: (2, 12.0)}
    assert uow.session.scalars(select(Census.by_group).where(Census.date == DAY)).one() == {
        "A": 4, "B": 2,
    }  # fmt: skip


def test_loading_a_day_again_replaces_it_and_leaves_the_others(
    uow: UnitOfWork, unit_id: int
) -> None:
    load_census(uow, [row(), row(DAY + timedelta(days=1))])
    load_census(uow, [row(group="B", residents=1)])
    assert stored(uow) == {DAY: (1, 5.0), DAY + timedelta(days=1): (4, 12.0)}
    events = uow.session.scalars(select(AuditEvent).where(AuditEvent.entity == "census")).all()
    assert [event.action for event in events] == ["load", "load"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (row(number=7, unit="Nowhere"), "Row 7: there is no care unit 'Nowhere'"),
        (row(number=7, group="Z"), "Row 7: dependency group 'Z' has no hours"),
        (row(date(2025, 12, 31), number=7), "Row 7: dependency group 'A' has no hours"),
        (row(TODAY + timedelta(days=1), number=7), "is not over"),
        (row(number=7), "Row 7: group A of that day was given before"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_stored(
    uow: UnitOfWork, unit_id: int, wrong: CensusRow, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        load_census(uow, [row(), wrong])
    assert stored(uow) == {}


def test_another_home_is_refused(uow: UnitOfWork, unit_id: int) -> None:
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    with pytest.raises(NotAllowed):
        load_census(uow, [row()])


def test_changing_the_table_counts_the_need_of_its_days_anew(uow: UnitOfWork, unit_id: int) -> None:
    april = date(2026, 4, 2)
    load_census(uow, [row(), row(group="B", residents=2), row(april, "B", 2)])
    table = table_called("dependency")
    before = next(
        view for view in service.rows(uow.session, uow.actor, table)
        if view.values["effective_from"] == date(2026, 4, 1)
    )  # fmt: skip
    raw = {f.key: f.raw(before.values[f.key]) for f in table.fields} | {"hours_per_day": "7.5"}
    saved = service.save(uow, table, before.id, raw, mark=before.mark, reason="measured")
    assert "1 unit days" in saved.note
    assert stored(uow) == {DAY: (6, 22.0), april: (2, 15.0)}
    # the row taken back, the earlier hours hold again
    after = service.row(uow.session, uow.actor, table, before.id)
    service.remove(uow, table, before.id, mark=after.mark, reason="a mistake")
    assert stored(uow)[april] == (2, 10.0)


def written(folder: Path, *rows: str, header: str = "home,unit,date,group,residents") -> Path:
    path = folder / "census.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_file_is_read_with_its_row_numbers(tmp_path: Path) -> None:
    found = read_census(written(tmp_path, "Orchard Grove,OG Mulberry,2026-03-10,A,4"))
    assert found == (row(),)


@pytest.mark.parametrize(
    ("line", "words"),
    [("H,U,soon,A,4", "row 2: date is 'soon'"), ("H,U,2026-03-10,A,-1", "residents is '-1'"),
     ("H,U,2026-03-10,A,many", "residents is 'many'"), ("H,U,2026-03-10,A,501", "not 0 to 500"),
     ("H,U,2026-03-10", "residents is ''")],
)  # fmt: skip
def test_a_bad_file_says_which_row_and_why(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_census(written(tmp_path, line))
