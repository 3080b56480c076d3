"""Times the rules of work: ``python -m tests.benchmarks.bench_rules``.

A person's 26 weeks, a home of 180 people over 28 days with half a year behind them, one
edit, the candidates for one vacancy, and how a home grows to ten homes. Prints medians.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, time, timedelta
from statistics import median
from time import perf_counter

from rota.calendar import Period, shift_instants, weeks_from
from rota.rules import (
    Absence,
    Change,
    PastWeek,
    Registration,
    Timeline,
    WorkedShift,
    Worker,
    check_change,
    check_home,
    check_timeline,
)

FIRST_DAY = date(2026, 9, 7)
HISTORY_WEEKS = 26
PATTERN = ((0, 1, 6), (2, 3, 4), (1, 2, 3))
GRADES = ("SCA", "SCAN", "SCW", "SCWN", "SSCW")


def person(number: int, chance: random.Random, *, history: str) -> Timeline:
    """A carer on a 21-day pattern: half a year behind (as asked) and eight weeks ahead."""
    role = GRADES[number % len(GRADES)]
    nights = role.endswith("N")
    start = FIRST_DAY - timedelta(weeks=HISTORY_WEEKS)
    shifts, past = [], []
    for week in range(HISTORY_WEEKS + 8):
        first = start + timedelta(weeks=week)
        days = PATTERN[(week + number) % 3]
        if chance.random() < 0.15:
            days = (*days, 5)
        if history == "weeks" and week < HISTORY_WEEKS - 3:
            past.append(PastWeek(first, 660 * len(days), len(days), len(days) if nights else 0))
            continue
        shifts += [shift(first + timedelta(days=day), nights, role) for day in days]
    leave = start + timedelta(days=chance.randrange(140))
    return Timeline(
        Worker(number, f"Person {number}", role, date(1985, 4, 2), date(2019, 2, 4), None, 2100),
        tuple(shifts),
        absences=(Absence(leave, leave + timedelta(days=6)),),
        registrations=(Registration(date(2019, 3, 1), date(2019, 6, 1), date(2029, 6, 1)),),
        past_weeks=tuple(past),
    )


def shift(day: date, nights: bool, role: str) -> WorkedShift:
    hours = (time(20), time(8)) if nights else (time(8), time(20))
    starts_at, ends_at = shift_instants(day, *hours)
    return WorkedShift(
        f"{day}{role}", day, starts_at, ends_at, 60, 1, 1, "N" if nights else "D", nights,
        role_code=role,
    )  # fmt: skip


def timed(work: Callable[[], object], times: int = 15) -> float:
    """Median milliseconds of a call."""
    taken = []
    for _ in range(times):
        begun = perf_counter()
        work()
        taken.append((perf_counter() - begun) * 1000)
    return median(taken)


def main() -> None:
    chance = random.Random(7)
    month = weeks_from(FIRST_DAY, 4)
    half_year = Period(FIRST_DAY - timedelta(weeks=HISTORY_WEEKS), FIRST_DAY - timedelta(days=1))
    one = person(1, chance, history="shifts")
    home = [person(number, chance, history="weeks") for number in range(180)]
    full = [person(number, chance, history="shifts") for number in range(180)]
    ten = [person(number, chance, history="weeks") for number in range(1800)]
    extra = shift(FIRST_DAY + timedelta(days=11), False, "SCA")
    edit = Change.add(extra)

    def rank() -> None:
        for timeline in home:
            check_change(timeline, edit)

    lines = [
        ("one person, 26 weeks", timed(lambda: check_timeline(one, half_year)), 5),
        ("one edit, person with 26 weeks of shifts", timed(lambda: check_change(one, edit)), 10),
        ("home of 180, 28 days, weeks behind", timed(lambda: check_home(home, month)), 300),
        ("home of 180, 28 days, shifts behind", timed(lambda: check_home(full, month)), 300),
        ("180 candidates for one vacancy", timed(rank), 300),
        ("ten homes, 1 800 people, 28 days", timed(lambda: check_home(ten, month), 5), 3000),
    ]
    print(f"{'rules of work':<44}{'median ms':>10}{'target':>9}")
    for name, milliseconds, target in lines:
        print(f"{name:<44}{milliseconds:>10.2f}{target:>9}")


if __name__ == "__main__":
    main()
