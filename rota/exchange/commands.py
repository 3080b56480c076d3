"""``python -m rota import`` and ``export``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine
from tqdm import tqdm

from rota.calendar import london_today
from rota.database import get_engine, make_engine, reading
from rota.errors import InvalidInput
from rota.exchange.dialects import CANONICAL, MODELS
from rota.exchange.dumping import text_of, write_file
from rota.exchange.findings import TITLES, Findings
from rota.exchange.parsed import Kind
from rota.exchange.reading import MAX_MEGABYTES
from rota.exchange.service import ImportReport, export_file, import_files
from rota.exchange.writing import ExportRecord, export_records
from rota.migrations import current_revision, require_current, upgrade
from rota.models import Base

#: examples shown of each kind of finding; ``--report`` writes them all
EXAMPLES = 3
#: a step shows its progress once it has taken this long
_PROGRESS_AFTER_SECONDS = 2


def _bar(label: str, items: Sequence[Any]) -> Iterable[Any]:
    return tqdm(
        items, desc=label, delay=_PROGRESS_AFTER_SECONDS, file=sys.stderr, unit="", leave=False
    )


def _watch(records: Iterator[ExportRecord]) -> Iterator[ExportRecord]:
    return iter(
        tqdm(
            records, desc="Writing records", delay=_PROGRESS_AFTER_SECONDS, file=sys.stderr,
            unit="", leave=False,
        )
    )  # fmt: skip


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check only; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write every finding here."
)
@click.option(
    "--max-megabytes",
    type=click.IntRange(1, 100_000),
    default=MAX_MEGABYTES,
    show_default=True,
    help="Refuse larger files.",
)
def import_command(
    files: tuple[Path, ...],
    dry_run: bool,
    as_json: bool,
    report: Path | None,
    max_megabytes: int,
) -> None:
    """Load the old system's FILES (Django dumpdata, either dialect, in any order).

    Everything is checked first. An error stops the import with exit code 2 and nothing is
    written; warnings are listed. A second import of the same files changes nothing.
    """
    engine = _engine(dry_run=dry_run)
    outcome = import_files(
        files, dry_run=dry_run, max_megabytes=max_megabytes, engine=engine, progress=_bar
    )
    if report is not None:
        lines = (
            f"{item.level.value}\t{item.code.value}\t{item}\n" for item in outcome.findings.items
        )
        write_file(report, lines)
    if as_json:
        click.echo(json.dumps(_as_json(outcome, dry_run=dry_run), indent=1, ensure_ascii=False))
    else:
        _print_report(outcome, dry_run=dry_run)
    if outcome.errors:
        noun = "error" if outcome.errors == 1 else "errors"
        raise InvalidInput(f"{outcome.errors} {noun} in the files; nothing was written.")


def _engine(*, dry_run: bool) -> Engine:
    """The database; an empty one gets its tables, unless this is only a rehearsal."""
    engine = get_engine()
    if current_revision(engine) is not None:
        require_current(engine)
    elif dry_run:
        engine = make_engine("sqlite:///:memory:")
        Base.metadata.create_all(engine)
    else:
        upgrade(engine)
    return engine


def _print_report(outcome: ImportReport, *, dry_run: bool) -> None:
    click.echo(f"Read {outcome.records} records from {', '.join(outcome.files)}.")
    _print_findings(outcome.findings)
    if dry_run:
        click.echo("Dry run: nothing was written.")
        return
    if not outcome.is_written:
        return
    click.echo(f"\n{'':20}{'before':>9}{'after':>9}{'created':>9}{'updated':>9}{'unchanged':>11}")
    by_name = {kind.value: tally for kind, tally in outcome.tallies.items()}
    for name, after in outcome.after.items():
        line = f"{name:20}{outcome.before[name]:>9}{after:>9}"
        if name in by_name:
            tally = by_name[name]
            line += f"{tally.created:>9}{tally.updated:>9}{tally.unchanged:>11}"
        click.echo(line)
    created = sum(tally.created for tally in outcome.tallies.values())
    updated = sum(tally.updated for tally in outcome.tallies.values())
    click.echo(f"\nImported: {created} created, {updated} updated.")


def _print_findings(findings: Findings) -> None:
    for code, items in findings.grouped():
        level, title = TITLES[code]
        click.echo(f"{level.value:8}{len(items):>6}  {code.value}: {title}")
        for item in items[:EXAMPLES]:
            click.echo(f"{'':16}{item}")
        if len(items) > EXAMPLES:
            click.echo(f"{'':16}… and {len(items) - EXAMPLES} more")
    if not findings.items:
        click.echo("Nothing to remark.")


def _as_json(outcome: ImportReport, *, dry_run: bool) -> dict[str, Any]:
    return {
        "files": list(outcome.files),
        "records": outcome.records,
        "dry_run": dry_run,
        "written": outcome.is_written,
        "errors": outcome.errors,
        "warnings": outcome.warnings,
        "counts": {code.value: number for code, number in outcome.findings.counts().items()},
        "before": outcome.before,
        "after": outcome.after,
        "created": {kind.value: tally.created for kind, tally in outcome.tallies.items()},
        "updated": {kind.value: tally.updated for kind, tally in outcome.tallies.items()},
        "findings": [item.as_json() for item in outcome.findings.items],
    }


@click.command("export")
@click.option(
    "--out", type=click.Path(path_type=Path), help="The file to write; else standard output."
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="MODEL",
    help="Only this model, for instance scheduling.unit; may be given several times.",
)
def export_command(out: Path | None, models: tuple[str, ...]) -> None:
    """Write everything in the old system's format (Django dumpdata).

    The file holds personal data: it is made readable for its owner only.
    """
    kinds = _kinds(models)
    require_current(get_engine())
    if out is None:
        _print_export(kinds)
        return
    size = export_file(out, kinds=kinds, watch=_watch)
    click.echo(f"Wrote {size:,} bytes to {out}.")


def _kinds(models: tuple[str, ...]) -> tuple[Kind, ...]:
    if not models:
        return tuple(Kind)
    kinds = []
    for model in models:
        name = model.lower() if "." in model else f"scheduling.{model.lower()}"
        if name not in MODELS:
            raise InvalidInput(
                f'There is no model "{model}".', hint=f"Known: {', '.join(CANONICAL.values())}."
            )
        kinds.append(MODELS[name])
    return tuple(kinds)


def _print_export(kinds: tuple[Kind, ...]) -> None:
    with reading() as session:
        for piece in text_of(export_records(session, london_today(), kinds)):
            click.echo(piece, nl=False)
