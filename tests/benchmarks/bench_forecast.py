"""Accuracy and speed of the forecaster: ``python -m tests.benchmarks.bench_forecast FOLDER``.

FOLDER holds CSV files, long (``unique_id,ds,y``) or wide (a date and a column per
series). Accuracy is measured on daily series long enough for the windows; groups are the
files, and a macro figure is the mean of the groups' means. Speed is measured on invented
series and needs no folder. CPU seconds are what counts: wall time depends on neighbours.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import mean, median

import numpy as np

from rota.errors import InvalidInput
from rota.forecasting.backtest import MODELS, BacktestPlan, Score
from rota.forecasting.batch import backtest_all, forecast_all
from rota.forecasting.engine import SeriesForecaster
from rota.forecasting.holiday_table import HolidayTable
from rota.forecasting.pool import worker_count
from rota.forecasting.series import Row, Series, series_from_rows
from rota.forecasting.unit_training import SCOTLAND, options_for
from rota.forecasting.values import Options
from tests.rota.forecasting.simulate import demand, series

#: the targets: macro MASE against these models at most this many times theirs
TARGETS = {"auto_ets": 0.97, "prophet_default": 0.95}
UNITS, BANDS, DAYS = 42, 2, 730


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="CSV files; none: speed only")
    parser.add_argument("--windows", type=int, default=12)
    parser.add_argument("--holidays", default="none")
    parser.add_argument("--models", default="all")
    parser.add_argument("--no-speed", action="store_true")
    given = parser.parse_args()
    if given.folder is not None:
        models = MODELS if given.models == "all" else tuple(given.models.split(","))
        accuracy(given.folder, given.windows, HolidayTable.parse(given.holidays), models)
    if not given.no_speed:
        speed()


def accuracy(folder: Path, windows: int, table: HolidayTable, models: Sequence[str]) -> None:
    groups = {file.stem: read(file) for file in sorted(folder.rglob("*.csv"))}
    long_enough = {
        name: [one for one in found if one.step_days == 1 and len(one) >= (windows + 8) * 28]
        for name, found in groups.items()
    }
    wanted = [one for found in long_enough.values() for one in found]
    skipped = sum(len(found) for found in groups.values()) - len(wanted)
    print(
        f"{len(wanted)} daily series, {windows} windows of 28 days; {skipped} too short or weekly"
    )
    if not wanted:
        return
    group_of = {one.name: name for name, found in long_enough.items() for one in found}
    scores: list[Score] = []
    begun = time.perf_counter()
    plan = BacktestPlan(windows, tuple(models))
    for found in backtest_all(wanted, Options(holidays=table), plan, worker_count(), _dot):
        scores.extend(found)
    print(
        f"\n{time.perf_counter() - begun:.0f} s wall, {sum(s.cpu_seconds for s in scores):.0f} s CPU"
    )
    print(
        f"{'model':<18}{'MASE':>7}{'WAPE%':>7}{'MAPE%':>7}{'bias%':>7}{'pinb.':>7}{'cov80':>7}"
        f"{'q80':>7}{'q90':>7}{'q95':>7}{'75–85%':>8}{'worse':>7}{'CPU s':>8}"
    )
    macro: dict[str, float] = {}
    for model in models:
        own = [score for score in scores if score.model == model]

        def across(value: Callable[[Score], float], own: list[Score] = own) -> float:
            by_group: dict[str, list[float]] = defaultdict(list)
            for score in own:
                by_group[group_of[score.unique_id]].append(value(score))
            return mean(mean(values) for values in by_group.values())

        macro[model] = across(lambda s: s.mase)
        inside = mean(0.75 <= score.coverage_80 <= 0.85 for score in own)
        print(
            f"{model:<18}{macro[model]:>7.3f}{100 * across(lambda s: s.wape):>7.1f}"
            f"{100 * across(lambda s: s.mape):>7.1f}{100 * across(lambda s: s.bias):>7.1f}"
            f"{across(lambda s: s.pinball):>7.3f}"
            f"{100 * mean(s.coverage_80 for s in own):>7.1f}"
            f"{100 * mean(s.below_80 for s in own):>7.1f}"
            f"{100 * mean(s.below_90 for s in own):>7.1f}"
            f"{100 * mean(s.below_95 for s in own):>7.1f}"
            f"{100 * inside:>7.0f}%{sum(s.skill < 0 for s in own):>7}"
            f"{sum(s.cpu_seconds for s in own):>8.1f}"
        )
    mine = [score for score in scores if score.model == "ensemble"]
    for half, words in ((False, "tuned on"), (True, "reported on")):
        found = [score for score in mine if is_held_out(score.unique_id) is half]
        if found:
            print(f"half of the series that settings are {words}, {len(found)}:")
            promises(found)
    for rival, most in TARGETS.items():
        if rival in macro and "ensemble" in macro:
            ratio = macro["ensemble"] / macro[rival]
            print(f"ensemble ÷ {rival}: {ratio:.3f} (to reach: {most})")


def is_held_out(unique_id: str) -> bool:
    """Whether a series belongs to the half that no setting may be chosen by."""
    return hashlib.sha256(unique_id.encode()).digest()[0] % 2 == 1


def promises(mine: Sequence[Score]) -> None:
    """How bands and staffing levels held, against what they promise."""
    pooled = mean(score.coverage_80 for score in mine)
    inside = mean(0.75 <= score.coverage_80 <= 0.85 for score in mine)
    print(f"  80 % band: {100 * pooled:.1f} % pooled (to reach: 79 to 81), {100 * inside:.1f} % of"
          " series within 75 to 85 (to reach: 97)")  # fmt: skip
    for level in (80, 90, 95):
        kept = mean(getattr(score, f"below_{level}") for score in mine)
        print(f"  staffing at {level} %: enough on {100 * kept:.1f} % (to reach: within 1)")
    worse = [score.unique_id for score in mine if score.skill < 0]
    print(f"  worse than seasonal naive: {len(worse)} {' '.join(worse)} (to reach: none)")


def read(file: Path) -> list[Series]:
    """The series of a long or wide file that can be read; the others are named and left out."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    if not rows:
        return []
    columns = list(rows[0])
    by_name: dict[str, list[Row]] = defaultdict(list)
    if {"unique_id", "ds", "y"} <= set(columns):
        for number, row in enumerate(rows, 2):
            by_name[row["unique_id"]].append(Row(number, row["ds"], row["y"]))
    else:
        for number, row in enumerate(rows, 2):
            for name in columns[1:]:
                value = row[name].strip() if row[name] else ""
                by_name[f"{file.stem} {name}"].append(
                    Row(number, row[columns[0]], "" if value == "*" else value)
                )
    found = []
    for name, values in by_name.items():
        try:
            found.append(series_from_rows(name, values))
        except InvalidInput as problem:
            print(f"left out: {problem}")
    return found


def speed() -> None:
    invented = [series(demand(DAYS, seed=seed), f"unit {seed}") for seed in range(UNITS * BANDS)]
    one_fit(invented[:20])
    workers = 2
    begun, cpu = time.perf_counter(), _cpu_with_children()
    trained(invented, workers)
    wall, whole = time.perf_counter() - begun, _cpu_with_children() - cpu
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{UNITS} units x {BANDS} shifts, {DAYS} days, eight windows of four weeks, refit:"
        f" {wall:.1f} s with {workers} workers, {whole:.1f} s CPU (to reach: 30 s)"
    )
    print(f"peak memory of a worker: {peak:.0f} MB")
    side_by_side(invented[:4])
    growth(invented, whole / len(invented), workers)
    stored()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process, with Prophet, pandas and Stan loaded: {own:.0f} MB")


def side_by_side(sample: list[Series]) -> None:
    """This training and a plain loop of default Prophet on the same series, turn by turn."""
    ours = plain = 0.0
    options = options_for(42, DAYS, SCOTLAND)
    for one in sample:
        begun = time.process_time()
        made = SeriesForecaster(one, options).forecast()
        ours += time.process_time() - begun
        plain += plain_prophet([one])
    origins = len(made.steps_back) + 1
    print(
        f"side by side on {len(sample)} series: {1000 * ours / len(sample):.0f} ms CPU each for"
        f" {origins} origins of all members, {1000 * plain / len(sample):.0f} ms for a plain loop"
        f" of default Prophet with eight windows and the last fit: {plain / ours:.1f} times"
        " (to reach: 10)"
    )


def trained(invented: Sequence[Series], workers: int) -> None:
    """Every series backtested, calibrated and refitted, as a training does, in a pool."""
    done = forecast_all(invented, options_for(42, DAYS, SCOTLAND), workers, _dot)
    print(file=sys.stderr)
    assert len(done) == len(invented)


def growth(invented: Sequence[Series], cpu_each: float, workers: int) -> None:
    """From 42 to 4 200 units: CPU of a sample of each size, memory of the histories kept."""
    held = sum(one.values.nbytes + 400 for one in invented) / len(invented)
    for factor in (1, 10, 100):
        sample = [
            series(demand(DAYS, seed=9000 + factor * 100 + n), f"sample {n}") for n in range(6)
        ]
        begun = time.process_time()
        trained(sample, 1)
        each = (time.process_time() - begun) / len(sample)
        count = UNITS * BANDS * factor
        print(
            f"{UNITS * factor} units ({count} series): {each * count / workers:.0f} s with"
            f" {workers} workers, {held * count / 2**20:.1f} MB of histories in the parent;"
            f" extrapolated from a sample of {len(sample)} ({each:.2f} s CPU each, {cpu_each:.2f}"
            " in the full run); workers stay as large as they are, four series queued per two"
        )


def one_fit(sample: list[Series]) -> None:
    from rota.forecasting.prophet_mode import TUNED, fit_recipe

    taken = []
    for one in sample:
        history = SeriesForecaster(one, Options(horizon=42)).training(len(one))
        begun = time.process_time()
        fit_recipe(TUNED, history).path(42)
        taken.append(time.process_time() - begun)
    print(
        f"fit and 42-day forecast by the posterior mode: {1000 * median(taken):.1f} ms CPU median"
    )


def plain_prophet(sample: list[Series]) -> float:
    """CPU seconds per series of default Prophet with Stan at the same nine origins."""
    import pandas as pd

    from rota.forecasting.stan import silence_stan

    silence_stan()
    from prophet import Prophet

    begun = _cpu_with_children()
    for one in sample:
        days = one.days.astype("datetime64[ns]")
        for back in range(8, -1, -1):
            size = len(one) - 28 * back
            model = Prophet()
            model.fit(pd.DataFrame({"ds": days[:size], "y": one.values[:size]}))
            model.predict(model.make_future_dataframe(42, include_history=False))
    return (_cpu_with_children() - begun) / len(sample)


def stored() -> None:
    """Reading a stored forecast and computing a cold one, on an embedded database."""
    from rota.database import make_engine, use_engine
    from rota.forecasting import service, train
    from rota.migrations import upgrade
    from tests.rota.forecasting.conftest import fill

    today = datetime.now(UTC).date()
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/bench.sqlite3")
        upgrade(engine)
        use_engine(engine)
        models = Path(folder) / "models"
        place = fill(engine, models, DAYS)

        def ask(days: int) -> float:
            begun = time.process_time()
            end: date = today + timedelta(days=days)
            service.get_or_create_forecast(place.unit_id, end, folder=models)
            return 1000 * (time.process_time() - begun)

        train.train_all([place.unit_id], workers=1, folder=models)
        read_again = median(ask(28) for _ in range(9))
        cold = [ask(days) for days in (50, 60, 70)]
        print(f"stored forecast read: {read_again:.1f} ms CPU; cold one with a stored model:"
              f" {median(cold):.0f} ms CPU")  # fmt: skip
        use_engine(None)
        engine.dispose()


def _cpu_with_children() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _dot(_: str) -> None:
    print(".", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
