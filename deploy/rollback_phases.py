"""Back to a backup: database, configuration, models and code; nothing is thrown away.

The database that is left is renamed, not dropped, whoever is connected to it; what was
written in it since the backup is listed and saved as a file of its own.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import redis

from deploy import archive
from deploy.environment import read_environment
from deploy.layout import Layout
from deploy.phases import Journal, Phase
from deploy.postgres import (
    Database,
    changed_rows,
    differences,
    hashes_from_json,
    identifier,
    literal,
)
from deploy.release import current_tag, put_live
from deploy.services import Services, SiteClient
from deploy.steps import StepFailed

#: tables that a running installation writes by itself, whoever works with it or not
SELF_WRITTEN = frozenset(
    f"public.{name}" for name in ("worker_heartbeats", "jobs", "kept_figures", "service_counts")
)


@dataclass(slots=True)
class Rollback:
    """What it needs to know; ``work`` is the opened backup."""

    layout: Layout
    database: Database
    folder: Path
    work: Path
    manifest: dict[str, Any]
    client: SiteClient
    services: Services
    journal: Journal
    worker: bool = True

    @property
    def stamp(self) -> str:
        """When this rollback began; in the names of what it puts aside."""
        if "stamp" not in self.journal.facts:
            self.journal.remember(stamp=datetime.now(UTC).strftime("%Y%m%d%H%M%S"))
        return str(self.journal.facts["stamp"])

    @property
    def restored(self) -> Database:
        """The backup's database until it takes its place."""
        return self.database.named(f"{self.database.name}_restored_{self.stamp}")

    @property
    def replaced(self) -> Database:
        """The database that was in use, kept under another name."""
        return self.database.named(f"{self.database.name}_replaced_{self.stamp}")

    @property
    def aside(self) -> Path:
        """Where the replaced configuration and models, and the report, are kept."""
        path = self.layout.backups / f"replaced-{self.stamp}"
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    # -- phases ----------------------------------------------------------------------------

    def close(self) -> str:
        """Nobody writes from here on."""
        self.layout.maintenance_switch.touch()
        self.services.stop()
        return "the site is closed"

    def restore(self) -> str:
        """Into a database of its own, compared table by table before it is used."""
        self.restored.drop()
        self.restored.create(owner=archive.owner_of(self.layout))
        self.restored.restore(self.work / "database.dump", role=archive.owner_of(self.layout))
        expected = hashes_from_json(self.manifest["tables"])
        if wrong := differences(expected, self.restored.hashes()):
            raise StepFailed(f"the restored database differs: {'; '.join(wrong)}")
        return f"{len(expected)} tables, {sum(t.rows for t in expected.values())} rows, all equal"

    def report(self) -> str:
        """What was written since the backup: every row, as JSON, and a summary."""
        if not self.database.exists():
            return "there was no database"
        before, after = self.restored.hashes(), self.database.hashes()
        counts: Counter[str] = Counter()
        path = self.aside / "written-since-the-backup.jsonl"
        private = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(private, "w") as file,
            self.restored.snapshot() as (_, old),
            self.database.snapshot() as (_, new),
        ):
            for table in sorted(before.keys() & after.keys()):
                if before[table] == after[table]:
                    continue
                for what, row in changed_rows(old, new, table):
                    counts[f"{table}, {what}"] += 1
                    line = {"table": table, "what": what, "row": json.loads(row)}
                    file.write(json.dumps(line) + "\n")
        for table in sorted(after.keys() - before.keys()):
            counts[f"{table}, a table the backup has not"] = after[table].rows
        for name, count in sorted(counts.items()):
            self.journal.say(f"      {count:>8}  {name}")
        self.journal.remember(written=dict(counts))
        total = sum(counts.values())
        return f"{total} rows differ; saved in {path}" if total else "nothing was written since"

    def swap(self) -> str:
        """Two renames. Connections are ended and none is let in between."""
        name = self.database.name
        if self.database.exists() and self.restored.exists():
            self._rename(name, self.replaced.name)
        if self.restored.exists():
            self._rename(self.restored.name, name)
        return f"the replaced database is kept as {self.replaced.name}"

    def _rename(self, old: str, new: str) -> None:
        quoted = identifier(old)
        self.database.sql(f"ALTER DATABASE {quoted} ALLOW_CONNECTIONS false", name="postgres")
        self.database.sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {literal(old)}",
            name="postgres",
        )
        self.database.sql(f"ALTER DATABASE {quoted} RENAME TO {identifier(new)}", name="postgres")
        self.database.sql(
            f"ALTER DATABASE {identifier(new)} ALLOW_CONNECTIONS true", name="postgres"
        )

    def configuration(self) -> str:
        """The files of ``/etc/staff_rota``; what was there is put aside."""
        return self._put_back("configuration", self.layout.configuration)

    def models(self) -> str:
        """The forecast models."""
        return self._put_back("models", self.layout.data / "models")

    def _put_back(self, part: str, target: Path) -> str:
        source = self.work / part
        if not source.exists():
            return "not in the backup; left as it is"
        kept = self.aside / part
        status = target.stat() if target.exists() else None
        if target.exists() and not kept.exists():
            shutil.copytree(target, kept, symlinks=True)
        changed = 0
        for file in sorted(source.rglob("*")):
            place = target / file.relative_to(source)
            if file.is_dir():
                place.mkdir(parents=True, exist_ok=True)
                continue
            if not place.exists() or place.read_bytes() != file.read_bytes():
                changed += 1
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, place)
                if status is not None:
                    os.chown(place, status.st_uid, status.st_gid)
        for file in [path for path in target.rglob("*") if path.is_file()]:
            if not (source / file.relative_to(target)).exists():
                changed += 1
                file.unlink()  # made since; a copy was put aside
        return f"{changed} files put back as they were"

    def code(self) -> str:
        """The release that served when the backup was made."""
        tag = self.manifest.get("release", "")
        if not tag:
            return "nothing served when the backup was made; left as it is"
        before = current_tag(self.layout)
        put_live(self.layout, tag)
        return f"{before} → {tag}"

    def caches(self) -> str:
        """Nothing remembered under the versions of the database that was left may be shown."""
        url = read_environment(self.layout.environment_file)["REDIS_URL"]
        with redis.from_url(url, socket_timeout=10) as store:
            store.flushdb()
        return "emptied"

    def start(self) -> str:
        """Up again, and looked at from outside."""
        self.services.start()
        state = self.client.wait_ready(worker=self.worker)
        return ", ".join(f"{part} {state[part]}" for part in ("database", "cache", "worker"))

    def verify(self) -> str:
        """The database in use is the backup's. Sessions and jobs may already have begun anew,
        so only tables that the installation writes by itself may differ."""
        expected = hashes_from_json(self.manifest["tables"])
        found = self.database.hashes()
        for table in SELF_WRITTEN:
            expected.pop(table, None)
            found.pop(table, None)
        if wrong := differences(expected, found):
            raise StepFailed(f"the database in use differs: {'; '.join(wrong)}")
        return f"{len(found)} tables equal to the backup of {self.manifest['made'][:16]}"

    def open(self) -> str:
        """Everybody is let in again."""
        self.layout.maintenance_switch.unlink(missing_ok=True)
        return "the site is open"


def phases(back: Rollback) -> list[Phase]:
    """The phases in their order."""
    return [
        Phase("maintenance", "Maintenance page", back.close),
        Phase("restore", "Restore beside the database in use", back.restore),
        Phase("report", "What was written since the backup", back.report),
        Phase("swap", "Put the restored database in its place", back.swap),
        Phase("configuration", "Configuration", back.configuration),
        Phase("models", "Models", back.models),
        Phase("code", "Code", back.code),
        Phase("caches", "Caches", back.caches),
        Phase("services", "Services", back.start),
        Phase("verify", "Verify", back.verify),
        Phase("open", "Open the site", back.open),
    ]
