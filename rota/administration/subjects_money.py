"""Agencies and dated rates. A changed rate prices the shifts it concerns anew."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.administration.fields import Choices, Field, Kind
from rota.administration.subjects import roles
from rota.administration.tables import Table, Values
from rota.costs.repricing import reprice
from rota.database import UnitOfWork
from rota.models import Agency, AgencyRate, OnCost, PayFloor, PayRate

MONEY = "Money"
_FROM = Field("effective_from", "From", Kind.DATE)
#: pounds an hour; more is a slip of the keyboard
_MOST = 500


def _agencies(session: Session) -> Choices:
    rows = session.execute(select(Agency.id, Agency.name).order_by(Agency.name))
    return [(str(row.id), row.name) for row in rows]


def _since(before: Values | None, after: Values | None) -> date:
    days: list[date] = [v["effective_from"] for v in (before, after) if v is not None]
    return min(days)


def _said(count: int) -> str:
    return f"{count:,} shifts were priced anew." if count else ""


def _own_rates(uow: UnitOfWork, before: Values | None, after: Values | None) -> str:
    role = (after or before or {})["role_id"]
    return _said(reprice(uow, _since(before, after), role_id=role))


def _agency_rates(uow: UnitOfWork, before: Values | None, after: Values | None) -> str:
    agency = (after or before or {})["agency_id"]
    return _said(reprice(uow, _since(before, after), agency_id=agency))


def _on_costs(uow: UnitOfWork, before: Values | None, after: Values | None) -> str:
    return _said(reprice(uow, _since(before, after)))


def _hourly() -> tuple[Field, ...]:
    return tuple(
        Field(f"{name}_pence", label, Kind.MONEY, low=0.01, high=_MOST, hint="£ an hour")
        for name, label in (
            ("day", "Day"), ("night", "Night"), ("weekend", "Weekend"), ("holiday", "Bank holiday"),
        )
    )  # fmt: skip


AGENCIES = Table(
    "agencies", "Agencies", "agency", MONEY,
    "Suppliers, asked in the order of their preference.",
    Agency,
    (
        Field("name", "Name"),
        Field("preference", "Preference", Kind.WHOLE, low=1, high=99, hint="1 is asked first."),
        Field("weekly_cap_minutes", "Most hours a week", Kind.HOURS, required=False, high=5000,
              hint="Empty: no limit."),
        Field("is_active", "In use", Kind.FLAG),
    ),
    ("preference", "name"), closes_by="is_active",
)  # fmt: skip

PAY_RATES = Table(
    "pay-rates", "Pay rates", "pay rate", MONEY,
    "What each grade is paid an hour, from a day on.",
    PayRate,
    (
        Field("role_id", "Grade", Kind.REFERENCE, choices=roles, fixed=True),
        _FROM,
        *_hourly(),
        Field("overtime_multiplier", "Overtime ×", Kind.DECIMAL, low=1, high=5),
    ),
    ("role_id", "-effective_from"), permission=Permission.EDIT_RATES, dated="effective_from",
    effect=_own_rates,
)  # fmt: skip

AGENCY_RATES = Table(
    "agency-rates", "Agency rates", "agency rate", MONEY,
    "What each agency invoices an hour for a grade, from a day on.",
    AgencyRate,
    (
        Field("agency_id", "Agency", Kind.REFERENCE, choices=_agencies, fixed=True),
        Field("role_id", "Grade", Kind.REFERENCE, choices=roles, fixed=True),
        _FROM,
        *_hourly(),
    ),
    ("agency_id", "role_id", "-effective_from"), permission=Permission.EDIT_RATES,
    dated="effective_from", effect=_agency_rates,
)  # fmt: skip

ON_COSTS = Table(
    "on-costs", "On-costs", "on-cost", MONEY,
    "What comes on top of pay, from a day on.",
    OnCost,
    (
        _FROM,
        Field("national_insurance_percent", "National Insurance %", Kind.DECIMAL, high=100),
        Field("national_insurance_threshold_pence", "Threshold a year (£)", Kind.MONEY, high=100_000),
        Field("pension_percent", "Pension %", Kind.DECIMAL, high=100),
    ),
    ("-effective_from",), permission=Permission.EDIT_RATES, dated="effective_from",
    effect=_on_costs,
)  # fmt: skip

PAY_FLOORS = Table(
    "pay-floors", "Pay floors", "pay floor", MONEY,
    "What nobody may be paid under: the law's, and your own promise.",
    PayFloor,
    (
        Field("name", "Name", longest=60),
        _FROM,
        Field("pence", "£ an hour", Kind.MONEY, low=0.01, high=_MOST),
    ),
    ("name", "-effective_from"), permission=Permission.EDIT_RATES, dated="effective_from",
)  # fmt: skip
