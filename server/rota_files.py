"""The rota as it stands in the address, on paper and as files: print view, PDF, workbook, CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from components.formats import plural
from components.state import ScreenState, parse_query
from components.theme import SHIFT_STYLES
from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import choose_home, choose_unit, homes_of
from rota.calendar import LONDON, Period, local_day, period_text
from rota.errors import InvalidInput
from rota.models import Publication
from rota.reports.pdf import Paper, pdf_of
from rota.reports.rota_grid import write_rota_grid
from rota.reports.rota_print import Heading, rota_csv, rota_page
from rota.roster.grid import WeekGrid
from rota.roster.queries import week_grid
from server.context import current_actor, reading
from server.downloads import XLSX, as_attachment, query_of, sent, spool
from server.gate import requires

blueprint = Blueprint("rota_files", __name__)
_PAPERS: dict[str, Paper] = {"a4": "A4", "a3": "A3"}


@dataclass(frozen=True, slots=True)
class _Asked:
    grid: WeekGrid
    heading: Heading
    state: ScreenState
    name: str


@blueprint.get("/print/rota")
@requires(Permission.VIEW_ROTA)
def print_view() -> Response:
    """The whole rota of the address on one page, for paper."""
    paper = _paper()
    asked = _asked(Permission.VIEW_ROTA)
    here = asked.state.href("/print/rota")
    links = [(f"{name} landscape", _with(here, f"paper={key}")) for key, name in _PAPERS.items()]
    if current_actor().may(Permission.EXPORT_DATA):
        pdf = asked.state.href("/download/rota-grid.pdf")
        links.append(("PDF", _with(pdf, f"paper={paper.lower()}")))
    links.append(("Back to the rota", asked.state.href("/rota/")))
    page = rota_page(asked.grid, asked.heading, _palette(), paper=paper, links=links)
    return Response(page, mimetype="text/html", headers={"Cache-Control": "no-store"})


@blueprint.get("/download/rota-grid.<kind>")
@requires(Permission.EXPORT_DATA)
def rota_file(kind: str) -> Response:
    """The rota of the address as a workbook in its colours, as CSV or as PDF."""
    if kind not in ("xlsx", "csv", "pdf"):
        raise InvalidInput("Files come as csv, xlsx or pdf.", hint="Use a button of the page.")
    paper = _paper()
    asked = _asked(Permission.VIEW_ROTA)
    if kind == "xlsx":
        stream = spool()
        title = " · ".join([asked.heading.title, *asked.heading.facts])
        write_rota_grid(asked.grid, title, _palette(), stream)
        return sent(stream, XLSX, f"{asked.name}.xlsx")
    if kind == "csv":
        text = rota_csv(asked.grid, asked.heading)
        return as_attachment(Response(text, mimetype="text/csv"), f"{asked.name}.csv")
    page = rota_page(asked.grid, asked.heading, _palette(), paper=paper)
    content = pdf_of(page, landscape=True, paper=paper)
    return as_attachment(Response(content, mimetype="application/pdf"), f"{asked.name}.pdf")


def _asked(permission: Permission) -> _Asked:
    actor = current_actor()
    state = parse_query({k: v for k, v in query_of().items() if k != "paper"})
    now = datetime.now(UTC)
    with reading() as session:
        home = choose_home(homes_of(session, actor), state.home)
        unit = choose_unit(home, state.unit)
        actor.require(permission, home.id)
        start = state.start or local_day(now)
        grid = week_grid(session, home.id, unit.id if unit else None, start, state.weeks)
        version = _version(session, grid)
    place = f"{home.name}, {unit.name}" if unit else home.name
    facts = [
        version,
        *(
            [f"{plural(grid.totals.drafts, 'shift')} not yet published"]
            if grid.totals.drafts
            else []
        ),
        f"data version {home.data_version}",
        _made(now, actor),
    ]
    words = "".join(c if c.isalnum() else "-" for c in place.lower()).replace("--", "-")
    return _Asked(
        grid,
        Heading(f"Rota of {place}, {period_text(grid.period)}", facts),
        state.to(home=home.id, unit=unit.id if unit else None, view="", start=grid.period.start),
        f"rota-{words}-{grid.period.start}",
    )


def _version(session: Session, grid: WeekGrid) -> str:
    """``version 3, published 29/10/2026 11:00``: the newest that covers a day of the grid."""
    period: Period = grid.period
    row = session.execute(
        select(Publication.number, func.max(Publication.published_at))
        .where(
            Publication.home_id == grid.home_id,
            Publication.withdrawn_at.is_(None),
            Publication.start_date <= period.end,
            Publication.end_date >= period.start,
        )
        .group_by(Publication.number)
        .order_by(func.max(Publication.published_at).desc())
        .limit(1)
    ).first()
    if row is None:
        return "draft, never published"
    return f"version {row[0]}, published {row[1].astimezone(LONDON):%d/%m/%Y %H:%M}"


def _made(now: datetime, actor: Actor) -> str:
    return f"printed {now.astimezone(LONDON):%d/%m/%Y %H:%M} by {actor.name}"


def _paper() -> Paper:
    asked = request.args.get("paper", "a4")
    if asked not in _PAPERS:
        raise InvalidInput("Paper is a4 or a3.", hint="Use a link of the page.")
    return _PAPERS[asked]


def _with(href: str, more: str) -> str:
    return f"{href}{'&' if '?' in href else '?'}{more}"


def _palette() -> dict[str, tuple[str, str]]:
    return {category.value: style.light for category, style in SHIFT_STYLES.items()}
