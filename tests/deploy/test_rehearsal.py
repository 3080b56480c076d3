"""The migration day and the way back, rehearsed with real servers on demo data.

PostgreSQL, Redis, gunicorn, Celery and nginx on loopback; the programs' own phases; only
systemd is stood in for. Times are printed (``pytest -s``).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from deploy import archive
from deploy.cutover_phases import Cutover, phases
from deploy.phases import Journal, Phase, run_phases, timetable
from deploy.postgres import Database
from deploy.release import current_tag, make_release
from deploy.rollback_phases import SELF_WRITTEN, Rollback
from deploy.rollback_phases import phases as rollback_phases
from deploy.services import SiteClient
from deploy.steps import StepFailed
from tests.deploy.servers import ROOT, Installation, Postgres

#: the plan: minutes, not hours
ROLLBACK_SECONDS = 300
ENVIRONMENT = Path(sys.prefix)


@dataclass
class Processes:
    """What systemd does in production, with this test's own processes."""

    here: Installation
    starts: int = field(default=0)

    def stop(self) -> None:
        for name in ("worker", "web"):
            self.here.stop(name)

    def start(self) -> None:
        self.starts += 1
        self.here.start_all("web", "worker")


@dataclass
class Rehearsal:
    """The empty servers and what is needed for the day."""

    here: Installation
    services: Processes
    identity: Path
    export: Path

    @property
    def client(self) -> SiteClient:
        return SiteClient(self.here.address, "let-me-look", self.here.authority)

    def day(self, tag: str, *files: Path) -> tuple[Cutover, Journal]:
        logs = self.here.layout.logs
        journal = Journal(logs / f"cutover-{tag}.json", logs / f"cutover-{tag}.log")
        day = Cutover(
            self.here.layout, ROOT, tag, files, self.client, self.services, journal, days=60,
            load_users=5, load_seconds=3, environment=ENVIRONMENT, strict=False,
        )  # fmt: skip
        return day, journal


@pytest.fixture(scope="module")
def rehearsal(place: Path, postgres: Postgres) -> Iterator[Rehearsal]:
    """Servers without a database, release or user; an export of the old system."""
    identity = place / "backup.key"
    subprocess.run(["age-keygen", "-o", str(identity)], check=True, capture_output=True)
    recipient = subprocess.run(
        ["age-keygen", "-y", str(identity)], check=True, capture_output=True, text=True
    ).stdout.strip()
    (place / "tree").mkdir()
    here = Installation(place / "tree", postgres)
    here.configure(BACKUP_RECIPIENT=recipient, BACKUP_REMOTE="")
    export = place / "export.json"
    _old_system(place, export)
    here.start_all("redis", "nginx")
    Database(here.database, postgres.url).create()
    yield Rehearsal(here, Processes(here), identity, export)
    here.stop_all()


@pytest.fixture(scope="module")
def live(rehearsal: Rehearsal) -> Rehearsal:
    """The installation after its migration day; the shortest of them if there was none yet."""
    if not current_tag(rehearsal.here.layout):
        day, journal = rehearsal.day("v1", rehearsal.export)
        without = ("train", "validate", "warm", "load", "functional")
        assert run_phases(phases(day, skip=without), journal), journal.log.read_text()
    return rehearsal


def _old_system(place: Path, export: Path) -> None:
    """What the old system's ``dumpdata`` gives: one invented home."""
    environment = {
        **os.environ, "DEBUG": "true", "DATA_DIR": str(place / "old"), "DATABASE_URL": "",
        "REDIS_URL": "",
    }  # fmt: skip
    for arguments in (
        ["migrate"], ["demo", "--homes", "1", "--months", "3"], ["export", "--out", str(export)],
    ):  # fmt: skip
        subprocess.run([sys.executable, "-m", "rota", *arguments], cwd=ROOT, env=environment,
                       check=True, capture_output=True)  # fmt: skip


def test_the_migration_day_and_the_way_back(rehearsal: Rehearsal) -> None:
    here, layout = rehearsal.here, rehearsal.here.layout

    # -- the day is cut off by a wrong file, and goes on after it was corrected
    wrong = here.folder / "wrong.json"
    wrong.write_text("[{]")
    day, journal = rehearsal.day("v1", wrong)
    assert not run_phases(phases(day), journal)
    assert "import" not in journal.done
    assert layout.maintenance_switch.exists(), "a half-migrated site must stay closed"
    assert rehearsal.client.get("/accounts/login/")[0] in {502, 503}

    begun = time.monotonic()
    day, journal = rehearsal.day("v1", rehearsal.export)
    table = phases(day)
    assert run_phases(table, journal), (layout.logs / "cutover-v1.log").read_text()
    print(f"\n{timetable(table, journal)}\n")
    assert time.monotonic() - begun < 4 * 3600
    assert current_tag(layout) == "v1"
    assert journal.done["smoke"]["outcome"].endswith("A+")
    assert "all as they should be" in journal.done["functional"]["outcome"]
    assert journal.done["load"]["outcome"].startswith("Accepted")
    assert SiteClient(here.address, authority=here.authority).get("/accounts/login/")[0] == 200
    # nothing that the test made can log in any more
    database = Database(here.database, here.postgres.url)
    active = database.value(
        "SELECT count(*) FROM users WHERE is_active AND sap_number LIKE 'check-%'"
    )
    assert active == "0"
    assert "already" not in journal.log.read_text()
    # once more does nothing at all
    starts = rehearsal.services.starts
    assert run_phases(table, journal)
    assert rehearsal.services.starts == starts

    # -- a second release goes wrong: something is written, somebody stays connected
    (layout.data / "models" / "mark.json").write_text('{"of": "v1"}')
    good = database.hashes()
    settings = layout.environment_file.read_text()
    day, journal = rehearsal.day("v2")
    assert run_phases(
        phases(day, skip=("train", "validate", "warm", "load", "functional")), journal
    )
    assert current_tag(layout) == "v2"
    database.sql("UPDATE care_homes SET name = 'Broken by the release' WHERE id = 1")
    database.sql("DELETE FROM shifts WHERE id IN (SELECT id FROM shifts ORDER BY id LIMIT 7)")
    (layout.data / "models" / "mark.json").write_text("damaged")
    (layout.data / "models" / "new.json").write_text("{}")
    layout.environment_file.write_text(settings + "LOG_LEVEL=DEBUG\n")
    watcher = psycopg.connect(here.url())
    watcher.execute("SELECT 1")

    begun = time.monotonic()
    journal = Journal(layout.logs / "rollback.json", layout.logs / "rollback.log")
    folder = archive.newest(layout.backups)
    assert folder is not None
    with archive.opened(layout, folder, rehearsal.identity) as (work, manifest):
        assert manifest["release"] == "v1"
        back = Rollback(layout, archive.database_of(layout), folder, work, manifest,
                        rehearsal.client, rehearsal.services, journal)  # fmt: skip
        table = rollback_phases(back)
        assert run_phases(table, journal), journal.log.read_text()
    seconds = time.monotonic() - begun
    print(f"\n{timetable(table, journal)}\nrollback: {seconds:.1f} s\n")
    assert seconds < ROLLBACK_SECONDS

    assert current_tag(layout) == "v1"
    assert layout.environment_file.read_text() == settings
    assert json.loads((layout.data / "models" / "mark.json").read_text()) == {"of": "v1"}
    assert not (layout.data / "models" / "new.json").exists()
    now = database.hashes()
    for table_name in ("public.care_homes", "public.shifts", "public.users", "public.staff"):
        assert now[table_name] == good[table_name]
    assert rehearsal.client.health()["database"] == "ok"

    # -- what was written since is accounted for, twice over
    written = journal.facts["written"]
    assert written["public.care_homes, written"] >= 1
    assert written["public.shifts, gone"] == 7
    rows = [
        json.loads(line)
        for line in (back.aside / "written-since-the-backup.jsonl").read_text().splitlines()
    ]
    assert any(row["row"].get("name") == "Broken by the release" for row in rows)
    kept = Database(back.replaced.name, here.postgres.url)
    assert kept.value("SELECT name FROM care_homes WHERE id = 1") == "Broken by the release"
    assert (back.aside / "models" / "new.json").exists()
    watcher.close()


def test_a_backup_that_does_not_open_changes_nothing(live: Rehearsal, tmp_path: Path) -> None:
    here = live.here
    other = tmp_path / "other.key"
    subprocess.run(["age-keygen", "-o", str(other)], check=True, capture_output=True)
    before = Database(here.database, here.postgres.url).hashes()
    done = subprocess.run(
        [sys.executable, "deploy/rollback", "--identity", str(other), "--url", here.address],
        cwd=ROOT, env={**os.environ, "STAFF_ROTA_ROOT": str(here.folder)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Nothing was changed" in done.stderr
    assert not here.layout.maintenance_switch.exists()
    after = Database(here.database, here.postgres.url).hashes()
    for table in SELF_WRITTEN:
        after.pop(table), before.pop(table)
    assert after == before


@pytest.mark.faults  # a race with a real server: run where nothing else works
def test_a_release_goes_live_by_reload_without_a_lost_request(live: Rehearsal) -> None:
    """``current`` is moved and gunicorn told (HUP): the next answers are of the new release."""
    import signal
    import threading

    from deploy.release import put_live

    here = live.here
    make_release(here.layout, ROOT, "v3", ENVIRONMENT)
    style = here.layout.releases / "v3" / "server" / "templates" / "login.html"
    style.write_text(style.read_text().replace("</h1>", " v3</h1>"))
    statuses: list[int] = []
    stop = threading.Event()

    def visit() -> None:
        while not stop.is_set():
            statuses.append(live.client.get("/accounts/login/", timeout=60)[0])

    visitors = [threading.Thread(target=visit) for _ in range(3)]
    for visitor in visitors:
        visitor.start()
    put_live(here.layout, "v3")
    here.processes["web"].send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 60
    while b"v3" not in live.client.get("/accounts/login/")[1] and time.monotonic() < deadline:
        time.sleep(0.2)
    assert b"v3" in live.client.get("/accounts/login/")[1]
    time.sleep(1)
    stop.set()
    for visitor in visitors:
        visitor.join()
    assert set(statuses) == {200}, statuses
    assert len(statuses) > 20
    put_live(here.layout, "v1")


def test_a_phase_that_fails_is_done_again_and_those_before_it_are_not(tmp_path: Path) -> None:
    calls: list[str] = []

    def fails() -> str:
        calls.append("second")
        if len(calls) < 3:
            raise StepFailed("not yet")
        return "now"

    def first() -> str:
        calls.append("first")
        return "done"

    table = [Phase("first", "First", first), Phase("second", "Second", fails)]
    for whole in (False, True):
        journal = Journal(tmp_path / "journal.json", tmp_path / "log", echo=lambda _: None)
        assert run_phases(table, journal) is whole
    assert calls == ["first", "second", "second"]
    assert re.search(r"FAILED after .* not yet", (tmp_path / "log").read_text())
    run_phases(table, journal, again_from="first")
    assert calls[3:] == ["first", "second"]
    with pytest.raises(StepFailed, match="no phase"):
        run_phases(table, journal, again_from="third")
