"""Run ``python -m rota`` with the production settings, without root's rights.

Reads the environment file as systemd does (a shell would expand its values), drops to
www-data, and becomes the command.
"""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))
from deploy.environment import read_environment  # noqa: E402
from deploy.layout import USER, Layout  # noqa: E402


def production_environment(layout: Layout, *, as_owner: bool = False) -> dict[str, str]:
    """The settings; with ``as_owner`` the database is reached as the owner of its tables."""
    values = read_environment(layout.environment_file)
    if as_owner and layout.admin_file.exists():
        owner = read_environment(layout.admin_file).get("MIGRATION_DATABASE_URL")
        if owner:
            values["DATABASE_URL"] = owner
    return values


def drop_privileges() -> None:
    """Become www-data, if this is root."""
    if os.geteuid() != 0:
        return
    user = pwd.getpwnam(USER)
    os.initgroups(USER, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def main() -> None:
    root, *arguments = sys.argv[1:]
    as_owner = arguments[:1] == ["--as-owner"]
    layout = Layout(Path(root))
    values = production_environment(layout, as_owner=as_owner)
    if str(layout.root) == "/":
        drop_privileges()  # a rehearsal under a folder of root's stays root
    os.chdir(HERE)
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/tmp", **values}
    python = str(HERE / ".venv" / "bin" / "python")
    os.execve(python, [python, "-m", "rota", *arguments[as_owner:]], environment)


if __name__ == "__main__":
    main()
