"""What kinds of background work there are, who may ask for them, and what does them.

The function is named by a dotted path and imported only in the worker: the web process
knows that there is a solver, but never loads one.
"""

from __future__ import annotations

from dataclasses import dataclass

from rota.access.permissions import Permission


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of work. ``function`` is ``module:name`` taking a :class:`JobContext`.

    ``apart``: it has a process of its own, with limits of memory and time."""

    title: str
    permission: Permission
    function: str
    apart: bool = False


KINDS: dict[str, JobKind] = {
    "optimise": JobKind(
        "Optimisation",
        Permission.RUN_OPTIMISATION,
        "rota.optimisation.jobs:run_optimise",
        apart=True,
    ),
    "study": JobKind(
        "Study of scenarios",
        Permission.RUN_OPTIMISATION,
        "rota.optimisation.study_jobs:run_study",
        apart=True,
    ),
    "replay": JobKind(
        "Replay of a month", Permission.RUN_OPTIMISATION, "rota.optimisation.replay_jobs:run_replay"
    ),
    "train": JobKind(
        "Forecast training", Permission.TRAIN_FORECAST, "rota.forecasting.jobs:run_train"
    ),
    "accuracy": JobKind(
        "Forecast accuracy", Permission.TRAIN_FORECAST, "rota.forecasting.jobs:run_accuracy"
    ),
    "forecast": JobKind("Forecast", Permission.VIEW_FORECAST, "rota.forecasting.jobs:run_forecast"),
    "workbook": JobKind(
        "Workbook", Permission.EXPORT_DATA, "rota.reports.export_jobs:run_workbook"
    ),
    "retention": JobKind(
        "Retention", Permission.ADMINISTER, "rota.operations.retention:run_retention"
    ),
}
