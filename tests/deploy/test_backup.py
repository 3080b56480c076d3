"""Backups of a real PostgreSQL with real data: made, proved, sealed, damaged, restored."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy import archive
from deploy.postgres import DatabaseProblem, differences
from rota.operations.backups import BackupState, last_backup
from tests.deploy.servers import ROOT, Installation


@pytest.fixture(scope="module")
def identity(place: Path) -> Path:
    """A pair of keys; the file holds the private one."""
    path = place / "backup.key"
    subprocess.run(["age-keygen", "-o", str(path)], check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def recipient(identity: Path) -> str:
    """The public key."""
    return subprocess.run(
        ["age-keygen", "-y", str(identity)], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture(scope="module")
def source(empty_installation: Installation, recipient: str, place: Path) -> archive.Source:
    """An installation with a small demo, a model, and somewhere to copy to."""
    here = empty_installation
    here.rota("demo", "--homes", "1", "--months", "1")
    (here.layout.data / "models" / "unit-1.json").write_text("{}")
    remote = place / "elsewhere"
    remote.mkdir()
    here.configure(BACKUP_RECIPIENT=recipient, BACKUP_REMOTE=str(remote))
    return archive.Source.of(here.layout)


@pytest.fixture(scope="module")
def made(source: archive.Source) -> Path:
    """One good backup."""
    return archive.make_backup(source, lambda _: None)


@pytest.fixture
def copy(made: Path, source: archive.Source, tmp_path: Path) -> Iterator[Path]:
    """A copy to be damaged."""
    target = tmp_path / made.name
    shutil.copytree(made, target)
    yield target


def test_a_backup_is_encrypted_sealed_and_elsewhere_too(made: Path, source: archive.Source) -> None:
    assert {path.name for path in made.iterdir()} == {
        archive.DUMP, archive.FILES, archive.MANIFEST, archive.SEAL,
    }  # fmt: skip
    assert b"PGDMP" not in (made / archive.DUMP).read_bytes()[:4096]
    assert (made / archive.DUMP).read_bytes().startswith(b"age-encryption.org")
    key = archive.read_environment(source.layout.environment_file)["SECRET_KEY"].encode()
    assert all(key not in path.read_bytes() for path in made.iterdir())
    assert archive.sha256(Path(source.remote) / made.name / archive.DUMP) == archive.sha256(
        made / archive.DUMP
    )
    assert not list(source.layout.backups.glob(".making-*"))


def test_restored_it_is_row_for_row_what_was_dumped(
    made: Path, source: archive.Source, identity: Path
) -> None:
    found = archive.verify(source.layout, made, identity, source.database)
    assert found == source.database.hashes()
    assert sum(table.rows for table in found.values()) > 5000
    with archive.opened(source.layout, made, identity) as (work, _):
        assert (work / "models" / "unit-1.json").read_text() == "{}"
        assert (work / "configuration" / "production.env").exists()
    assert not work.exists()


def test_the_hash_notices_one_changed_letter(source: archive.Source) -> None:
    before = source.database.hashes()
    source.database.sql("UPDATE care_homes SET name = name || '.' WHERE id = 1")
    words = differences(before, source.database.hashes())
    source.database.sql("UPDATE care_homes SET name = left(name, -1) WHERE id = 1")
    assert words == ["public.care_homes: 1 rows with other content"]
    assert differences(before, source.database.hashes()) == []


@pytest.mark.parametrize("part", [archive.DUMP, archive.FILES])
def test_a_truncated_backup_is_caught(
    copy: Path, source: archive.Source, identity: Path, part: str
) -> None:
    data = (copy / part).read_bytes()
    (copy / part).write_bytes(data[: len(data) // 2])
    with pytest.raises(archive.BackupProblem, match="changed or cut off"):
        archive.verify(source.layout, copy, identity, source.database)


def test_a_tampered_backup_is_caught_even_with_a_fitting_manifest(
    copy: Path, source: archive.Source, identity: Path
) -> None:
    """Somebody who can write to the copies changes a byte and the sum: the seal tells."""
    data = bytearray((copy / archive.DUMP).read_bytes())
    data[-100] ^= 1
    (copy / archive.DUMP).write_bytes(bytes(data))
    manifest = json.loads((copy / archive.MANIFEST).read_text())
    manifest["parts"][archive.DUMP] = archive.sha256(copy / archive.DUMP)
    (copy / archive.MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(archive.BackupProblem, match="seal is not ours"):
        archive.verify(source.layout, copy, identity, source.database)
    archive.seal(source.layout, copy, manifest)  # and even with the site's own key
    with pytest.raises(archive.BackupProblem, match="age"):
        archive.verify(source.layout, copy, identity, source.database)


def test_a_truncated_dump_does_not_restore(source: archive.Source, tmp_path: Path) -> None:
    """``pg_restore --list`` would say that it is fine."""
    dump = tmp_path / "database.dump"
    source.database.dump(dump)
    data = dump.read_bytes()
    dump.write_bytes(data[: len(data) * 3 // 4])
    with pytest.raises(DatabaseProblem):
        archive.restore_and_hash(source.database, dump)
    left = source.database.sql("SELECT datname FROM pg_database WHERE datname LIKE '%proof%'")
    assert left == []


def test_another_key_opens_nothing(made: Path, source: archive.Source, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    subprocess.run(["age-keygen", "-o", str(other)], check=True, capture_output=True)
    with pytest.raises(archive.BackupProblem, match="age"):
        archive.verify(source.layout, made, other, source.database)


def test_it_is_one_moment_while_people_go_on_writing(
    source: archive.Source, identity: Path
) -> None:
    stop = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            source.database.sql("UPDATE care_homes SET data_version = data_version + 1")
            written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        folder = archive.make_backup(source, lambda _: None)
    finally:
        stop.set()
        writer.join()
    assert written > 3
    archive.verify(source.layout, folder, identity, source.database)
    shutil.rmtree(folder)


def test_an_unreachable_copy_is_a_failure_not_a_silence(source: archive.Source) -> None:
    lost = replace(source, remote="/nowhere/at/all")
    with pytest.raises(archive.BackupProblem, match="copy"):
        archive.make_backup(lost, lambda _: None)


def test_two_backups_of_one_second_are_both_kept(made: Path, source: archive.Source) -> None:
    moment = archive.made_at(made)
    assert moment is not None
    second = archive.make_backup(source, lambda _: None, now=moment)
    assert second != made and made.exists()
    assert second in archive.all_backups(source.layout.backups)
    shutil.rmtree(second)


def test_thirty_days_are_kept_and_never_none(tmp_path: Path) -> None:
    now = datetime(2026, 6, 1, 2, tzinfo=UTC)
    for days in (0, 29, 31, 60):
        folder = tmp_path / (now - timedelta(days=days)).strftime("%Y%m%dT%H%M%SZ")
        folder.mkdir()
        (folder / archive.MANIFEST).write_text("{}")
    archive.forget_old(tmp_path, now)
    assert len(archive.all_backups(tmp_path)) == 2
    archive.forget_old(tmp_path, now + timedelta(days=365))
    assert len(archive.all_backups(tmp_path)) == 1


def test_the_nightly_program_tells_the_health_page(
    source: archive.Source, empty_installation: Installation
) -> None:
    environment = {**os.environ, "STAFF_ROTA_ROOT": str(source.layout.root)}
    program = [sys.executable, "deploy/backup"]
    done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    state = last_backup(source.layout.data)
    assert state.word() == "ok"

    kept = source.layout.environment_file.read_text()
    source.layout.environment_file.write_text(
        kept.replace(f"BACKUP_RECIPIENT={source.recipient}", "BACKUP_RECIPIENT=age1wrong")
    )
    done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True)
    source.layout.environment_file.write_text(kept)
    assert done.returncode == 1
    state = last_backup(source.layout.data)
    assert (state.word(), state.last_good is not None) == ("failed", True)


@pytest.mark.parametrize(
    ("hours", "failure", "word"),
    [(1, "", "ok"), (25.9, "", "ok"), (26.1, "", "late"), (1, "disk full", "failed"), (None, "", "none")],
)  # fmt: skip
def test_a_missed_night_is_late(hours: float | None, failure: str, word: str) -> None:
    now = datetime(2026, 6, 1, 2, tzinfo=UTC)
    good = None if hours is None else now - timedelta(hours=hours)
    assert BackupState(good, failure).word(now) == word


@pytest.mark.parametrize("content", ["", "nonsense", "[]", '{"last_good": 3}'])
def test_a_damaged_status_is_no_backup(tmp_path: Path, content: str) -> None:
    (tmp_path / "backup-status.json").write_text(content)
    assert last_backup(tmp_path) == BackupState(None)
