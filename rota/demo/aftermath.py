"""What follows from a rota: rest owed after short rests, and when rotas were published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rota.demo.horizon import Horizon, at
from rota.demo.people import HomePlan
from rota.demo.rota import HomeRota


def rest_owed(
    home: HomePlan, rota: HomeRota, horizon: Horizon, manager: int
) -> Iterator[dict[str, object]]:
    """Rest owed after each past short rest and after every other planned one.

    It was taken nine days later, but for the latest: there somebody forgot.
    """
    shorts = sorted(rota.short_rests, key=lambda short: short.day)
    past = [short for short in shorts if short.day <= horizon.today_index]
    for turn, short in enumerate(shorts):
        is_past = short.day <= horizon.today_index
        if not is_past and turn % 2:
            continue
        arose = horizon.days[short.day]
        taken = arose + timedelta(days=9)
        is_taken = is_past and short is not past[-1] and taken <= horizon.today
        yield {
            "staff_id": home.people[short.person].id, "rule": "daily_rest", "arose_on": arose,
            "owed_minutes": 120, "due_on": arose + timedelta(days=14),
            "taken_on": taken if is_taken else None,
            "note": "Early after a late", "recorded_by_id": manager,
            "recorded_at": at(min(arose, horizon.today), 5),
        }  # fmt: skip


def publications(home: HomePlan, horizon: Horizon, manager: int) -> Iterator[dict[str, object]]:
    """Rotas of four weeks as they were published for the first time, two to five weeks ahead."""
    last = horizon.days[horizon.published_until - 1]
    ends = []
    while last > horizon.start:
        ends.append(last)
        last -= timedelta(weeks=4)
    for turn, end in enumerate(reversed(ends), start=1):
        start = max(horizon.start, end - timedelta(weeks=4) + timedelta(days=1))
        ahead = 14 + (home.number * 5 + turn * 3) % 22
        published = min(start - timedelta(days=ahead), horizon.today - timedelta(days=1))
        yield {
            "home_id": home.id, "start_date": start, "end_date": end, "number": turn,
            "published_at": at(published, 11), "published_by_id": manager,
        }  # fmt: skip
