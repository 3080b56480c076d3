"""The optimisation as a background job."""

from __future__ import annotations

from typing import Any

from rota.jobs.runner import JobContext
from rota.optimisation import service
from rota.optimisation.requests import OptimisationRequest


def run_optimise(context: JobContext) -> dict[str, Any]:
    """Solve what the job's inputs say; gives the scenario's id and its measures."""
    request = OptimisationRequest.from_inputs(context.inputs)
    result = service.run(
        context.actor,
        request,
        engine=context.engine,
        report=context.report,
        cancelled=context.cancelled,
        job_id=context.job_id,
    )
    return {"scenario_id": result.scenario_id, "status": result.status}
