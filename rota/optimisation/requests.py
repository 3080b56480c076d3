"""What is asked of the optimiser, checked, and what it answers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from rota.errors import InvalidInput
from rota.optimisation.prices import Prices

#: the longest an optimisation may run (seconds)
LONGEST_SECONDS = 600


@dataclass(frozen=True, slots=True)
class OptimisationRequest:
    """What to optimise. ``end`` is included."""

    home_id: int
    start: date
    end: date
    seconds: float = 25.0
    seed: int = 1
    name: str = ""
    prices: Prices = Prices()  # noqa: RUF009 - frozen
    #: people needed so that this share of days (percent) is staffed; None: as required
    service_level: int | None = None
    #: the scenario whose inputs these started from
    parent_id: int | None = None

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InvalidInput("The last day lies before the first one.")
        if not 1 <= self.seconds <= LONGEST_SECONDS:
            raise InvalidInput(f"An optimisation takes 1 to {LONGEST_SECONDS} seconds.")
        if self.service_level is not None and not 50 <= self.service_level <= 99:
            raise InvalidInput("A service level is 50 to 99 percent.")

    @property
    def key(self) -> str:
        """The same for the same question, whatever it is called: asked twice, it is one job."""
        inputs = {**self.as_inputs(), "name": "", "parent_id": None}
        digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
        return f"{self.home_id}:{self.start}:{self.end}:{digest[:12]}"

    def as_inputs(self) -> dict[str, Any]:
        """As a scenario and a job store them."""
        return {
            "home_id": self.home_id,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "seconds": self.seconds,
            "seed": self.seed,
            "name": self.name,
            "prices": self.prices.as_inputs(),
            "service_level": self.service_level,
            "parent_id": self.parent_id,
        }

    @classmethod
    def from_inputs(cls, given: dict[str, Any]) -> OptimisationRequest:
        """Read what :meth:`as_inputs` wrote; what is missing takes its default."""
        level, parent = given.get("service_level"), given.get("parent_id")
        return cls(
            home_id=int(given["home_id"]),
            start=date.fromisoformat(given["start"]),
            end=date.fromisoformat(given["end"]),
            seconds=float(given.get("seconds", 25)),
            seed=int(given.get("seed", 1)),
            name=str(given.get("name", "")),
            prices=Prices.from_inputs(given.get("prices", {})),
            service_level=None if level is None else int(level),
            parent_id=None if parent is None else int(parent),
        )


@dataclass(frozen=True, slots=True)
class OptimisationResult:
    """What :func:`optimize_schedule` gives. Money in pence, time in minutes."""

    status: str
    scenario_id: int
    total_cost: int
    shifts_created: int
    unfilled: int
    agency_minutes: int
    overtime_minutes: int
    breaches: int
    objective: float | None
    bound: float | None

    @property
    def gap(self) -> float | None:
        """(objective - bound) / objective; null when no bound was proved."""
        if self.objective is None or self.bound is None or not self.objective:
            return None
        return max(0.0, (self.objective - self.bound) / abs(self.objective))
