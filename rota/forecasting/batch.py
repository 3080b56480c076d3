"""Many series at once: forecasts and backtests in worker processes, files written whole."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TypeVar

from rota.errors import InvalidInput, RotaError
from rota.forecasting.backtest import BacktestPlan, Score, backtest_series
from rota.forecasting.engine import SeriesForecaster
from rota.forecasting.pool import Pool
from rota.forecasting.series import Series
from rota.forecasting.series_file import SeriesFile
from rota.forecasting.values import Forecast, Options

Outcome = TypeVar("Outcome")

#: told each finished series: how many are done, and which it was
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class _ForecastTask:
    series: Series
    options: Options

    def __call__(self) -> Forecast:
        return SeriesForecaster(self.series, self.options).forecast()


@dataclass(frozen=True, slots=True, eq=False)
class _BacktestTask:
    series: Series
    options: Options
    plan: BacktestPlan

    def __call__(self) -> tuple[Score, ...]:
        return backtest_series(self.series, self.options, self.plan)


def forecast_all(
    series: Sequence[Series], options: Options, workers: int, progress: Progress
) -> list[Forecast]:
    """A forecast per series, in the order given. All or nothing: the first error is raised."""
    order = {each.name: index for index, each in enumerate(series)}
    made: list[Forecast] = []
    tasks = [_ForecastTask(each, options) for each in series]
    with Pool[_ForecastTask, Forecast](_call_forecast, min(workers, len(tasks))) as pool:
        for task, outcome in pool.run(tasks):
            made.append(_sound(outcome, task.series))
            progress(task.series.name)
    return sorted(made, key=lambda forecast: order[forecast.name])


def backtest_all(
    series: Sequence[Series],
    options: Options,
    plan: BacktestPlan,
    workers: int,
    progress: Progress,
) -> Iterator[tuple[Score, ...]]:
    """The scores of each series as it is done, in any order."""
    tasks = [_BacktestTask(each, options, plan) for each in series]
    with Pool[_BacktestTask, tuple[Score, ...]](_call_backtest, min(workers, len(tasks))) as pool:
        for task, outcome in pool.run(tasks):
            yield _sound(outcome, task.series)
            progress(task.series.name)


def _call_forecast(task: _ForecastTask) -> Forecast:
    return task()


def _call_backtest(task: _BacktestTask) -> tuple[Score, ...]:
    return task()


def _sound(outcome: Outcome | Exception, series: Series) -> Outcome:
    if isinstance(outcome, RotaError):
        raise outcome
    if isinstance(outcome, Exception):
        raise RotaError(f"Series {series.name!r} could not be forecast: {outcome}") from outcome
    return outcome


def forecast_table(forecasts: Sequence[Forecast]) -> str:
    """The long CSV: a row per series and day, two columns per band and one per quantile."""
    levels = forecasts[0].bands.levels
    header = ["unique_id", "ds", "model", "yhat"]
    for level in levels:
        header += [f"lo-{_percent(level)}", f"hi-{_percent(level)}"]
    header += [f"q{_percent(level)}" for level in levels]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for forecast in forecasts:
        for step, day in enumerate(forecast.days.tolist()):
            row = [forecast.name, day.isoformat(), forecast.model, _number(forecast.path[step])]
            for index in range(len(levels)):
                row.append(_number(forecast.bands.lower[index, step]))
                row.append(_number(forecast.bands.upper[index, step]))
            row += [_number(forecast.bands.quantile[index, step]) for index in range(len(levels))]
            writer.writerow(row)
    return text.getvalue()


def score_table(scores: Sequence[Score]) -> str:
    """The CSV of scores: a row per series and model, columns named as in :class:`Score`."""
    text = io.StringIO()
    names = [field.name for field in fields(Score)]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for score in scores:
        row = asdict(score)
        writer.writerow([_cell(row[name]) for name in names])
    return text.getvalue()


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is either the old one or the whole new one.

    Raises :class:`InvalidInput` where the folder cannot be written to.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise InvalidInput(f"{path} cannot be written: {problem.strerror}.") from None


class PartialScores:
    """Scores of a backtest under way, beside its output, so that it can be taken up again.

    One JSON object per line: first what was asked, then each finished series. Another
    file or other options begin anew; a line cut off by a crash is ignored.
    """

    def __init__(self, out: Path, file: SeriesFile, options: Options, plan: BacktestPlan) -> None:
        self.path = out.with_name(out.name + ".partial")
        asked = (file.fingerprint, repr(options), repr(plan))
        self._key = hashlib.sha256("|".join(asked).encode()).hexdigest()

    def load(self) -> dict[str, tuple[Score, ...]]:
        """The finished series by name; empty where nothing fits."""
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return {}
        done: dict[str, tuple[Score, ...]] = {}
        for index, line in enumerate(lines):
            try:
                entry = json.loads(line)
                if index == 0:
                    if entry["key"] != self._key:
                        return {}
                    continue
                scores = tuple(Score(**each) for each in entry)
                done[scores[0].unique_id] = scores
            except (ValueError, TypeError, KeyError, IndexError):
                if index == 0:
                    return {}
        return done

    def begin(self, done: dict[str, tuple[Score, ...]]) -> None:
        """Write the state anew with what is done so far."""
        lines = [json.dumps({"key": self._key})]
        lines += [json.dumps([asdict(score) for score in scores]) for scores in done.values()]
        write_whole(self.path, "\n".join(lines) + "\n")

    def add(self, scores: tuple[Score, ...]) -> None:
        """Append one finished series."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([asdict(score) for score in scores]) + "\n")

    def finish(self) -> None:
        """The output is written; the state is no longer needed."""
        self.path.unlink(missing_ok=True)


def _percent(level: float) -> str:
    return f"{100 * level:.6g}"


def _number(value: float) -> str:
    return f"{value:.10g}"


def _cell(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float) else value
