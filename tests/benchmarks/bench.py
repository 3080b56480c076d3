"""``make bench``: the speed of the screens on the demo organisation, as a report.

Server time is CPU and wall time of a full request through the gate; SQL statements are
counted at the driver. Every figure stands beside a bare view that sends static bytes from
the same process, so that the ratio means something on any machine. Nothing here can fail on
a slow machine: a report is read, not asserted.

    python -m tests.benchmarks.bench [--scale 10] [--database URL] [--no-optimise]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, select

ROOT = Path(__file__).resolve().parents[2]
REPEATS = 15
STATIC = b"x" * 50_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report; times in milliseconds."""

    name: str
    cpu: float
    wall: float
    statements: int
    kilobytes: float
    limit: str


def main() -> None:
    """Prepare a demo, measure, print."""
    options = _options()
    os.environ.setdefault("DEBUG", "true")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        engine = _demo(options, Path(folder))
        figures = _screens(engine)
        _print(figures)
        _print_process(engine)
        if not options.no_optimise:
            _print_optimisation(engine)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=1, help="size of the demo")
    parser.add_argument("--database", default="", help="an empty database (default: SQLite)")
    parser.add_argument("--no-optimise", action="store_true")
    return parser.parse_args()


def _demo(options: argparse.Namespace, folder: Path) -> Engine:
    from rota.database import make_engine, use_engine
    from rota.demo.create import create_demo
    from rota.migrations import upgrade

    engine = make_engine(options.database or f"sqlite:///{folder / 'rota.sqlite3'}")
    upgrade(engine)
    summary = create_demo(engine, scale=options.scale, progress=True)
    print(f"demo × {options.scale}: {summary.counts} in {summary.seconds:.0f} s")
    use_engine(engine)
    return engine


def _screens(engine: Engine) -> list[Figure]:
    from rota.access import service
    from rota.access.service import installation_actor
    from rota.database import UnitOfWork, reading
    from rota.models import CareHome, Unit, UserRole
    from rota.settings import load_settings
    from server.factory import create_app, create_server
    from tests.server.conftest import PASSWORD, Browser, post_login

    server = create_server(load_settings(debug=True, database_url="sqlite://", _env_file=None))
    server.add_url_rule("/bench-static", "bench_static", lambda: STATIC)
    app = create_app(server)
    with reading(engine) as session:
        actor = installation_actor(session)
        home = session.scalars(select(CareHome).order_by(CareHome.id)).first()
        assert home is not None
        unit = session.scalars(
            select(Unit).where(Unit.home_id == home.id, ~Unit.is_management).order_by(Unit.id)
        ).first()
        assert unit is not None
    with UnitOfWork(actor, engine=engine) as uow:
        service.create_user(
            uow, sap_number="bench", name="Bench", role=UserRole.OPERATIONAL_MANAGER,
            password=PASSWORD, home_ids=frozenset({home.id}),
        )  # fmt: skip
        uow.commit()
    browser = Browser(server.test_client(), app)
    post_login(browser.client, "bench", PASSWORD)
    token = {"X-CSRFToken": browser.token}
    router = ".._pages_content.children..._pages_store.data.."

    def page(path: str, search: str = "") -> Callable[[], Any]:
        return lambda: browser.call(router, [path, search], headers=token)

    home_and_unit = f"?home={home.id}&unit={unit.id}"
    cases: list[tuple[str, Callable[[], Any], str]] = [
        ("static bytes (50 kB)", lambda: browser.client.get("/bench-static"), "the yardstick"),
        ("overview, one home", page("/dashboard/", f"?home={home.id}"), "200 ms, 10 statements"),
        ("rota, home × 4 weeks", page("/rota/", f"?home={home.id}&weeks=4"), "200 ms, 10"),
        ("rota, unit × 4 weeks", page("/rota/", f"{home_and_unit}&weeks=4"), ""),
        ("vacancies", page("/vacancies/", f"?home={home.id}"), ""),
        ("leave", page("/leave/", f"?home={home.id}"), ""),
        ("forecast, stored", page("/forecast/", home_and_unit), "50 ms"),
        ("scenarios", page("/scenarios/", f"?home={home.id}"), ""),
        ("costs, 12 months", page("/costs/", f"?home={home.id}"), ""),
    ]
    return [_measure(engine, name, call, limit) for name, call, limit in cases]


def _measure(engine: Engine, name: str, call: Callable[[], Any], limit: str) -> Figure:
    from flask import current_app  # noqa: F401 - loaded before the first timing

    answer = call()
    assert answer.status_code == 200, f"{name}: {answer.status_code} {answer.text[:300]}"
    statements = _count(engine, call)
    cpus, walls = [], []
    for _ in range(REPEATS):
        cpu, wall = time.process_time(), time.perf_counter()
        call()
        cpus.append((time.process_time() - cpu) * 1000)
        walls.append((time.perf_counter() - wall) * 1000)
    return Figure(
        name, statistics.median(cpus), statistics.median(walls), statements,
        len(answer.data) / 1000, limit,
    )  # fmt: skip


def _count(engine: Engine, call: Callable[[], Any]) -> int:
    seen: list[str] = []

    def note(_c: Any, _cu: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    call()
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def _print(figures: list[Figure]) -> None:
    base = figures[0].cpu or 0.01
    print(f"\n{'':<26}{'CPU ms':>9}{'wall ms':>9}{'SQL':>5}{'kB':>8}{'× static':>10}   limit")
    for f in figures:
        print(
            f"{f.name:<26}{f.cpu:>9.2f}{f.wall:>9.2f}{f.statements:>5}{f.kilobytes:>8.1f}"
            f"{f.cpu / base:>10.1f}   {f.limit}"
        )


def _print_process(engine: Engine) -> None:
    """A web process of its own: how long until it can serve, and how much memory it holds."""
    script = (
        "import time,json,sys,resource;t=time.perf_counter();import app;"
        "c=app.server.test_client();c.get('/health/');"
        "heavy=[m for m in ('prophet','statsforecast','numba','highspy','pulp','pandas')"
        " if m in sys.modules];"
        "print(json.dumps({'s':time.perf_counter()-t,"
        "'mb':int(open('/proc/self/statm').read().split()[1])*resource.getpagesize()/1e6,'heavy':heavy}))"
    )
    url = engine.url.render_as_string(hide_password=False)
    environment = {**os.environ, "DATABASE_URL": url, "DEBUG": "true"}
    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    found = json.loads(answer.stdout.splitlines()[-1])
    print(
        f"\nweb process: serving after {found['s']:.2f} s (limit 3 s), {found['mb']:.0f} MB "
        f"resident (limit 220 MB), heavy modules loaded: {found['heavy'] or 'none'}"
    )


def _print_optimisation(engine: Engine) -> None:
    from rota import optimize_schedule

    start = date.today() + timedelta(days=21 - date.today().weekday())
    begun = time.perf_counter()
    result = optimize_schedule(1, start, start + timedelta(days=6), seconds=25, engine=engine)
    gap = "none proved" if result.gap is None else f"{result.gap:.1%}"
    print(
        f"one home × 7 days optimised in {time.perf_counter() - begun:.1f} s (limit 30 s), "
        f"gap {gap}, {result.unfilled} unfilled"
    )


if __name__ == "__main__":
    main()
