"""How fast the forecaster is, and how time and memory grow with the number of units.

Called by ``bench_forecast``. Units are invented. Each size is trained in a process of its own,
so that the peak memory is that of the size: through the parallel path of a real training, with
model files, rows and sums stored in an embedded database; only reading shifts is left out.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Engine

from rota.forecasting.engine import SeriesForecaster
from rota.forecasting.pool import THREAD_VARIABLES
from rota.forecasting.queries import CARE_HOURS, UnitPlace
from rota.forecasting.series import Series
from rota.forecasting.unit_training import SCOTLAND, BandHistory, UnitHistory, options_for
from rota.forecasting.values import Options
from tests.rota.forecasting.simulate import demand, series

SHIFTS = ("day", "night")
DAYS, WORKERS = 730, 2
UNITS_OF_A_HOME = 8
#: the targets, in seconds or milliseconds
TRAINED_S, STORED_MS, COLD_MS, TIMES = 30, 20, 500, 10


def speed() -> None:
    """Measure single forecasts, in a process of its own."""
    _apart("speed")


def growth(sizes: list[int]) -> None:
    """Train so many units, each size in a fresh process, and print what each took."""
    print(
        f"{'units':>6}{'series':>8}{'wall s':>9}{'CPU s':>9}{'ms CPU a series':>17}"
        f"{'peak MB of a worker':>21}{'of the parent':>15}"
    )
    for units in sizes:
        _apart(str(units))
    print(f"two workers, {DAYS} days, eight windows of four weeks, refit; peaks count what a forked"
          f" worker shares with its parent (to reach with 42 units: {TRAINED_S} s)")  # fmt: skip


def _apart(what: str) -> None:
    """Run one measurement in a fresh process with one numeric thread, as trainings have."""
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, "1")
    subprocess.run([sys.executable, "-m", __spec__.name, what], check=True, env=environment)


def single_forecasts() -> None:
    """One fit, a plain loop of default Prophet beside it, and what a reader waits for."""
    sample = [series(demand(DAYS, seed=seed), f"unit {seed}") for seed in range(20)]
    # what is imported and compiled once is not what a series takes
    SeriesForecaster(sample[-1], options_for(42, DAYS, SCOTLAND)).forecast()
    plain_prophet(sample[-1:])
    one_fit(sample)
    side_by_side(sample[:4])
    stored()


def train_units(units: int) -> None:
    """Train invented units as the application does, and print one line."""
    from rota.forecasting.train import train_histories
    from tests.factories import administrator

    with _database() as (engine, folder):
        histories, homes = invented(engine, units)
        begun, cpu = time.perf_counter(), _cpu_with_children()
        done = train_histories(
            histories, homes, days=DAYS, actor=administrator(), engine=engine,
            folder=folder / "models", workers=WORKERS, progress=_bar,
        )  # fmt: skip
        wall, whole = time.perf_counter() - begun, _cpu_with_children() - cpu
    print(file=sys.stderr)
    problems = [summary.problem for summary in done if summary.problem]
    assert not problems, problems[:3]
    count = units * len(SHIFTS)
    worker, parent = (
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)
    )
    print(
        f"{units:>6}{count:>8}{wall:>9.1f}{whole:>9.1f}{1000 * whole / count:>17.0f}"
        f"{worker:>21.0f}{parent:>15.0f}",
        flush=True,
    )


def invented(engine: Engine, units: int) -> tuple[list[UnitHistory], dict[int, int]]:
    """So many units in homes of eight, each with two years of days and nights; and their homes."""
    from rota.database import UnitOfWork
    from tests.factories import administrator, make_home, make_unit

    histories = []
    with UnitOfWork(administrator(), engine=engine) as uow:
        for number in range(units):
            if number % UNITS_OF_A_HOME == 0:
                home = make_home(uow.session)
            unit = make_unit(uow.session, home)
            place = UnitPlace(unit.id, unit.name, home.id, home.name)
            histories.append(UnitHistory(place, tuple(_bands(place, number))))
        uow.commit()
    return histories, {each.place.id: each.place.home_id for each in histories}


def _bands(place: UnitPlace, number: int) -> Iterator[BandHistory]:
    begun = datetime.now(UTC).date() - timedelta(days=DAYS)
    for index, shift in enumerate(SHIFTS):
        values = demand(DAYS, seed=len(SHIFTS) * number + index, level=70.0 - 30 * index)
        yield BandHistory(
            CARE_HOURS, shift, Series.of(f"{place.name} {shift}", begun, values), 11.5
        )


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
        f" (to reach: {TIMES})"
    )


def one_fit(sample: list[Series]) -> None:
    """The posterior mode of one tuned Prophet."""
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
    from rota.database import use_engine
    from rota.forecasting import service, train
    from tests.rota.forecasting.conftest import fill

    today = datetime.now(UTC).date()
    with _database() as (engine, folder):
        use_engine(engine)
        models = folder / "models"
        place = fill(engine, models, DAYS)

        def ask(days: int) -> tuple[float, float]:
            begun, cpu = time.perf_counter(), time.process_time()
            end: date = today + timedelta(days=days)
            service.get_or_create_forecast(place.unit_id, end, folder=models)
            return 1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - cpu)

        train.train_all([place.unit_id], workers=1, folder=models)
        read_again = sorted(ask(28) for _ in range(9))[4]
        cold = sorted(ask(days) for days in (50, 60, 70))[1]
        use_engine(None)
    for what, (wall, cpu), limit in (
        ("stored forecast read", read_again, STORED_MS),
        ("cold one with a stored model", cold, COLD_MS),
    ):
        print(f"{what}: {wall:.1f} ms wall, {cpu:.1f} ms CPU (to reach: {limit})")


@contextmanager
def _database() -> Iterator[tuple[Engine, Path]]:
    """A migrated embedded database in a folder that goes with it."""
    from rota.database import make_engine
    from rota.migrations import upgrade

    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/bench.sqlite3")
        upgrade(engine)
        yield engine, Path(folder)
        engine.dispose()


def _cpu_with_children() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _bar(done: int, total: int, _: str) -> None:
    print(f"\r{done} of {total}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "speed":
        single_forecasts()
    else:
        train_units(int(sys.argv[1]))
