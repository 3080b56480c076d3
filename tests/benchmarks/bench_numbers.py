"""Times the numbers room on a demo: ``python -m tests.benchmarks.bench_numbers [--database URL]``.

What a screen has to compute when nothing is remembered, for a Senior Manager of every home: CPU of
this process (SQLite's own included, PostgreSQL's not) and wall time, median of five, and SQL
statements; then a year's workbook of a home, in a process of its own, and the monthly report as
PDF. Without ``--database`` a demo is made first (``--scale 10``). A report to read: nothing here
can fail on a slow machine.
"""

from __future__ import annotations

import argparse
import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete

from rota.access.scope import homes_of
from rota.access.service import installation_actor
from rota.boards.catalogue import BOARDS, months_up_to
from rota.boards.values import BoardQuestion
from rota.calendar import Period, london_today, month_of, months_after
from rota.costs.cause_facts import why_it_changed
from rota.costs.comparison import compare_homes
from rota.costs.explorer import CostQuestion, cost_report, last_full_month
from rota.costs.kept_figures import keep_figures
from rota.costs.outlook import financial_year, outlook
from rota.costs.queries import cost_total, shifts_behind
from rota.costs.values import CostScope, Dimension
from rota.database import make_engine, reading, use_engine
from rota.demo.create import create_demo
from rota.migrations import upgrade
from rota.models import KeptFigure
from rota.overview.queries import overview_of
from rota.reports.costs import monthly_document, shifts_document
from rota.reports.request import ReportRequest
from rota.reports.workbook import write_workbook
from server.report_files import report_pdf
from tests.statements import statements

REPEATS = 5


def main() -> None:
    """Prepare, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--database", default="", help="a migrated database with a demo")
    parser.add_argument("--workbook", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.workbook:
        print(workbook(make_engine(given.database)))
        return
    with tempfile.TemporaryDirectory(prefix="rota-bench-") as folder:
        engine = make_engine(given.database or f"sqlite:///{Path(folder) / 'rota.sqlite3'}")
        if not given.database:
            upgrade(engine)
            create_demo(engine, scale=given.scale, progress=False)
        use_engine(engine)
        _forget(engine)
        measure(engine)


def measure(engine: Engine) -> None:
    """Print one line for each case."""
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
            ("overview", lambda: overview_of(session, homes, today), "8"),
            ("homes side by side", lambda: compare_homes(session, actor, homes, month),
             "150 ms (×10: 400), 8"),
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
        print(f"{'':<30}{'CPU ms':>9}{'wall ms':>9}{'SQL':>5}   limit")
        print(_line(engine, "homes, nothing kept", cases[1][1], "8"), flush=True)
        begun = time.process_time()
        months = keep_figures(engine)
        session.rollback()
        print(f"{months} months of homes summed and kept in {time.process_time() - begun:.1f} s")
        for name, call, limit in cases:
            print(_line(engine, name, call, limit), flush=True)
        request = ReportRequest((home,), last, datetime.now(UTC))
        begun, cpu = time.perf_counter(), time.process_time()
        size = len(report_pdf(monthly_document(session, actor, request)))
        print(
            f"monthly report as PDF: {time.perf_counter() - begun:.1f} s, "
            f"CPU {time.process_time() - cpu:.1f} s (limit 5 s), {size / 1000:.0f} kB"
        )
    module = [sys.executable, "-m", "tests.benchmarks.bench_numbers", "--workbook"]
    url = engine.url.render_as_string(hide_password=False)
    subprocess.run([*module, "--database", url], check=True)


def workbook(engine: Engine) -> str:
    """A year's workbook of a home, as its job writes it."""
    month = last_full_month(london_today())
    with reading(engine) as session:
        actor = installation_actor(session)
        home = homes_of(session, actor)[0]
        year = Period(months_after(month, -11), month_of(month).end)
        before = _peak_megabytes()
        begun, cpu, stream = time.perf_counter(), time.process_time(), io.BytesIO()
        document = shifts_document(session, actor, ReportRequest((home,), year, datetime.now(UTC)))
        write_workbook(document, stream, constant_memory=True)
        return (
            f"year's workbook of a home: {len(document.sections[0].rows):,} shifts in "
            f"{time.perf_counter() - begun:.1f} s, CPU {time.process_time() - cpu:.1f} s "
            f"(limit 5 s for 22,000), {stream.tell() / 1e6:.1f} MB, peak memory "
            f"{_peak_megabytes():.0f} MB ({before:.0f} before)"
        )


def _peak_megabytes() -> float:
    """The most memory this process ever held (not the one it was started from)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _forget(engine: Engine) -> None:
    with engine.execution_options(rota_writes=True).begin() as connection:
        connection.execute(delete(KeptFigure))


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
