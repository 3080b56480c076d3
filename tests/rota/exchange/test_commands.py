"""The command line: what it prints, what it exits with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rota.exchange import build
from tests.rota.exchange.build import SAMPLE, organisation, shift, user

ROOT = Path(__file__).parents[3]


def rota(database: Path | str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run ``python -m rota`` against a database."""
    url = database if isinstance(database, str) else f"sqlite:///{database}"
    return subprocess.run(
        [sys.executable, "-m", "rota", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "DEBUG": "true"},
        check=False,
    )


def test_import_into_nothing_then_again_then_export(tmp_path: Path) -> None:
    database = tmp_path / "new.sqlite3"
    first = rota(database, "import", SAMPLE)
    assert first.returncode == 0, first.stderr
    assert "staff                       0       24       24" in first.stdout
    assert "WARNING      1  person-without-unit" in first.stdout
    second = rota(database, "import", SAMPLE)
    assert second.returncode == 0
    assert "Imported: 0 created, 0 updated." in second.stdout
    out = tmp_path / "out.json"
    assert rota(database, "export", "--out", out).returncode == 0
    assert out.read_bytes() == SAMPLE.read_bytes()
    printed = rota(database, "export")
    assert printed.stdout == SAMPLE.read_text(encoding="utf-8")


def test_import_and_export_on_postgresql(postgres_engine: object, tmp_path: Path) -> None:
    url = postgres_engine.url.render_as_string(hide_password=False)  # type: ignore[attr-defined]
    assert rota(url, "import", SAMPLE).returncode == 0
    out = tmp_path / "out.json"
    assert rota(url, "export", "--out", out).returncode == 0
    assert out.read_bytes() == SAMPLE.read_bytes()


def test_errors_stop_the_import_with_2_and_are_listed(tmp_path: Path) -> None:
    people = [user(f"{number:06d}", role=99) for number in range(5)]
    path = build.write(tmp_path, [*organisation(), *people])
    report = tmp_path / "report.txt"
    done = rota(tmp_path / "new.sqlite3", "import", path, "--report", report)
    assert done.returncode == 2
    assert "ERROR        5  unknown-role: a role that is not known" in done.stdout
    assert "export.json record 6 (pk 000000), role: role 99 is not known" in done.stdout
    assert "… and 2 more" in done.stdout
    assert done.stderr.strip().endswith("errors in the files; nothing was written.")
    assert report.read_text().count("unknown-role") == 5
    assert rota(tmp_path / "new.sqlite3", "export").stdout == "[]"


def test_a_dry_run_makes_no_database(tmp_path: Path) -> None:
    database = tmp_path / "new.sqlite3"
    done = rota(database, "import", SAMPLE, "--dry-run")
    assert done.returncode == 0
    assert "Dry run: nothing was written." in done.stdout
    assert "before" not in done.stdout
    assert rota(database, "showmigrations").stdout.startswith("[ ] 0001")


def test_the_outcome_as_json(tmp_path: Path) -> None:
    path = build.write(tmp_path, [*organisation(), user("000002", unit=None), shift()])
    done = rota(tmp_path / "new.sqlite3", "import", path, "--json")
    assert done.returncode == 0
    outcome = json.loads(done.stdout)
    assert outcome["counts"] == {"person-without-unit": 1}
    assert outcome["created"]["shifts"] == 1
    assert outcome["findings"][0] == {
        "level": "WARNING",
        "code": "person-without-unit",
        "file": "export.json",
        "record": 6,
        "pk": "000002",
        "field": "unit",
        "message": "no unit",
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'[{"model": "scheduling.wizard", "pk": 1, "fields": {}}]', "Unknown model"),
        (b"[{]", "is not JSON"),
        (b"", "is empty"),
        ("[]".encode("utf-16"), "is UTF-16"),
        (b'{"a": 1}', "is not a list"),
        (None, "does not exist"),
    ],
)
def test_an_unusable_file_is_one_line_and_2(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "bad.json"
    if content is not None:
        path.write_bytes(content)
    done = rota(tmp_path / "new.sqlite3", "import", path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert reason in done.stderr


def test_a_file_of_200_megabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    done = rota(tmp_path / "new.sqlite3", "import", path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "has 200 MB, more than the 150 MB allowed" in done.stderr


def test_export_of_an_unknown_model_and_of_no_database(tmp_path: Path) -> None:
    database = tmp_path / "new.sqlite3"
    assert rota(database, "export").returncode == 1
    assert rota(database, "migrate").returncode == 0
    done = rota(database, "export", "--model", "wizard")
    assert done.returncode == 2
    assert 'There is no model "wizard"' in done.stderr
    assert rota(database, "export", "--model", "Unit").stdout == "[]"


def test_help_says_what_it_does() -> None:
    done = rota("sqlite:///:memory:", "import", "--help")
    assert done.returncode == 0
    assert "--dry-run" in done.stdout
