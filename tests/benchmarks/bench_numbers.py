"""Times the numbers room on a demo: ``python -m tests.benchmarks.bench_numbers [--database URL]``.

What a screen has to compute when nothing is remembered, for a Senior Manager of every home: CPU
and wall time (median of five) and SQL statements; then a year's workbook of a home and the monthly
report as PDF. Without ``--database`` a demo is made first (``--scale 10``). A report to read:
nothing here can fail on a slow machine.
"""

from __future__ import annotations

import argparse
import io
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from rota.access.scope import homes_of
from rota.access.service import installation_actor
from rota.boards.catalogue import BOARDS, months_up_to
from rota.boards.values import BoardQuestion
from rota.calendar import Period, london_today, month_of, months_after
from rota.costs.cause_facts import why_it_changed
from rota.costs.comparison import compare_homes
from rota.costs.explorer import CostQuestion, cost_report, last_full_month
from rota.costs.outlook import financial_year, outlook
from rota.costs.queries import cost_total, shifts_behind
from rota.costs.values import CostScope, Dimension
from rota.database import make_engine, reading, use_engine
from rota.demo.create import create_demo
from rota.migrations import upgrade
from rota.overview.queries import overview_of
from rota.reports.costs import monthly_document, shifts_document
from rota.reports.request import ReportRequest
from rota.reports.workbook import write_workbook
from tests.statements import statements

REPEATS = 5


def main() -> None:
    """Prepare, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--database", default="", help="a migrated database with a demo")
    parser.add_argument("--no-pdf", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rota-bench-") as folder:
        engine = make_engine(given.database or f"sqlite:///{Path(folder) / 'rota.sqlite3'}")
        if not given.database:
            upgrade(engine)
            create_demo(engine, scale=given.scale, progress=False)
        use_engine(engine)
        for line in measure(engine, pdf=not given.no_pdf):
            print(line, flush=True)


def measure(engine: Engine, *, pdf: bool) -> list[str]:
    """One line for each case."""
    today = london_today()
    month = last_full_month(today)
    with reading(engine) as session:
        actor = installation_actor(session)
        homes = homes_of(session, actor)
        home = homes[0]
        ids = frozenset(h.id for h in homes)
        last = month_of(month)
        before = Period(months_after(month, -1), month_of(months_after(month, -1)).end)
        unit = CostScope(frozenset({home.id}), last.start, last.end, home.units[0].id)
        day = CostScope(ids, last.end, last.end)
        question = CostQuestion(tuple(homes), months_after(month, -11), 12, by=Dimension.HOME)
        cases: list[tuple[str, Callable[[], Any], str]] = [
            ("overview", lambda: overview_of(session, homes, today), "150 ms (×10: 400), 8"),
            ("homes side by side", lambda: compare_homes(session, actor, homes, month), "8"),
            ("costs, 12 months", lambda: cost_report(session, actor, question), ""),
            ("financial year",
             lambda: outlook(session, actor, homes, financial_year(today), today), ""),
            ("why it changed",
             lambda: why_it_changed(session, actor, homes, before, last), ""),
            ("drill-down: month of a unit",
             lambda: (cost_total(session, actor, unit), shifts_behind(session, actor, unit)),
             "200 ms"),
            ("drill-down: day of all",
             lambda: (cost_total(session, actor, day), shifts_behind(session, actor, day)),
             "200 ms"),
        ]  # fmt: skip
        for kind in BOARDS:
            asked = BoardQuestion(
                tuple(homes[:1] if kind.most_months == 1 else homes),
                months_up_to(month, min(3, kind.most_months)),
            )
            name = f"dashboard {kind.key}{' (one home)' if kind.most_months == 1 else ''}"
            cases.append((name, lambda k=kind, q=asked: k.build(session, actor, q), ""))  # type: ignore[misc]
        lines = [f"{'':<30}{'CPU ms':>9}{'wall ms':>9}{'SQL':>5}   limit"]
        lines += [_line(engine, name, call, limit) for name, call, limit in cases]
        year = ReportRequest((home,), Period(months_after(month, -11), last.end), datetime.now(UTC))
        begun, stream = time.perf_counter(), io.BytesIO()
        document = shifts_document(session, actor, year)
        write_workbook(document, stream, constant_memory=True)
        rows = len(document.sections[0].rows)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        lines.append(
            f"year's workbook of a home: {rows:,} shifts in {time.perf_counter() - begun:.1f} s "
            f"(limit 5 s), {stream.tell() / 1e6:.1f} MB, peak memory {peak:.0f} MB"
        )
        if pdf:
            from server.report_files import report_pdf

            request = ReportRequest((home,), last, datetime.now(UTC))
            begun = time.perf_counter()
            size = len(report_pdf(monthly_document(session, actor, request)))
            lines.append(
                f"monthly report as PDF: {time.perf_counter() - begun:.1f} s (limit 5 s), "
                f"{size / 1000:.0f} kB"
            )
    return lines


def _line(engine: Engine, name: str, call: Callable[[], Any], limit: str) -> str:
    with statements(engine) as sent:
        call()
    cpus, walls = [], []
    for _ in range(REPEATS):
        cpu, wall = time.process_time(), time.perf_counter()
        call()
        cpus.append((time.process_time() - cpu) * 1000)
        walls.append((time.perf_counter() - wall) * 1000)
    return (
        f"{name:<30}{statistics.median(cpus):>9.0f}{statistics.median(walls):>9.0f}"
        f"{len(sent):>5}   {limit}"
    )


if __name__ == "__main__":
    main()
