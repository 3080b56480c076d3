"""What a chart's export says about itself, and a chart's figures as a workbook.

The browser has the figure and asks here for what it cannot know: homes by name, their data
versions, who asks and when. Its figures come back as a workbook; they are the asker's own words
and are written as text and numbers, never as formulas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from components.state import parse_query
from rota.access.permissions import Permission
from rota.access.scope import choose_home, choose_unit, homes_of
from rota.calendar import LONDON
from rota.errors import InvalidInput
from rota.reports.document import Column, Document, Kind, Section, Value
from rota.reports.workbook import write_workbook
from server.context import current_actor, reading
from server.downloads import XLSX, sent, spool
from server.gate import requires

blueprint = Blueprint("chart_files", __name__, url_prefix="/download/chart")

Fact = tuple[str, str]
_POUNDS = " (£)"
_LONGEST_ADDRESS = 600
Text = Annotated[str, Field(max_length=500)]
Cell = Annotated[str, Field(max_length=2000)] | float | int | None


class ChartTable(BaseModel):
    """A chart's figures as the browser sends them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    address: Annotated[str, Field(max_length=_LONGEST_ADDRESS)]
    page: Text
    showing: Text
    title: Text
    subtitle: Text
    filename: Annotated[str, Field(max_length=120, pattern=r"^[A-Za-z0-9._-]+$")]
    columns: Annotated[list[Text], Field(min_length=1, max_length=200)]
    rows: Annotated[list[list[Cell]], Field(max_length=20_000)]


@blueprint.get("/facts")
@requires(Permission.VIEW_ACCOUNT)
def facts() -> Response:
    """Home, filters, data version, time and person for the address of a screen, as JSON."""
    found = facts_of(request.args.get("address", ""))
    response = jsonify([list(fact) for fact in found])
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/workbook")
@requires(Permission.EXPORT_DATA)
def workbook() -> Response:
    """The figures of a chart as a workbook with a cover sheet."""
    try:
        table = ChartTable.model_validate_json(request.get_data())
    except ValidationError as error:
        raise InvalidInput(
            "The chart's figures cannot be read.", hint="Load the page again and try once more."
        ) from error
    if any(len(row) != len(table.columns) for row in table.rows):
        raise InvalidInput("The chart's figures cannot be read.", hint="Load the page again.")
    columns = [_column(table, index) for index in range(len(table.columns))]
    document = Document(
        title=table.title or table.page,
        file_name=table.filename,
        facts=(("Page", table.page), ("Showing", table.showing), *facts_of(table.address)),
        sections=(Section("Figures", tuple(c for c, _ in columns), _rows(columns)),),
        definitions=(("The chart", table.subtitle),) if table.subtitle else (),
    )
    stream = spool()
    write_workbook(document, stream)
    return sent(stream, XLSX, f"{document.file_name}.xlsx")


def facts_of(address: str) -> tuple[Fact, ...]:
    """What an address shows, in names and values.

    Raises :class:`InvalidInput` for an address that is none, :class:`~rota.errors.NotAllowed` for
    somebody else's home.
    """
    path, _, query = address.partition("?")
    if len(address) > _LONGEST_ADDRESS or not address.isprintable():
        raise InvalidInput("This address cannot be read.")
    pairs = dict(parse_qsl(query))
    state = parse_query(pairs)
    actor = current_actor()
    with reading() as session:
        homes = homes_of(session, actor)
    shown = [choose_home(homes, state.home)] if state.home else homes
    names = "All homes" if len(shown) > 1 else shown[0].name if shown else "No home"
    filters = [f"{name} {value}" for name, value in pairs.items() if name not in ("home", "unit")]
    if state.unit is not None and len(shown) == 1:
        unit = choose_unit(shown[0], state.unit)
        names += f", {unit.name}" if unit else ""
    made = datetime.now(UTC).astimezone(LONDON)
    return (
        ("Home", names),
        *((("Filters", "; ".join(filters)),) if filters else ()),
        ("Data version", ", ".join(f"{home.name} {home.data_version}" for home in shown)),
        ("Made", f"{made:%d/%m/%Y %H:%M} by {actor.name}"),
        ("Address", f"{path}{'?' if query else ''}{query}"),
    )


def _column(table: ChartTable, index: int) -> tuple[Column, list[Value]]:
    """A column with what its values are: pounds by its title, days by their form, or numbers."""
    title, values = table.columns[index], [row[index] for row in table.rows]
    known = [value for value in values if value is not None]
    if known and all(isinstance(v, int | float) and math.isfinite(v) for v in known):
        if title.endswith(_POUNDS):
            pence: list[Value] = [None if v is None else round(float(v) * 100) for v in values]
            return Column(title.removesuffix(_POUNDS), Kind.PENCE), pence
        return Column(title, Kind.NUMBER), list(values)
    days = [_day(value) for value in values]
    if known and all(day is not None for day, v in zip(days, values, strict=True) if v is not None):
        return Column(title, Kind.DAY), list(days)
    return Column(title, width=24), [None if v is None else str(v) for v in values]


def _rows(columns: Sequence[tuple[Column, list[Value]]]) -> list[Sequence[Value]]:
    return [list(row) for row in zip(*(values for _, values in columns), strict=True)]


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None
