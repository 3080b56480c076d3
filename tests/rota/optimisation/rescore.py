"""An independent score of a published roster file and a roster: text in, cost out.

It shares nothing with the product's reader, judge or engine, so that it can contradict them.
"""

from __future__ import annotations

from itertools import groupby, pairwise, product

Roster = dict[str, list[str]]


def sections(text: str) -> dict[str, list[list[str]]]:
    """The rows of each section, split at commas."""
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("SECTION_"):
            rows = found.setdefault(line.removeprefix("SECTION_"), [])
        elif line and not line.startswith("#"):
            rows.append(line.split(","))
    return found


def read_rows(csv: str, text: str) -> Roster:
    """What ``solve-roster --out`` wrote; an empty text is a day off."""
    given = sections(text)
    days = int(given["HORIZON"][0][0])
    roster = {row[0]: [""] * days for row in given["STAFF"]}
    for line in csv.splitlines()[1:]:
        who, day, shift = line.split(",")
        assert roster[who][int(day)] == "", "two shifts on one day"
        roster[who][int(day)] = shift
    return roster


def score(text: str, roster: Roster) -> int | None:
    """The cost of a roster; none when it breaks a limit."""
    given = sections(text)
    if not all(_is_lawful(given, row, roster[row[0]]) for row in given["STAFF"]):
        return None
    cost = 0
    for who, day, shift, weight in given.get("SHIFT_ON_REQUESTS", []):
        cost += int(weight) * (roster[who][int(day)] != shift)
    for who, day, shift, weight in given.get("SHIFT_OFF_REQUESTS", []):
        cost += int(weight) * (roster[who][int(day)] == shift)
    for day, shift, wanted, under, over in given["COVER"]:
        there = sum(days[int(day)] == shift for days in roster.values())
        cost += int(under) * max(0, int(wanted) - there) + int(over) * max(0, there - int(wanted))
    return cost


def least(text: str) -> int:
    """The least cost of all rosters, by trying every one."""
    given = sections(text)
    days = int(given["HORIZON"][0][0])
    choices = ["", *[row[0] for row in given["SHIFTS"]]]
    each = [
        [
            days_
            for days_ in map(list, product(choices, repeat=days))
            if _is_lawful(given, who, days_)
        ]
        for who in given["STAFF"]
    ]
    names = [row[0] for row in given["STAFF"]]
    costs = (score(text, dict(zip(names, rows, strict=True))) for rows in product(*each))
    return min(cost for cost in costs if cost is not None)


def _is_lawful(given: dict[str, list[list[str]]], who: list[str], days: list[str]) -> bool:
    name, limits, *numbers = who
    most, least_, run_most, run_least, off_least, weekends = map(int, numbers)
    length = {row[0]: int(row[1]) for row in given["SHIFTS"]}
    after = {row[0]: row[2].split("|") for row in given["SHIFTS"]}
    worked = [shift for shift in days if shift]
    allowed = dict(pair.split("=") for pair in limits.split("|"))
    runs = [(on, len(list(same))) for on, same in groupby(days, key=bool)]
    inner = runs[1:-1]
    free = {int(d) for row in given.get("DAYS_OFF", []) if row[0] == name for d in row[1:]}
    return (
        all(worked.count(shift) <= int(allowed.get(shift, 0)) for shift in worked)
        and least_ <= sum(length[shift] for shift in worked) <= most
        and all(size <= run_most for on, size in runs if on)
        and all(size >= run_least for on, size in inner if on)
        and all(size >= off_least for on, size in inner if not on)
        and sum(any(days[5 + week : 7 + week]) for week in range(0, len(days), 7)) <= weekends
        and not any(days[day] for day in free)
        and not any(b and b in after[a] for a, b in pairwise(days) if a)
    )
