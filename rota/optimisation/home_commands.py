"""``python -m rota optimise``: a home's rota without a screen."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import click
from sqlalchemy import or_, select
from tqdm import tqdm

from rota.access.service import installation_actor
from rota.database import get_engine, reading
from rota.errors import InvalidInput
from rota.models import CareHome, Scenario
from rota.optimisation import service
from rota.optimisation.requests import OptimisationRequest


@click.command("optimise")
@click.option("--home", required=True, help="Name or number of the home.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day.")
@click.option("--days", type=click.IntRange(1, 56), default=28, show_default=True)
@click.option("--seconds", type=click.FloatRange(1, 600), default=30.0, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--service-level",
    type=click.IntRange(50, 99),
    help="Meet the forecast's need on so many percent of days, not the requirements.",
)
@click.option("--compare", is_flag=True, help="Show the rota as it stands beside it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def optimise_command(
    home: str,
    start: datetime,
    days: int,
    seconds: float,
    seed: int,
    service_level: int | None,
    compare: bool,
    as_json: bool,
) -> None:
    """Optimise a home for a period, all days together, and save the answer as a scenario."""
    engine = get_engine()
    with reading(engine) as session:
        home_id = _home_id(home)
        actor = installation_actor(session, "Command line")
    first = start.date()
    request = OptimisationRequest(
        home_id, first, first + timedelta(days=days - 1), seconds=seconds, seed=seed,
        service_level=service_level,
    )  # fmt: skip
    with tqdm(total=100, unit="%", disable=None, leave=False) as bar:

        def report(share: float, message: str, _detail: dict[str, object]) -> None:
            bar.n = round(share * 100)
            bar.set_description(message)

        result = service.run(actor, request, engine=engine, report=report)
    with reading(engine) as session:
        summary = session.get_one(Scenario, result.scenario_id).summary
        explanation = session.get_one(Scenario, result.scenario_id).explanation
    if as_json:
        click.echo(
            json.dumps(
                {
                    "scenario": result.scenario_id,
                    "status": result.status,
                    "objective": result.objective,
                    "bound": result.bound,
                    "gap": result.gap,
                    "after": summary["after"],
                    "before": summary["before"],
                    "seconds": summary["seconds"],
                    "cpu_seconds": summary["cpu_seconds"],
                }
            )
        )
        return
    click.echo(f"Scenario {result.scenario_id}: {explanation}")
    _print_measures(summary, compare=compare)


def _home_id(given: str) -> int:
    with reading() as session:
        number = int(given) if given.isdigit() else -1
        found = session.scalars(
            select(CareHome.id).where(or_(CareHome.name == given, CareHome.id == number))
        ).all()
        if len(found) == 1:
            return found[0]
        names = ", ".join(session.scalars(select(CareHome.name).order_by(CareHome.name)))
    raise InvalidInput(f"There is no home {given!r}.", hint=f"Homes: {names or 'none'}.")


def _pounds(pence: int) -> str:
    return f"£{pence / 100:,.2f}"


def _hours(minutes: int) -> str:
    return f"{minutes / 60:,.1f}"


_ROWS: tuple[tuple[str, str, Callable[[int], str]], ...] = (
    ("Cost", "cost_pence", _pounds),
    ("Unfilled shifts", "unfilled", str),
    ("Agency hours", "agency_minutes", _hours),
    ("Overtime hours", "overtime_minutes", _hours),
    ("Rule breaches", "breaches", str),
)


def _print_measures(summary: dict[str, dict[str, int]], *, compare: bool) -> None:
    after, before = summary["after"], summary["before"]
    for label, key, show in _ROWS:
        line = f"  {label:<16}{show(after[key]):>14}"
        if compare:
            line += f"   now {show(before[key]):>14}"
        click.echo(line)
