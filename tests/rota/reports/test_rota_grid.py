"""The week grid as a workbook, read back."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from rota.database import UnitOfWork
from rota.models import Agency, Band, Classification
from rota.reports.rota_grid import write_rota_grid
from rota.roster.queries import week_grid
from tests import factories as make
from tests.factories import MONDAY

PALETTE = {"day": ("#CFE8FF", "#0A4570"), "vacancy": ("#FFFFFF", "#B42318")}


def test_people_agency_vacancies_and_cover_stand_in_the_grid(uow: UnitOfWork) -> None:
    session = uow.session
    unit = make.make_unit(session, make.make_home(session), "Willow")
    make.make_requirement(session, unit, Band.DAY, minimum=4, ideal=4)
    person = make.make_staff(session, unit, first_name="=Mairi", last_name="Grant")
    make.make_shift(session, unit, person, MONDAY, classification=Classification.OVERTIME)
    make.make_shift(session, unit, None, MONDAY)
    agency = Agency(name="Rowan Care")
    session.add(agency)
    session.flush()
    make.make_shift(
        session, unit, None, MONDAY, agency_id=agency.id, role_id=person.role_id,
        classification=Classification.AGENCY,
    )  # fmt: skip
    grid = week_grid(session, unit.home_id, unit.id, MONDAY, 1)
    stream = io.BytesIO()
    write_rota_grid(grid, "=Rota of Willow", PALETTE, stream)
    stream.seek(0)
    book = load_workbook(stream)
    sheet = book["Rota"]
    assert sheet["A1"].value == "=Rota of Willow"
    assert sheet["A1"].data_type == "s"
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert rows[0][:5] == ["Name", "Role", "Contracted", "Rostered", "Mon\n1 Jun"]
    assert rows[1][:5] == ["'=Mairi Grant", "SCA", 35, 12, "D"]
    assert [row[0] for row in rows[2:4]] == ["Agency", "Vacant"]
    assert [row[4] for row in rows[2:4]] == ["D", "D?"]
    assert rows[4][4] == "2/4"
    assert sheet["E4"].fill.start_color.rgb == "FFCFE8FF"
    assert sheet["E4"].font.b
    assert sheet["E4"].font.i  # a draft
    assert sheet.freeze_panes == "E4"
    assert book["Legend"]["A2"].value == "D"
