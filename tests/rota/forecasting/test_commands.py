"""The two commands for any file: what they write, and that bad files write nothing."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from rota.cli import main
from rota.errors import RotaError
from rota.forecasting import batch
from tests.rota.forecasting.simulate import START, demand


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "series.csv"
    lines = ["unique_id,ds,y"]
    for name, seed in (("Willow day", 1), ("Willow night", 2)):
        for index, value in enumerate(demand(300, seed=seed)):
            lines.append(f"{name},{START + timedelta(days=index)},{value:.3f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
        raise SystemExit(0)
    return int(left.value.code or 0)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_a_forecast_is_written_in_the_long_form(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "forecast.csv"
    assert run("forecast-file", file, "--levels", "80,97.5", "--out", out) == 0
    rows = table(out)
    assert list(rows[0]) == [
        "unique_id",
        "ds",
        "model",
        "yhat",
        "lo-80",
        "hi-80",
        "lo-97.5",
        "hi-97.5",
        "q80",
        "q97.5",
    ]
    assert [row["unique_id"] for row in rows] == ["Willow day"] * 28 + ["Willow night"] * 28
    assert rows[0]["ds"] == str(START + timedelta(days=300))
    assert all(float(row["lo-80"]) <= float(row["yhat"]) <= float(row["hi-80"]) for row in rows)


def test_one_worker_and_two_write_the_same(file: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    assert run("forecast-file", file, "--workers", 1, "--out", first) == 0
    assert run("forecast-file", file, "--workers", 2, "--out", second) == 0
    assert first.read_bytes() == second.read_bytes()


DAYS = [str(START + timedelta(days=index)) for index in range(30)]
BAD = {
    "missing column": ("unique_id,ds\na,2024-01-01\n", "row 1: the column y is missing"),
    "text in y": (
        "unique_id,ds,y\n" + "".join(f"a,{day},{'x' if day == DAYS[5] else 1}\n" for day in DAYS),
        "row 7: y is 'x', not a number",
    ),
    "duplicate date": (
        "unique_id,ds,y\n" + "".join(f"a,{day},1\n" for day in [*DAYS, DAYS[3]]),
        "row 32: 2022-03-04 was already given in row 5",
    ),
    "mixed frequencies": (
        "unique_id,ds,y\n"
        + "".join(f"a,{day},1\n" for day in DAYS)
        + "".join(f"a,{START + timedelta(days=30 + 7 * w)},1\n" for w in range(1, 8)),
        "mixed frequencies",
    ),
    "two rows": ("unique_id,ds,y\na,2024-01-01,1\na,2024-01-02,2\n", "only 2 rows (row 3"),
    "empty": ("", "is empty"),
    "empty but for its mark": ("\ufeff\n", "is empty"),
    "header only": ("unique_id,ds,y\n", "no data rows"),
    "bad date": ("unique_id,ds,y\na,2024-02-30,1\n", "row 2: ds is '2024-02-30', not a date"),
    "no name": ("unique_id,ds,y\n,2024-01-01,1\n", "row 2: unique_id is empty"),
    "ragged": ("unique_id,ds,y\na,2024-01-01\n", "row 2: 2 fields"),
    "decimal comma": (
        "unique_id;ds;y\na;2024-01-01;1,5\n",
        "row 2: y is '1,5', not a number. Write decimals with a point",
    ),
    "infinite": (
        "unique_id,ds,y\na,2024-01-01,1\na,2024-01-02,inf\na,2024-01-03,1\n",
        "row 3: y is infinite",
    ),
}


@pytest.mark.parametrize("command", ["forecast-file", "backtest-file"])
@pytest.mark.parametrize("what", list(BAD))
def test_a_bad_file_is_explained_and_nothing_written(
    what: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, message = BAD[what]
    bad = tmp_path / "bad.csv"
    bad.write_text(text, encoding="utf-8")
    assert run(command, bad, "--out", tmp_path / "out.csv") == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_what_a_spreadsheet_writes_is_read(file: Path, tmp_path: Path, separator: str) -> None:
    """A mark at the beginning, semicolons or tabs, capitals in the header, foreign line ends."""
    text = file.read_text().replace(",", separator).replace("unique_id", "Unique_ID")
    other = tmp_path / "other.csv"
    other.write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode())
    plain, same = tmp_path / "plain.csv", tmp_path / "same.csv"
    assert run("forecast-file", file, "--out", plain) == 0
    assert run("forecast-file", other, "--out", same) == 0
    assert same.read_bytes() == plain.read_bytes()


def test_a_series_that_is_too_short_is_named_and_the_others_are_judged(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with file.open("a") as more:
        more.writelines(f"New wing,{day},5\n" for day in DAYS)
    models = ("--models", "seasonal_naive", "--windows", 2)
    assert run("backtest-file", file, *models, "--out", tmp_path / "out.csv") == 0
    assert "Left out: Series 'New wing' has 30 values" in capsys.readouterr().err
    assert len(table(tmp_path / "out.csv")) == 2


def test_text_that_is_not_utf8_names_its_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"unique_id,ds,y\ncaf\xe9,2024-01-01,1\n")
    assert run("forecast-file", bad, "--out", tmp_path / "out.csv") == 2
    assert "row 2: not UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ("--levels", "30"),
        ("--levels", "many"),
        ("--holidays", "SCT"),
        ("--horizon", "0"),
        ("--season", "13"),
        ("--horizon", "x"),
    ],
)
def test_wrong_options_exit_with_two(file: Path, tmp_path: Path, wrong: tuple[str, str]) -> None:
    out = tmp_path / "out.csv"
    assert run("forecast-file", file, *wrong, "--out", out) == 2
    assert not out.exists()


def test_a_missing_file_and_a_missing_folder_exit_with_two(file: Path, tmp_path: Path) -> None:
    assert run("forecast-file", tmp_path / "no.csv", "--out", tmp_path / "o.csv") == 2
    assert run("forecast-file", file, "--out", tmp_path / "no" / "o.csv") == 2


def test_a_backtest_prints_a_table_and_writes_its_scores(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "metrics.csv"
    models = "ensemble,seasonal_naive"
    assert run("backtest-file", file, "--windows", 2, "--models", models, "--out", out) == 0
    rows = table(out)
    assert [(row["unique_id"], row["model"]) for row in rows] == [
        (name, model)
        for name in ("Willow day", "Willow night")
        for model in ("ensemble", "seasonal_naive")
    ]
    assert float(rows[0]["skill"]) > 0
    printed = capsys.readouterr().out
    assert "mean of 2 series" in printed
    assert not out.with_name("metrics.csv.partial").exists()


def test_a_stopped_backtest_goes_on_where_it_was(
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole, out = tmp_path / "whole.csv", tmp_path / "metrics.csv"
    arguments = ("--windows", 2, "--models", "seasonal_naive", "--workers", 1)
    assert run("backtest-file", file, *arguments, "--out", whole) == 0
    judge = batch.backtest_series

    def stop_at_second(series, options, plan):  # type: ignore[no-untyped-def]
        if series.name == "Willow night":
            raise RotaError("stopped for the test")
        return judge(series, options, plan)

    monkeypatch.setattr(batch, "backtest_series", stop_at_second)
    assert run("backtest-file", file, *arguments, "--out", out) == 1
    assert not out.exists()
    partial = out.with_name("metrics.csv.partial")
    with partial.open("a") as cut_off:
        cut_off.write('[{"unique_id": "Willow ni')
    monkeypatch.setattr(batch, "backtest_series", judge)
    assert run("backtest-file", file, *arguments, "--out", out) == 0
    assert "1 of 2 series were already done" in capsys.readouterr().err
    assert [row["mase"] for row in table(out)] == [row["mase"] for row in table(whole)]
    assert not partial.exists()


def test_another_file_does_not_take_up_a_foreign_state(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "metrics.csv"
    out.with_name("metrics.csv.partial").write_text('{"key": "something else"}\n[]\n')
    models = ("--models", "seasonal_naive", "--windows", 2)
    assert run("backtest-file", file, *models, "--out", out) == 0
    assert len(table(out)) == 2


def test_the_application_uses_no_more_than_the_history_asked_for(
    file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "forecast.csv"
    assert run("forecast-file", file, "--days", 60, "--out", out) == 0
    assert np.isfinite([float(row["yhat"]) for row in table(out)]).all()
