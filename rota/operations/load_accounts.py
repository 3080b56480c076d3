"""Accounts for a load test, on an installation that is not used in earnest."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from rota.access.passwords import generate_password, hash_password
from rota.database import UnitOfWork
from rota.models import CareHome, HomeGrant, Staff, User, UserRole

#: the names of these accounts; nobody else's begin so
PREFIX = "load-"
#: of ten people, how many work with the management screens
MANAGERS_OF_TEN = 7


@dataclass(frozen=True, slots=True)
class LoadAccount:
    """A login and what its person does."""

    sap_number: str
    password: str
    kind: str


def make_load_accounts(uow: UnitOfWork, count: int) -> list[LoadAccount]:
    """``count`` accounts with one random password (hashing it once): managers of one home each,
    and care staff. Those of an earlier test are replaced. Needs homes and staff."""
    remove_load_accounts(uow)
    homes = uow.session.scalars(select(CareHome.id).order_by(CareHome.id)).all()
    staff = uow.session.execute(
        select(Staff.id, Staff.home_id)
        .where(Staff.is_active, Staff.home_id.is_not(None))
        .where(Staff.id.not_in(select(User.staff_id).where(User.staff_id.is_not(None))))
        .order_by(Staff.id)
        .limit(count)
    ).all()
    password = generate_password()
    hashed = hash_password(password)
    known = {u.sap_number: u for u in uow.session.scalars(select(User).where(User.sap_number.startswith(PREFIX)))}  # fmt: skip
    made = []
    for number in range(count):
        manages = number % 10 < MANAGERS_OF_TEN or not staff
        person = None if manages else staff[number % len(staff)]
        home_id = homes[number % len(homes)] if person is None else person.home_id
        sap_number = f"{PREFIX}{number:04}"
        user = known.get(sap_number) or User(sap_number=sap_number)
        user.name = f"Load test {number}"
        user.role = UserRole.OPERATIONAL_MANAGER if manages else UserRole.CARE_STAFF
        user.staff_id = None if person is None else person.id
        user.password_hash, user.must_change_password, user.is_active = hashed, False, True
        user.grants = [HomeGrant(home_id=home_id)]
        uow.session.add(user)
        made.append(LoadAccount(sap_number, password, "manager" if manages else "care"))
    uow.session.flush()
    uow.audit("create", "load accounts", after={"count": count})
    return made


def remove_load_accounts(uow: UnitOfWork) -> int:
    """Deactivate all of them; gives how many there were."""
    done = uow.session.execute(
        update(User)
        .where(User.sap_number.startswith(PREFIX), User.is_active)
        .values(is_active=False, epoch=User.epoch + 1, staff_id=None)
        .execution_options(synchronize_session=False)
    )
    count = int(done.rowcount)  # type: ignore[attr-defined]
    if count:
        uow.audit("deactivate", "load accounts", after={"count": count})
    return count
