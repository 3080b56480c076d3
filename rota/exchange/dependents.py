"""What hangs on the rows of an import: budgets, requirements, opt-outs, accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from rota.calendar import month_of, months_after
from rota.exchange.parsed import Kind, ParsedHome, ParsedPerson, ParsedUnit
from rota.exchange.transaction import Loading
from rota.models import (
    Band,
    Budget,
    Classification,
    CoverRequirement,
    HomeGrant,
    Role,
    User,
    WorkingTimeOptOut,
)

#: imported requirements hold for all of history, so that past weeks can be judged too
REQUIREMENTS_FROM = date(2000, 1, 1)
#: a home's monthly budget is written for this month and the eleven after it
BUDGET_MONTHS = 12
IMPORTED = "import"
_WEEKEND = (5, 6)


def follow_up(loading: Loading, kind: Kind, row: Any, value: Any, *, is_new: bool) -> None:
    """What hangs on a row: budgets, requirements, roles of a shift type, an opt-out."""
    if kind is Kind.HOME:
        _set_budgets(loading, row.id, value)
        loading.touched.add(row.id)
    elif kind is Kind.UNIT:
        _set_requirements(loading, row.id, value, is_new=is_new)
        loading.touched.add(row.home_id)
    elif kind is Kind.SHIFT_TYPE:
        roles = select(Role).where(Role.id.in_([loading.roles[code] for code in value.roles]))
        row.roles = list(loading.uow.session.scalars(roles)) if value.roles else []
        loading.touched.update(loading.homes.values())
    elif kind is Kind.PERSON:
        _set_opt_out(loading, row.id, value)
        if row.home_id is not None:
            loading.touched.add(row.home_id)


def _set_budgets(loading: Loading, home_id: int, home: ParsedHome) -> None:
    session = loading.uow.session
    first = month_of(loading.today).start
    for source, pence in (
        (Classification.AGENCY, home.agency_pence),
        (Classification.OVERTIME, home.overtime_pence),
    ):
        if pence is None:
            continue
        existing = {
            budget.month: budget
            for budget in session.scalars(
                select(Budget).where(
                    Budget.home_id == home_id, Budget.source == source, Budget.month >= first
                )
            )
        }
        for number in range(BUDGET_MONTHS):
            month = months_after(first, number)
            if month in existing:
                existing[month].pence = pence
            else:
                session.add(Budget(home_id=home_id, month=month, source=source.value, pence=pence))


def _set_requirements(loading: Loading, unit_id: int, unit: ParsedUnit, *, is_new: bool) -> None:
    """Minimum and ideal by day and night, every day; by day at weekends where it differs."""
    session = loading.uow.session
    if not is_new:
        session.execute(
            delete(CoverRequirement).where(
                CoverRequirement.unit_id == unit_id, CoverRequirement.source == IMPORTED
            )
        )
    rows: list[tuple[Band, int | None, int, int]] = [
        (Band.DAY, None, unit.day_minimum, unit.day_ideal),
        (Band.NIGHT, None, unit.night_minimum, unit.night_ideal),
    ]
    if unit.weekend_minimum != unit.day_minimum:
        ideal = max(unit.weekend_minimum, unit.day_ideal)
        rows += [(Band.DAY, weekday, unit.weekend_minimum, ideal) for weekday in _WEEKEND]
    for band, weekday, minimum, ideal in rows:
        if ideal or weekday is not None:
            session.add(
                CoverRequirement(
                    unit_id=unit_id, band=band, weekday=weekday, minimum=minimum, ideal=ideal,
                    effective_from=REQUIREMENTS_FROM, source=IMPORTED,
                )
            )  # fmt: skip


def _set_opt_out(loading: Loading, staff_id: int, person: ParsedPerson) -> None:
    if person.opt_out_signed_on is None:
        return
    session = loading.uow.session
    signed = session.scalars(
        select(WorkingTimeOptOut.signed_on).where(WorkingTimeOptOut.staff_id == staff_id)
    ).all()
    if person.opt_out_signed_on not in signed:
        session.add(WorkingTimeOptOut(staff_id=staff_id, signed_on=person.opt_out_signed_on))


def load_accounts(loading: Loading) -> None:
    """Accounts without a password that works: their people get an invitation."""
    session, tally = loading.uow.session, loading.tallies[Kind.ACCOUNT]
    taken = set(session.scalars(select(User.sap_number)))
    users: list[User] = []
    for item in loading.plan.items[Kind.ACCOUNT]:
        account = item.value
        if account.sap_number in taken:
            tally.unchanged += 1
            continue
        users.append(
            User(
                sap_number=account.sap_number,
                name=account.name,
                email=account.email,
                role=account.role,
                staff_id=loading.people.get(account.sap_number),
                all_homes=account.all_homes,
                is_active=account.is_active,
                password_hash="",
                must_change_password=True,
                legacy_pk=item.pk,
                legacy=item.legacy,
                grants=_grants(loading, account.homes),
            )
        )
        tally.created += 1
    session.add_all(users)
    session.flush()


def _grants(loading: Loading, homes: Sequence[str]) -> list[HomeGrant]:
    return [HomeGrant(home_id=loading.homes[name]) for name in homes]
