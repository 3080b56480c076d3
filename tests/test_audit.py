"""The audit of dependencies says what it found, and what it could not ask."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests import audit

VULNERABLE = {
    "name": "acme", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}],
}  # fmt: skip


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let pip-audit answer something."""

    def answer(stdout: str = "", stderr: str = "") -> None:
        done = subprocess.CompletedProcess([], 0, stdout, stderr)
        monkeypatch.setattr(audit.subprocess, "run", lambda *_, **__: done)

    return answer


def test_a_mendable_vulnerability_fails_a_release_but_not_a_test_run(
    says: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    says(json.dumps({"dependencies": [VULNERABLE]}))
    assert audit.main([]) == 1
    assert "acme 1.0: CVE-1, mended in 1.1" in capsys.readouterr().out
    assert audit.main(["--report"]) == 0
    assert "1 known vulnerabilities" in capsys.readouterr().out


def test_without_the_database_it_says_so_and_does_not_fail(
    says: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    says(stderr="ConnectionError: no route to host")
    assert audit.vulnerabilities() == 0
    assert "NOT CHECKED" in capsys.readouterr().out

    def late(*_: Any, **__: Any) -> None:
        raise subprocess.TimeoutExpired("pip-audit", 1)

    monkeypatch.setattr(audit.subprocess, "run", late)
    assert audit.vulnerabilities() == 0
    assert "NOT CHECKED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("licence", "fails"),
    [("MIT", 0), ("AGPL-3.0", 1), ("GNU General Public License v3", 1), ("LGPL-2.1", 0)],
)
def test_a_licence_that_would_oblige_us_to_publish_fails_always(
    licence: str, fails: int, says: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from email.message import Message
    from types import SimpleNamespace

    about = Message()
    about["Name"], about["License-Expression"] = "acme", licence
    one = SimpleNamespace(metadata=about, version="1.0")
    monkeypatch.setattr(audit.metadata, "distributions", lambda: [one])
    says(json.dumps({"dependencies": []}))
    assert audit.main(["--report"]) == fails
