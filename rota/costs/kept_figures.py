"""Sums of past months that are kept, so that a comparison need not read every shift again.

The worker keeps them (:func:`keep_figures`, every minute); a write that touches a home takes the
touched months away in its own transaction (:meth:`rota.database.UnitOfWork.touch`). What is not
kept is summed from the shifts, by the same code that filled what is kept: only speed differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select

from rota.access.actor import Actor
from rota.access.scope import HomeChoice, homes_of
from rota.access.service import installation_actor
from rota.calendar import london_today, months_after
from rota.costs.facts import Place, sums_of_shifts
from rota.costs.measures import KEPT
from rota.database import reading
from rota.models import CareHome, KeptFigure

#: months kept before the present one: a trend, last month and the same month last year
MONTHS_KEPT = 13


def keep_figures(engine: Engine, *, today: date | None = None) -> int:
    """Sum and keep what is missing of every home's past months; gives how many home-months.

    A home that changed while it was read is left for the next time.
    """
    today = today or london_today()
    months = [months_after(today.replace(day=1), -back) for back in range(MONTHS_KEPT, 0, -1)]
    with reading(engine) as session:
        actor = installation_actor(session, "Kept figures")
        homes = homes_of(session, actor)
        known = {
            (home_id, month)
            for home_id, month in session.execute(
                select(KeptFigure.home_id, KeptFigure.month)
                .group_by(KeptFigure.home_id, KeptFigure.month)
                # a release may keep more than the one before
                .having(func.count() == len(KEPT))
            )
        }
    return sum(
        _keep(engine, actor, home, missing)
        for home in homes
        if (missing := [month for month in months if (home.id, month) not in known])
    )


def _keep(engine: Engine, actor: Actor, home: HomeChoice, months: Sequence[date]) -> int:
    with reading(engine) as session:
        sums = sums_of_shifts(session, [home], months, months)
    rows = [row for month in months for row in _rows(home.id, month, sums)]
    with engine.execution_options(rota_writes=True).begin() as connection:
        # writers raise the version last, under this very lock: an equal version means that what
        # was summed is what is stored, and that nobody gets in between until it is kept
        version = connection.scalar(
            select(CareHome.data_version).where(CareHome.id == home.id).with_for_update()
        )
        if version != home.data_version:
            return 0
        connection.execute(
            delete(KeptFigure).where(KeptFigure.home_id == home.id, KeptFigure.month.in_(months))
        )
        connection.execute(insert(KeptFigure), rows)
    return len(months)


def _rows(
    home_id: int, month: date, sums: Mapping[Place, Mapping[str, int]]
) -> list[dict[str, Any]]:
    found = sums.get((home_id, month), {})
    return [
        {"home_id": home_id, "month": month, "name": name, "value": found.get(name, 0)}
        for name in KEPT
    ]
