"""The rota domain: everything the product knows, without a screen.

The go-live plan calls its functions from a shell; they are offered here under the plan's
names and loaded when first used::

    >>> from rota import Shift, train_prophet_model, optimize_schedule   # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

#: the plan's name -> where it lives
_OFFERED = {
    "CareHome": "rota.models",
    "Unit": "rota.models",
    "Staff": "rota.models",
    "Shift": "rota.models",
    "train_prophet_model": "rota.forecasting.service",
    "get_or_create_forecast": "rota.forecasting.service",
    "optimize_schedule": "rota.optimisation.service",
    "apply_performance_indexes": "rota.operations.indexes",
    "quick_load_test": "rota.operations.load_test",
}

if TYPE_CHECKING:
    from rota.forecasting.service import get_or_create_forecast, train_prophet_model
    from rota.models import CareHome, Shift, Staff, Unit
    from rota.operations.indexes import apply_performance_indexes
    from rota.operations.load_test import quick_load_test

__all__ = [
    "CareHome",
    "Shift",
    "Staff",
    "Unit",
    "apply_performance_indexes",
    "get_or_create_forecast",
    "quick_load_test",
    "train_prophet_model",
]


def __getattr__(name: str) -> Any:
    if name not in _OFFERED:
        raise AttributeError(f"module 'rota' has no attribute {name!r}")
    return getattr(importlib.import_module(_OFFERED[name]), name)
