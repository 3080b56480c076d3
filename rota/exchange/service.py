"""The use cases: import files, export the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor, system_actor
from rota.access.permissions import Permission
from rota.calendar import london_today
from rota.database import UnitOfWork, reading, unhurried
from rota.exchange.dumping import text_of, write_file
from rota.exchange.findings import Findings, Level
from rota.exchange.loading import load_reference
from rota.exchange.loading_rota import load_leave, load_shifts
from rota.exchange.matching import new_leave, new_shifts
from rota.exchange.parsed import Kind
from rota.exchange.plan import Plan
from rota.exchange.preparing import Progress, no_progress, prepare, read_files
from rota.exchange.reading import MAX_MEGABYTES
from rota.exchange.stored import load_stored
from rota.exchange.transaction import Loading, Tally
from rota.exchange.writing import ExportRecord, export_records
from rota.leave.accounts import open_year
from rota.models import (
    Budget,
    CareHome,
    CoverRequirement,
    LeaveRequest,
    Role,
    Shift,
    ShiftPattern,
    ShiftType,
    Staff,
    Unit,
    User,
)

_COUNTED = {
    Kind.ROLE.value: Role,
    Kind.HOME.value: CareHome,
    Kind.UNIT.value: Unit,
    "cover requirements": CoverRequirement,
    "budgets": Budget,
    Kind.SHIFT_TYPE.value: ShiftType,
    Kind.PATTERN.value: ShiftPattern,
    Kind.PERSON.value: Staff,
    Kind.ACCOUNT.value: User,
    Kind.SHIFT.value: Shift,
    Kind.LEAVE.value: LeaveRequest,
}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found and did. ``before`` and ``after`` are rows by table."""

    files: tuple[str, ...]
    records: int
    findings: Findings
    before: dict[str, int]
    after: dict[str, int]
    tallies: dict[Kind, Tally] = field(default_factory=dict)
    #: whether it was written; not after an error, nor in a dry run
    is_written: bool = False

    @property
    def errors(self) -> int:
        """How many findings stop the import."""
        return self.findings.number(Level.ERROR)

    @property
    def warnings(self) -> int:
        """How many findings are listed only."""
        return self.findings.number(Level.WARNING)


def import_files(
    paths: Sequence[Path],
    *,
    dry_run: bool = False,
    max_megabytes: int = MAX_MEGABYTES,
    engine: Engine | None = None,
    actor: Actor | None = None,
    today: date | None = None,
    progress: Progress = no_progress,
) -> ImportReport:
    """Check files together and, unless something stops it, load them in one transaction.

    Raises :class:`~rota.errors.InvalidInput` for a file that cannot be used as a whole and
    for unknown models. Errors in records are in the report instead, and nothing is
    written.
    """
    today = today or london_today()
    actor = actor or system_actor("Import", frozenset())
    actor.require(Permission.ADMINISTER)
    records, malformed = read_files(paths, max_megabytes)
    names = tuple(path.name for path in paths)
    if dry_run:
        with reading(engine) as session:
            stored = load_stored(session, today)
            plan = prepare(records, malformed, stored, today, progress)
            new_shifts(session, plan.items[Kind.SHIFT], stored, plan.context)
            counts = _counts(session)
        return ImportReport(names, plan.records, plan.context.findings, counts, counts)
    with UnitOfWork(actor, source="import", engine=engine) as uow:
        unhurried(uow.session.connection())
        before = _counts(uow.session)
        stored = load_stored(uow.session, today)
        plan = prepare(records, malformed, stored, today, progress)
        findings = plan.context.findings
        shifts = new_shifts(uow.session, plan.items[Kind.SHIFT], stored, plan.context)
        leave = new_leave(uow.session, plan.items[Kind.LEAVE], stored, plan.context)
        if findings.number(Level.ERROR):
            return ImportReport(names, plan.records, findings, before, before)
        loading = Loading(uow, plan, stored, today)
        load_reference(loading)
        load_leave(loading, leave, progress)
        load_shifts(loading, shifts, progress)
        _open_leave_years(loading)
        after = _counts(uow.session)
        _record(loading, names, plan)
        uow.commit()
    return ImportReport(names, plan.records, findings, before, after, loading.tallies, True)


def _open_leave_years(loading: Loading) -> None:
    """Grant this leave year's leave, and take from it what was approved in the old system."""
    uow = loading.uow
    uow.actor = system_actor(uow.actor.name, frozenset(loading.homes.values()))
    for home_id in sorted(loading.touched):
        open_year(uow, home_id, loading.today)


def _record(loading: Loading, names: tuple[str, ...], plan: Plan) -> None:
    uow = loading.uow
    done = {
        kind.value: {"created": tally.created, "updated": tally.updated}
        for kind, tally in loading.tallies.items()
        if tally.created or tally.updated
    }
    for home_id in loading.touched:
        uow.touch(home_id)
    uow.audit(
        "import",
        "files",
        after={"files": list(names), "records": plan.records, "done": done},
    )


def _counts(session: Session) -> dict[str, int]:
    return {
        name: session.scalar(select(func.count()).select_from(model)) or 0
        for name, model in _COUNTED.items()
    }


Watch = Callable[[Iterator[ExportRecord]], Iterator[ExportRecord]]


def no_watch(records: Iterator[ExportRecord]) -> Iterator[ExportRecord]:
    """The records as they are, without showing anything."""
    return records


def export_file(
    path: Path,
    *,
    kinds: Sequence[Kind] = tuple(Kind),
    engine: Engine | None = None,
    today: date | None = None,
    watch: Watch = no_watch,
) -> int:
    """Write the database as a Django dump; gives the bytes written.

    Raises :class:`~rota.errors.InvalidInput` when the file cannot be written; what stood
    there before is left as it was.
    """
    today = today or london_today()
    with reading(engine) as session:
        return write_file(path, text_of(watch(export_records(session, today, kinds))))
