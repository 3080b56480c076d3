"""A small demo, created once for the tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from rota.database import make_engine
from rota.demo.create import DemoSummary
from tests.demos import demo_file

TODAY = date(2026, 11, 24)


@dataclass(frozen=True)
class SmallDemo:
    """One home over seven months."""

    engine: Engine
    summary: DemoSummary


@pytest.fixture(scope="session")
def small_demo(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[SmallDemo]:
    """One home over seven months, to be read only."""
    path = tmp_path_factory.mktemp("demo") / "rota.sqlite3"
    summary = demo_file(path, today=TODAY, months=7)
    engine = make_engine(f"sqlite:///{path}")
    yield SmallDemo(engine, summary)
    engine.dispose()


@pytest.fixture
def session(small_demo: SmallDemo) -> Iterator[Session]:
    """A session on the small demo."""
    with Session(small_demo.engine) as session:
        yield session
