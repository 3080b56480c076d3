"""One backup: a folder with an encrypted dump, encrypted files, and a manifest that says what
must come out of them.

The server only has the public key: whoever takes the copies, or the server, cannot read old
backups. Before it is encrypted the dump is restored into a scratch database and every table
compared with the moment that was dumped.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.environment import read_environment
from deploy.layout import Layout
from deploy.postgres import (
    Database,
    TableHash,
    differences,
    hashes_as_json,
    hashes_from_json,
)
from deploy.release import current_tag
from deploy.steps import write_file

KEPT = timedelta(days=30)
#: the programs' own names for the parts of a backup
DUMP, FILES, MANIFEST, SEAL = "database.dump.age", "files.tar.age", "manifest.json", "manifest.mac"
_STAMP = "%Y%m%dT%H%M%SZ"
#: free space that must be left for one backup, as a multiple of the last one's size
_ROOM = 3


class BackupProblem(Exception):
    """A backup could not be made, or is not what it says."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a backup is of: an installation and its database."""

    layout: Layout
    database: Database
    #: public key of age
    recipient: str
    #: ``host:folder`` or a mounted folder; empty for none
    remote: str = ""

    @classmethod
    def of(cls, layout: Layout) -> Source:
        """As the installation's files say. Raises :class:`BackupProblem` naming what is missing."""
        values = read_environment(layout.environment_file)
        recipient = values.get("BACKUP_RECIPIENT", "")
        if not recipient:
            raise BackupProblem(
                f"BACKUP_RECIPIENT is missing in {layout.environment_file}: a public key of age."
            )
        return cls(layout, database_of(layout), recipient, values.get("BACKUP_REMOTE", ""))


def database_of(layout: Layout) -> Database:
    """The application's database, reached with the rights to dump and restore it."""
    values = read_environment(layout.environment_file)
    name = values["DATABASE_URL"].rpartition("/")[2].partition("?")[0]
    admin = read_environment(layout.admin_file) if layout.admin_file.exists() else {}
    return Database(name, admin.get("ADMIN_DATABASE_URL") or None)


def owner_of(layout: Layout) -> str | None:
    """The role that owns the tables, as ``admin.env`` names it."""
    if not layout.admin_file.exists():
        return None
    url = read_environment(layout.admin_file).get("MIGRATION_DATABASE_URL", "")
    return url.partition("://")[2].partition("@")[0].partition(":")[0] or None


# -- making ----------------------------------------------------------------------------------


def make_backup(source: Source, say: Callable[[str], None], *, now: datetime | None = None) -> Path:
    """Dump, prove by a restore, encrypt, seal, copy away; gives the backup's folder.

    Raises :class:`BackupProblem` or the tools' own errors; then nothing that looks like a
    good backup is left.
    """
    now = now or datetime.now(UTC)
    source.layout.backups.mkdir(parents=True, exist_ok=True)
    target = _free_name(source.layout.backups, now)
    _check_room(source.layout.backups)
    unfinished = Path(tempfile.mkdtemp(dir=source.layout.backups, prefix=".making-"))
    try:
        manifest = _fill(source, unfinished, now, say)
        seal(source.layout, unfinished, manifest)
        os.replace(unfinished, target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    if source.remote:
        copy_away(target, source.remote)
        say(f"copied to {source.remote}")
    return target


def _free_name(folder: Path, now: datetime) -> Path:
    """The folder of a backup made now; two in one second get names a second apart."""
    while (target := folder / now.strftime(_STAMP)).exists():
        now += timedelta(seconds=1)
    return target


def _check_room(folder: Path) -> None:
    last = newest(folder)
    size = sum(file.stat().st_size for file in last.iterdir()) if last else 0
    free = shutil.disk_usage(folder).free
    if free < size * _ROOM:
        raise BackupProblem(
            f"{folder} has {free // 2**20} MB free; the last backup took {size // 2**20} MB."
        )


def _fill(
    source: Source, folder: Path, now: datetime, say: Callable[[str], None]
) -> dict[str, Any]:
    plain = folder / "database.dump"
    with source.database.snapshot() as (snapshot, hasher):
        source.database.dump(plain, snapshot)
        expected = hasher.hashes()
    say(f"dumped {sum(each.rows for each in expected.values())} rows, {plain.stat().st_size} bytes")
    found = restore_and_hash(source.database, plain)
    if wrong := differences(expected, found):
        raise BackupProblem(f"The restored dump differs: {'; '.join(wrong)}")
    say(f"restored into a scratch database: {len(found)} tables equal")
    files = folder / "files.tar"
    with tarfile.open(files, "w") as tar:
        for path, name in _files_of(source.layout):
            tar.add(path, name)
    for path, name in ((plain, DUMP), (files, FILES)):
        encrypt(path, folder / name, source.recipient)
        path.unlink()
    return {
        "made": now.isoformat(),
        "release": current_tag(source.layout),
        "tables": hashes_as_json(expected),
        "parts": {name: sha256(folder / name) for name in (DUMP, FILES)},
    }


def _files_of(layout: Layout) -> Iterator[tuple[Path, str]]:
    if layout.configuration.exists():
        yield layout.configuration, "configuration"
    models = layout.data / "models"
    if models.exists():
        yield models, "models"


def restore_and_hash(database: Database, dump: Path) -> dict[str, TableHash]:
    """Restore into a scratch database; gives its hashes and leaves nothing behind."""
    scratch = database.named(f"{database.name}_proof_{os.getpid()}")
    scratch.drop()
    scratch.create()
    try:
        scratch.restore(dump)
        return scratch.hashes()
    finally:
        scratch.drop()


def encrypt(path: Path, target: Path, recipient: str) -> None:
    """Encrypt to a public key. Raises :class:`BackupProblem`."""
    _age(["--encrypt", "--recipient", recipient, "--output", str(target), str(path)])


def decrypt(path: Path, target: Path, identity: Path) -> None:
    """Decrypt with a private key; a changed or cut file is refused. Raises :class:`BackupProblem`."""
    try:
        _age(["--decrypt", "--identity", str(identity), "--output", str(target), str(path)])
    except BackupProblem:
        target.unlink(missing_ok=True)
        raise


def _age(arguments: list[str]) -> None:
    done = subprocess.run(["age", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise BackupProblem(f"age: {done.stderr.strip()[-500:]}")


def sha256(path: Path) -> str:
    """Of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_away(folder: Path, remote: str) -> None:
    """Copy a backup off the server and look at what arrived. Raises :class:`BackupProblem`."""
    copy = ["rsync", "--archive", "--quiet", str(folder), f"{remote.rstrip('/')}/"]
    # a second pass by checksum that has nothing to say proves that what arrived is equal
    proof = ["rsync", "--archive", "--checksum", "--dry-run", "--itemize-changes", *copy[3:]]
    for command in (copy, proof):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode or (command is proof and ">f" in done.stdout):
            raise BackupProblem(
                f"The copy to {remote} failed: {(done.stderr or done.stdout).strip()[-500:]}"
            )


# -- sealing and checking ----------------------------------------------------------------------


def _mac(layout: Layout, content: bytes) -> str:
    """With a key made from the site's: whoever can write to the copies cannot forge one."""
    key = read_environment(layout.environment_file).get("SECRET_KEY", "")
    if not key:
        return ""
    own = hashlib.blake2b(f"seal of backups {key}".encode()).digest()
    return hmac.new(own, content, hashlib.sha256).hexdigest()


def seal(layout: Layout, folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest and its seal."""
    content = json.dumps(manifest, indent=1, sort_keys=True)
    write_file(folder / MANIFEST, content, 0o600)
    write_file(folder / SEAL, _mac(layout, content.encode()), 0o600)


def checked_manifest(layout: Layout, folder: Path) -> dict[str, Any]:
    """The manifest of a backup whose seal and parts are as they were made.

    Raises :class:`BackupProblem` for anything missing, cut or changed.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
        mac = (folder / SEAL).read_text()
        manifest: dict[str, Any] = json.loads(content)
    except (OSError, ValueError) as error:
        raise BackupProblem(f"{folder.name} is no whole backup: {error}") from error
    if layout.environment_file.exists() and not hmac.compare_digest(mac, _mac(layout, content)):
        raise BackupProblem(f"{folder.name}: the manifest's seal is not ours.")
    for name, wanted in manifest["parts"].items():
        part = folder / name
        if not part.exists():
            raise BackupProblem(f"{folder.name}: {name} is missing.")
        if sha256(part) != wanted:
            raise BackupProblem(f"{folder.name}: {name} was changed or cut off.")
    return manifest


@contextmanager
def opened(layout: Layout, folder: Path, identity: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A backup checked and decrypted into a private folder that is gone afterwards: the dump is
    ``database.dump``, the files lie under ``configuration`` and ``models``."""
    manifest = checked_manifest(layout, folder)
    with tempfile.TemporaryDirectory(prefix="staff-rota-restore-") as name:
        work = Path(name)
        decrypt(folder / DUMP, work / "database.dump", identity)
        decrypt(folder / FILES, work / "files.tar", identity)
        with tarfile.open(work / "files.tar") as tar:
            tar.extractall(work, filter="data")
        (work / "files.tar").unlink()
        yield work, manifest


def verify(
    layout: Layout, folder: Path, identity: Path, database: Database
) -> dict[str, TableHash]:
    """Decrypt a backup, restore it into a scratch database and compare every table.

    Raises :class:`BackupProblem` saying what is wrong.
    """
    with opened(layout, folder, identity) as (work, manifest):
        found = restore_and_hash(database, work / "database.dump")
        if wrong := differences(hashes_from_json(manifest["tables"]), found):
            raise BackupProblem(f"{folder.name} differs when restored: {'; '.join(wrong)}")
        return found


# -- keeping -----------------------------------------------------------------------------------


def made_at(folder: Path) -> datetime | None:
    """When a backup was made, by its name; null for another folder."""
    try:
        return datetime.strptime(folder.name, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def all_backups(folder: Path) -> list[Path]:
    """Every finished backup, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if made_at(each) and (each / MANIFEST).exists())


def newest(folder: Path) -> Path | None:
    """The latest finished backup."""
    found = all_backups(folder)
    return found[-1] if found else None


def forget_old(folder: Path, now: datetime) -> list[str]:
    """Remove what is older than thirty days, but never the last one; and what an interrupted
    run left. Gives the names."""
    backups = all_backups(folder)
    gone = [each for each in backups[:-1] if now - (made_at(each) or now) > KEPT]
    for each in folder.glob(".making-*"):
        if now.timestamp() - each.stat().st_mtime > 24 * 3600:
            gone.append(each)
    for each in gone:
        shutil.rmtree(each)
    return [each.name for each in gone]


def write_status(layout: Layout, **status: object) -> None:
    """Tell the health page how the last backup went; what it does not say stays as it was.

    The application reads the file as www-data: it holds times and words, no secrets.
    """
    path = layout.data / "backup-status.json"
    known: dict[str, object] = {}
    if path.exists():
        known = json.loads(path.read_text())
    status_of_folder = layout.data.stat()
    owner = (status_of_folder.st_uid, status_of_folder.st_gid)
    write_file(path, json.dumps({**known, **status}), 0o640, owner)
