"""Where everything of an installation lives: one definition for every program in here.

``STAFF_ROTA_ROOT`` puts the whole tree under another folder (rehearsals and tests).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

NAME = "staff_rota"
#: the account that nginx and the application run as
USER = "www-data"


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders and files of an installation under ``root``."""

    root: Path = Path("/")

    def at(self, path: str) -> Path:
        """An absolute path inside this installation's tree."""
        return self.root / path.lstrip("/")

    @property
    def home(self) -> Path:
        """Releases, and ``current``, the symbolic link to the one that serves."""
        return self.at(f"/var/www/{NAME}")

    @property
    def releases(self) -> Path:
        """One folder a release, each with its own virtual environment."""
        return self.home / "releases"

    @property
    def current(self) -> Path:
        """The release that serves."""
        return self.home / "current"

    @property
    def configuration(self) -> Path:
        """``production.env`` and the public key of the backups."""
        return self.at(f"/etc/{NAME}")

    @property
    def environment_file(self) -> Path:
        """Every setting of the application, mode 0600."""
        return self.configuration / "production.env"

    @property
    def admin_file(self) -> Path:
        """Addresses of the database with more rights, for the programs in here only."""
        return self.configuration / "admin.env"

    @property
    def data(self) -> Path:
        """Forecast models and the status files that the health page reads."""
        return self.at(f"/var/lib/{NAME}")

    @property
    def backups(self) -> Path:
        """Encrypted backups, one folder each, named by their UTC time."""
        return self.at(f"/var/backups/{NAME}")

    @property
    def logs(self) -> Path:
        """Logs of the migration day and of restores."""
        return self.at(f"/var/log/{NAME}")

    @property
    def maintenance_switch(self) -> Path:
        """While this file exists nginx answers 503 with the maintenance page."""
        return self.home / "maintenance.on"


def current_layout() -> Layout:
    """The layout under ``STAFF_ROTA_ROOT``, or the real one."""
    return Layout(Path(os.environ.get("STAFF_ROTA_ROOT", "/")))
