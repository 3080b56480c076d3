"""A worker that is killed costs its own unit's training, and not that unit's last good model."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from rota.database import UnitOfWork, reading, use_engine
from rota.errors import Unavailable
from rota.forecasting import train, unit_training
from rota.forecasting.pool import Pool
from rota.models import Forecast, ForecastModel, ForecastSum, Shift
from tests.factories import administrator
from tests.rota.forecasting.test_sums import organisation


def _deadly(number: int) -> int:
    """Ends as the kernel ends a process that took too much memory."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * 10


def test_the_other_tasks_of_a_pool_go_on_when_a_worker_is_killed() -> None:
    with Pool[int, int](_deadly, 2) as pool:
        found = dict(pool.run(range(12)))
    killed = found.pop(3)
    assert isinstance(killed, Unavailable)
    assert found == {number: number * 10 for number in range(12) if number != 3}


@pytest.fixture
def units(sqlite_engine: Engine, model_folder: Path) -> Iterator[list[int]]:
    """Four units with a good model each."""
    use_engine(sqlite_engine)
    made = organisation(sqlite_engine)
    train.train_all(engine=sqlite_engine, folder=model_folder)
    yield made["units"]
    use_engine(None)


def stored(engine: Engine, unit: int) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    with reading(engine) as session:
        rows = session.execute(
            select(Forecast.series, Forecast.band, Forecast.date, Forecast.yhat, Forecast.made_at)
            .where(Forecast.unit_id == unit)
            .order_by(Forecast.id)
        )
        models = session.execute(
            select(ForecastModel.band, ForecastModel.fingerprint, ForecastModel.trained_at)
            .where(ForecastModel.unit_id == unit)
            .order_by(ForecastModel.id)
        )
        return [tuple(row) for row in rows], [tuple(row) for row in models]


def test_a_killed_worker_leaves_the_last_good_model_and_trains_the_rest(
    sqlite_engine: Engine,
    model_folder: Path,
    units: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    victim, others = units[1], [units[0], *units[2:]]
    files = {path.name: path.read_bytes() for path in model_folder.glob("*_model.json")}
    assert len(files) == 4
    before = {unit: stored(sqlite_engine, unit) for unit in units}
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        for shift in uow.session.scalars(select(Shift)):
            shift.paid_minutes = 600
        uow.commit()
    real = unit_training.train_unit

    def killed(history: unit_training.UnitHistory, *, days: int) -> unit_training.TrainedUnit:
        if history.place.id == victim:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(history, days=days)

    monkeypatch.setattr(unit_training, "train_unit", killed)
    summaries = train.train_all(workers=2, engine=sqlite_engine, folder=model_folder)

    problems = {summary.place.id: summary.problem for summary in summaries}
    assert "was killed" in problems.pop(victim)
    assert set(problems) == set(others)
    assert not any(problems.values())
    assert stored(sqlite_engine, victim) == before[victim]
    assert all(stored(sqlite_engine, unit) != before[unit] for unit in others)
    after = {path.name: path.read_bytes() for path in model_folder.glob("*_model.json")}
    assert {name for name in files if files[name] == after[name]} == {"Ash_Ash_1_model.json"}
    assert not list(model_folder.glob(".*.json.*[!k]")), "a half-written file was left behind"
    with reading(sqlite_engine) as session:
        assert session.scalars(select(ForecastSum.scope).distinct()).all()
