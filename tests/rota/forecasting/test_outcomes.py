"""Predicted against actual: written down once, judged, and said when it drifted."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from rota.database import UnitOfWork, get_engine, reading
from rota.errors import NotAllowed
from rota.forecasting import apart, jobs, outcomes, queries, service, store
from rota.forecasting.outcomes import Outcome, figures
from rota.jobs import service as job_service
from rota.jobs.runner import run_job
from rota.models import Forecast, ForecastModel, ForecastOutcome, JobState, UserRole, utc_now
from tests.clock import TODAY
from tests.factories import actor, administrator, make_home
from tests.rota.forecasting.conftest import Place


def age(days: int) -> None:
    """Move the stored forecasts into the past, as if they had been made then."""
    made = utc_now() - timedelta(days=days)
    with UnitOfWork(administrator()) as uow:
        for row in uow.session.scalars(select(Forecast).order_by(Forecast.date)):
            row.date -= timedelta(days=days)
            uow.session.flush()
        uow.session.execute(update(Forecast).values(made_at=made))
        uow.commit()


def one(expected: float, actual: float, **more: float) -> Outcome:
    day = TODAY - timedelta(days=1 + int(more.get("back", 0)))
    return Outcome(1, "care_hours", "all", day, 3, expected, expected - 5, expected + 5,
                   expected + 6, actual + more.get("naive", 2.0), actual)  # fmt: skip


def test_figures_by_hand() -> None:
    seen = figures([one(10, 12), one(10, 4), one(20, 20)])
    assert seen.wape == pytest.approx(8 / 36)
    assert seen.bias == pytest.approx(4 / 36)
    assert seen.coverage == pytest.approx(2 / 3)
    assert seen.enough == 1.0
    assert seen.naive_wape == pytest.approx(6 / 36)
    assert seen.skill == pytest.approx(1 - 8 / 6)
    assert figures([]).wape is None


def test_past_forecasts_are_written_down_once_beside_the_truth(place: Place) -> None:
    service.train_prophet_model(place.unit_id)
    age(20)
    assert outcomes.record_outcomes(get_engine(), administrator()) > 60
    assert outcomes.record_outcomes(get_engine(), administrator()) == 0
    with reading() as session:
        found = outcomes.outcomes(session, [place.unit_id], TODAY - timedelta(days=40), TODAY)
        truth = queries.worked_days(
            session, [place.unit_id], TODAY - timedelta(days=20), TODAY - timedelta(days=1)
        )
    whole = {o.day: o for o in found if (o.series, o.band) == ("care_hours", "all")}
    assert min(whole) == TODAY - timedelta(days=20)
    assert max(whole) == TODAY - timedelta(days=1)
    for day, outcome in whole.items():
        assert outcome.actual == sum(row.hours for row in truth if row.day == day)
        assert outcome.days_ahead == (day - min(whole)).days
        assert outcome.last_week is not None
    seen = figures(whole.values())
    assert seen.wape is not None
    assert 0 < seen.wape < 0.5


def test_last_week_is_the_last_one_known_when_the_forecast_was_made(local_place: Place) -> None:
    """A day three weeks ahead has no yesterday's week to copy: that would be the future."""
    service.train_prophet_model(local_place.unit_id)
    age(20)
    outcomes.record_outcomes(get_engine(), administrator())
    with reading() as session:
        found = outcomes.outcomes(session, [local_place.unit_id], TODAY - timedelta(days=40), TODAY)
        hours = outcomes.actual_hours(
            session, [local_place.unit_id], TODAY - timedelta(days=60), TODAY
        )
    far = next(o for o in found if o.band == "all" and o.series == "care_hours"
               and o.days_ahead == 16)  # fmt: skip
    source = far.day - timedelta(days=21)
    assert far.last_week == hours[far.unit_id, "care_hours", "all", source]
    assert source < far.day - timedelta(days=far.days_ahead)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([one(10, 10, back=b) for b in range(20)], ""),
        ([one(10, 20 if b % 2 else 4, back=b) for b in range(20)], "held on only"),
        ([one(10, 8, back=b) for b in range(20)], "too high over 20 days"),
        ([one(10, 13 if b % 2 else 7, back=b) for b in range(20)], "the backtest had 10.0%"),
        ([one(10, 30, back=b) for b in range(10)], ""),
    ],
)
def test_an_alert_says_what_drifted(rows: list[Outcome], words: str) -> None:
    place = queries.UnitPlace(1, "Mulberry", 1, "Orchard Grove")
    card = queries.ModelCard(1, "care_hours", "all", "ensemble", "", "", "", {"wape": 0.1},
                             utc_now())  # fmt: skip
    raised = outcomes.alerts([place], [card], rows, TODAY)
    assert len(raised) == bool(words)
    assert not words or words in raised[0].reason


def test_the_nightly_job_records_and_reports(local_place: Place) -> None:
    service.train_prophet_model(local_place.unit_id)
    age(20)
    with UnitOfWork(administrator()) as uow:
        uow.session.execute(update(Forecast).values(yhat=Forecast.yhat * 2))
        job = job_service.submit(uow, "accuracy", {}, key="night")
        uow.commit()
    assert run_job(job.id) == JobState.DONE
    with reading() as session:
        result = job_service.view(session, administrator(), job.id).result
    assert result["recorded"] > 60
    assert any("too high" in words for words in result["alerts"])


def test_another_home_is_not_recorded_by_a_manager(local_place: Place) -> None:
    with UnitOfWork(administrator()) as uow:
        other = make_home(uow.session)
        uow.commit()
    with pytest.raises(NotAllowed):
        outcomes.record_outcomes(get_engine(), actor(UserRole.OPERATIONAL_MANAGER, other))


def test_training_apart_reports_each_unit(local_place: Place) -> None:
    told: list[tuple[int, int, str]] = []
    problems = apart.train_apart(
        get_engine(), [local_place.unit_id, local_place.empty_id], 365, None,
        progress=lambda *given: told.append(given), cancelled=lambda: False,
    )  # fmt: skip
    assert [name for _, _, name in told] == ["OG Mulberry"]
    assert len(problems) == 1
    assert "14 days" in problems[0]
    path = store.model_path(local_place.folder, "Orchard Grove", "OG Mulberry")
    assert store.read_model(path).days == 365


def test_a_cancelled_training_ends_at_once_and_leaves_the_last_good_model(
    local_place: Place,
) -> None:
    path = service.train_prophet_model(local_place.unit_id)
    content = path.read_bytes()
    stop = threading.Event()
    threading.Timer(0.6, stop.set).start()
    apart.train_apart(
        get_engine(), [local_place.unit_id], 365, None,
        progress=lambda *_: None, cancelled=stop.is_set,
    )  # fmt: skip
    assert path.read_bytes() == content
    with reading() as session:
        assert session.scalars(select(ForecastModel.unit_id)).first() == local_place.unit_id
        assert session.scalars(select(ForecastOutcome.id)).all() == []


def test_a_large_training_job_goes_apart(
    local_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []

    def trained(_engine: object, ids: list[int], *_: object, **__: object) -> list[str]:
        asked.append(ids)
        return ["x: y"]

    monkeypatch.setattr(apart, "WORTH_IT", 1)
    monkeypatch.setattr(apart, "train_apart", trained)
    monkeypatch.setattr(
        jobs, "get_settings", lambda: type("S", (), {"prophet_parallel_workers": 2})()
    )
    with UnitOfWork(administrator()) as uow:
        job = job_service.submit(uow, "train", {}, key="all")
        uow.commit()
    assert run_job(job.id) == JobState.DONE
    assert asked == [[local_place.empty_id, local_place.unit_id]]
