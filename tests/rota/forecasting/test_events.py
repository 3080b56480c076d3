"""School holidays and other dated events: loaded from a file, learnt from, named."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput, NotAllowed
from rota.forecasting.engine import SeriesForecaster
from rota.forecasting.events import Event, events, load_events, read_events
from rota.forecasting.holiday_table import HolidayTable
from rota.forecasting.values import Options
from rota.models import DatedEvent, UserRole
from tests import factories as make
from tests.factories import administrator
from tests.rota.forecasting.simulate import START, demand, series

HOLIDAYS = (
    Event(date(2022, 10, 10), date(2022, 10, 21), "October break"),
    Event(date(2023, 4, 3), date(2023, 4, 14), "Spring break"),
    Event(date(2023, 10, 9), date(2023, 10, 20), "October break"),
)


def test_a_school_holiday_that_lowered_demand_lowers_the_forecast_of_the_next() -> None:
    values = demand(580, noise=4.0)  # 1 March 2022 to 1 October 2023
    for event in HOLIDAYS[:2]:
        begin = (event.first - START).days
        values[begin : begin + 12] -= 25
    table = HolidayTable().with_events(HOLIDAYS)
    with_them = SeriesForecaster(series(values), Options(holidays=table)).forecast()
    without = SeriesForecaster(series(values), Options()).forecast()
    inside = (with_them.days >= np.datetime64("2023-10-09")) & (
        with_them.days <= np.datetime64("2023-10-20")
    )
    change = with_them.path - without.path
    assert change[inside].mean() < -12
    assert abs(change[~inside].mean()) < 4
    named = {part.name: part.values for part in with_them.components}["holidays"]
    assert np.count_nonzero(named) == inside.sum()


def test_a_public_holiday_within_keeps_its_own_name() -> None:
    winter = Event(date(2022, 12, 22), date(2023, 1, 6), "Winter break")
    table = HolidayTable("GB", "SCT").with_events((winter,))
    found = table.names_by_day(np.datetime64("2022-12-20"), np.datetime64("2023-01-10"))
    assert found[np.datetime64("2022-12-25")] == "Christmas Day"
    assert found[np.datetime64("2022-12-29")] == "Winter break"
    assert np.datetime64("2022-12-21") not in found


def test_events_after_the_horizon_change_no_fingerprint() -> None:
    table = HolidayTable().with_events(HOLIDAYS)
    assert table.said(date(2023, 9, 1)) == HolidayTable().with_events(HOLIDAYS[:2]).said(
        date(2023, 9, 1)
    )
    assert table.said(date(2023, 10, 9)) != table.said(date(2023, 9, 1))


def written(folder: Path, *rows: str, header: str = "name,first_day,last_day") -> Path:
    path = folder / "events.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_file_of_events_is_read_in_order_and_an_empty_last_day_is_one_day(tmp_path: Path) -> None:
    found = read_events(
        written(tmp_path, "Gala,2024-06-01,", "October break,2023-10-09,2023-10-20")
    )
    assert found == (HOLIDAYS[2], Event(date(2024, 6, 1), date(2024, 6, 1), "Gala"))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "has no events"),
        (["Break,soon,2024-01-02"], "row 2: first_day is 'soon'"),
        ([",2024-01-01,2024-01-02"], "row 2: give a name"),
        (["x" * 61 + ",2024-01-01,2024-01-02"], "row 2: give a name"),
        (["Break,2024-01-05,2024-01-02"], "row 2: it lasts from 2024-01-05 to 2024-01-02"),
        (["Term,2024-01-05,2024-06-30"], "row 2: it lasts"),
        (["B,2024-01-01,2024-01-09", "B,2024-01-08,2024-01-12"], "begins before the one before"),
    ],
)
def test_a_bad_file_says_which_row_and_why(tmp_path: Path, rows: list[str], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_events(written(tmp_path, *rows))


def test_a_file_without_its_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="first_day and last_day missing"):
        read_events(written(tmp_path, "a,b", header="name,when"))


def test_loading_again_replaces_the_same_names_and_keeps_the_rest(database: Engine) -> None:
    gala = Event(date(2023, 6, 1), date(2023, 6, 1), "Gala")
    with UnitOfWork(administrator(), engine=database) as uow:
        load_events(uow, (*HOLIDAYS[:2], gala))
        moved = Event(date(2023, 4, 10), date(2023, 4, 21), "Spring break")
        assert load_events(uow, (moved, HOLIDAYS[2])) == 2
        uow.commit()
    with reading(database) as session:
        found = events(session, date(2022, 1, 1), date(2024, 1, 1))
        assert found == (HOLIDAYS[0], moved, gala, HOLIDAYS[2])
        assert events(session, date(2023, 4, 21), date(2023, 5, 1)) == (moved,)


def test_only_administrators_load_events(uow: UnitOfWork) -> None:
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    with pytest.raises(NotAllowed):
        load_events(uow, HOLIDAYS)
    assert uow.session.query(DatedEvent).count() == 0


def test_the_histories_of_units_carry_events_and_bookings(database: Engine) -> None:
    from rota.calendar import london_today
    from rota.forecasting import queries
    from rota.forecasting.histories import read_histories
    from rota.models import Census, ResidentBooking, utc_now

    today = london_today()
    with UnitOfWork(administrator(), engine=database) as uow:
        unit = make.make_unit(uow.session, make.make_home(uow.session))
        for back in range(1, 31):
            day = today - timedelta(days=back)
            uow.session.add(
                Census(unit_id=unit.id, date=day, residents=12, care_hours=40.0 + back % 3)
            )
        for day, change, said in ((3, 2, 0), (-5, -1, 20)):
            uow.session.add(
                ResidentBooking(
                    unit_id=unit.id, date=today + timedelta(days=day), change=change,
                    recorded_at=utc_now() - timedelta(days=said),
                )
            )  # fmt: skip
        load_events(uow, (Event(today, today + timedelta(days=9), "Break"),))
        uow.commit()
        unit_id = unit.id
    with reading(database) as session:
        (history,) = read_histories(session, [queries.care_unit(session, unit_id)], 60)
    assert history.events == (Event(today, today + timedelta(days=9), "Break"),)
    (need,) = history.bands
    occupancy = need.series.occupancy
    assert occupancy is not None
    # what was entered today is known today; what lies before the last count is in it
    assert np.asarray(occupancy.at(30, 6))[30:].tolist() == [12.0] * 3 + [14.0] * 3
    # ten days ago nothing of today's booking was known, but somebody was to leave
    assert np.asarray(occupancy.at(20, 10))[20:].tolist() == [12.0] * 5 + [11.0] * 5
