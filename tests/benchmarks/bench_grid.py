"""The rota in Chromium: ``python -m tests.benchmarks.bench_grid [--runs 7] [--people 200]``.

One home of so many people × 28 days on a server of its own. Of several runs the quickest is
printed (what the product needs; the rest is what else the machine did) beside the median:

- *first cells*: from the address to the first person's shifts on screen;
- *interactive*: the grid answers, and the last task of more than 50 ms is over;
- *edit*: from a key on a cell to the changed cell on screen, and the bytes both ways.

The renderer's CPU is Chromium's own account of its main thread. Nothing here can fail on a slow
machine: a report is read, not asserted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from rota.access.passwords import hash_password
from rota.calendar import london_today, monday
from rota.database import make_engine
from rota.models import CareHome, Shift, Staff, User, UserRole
from tests.conftest import free_port
from tests.demos import demo_file

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Bracken-90817"
WEEKS = 4
QUIET_MS = 400

#: when the grid was usable, in ms since the navigation began; kept by the page itself
WATCH = """
window.benchTasks = [];
new PerformanceObserver((list) => list.getEntries().forEach((e) =>
  window.benchTasks.push([e.startTime, e.startTime + e.duration])))
  .observe({ type: "longtask", buffered: true });
"""
FIRST_CELLS = """() => {
  const cell = document.querySelector('.ag-row[row-id^="p"] .code');
  return cell && window.dash_ag_grid && dash_ag_grid.getApi("rota-grid") ? performance.now() : 0;
}"""
QUIET = f"""() => {{
  const last = Math.max(0, ...window.benchTasks.map((task) => task[1]));
  return performance.now() - last > {QUIET_MS} ? last || 1 : 0;
}}"""
#: bytes of the largest answer of a callback: the page with the rota in it
SENT = """() => Math.max(...performance.getEntriesByType("resource")
  .filter((one) => one.name.includes("_dash-update-component")).map((one) => one.decodedBodySize))"""
#: presses a key on the focused cell; gives the ms until the cell shows something else
EDIT = """([row, day, key]) => new Promise((done) => {
  const cell = document.querySelector(`.ag-row[row-id="${row}"] .ag-cell[col-id="${day}"]`);
  const before = cell.textContent;
  cell.focus();
  const begun = performance.now();
  const observer = new MutationObserver(() => {
    if (cell.textContent === before) return;
    observer.disconnect();
    requestAnimationFrame(() => done(performance.now() - begun));
  });
  observer.observe(cell, { childList: true, subtree: true, characterData: true });
  cell.dispatchEvent(new KeyboardEvent("keydown", { key: key, bubbles: true }));
})"""


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of the rota, in milliseconds; the last four are the renderer's CPU."""

    first_cells: float
    interactive: float
    cpu: float
    script: float
    style: float
    layout: float


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: until it is on screen, the request alone (ms), bytes up and down."""

    shown: float
    request: float
    sent: int
    received: int


def main() -> None:
    """Prepare a home, open its rota several times, edit cells, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--people", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder), options.people) as served:
        address, login, person = served
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium",
                args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            )
            context = _logged_in(browser, address, login)
            _measure(context, f"{address}/rota/?weeks={WEEKS}", person, options)
            browser.close()


def _measure(
    context: BrowserContext, address: str, person: Staff, options: argparse.Namespace
) -> None:
    print(f"{options.people} people × {7 * WEEKS} days, {options.runs} runs: quickest (median)")
    openings = [_open(context.new_page(), address)[0] for _ in range(options.runs + 1)][1:]
    for name in ("first_cells", "interactive", "cpu", "script", "style", "layout"):
        _print(name.replace("_", " "), [getattr(one, name) for one in openings], "ms")
    _, page, size = _open(context.new_page(), address)
    print(f"{'rota as sent':<16}{size / 1000:>10.1f} kB")
    edits = [_edit(page, person, at) for at in range(2 * options.runs)]
    _print("edit shown", [edit.shown for edit in edits], "ms")
    _print("edit request", [edit.request for edit in edits], "ms")
    _print("edit sent", [edit.sent for edit in edits], "B")
    _print("edit received", [edit.received for edit in edits], "B")


def _print(name: str, values: list[float] | list[int], unit: str) -> None:
    print(f"{name:<16}{min(values):>10.0f} {unit:<3}({statistics.median(values):.0f})")


def _open(page: Page, address: str) -> tuple[Opening, Page, int]:
    """Go to the rota; gives the figures, the page and the size of the page's answer."""
    page.add_init_script(WATCH)
    cdp: CDPSession = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(address, wait_until="commit")
    first = page.wait_for_function(FIRST_CELLS).json_value()
    last = page.wait_for_function(QUIET).json_value()
    page.wait_for_load_state("networkidle")
    used = {m["name"]: 1000 * m["value"] for m in cdp.send("Performance.getMetrics")["metrics"]}
    figures = Opening(
        first, max(first, last), used["TaskDuration"], used["ScriptDuration"],
        used["RecalcStyleDuration"], used["LayoutDuration"],
    )  # fmt: skip
    return figures, page, page.evaluate(SENT)


def _edit(page: Page, person: Staff, at: int) -> Edit:
    """Assign a day shift with its key, then (the next time) clear it."""
    row, day = f"p{person.id}", monday(london_today()) + timedelta(days=7)
    page.evaluate("row => dash_ag_grid.getApi('rota-grid').ensureNodeVisible("
                  "dash_ag_grid.getApi('rota-grid').getRowNode(row))", row)  # fmt: skip
    cell = page.locator(f'.ag-row[row-id="{row}"] .ag-cell[col-id="{day}"]')
    cell.wait_for()
    with page.expect_response(
        lambda r: "_dash-update" in r.url and "rota-grid-intent" in (r.request.post_data or "")
    ) as answered:
        shown = page.evaluate(EDIT, [row, day.isoformat(), "Delete" if at % 2 else "d"])
    response = answered.value
    timing = response.request.timing
    sizes = response.request.sizes()
    page.wait_for_timeout(300)
    return Edit(
        shown, timing["responseEnd"] - timing["requestStart"],
        sizes["requestBodySize"], sizes["responseBodySize"],
    )  # fmt: skip


@contextmanager
def _served(folder: Path, people: int) -> Iterator[tuple[str, str, Staff]]:
    """A demo of one home with so many people, served: address, manager's login, who is free."""
    file = folder / "rota.sqlite3"
    summary = demo_file(file)
    login = next(
        one.sap_number for one in summary.logins if one.role is UserRole.OPERATIONAL_MANAGER
    )
    engine = make_engine(f"sqlite:///{file}")
    person = _prepare(engine, login, people)
    port = free_port()
    own = ("DEBUG", "DATABASE_URL", "REDIS_URL")
    environment = {k: v for k, v in os.environ.items() if k not in own}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, stdout=log, stderr=log,
            env={**environment, "DATA_DIR": str(folder), "PORT": str(port)},
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _until(lambda: urllib.request.urlopen(f"{address}/health/ready/", timeout=2))
            yield address, login, person
        finally:
            process.terminate()
            process.wait(timeout=30)
    engine.dispose()


def _until(ask: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            ask()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
        else:
            return


def _prepare(engine: Engine, login: str, people: int) -> Staff:
    """A known password, people up to the number, each new one with somebody's shifts; gives a
    person without any, whom the edits are made on."""
    with Session(engine, expire_on_commit=False) as session:
        session.execute(
            update(User)
            .where(User.sap_number == login)
            .values(password_hash=hash_password(PASSWORD), must_change_password=False,
                    password_expires_at=None)
        )  # fmt: skip
        home = session.scalars(select(CareHome).order_by(CareHome.id)).one()
        models = session.scalars(
            select(Staff)
            .where(Staff.home_id == home.id, Staff.is_active, Staff.unit_id.is_not(None))
            .order_by(Staff.id)
        ).all()
        new = [_copy(session, models[n], n) for n in range(people - len(models))]
        free = new[-1] if new else models[-1]
        session.query(Shift).filter(Shift.user_id == free.id).delete()
        session.commit()
        return free


def _copy(session: Session, model: Staff, number: int) -> Staff:
    made = Staff(
        sap_number=f"9{number:05d}", first_name="Bench", last_name=f"Person {number}",
        role_id=model.role_id, home_id=model.home_id, unit_id=model.unit_id,
        contracted_minutes=model.contracted_minutes, registration_number=f"B{number}",
        registration_expires=london_today() + timedelta(days=400), started_on=model.started_on,
    )  # fmt: skip
    session.add(made)
    session.flush()
    for shift in session.scalars(select(Shift).where(Shift.user_id == model.id)).all():
        values = {
            c.key: getattr(shift, c.key)
            for c in Shift.__table__.columns
            if c.key not in ("id", "user_id", "version", "legacy_id")
        }
        session.add(Shift(user_id=made.id, **values))
    return made


def _logged_in(browser: Browser, address: str, login: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}/accounts/login/")
    page.fill("#sap_number", login)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.locator(".page").first.wait_for()
    page.close()
    return context


if __name__ == "__main__":
    main()
