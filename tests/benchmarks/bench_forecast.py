"""Accuracy and speed of the forecaster: ``python -m tests.benchmarks.bench_forecast FOLDER``.

FOLDER holds CSV files, long (``unique_id,ds,y``) or wide (a date and a column per
series). Accuracy is measured on daily series long enough for the windows; groups are the
files, and a macro figure is the mean of the groups' means. ``--sections`` chooses among
accuracy (which needs the folder), speed and growth (``bench_forecast_speed``), which are
measured on invented units. On a busy machine only CPU seconds count.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean

import numpy as np

from rota.errors import InvalidInput
from rota.forecasting.backtest import MODELS, BacktestPlan, Score
from rota.forecasting.batch import backtest_all
from rota.forecasting.holiday_table import HolidayTable
from rota.forecasting.pool import worker_count
from rota.forecasting.series import Row, Series, series_from_rows
from rota.forecasting.values import Options
from tests.benchmarks.bench_forecast_speed import growth, speed

#: the targets: macro MASE against these models at most this many times theirs
TARGETS = {"auto_ets": 0.97, "prophet_default": 0.95}
SECTIONS = ("accuracy", "speed", "growth")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="CSV files; none: no accuracy")
    parser.add_argument("--windows", type=int, default=12)
    parser.add_argument("--holidays", default="none")
    parser.add_argument("--models", default="all")
    parser.add_argument("--sections", default=",".join(SECTIONS))
    parser.add_argument("--units", default="42,420", help="sizes to train; 4200 takes minutes")
    given = parser.parse_args()
    sections = set(given.sections.split(","))
    if sections - set(SECTIONS):
        parser.error(f"sections are {', '.join(SECTIONS)}")
    if given.folder is not None and "accuracy" in sections:
        models = MODELS if given.models == "all" else tuple(given.models.split(","))
        accuracy(given.folder, given.windows, HolidayTable.parse(given.holidays), models)
    if "speed" in sections:
        speed()
    if "growth" in sections:
        growth([int(size) for size in given.units.split(",")])


def accuracy(folder: Path, windows: int, table: HolidayTable, models: Sequence[str]) -> None:
    groups = {file.stem: read(file) for file in sorted(folder.rglob("*.csv"))}
    long_enough = {
        name: [one for one in found if one.step_days == 1 and len(one) >= (windows + 8) * 28]
        for name, found in groups.items()
    }
    wanted = [one for found in long_enough.values() for one in found]
    skipped = sum(len(found) for found in groups.values()) - len(wanted)
    print(
        f"{len(wanted)} daily series, {windows} windows of 28 days; {skipped} too short or weekly"
    )
    if not wanted:
        return
    group_of = {one.name: name for name, found in long_enough.items() for one in found}
    scores: list[Score] = []
    begun = time.perf_counter()
    plan = BacktestPlan(windows, tuple(models))
    for found in backtest_all(wanted, Options(holidays=table), plan, worker_count(), _dot):
        scores.extend(found)
    print(
        f"\n{time.perf_counter() - begun:.0f} s wall, {sum(s.cpu_seconds for s in scores):.0f} s CPU"
    )
    print(
        f"{'model':<18}{'MASE':>7}{'WAPE%':>7}{'MAPE%':>7}{'bias%':>7}{'pinb.':>7}{'cov80':>7}"
        f"{'q80':>7}{'q90':>7}{'q95':>7}{'75–85%':>8}{'worse':>7}{'CPU s':>8}"
    )
    macro: dict[str, float] = {}
    for model in models:
        own = [score for score in scores if score.model == model]

        def across(value: Callable[[Score], float], own: list[Score] = own) -> float:
            by_group: dict[str, list[float]] = defaultdict(list)
            for score in own:
                by_group[group_of[score.unique_id]].append(value(score))
            return mean(mean(values) for values in by_group.values())

        macro[model] = across(lambda s: s.mase)
        inside = mean(0.75 <= score.coverage_80 <= 0.85 for score in own)
        print(
            f"{model:<18}{macro[model]:>7.3f}{100 * across(lambda s: s.wape):>7.1f}"
            f"{100 * across(lambda s: s.mape):>7.1f}{100 * across(lambda s: s.bias):>7.1f}"
            f"{across(lambda s: s.pinball):>7.3f}"
            f"{100 * mean(s.coverage_80 for s in own):>7.1f}"
            f"{100 * mean(s.below_80 for s in own):>7.1f}"
            f"{100 * mean(s.below_90 for s in own):>7.1f}"
            f"{100 * mean(s.below_95 for s in own):>7.1f}"
            f"{100 * inside:>7.0f}%{sum(s.skill < 0 for s in own):>7}"
            f"{sum(s.cpu_seconds for s in own):>8.1f}"
        )
    mine = [score for score in scores if score.model == "ensemble"]
    for half, words in ((False, "tuned on"), (True, "reported on")):
        found = [score for score in mine if is_held_out(score.unique_id) is half]
        if found:
            print(f"half of the series that settings are {words}, {len(found)}:")
            promises(found)
    for rival, most in TARGETS.items():
        if rival in macro and "ensemble" in macro:
            ratio = macro["ensemble"] / macro[rival]
            print(f"ensemble ÷ {rival}: {ratio:.3f} (to reach: {most})")


def is_held_out(unique_id: str) -> bool:
    """Whether a series belongs to the half that no setting may be chosen by."""
    return hashlib.sha256(unique_id.encode()).digest()[0] % 2 == 1


def promises(mine: Sequence[Score]) -> None:
    """How bands and staffing levels held, against what they promise."""
    pooled = mean(score.coverage_80 for score in mine)
    inside = mean(0.75 <= score.coverage_80 <= 0.85 for score in mine)
    print(f"  80 % band: {100 * pooled:.1f} % pooled (to reach: 79 to 81), {100 * inside:.1f} % of"
          " series within 75 to 85 (to reach: 97)")  # fmt: skip
    for level in (80, 90, 95):
        kept = mean(getattr(score, f"below_{level}") for score in mine)
        print(f"  staffing at {level} %: enough on {100 * kept:.1f} % (to reach: within 1)")
    worse = [score.unique_id for score in mine if score.skill < 0]
    print(f"  worse than seasonal naive: {len(worse)} {' '.join(worse)} (to reach: none)")


def read(file: Path) -> list[Series]:
    """The series of a long or wide file that can be read; the others are named and left out."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    if not rows:
        return []
    columns = list(rows[0])
    by_name: dict[str, list[Row]] = defaultdict(list)
    if {"unique_id", "ds", "y"} <= set(columns):
        for number, row in enumerate(rows, 2):
            by_name[row["unique_id"]].append(Row(number, row["ds"], row["y"]))
    else:
        for number, row in enumerate(rows, 2):
            for name in columns[1:]:
                value = row[name].strip() if row[name] else ""
                by_name[f"{file.stem} {name}"].append(
                    Row(number, row[columns[0]], "" if value == "*" else value)
                )
    found = []
    for name, values in by_name.items():
        try:
            found.append(series_from_rows(name, values))
        except InvalidInput as problem:
            print(f"left out: {problem}")
    return found


def _dot(_: str) -> None:
    print(".", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
