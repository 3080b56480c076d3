"""The measures by which a scenario is compared with the rota as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from rota.models import Band, Classification, Shift
from rota.optimisation.draft import DraftShift, is_standing
from rota.optimisation.home_data import HomeData

MINUTES_PER_HOUR = 60


@dataclass(frozen=True, slots=True)
class Measures:
    """Six measures of a rota for a period. Hours as minutes, money as pence."""

    cost_pence: int
    #: shifts whose rate is not known: their cost is missing from ``cost_pence``
    unpriced: int
    unfilled: int
    unfilled_minutes: int
    agency_minutes: int
    overtime_minutes: int
    breaches: int
    cost_by_source: dict[str, int]

    def as_summary(self) -> dict[str, Any]:
        """As a scenario stores it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Line:
    unit_id: int
    date: date
    band: Band
    is_vacant: bool
    classification: Classification
    minutes: int
    cost_pence: int | None


def measure_rota(data: HomeData, decided: Iterable[Shift], breaches: Mapping[str, int]) -> Measures:
    """The rota as it stands, over the shifts that the optimiser decides about."""
    return _measure(
        data,
        [
            _Line(
                shift.unit_id, shift.date, data.shift_types[shift.shift_type_id].band,
                shift.is_vacant, shift.classification, shift.paid_minutes, shift.cost_pence,
            )
            for shift in decided
        ],
        breaches,
    )  # fmt: skip


def measure_draft(
    data: HomeData, shifts: Iterable[DraftShift], breaches: Mapping[str, int]
) -> Measures:
    """A draft, over the same shifts."""
    return _measure(
        data,
        [
            _Line(
                draft.unit_id, draft.date, data.shift_types[draft.shift_type_id].band,
                draft.is_vacant, draft.classification, draft.paid_minutes, draft.cost_pence,
            )
            for draft in shifts
        ],
        breaches,
    )  # fmt: skip


def _measure(data: HomeData, lines: list[_Line], breaches: Mapping[str, int]) -> Measures:
    worked = [line for line in lines if not line.is_vacant]
    by_source: dict[str, int] = {}
    for line in worked:
        source = line.classification.value
        by_source[source] = by_source.get(source, 0) + (line.cost_pence or 0)
    unfilled, unfilled_minutes = _unfilled(data, lines)
    return Measures(
        cost_pence=sum(by_source.values()),
        unpriced=sum(line.cost_pence is None for line in worked),
        unfilled=unfilled,
        unfilled_minutes=unfilled_minutes,
        agency_minutes=_minutes(worked, Classification.AGENCY),
        overtime_minutes=_minutes(worked, Classification.OVERTIME),
        breaches=sum(breaches.values()),
        cost_by_source=by_source,
    )


def _minutes(lines: list[_Line], source: Classification) -> int:
    return sum(line.minutes for line in lines if line.classification is source)


def _unfilled(data: HomeData, lines: list[_Line]) -> tuple[int, int]:
    """People missing to the minimum in every unit, day and band, and their minutes.

    Counted against the requirement, not by vacancies, so that a rota that forgot to open a
    vacancy does not look better than one that did.
    """
    there: dict[tuple[int, date, Band], int] = {}
    for shift in data.shifts:
        if is_standing(data, shift):
            key = (shift.unit_id, shift.date, data.shift_types[shift.shift_type_id].band)
            there[key] = there.get(key, 0) + 1
    longest: dict[Band, int] = {}
    for line in lines:
        longest[line.band] = max(longest.get(line.band, 0), line.minutes)
        if not line.is_vacant:
            key = (line.unit_id, line.date, line.band)
            there[key] = there.get(key, 0) + 1
    people = minutes = 0
    for (unit_id, day, band), need in data.needs.items():
        missing = max(0, need.minimum - there.get((unit_id, day, band), 0))
        people += missing
        minutes += missing * longest.get(band, 12 * MINUTES_PER_HOUR)
    return people, minutes
