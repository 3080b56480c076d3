"""Training of units in parallel processes, stored unit by unit: the use case.

Importing this module loads neither numpy nor Prophet; the functions that compute do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.service import installation_actor
from rota.database import get_engine, reading
from rota.errors import RotaError
from rota.forecasting import queries
from rota.forecasting.histories import read_histories
from rota.forecasting.queries import ALL_DAY, CARE_HOURS, UnitPlace
from rota.forecasting.saving import save, save_sums
from rota.settings import get_settings

if TYPE_CHECKING:
    from rota.forecasting.unit_training import TrainedUnit, UnitHistory

#: told how many units of how many are done, and which one just was
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class UnitSummary:
    """What became of one unit's training; ``problem`` is empty when all went well.

    ``wape`` and ``naive_wape`` are shares of the hours worked, of the forecast and of the
    same days of the last week, on weeks neither had seen.
    """

    place: UnitPlace
    series: int
    wape: float | None
    naive_wape: float | None
    coverage: float | None
    fallback: str
    cpu_seconds: float
    problem: str = ""


def train_all(
    unit_ids: Collection[int] | None = None,
    *,
    days: int = 730,
    workers: int | None = None,
    engine: Engine | None = None,
    folder: Path | None = None,
    actor: Actor | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[UnitSummary]:
    """Train units in parallel processes and store what comes out, unit by unit.

    A unit that fails, or whose worker is killed, keeps its last good model and has a
    ``problem`` in its summary; the others are trained. ``workers`` is
    PROPHET_PARALLEL_WORKERS unless given.
    """
    from rota.forecasting.pool import one_thread_each

    one_thread_each()
    settings = get_settings()
    engine = engine or get_engine()
    folder = folder or settings.model_dir
    with reading(engine) as session:
        actor = actor or installation_actor(session, "Forecast training")
        places = queries.care_units(session, unit_ids)
        for home_id in {place.home_id for place in places}:
            actor.require(Permission.TRAIN_FORECAST, home_id)
        histories = read_histories(session, places, days)
        all_units = {place.id: place.home_id for place in queries.care_units(session)}
    return train_histories(
        histories, all_units, days=days, actor=actor, engine=engine, folder=folder,
        workers=workers or settings.prophet_parallel_workers, progress=progress,
        cancelled=cancelled,
    )  # fmt: skip


def train_histories(
    histories: Sequence[UnitHistory],
    all_units: dict[int, int],
    *,
    days: int,
    actor: Actor,
    engine: Engine,
    folder: Path,
    workers: int,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[UnitSummary]:
    """Train these histories in parallel processes, store each as it is done, and then the sums.

    ``all_units`` is every unit with residents and its home. Summaries are in the order given.
    """
    from rota.forecasting.pool import Pool

    trainable = [history for history in histories if history.bands]
    done = [_without_history(history.place) for history in histories if not history.bands]
    total = len(histories)
    _load_before_forking()
    from rota.forecasting.sums import SumErrorsOf

    sums = SumErrorsOf(histories, all_units)
    tasks = [_Task(history, days) for history in trainable]
    count = min(workers, max(len(tasks), 1))
    with Pool[_Task, "TrainedUnit"](_train, count) as pool:
        for task, outcome in pool.run(tasks):
            done.append(_kept(engine, folder, actor, task.history.place, outcome))
            if isinstance(outcome, Exception):
                sums.miss(task.history)
            else:
                sums.add(task.history, outcome)
            if progress:
                progress(len(done), total, task.history.place.name)
            if cancelled():
                break
    if len(done) == total:
        save_sums(engine, actor, sums.bands())
    order = {history.place.id: row for row, history in enumerate(histories)}
    return sorted(done, key=lambda summary: order[summary.place.id])


@dataclass(frozen=True, slots=True)
class _Task:
    history: UnitHistory
    days: int


def _train(task: _Task) -> TrainedUnit:
    from rota.forecasting.unit_training import train_unit

    return train_unit(task.history, days=task.days)


def _load_before_forking() -> None:
    """Import what every worker needs once, so that forked ones have it for nothing."""
    from rota.forecasting import unit_training  # noqa: F401
    from rota.forecasting.smoothing import compiled_core
    from rota.forecasting.stan import silence_stan

    compiled_core()
    silence_stan()
    import prophet  # noqa: F401


def _kept(
    engine: Engine, folder: Path, actor: Actor, place: UnitPlace, outcome: TrainedUnit | Exception
) -> UnitSummary:
    """Store a trained unit; any failure leaves the last good model and rows in place."""
    if isinstance(outcome, Exception):
        words = str(outcome)
        if not isinstance(outcome, RotaError):
            words = f"{type(outcome).__name__}: {words}"
        return _failed(place, words)
    try:
        save(engine, folder, actor, outcome)
    except (RotaError, OSError) as problem:
        return _failed(place, str(problem))
    main = outcome.model.find(CARE_HOURS, ALL_DAY) or outcome.model.series[0]
    return UnitSummary(
        place=place,
        series=len(outcome.model.series),
        wape=main.metrics["wape"],
        naive_wape=main.metrics["naive_wape"],
        coverage=main.metrics["coverage"],
        fallback=main.fallback,
        cpu_seconds=outcome.cpu_seconds,
    )


def _failed(place: UnitPlace, problem: str) -> UnitSummary:
    return UnitSummary(place, 0, None, None, None, "", 0.0, problem[:300])


def _without_history(place: UnitPlace) -> UnitSummary:
    return _failed(place, "fewer than 14 days of worked shifts")
