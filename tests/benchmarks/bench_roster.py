"""Times the rota's reads on a database: ``python -m tests.benchmarks.bench_roster``.

Uses the database of ``DATABASE_URL`` (the demo organisation, for figures that mean
something) and its first home. Prints medians, statements and rows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from statistics import median
from time import perf_counter

from sqlalchemy import event, select

from rota.calendar import weeks_from
from rota.database import get_engine, reading
from rota.models import CareHome
from rota.roster.findings import findings_of, rule_findings, staff_ids_of
from rota.roster.queries import week_grid
from rota.roster.timelines import load_timelines


def main() -> None:
    engine = get_engine()
    statements = 0

    @event.listens_for(engine, "before_cursor_execute")
    def _count(*_: object) -> None:
        nonlocal statements
        statements += 1

    with reading() as session:
        home = session.scalars(select(CareHome).order_by(CareHome.id)).first()
        if home is None:
            print("The database is empty.")
            return
        period = weeks_from(date.today(), 4)  # the demo's own today
        ids = staff_ids_of(session, home.id, None, period)

        def measure(name: str, work: Callable[[], object], times: int = 9) -> None:
            nonlocal statements
            taken = []
            for _ in range(times):
                statements = 0
                begun = perf_counter()
                work()
                taken.append((perf_counter() - begun) * 1000)
            print(f"{name:<48}{median(taken):>9.1f} ms{statements:>5} statements")

        print(f"{home.name}, {len(ids)} people, {period.days} days")
        measure("grid of a home", lambda: week_grid(session, home.id, None, period.start, 4))
        unit_id = next(iter(week_grid(session, home.id, None, period.start, 1).units))
        measure("grid of a unit", lambda: week_grid(session, home.id, unit_id, period.start, 4))
        measure("timelines of a home", lambda: load_timelines(session, ids, period))
        measure(
            "what the rules say of a home", lambda: rule_findings(session, home.id, None, period)
        )
        measure("what the rules say of one person", lambda: findings_of(session, ids[:1], period))


if __name__ == "__main__":
    main()
