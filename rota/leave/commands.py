"""``python -m rota leave-year``: the nightly work on the entitlement ledger."""

from __future__ import annotations

from datetime import datetime

import click

from rota.calendar import hours_text
from rota.errors import NotFound


@click.command("leave-year")
@click.option("--home", default="", help="Only this home, by its name.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day it stands at; today.")
@click.option("--carry-over", is_flag=True, help="Also carry unused leave of last year over.")
def leave_year_command(home: str, on: datetime | None, carry_over: bool) -> None:
    """Grant the leave year, take what an import brought, accrue bank staff's leave.

    Adds only what is missing, so it may run every night.
    """
    from sqlalchemy import select

    from rota.access.actor import system_actor
    from rota.calendar import london_today
    from rota.database import UnitOfWork, reading
    from rota.leave import accounts
    from rota.models import CareHome

    day = on.date() if on else london_today()
    with reading() as session:
        statement = select(CareHome.id, CareHome.name).order_by(CareHome.name)
        homes = [
            (row.id, row.name)
            for row in session.execute(statement)
            if not home or row.name.casefold() == home.casefold()
        ]
    if not homes:
        raise NotFound(f"There is no home called {home!r}.", hint="Check the spelling.")
    actor = system_actor("leave-year", frozenset(home_id for home_id, _ in homes))
    for home_id, name in homes:
        # one transaction a home: what one home's data gets wrong leaves the others done
        with UnitOfWork(actor, source="command line") as uow:
            opened = accounts.open_year(uow, home_id, day)
            accrued = accounts.accrue(uow, home_id, day)
            carried = accounts.carry_over(uow, home_id, day) if carry_over else 0
            uow.commit()
        click.echo(
            f"{name}: {opened.people} people granted {hours_text(opened.granted_minutes)}, "
            f"{opened.requests} requests taken, {hours_text(accrued)} accrued"
            + (f", {hours_text(carried)} carried over" if carry_over else "")
        )
