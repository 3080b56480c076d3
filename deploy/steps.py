"""Steps that know whether they are done: doing them twice changes nothing the second time."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class StepFailed(Exception):
    """A step could not be done; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to bring about. ``pending`` gives what it would change (empty: it is so
    already); ``apply`` changes it."""

    name: str
    pending: Callable[[], list[str]]
    apply: Callable[[], None]


def run_steps(steps: Sequence[Step], *, check: bool, say: Callable[[str], None] = print) -> int:
    """Do what is not done yet, or only say what it would be; gives the number of changes."""
    total = 0
    for step in steps:
        changes = step.pending()
        if not changes:
            say(f"  ok      {step.name}")
            continue
        total += len(changes)
        for change in changes:
            say(f"  {'would  ' if check else 'change '} {step.name}: {change}")
        if not check:
            step.apply()
            if left := step.pending():
                raise StepFailed(f"{step.name}: still to do after doing it: {'; '.join(left)}")
    return total


def command(arguments: Sequence[str], *, environment: Mapping[str, str] | None = None,
            cwd: Path | None = None) -> str:  # fmt: skip
    """Run a program; gives its output. Raises :class:`StepFailed` with what it said."""
    done = subprocess.run(
        list(arguments), env={**os.environ, **(environment or {})}, capture_output=True,
        text=True, cwd=cwd,
    )  # fmt: skip
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise StepFailed(f"{' '.join(arguments)} failed ({done.returncode}): {said}")
    return done.stdout


def write_file(path: Path, content: str, mode: int, owner: tuple[int, int] | None = None) -> None:
    """Write a file so that nobody ever sees half of it, or sees it before its mode is set."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        if owner is not None and os.geteuid() == 0:
            os.chown(name, *owner)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def file_step(
    name: str,
    path: Path,
    content: str | Callable[[], str],
    *,
    mode: int = 0o644,
    owner: tuple[int, int] | None = None,
    after: Callable[[], None] | None = None,
) -> Step:
    """A file with this content and mode; ``after`` runs when it was changed."""

    def wanted() -> str:
        return content if isinstance(content, str) else content()

    def pending() -> list[str]:
        if not path.exists():
            return [f"write {path}"]
        changes = []
        if path.read_text(encoding="utf-8") != wanted():
            changes.append(f"change {path}")
        if path.stat().st_mode & 0o7777 != mode:
            changes.append(f"set the mode of {path} to {mode:04o}")
        return changes

    def apply() -> None:
        write_file(path, wanted(), mode, owner)
        if after is not None:
            after()

    return Step(name, pending, apply)


def link_step(name: str, link: Path, target: str, after: Callable[[], None] | None = None) -> Step:
    """A symbolic link to ``target``, replaced in one move."""

    def pending() -> list[str]:
        right = link.is_symlink() and os.readlink(link) == target
        return [] if right else [f"point {link} at {target}"]

    def apply() -> None:
        point(link, target)
        if after is not None:
            after()

    return Step(name, pending, apply)


def point(link: Path, target: str) -> None:
    """Make ``link`` a symbolic link to ``target``; at no moment is there none."""
    link.parent.mkdir(parents=True, exist_ok=True)
    temporary = link.with_name(f".{link.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    os.replace(temporary, link)


def fill(template: str, values: Mapping[str, str]) -> str:
    """A template with its ``@NAME@`` replaced. Raises ``ValueError`` for one that is left."""
    for name, value in values.items():
        template = template.replace(f"@{name}@", value)
    for word in template.split("@")[1::2]:
        if word.isupper() and word.replace("_", "").isalpha():
            raise ValueError(f"the template's @{word}@ was given no value")
    return template
