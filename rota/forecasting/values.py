"""What goes into the application's forecaster and what comes out."""

from __future__ import annotations

from dataclasses import dataclass

from rota.errors import InvalidInput
from rota.forecasting.calibration import Bands
from rota.forecasting.ensemble import Weights
from rota.forecasting.forecaster import Component
from rota.forecasting.holiday_table import NO_HOLIDAYS, HolidayTable
from rota.forecasting.screening import LevelShift, Outlier
from rota.forecasting.series import DayArray, FloatArray

SEASONS = ("auto", "none", "14", "21", "28")
_MAX_HORIZON = 730


@dataclass(frozen=True, slots=True)
class Options:
    """How to forecast: steps ahead, band levels as shares, holidays, pattern, memory.

    ``proportional`` says that the series is so much for each resident: bookings known at an
    origin move all forecasts in proportion. ``max_steps`` is the longest history a fit may see, ``windows`` how many past windows
    of four weeks calibrate it.
    """

    horizon: int = 28
    levels: tuple[float, ...] = (0.8, 0.9, 0.95)
    holidays: HolidayTable = NO_HOLIDAYS
    season: str = "auto"
    max_steps: int = 730
    windows: int = 12
    proportional: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.horizon <= _MAX_HORIZON:
            raise InvalidInput(
                f"The horizon must be 1 to {_MAX_HORIZON} steps, not {self.horizon}."
            )
        if not all(0.5 <= level < 1 for level in self.levels):
            raise InvalidInput("Levels must be from 50 to below 100 %.")
        if self.season not in SEASONS:
            raise InvalidInput(f"The season must be one of {', '.join(SEASONS)}.")
        if self.max_steps < 14:
            raise InvalidInput(f"A history of {self.max_steps} days is too short to learn from.")


@dataclass(frozen=True, slots=True)
class OwnErrors:
    """How the forecaster did on its own past windows; NaN where there are none.

    ``mase`` and ``naive_mase`` in units of the lag error, ``wape`` and ``naive_wape`` as
    shares of what happened, ``bias`` mean of forecast minus actual in units of the lag
    error, ``coverage`` of the 80 % band with each window judged by the errors of the
    others.
    """

    windows: int
    mase: float
    naive_mase: float
    wape: float
    naive_wape: float
    bias: float
    coverage: float


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What past windows taught: enough to forecast again without going through them.

    ``weights`` by member, ``errors`` (W, L) actual minus forecast of the windows that began
    ``steps_back`` steps ago, ``fallback`` why one forecaster stands in, or nothing.
    """

    weights: Weights
    errors: FloatArray
    steps_back: tuple[int, ...]
    fallback: str
    own: OwnErrors

    @property
    def voice(self) -> str:
        """The one forecaster that speaks where the ensemble gave way."""
        return self.weights.names[0]


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """A calibrated forecast: ``days`` and ``path`` (H,), bands, and why it is as it is.

    ``errors`` (W, L) are the past windows' actual minus forecast, NaN where unknown,
    oldest first; the windows began ``steps_back`` (W,) steps before, ``window`` being the steps
    of four periods; ``fallback`` says why one simple forecaster stands in, or is empty.
    """

    name: str
    model: str
    days: DayArray
    path: FloatArray
    bands: Bands
    weights: tuple[tuple[str, float], ...]
    errors: FloatArray
    steps_back: tuple[int, ...]
    window: int
    fallback: str
    own_errors: OwnErrors
    components: tuple[Component, ...]
    outliers: tuple[Outlier, ...]
    shifts: tuple[LevelShift, ...]
    pattern_days: int
