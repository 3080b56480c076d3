"""Releases: a folder each, and one link that says which serves.

``gunicorn`` and the units name ``current``; a reload starts new workers from whatever it
points at, so putting a release live and taking it back are the same one move.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.layout import Layout
from deploy.steps import Step, StepFailed, command, point

#: kept for a rollback, besides the one that serves
KEPT = 3
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "venv", "__pycache__", "*.pyc", "data", ".mypy_cache", ".ruff_cache",
    ".pytest_cache", ".coverage*", ".env", "node_modules",
)  # fmt: skip


def current_tag(layout: Layout) -> str:
    """The tag that serves; empty before the first release."""
    return Path(os.readlink(layout.current)).name if layout.current.is_symlink() else ""


def make_release(layout: Layout, source: Path, tag: str, environment: Path | None = None) -> Path:
    """Copy ``source`` to a release folder and give it its packages; it does not serve yet.

    ``environment`` is a virtual environment to link instead of making one (rehearsals).
    Making the same tag again gives the finished one.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", tag):
        raise StepFailed(f"{tag!r} is no tag: letters, digits, dots and dashes.")
    folder = layout.releases / tag
    if (folder / "RELEASE").exists():
        return folder
    if folder.exists():
        shutil.rmtree(folder)  # an attempt that was cut off
    shutil.copytree(source, folder, ignore=_LEFT_OUT, symlinks=True)
    if environment is not None:
        (folder / ".venv").symlink_to(environment)
    else:
        _install_packages(folder)
    commit = subprocess.run(
        ["git", "-C", str(source), "rev-parse", "HEAD"], capture_output=True, text=True
    )
    marks = {"tag": tag, "commit": commit.stdout.strip()}
    (folder / "RELEASE").write_text(json.dumps(marks) + "\n", encoding="utf-8")
    return folder


def _install_packages(folder: Path) -> None:
    """Pinned packages with their hashes checked, compiled once so that a start is quick.

    The list is complete, so nothing is resolved again: a release published since cannot
    get in the way.
    """
    python = folder / ".venv" / "bin" / "python"
    interpreter = shutil.which("python3.11") or sys.executable
    command([interpreter, "-m", "venv", str(folder / ".venv")])
    command(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--require-hashes", "-r", str(folder / "requirements.txt")]
    )  # fmt: skip
    command([str(python), "-m", "compileall", "-q", *(str(folder / part) for part in
            ("app.py", "components", "pages", "rota", "server"))])  # fmt: skip


def put_live(layout: Layout, tag: str) -> None:
    """Point ``current`` at a finished release. The services are reloaded by the caller."""
    folder = layout.releases / tag
    if not (folder / "RELEASE").exists():
        raise StepFailed(f"There is no finished release {tag} in {layout.releases}.")
    point(layout.current, f"releases/{tag}")


def forget_old(layout: Layout) -> list[str]:
    """Remove all but the newest few and the one that serves; gives their tags."""
    serving = current_tag(layout)
    finished = [folder for folder in layout.releases.iterdir() if (folder / "RELEASE").exists()]
    finished.sort(key=lambda folder: (folder / "RELEASE").stat().st_mtime, reverse=True)
    gone = [folder for folder in finished[KEPT:] if folder.name != serving]
    for folder in gone:
        shutil.rmtree(folder)
    return [folder.name for folder in gone]


def release_step(layout: Layout, source: Path, tag: str) -> Step:
    """The first release, serving; later ones come by ``deploy/cutover`` or ``deploy/upgrade``."""

    def pending() -> list[str]:
        return [] if current_tag(layout) else [f"install release {tag} into {layout.releases}"]

    def apply() -> None:
        make_release(layout, source, tag)
        put_live(layout, tag)

    return Step("release", pending, apply)
