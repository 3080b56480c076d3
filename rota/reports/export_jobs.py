"""Workbooks too large to wait for: asked for on the screen, written by the worker, fetched after.

The job acts as the person who asked, with what they may do when it runs.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import IO, Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import choose_home, homes_of
from rota.calendar import Period
from rota.costs.values import CostScope
from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput, NotAllowed, NotFound
from rota.jobs import service as jobs
from rota.jobs.runner import JobContext
from rota.models import Band, Classification, Job, JobFile
from rota.reports.costs import shifts_document
from rota.reports.request import ReportRequest
from rota.reports.workbook import write_workbook

#: more shifts than this take over two seconds to write
MANY_SHIFTS = 8_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_IN_MEMORY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file ready to be sent."""

    name: str
    content_type: str
    content: bytes


def ask_workbook(uow: UnitOfWork, scope: CostScope) -> int:
    """Ask for the workbook of the shifts of a scope; gives the job's id (the same one while it is
    active). Commit, then dispatch.

    Raises :class:`~rota.errors.NotAllowed` for a home the actor does not work with.
    """
    uow.actor.require(Permission.VIEW_COSTS)
    for home_id in scope.home_ids:
        uow.actor.require(Permission.EXPORT_DATA, home_id)
    return jobs.submit(uow, "workbook", _inputs(scope), key=_key(uow.actor, scope)).id


def newest_workbook(session: Session, actor: Actor, scope: CostScope) -> jobs.JobView | None:
    """The actor's newest job for this workbook whose file is still there, or that is at work."""
    job_id = session.scalar(
        select(Job.id)
        .where(Job.key == f"workbook:{_key(actor, scope)}", Job.requested_by_id == actor.user_id)
        .order_by(Job.id.desc())
        .limit(1)
    )
    if job_id is None:
        return None
    view = jobs.view(session, actor, job_id)
    is_there = session.scalar(select(JobFile.id).where(JobFile.job_id == job_id)) is not None
    return view if view.is_active or view.error or is_there else None


def file_of(session: Session, actor: Actor, job_id: int) -> MadeFile:
    """The file of a job, for the person who asked for it alone.

    Raises :class:`NotFound` when there is none (any more), :class:`NotAllowed` for others.
    """
    actor.require(Permission.EXPORT_DATA)
    found = session.execute(
        select(JobFile, Job.requested_by_id)
        .join(Job, Job.id == JobFile.job_id)
        .where(JobFile.job_id == job_id)
    ).one_or_none()
    if found is None:
        raise NotFound("This file is not there any more.", hint="Make it again.")
    file, owner = found
    if owner is None or owner != actor.user_id:
        raise NotAllowed("This file was made for somebody else.", hint="Make your own.")
    return MadeFile(file.name, file.content_type, file.content)


def run_workbook(context: JobContext) -> dict[str, Any]:
    """Write the workbook that the job's inputs name."""
    scope = _scope(context.inputs)
    context.report(0.02, "Reading the shifts")
    with reading(context.engine) as session:
        homes = homes_of(session, context.actor)
        shown = tuple(choose_home(homes, home_id) for home_id in sorted(scope.home_ids))
        request = ReportRequest(shown, Period(scope.start, scope.end), datetime.now(UTC))
        document = shifts_document(session, context.actor, request, scope)
    rows = sum(len(section.rows) for section in document.sections)

    def tell(written: int) -> None:
        context.check()
        context.report(0.2 + 0.75 * written / max(1, rows), f"{written:,} of {rows:,} shifts")

    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spooled:
        stream = cast(IO[bytes], spooled)
        write_workbook(document, stream, constant_memory=True, progress=tell)
        stream.seek(0)
        content = stream.read()
    context.check()
    name = f"{document.file_name}.xlsx"
    with UnitOfWork(context.actor, source="job", engine=context.engine) as uow:
        uow.session.add(
            JobFile(job_id=context.job_id, name=name, content_type=XLSX, content=content)
        )
        uow.audit("make file", "job", context.job_id, after={"name": name, "rows": rows})
        uow.commit()
    return {"name": name, "rows": rows, "bytes": len(content)}


_PLAIN = ("unit_id", "role_id", "weekday", "shift_type_id", "role_is_unknown", "only_missing_rates")


def _inputs(scope: CostScope) -> dict[str, Any]:
    """A scope as a job's row keeps it."""
    return {
        "home_ids": sorted(scope.home_ids), "start": scope.start.isoformat(),
        "end": scope.end.isoformat(), "source": scope.source, "band": scope.band,
        **{name: getattr(scope, name) for name in _PLAIN},
    }  # fmt: skip


def _scope(inputs: dict[str, Any]) -> CostScope:
    """The scope that a job's row holds. Raises :class:`InvalidInput`."""
    try:
        scope = CostScope(
            frozenset(int(home_id) for home_id in inputs["home_ids"]),
            date.fromisoformat(inputs["start"]), date.fromisoformat(inputs["end"]),
            source=Classification(inputs["source"]) if inputs["source"] else None,
            band=Band(inputs["band"]) if inputs["band"] else None,
        )  # fmt: skip
        return replace(scope, **{name: inputs[name] for name in _PLAIN})
    except (KeyError, TypeError, ValueError):
        raise InvalidInput("The workbook asked for cannot be read.") from None


def _key(actor: Actor, scope: CostScope) -> str:
    """One key for a person and what is asked; the text of a scope would be too long."""
    text = json.dumps(_inputs(scope), sort_keys=True)
    return f"{actor.user_id}:{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
