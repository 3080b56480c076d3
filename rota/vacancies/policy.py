"""How vacancies are filled: the organisation's limits, as dated rows."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.models import PolicySetting
from rota.policies import SettingRow, own_rows, resolve_policy, store_limit, whole


@dataclass(frozen=True, slots=True)
class FillPolicy:
    """Every limit in force on a day for a home. Units are in the names."""

    urgent_hours: int
    soon_hours: int
    near_days: int
    familiarity_days: int
    fairness_days: int
    travel_km: int
    agency_approval_pence: int
    offer_reply_minutes: int
    release_home_days: int
    release_other_homes_days: int
    release_bank_days: int
    release_agency_days: int


_BEGINNING = date(1998, 10, 1)
_LOCAL = "local choice"

#: what the product ships; edited by rows of ``policy_settings``, never here
DEFAULT_ROWS: tuple[SettingRow, ...] = tuple(
    SettingRow(name, value, _BEGINNING, _LOCAL)
    for name, value in (
        ("urgent_hours", 24),
        ("soon_hours", 72),
        ("near_days", 14),
        ("familiarity_days", 28),
        ("fairness_days", 84),
        ("travel_km", 15),
        ("agency_approval_pence", 50_000),
        ("offer_reply_minutes", 60),
        ("release_home_days", 28),
        ("release_other_homes_days", 14),
        ("release_bank_days", 14),
        ("release_agency_days", 3),
    )
)


def fill_policy(session: Session, day: date, home_id: int | None = None) -> FillPolicy:
    """The limits of a home on a day."""
    rows = [*DEFAULT_ROWS, *own_rows(session, home_id)]
    return resolve_policy(FillPolicy, rows, day, _parse)


def set_fill_limit(
    uow: UnitOfWork,
    name: str,
    value: Any,
    effective_from: date,
    *,
    home_id: int | None = None,
    reason: str,
) -> PolicySetting:
    """Set a limit from a day on, for a home or everybody; earlier rows stay on record."""
    if name not in {entry.name for entry in fields(FillPolicy)}:
        raise InvalidInput(f"Filling vacancies knows no limit called {name!r}.")
    return store_limit(uow, SettingRow(name, value, effective_from, reason, home_id), _parse)


def _parse(_name: str, value: Any) -> int:
    return whole(value)
