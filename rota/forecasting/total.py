"""Day and night together: a forecast that is the sum of others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rota.forecasting.calibration import PastErrors, adaptive_bands, half_width_floor
from rota.forecasting.forecaster import Component
from rota.forecasting.values import Forecast


def total_of(name: str, parts: list[Forecast], *, clip: bool = True) -> Forecast:
    """The sum of forecasts of the same days: coherent, with bands from the summed errors.

    Errors of day and night go together or against each other; adding up their bands would
    assume the worst. All parts must have the same days and past windows. Where one of them
    has a stand-in, the sum says which (by the last word of its name) and why.
    """
    first = parts[0]
    path = np.sum([part.path for part in parts], axis=0)
    errors = np.sum([part.errors for part in parts], axis=0)
    floor = half_width_floor(path)
    past = PastErrors(errors, first.steps_back, first.window, first.window // 4)
    made = adaptive_bands(path, past, first.bands.levels, clip=clip, half_floor=floor)
    names = [component.name for component in first.components]
    fallen = [part for part in parts if part.fallback]
    summed = tuple(
        Component(each, np.sum([part.components[row].values for part in parts], axis=0))
        for row, each in enumerate(names)
    )
    return replace(
        first, name=name, path=path, bands=made, errors=errors, components=summed,
        weights=(fallen or parts)[0].weights,
        fallback="; ".join(f"{part.name.rsplit(maxsplit=1)[-1]}: {part.fallback}" for part in fallen),
    )  # fmt: skip
