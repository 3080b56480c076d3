"""Residents as a regressor: chosen where it helps, and never from the future."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rota.errors import InvalidInput
from rota.forecasting.engine import SeriesForecaster
from rota.forecasting.ensemble import Weights
from rota.forecasting.following import hours_per_resident
from rota.forecasting.forecaster import FittedProphet
from rota.forecasting.members import PROPHET_RESIDENTS
from rota.forecasting.occupancy import Booking, Occupancy
from rota.forecasting.series import Series
from rota.forecasting.series_file import read_series_file
from rota.forecasting.values import Options
from tests.rota.forecasting.simulate import demand, series

DAYS = 420


def moving(days: int = DAYS, seed: int = 4) -> np.ndarray:
    """Residents who come and go, about twenty."""
    rng = np.random.default_rng(seed)
    people = np.full(days, 20.0)
    for at in rng.integers(0, days, 24):
        people[at:] += rng.choice([-1.0, 1.0])
    return people


def following(people: np.ndarray, each: float = 6.0, seed: int = 5) -> np.ndarray:
    """Hours that follow the residents, with a week and noise."""
    week = np.array([5.0, 3.0, 2.0, 0.0, 1.0, -5.0, -6.0])
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 5, people.size)
    return np.asarray(each * people + week[np.arange(people.size) % 7] + noise)


def of(values: np.ndarray, occupancy: Occupancy | None) -> Series:
    return replace(series(values), occupancy=occupancy)


def test_hours_that_follow_residents_rise_when_residents_are_booked_in() -> None:
    people = moving()
    values = following(people)
    booked = Occupancy(people, (Booking(at=DAYS + 7, change=5.0, known=DAYS - 2),))
    found = SeriesForecaster(of(values, booked), Options()).forecast()
    without = SeriesForecaster(of(values, Occupancy(people)), Options()).forecast()
    assert dict(found.weights)["prophet_residents"] > 0.4
    rise = found.path - without.path
    assert np.abs(rise[:7]).max() < 1e-9
    # five residents of six hours each, a little less for what is not proved
    assert rise[7:].min() > 24
    assert rise[7:].max() < 33


def test_where_hours_do_not_follow_residents_the_regressor_gets_no_say() -> None:
    found = SeriesForecaster(of(demand(DAYS), Occupancy(moving())), Options()).forecast()
    plain = SeriesForecaster(of(demand(DAYS), None), Options()).forecast()
    assert dict(found.weights).get("prophet_residents", 0.0) < 0.35
    assert np.abs(found.path / plain.path - 1).max() < 0.05


def test_two_things_that_wander_by_themselves_do_not_seem_to_follow_one_another() -> None:
    found = []
    for seed in range(12):
        values = demand(DAYS, seed=seed, level=120.0)
        history = SeriesForecaster(of(values, Occupancy(moving(seed=seed))), Options())
        found.append(hours_per_resident(history.training(DAYS)))
    assert float(np.mean(np.abs(found))) < 0.6
    assert sum(each == 0 for each in found) >= 8


def test_hours_of_a_resident_are_found_when_there_are_any() -> None:
    for seed in range(6):
        people = moving(seed=seed)
        history = SeriesForecaster(of(following(people, seed=seed), Occupancy(people)), Options())
        assert 4.5 < hours_per_resident(history.training(DAYS)) < 7


def test_a_stand_in_moves_with_the_bookings_too() -> None:
    people = moving()
    values = following(people)
    booked = Occupancy(people, (Booking(at=DAYS, change=5.0, known=DAYS),))
    plain = SeriesForecaster(of(values, Occupancy(people)), Options())
    moved = SeriesForecaster(of(values, booked), Options())
    learnt = plain.calibrate(DAYS)
    naive = Weights(("seasonal_naive",), np.ones(1))
    stand_in = replace(learnt, weights=naive, fallback="for the test")
    rise = moved.resume(stand_in, DAYS).path - plain.resume(stand_in, DAYS).path
    assert 24 < rise.min() <= rise.max() < 33


def test_need_rises_in_proportion_to_the_residents_booked() -> None:
    people = np.full(200, 14.0)
    values = 3.5 * people + np.random.default_rng(2).normal(0, 1, 200)
    options = Options(proportional=True)
    booked = Occupancy(people, (Booking(at=210, change=2.0, known=200),))
    found = SeriesForecaster(of(values, booked), options).forecast()
    plain = SeriesForecaster(of(values, Occupancy(people)), options).forecast()
    np.testing.assert_allclose(found.path[:10], plain.path[:10])
    np.testing.assert_allclose(found.path[10:], plain.path[10:] * 16 / 14)
    assert (found.bands.upper[0] > found.path).all()
    # an earlier forecast did not know
    before = SeriesForecaster(of(values, booked), options).forecast(190)
    same = SeriesForecaster(of(values, Occupancy(people)), options).forecast(190)
    np.testing.assert_array_equal(before.path, same.path)


def test_a_constant_number_of_residents_offers_no_regressor() -> None:
    found = SeriesForecaster(of(demand(200), Occupancy(np.full(200, 14.0))), Options()).forecast()
    assert "prophet_residents" not in dict(found.weights)


def test_an_origin_sees_only_what_was_known_then() -> None:
    people = moving()
    values = following(people)
    changed, later = people.copy(), values.copy()
    changed[300:] += 9
    later[300:] = 1
    bookings = (Booking(at=305, change=7.0, known=301), Booking(at=302, change=4.0, known=305))
    first = SeriesForecaster(of(values, Occupancy(people)), Options()).forecast(300)
    second = SeriesForecaster(of(later, Occupancy(changed, bookings)), Options()).forecast(300)
    np.testing.assert_array_equal(first.path, second.path)
    np.testing.assert_array_equal(first.bands.upper, second.bands.upper)


def test_a_booking_counts_from_its_day_for_who_knew_of_it() -> None:
    stay = Occupancy(np.full(20, 10.0), (Booking(at=12, change=3.0, known=8),))
    assert stay.at(7, 8) is not None
    assert np.asarray(stay.at(7, 8)).tolist() == [10.0] * 15
    assert np.asarray(stay.at(9, 8))[9:].tolist() == [10.0] * 3 + [13.0] * 5
    # once the day is over, what was counted is what counts
    assert np.asarray(stay.at(14, 4))[14:].tolist() == [10.0] * 4
    gone = Occupancy(np.full(5, 2.0), (Booking(at=6, change=-4.0, known=3),))
    assert np.asarray(gone.at(5, 4))[5:].tolist() == [2.0, 0.0, 0.0, 0.0]


def test_a_booking_after_the_last_count_still_counts_when_days_were_not_counted() -> None:
    counted = np.array([4.0, 4.0, np.nan, np.nan])
    assert np.asarray(Occupancy(counted, (Booking(3, 2.0, known=1),)).at(4, 2)).tolist() == [
        4.0, 4.0, 4.0, 6.0, 6.0, 6.0,
    ]  # fmt: skip
    assert Occupancy(np.full(3, np.nan)).at(3, 2) is None


def test_a_shortened_series_keeps_its_bookings_in_place() -> None:
    whole = Occupancy(moving(), (Booking(DAYS + 3, 2.0, known=DAYS - 50),))
    kept = of(following(moving()), whole).last(100).occupancy
    assert kept is not None
    for origin in (60, 100):
        expected = np.asarray(whole.at(origin + DAYS - 100, 10))[DAYS - 100 :]
        np.testing.assert_array_equal(np.asarray(kept.at(origin, 10)), expected)


def test_the_parts_of_the_regressor_add_up_to_its_path() -> None:
    people = moving()
    forecaster = SeriesForecaster(of(following(people), Occupancy(people)), Options())
    fitted = PROPHET_RESIDENTS.fit(forecaster.training(DAYS))
    assert isinstance(fitted, FittedProphet)
    parts = {part.name: part.values for part in fitted.explain(28)}
    assert "residents" in parts
    np.testing.assert_allclose(sum(parts.values()), fitted.path(28))


def test_the_regressor_is_prophets_own() -> None:
    """The same numbers as ``add_regressor`` gives, up to the optimiser's tolerance."""
    import pandas as pd
    from prophet import Prophet

    from rota.forecasting.prophet_mode import fit_recipe
    from rota.forecasting.prophet_object import PosteriorModeBackend

    people = moving()
    history = SeriesForecaster(of(following(people), Occupancy(people)), Options()).training(DAYS)
    recipe = replace(PROPHET_RESIDENTS.recipe, level_share=0.0)
    model = Prophet(
        growth="flat", yearly_seasonality=False, weekly_seasonality=True, daily_seasonality=False,
        uncertainty_samples=0, changepoint_prior_scale=recipe.changepoint_prior_scale,
    )  # fmt: skip
    model.add_regressor("people", prior_scale=recipe.occupancy_prior_scale)
    model.stan_backend = PosteriorModeBackend()
    days = history.calendar.days.astype("datetime64[ns]")
    frame = pd.DataFrame({"ds": days[:DAYS], "y": history.y, "people": people})
    model.fit(frame)
    ahead = pd.DataFrame({"ds": days[DAYS:], "people": history.occupancy[DAYS:]})  # type: ignore[index]
    theirs = model.predict(ahead)["yhat"].to_numpy()
    # Prophet divides by the sample's standard deviation, this by the population's
    np.testing.assert_allclose(fit_recipe(recipe, history).path(28), theirs, rtol=1e-3)


def file_of(folder: Path, rows: list[str]) -> Path:
    path = folder / "series.csv"
    path.write_text("unique_id,ds,y,occupancy\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_file_may_say_who_is_booked_after_the_last_value(tmp_path: Path) -> None:
    rows = [f"u,2025-01-{day:02},{40 + day},{10 + day % 3}" for day in range(1, 21)]
    rows += ["u,2025-01-21,,15", "u,2025-01-22,,16"]
    (found,) = read_series_file(file_of(tmp_path, rows)).series
    assert len(found) == 20
    assert not found.notes
    assert found.occupancy is not None
    assert np.asarray(found.occupancy.at(20, 4))[20:].tolist() == [15, 16, 16, 16]
    # an earlier window did not know of it
    assert np.asarray(found.occupancy.at(19, 4))[19:].tolist() == [11.0] * 4


@pytest.mark.parametrize(
    ("value", "words"),
    [("many", "row 3: occupancy is 'many'"), ("-1", "row 3: occupancy is below")],
)
def test_a_bad_occupancy_names_its_row(tmp_path: Path, value: str, words: str) -> None:
    rows = [f"u,2025-01-{day:02},5,{value if day == 2 else 3}" for day in range(1, 9)]
    with pytest.raises(InvalidInput, match=words):
        read_series_file(file_of(tmp_path, rows))
