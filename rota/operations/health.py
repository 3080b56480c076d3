"""Whether the parts of an installation are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from rota import migrations
from rota.database import get_engine, reading
from rota.errors import Unavailable
from rota.models import ForecastModel, WorkerHeartbeat, utc_now
from rota.operations.backups import BackupState, last_backup
from rota.settings import get_settings

#: a worker that was silent for longer is not there
WORKER_SILENCE = timedelta(seconds=45)
#: models are trained every Sunday; older ones missed one
TRAINING_AGE = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Health:
    """What is there. ``worker_seen`` is when a worker last said that it lives."""

    database: bool
    migrated: bool
    cache: bool
    worker_seen: datetime | None
    backup: BackupState
    trained_at: datetime | None = None

    @property
    def worker(self) -> bool:
        """Whether a worker lives."""
        return self.worker_seen is not None and utc_now() - self.worker_seen < WORKER_SILENCE

    @property
    def ready(self) -> bool:
        """Whether pages can be served."""
        return self.database and self.migrated

    def as_dict(self) -> dict[str, object]:
        """As the health page tells it."""
        parts = {"database": self.database, "cache": self.cache, "worker": self.worker}
        words = {name: "ok" if there else "down" for name, there in parts.items()}
        backup = self.backup.word()
        # an installation that never made one (a laptop) is not ill for it
        well = all(parts.values()) and backup not in {"late", "failed"}
        status = "ok" if well else ("degraded" if self.database else "down")
        made = self.backup.last_good
        return {
            "status": status,
            **words,
            "migrations": "current" if self.migrated else "behind",
            "worker_seen": self.worker_seen.isoformat() if self.worker_seen else None,
            "backup": backup,
            "backup_made": made.isoformat() if made else None,
            "training": "none"
            if self.trained_at is None
            else ("ok" if utc_now() - self.trained_at < TRAINING_AGE else "late"),
            "trained_at": self.trained_at.isoformat() if self.trained_at else None,
        }


def check(*, cache_alive: Callable[[], bool], engine: Engine | None = None) -> Health:
    """Look at every part; never raises."""
    engine = engine or get_engine()
    cache = cache_alive()
    backup = last_backup(get_settings().data_dir)
    try:
        migrated = migrations.is_current(engine)
        with reading(engine) as session:
            seen = session.scalar(select(func.max(WorkerHeartbeat.at))) if migrated else None
            trained = (
                session.scalar(select(func.max(ForecastModel.trained_at))) if migrated else None
            )
    except Unavailable:
        return Health(False, False, cache, None, backup)
    except Exception:  # whatever keeps the database from answering, it is down
        return Health(False, False, cache, None, backup)
    return Health(True, migrated, cache, seen, backup, trained)
