"""A unit with four months of worked shifts, and settings that point into the test's folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from rota import settings as settings_module
from rota.calendar import london_today
from rota.database import UnitOfWork, use_engine
from rota.models import AbsenceSpell, Agency, Census, Classification, LostShift, Shift
from tests.factories import (
    administrator,
    instants,
    make_home,
    make_shift_type,
    make_staff,
    make_unit,
)

DAYS = 120


@pytest.fixture(scope="module", autouse=True)
def _at_noon(noon: None) -> None:
    """Forecasts count from today."""


@dataclass(frozen=True)
class Place:
    """What the fixture made."""

    home_id: int
    unit_id: int
    office_id: int
    empty_id: int
    folder: Path


@pytest.fixture
def model_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """PROPHET_MODEL_DIR in the test's own folder, one worker."""
    folder = tmp_path / "models"
    monkeypatch.setenv("PROPHET_MODEL_DIR", str(folder))
    monkeypatch.setenv("PROPHET_PARALLEL_WORKERS", "1")
    settings_module.get_settings.cache_clear()
    yield folder
    settings_module.get_settings.cache_clear()


def fill(engine: Engine, folder: Path, days: int = DAYS) -> Place:
    """Orchard Grove, OG Mulberry: two to four by day, one or two by night, until yesterday."""
    rng = np.random.default_rng(3)
    today = london_today()
    with UnitOfWork(administrator(), engine=engine) as uow:
        home = make_home(uow.session, "Orchard Grove")
        unit = make_unit(uow.session, home, "OG Mulberry")
        office = make_unit(uow.session, home, "Office", is_management=True)
        empty = make_unit(uow.session, home, "OG Empty")
        agency = Agency(name="Pool")
        uow.session.add(agency)
        kinds = [make_shift_type(uow.session, "D"), make_shift_type(uow.session, "N")]
        for back in range(1, days + 1):
            day = today - timedelta(days=back)
            busy = day.weekday() < 5
            for usual, kind in zip((3 if busy else 2, 2 if busy else 1), kinds, strict=True):
                starts_at, ends_at = instants(day, kind.start_time, kind.end_time)
                for _ in range(usual + int(rng.random() < 0.3)):
                    uow.session.add(
                        Shift(
                            home_id=home.id, unit_id=unit.id, agency_id=agency.id, date=day,
                            shift_type_id=kind.id, starts_at=starts_at, ends_at=ends_at,
                            paid_minutes=720, legacy={}, classification=Classification.AGENCY,
                        )
                    )  # fmt: skip
            uow.session.add(
                Census(unit_id=unit.id, date=day, residents=14, care_hours=40 + rng.normal())
            )
        person = make_staff(uow.session, unit)
        spell = AbsenceSpell(staff_id=person.id, home_id=home.id, started_on=today)
        uow.session.add(spell)
        uow.session.flush()
        for back in range(1, days + 1, 9):
            uow.session.add(
                LostShift(
                    spell_id=spell.id, staff_id=person.id, unit_id=unit.id,
                    date=today - timedelta(days=back), band="day", minutes=720,
                )
            )  # fmt: skip
        uow.commit()
        return Place(home.id, unit.id, office.id, empty.id, folder)


@pytest.fixture
def place(database: Engine, model_folder: Path) -> Iterator[Place]:
    """The unit on SQLite and on PostgreSQL, and the process's engine set to it."""
    use_engine(database)
    yield fill(database, model_folder)
    use_engine(None)


@pytest.fixture
def local_place(sqlite_engine: Engine, model_folder: Path) -> Iterator[Place]:
    """The unit on SQLite only."""
    use_engine(sqlite_engine)
    yield fill(sqlite_engine, model_folder)
    use_engine(None)
