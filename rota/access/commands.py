"""``python -m rota create-superuser`` and ``create-accounts``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from rota.access.invitations import Invited, create_invited, missing_accounts
from rota.access.passwords import check_strength
from rota.access.service import create_user, installation_actor
from rota.database import UnitOfWork, get_engine, reading
from rota.errors import InvalidInput
from rota.migrations import require_current
from rota.models import UserRole


@click.command("create-superuser")
@click.option("--sap-number", prompt="SAP number", help="The login name.")
@click.option("--name", prompt=True, help="The person's name.")
@click.option("--email", default="", help="Where an invitation or a reset goes.")
@click.option(
    "--generate/--ask",
    default=None,
    help="Generate a password and print it once, or ask for one (the default on a terminal).",
)
def create_superuser_command(sap_number: str, name: str, email: str, generate: bool | None) -> None:
    """Create an administrator of every home.

    A generated password is printed once and must be changed at the first login.
    """
    require_current(get_engine())
    if email and "@" not in email:
        raise InvalidInput(f'"{email}" is not an e-mail address.')
    password = None
    if generate is False or (generate is None and sys.stdin.isatty()):
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        check_strength(password, name=name, sap_number=sap_number)
    with reading() as session:
        actor = installation_actor(session, "Command line")
    with UnitOfWork(actor, source="command line") as uow:
        user, clear = create_user(
            uow,
            sap_number=sap_number,
            name=name,
            email=email,
            role=UserRole.ADMINISTRATOR,
            all_homes=True,
            password=password,
        )
        uow.commit()
    click.echo(f"Created the administrator {user.sap_number} ({user.name}).")
    if password is None:
        click.echo(f"Temporary password, shown once: {clear}")


@click.command("create-accounts")
@click.option("--all-staff", is_flag=True, help="Care staff too, not only managers.")
@click.option("--dry-run", is_flag=True, help="Only say who would get an account.")
@click.option(
    "--codes",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the invitation codes of people without a mail address to this new file (0600).",
)
def create_accounts_command(all_staff: bool, dry_run: bool, codes: Path | None) -> None:
    """Make accounts from staff records and invite their owners.

    Nobody gets a password: an invitation works once, for a week, and its owner chooses the
    password. It goes by mail; people without an address get it from the file of --codes.
    """
    require_current(get_engine())
    with reading() as session:
        actor = installation_actor(session, "Command line")
        missing = missing_accounts(session, actor, all_staff=all_staff)
    without = [new for new in missing if not new.email]
    if dry_run:
        for new in missing:
            click.echo(
                f"{new.sap_number}  {new.name}  {new.role.value}  {new.email or '(no mail)'}"
            )
        click.echo(f"{len(missing)} accounts would be made, {len(without)} without mail address.")
        return
    if without and codes is None:
        raise InvalidInput(
            f"{len(without)} people have no mail address.",
            hint="Give --codes FILE for their invitation codes, or enter the addresses first.",
        )
    made = []
    with UnitOfWork(actor, source="command line") as uow:
        for new in missing:
            made.append(create_invited(uow, new))
        if without and codes is not None:
            _write_codes(codes, [one for one in made if not one.mailed])
        uow.commit()
    click.echo(
        f"Made {len(made)} accounts; {len(made) - len(without)} invitations wait in the outbox."
    )


def _write_codes(path: Path, invited: list[Invited]) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InvalidInput(f"{path} exists already.", hint="Name a new file.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("sap_number,name,code\n")
        file.writelines(f'{one.sap_number},"{one.name}",{one.token}\n' for one in invited)
