"""Forecasts of the organisation's own units, from the command line."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rota.calendar import london_today
from rota.errors import RotaError

if TYPE_CHECKING:
    from rota.forecasting.train import UnitSummary


def _unit_ids(names: tuple[str, ...]) -> list[int] | None:
    """Units by name or id; null for all of them."""
    from rota.database import get_engine, reading
    from rota.errors import NotFound
    from rota.forecasting.queries import care_units
    from rota.migrations import require_current

    require_current(get_engine())
    if not names:
        return None
    with reading() as session:
        places = care_units(session)
    found = []
    for name in names:
        ids = [place.id for place in places if name in (place.name, str(place.id))]
        if len(ids) != 1:
            raise NotFound(
                f"{'No' if not ids else 'More than one'} care unit is called {name!r}.",
                hint="Give its exact name or its id.",
            )
        found += ids
    return found


@click.command("train")
@click.option("--unit", "units", multiple=True, help="A unit's name or id; may be repeated.")
@click.option("--days", default=730, show_default=True, type=click.IntRange(14, 3650),
              help="Longest history to learn from.")  # fmt: skip
@click.option("--workers", default=0, help="Worker processes; 0 is PROPHET_PARALLEL_WORKERS.")
def train_command(units: tuple[str, ...], days: int, workers: int) -> None:
    """Train the forecast models of all care units, or of those named.

    Prints a line per unit. A unit that fails keeps its last good model, and the exit code
    is then 1.
    """
    from tqdm import tqdm

    from rota.forecasting.train import train_all

    tqdm.monitor_interval = 0  # its thread must not exist when the workers are forked
    ids = _unit_ids(units)
    bar = tqdm(desc="train", unit="unit", total=len(ids) if ids else None, dynamic_ncols=True)

    def advance(done: int, total: int, name: str) -> None:
        bar.total = total
        bar.set_postfix_str(name[:30], refresh=False)
        bar.update(done - bar.n)

    with bar:
        summaries = train_all(ids, days=days, workers=workers or None, progress=advance)
    click.echo(_HEADER)
    for summary in summaries:
        click.echo(_line(summary))
    failed = sum(1 for summary in summaries if summary.problem)
    click.echo(f"{len(summaries) - failed} units trained, {failed} not.")
    if failed:
        sys.exit(1)


_HEADER = (
    f"{'home':<18} {'unit':<18} {'series':>6} {'WAPE%':>6} {'naive%':>6} {'cov80%':>6}"
    f" {'CPU s':>6}  note"
)


def _line(summary: UnitSummary) -> str:
    def percent(value: float | None) -> str:
        return f"{100 * value:6.1f}" if value is not None else "     –"

    place = summary.place
    return (
        f"{place.home[:18]:<18} {place.name[:18]:<18} {summary.series:>6}"
        f" {percent(summary.wape)} {percent(summary.naive_wape)} {percent(summary.coverage)}"
        f" {summary.cpu_seconds:6.1f}  {summary.problem or summary.fallback}"
    ).rstrip()


@click.command("forecast")
@click.option("--unit", required=True, help="The unit's name or id.")
@click.option("--days", default=28, show_default=True, type=click.IntRange(1, 180),
              help="Days ahead.")  # fmt: skip
def forecast_command(unit: str, days: int) -> None:
    """Print the expected care hours of a unit by day, with their 80 % band."""
    from rota.forecasting.service import get_or_create_forecast

    (unit_id,) = _unit_ids((unit,)) or []
    end = london_today() + timedelta(days=days - 1)
    click.echo("ds,yhat,yhat_lower,yhat_upper")
    for row in get_or_create_forecast(unit_id, end):
        click.echo(f"{row.ds},{row.yhat:.2f},{row.yhat_lower:.2f},{row.yhat_upper:.2f}")


@click.command("load-events")
@click.argument("file", type=click.Path(path_type=Path))
def load_events_command(file: Path) -> None:
    """Load school holidays and other dated events (name,first_day,last_day) for forecasts.

    Replaces events of the same names in the years of the file; used from the next training.
    """
    from rota.access.service import installation_actor
    from rota.database import UnitOfWork, get_engine, reading
    from rota.forecasting.events import load_events, read_events
    from rota.migrations import require_current

    require_current(get_engine())
    found = read_events(file)
    with reading() as session:
        actor = installation_actor(session, "Events")
    with UnitOfWork(actor, source="command line") as uow:
        count = load_events(uow, found)
        uow.commit()
    click.echo(f"{count} events loaded, from {found[0].first} on.")


@click.command("load-census")
@click.argument("file", type=click.Path(path_type=Path))
def load_census_command(file: Path) -> None:
    """Load residents by unit, day and dependency group (home,unit,date,group,residents).

    Need is counted with the organisation's hours per group; days that were there are replaced.
    """
    from rota.access.service import installation_actor
    from rota.database import UnitOfWork, get_engine, reading
    from rota.forecasting.census import load_census, read_census
    from rota.migrations import require_current

    require_current(get_engine())
    rows = read_census(file)
    with reading() as session:
        actor = installation_actor(session, "Census")
    with UnitOfWork(actor, source="command line") as uow:
        count = load_census(uow, rows)
        uow.commit()
    click.echo(f"The census of {count} unit days loaded.")


@click.command("validate-models")
@click.option("--unit", "units", multiple=True, help="A unit's name or id; may be repeated.")
def validate_models_command(units: tuple[str, ...]) -> None:
    """Check that every unit has a sound, recent model that is better than last week.

    Exits with 1 when something was found.
    """
    from rota.database import reading
    from rota.forecasting.checking import check_models
    from rota.settings import get_settings

    ids = _unit_ids(units)
    with reading() as session:
        checks = check_models(session, get_settings().model_dir, ids)
    for check in checks:
        words = "; ".join(check.findings) or "in order"
        click.echo(f"{check.place.home}, {check.place.name}: {words}")
    wrong = sum(1 for check in checks if check.findings)
    click.echo(f"{len(checks) - wrong} of {len(checks)} units in order.")
    if wrong:
        sys.exit(1)


@click.command("warm-cache")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 180),
              help="Days ahead that must be there.")  # fmt: skip
def warm_cache_command(days: int) -> None:
    """Compute and store what is missing of every unit's forecast, so that nobody waits."""
    from tqdm import tqdm

    from rota.database import reading
    from rota.forecasting.queries import care_units
    from rota.forecasting.service import get_or_create_forecast

    tqdm.monitor_interval = 0
    _unit_ids(())
    end = london_today() + timedelta(days=days - 1)
    with reading() as session:
        places = care_units(session)
    problems = []
    for place in tqdm(places, desc="warm", unit="unit", dynamic_ncols=True):
        try:
            get_or_create_forecast(place.id, end)
        except RotaError as problem:
            problems.append(f"{place.name}: {problem}")
    for text in problems:
        click.echo(text, err=True)
    click.echo(f"{len(places) - len(problems)} of {len(places)} units ready until {end}.")
    if problems:
        sys.exit(1)
