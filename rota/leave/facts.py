"""The values a leave decision rests on. Built by :mod:`rota.leave.decision`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from rota.calendar import Period
from rota.leave.hours import HoursSource
from rota.leave.ledger import Balance

# screens may not read the models; what they need of them is said again here
from rota.models import Band as Band
from rota.models import LeaveStatus as LeaveStatus
from rota.models import LeaveType as LeaveType
from rota.roster.slots import Slot, SlotCover


class Light(StrEnum):
    """How far something is from where it should be."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class DayFact:
    """One day of the request in one unit and band: cover with the person and without.

    ``shift_code`` is what they are rostered for, empty on a day they are not. An unplanned
    day has no rota yet, so its cover says nothing.
    """

    slot: Slot
    unit_name: str
    shift_code: str
    minutes: int
    with_person: SlotCover
    without_person: SlotCover
    is_planned: bool
    others_off: int

    @property
    def falls_short(self) -> bool:
        """Whether granting the day leaves the slot below its minimum, or further below."""
        return self.is_planned and self.without_person.short > self.with_person.short


@dataclass(frozen=True, slots=True)
class ColleagueOff:
    """Somebody of the same unit who is away, or asks to be, on days of the request."""

    staff_id: int
    name: str
    role: str
    period: Period
    status: str


@dataclass(frozen=True, slots=True)
class Pace:
    """Leave used (taken and booked) as a share of the entitlement, against the target curve."""

    used_percent: float
    after_percent: float
    target_percent: float
    light: Light

    @property
    def behind_percent(self) -> float:
        """Percentage points behind the target; negative when ahead."""
        return self.target_percent - self.used_percent


@dataclass(frozen=True, slots=True)
class Notice:
    """Notice given and needed, and until when a refusal is lawful (WTR 1998, reg 15)."""

    given_days: int
    statutory_days: int
    policy_days: int
    last_refusal: date
    refusal_is_lawful: bool

    @property
    def meets_statutory(self) -> bool:
        """Whether the person gave the notice the law asks of them."""
        return self.given_days >= self.statutory_days

    @property
    def meets_policy(self) -> bool:
        """Whether the person gave the notice the organisation asks for."""
        return self.given_days >= self.policy_days


@dataclass(frozen=True, slots=True)
class Price:
    """What standing in for the shifts that fall short would cost, in pence.

    ``overtime_pence`` by own staff beyond contract, ``agency_pence`` by the preferred agency;
    null where a rate is missing. ``shifts`` is how many must be stood in for.
    """

    shifts: int
    overtime_pence: int | None
    agency_pence: int | None

    @property
    def cheapest_pence(self) -> int | None:
        """The lesser of what is known."""
        known = [p for p in (self.overtime_pence, self.agency_pence) if p is not None]
        return min(known) if known else None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Other dates nearby that cost less: how many shifts fall short, and the price."""

    period: Period
    minutes: int
    price: Price
    saving_pence: int | None


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of the policy in plain English, and whether the request meets it.

    ``blocks_automatic`` says whether failing it keeps the request from approving itself.
    """

    key: str
    passed: bool
    text: str
    blocks_automatic: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """The request a decision is about, with its person."""

    request_id: int
    version: int
    staff_id: int
    name: str
    role: str
    home_id: int | None
    unit_id: int | None
    unit_name: str
    period: Period
    leave_type: LeaveType
    status: LeaveStatus
    reason: str
    requested_at: datetime
    minutes: int
    hours_from: tuple[HoursSource, ...]


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """Everything a manager should see before deciding one request."""

    asked: Asked
    days: tuple[DayFact, ...]
    price: Price
    colleagues: tuple[ColleagueOff, ...]
    team_size: int
    balance: Balance
    pace: Pace
    notice: Notice
    checks: tuple[Check, ...]
    alternatives: tuple[Alternative, ...]
    automatic_enabled: bool

    @property
    def short_days(self) -> tuple[date, ...]:
        """Days on which granting leaves a unit below its minimum."""
        return tuple(sorted({fact.slot.day for fact in self.days if fact.falls_short}))

    @property
    def fits_policy(self) -> bool:
        """Whether every condition of automatic approval is met."""
        return all(check.passed for check in self.checks if check.blocks_automatic)

    @property
    def approves_itself(self) -> bool:
        """Whether the request may be approved without a manager."""
        return self.automatic_enabled and self.fits_policy
