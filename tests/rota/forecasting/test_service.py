"""Training, storing and reading the forecasts of units."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select, update

from rota.cli import main
from rota.database import UnitOfWork, get_engine, reading
from rota.errors import InvalidInput, NotAllowed, NotFound, RotaError
from rota.forecasting import histories, queries, service, store, train, unit_training
from rota.forecasting.screen import forecast_screen
from rota.forecasting.staffing import quantile_at
from rota.jobs import service as jobs
from rota.jobs.runner import run_job
from rota.models import Forecast, ForecastModel, JobState, Shift, ShiftType, UserRole, utc_now
from tests.clock import TODAY
from tests.factories import actor, administrator, make_home, make_shift
from tests.rota.forecasting.conftest import Place


def rows(unit_id: int, band: str = "all", series: str = "care_hours") -> list[queries.ForecastDay]:
    with reading() as session:
        return queries.stored_days(
            session, unit_id, series, band, TODAY, TODAY + timedelta(days=400)
        )


def test_a_trained_unit_has_a_named_file_rows_and_figures(place: Place) -> None:
    path = service.train_prophet_model(place.unit_id)
    assert path == place.folder / "Orchard_Grove_OG_Mulberry_model.json"
    model = store.read_model(path)
    assert {(each.series, each.band) for each in model.series} == {
        ("care_hours", "day"),
        ("care_hours", "night"),
        ("care_hours", "all"),
        ("need", "all"),
        ("agency", "all"),
        ("absence", "all"),
    }
    assert model.series[0].prophet is not None
    assert model.versions["prophet"]
    with reading() as session:
        cards = queries.model_cards(session, [place.unit_id])
    assert len(cards) == 6
    assert all(0 < card.metrics["wape"] < 1 for card in cards if card.series == "care_hours")
    assert len(rows(place.unit_id)) == unit_training.DEFAULT_HORIZON


def test_day_and_night_add_up_to_the_whole_day(place: Place) -> None:
    service.train_prophet_model(place.unit_id)
    day, night, whole = (rows(place.unit_id, band) for band in ("day", "night", "all"))
    for parts in zip(day, night, whole, strict=True):
        assert parts[0].expected + parts[1].expected == pytest.approx(parts[2].expected, abs=1e-3)
        assert parts[2].upper <= parts[0].upper + parts[1].upper + 1e-6


def test_the_stored_prophet_is_a_prophet(local_place: Place) -> None:
    from prophet.serialize import model_from_dict

    model = store.read_model(service.train_prophet_model(local_place.unit_id))
    found = model_from_dict(model.series[0].prophet)
    ahead = found.predict(found.make_future_dataframe(7, include_history=False))
    assert np.isfinite(ahead["yhat"]).all()


def test_only_worked_shifts_teach(local_place: Place) -> None:
    with reading() as session:
        before = queries.worked_days(session, [local_place.unit_id], date.min, TODAY)
    with UnitOfWork(administrator()) as uow:
        unit = queries.care_unit(uow.session, local_place.unit_id)
        shift = uow.session.scalars(select(Shift).limit(1)).one()
        day = TODAY - timedelta(days=3)
        home_unit = shift.unit
        make_shift(uow.session, home_unit, day=day)  # a vacancy
        make_shift(
            uow.session, home_unit, day=day, agency_id=shift.agency_id, is_supernumerary=True
        )
        make_shift(uow.session, home_unit, day=TODAY + timedelta(days=5), agency_id=shift.agency_id)
        assert unit.id == home_unit.id
        uow.commit()
    with reading() as session:
        assert queries.worked_days(session, [local_place.unit_id], date.min, TODAY) == before
        (history,) = histories.read_histories(session, [unit], 365)
    assert all(band.series.end < TODAY for band in history.bands)


def test_a_forecast_is_computed_once_and_then_read(
    local_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = TODAY + timedelta(days=20)
    first = service.get_or_create_forecast(local_place.unit_id, end)
    assert [row.ds for row in first] == [TODAY + timedelta(days=n) for n in range(21)]
    assert all(row.yhat_lower <= row.yhat <= row.yhat_upper for row in first)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(service, "_create", never)
    assert service.get_or_create_forecast(local_place.unit_id, end) == first


def test_twenty_callers_compute_it_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    create = service._create

    def counted(*given: object) -> None:
        calls.append(given)
        create(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "_create", counted)
    end, found, problems = TODAY + timedelta(days=10), [], []

    def ask() -> None:
        try:
            found.append(tuple(service.get_or_create_forecast(place.unit_id, end)))
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(found) == 20
    assert len(set(found)) == 1
    assert len(calls) == 1


def test_days_beyond_the_stored_ones_come_from_the_stored_model(
    local_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.train_prophet_model(local_place.unit_id, days=365)
    stored = {row.day: row.expected for row in rows(local_place.unit_id)}

    def never(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(unit_training, "train_unit", never)
    longer = service.get_or_create_forecast(local_place.unit_id, TODAY + timedelta(days=59))
    assert len(longer) == 60
    for row in longer[:40]:
        assert row.yhat == pytest.approx(stored[row.ds], rel=0.02)


def test_new_data_makes_the_stored_model_stale(local_place: Place) -> None:
    service.train_prophet_model(local_place.unit_id)
    with UnitOfWork(administrator()) as uow:
        uow.session.execute(
            update(Shift)
            .where(Shift.date == TODAY - timedelta(days=2))
            .values(paid_minutes=Shift.paid_minutes + 60)
        )
        uow.session.execute(update(Forecast).values(made_at=utc_now() - timedelta(days=9)))
        uow.commit()
    with reading() as session:
        before = {card.fingerprint for card in queries.model_cards(session, [local_place.unit_id])}
    service.get_or_create_forecast(local_place.unit_id, TODAY + timedelta(days=7))
    with reading() as session:
        after = {card.fingerprint for card in queries.model_cards(session, [local_place.unit_id])}
    assert before != after


def later(place: Place, monkeypatch: pytest.MonkeyPatch, days: int) -> date:
    """So many days pass, each with a shift by day and by night; gives the new today."""
    with UnitOfWork(administrator()) as uow:
        kinds = {
            band: uow.session.scalars(
                select(Shift).join(ShiftType).where(ShiftType.band == band).limit(1)
            ).one()
            for band in ("day", "night")
        }
        for step in range(days):
            for like in kinds.values():
                gap = TODAY + timedelta(days=step) - like.date
                uow.session.add(
                    Shift(
                        home_id=like.home_id, unit_id=like.unit_id, agency_id=like.agency_id,
                        date=like.date + gap, shift_type_id=like.shift_type_id,
                        starts_at=like.starts_at + gap, ends_at=like.ends_at + gap,
                        paid_minutes=720, legacy={}, classification=like.classification,
                    )
                )  # fmt: skip
        uow.commit()
    today = TODAY + timedelta(days=days)
    for module in (service, histories):
        monkeypatch.setattr(module, "london_today", lambda: today)
    return today


def test_a_few_days_later_the_model_forecasts_without_another_training(
    local_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.train_prophet_model(local_place.unit_id, days=365)
    today = later(local_place, monkeypatch, 3)
    real = unit_training.train_unit

    def never(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(unit_training, "train_unit", never)
    found = service.get_or_create_forecast(local_place.unit_id, today + timedelta(days=50))
    assert [found[0].ds, found[-1].ds] == [today, today + timedelta(days=50)]
    assert all(row.yhat_lower < row.yhat < row.yhat_upper for row in found)
    # a model of more than a week ago is trained again
    later(local_place, monkeypatch, 12)
    monkeypatch.setattr(unit_training, "train_unit", real)
    with reading() as session:
        before = {card.fingerprint for card in queries.model_cards(session, [local_place.unit_id])}
    service.get_or_create_forecast(local_place.unit_id, TODAY + timedelta(days=80))
    with reading() as session:
        after = {card.fingerprint for card in queries.model_cards(session, [local_place.unit_id])}
    assert before != after


def test_a_failed_training_leaves_the_last_good_model(
    local_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = service.train_prophet_model(local_place.unit_id)
    content, stored = path.read_bytes(), rows(local_place.unit_id)

    def fail(*_: object, **__: object) -> None:
        raise ArithmeticError("for the test")

    monkeypatch.setattr(unit_training, "train_unit", fail)
    by_id = {each.place.id: each for each in train.train_all(engine=get_engine())}
    assert "for the test" in by_id[local_place.unit_id].problem
    assert "14 days" in by_id[local_place.empty_id].problem
    assert path.read_bytes() == content
    assert rows(local_place.unit_id) == stored
    with pytest.raises(RotaError, match="for the test"):
        service.train_prophet_model(local_place.unit_id)


def test_a_full_disk_leaves_file_and_rows_as_they_were(
    local_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = service.train_prophet_model(local_place.unit_id)
    content = path.read_bytes()
    with reading() as session:
        trained = session.scalar(select(func.max(ForecastModel.trained_at)))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "replace", full)
    (summary,) = train.train_all([local_place.unit_id])
    assert "No space left" in summary.problem
    assert path.read_bytes() == content
    assert [each.name for each in path.parent.iterdir() if each.suffix != ".lock"] == [path.name]
    with reading() as session:
        assert session.scalar(select(func.max(ForecastModel.trained_at))) == trained


def test_units_are_found_by_name_and_the_rest_refused(local_place: Place) -> None:
    assert service.train_prophet_model("OG Mulberry").exists()
    for wrong in ("OG Nowhere", 10_000, local_place.office_id):
        with pytest.raises(NotFound):
            service.train_prophet_model(wrong)
    with pytest.raises(NotFound, match="no history"):
        service.get_or_create_forecast(local_place.empty_id, TODAY)
    with pytest.raises(InvalidInput):
        service.get_or_create_forecast(local_place.unit_id, TODAY - timedelta(days=1))
    with pytest.raises(InvalidInput):
        service.get_or_create_forecast(local_place.unit_id, TODAY + timedelta(days=900))


def test_a_damaged_or_foreign_file_is_not_a_model(tmp_path: Path) -> None:
    path = tmp_path / "x_model.json"
    for text in ("", "{", '{"format": 99}', "[]", '{"format": 2, "series": [{}]}'):
        path.write_text(text)
        with pytest.raises(NotFound):
            store.read_model(path)


def test_names_become_safe_file_names(tmp_path: Path) -> None:
    path = store.model_path(tmp_path, "St. Mary's / Home", "../Unit 1")
    assert path.parent == tmp_path
    assert path.name == "St_Mary_s_Home_Unit_1_model.json"


def test_another_home_may_not_be_trained_or_seen(local_place: Place) -> None:
    with UnitOfWork(administrator()) as uow:
        other = make_home(uow.session)
        uow.commit()
    stranger = actor(UserRole.OPERATIONAL_MANAGER, other)
    with pytest.raises(NotAllowed):
        train.train_all([local_place.unit_id], actor=stranger)
    with reading() as session, pytest.raises(NotAllowed):
        forecast_screen(session, stranger, local_place.unit_id, "all", TODAY)


def test_the_screen_reads_history_forecast_and_plan(local_place: Place) -> None:
    service.train_prophet_model(local_place.unit_id)
    with reading() as session:
        shown = forecast_screen(session, administrator(), local_place.unit_id, "all", TODAY)
        night = forecast_screen(session, administrator(), local_place.unit_id, "night", TODAY)
        need = forecast_screen(session, administrator(), local_place.unit_id, "need", TODAY)
    assert shown.complete
    assert len(shown.ahead) == 28
    assert sum(day.worked is not None for day in shown.days) == 84
    assert shown.hours_per_person == pytest.approx(12, abs=0.5)
    assert all(
        low[1] <= high[1] for low, high in zip(shown.staffing(60), shown.staffing(95), strict=True)
    )
    assert night.ahead[0].expected < shown.ahead[0].expected
    assert need.ahead[0].expected == pytest.approx(40, abs=4)


def test_quantiles_between_stored_levels_are_on_a_line() -> None:
    stored = {"50": 10.0, "90": 20.0, "99": 29.0}
    assert quantile_at(stored, 70) == pytest.approx(15)
    assert quantile_at(stored, 40) == 10
    assert quantile_at(stored, 99.9) == 29
    assert quantile_at({}, 90) == 0


def test_jobs_train_and_forecast(local_place: Place) -> None:
    end = (TODAY + timedelta(days=9)).isoformat()
    wishes = {
        "train": {"unit_ids": [local_place.unit_id]},
        "forecast": {"unit_id": local_place.unit_id, "end": end},
    }
    for kind, inputs in wishes.items():
        with UnitOfWork(administrator()) as uow:
            job = jobs.submit(uow, kind, inputs, key=kind, home_id=local_place.home_id)
            uow.commit()
        assert run_job(job.id) == JobState.DONE
    assert len(rows(local_place.unit_id)) == unit_training.DEFAULT_HORIZON


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
        raise SystemExit(0)
    return int(left.value.code or 0)


def test_the_commands_train_print_check_and_warm(
    local_place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("validate-models", "--unit", "OG Mulberry") == 1
    assert "no model" in capsys.readouterr().out
    assert run("train", "--unit", "OG Mulberry") == 0
    printed = capsys.readouterr().out
    assert "OG Mulberry" in printed
    assert "1 units trained, 0 not." in printed
    assert run("forecast", "--unit", "OG Mulberry", "--days", "3") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ds,yhat,yhat_lower,yhat_upper"
    assert lines[1].startswith(f"{TODAY},")
    assert len(lines) == 4
    assert run("train") == 1  # the empty unit cannot be
    assert "14 days" in capsys.readouterr().out
    assert run("warm-cache", "--days", "10") == 1
    assert "1 of 2 units ready" in capsys.readouterr().out
    assert run("forecast", "--unit", "nowhere") == 1


def test_screens_load_no_forecasting_library() -> None:
    heavy = ["prophet", "statsforecast", "pandas", "numba", "numpy", "scipy", "cmdstanpy"]
    code = (
        "import sys, rota.forecasting.screen, rota.forecasting.service, rota.forecasting.jobs;"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_absence_and_agency_are_series_with_zeros_between(local_place: Place) -> None:
    with reading() as session:
        unit = queries.care_unit(session, local_place.unit_id)
        (history,) = histories.read_histories(session, [unit], 365)
        empty = queries.care_unit(session, local_place.empty_id)
        (nothing,) = histories.read_histories(session, [empty], 365)
    by_kind = {band.kind: band.series for band in history.bands}
    worked = sum(band.series.values for band in history.bands if band.kind == "care_hours")
    assert np.allclose(by_kind["agency"].values, worked), "everybody here is from an agency"
    lost = by_kind["absence"].values
    assert sorted(set(lost.tolist())) == [0.0, 12.0]
    assert nothing.bands == ()


def test_the_screen_shows_absence_without_a_plan(local_place: Place) -> None:
    service.train_prophet_model(local_place.unit_id)
    with reading() as session:
        shown = forecast_screen(session, administrator(), local_place.unit_id, "absence", TODAY)
    assert shown.complete
    assert all(day.planned is None for day in shown.days)
    assert {day.worked for day in shown.days if day.day < TODAY} == {0.0, 12.0}
    assert all(row.lower >= 0 for row in shown.ahead)
