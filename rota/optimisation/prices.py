"""What the optimiser pays for what is not a wage: gaps, changes, strangers on a unit.

Editable inputs of a scenario, in pence. Their order matters more than their size: a gap
below the minimum costs more than any agency shift, an agency shift more than overtime.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from rota.errors import InvalidInput

_LARGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """Pence for each occurrence unless the name says otherwise."""

    unfilled: int = 120_000
    senior_missing: int = 90_000
    below_ideal: int = 2_500
    above_ideal: int = 9_000
    #: for each shift that differs from the rota as it stands: one that nobody was told of yet,
    #: one that was published, and one that was and begins within a week
    change: int = 1_200
    published_change: int = 2_400
    short_notice_change: int = 6_000
    unfamiliar_unit: int = 2_000
    #: for a shift at a weekend, at night or on a bank holiday by somebody who had twice their
    #: fair share of them in the past quarter; in proportion to what is above the share, at
    #: most half as much again
    fairness: int = 400
    #: percent of the own hourly rate for contracted time that is paid but not used
    unused_contract_percent: int = 60
    #: used where a supplier's rate is not known
    agency_fallback_hour: int = 3_000

    def as_inputs(self) -> dict[str, int]:
        """As a scenario stores them."""
        return asdict(self)

    @classmethod
    def from_inputs(cls, given: dict[str, Any]) -> Prices:
        """Read stored or submitted prices. Raises :class:`InvalidInput` naming a bad one."""
        known = {field.name for field in fields(cls)}
        for name, value in given.items():
            if name not in known:
                raise InvalidInput(f"There is no price called {name!r}.")
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
                raise InvalidInput(f"The price {name!r} must be whole pence from 0 to {_LARGEST}.")
        return cls(**given)
