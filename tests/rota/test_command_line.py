"""What a command prints is for another program; what is logged goes beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def rota(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rota", *arguments], capture_output=True, text=True, check=True,
        env={**os.environ, "DATA_DIR": str(folder), "DATABASE_URL": "", **environment},
    )  # fmt: skip


def test_slow_statements_do_not_stand_in_the_answer(tmp_path: Path) -> None:
    rota(tmp_path, "migrate")
    rota(tmp_path, "demo", "--homes", "1", "--months", "1")
    done = rota(tmp_path, "check-data", "--json", SLOW_QUERY_MS="1")
    assert "slow query" in done.stderr, "looking through every shift takes over a millisecond"
    json.loads(done.stdout)
