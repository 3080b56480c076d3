"""Forecasting from the command line."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rota.errors import InvalidInput

if TYPE_CHECKING:
    from rota.forecasting.backtest import Score
    from rota.forecasting.series import Series
    from rota.forecasting.values import Forecast, Options

_FILE = click.Path(path_type=Path)


def _levels(text: str) -> tuple[float, ...]:
    """``80,90,95`` as shares; each from 50 to below 100."""
    try:
        levels = tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise InvalidInput(
            f"--levels {text!r} is not a list of numbers such as 80,90,95."
        ) from None
    if not levels or not all(50 <= level < 100 for level in levels):
        raise InvalidInput(f"--levels {text!r}: give numbers from 50 to below 100.")
    return tuple(sorted({level / 100 for level in levels}))


def _options(
    horizon: int, levels: str, holidays: str, events: Path | None, season: str, days: int
) -> Options:
    from rota.forecasting.events import read_events
    from rota.forecasting.holiday_table import HolidayTable
    from rota.forecasting.values import Options

    return Options(
        horizon=horizon,
        levels=_levels(levels),
        holidays=HolidayTable.parse(holidays).with_events(read_events(events) if events else ()),
        season=season.lower(),
        max_steps=days,
    )


def _writable(out: Path) -> None:
    if out.is_dir() or not out.parent.is_dir():
        raise InvalidInput(f"--out {out} is not a file in an existing folder.")


@contextmanager
def _progress(total: int, what: str) -> Iterator[Callable[[str], None]]:
    """A progress bar on standard error; without the thread tqdm would start."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0
    with tqdm(total=total, desc=what, unit="series", dynamic_ncols=True) as bar:

        def advance(name: str) -> None:
            bar.set_postfix_str(name[:30], refresh=False)
            bar.update(1)

        yield advance


@click.command("forecast-file")
@click.argument("file", type=_FILE)
@click.option("--horizon", default=28, show_default=True, help="Steps ahead.")
@click.option("--levels", default="80,90,95", show_default=True, help="Bands and quantiles, in %.")
@click.option("--holidays", default="none", show_default=True, help="US, GB-SCT, …, or none.")
@click.option("--events", type=_FILE, help="CSV of name, first_day, last_day: school holidays.")
@click.option(
    "--season",
    default="auto",
    show_default=True,
    help="Pattern of the rota: auto, none, 14, 21 or 28 days.",
)
@click.option("--days", default=730, show_default=True, help="Longest history to learn from.")
@click.option("--workers", default=0, help="Worker processes; 0 is one per core.")
@click.option("--out", required=True, type=_FILE, help="The CSV to write.")
def forecast_file(
    file: Path,
    horizon: int,
    levels: str,
    holidays: str,
    events: Path | None,
    season: str,
    days: int,
    workers: int,
    out: Path,
) -> None:
    """Forecast every series of a long CSV (unique_id,ds,y).

    Writes unique_id, ds, model, yhat, a central band lo-L and hi-L and a one-sided
    quantile qL per level. Everything is learnt from each series' own history. A column
    occupancy gives residents by day; rows after the last y say what is booked.
    """
    from rota.forecasting.pool import one_thread_each, worker_count

    one_thread_each()
    from rota.forecasting.batch import forecast_all, forecast_table, write_whole
    from rota.forecasting.series_file import read_series_file

    options = _options(horizon, levels, holidays, events, season, days)
    _writable(out)
    read = read_series_file(file)
    with _progress(len(read.series), "forecast") as advance:
        forecasts = forecast_all(read.series, options, worker_count(workers), advance)
    write_whole(out, forecast_table(forecasts))
    for series in read.series:
        for note in series.notes:
            click.echo(f"{series.name}: {note}", err=True)
    for forecast in forecasts:
        for note in _notes(forecast):
            click.echo(f"{forecast.name}: {note}", err=True)
    click.echo(f"{len(forecasts)} series, {horizon} steps each, written to {out}")


def _notes(forecast: Forecast) -> Iterator[str]:
    if forecast.fallback:
        voice = forecast.weights[0][0].replace("_", " ")
        yield f"the {voice} stands in for the ensemble: {forecast.fallback}"
    if forecast.pattern_days:
        yield f"a pattern of {forecast.pattern_days} days is used"
    for outlier in forecast.outliers:
        yield (
            f"{outlier.day}: {outlier.value:g} was left out (about {outlier.expected:g} expected)"
        )
    for shift in forecast.shifts:
        yield f"new level since {shift.day} ({shift.change:+g})"


@click.command("backtest-file")
@click.argument("file", type=_FILE)
@click.option("--windows", default=12, show_default=True, help="Windows to judge by.")
@click.option("--horizon", default=28, show_default=True, help="Steps per window.")
@click.option(
    "--models",
    default="ensemble,seasonal_naive",
    show_default=True,
    help="Names separated by commas, or all.",
)
@click.option("--holidays", default="none", show_default=True, help="US, GB-SCT, …, or none.")
@click.option("--events", type=_FILE, help="CSV of name, first_day, last_day: school holidays.")
@click.option("--season", default="auto", show_default=True, help="auto, none, 14, 21 or 28 days.")
@click.option("--days", default=730, show_default=True, help="Longest history to learn from.")
@click.option("--workers", default=0, help="Worker processes; 0 is one per core.")
@click.option("--out", type=_FILE, help="The CSV to write; a stopped run goes on from beside it.")
def backtest_file(
    file: Path,
    windows: int,
    horizon: int,
    models: str,
    holidays: str,
    events: Path | None,
    season: str,
    days: int,
    workers: int,
    out: Path | None,
) -> None:
    """Judge forecasters on the last windows of every series of a long CSV.

    Each window is forecast from the values before it only. Prints a table per series and
    model; with --out also writes it as CSV and can be stopped and taken up again.
    """
    from rota.forecasting.pool import one_thread_each, worker_count

    one_thread_each()
    from rota.forecasting.backtest import MODELS, BacktestPlan
    from rota.forecasting.batch import PartialScores, backtest_all, score_table, write_whole
    from rota.forecasting.series_file import read_series_file

    options = _options(horizon, "80,90,95", holidays, events, season, days)
    asked = tuple(dict.fromkeys(name.strip() for name in models.split(",") if name.strip()))
    plan = BacktestPlan(windows, MODELS if asked == ("all",) else asked)
    if out is not None:
        _writable(out)
    read = read_series_file(file)
    state = PartialScores(out, read, options, plan) if out is not None else None
    done = state.load() if state else {}
    done = {series.name: done[series.name] for series in read.series if series.name in done}
    if state:
        state.begin(done)
    if done:
        click.echo(f"{len(done)} of {len(read.series)} series were already done.", err=True)
    judged = _long_enough(read.series, options)
    left = [series for series in judged if series.name not in done]
    try:
        with _progress(len(left), "backtest") as advance:
            for scores in backtest_all(left, options, plan, worker_count(workers), advance):
                done[scores[0].unique_id] = scores
                if state:
                    state.add(scores)
    except InvalidInput:
        if state and not done:
            state.finish()
        raise
    ordered = [score for series in judged for score in done[series.name]]
    if out is not None and state is not None:
        write_whole(out, score_table(ordered))
        state.finish()
    _print_scores(ordered)
    if out is not None:
        click.echo(f"Written to {out}")


def _long_enough(found: Sequence[Series], options: Options) -> list[Series]:
    """The series that can be judged; the others are named, and an error where none can."""
    from rota.forecasting.backtest import require_long_enough

    judged, left_out = [], []
    for series in found:
        try:
            require_long_enough(series, options)
            judged.append(series)
        except InvalidInput as problem:
            left_out.append(problem)
    if not judged:
        raise left_out[0]
    for short in left_out:
        click.echo(f"Left out: {short}", err=True)
    return judged


_HEADER = (
    f"{'series':<28} {'model':<16} {'MASE':>6} {'WAPE%':>6} {'MAPE%':>6} {'bias%':>6}"
    f" {'pinb.':>6} {'cov80%':>6} {'skill%':>6} {'CPU s':>7}"
)


def _print_scores(scores: list[Score]) -> None:
    click.echo(_HEADER)
    for score in scores:
        click.echo(_line(score.unique_id, score.model, [score]))
    if len({score.unique_id for score in scores}) > 1:
        click.echo("-" * len(_HEADER))
        for model in dict.fromkeys(score.model for score in scores):
            of_model = [score for score in scores if score.model == model]
            click.echo(_line(f"mean of {len(of_model)} series", model, of_model))


def _line(name: str, model: str, scores: list[Score]) -> str:
    def mean(values: list[float]) -> float:
        known = [value for value in values if not math.isnan(value)]
        return sum(known) / len(known) if known else math.nan

    return (
        f"{name[:28]:<28} {model:<16}"
        f" {mean([s.mase for s in scores]):6.3f}"
        f" {100 * mean([s.wape for s in scores]):6.1f}"
        f" {100 * mean([s.mape for s in scores]):6.1f}"
        f" {100 * mean([s.bias for s in scores]):6.1f}"
        f" {mean([s.pinball for s in scores]):6.3f}"
        f" {100 * mean([s.coverage_80 for s in scores]):6.1f}"
        f" {100 * mean([s.skill for s in scores]):6.1f}"
        f" {mean([s.cpu_seconds for s in scores]):7.2f}"
    )
