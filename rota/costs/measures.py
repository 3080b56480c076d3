"""Every measure of the numbers room, each defined once.

A measure is a quotient of sums (:class:`Facts`), so that a home, a month and the whole
organisation are computed alike: add the facts up, then divide. Where the divisor is nought
there is no answer (null), never a zero and never NaN. Hours are minutes, money is pence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Facts:
    """What a home (or several) did in a period; sums only, so that facts can be added.

    ``cost_pence`` lacks the ``missing_rates`` shifts. ``care_minutes`` are worked minutes
    that count to cover. ``required``, ``unfilled`` and ``overfill`` minutes are those of
    units, days and bands for which a requirement is stored, and so are the ``fill_…`` ones:
    ``fill_contracted + fill_overtime + fill_bank + fill_agency + unfilled`` equals
    ``required + overfill``.
    """

    shifts: int = 0
    minutes: int = 0
    cost_pence: int = 0
    missing_rates: int = 0
    contracted_pence: int = 0
    overtime_pence: int = 0
    bank_pence: int = 0
    agency_pence: int = 0
    overtime_minutes: int = 0
    bank_minutes: int = 0
    agency_minutes: int = 0
    #: what the agency hours would have cost at the loaded rates of own staff in the same role
    agency_at_own_rate_pence: int = 0
    care_minutes: int = 0
    senior_minutes: int = 0
    required_minutes: int = 0
    unfilled_minutes: int = 0
    overfill_minutes: int = 0
    fill_contracted_minutes: int = 0
    fill_overtime_minutes: int = 0
    fill_bank_minutes: int = 0
    fill_agency_minutes: int = 0
    required_cells: int = 0
    cells_short_of_seniors: int = 0
    resident_days: int = 0
    budget_pence: int = 0
    lost_minutes: int = 0
    contracted_staff_minutes: int = 0
    spells: int = 0
    headcount: int = 0
    published_shifts: int = 0
    changes_under_week: int = 0
    changes_under_two_days: int = 0
    publications: int = 0
    lead_days: int = 0
    continuity_minutes: int = 0
    own_minutes: int = 0
    #: people with a contract, and their homes' weekend Gini × people, in millionths
    fairness_people: int = 0
    fairness_millionths: int = 0
    #: rests shorter than the rules ask, as the ledger of compensatory rest holds them
    rest_shortfalls: int = 0
    #: care hours × 1000: what forecasts were off by on days that are over, and what came
    forecast_error_thousandths: int = 0
    forecast_actual_thousandths: int = 0

    def __add__(self, other: Facts) -> Facts:
        return Facts(
            *(getattr(self, field.name) + getattr(other, field.name) for field in fields(Facts))
        )


#: the facts that shifts and requirements give, which are kept of past months
KEPT = (
    "shifts", "minutes", "cost_pence", "missing_rates", "contracted_pence", "overtime_pence",
    "bank_pence", "agency_pence", "overtime_minutes", "bank_minutes", "agency_minutes",
    "agency_at_own_rate_pence", "care_minutes", "senior_minutes", "required_minutes",
    "unfilled_minutes", "overfill_minutes", "fill_contracted_minutes", "fill_overtime_minutes",
    "fill_bank_minutes", "fill_agency_minutes", "required_cells", "cells_short_of_seniors",
    "published_shifts", "fairness_people", "fairness_millionths",
)  # fmt: skip


class Kind(StrEnum):
    """How a measure is written."""

    PENCE = "pence"
    SHARE = "share"
    DAYS = "days"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Measure:
    """A named figure: how it is written, whether less is better, and its formula in words."""

    key: str
    name: str
    kind: Kind
    definition: str
    of: Callable[[Facts], float | None]
    less_is_better: bool = True


def ratio(part: float, whole: float) -> float | None:
    """``part`` ÷ ``whole``, or nothing where there is no whole."""
    return part / whole if whole > 0 else None


def unfilled_rate(facts: Facts) -> float | None:
    """Unfilled required hours ÷ required hours."""
    return ratio(facts.unfilled_minutes, facts.required_minutes)


def fill_by_source(facts: Facts) -> dict[str, float] | None:
    """Hours by source ÷ required hours; with unfilled they sum to 1 plus overfill."""
    if facts.required_minutes <= 0:
        return None
    parts = {
        "contracted": facts.fill_contracted_minutes,
        "overtime": facts.fill_overtime_minutes,
        "bank": facts.fill_bank_minutes,
        "agency": facts.fill_agency_minutes,
        "unfilled": facts.unfilled_minutes,
        "overfill": facts.overfill_minutes,
    }
    return {source: minutes / facts.required_minutes for source, minutes in parts.items()}


def agency_premium_pence(facts: Facts) -> int:
    """Agency hours × (agency rate − loaded own rate of the same role, day and time)."""
    return facts.agency_pence - facts.agency_at_own_rate_pence


def cost_per_care_hour(facts: Facts) -> float | None:
    """Loaded cost ÷ direct care hours, in pence an hour."""
    return ratio(facts.cost_pence * 60, facts.care_minutes)


def cost_per_resident_day(facts: Facts) -> float | None:
    """Loaded cost ÷ the sum of daily residents, in pence a resident and day."""
    return ratio(facts.cost_pence, facts.resident_days)


MEASURES: tuple[Measure, ...] = (
    Measure(
        "cost", "Staff cost", Kind.PENCE,
        "Loaded cost of every worked or planned shift at the rates of its day.",
        lambda facts: facts.cost_pence,
    ),
    Measure(
        "budget_used", "Budget used", Kind.SHARE,
        "Loaded cost ÷ budget of the same months.",
        lambda facts: ratio(facts.cost_pence, facts.budget_pence),
    ),
    Measure(
        "cost_per_care_hour", "Cost per care hour", Kind.PENCE,
        "Loaded cost ÷ direct care hours (hours that count to cover).", cost_per_care_hour,
    ),
    Measure(
        "cost_per_resident_day", "Cost per resident day", Kind.PENCE,
        "Loaded cost ÷ the sum of daily residents.", cost_per_resident_day,
    ),
    Measure(
        "agency_share", "Agency share", Kind.SHARE, "Agency hours ÷ all worked hours.",
        lambda facts: ratio(facts.agency_minutes, facts.minutes),
    ),
    Measure(
        "agency_premium", "Agency premium", Kind.PENCE,
        "Agency hours × (agency rate − loaded own rate of the same role, day and time).",
        agency_premium_pence,
    ),
    Measure(
        "overtime_share", "Overtime share", Kind.SHARE, "Overtime hours ÷ all worked hours.",
        lambda facts: ratio(facts.overtime_minutes, facts.minutes),
    ),
    Measure(
        "unfilled_rate", "Unfilled", Kind.SHARE,
        "Unfilled required hours ÷ required hours.", unfilled_rate,
    ),
    Measure(
        "absence", "Absence", Kind.SHARE, "Absent hours ÷ contracted hours.",
        lambda facts: ratio(facts.lost_minutes, facts.contracted_staff_minutes),
    ),
    Measure(
        "spells", "Spells per head", Kind.NUMBER, "Absence spells begun ÷ headcount.",
        lambda facts: ratio(facts.spells, facts.headcount),
    ),
    Measure(
        "skill_mix", "Senior share", Kind.SHARE, "Senior hours ÷ direct care hours.",
        lambda facts: ratio(facts.senior_minutes, facts.care_minutes), less_is_better=False,
    ),
    Measure(
        "senior_short", "Short of seniors", Kind.SHARE,
        "Units, days and bands below their senior minimum ÷ those with a requirement.",
        lambda facts: ratio(facts.cells_short_of_seniors, facts.required_cells),
    ),
    Measure(
        "continuity", "Continuity", Kind.SHARE,
        "Own-staff hours by people with at least 3 shifts on the unit in the 28 days before "
        "÷ own-staff hours.",
        lambda facts: ratio(facts.continuity_minutes, facts.own_minutes), less_is_better=False,
    ),
    Measure(
        "lead_time", "Lead time", Kind.DAYS,
        "Mean days from publishing a rota to its first day.",
        lambda facts: ratio(facts.lead_days, facts.publications), less_is_better=False,
    ),
    Measure(
        "short_notice", "Short-notice changes", Kind.SHARE,
        "Changes of published shifts under 7 days before they start ÷ published shifts.",
        lambda facts: ratio(facts.changes_under_week, facts.published_shifts),
    ),
    Measure(
        "rest_shortfalls", "Short rests per head", Kind.NUMBER,
        "Daily or weekly rests shorter than the rules ask, on record in the month ÷ headcount.",
        lambda facts: ratio(facts.rest_shortfalls, facts.headcount),
    ),
    Measure(
        "fairness", "Weekend Gini", Kind.NUMBER,
        "How unevenly weekend hours lie beside contracts: 0 is even, 1 is all on one person; "
        "of several homes the mean by people.",
        lambda facts: ratio(facts.fairness_millionths, facts.fairness_people * 1_000_000),
    ),
    Measure(
        "forecast_error", "Forecast error", Kind.SHARE,
        "WAPE of care hours: Σ |actual − forecast| ÷ Σ actual, by the last forecast before the day.",
        lambda facts: ratio(facts.forecast_error_thousandths, facts.forecast_actual_thousandths),
    ),
)  # fmt: skip

BY_KEY = {measure.key: measure for measure in MEASURES}


@dataclass(frozen=True, slots=True)
class Burden:
    """One person's unsocial minutes in a period and their contract (minutes a week)."""

    staff_id: int
    minutes: int
    contracted_minutes: int


@dataclass(frozen=True, slots=True)
class Fairness:
    """How evenly a burden lies: 1 is each person's pro-rata share.

    ``gini`` is 0 when everybody carries their share, near 1 when one person carries all.
    """

    people: int
    lowest: float
    highest: float
    gini: float
    worst_off: int

    @property
    def spread(self) -> float:
        """Highest less lowest share."""
        return self.highest - self.lowest


def fairness(burdens: list[Burden]) -> Fairness | None:
    """Each person's burden ÷ contract-pro-rata share: range, Gini coefficient, worst off.

    People without guaranteed hours have no pro-rata share and are left out. Nothing where
    nobody has a contract or nobody carries a burden.
    """
    people = [burden for burden in burdens if burden.contracted_minutes > 0]
    total = sum(burden.minutes for burden in people)
    contracts = sum(burden.contracted_minutes for burden in people)
    if total <= 0:
        return None
    shares = sorted(
        (burden.minutes * contracts / (total * burden.contracted_minutes), -burden.staff_id)
        for burden in people
    )
    weight = sum(
        (2 * place - len(shares) - 1) * share for place, (share, _) in enumerate(shares, 1)
    )
    whole = sum(share for share, _ in shares)
    return Fairness(
        people=len(shares),
        lowest=shares[0][0],
        highest=shares[-1][0],
        gini=weight / (len(shares) * whole),
        worst_off=-shares[-1][1],
    )


def cell_minutes(
    minimum: int, people: int, worked_minutes: int, usual_minutes: float
) -> tuple[int, int, int]:
    """Required, unfilled and overfill minutes of one unit, day and band.

    ``minimum`` people are required, ``people`` work ``worked_minutes``; a missing or a
    surplus person is worth ``usual_minutes``. ``worked + unfilled = required + overfill``.
    """
    unfilled = round(max(0, minimum - people) * usual_minutes)
    overfill = min(worked_minutes, round(max(0, people - minimum) * usual_minutes))
    return worked_minutes + unfilled - overfill, unfilled, overfill
