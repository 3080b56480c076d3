"""What a home needs on every unit, day and band, and what each way of filling it costs."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from rota.calendar import bank_holiday, shift_instants
from rota.costs.rates import ShiftFacts, cost_of_shift
from rota.models import Band, Classification, Grade
from rota.optimisation.agency_caps import AGENCY
from rota.optimisation.home_frame import Frame
from rota.optimisation.problem import Demand, Step

#: agencies are limited by the week (``agency_caps.py``), not by the day
_UNLIMITED = 10_000


def is_minimum(demand: Demand) -> bool:
    """Whether a demand is a unit's minimum, and not its ideal or its seniors."""
    return demand.name.endswith("/minimum")


def demands_of(frame: Frame) -> list[Demand]:
    """Minimum, ideal and seniors of each unit, day and band, less what stands already."""
    found: list[Demand] = []
    duties = _duties_by_unit_and_band(frame)
    standing = _standing_cover(frame)
    for (unit_id, day, band), need in sorted(frame.data.needs.items()):
        chosen = duties.get((unit_id, band))
        if not chosen:
            continue
        there, seniors_there = standing.get((unit_id, day, band), (0, 0))
        number = frame.day_index(day)
        name = f"{unit_id}/{band.value}"
        minimum = max(0, need.minimum - there)
        if minimum:
            found.append(
                Demand(number, f"{name}/minimum", minimum, chosen, _sources(frame, day, band))
            )
        ideal = max(0, need.ideal - there)
        found.append(
            Demand(
                number, f"{name}/ideal", ideal, chosen, (Step(frame.prices.below_ideal),),
                over_price=frame.prices.above_ideal,
            )
        )  # fmt: skip
        seniors = max(0, need.senior_minimum - seniors_there)
        if seniors:
            found.append(
                Demand(
                    number, f"{name}/senior", seniors, chosen,
                    (Step(frame.prices.senior_missing, source="no senior"),),
                    grades=frozenset({Grade.SENIOR.value}),
                )
            )  # fmt: skip
    return found


def _duties_by_unit_and_band(frame: Frame) -> dict[tuple[int, Band], frozenset[int]]:
    grouped: dict[tuple[int, Band], set[int]] = defaultdict(set)
    for number, place in enumerate(frame.places[: frame.first_cover_free]):
        if place.unit_id is not None:
            band = frame.data.shift_types[place.shift_type_id].band
            grouped[place.unit_id, band].add(number)
    return {key: frozenset(duties) for key, duties in grouped.items()}


def _standing_cover(frame: Frame) -> dict[tuple[int, date, Band], tuple[int, int]]:
    """People on fixed shifts that count to cover, and seniors among them."""
    grades = {staff.id: staff.role.grade for staff in frame.data.staff}
    cover: dict[tuple[int, date, Band], tuple[int, int]] = {}
    for shift in frame.data.shifts:
        kind = frame.data.shift_types[shift.shift_type_id]
        if (
            shift.is_vacant
            or shift.is_supernumerary
            or shift.id in frame.decided
            or not kind.counts_to_cover
            or shift.date < frame.data.start
        ):
            continue
        key = (shift.unit_id, shift.date, kind.band)
        there, seniors = cover.get(key, (0, 0))
        senior = grades.get(shift.user_id or 0) == Grade.SENIOR
        cover[key] = (there + 1, seniors + senior)
    return cover


def _sources(frame: Frame, day: date, band: Band) -> tuple[Step, ...]:
    """The cheapest agency, then a gap (their weekly caps: ``agency_caps.py``)."""
    price = min(
        (_agency_price(frame, agency.id, day, band) for agency in frame.data.agencies),
        default=frame.prices.unfilled,
    )
    gap = Step(frame.prices.unfilled)
    if price >= gap.price:
        return (gap,)
    return (Step(price, limit=_UNLIMITED, source=AGENCY), gap)


def _agency_price(frame: Frame, agency_id: int, day: date, band: Band) -> int:
    """Pence for the longest shift of the band by the cheapest role the supplier has."""
    kinds, minutes = frame.kinds_of(band), frame.longest_minutes(band)
    roles = {staff.role_id for staff in frame.data.staff if staff.role.counts_to_cover}
    prices = []
    for role_id in sorted(roles):
        starts, ends = shift_instants(day, kinds[0].start_time, kinds[0].end_time)
        cost = cost_of_shift(
            ShiftFacts(
                role_id=role_id, date=day, starts_at=starts, ends_at=ends,
                paid_minutes=minutes, band=band, classification=Classification.AGENCY,
                agency_id=agency_id, is_bank_holiday=bank_holiday(day) is not None,
            ),
            frame.data.rates,
        )  # fmt: skip
        if cost.total_pence is not None:
            prices.append(cost.total_pence)
    fallback = int(Decimal(frame.prices.agency_fallback_hour) * minutes / 60)
    return min(prices, default=fallback)
