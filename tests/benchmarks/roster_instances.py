"""Invented instances in the shapes of the published ones that are not in the shared set.

``python -m tests.benchmarks.roster_instances SHAPE FILE``: weeks, people and shifts as in
the published instance of that number (21 to 24 are the ones that try time and memory).
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

#: number → (weeks, people, shifts)
SHAPES = {
    7: (4, 20, 3), 9: (4, 36, 4), 11: (4, 50, 6), 13: (4, 120, 18), 15: (6, 45, 6),
    17: (8, 32, 4), 19: (12, 40, 5), 20: (26, 50, 6), 21: (26, 100, 8), 22: (52, 50, 10),
    23: (52, 100, 16), 24: (52, 150, 32),
}  # fmt: skip


def instance_text(weeks: int, people: int, shifts: int, seed: int = 1) -> str:
    """A roster file: early, day, late and night shifts, five days a week on average."""
    chance = random.Random(seed)
    days = weeks * 7
    bands = ["a", "d", "p", "n"] if shifts > 3 else ["E", "D", "L"][:shifts]
    names = sorted(
        (f"{bands[number % len(bands)]}{number // len(bands) + 1}" for number in range(shifts)),
        key=lambda name: (bands.index(name[0]), name),
    )
    lines = ["SECTION_HORIZON", str(days), "", "SECTION_SHIFTS"]
    for name in names:
        earlier = bands[: bands.index(name[0])] if name[0] not in bands[:1] else []
        barred = [other for other in names if other[0] in earlier]
        lines.append(f"{name},480,{'|'.join(barred)}")
    lines += ["", "SECTION_STAFF"]
    able: dict[str, int] = dict.fromkeys(names, 0)
    codes = [f"P{number}" for number in range(people)]
    off: dict[str, list[int]] = {}
    for code in codes:
        limits = {name: days if chance.random() < 0.6 else 0 for name in names}
        for name in names:
            if name[0] == "n" and limits[name]:
                limits[name] = max(2, days // 7)
            able[name] += bool(limits[name])
        if not any(limits.values()):
            limits[names[0]] = days
        free = sorted(
            {
                day
                for _ in range(max(1, weeks // 4))
                for start in [chance.randrange(days)]
                for day in range(start, min(days, start + chance.choice((1, 5, 10))))
            }
        )
        off[code] = free
        share = 1 - len(free) / days
        most = round(days * 5 / 7 * share * 0.97) * 480
        runs = f"{chance.choice((5, 6))},2,2,{max(1, weeks // 2)}"
        text = "|".join(f"{name}={limit}" for name, limit in limits.items())
        lines.append(f"{code},{text},{most},{max(0, most - 1440)},{runs}")
    lines += ["", "SECTION_DAYS_OFF"]
    lines += [",".join([code, *map(str, off[code])]) for code in codes]
    for section, count in (("ON", 5), ("OFF", 2)):
        lines += ["", f"SECTION_SHIFT_{section}_REQUESTS"]
        for code in codes:
            wanted = sorted(chance.sample(range(days), min(days, count * weeks)))
            lines += [
                f"{code},{day},{chance.choice(names)},{chance.randint(1, 3)}" for day in wanted
            ]
    lines += ["", "SECTION_COVER"]
    mean = people * 5 / 7 / shifts
    for day in range(days):
        for name in names:
            weekend = 0.7 if day % 7 > 4 else 1.0
            lines.append(f"{day},{name},{max(0, round(chance.gauss(mean * weekend, 1)))},100,1")
    return "\n".join(lines) + "\n"


def main() -> None:
    shape, path = int(sys.argv[1]), Path(sys.argv[2])
    path.write_text(instance_text(*SHAPES[shape], seed=shape), encoding="utf-8")


if __name__ == "__main__":
    main()
