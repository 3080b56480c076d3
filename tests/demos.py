"""Small demos for tests that want a whole organisation: browser journeys, benchmarks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rota.database import make_engine
from rota.demo.create import DemoSummary, create_demo
from rota.migrations import upgrade


def demo_file(
    path: Path, *, today: date | None = None, homes: int = 1, months: int = 3, seed: int = 1
) -> DemoSummary:
    """Create a SQLite database with a small demo at ``path``: one home and three months take
    about two seconds. Gives the counts and the logins with their temporary passwords.

    Made once for a session, the file can be copied for each test (nothing is left in a
    write-ahead log).
    """
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    summary = create_demo(
        engine, seed=seed, today=today, homes=homes, months=months, progress=False
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return summary
