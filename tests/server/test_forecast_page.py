"""The forecast page: what it draws from stored rows, and the work it asks for."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from rota.database import UnitOfWork
from rota.errors import Unavailable
from rota.models import (
    CareHome,
    CoverRequirement,
    DatedEvent,
    Forecast,
    ForecastModel,
    ForecastSum,
    Job,
    ResidentBooking,
    UserRole,
)
from rota.models import Unit as UnitModel
from tests import factories as make
from tests.clock import TODAY
from tests.factories import administrator
from tests.server.conftest import Browser, LogIn
from tests.statements import statements

ROUTER = ".._pages_content.children..._pages_store.data.."
pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def units(sqlite_engine: Engine) -> tuple[CareHome, UnitModel, UnitModel]:
    """A home with a unit that has a forecast, one that has none, and a planned shift."""
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        home = make.make_home(uow.session, "Orchard Grove")
        unit = make.make_unit(uow.session, home, "OG Mulberry")
        bare = make.make_unit(uow.session, home, "OG Willow")
        person = make.make_staff(uow.session, unit)
        make.make_shift(uow.session, unit, person, TODAY - timedelta(days=3))
        make.make_shift(uow.session, unit, person, TODAY + timedelta(days=3))
        figures = {
            "wape": 0.051, "naive_wape": 0.083, "coverage": 0.79, "windows": 8,
            "hours_per_person": 12.0, "weights": {"prophet": 0.6, "ets": 0.4},
            "outliers": [["2026-01-02", 400.0]], "shifts": [], "pattern_days": 21,
            "hours_each_resident": 5.84,
        }  # fmt: skip
        for band in ("all", "day"):
            uow.session.add(
                ForecastModel(
                    unit_id=unit.id, series="care_hours", band=band, model="ensemble",
                    path="x", fingerprint="f", metrics=figures,
                )
            )  # fmt: skip
            for ahead in range(28):
                uow.session.add(
                    Forecast(
                        unit_id=unit.id, series="care_hours", band=band,
                        date=TODAY + timedelta(days=ahead), model="ensemble", yhat=48.0,
                        yhat_lower=40.0, yhat_upper=56.0,
                        quantiles={"50": 48.0, "90": 60.0, "99": 69.0}, fingerprint="f",
                    )
                )  # fmt: skip
        uow.commit()
        return home, unit, bare


def shown(browser: Browser, query: str = "") -> str:
    response = browser.call(ROUTER, ["/forecast/", query])
    assert response.status_code == 200, response.text
    return json.dumps(response.json, ensure_ascii=False)


def call(browser: Browser, start: str, values: list[Any], **more: Any) -> Any:
    key = next(key for key in browser.app.callback_map if key.startswith(start))
    return browser.call(key, values, **more)


def test_it_shows_forecast_error_and_how_it_was_made(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel]
) -> None:
    text = shown(log_in(UserRole.OPERATIONAL_MANAGER, units[0]), f"?unit={units[1].id}")
    for words in ("48.0 h", "5.1%", "8.3%", "Prophet 60%", "pattern of 21 days", "400 h on",
                  "A resident more or fewer has meant +5.8 h a day"):  # fmt: skip
        assert words in text, words
    assert "80% band" in text
    assert "Planned" in text
    assert "Enough on 90% of days: 60.0 h a day on average." in text
    assert "So you need 5 by day on" in text
    assert "(you have 0)" in text
    assert "expected short" in text


def test_it_takes_few_statements(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.ANALYST, units[0])
    with statements(sqlite_engine) as made:
        shown(browser, f"?unit={units[1].id}")
    assert len(made) <= 18


def test_the_slider_moves_the_staffing_level(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel]
) -> None:
    browser = log_in(UserRole.ANALYST, units[0])
    answer = call(browser, "..forecast-chart.figure", ["99"], state=[f"?unit={units[1].id}"]).json[
        "response"
    ]
    assert "69.0 h a day" in json.dumps(answer["forecast-level-text"]["children"])
    level = next(
        trace
        for trace in answer["forecast-chart"]["figure"]["data"]
        if trace["name"] == "Enough on 99%"
    )
    assert set(level["y"]) == {69.0}


@pytest.mark.parametrize("level", ["x", None, {}, "nan"])
def test_a_level_that_is_no_number_is_refused(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], level: Any
) -> None:
    browser = log_in(UserRole.ANALYST, units[0])
    response = call(browser, "..forecast-chart.figure", [level], state=["?"])
    assert "Traceback" not in response.text
    assert "is a number from 50 to 99" in response.text


def test_a_unit_without_a_forecast_offers_to_make_one(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel]
) -> None:
    text = shown(log_in(UserRole.ANALYST, units[0]), f"?unit={units[2].id}")
    assert "No forecast stored" in text
    assert "Make the forecast" in text


def test_start_asks_for_a_job_once(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    handed: list[int] = []
    monkeypatch.setattr("rota.jobs.service.dispatch", handed.append)
    browser = log_in(UserRole.OPERATIONAL_MANAGER, units[0])
    for unit in (units[2], units[2], units[1]):
        answer = call(browser, "..forecast-job.children", [1], state=[f"?unit={unit.id}"])
        assert answer.status_code == 200, answer.text
    with Session(sqlite_engine) as session:
        kinds = [(job.kind, job.home_id) for job in session.scalars(select(Job).order_by(Job.id))]
    assert kinds == [("forecast", units[0].id), ("train", units[0].id)]
    assert len(set(handed)) == 2
    assert "is being made" in shown(browser, f"?unit={units[2].id}")


def test_a_queue_that_is_away_is_said(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: int) -> None:
        raise Unavailable("The queue is away.")

    monkeypatch.setattr("rota.jobs.service.dispatch", away)
    browser = log_in(UserRole.ANALYST, units[0])
    answer = call(browser, "..forecast-job.children", [1], state=[f"?unit={units[2].id}"])
    assert "The queue is away." in answer.text


def test_another_home_and_an_office_unit_are_refused(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine
) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        other = make.make_home(uow.session, "Hidden Place")
        theirs = make.make_unit(uow.session, other, "Hidden Wing")
        uow.commit()
    browser = log_in(UserRole.OPERATIONAL_MANAGER, units[0])
    for query in (f"?home={other.id}", f"?unit={theirs.id}", "?unit=x", "?view=nothing"):
        text = shown(browser, query)
        assert "Hidden" not in text
        assert "Traceback" not in text


def test_a_home_is_shown_as_the_sum_of_its_units(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, units[0])
    text = shown(browser, f"?home={units[0].id}")
    for words in ("Orchard Grove, all units", "48.0 h", "OG Mulberry", "OG Willow", "none yet",
                  "How sure the sum is will be known"):  # fmt: skip
        assert words in text, words
    assert "Accept as requirement" in text  # hidden, so that its callback has an address
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        flat = [5.0] * 42
        uow.session.add(
            ForecastSum(
                scope=f"home-{units[0].id}", home_id=units[0].id, series="care_hours", band="all",
                last_day=TODAY - timedelta(days=1),
                distances={"lower": [-4.0] * 42, "upper": [4.0] * 42,
                           "quantiles": {"50": [0.0] * 42, "90": flat, "99": [9.0] * 42}},
                metrics={"wape": 0.031, "naive_wape": 0.06, "coverage": 0.8, "windows": 24,
                         "units": 2},
            )
        )  # fmt: skip
        uow.commit()
    text = shown(browser, f"?home={units[0].id}")
    for words in (
        "3.1%",
        "1 unit",
        "added up, trained",
        "Enough on 90% of days: 53.0 h a day on average.",
    ):
        assert words in text, words


def test_a_sum_cannot_be_accepted_as_the_requirement(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, units[0])
    key = next(
        key for key, value in browser.app.callback_map.items()
        if any(each["id"] == "forecast-accept" for each in value["inputs"])
    )  # fmt: skip
    answer = browser.call(
        key, [1, None], state=["90", f"?home={units[0].id}"],
        override={"changedPropIds": ["forecast-accept.n_clicks"]},
    )  # fmt: skip
    assert "A requirement belongs to a unit." in answer.text
    assert accepted(sqlite_engine) == []


def test_a_home_is_trained_whole_by_who_may_train(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("rota.jobs.service.dispatch", lambda _: None)
    query = f"?home={units[0].id}"
    analyst = log_in(UserRole.ANALYST, units[0])
    call(analyst, "..forecast-job.children", [1], state=[query])
    with Session(sqlite_engine) as session:
        assert session.scalars(select(Job)).all() == []
    manager = log_in(UserRole.OPERATIONAL_MANAGER, units[0])
    answer = call(manager, "..forecast-job.children", [1], state=[query])
    assert answer.status_code == 200, answer.text
    with Session(sqlite_engine) as session:
        (job,) = session.scalars(select(Job))
        assert (job.kind, job.inputs) == ("train", {"home_id": units[0].id})
    # the page of the home follows it, that of a unit does not
    assert "Waiting for a worker" in shown(manager, query)
    assert "Waiting for a worker" not in shown(manager, f"?unit={units[1].id}")


def test_all_homes_are_shown_to_who_sees_them_all_and_to_nobody_else(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine
) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        other = make.make_home(uow.session, "Hidden Place")
        make.make_unit(uow.session, other, "Hidden Wing")
        uow.commit()
    everything = shown(log_in(UserRole.OPERATIONAL_MANAGER, units[0], other))
    assert "All homes" in everything
    assert "0 of 1 units" in everything or "none yet" in everything
    one = shown(log_in(UserRole.ANALYST, units[0]))
    assert "All homes" not in one
    assert "Hidden" not in one
    assert "Orchard Grove, all units" in one


def test_a_sum_takes_few_statements_however_many_units(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.ANALYST, units[0])
    with statements(sqlite_engine) as made:
        shown(browser, f"?home={units[0].id}")
    few = len(made)
    assert few <= 20
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        for number in range(9):
            make.make_unit(uow.session, uow.session.get_one(CareHome, units[0].id), f"X{number}")
        uow.commit()
    with statements(sqlite_engine) as made:
        shown(browser, f"?home={units[0].id}")
    assert len(made) == few


def booked(
    browser: Browser, unit: UnitModel, day: Any, change: Any, note: Any = "", row: Any = None
) -> Any:
    """Press “Book”, or the cross of a booking."""
    key = next(
        key for key, value in browser.app.callback_map.items()
        if any(each["id"] == "forecast-booking-save" for each in value["inputs"])
    )  # fmt: skip
    crosses = [] if row is None else [
        {"id": {"type": "forecast-booking-cancel", "row": row}, "property": "n_clicks", "value": 1}
    ]  # fmt: skip
    changed = (
        "forecast-booking-save.n_clicks" if row is None
        else json.dumps({"row": row, "type": "forecast-booking-cancel"}, separators=(",", ":"))
        + ".n_clicks"
    )  # fmt: skip
    inputs = [
        {
            "id": "forecast-booking-save",
            "property": "n_clicks",
            "value": 1 if row is None else None,
        },
        crosses,
    ]
    return browser.call(
        key, [None, None], state=[day, change, note, f"?unit={unit.id}"],
        override={"changedPropIds": [changed], "inputs": inputs},
    )  # fmt: skip


def test_residents_are_booked_in_and_out_and_forecast_anew(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("rota.jobs.service.dispatch", lambda _: None)
    browser = log_in(UserRole.OPERATIONAL_MANAGER, units[0])
    day = (TODAY + timedelta(days=5)).isoformat()
    answer = booked(browser, units[1], day, 2, "from hospital")
    assert "2 residents more from" in answer.text
    with Session(sqlite_engine) as session:
        (booking,) = session.scalars(select(ResidentBooking))
        assert (booking.unit_id, booking.change) == (units[1].id, 2)
        assert [job.kind for job in session.scalars(select(Job))] == ["train"]
        row = booking.id
    page = shown(browser, f"?unit={units[1].id}")
    assert "from hospital" in page
    assert "+2" in page
    assert "Booking cancelled" in booked(browser, units[1], None, None, row=row).text
    with Session(sqlite_engine) as session:
        assert session.scalars(select(ResidentBooking)).all() == []


@pytest.mark.parametrize(
    ("day", "change"),
    [("2026-13-01", 1), (None, 1), ({}, 1), ("today", "x"), ("today", None), ("today", 1.5),
     ("today", True), ("today", "9" * 30), ("today", 0), ("1999-01-01", 1)],
)  # fmt: skip
def test_a_hostile_booking_changes_nothing(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine,
    day: Any, change: Any,
) -> None:  # fmt: skip
    browser = log_in(UserRole.OPERATIONAL_MANAGER, units[0])
    answer = booked(browser, units[1], TODAY.isoformat() if day == "today" else day, change)
    assert "Traceback" not in answer.text
    assert answer.status_code < 500
    with Session(sqlite_engine) as session:
        assert session.scalars(select(ResidentBooking)).all() == []
        assert session.scalars(select(Job)).all() == []


def test_an_analyst_sees_no_form_and_books_nobody(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.ANALYST, units[0])
    booked(browser, units[1], TODAY.isoformat(), 1)
    with Session(sqlite_engine) as session:
        assert session.scalars(select(ResidentBooking)).all() == []


def test_events_are_named_on_the_axis(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine
) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        uow.session.add(
            DatedEvent(
                name="October break", first_day=TODAY - timedelta(days=9),
                last_day=TODAY + timedelta(days=2),
            )
        )  # fmt: skip
        uow.commit()
    text = shown(log_in(UserRole.ANALYST, units[0]), f"?unit={units[1].id}")
    assert "October break" in text


def test_models_are_named_by_their_place(tmp_path: Path) -> None:
    from rota.forecasting.store import model_path

    assert model_path(tmp_path, "Orchard Grove", "OG Mulberry").name == (
        "Orchard_Grove_OG_Mulberry_model.json"
    )


def decide(
    browser: Browser, units: tuple[CareHome, UnitModel, UnitModel], button: str, level: Any = "90"
) -> Any:
    """Press accept or withdraw on the unit that has a forecast."""
    key = next(
        key for key, value in browser.app.callback_map.items()
        if any(each["id"] == "forecast-accept" for each in value["inputs"])
    )  # fmt: skip
    clicks = [1, None] if button == "accept" else [None, 1]
    return browser.call(
        key,
        clicks,
        state=[level, f"?unit={units[1].id}"],
        override={"changedPropIds": [f"forecast-{button}.n_clicks"]},
    )


def accepted(engine: Engine) -> list[tuple[Any, int]]:
    with Session(engine) as session:
        rows = session.scalars(
            select(CoverRequirement).where(CoverRequirement.source == "forecast")
        )
        return [(row.on_date, row.minimum) for row in rows]


def test_accepting_writes_the_requirement_and_withdrawing_takes_it_back(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, units[0])
    answer = decide(browser, units, "accept")
    assert answer.status_code == 200, answer.text
    assert "28 requirements for 28 days at 90%" in answer.text
    assert accepted(sqlite_engine) == [(TODAY + timedelta(days=n), 5) for n in range(28)]
    assert "Accepted as requirement by" in shown(browser, f"?unit={units[1].id}")
    assert "28 accepted requirements withdrawn" in decide(browser, units, "withdraw").text
    assert accepted(sqlite_engine) == []


def test_an_analyst_cannot_accept(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine
) -> None:
    browser = log_in(UserRole.ANALYST, units[0])
    decide(browser, units, "accept")
    assert accepted(sqlite_engine) == []


@pytest.mark.parametrize("level", ["x", None, "1e999", {}])
def test_a_hostile_level_is_accepted_by_nobody(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel], sqlite_engine: Engine, level: Any
) -> None:
    browser = log_in(UserRole.OPERATIONAL_MANAGER, units[0])
    assert "is a number from 50 to 99" in decide(browser, units, "accept", level).text
    assert accepted(sqlite_engine) == []


def test_accuracy_and_what_if_are_drawn(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel]
) -> None:
    browser = log_in(UserRole.ANALYST, units[0])
    for path, words in (
        ("/forecast/accuracy/", ("5.1%", "OG Willow: not trained yet", "Last week")),
        ("/forecast/what-if/", ("Side by side", "OG Mulberry", "A norovirus week")),
    ):
        text = json.dumps(browser.call(ROUTER, [path, ""]).json, ensure_ascii=False)
        for word in words:
            assert word in text, (path, word)


def test_what_if_computes_and_refuses_nonsense(
    log_in: LogIn, units: tuple[CareHome, UnitModel, UnitModel]
) -> None:
    browser = log_in(UserRole.ANALYST, units[0])
    key = next(key for key in browser.app.callback_map if key.startswith("..what-if-chart.figure"))
    usual = ["0", "10", "0", "0", "90", "100"]
    answer = browser.call(key, usual, state=[""])
    assert answer.status_code == 200, answer.text
    assert "+10.0%" in answer.text
    for place, value in ((0, "999"), (0, "x"), (1, None), (4, "1e400"), (2, "-5")):
        wrong = [*usual[:place], value, *usual[place + 1 :]]
        text = browser.call(key, wrong, state=[""]).text
        assert "Traceback" not in text
        assert "must be" in text or "is not a number" in text
