"""The week at a glance: cover of every unit and day against what is required."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period
from rota.models import Band
from rota.overview.queries import fortnight
from rota.overview.values import CoverCell
from rota.reports.document import Column, Document, Kind, Section, Value
from rota.reports.request import ReportRequest

_BANDS = {Band.DAY: "day", Band.NIGHT: "night", Band.OFFICE: "office"}


def weekly_document(session: Session, actor: Actor, request: ReportRequest) -> Document:
    """Required, planned and short by home and day, then by unit. Two statements."""
    request.check(actor, Permission.VIEW_ROTA)
    period = request.period
    cells = fortnight(session, list(request.units.values()), period.start, period.end)
    return Document(
        title=f"Weekly rota summary, {request.place}",
        file_name=request.file_name("weekly-summary"),
        facts=request.facts(actor),
        sections=(_by_home(request, cells), _by_unit(request, cells)),
        definitions=(
            ("Required", "The minimum of each unit, day and band that has one."),
            ("Planned", "People whose type of shift and role count to cover."),
            ("Short", "People missing to the minimum, unit by unit: a surplus in one unit does "
             "not hide a gap in another."),
            ("Vacant", "Shifts with nobody on them."),
        ),
    )  # fmt: skip


def _by_home(request: ReportRequest, cells: Sequence[CoverCell]) -> Section:
    rows: list[Sequence[Value]] = []
    for home in request.homes:
        for day in Period(request.period.start, request.period.end):
            of_day = [c for c in cells if c.home_id == home.id and c.date == day]
            needed = [c for c in of_day if c.minimum is not None]
            rows.append(
                [
                    home.name,
                    day,
                    sum(c.minimum or 0 for c in needed),
                    sum(c.planned for c in needed),
                    sum(c.short for c in needed if c.band is not Band.NIGHT),
                    sum(c.short for c in needed if c.band is Band.NIGHT),
                    sum(c.vacant for c in of_day),
                ]
            )
    columns = (
        Column("Home", width=24), Column("Day", Kind.DAY),
        Column("Required", Kind.NUMBER, total=True), Column("Planned", Kind.NUMBER, total=True),
        Column("Short by day", Kind.NUMBER, total=True),
        Column("Short by night", Kind.NUMBER, total=True),
        Column("Vacant", Kind.NUMBER, total=True),
    )  # fmt: skip
    return Section("By home and day", columns, rows)


def _by_unit(request: ReportRequest, cells: Sequence[CoverCell]) -> Section:
    homes = {home.id: home.name for home in request.homes}
    rows: list[Sequence[Value]] = [
        [
            homes[cell.home_id], request.units[cell.unit_id].name, cell.date, _BANDS[cell.band],
            cell.minimum, cell.planned, cell.short, cell.senior_minimum, cell.seniors, cell.vacant,
        ]
        for cell in cells
    ]  # fmt: skip
    columns = (
        Column("Home", width=24), Column("Unit"), Column("Day", Kind.DAY),
        Column("Band", width=9), Column("Required", Kind.NUMBER, total=True),
        Column("Planned", Kind.NUMBER, total=True), Column("Short", Kind.NUMBER, total=True),
        Column("Seniors required", Kind.NUMBER, total=True),
        Column("Seniors planned", Kind.NUMBER, total=True),
        Column("Vacant", Kind.NUMBER, total=True),
    )  # fmt: skip
    return Section("By unit and day", columns, rows, note="Without a requirement: blank.")
