"""The staffing pack of a period: evidence for section 7 of the Staffing (Scotland) Act 2019."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.evidence.staffing import Staffing, staffing_evidence
from rota.models import Band
from rota.reports.document import Column, Document, Kind, Section, Value
from rota.reports.request import ReportRequest

_BANDS = {Band.DAY: "Day", Band.NIGHT: "Night"}


def staffing_document(session: Session, actor: Actor, request: ReportRequest) -> Document:
    """Required, planned and actual of every shift, with what was judged about it."""
    request.check(actor, Permission.VIEW_ROTA)
    rows = staffing_evidence(session, list(request.units), request.period)
    homes = {unit.id: home.name for home in request.homes for unit in home.units}
    several = len(request.homes) > 1
    short = [row for row in rows if row.short or row.seniors_short]
    return Document(
        title=f"Staffing evidence, {request.place}",
        file_name=request.file_name("staffing-evidence"),
        facts=request.facts(actor),
        sections=(
            _summary(rows, homes if several else {}),
            Section(
                "Below what was required",
                (*_place(several), *_SHIFT, Column("Missing", Kind.NUMBER, total=True),
                 Column("Seniors missing", Kind.NUMBER, total=True), *_JUDGED),
                [
                    [*_where(row, homes, several), *_numbers(row), row.short or None,
                     row.seniors_short or None, *_judged(row)]
                    for row in short
                ],
                note="Every shift with fewer people, or fewer seniors, than its unit required.",
            ),
            Section(
                "Every shift",
                (*_place(several), *_SHIFT, *_JUDGED),
                [[*_where(row, homes, several), *_numbers(row), *_judged(row)] for row in rows],
            ),
        ),
        definitions=(
            ("Basis", "Health and Care (Staffing) (Scotland) Act 2019, section 7: at all times "
             "suitably qualified and competent individuals in such numbers as are appropriate. "
             "The Act sets no ratio; a shortfall is read with the judgement beside it."),
            ("Required", "The unit's minimum for that day and band, of it seniors."),
            ("Planned", "People on the rota as last published before the day; where no published "
             "version was kept, today's rota with the shifts lost to absence put back."),
            ("Actual", "People on the rota as it was worked; empty for days to come."),
            ("Judgement", "What the manager wrote about the shift. Notes are added, never changed."),
        ),
    )  # fmt: skip


_SHIFT = (
    Column("Day", Kind.DAY), Column("Shift", width=8), Column("Required", Kind.NUMBER),
    Column("Planned", Kind.NUMBER), Column("Actual", Kind.NUMBER),
    Column("Seniors required", Kind.NUMBER), Column("Seniors actual", Kind.NUMBER),
)  # fmt: skip
_JUDGED = (Column("Judgement", width=60), Column("By", width=20), Column("Written", Kind.INSTANT))


def _place(several: bool) -> tuple[Column, ...]:
    unit = Column("Unit", width=20)
    return (Column("Home", width=20), unit) if several else (unit,)


def _where(row: Staffing, homes: dict[int, str], several: bool) -> list[Value]:
    return [homes[row.slot.unit_id], row.unit] if several else [row.unit]


def _numbers(row: Staffing) -> list[Value]:
    return [
        row.slot.day, _BANDS[row.slot.band], row.required, row.planned, row.actual,
        row.required_seniors, row.actual_seniors,
    ]  # fmt: skip


def _judged(row: Staffing) -> list[Value]:
    note = row.judgement
    return [note.note, note.recorded_by, note.recorded_at] if note else [None, None, None]


def _summary(rows: Sequence[Staffing], homes: dict[int, str]) -> Section:
    """A line for each unit and band."""
    groups: dict[tuple[int, str, Band], list[Staffing]] = {}
    for row in rows:
        groups.setdefault((row.slot.unit_id, row.unit, row.slot.band), []).append(row)
    lines: list[Sequence[Value]] = []
    for (unit_id, unit, band), found in groups.items():
        below = [r for r in found if r.short or r.seniors_short]
        lines.append(
            [
                *([homes[unit_id]] if homes else []), unit, _BANDS[band], len(found),
                len(found) - len(below), len(below), sum(1 for r in below if r.judgement),
                sum(1 for r in found if r.needs_judgement),
            ]
        )  # fmt: skip
    columns = (
        *_place(bool(homes)), Column("Shift"), Column("Shifts", Kind.NUMBER, total=True),
        Column("As required", Kind.NUMBER, total=True), Column("Below", Kind.NUMBER, total=True),
        Column("Below, judged", Kind.NUMBER, total=True),
        Column("Without a judgement", Kind.NUMBER, total=True),
    )  # fmt: skip
    return Section("Summary", columns, sorted(lines, key=lambda line: [str(v) for v in line[:3]]))
