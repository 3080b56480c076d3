"""Compiled code is found again, and a read-only installation keeps it with its data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from rota.cli import cli
from rota.optimisation import compiled


def test_what_was_compiled_is_found_again() -> None:
    result = CliRunner().invoke(cli, ["prepare-solver"])
    assert result.exit_code == 0
    assert compiled.is_compiled()


def test_a_read_only_installation_compiles_into_its_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[list[str]] = []
    processes: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def waiting(words: list[str], **_: object) -> subprocess.Popen[bytes]:
        """Something that does nothing in the compiler's place."""
        started.append(words)
        processes.append(start([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
        return processes[-1]

    monkeypatch.setattr(compiled, "get_settings", lambda: type("S", (), {"data_dir": tmp_path}))
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(compiled.subprocess, "Popen", waiting)
    assert compiled.cache_folder() == tmp_path / "compiled"
    assert not compiled.is_compiled()
    compiled.prepare_in_background()
    assert started[0][-1] == "prepare-solver"
    assert os.getpriority(os.PRIO_PROCESS, processes[0].pid) >= 15, "pages go first"
    processes[0].communicate(b"\n")
    (tmp_path / "compiled").mkdir()
    (tmp_path / "compiled" / "kernel.best_rows-1.nbi").touch()
    compiled.prepare_in_background()
    assert len(started) == 1
