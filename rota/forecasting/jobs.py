"""Forecast work as background jobs: what the worker runs when a screen asks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import structlog

from rota.access.permissions import Permission
from rota.calendar import london_today
from rota.database import reading
from rota.forecasting import apart, outcomes, queries, service, train
from rota.jobs.runner import JobContext
from rota.settings import get_settings

log = structlog.get_logger(__name__)


def run_train(context: JobContext) -> dict[str, Any]:
    """Train the units in the job's inputs (``unit_ids``, or those of ``home_id``)."""
    given = context.inputs
    with reading(context.engine) as session:
        places = queries.care_units(session, given.get("unit_ids"))
    if given.get("home_id") is not None:
        places = [place for place in places if place.home_id == int(given["home_id"])]
    context.report(0.02, f"Training {len(places)} units")
    days = int(given.get("days", 730))
    ids = [place.id for place in places]
    if len(ids) < apart.WORTH_IT or get_settings().prophet_parallel_workers == 1:
        summaries = train.train_all(
            ids, days=days, workers=1, engine=context.engine, actor=context.actor,
            progress=lambda done, total, name: context.report(done / total, f"{name} trained"),
            cancelled=context.cancelled,
        )  # fmt: skip
        context.check()
        problems = [f"{each.place.name}: {each.problem}" for each in summaries if each.problem]
        return {"trained": len(summaries) - len(problems), "problems": problems}
    for home_id in {place.home_id for place in places}:
        context.actor.require(Permission.TRAIN_FORECAST, home_id)
    problems = apart.train_apart(
        context.engine, ids, days, context.actor.user_id,
        progress=lambda done, total, name: context.report(done / total, f"{name} trained"),
        cancelled=context.cancelled,
    )  # fmt: skip
    context.check()
    return {"trained": len(ids) - len(problems), "problems": problems}


def run_accuracy(context: JobContext) -> dict[str, Any]:
    """Write down what was forecast beside what happened, and say which units drifted."""
    context.report(0.1, "Comparing forecasts with what happened")
    written = outcomes.record_outcomes(context.engine, context.actor)
    today = london_today()
    with reading(context.engine) as session:
        places = queries.care_units(session)
        ids = [place.id for place in places]
        found = outcomes.outcomes(session, ids, today - timedelta(days=28), today)
        raised = outcomes.alerts(places, queries.model_cards(session, ids), found, today)
    for alert in raised:
        log.warning("forecast drift", home=alert.home, unit=alert.unit, band=alert.band,
                    reason=alert.reason)  # fmt: skip
    words = [f"{alert.home}, {alert.unit} ({alert.band}): {alert.reason}" for alert in raised]
    return {"recorded": written, "alerts": words}


def run_forecast(context: JobContext) -> dict[str, Any]:
    """Make sure that the forecast of ``unit_id`` reaches ``end``."""
    unit_id = int(context.inputs["unit_id"])
    end = date.fromisoformat(str(context.inputs["end"]))
    with reading(context.engine) as session:
        place = queries.care_unit(session, unit_id)
    context.actor.require(Permission.VIEW_FORECAST, place.home_id)
    context.report(0.1, f"Forecasting {place.name}")
    rows = service.get_or_create_forecast(unit_id, end, engine=context.engine)
    return {"unit_id": unit_id, "days": len(rows)}
