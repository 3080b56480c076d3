"""One small roster file for each family of limits: solved, written, scored by somebody else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rota.optimisation.benchmark import parse_benchmark, write_roster
from rota.optimisation.engine import solve
from rota.optimisation.problem import Limits
from tests.rota.optimisation.rescore import least, read_rows, score

FILES = sorted((Path(__file__).parent / "families").glob("*.txt"))


def header(text: str, word: str) -> str:
    return text.split(f"# {word}: ", 1)[1].splitlines()[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_answer_is_the_best_of_all_rosters_and_the_limit_binds(
    file: Path, tmp_path: Path
) -> None:
    text = file.read_text()
    optimum = int(header(text, "optimum"))
    assert least(text) == optimum
    limit, freed = header(text, "freed").split(" => ")
    head, _, body = text.partition("SECTION_HORIZON")
    assert least(f"{head}SECTION_HORIZON{body.replace(limit, freed)}") < optimum, "it did not bind"
    problem = parse_benchmark(text)
    solution = solve(problem, Limits(seconds=20, threads=1, work=10))
    assert solution.roster is not None
    write_roster(problem, solution.roster, tmp_path / "roster.csv")
    assert score(text, read_rows((tmp_path / "roster.csv").read_text(), text)) == optimum
    assert solution.cost == optimum
    assert solution.lower_bound is None or solution.lower_bound <= optimum


def test_the_command_writes_a_roster_that_costs_what_it_prints(tmp_path: Path) -> None:
    file = next(each for each in FILES if each.stem == "maximum_run")
    out = tmp_path / "roster.csv"
    command = [sys.executable, "-m", "rota", "solve-roster", str(file), "--seconds", "5",
               "--threads", "1", "--work", "5", "--out", str(out), "--json"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert set(found) >= {"cost", "lower_bound", "gap", "seconds", "cpu_seconds", "status"}
    assert score(file.read_text(), read_rows(out.read_text(), file.read_text())) == found["cost"]


def test_the_command_refuses_a_wrong_file_in_one_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("SECTION_HORIZON\nseven\n")
    command = [sys.executable, "-m", "rota", "solve-roster", str(wrong), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "line 2: the horizon is not a whole number: 'seven'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
