"""How the last backup went, as ``deploy/backup`` wrote it down in the data folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rota.models import utc_now

#: a night was missed: the alert of the runbook
LONGEST_AGE = timedelta(hours=26)
STATUS_FILE = "backup-status.json"


@dataclass(frozen=True, slots=True)
class BackupState:
    """When the last good backup was made (null: never), and what went wrong since."""

    last_good: datetime | None
    failure: str = ""

    def age(self, now: datetime | None = None) -> timedelta | None:
        """How old the last good one is; null without one."""
        return (now or utc_now()) - self.last_good if self.last_good else None

    def word(self, now: datetime | None = None) -> str:
        """``ok``, ``failed`` (the last try), ``late`` (older than 26 h) or ``none``."""
        age = self.age(now)
        if age is None:
            return "failed" if self.failure else "none"
        if age > LONGEST_AGE:
            return "late"
        return "failed" if self.failure else "ok"


def last_backup(data_dir: Path) -> BackupState:
    """What the status file says; never raises: a damaged file counts as no backup."""
    try:
        found = json.loads((data_dir / STATUS_FILE).read_text(encoding="utf-8"))
        good = datetime.fromisoformat(found["last_good"]) if found.get("last_good") else None
        return BackupState(good, str(found.get("reason") or ""))
    except (OSError, ValueError, TypeError, AttributeError):
        return BackupState(None)
