"""``python -m rota subject-access`` and ``erase-leaver``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from rota.access.service import installation_actor
from rota.administration.erasure import erase_leaver
from rota.administration.subject_access import export_subject
from rota.database import UnitOfWork, get_engine, reading
from rota.errors import InvalidInput
from rota.migrations import require_current


@click.command("subject-access")
@click.option("--sap", required=True, help="The person's SAP number.")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A new ZIP file."
)
def subject_access_command(sap: str, out: Path) -> None:
    """Write everything stored about a person to a ZIP file that only you can read."""
    require_current(get_engine())
    with reading() as session:
        actor = installation_actor(session, "Command line")
    with UnitOfWork(actor, source="command line") as uow:
        content = export_subject(uow, sap)
        uow.commit()
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InvalidInput(f"{out} exists already.", hint="Name a new file.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    click.echo(f"Wrote {out} ({len(content):,} bytes).")


@click.command("erase-leaver")
@click.option("--sap", required=True, help="The person's SAP number.")
@click.option("--yes", is_flag=True, help="Do it; without this it is only said what would be.")
def erase_leaver_command(sap: str, yes: bool) -> None:
    """Erase what need not be kept of somebody who has left."""
    require_current(get_engine())
    with reading() as session:
        actor = installation_actor(session, "Command line")
    with UnitOfWork(actor, source="command line") as uow:
        erased = erase_leaver(uow, sap)
        if yes:
            uow.commit()
    click.echo("Erased:" if yes else "Would erase (give --yes to do it):")
    for what, count in erased.changed.items():
        click.echo(f"  {what}: {count}")
    if erased.kept_until:
        click.echo(f"Name, hours, pay and leave are kept until {erased.kept_until:%d %B %Y}.")
    else:
        click.echo("Nothing names this person any more.")
