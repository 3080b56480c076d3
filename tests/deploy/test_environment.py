"""The checker of ``production.env``: every missing or weak value is named."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.environment import problems_of, problems_of_file, read_environment
from tests.deploy.servers import ROOT

GOOD = {
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "rota.carehomes.scot",
    "DATA_DIR": "/var/lib/staff_rota",
    "DATABASE_URL": f"postgresql://staff_rota:{secrets.token_urlsafe(32)}@127.0.0.1:5432/staff_rota",
    "REDIS_URL": f"redis://:{secrets.token_urlsafe(32)}@127.0.0.1:6379/0",
    "EMAIL_HOST": "smtp.carehomes.scot",
    "DEFAULT_FROM_EMAIL": "rota@carehomes.scot",
    "BACKUP_RECIPIENT": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "BACKUP_REMOTE": "backup@vault:/srv/staff_rota",
}


def test_a_good_configuration_has_no_problem() -> None:
    assert problems_of(GOOD) == []


def test_an_empty_one_names_everything_at_once() -> None:
    assert {problem.partition(":")[0] for problem in problems_of({})} == set(GOOD)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "short", "5 characters"),
        ("SECRET_KEY", "a" * 60, "repeats"),
        ("SECRET_KEY", "django-insecure-" + "q8R!" * 12 + "zU7p1Lk0VbNm", "example"),
        ("DEBUG", "true", "false in production"),
        ("SECURE_COOKIES", "false", "in clear"),
        ("ALLOWED_HOSTS", "*", "never *"),
        ("ALLOWED_HOSTS", "rota.example.org", "example host"),
        ("DATABASE_URL", "sqlite:////var/lib/rota.sqlite3", "SQLite"),
        ("DATABASE_URL", "postgresql://staff_rota@db/staff_rota", "no password"),
        ("DATABASE_URL", "postgresql://staff_rota:rota123@db/staff_rota", "weak password"),
        ("DATABASE_URL", "postgresql://postgres:Zt5mQ0xw8Lr2Vb7nKc4d@db/x", "superuser"),
        ("DATABASE_URL", "postgresql://staff_rota:abc@db:port/x", "not an address"),
        ("REDIS_URL", "redis://127.0.0.1:6379/0", "no password"),
        ("DATA_DIR", "data", "absolute"),
        ("DEFAULT_FROM_EMAIL", "staff-rota@localhost", "organisation"),
        ("BACKUP_RECIPIENT", "AGE-SECRET-KEY-1QQQ", "private key"),
        ("BACKUP_REMOTE", "vault", "host:folder"),
        ("EMAIL_HOST_USER", "rota", "EMAIL_HOST_PASSWORD"),
    ],
)  # fmt: skip
def test_each_weakness_is_named(name: str, value: str, words: str) -> None:
    (problem,) = problems_of({**GOOD, name: value})
    assert words in problem
    assert name in problem


def test_the_file_must_be_private(tmp_path: Path) -> None:
    path = tmp_path / "production.env"
    path.write_text("".join(f"{name}={value}\n" for name, value in GOOD.items()))
    path.chmod(0o644)
    assert problems_of_file(path, owner=os.geteuid()) == [
        f"{path}: mode 0644; must be 0600 (chmod 600)"
    ]
    path.chmod(0o600)
    assert problems_of_file(path, owner=os.geteuid()) == []
    assert "must belong to" in problems_of_file(path, owner=os.geteuid() + 1)[0]


def test_values_are_read_as_systemd_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "production.env"
    path.write_text("# why\n\nA=plain $HOME `x`\nB=\"in quotes\"\nC='single'\nD=a=b\n")
    assert read_environment(path) == {
        "A": "plain $HOME `x`",
        "B": "in quotes",
        "C": "single",
        "D": "a=b",
    }
    path.write_text("A=1\nnonsense\n")
    with pytest.raises(ValueError, match="line 2"):
        read_environment(path)


def test_the_program_prints_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "production.env"
    path.write_text("SECRET_KEY=hunter2hunter2\nDATABASE_URL=postgresql://rota:hunter2@db/x\n")
    path.chmod(0o600)
    done = subprocess.run(
        [sys.executable, "deploy/check-env", str(path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "SECRET_KEY: has 14 characters" in done.stdout
    assert "DATABASE_URL: has a weak password" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
