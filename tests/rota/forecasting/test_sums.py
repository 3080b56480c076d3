"""Unit, home and organisation agree, and a sum's band comes from the errors of the sum."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, func, select

from rota.database import UnitOfWork, reading
from rota.errors import NotAllowed
from rota.forecasting.queries import ALL_DAY, CARE_HOURS, UnitPlace
from rota.forecasting.screen import AHEAD_DAYS, forecast_screen
from rota.forecasting.series import Series
from rota.forecasting.store import StoredModel, StoredSeries
from rota.forecasting.sum_queries import ExpectedDay, SumCard
from rota.forecasting.sum_screen import sum_screen, summed
from rota.forecasting.sums import SumErrors, SumErrorsOf
from rota.forecasting.train import train_all
from rota.forecasting.unit_training import (
    BandHistory,
    ForecastRow,
    TrainedUnit,
    UnitHistory,
)
from rota.models import Agency, Classification, Forecast, ForecastSum, Shift, Unit, UserRole
from tests import factories as make
from tests.clock import TODAY
from tests.factories import administrator, instants

DAYS = 64
BACKS = tuple(range(224, 0, -28))
BEGIN = date(2024, 1, 1)


def one_unit(number: int, errors: np.ndarray, *, home: int = 1) -> tuple[UnitHistory, TrainedUnit]:
    """A unit whose night is forecast as 50 hours, with these past errors."""
    values = np.full(400, 50.0)
    for row, back in enumerate(BACKS):
        values[400 - back : 400 - back + 28] += errors[row]
    place = UnitPlace(number, f"Unit {number}", home, f"Home {home}")
    series = Series.of(place.name, BEGIN, values)
    stored = StoredSeries(
        series=CARE_HOURS, band="night", fingerprint="f", model="ensemble", fallback="",
        last_day=series.end.isoformat(), values=400, weights={"ets": 1.0},
        errors=errors.tolist(), steps_back=list(BACKS), metrics={}, prophet=None,
    )  # fmt: skip
    rows = tuple(
        ForecastRow(CARE_HOURS, "night", series.end + timedelta(days=n + 1), "ensemble",
                    50.0, 48.0, 52.0, {}, "f")
        for n in range(42)
    )  # fmt: skip
    model = StoredModel(place.home, place.name, number, 730, "now", {}, (stored,))
    history = UnitHistory(place, (BandHistory(CARE_HOURS, "night", series, 12.0),))
    return history, TrainedUnit(place, model, rows, 0.0)


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 2, (len(BACKS), 28))


def half_width(sums: SumErrors, band: str = "night") -> float:
    found = next(each for each in sums.bands() if each.band == band)
    lower, upper = np.array(found.distances["lower"]), np.array(found.distances["upper"])
    return float((upper - lower).mean() / 2)


def test_units_that_err_by_themselves_give_a_sum_surer_than_its_parts() -> None:
    alone, together = SumErrors("home-1", 1), SumErrors("home-1", 1)
    alone.add(*one_unit(0, noise(0)))
    for number in range(16):
        together.add(*one_unit(number, noise(number)))
    # independent errors grow with the root of their number; added bands would give 16
    assert 3 < half_width(together) / half_width(alone) < 5.2


def test_units_that_err_together_give_a_sum_as_unsure_as_its_parts() -> None:
    alone, together = SumErrors("home-1", 1), SumErrors("home-1", 1)
    alone.add(*one_unit(0, noise(0)))
    for number in range(16):
        together.add(*one_unit(number, noise(0)))
    assert half_width(together) / half_width(alone) == pytest.approx(16, rel=0.01)


def test_the_band_of_a_sum_holds_on_days_that_nobody_has_seen() -> None:
    held = []
    for organisation_seed in range(0, 240, 12):
        sums = SumErrors("organisation", None)
        for number in range(12):
            sums.add(*one_unit(number, noise(organisation_seed + number)))
        # twelve independent errors of two hours each
        unseen = np.random.default_rng(organisation_seed).normal(0, 2 * 12**0.5, 2000)
        held.append(float((np.abs(unseen) <= half_width(sums)).mean()))
    assert 0.78 < float(np.mean(held)) < 0.83


def test_the_sum_is_judged_on_its_own_past() -> None:
    sums = SumErrors("home-1", 1)
    for number in range(4):
        sums.add(*one_unit(number, noise(number)))
    (figures,) = [each.metrics for each in sums.bands() if each.band == "night"]
    expected = np.abs(np.sum([noise(n) for n in range(4)], axis=0)).mean() / 200
    assert figures["wape"] == pytest.approx(expected, rel=0.02)
    assert figures["naive_wape"] > figures["wape"]
    assert figures["units"] == 4
    assert 0.7 < figures["coverage"] < 0.9


def test_a_unit_that_only_works_nights_counts_to_the_whole_day() -> None:
    sums = SumErrors("home-1", 1)
    sums.add(*one_unit(1, noise(1)))
    assert half_width(sums, ALL_DAY) == half_width(sums)


def test_a_unit_that_failed_widens_the_band_in_its_place() -> None:
    sums = SumErrors("home-1", 1)
    for number in range(4):
        sums.add(*one_unit(number, noise(number)))
    before = half_width(sums)
    sums.failed = 1
    assert half_width(sums) == pytest.approx(before * 5 / 4, rel=1e-3)


def test_a_day_that_one_of_few_units_does_not_know_teaches_nothing() -> None:
    sums = SumErrors("home-1", 1)
    gap = noise(1)
    gap[:, 3] = np.nan
    sums.add(*one_unit(0, noise(0)))
    sums.add(*one_unit(1, np.nan_to_num(gap)))
    known = len(BACKS) * 28
    (group, *_) = sums.groups.values()
    assert np.isfinite(group.errors).sum() == known
    group.known[:, 3] = 1
    assert np.isfinite(group.errors).sum() == known - len(BACKS)


def test_only_what_is_trained_whole_is_summed() -> None:
    first, _ = one_unit(1, noise(1), home=1)
    second, _ = one_unit(2, noise(2), home=2)
    places = {1: 1, 2: 2, 3: 2}
    part = SumErrorsOf([first, second], places)
    for history, trained in (one_unit(1, noise(1), home=1), one_unit(2, noise(2), home=2)):
        part.add(history, trained)
    assert {each.scope for each in part.bands()} == {"home-1"}
    whole = SumErrorsOf([first, second], {1: 1, 2: 2})
    for history, trained in (one_unit(1, noise(1), home=1), one_unit(2, noise(2), home=2)):
        whole.add(history, trained)
    assert {each.scope for each in whole.bands()} == {"home-1", "home-2", "organisation"}


def test_days_beyond_what_was_learnt_keep_the_last_distance_and_stay_above_zero() -> None:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    card = SumCard(
        BEGIN, {"lower": [-1.0, -9.0], "upper": [1.0, 2.0], "quantiles": {"90": [1.0, 3.0]}},
        {}, made,
    )  # fmt: skip
    rows = [ExpectedDay(1, BEGIN + timedelta(days=n), 5.0, made) for n in (1, 2, 30)]
    first, second, last = summed(rows, card)
    assert (first.lower, first.upper, first.quantiles) == (4.0, 6.0, {"90": 6.0})
    assert (second.lower, second.upper, second.quantiles) == (0.0, 7.0, {"90": 8.0})
    assert (last.lower, last.upper, last.quantiles) == (0.0, 7.0, {"90": 8.0})


def organisation(engine: Engine) -> dict[str, Any]:
    """Two homes of two units each that worked for nine weeks, one of them by day only."""
    rng = np.random.default_rng(8)
    with UnitOfWork(administrator(), engine=engine) as uow:
        session = uow.session
        agency = Agency(name="Pool")
        session.add(agency)
        kinds = {"day": make.make_shift_type(session, "D"),
                 "night": make.make_shift_type(session, "N")}  # fmt: skip
        session.flush()
        found: dict[str, Any] = {"homes": [], "units": []}
        rows = []
        for name in ("Ash", "Birch"):
            home = make.make_home(session, name)
            found["homes"].append(home.id)
            for index in range(2):
                unit = make.make_unit(session, home, f"{name} {index}")
                found["units"].append(unit.id)
                for back in range(1, DAYS + 1):
                    day = TODAY - timedelta(days=back)
                    for band, kind in kinds.items():
                        if band == "night" and (name, index) == ("Ash", 1):
                            continue
                        starts_at, ends_at = instants(day, kind.start_time, kind.end_time)
                        for _ in range(1 + int(rng.random() < 0.5)):
                            rows.append(
                                {
                                    "home_id": home.id, "unit_id": unit.id, "date": day,
                                    "shift_type_id": kind.id, "starts_at": starts_at,
                                    "ends_at": ends_at, "paid_minutes": 690, "legacy": {},
                                    "agency_id": agency.id,
                                    "classification": Classification.AGENCY,
                                }
                            )  # fmt: skip
        session.execute(Shift.__table__.insert(), rows)  # type: ignore[attr-defined]
        uow.commit()
        return found


def test_unit_home_and_organisation_agree_day_by_day(database: Engine, model_folder: Path) -> None:
    made = organisation(database)
    assert not [s for s in train_all(engine=database, folder=model_folder) if s.problem]
    actor = administrator()
    with reading(database) as session:
        for view in ("all", "day", "night"):
            units: list[dict[date, float]] = []
            for unit in made["units"]:
                shown = forecast_screen(session, actor, unit, view, TODAY)
                units.append({row.day: row.expected for row in shown.ahead})
            whole = sum_screen(session, actor, None, view, TODAY)
            homes = [sum_screen(session, actor, home, view, TODAY) for home in made["homes"]]
            assert len(whole.ahead) == AHEAD_DAYS
            for row in whole.ahead:
                parts = sum(each.get(row.day, 0.0) for each in units)
                if view == "all":
                    # a unit that only works days has no stored whole day of its own
                    only = forecast_screen(session, actor, made["units"][1], "day", TODAY)
                    parts += next(day.expected for day in only.ahead if day.day == row.day)
                assert row.expected == pytest.approx(parts, abs=1e-3)
                assert row.lower <= row.expected <= row.upper
                assert row.quantiles["90"] >= row.quantiles["50"]
            by_home = [{row.day: row.expected for row in home.ahead} for home in homes]
            for row in whole.ahead:
                assert row.expected == pytest.approx(sum(each[row.day] for each in by_home))
            assert all(home.complete and home.model for home in homes)
            assert sum(part.hours for part in whole.parts) == pytest.approx(
                sum(row.expected for row in whole.ahead) / AHEAD_DAYS
            )
        # the stored whole day of a unit is the sum of its day and night, to the last digit kept
        stored = session.execute(
            select(Forecast.unit_id, Forecast.date, Forecast.band, Forecast.yhat).where(
                Forecast.series == CARE_HOURS
            )
        ).all()
        by_band = {(unit, day, band): value for unit, day, band, value in stored}
        for (unit, day, band), value in by_band.items():
            if band == ALL_DAY:
                both = by_band[unit, day, "day"] + by_band[unit, day, "night"]
                assert value == pytest.approx(both, abs=2e-4)


def test_training_one_unit_again_keeps_the_sums_in_agreement(
    sqlite_engine: Engine, model_folder: Path
) -> None:
    made = organisation(sqlite_engine)
    train_all(engine=sqlite_engine, folder=model_folder)
    actor = administrator()
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        for shift in uow.session.scalars(select(Shift).where(Shift.unit_id == made["units"][0])):
            shift.paid_minutes = 360
        uow.commit()
    train_all([made["units"][0]], engine=sqlite_engine, folder=model_folder)
    with reading(sqlite_engine) as session:
        home = sum_screen(session, actor, made["homes"][0], "day", TODAY)
        units = [
            forecast_screen(session, actor, unit, "day", TODAY).ahead for unit in made["units"][:2]
        ]
        for row, *parts in zip(home.ahead, *units, strict=True):
            assert row.expected == pytest.approx(sum(part.expected for part in parts), abs=1e-6)
        # the bands of sums wait for the next training of the whole
        assert session.scalar(select(func.count(ForecastSum.id))) == 3 * len(
            ("day", "night", "all", "agency")
        )


def test_who_does_not_see_every_home_gets_no_sum_of_them(sqlite_engine: Engine) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        mine, other = make.make_home(uow.session), make.make_home(uow.session)
        for home in (mine, other):
            make.make_unit(uow.session, home)
        uow.commit()
        actor = make.actor(UserRole.OPERATIONAL_MANAGER, mine)
        ids = mine.id, other.id
    with reading(sqlite_engine) as session:
        with pytest.raises(NotAllowed):
            sum_screen(session, actor, None, "all", TODAY)
        with pytest.raises(NotAllowed):
            sum_screen(session, actor, ids[1], "all", TODAY)
        shown = sum_screen(session, actor, ids[0], "all", TODAY)
        assert shown.ahead == ()
        assert [part.forecast for part in shown.parts] == [0]
        assert session.scalar(select(func.count(Unit.id))) == 2
