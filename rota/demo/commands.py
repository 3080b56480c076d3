"""``python -m rota demo``: create the invented organisation."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from rota.access.permissions import ROLE_NAMES
from rota.errors import Conflict

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from rota.demo.create import DemoSummary


@click.command()
@click.option("--scale", default=1, show_default=True, type=click.IntRange(1, 100),
              help="Make this many times the five homes.")  # fmt: skip
@click.option("--homes", type=click.IntRange(1, 500), help="Make just this many homes.")
@click.option("--months", default=24, show_default=True, type=click.IntRange(1, 60),
              help="Months of history.")  # fmt: skip
@click.option("--seed", default=1, show_default=True, help="Another seed, another organisation.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day it stands at.")
@click.option("--replace", is_flag=True, help="Delete everything in the database first.")
@click.option("--progress/--no-progress", default=None,
              help="Show a bar; by default on a terminal only.")  # fmt: skip
def demo(
    scale: int, homes: int | None, months: int, seed: int, today: datetime | None,
    replace: bool, progress: bool | None,
) -> None:  # fmt: skip
    """Create the invented organisation: five homes, 821 people, two years of rotas."""
    from rota.database import get_engine

    create_and_show(
        get_engine(), scale=scale, homes=homes, months=months, seed=seed,
        today=today.date() if today else None, replace=replace, progress=progress,
    )  # fmt: skip


def create_and_show(
    engine: Engine, *, scale: int = 1, homes: int | None = None, months: int = 24,
    seed: int = 1, today: date | None = None, replace: bool = False,
    progress: bool | None = None,
) -> DemoSummary:  # fmt: skip
    """Create the demo and print what there is and how to log in, with the passwords.

    Raises :class:`Conflict` when the database is not migrated or not empty.
    """
    from rota import migrations
    from rota.demo.create import create_demo

    if not migrations.is_current(engine):
        raise Conflict(
            "The database is not at the newest migration; the demo was not created.",
            hint="Run `python -m rota migrate` first.",
        )
    summary = create_demo(
        engine, seed=seed, today=today, scale=scale, homes=homes, months=months,
        replace=replace, progress=progress,
    )  # fmt: skip
    for line in _lines(summary):
        click.echo(line)
    return summary


def _lines(summary: DemoSummary) -> list[str]:
    counts = summary.counts
    head = (
        f"Created {counts['care_homes']} homes, {counts['units']} units, {counts['staff']} people "
        f"and {counts['shifts']:,} shifts from {summary.start:%d/%m/%Y} to "
        f"{summary.end:%d/%m/%Y} in {summary.seconds:.0f} s."
    )
    logins = [
        f"  {ROLE_NAMES[login.role]:<20} {login.sap_number:<8} {login.password:<18} "
        f"{login.name}, {login.homes}"
        for login in summary.logins
    ]
    return [head, "Temporary passwords, shown once and changed at the first login:", *logins]
