"""How often somebody may guess: neither a home is shut out, nor spraying let through."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Engine, select

from rota.access import service, throttle
from rota.access.throttle import Device, Origin, TooManyAttempts
from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput
from rota.models import LoginAttempt, LoginOutcome, User, UserRole, utc_now
from tests.factories import administrator

PASSWORD = "Bracken-90817"
HOME = Origin("192.0.2.7")


def _accounts(engine: Engine, count: int) -> list[tuple[int, str]]:
    """Accounts that share one password hash (hashing is slow on purpose)."""
    with UnitOfWork(administrator(), engine=engine) as uow:
        first, _ = service.create_user(
            uow, sap_number="1", name="One", role=UserRole.CARE_STAFF, password=PASSWORD
        )
        rest = [
            User(sap_number=str(n), name=str(n), role=UserRole.CARE_STAFF,
                 password_hash=first.password_hash, must_change_password=False)
            for n in range(2, count + 1)
        ]  # fmt: skip
        uow.session.add_all(rest)
        uow.commit()
        return [(user.id, user.sap_number) for user in (first, *rest)]


def _try(engine: Engine, sap: str, password: str, origin: Origin) -> service.LoggedIn:
    with UnitOfWork(administrator(), engine=engine) as uow:
        return service.log_in(uow, sap, password, origin)


def _past(engine: Engine, outcomes: list[tuple[str, LoginOutcome]], origin: Origin = HOME) -> None:
    """Attempts of the last minutes, without hashing."""
    with UnitOfWork(administrator(), engine=engine) as uow:
        when = utc_now() - timedelta(seconds=30)
        for sap, outcome in outcomes:
            throttle.note(uow, None, sap, origin, outcome, when)
        # the newest one is fresh, so that the pace matters
        throttle.note(uow, None, outcomes[-1][0], origin, outcomes[-1][1], utc_now())
        uow.commit()


def test_an_address_that_changes_does_not_help_against_one_account(database: Engine) -> None:
    _accounts(database, 1)
    for n in range(service.FREE_ATTEMPTS):
        with pytest.raises(InvalidInput):
            _try(database, "1", "Wrong-12345", Origin(f"198.51.100.{n}"))
    with pytest.raises(TooManyAttempts):
        _try(database, "1", PASSWORD, Origin("198.51.100.99"))


def test_an_unknown_name_waits_like_a_known_one(database: Engine) -> None:
    for _ in range(service.FREE_ATTEMPTS):
        with pytest.raises(InvalidInput):
            _try(database, "nobody", "Wrong-12345", HOME)
    with pytest.raises(TooManyAttempts):
        _try(database, "nobody", "Wrong-12345", HOME)


def test_the_owner_gets_in_from_a_known_browser_while_others_hammer(database: Engine) -> None:
    ((user_id, sap),) = _accounts(database, 1)
    for n in range(service.FREE_ATTEMPTS):
        with pytest.raises(InvalidInput):
            _try(database, sap, "Wrong-12345", Origin(f"198.51.100.{n}"))
    own = Origin("198.51.100.1", (Device(user_id, "own-phone"),))
    assert _try(database, sap, PASSWORD, own).actor.user_id == user_id
    stranger = Origin("198.51.100.1", (Device(user_id + 1, "own-phone"),))
    for _ in range(service.FREE_ATTEMPTS):
        with pytest.raises(InvalidInput):
            _try(database, sap, "Wrong-12345", stranger)
    with pytest.raises(TooManyAttempts):
        _try(database, sap, PASSWORD, stranger)


def test_a_known_browser_waits_by_itself(database: Engine) -> None:
    ((user_id, sap),) = _accounts(database, 1)
    phone = Origin("192.0.2.7", (Device(user_id, "stolen-phone"),))
    for _ in range(service.FREE_ATTEMPTS):
        with pytest.raises(InvalidInput):
            _try(database, sap, "Wrong-12345", phone)
    with pytest.raises(TooManyAttempts):
        _try(database, sap, PASSWORD, phone)
    assert _try(database, sap, PASSWORD, Origin("203.0.113.9")).actor.user_id == user_id


def test_a_home_behind_one_address_is_not_shut_out(database: Engine) -> None:
    """821 people on the first morning: one in seven mistypes once and then gets in."""
    _accounts(database, 1)
    morning = [(str(n), LoginOutcome.OK) for n in range(1000, 1821)]
    slips = [(str(n), LoginOutcome.WRONG) for n in range(1000, 1821, 7)]
    gave_up = [(f"never-{n}", LoginOutcome.WRONG) for n in range(40)]
    _past(database, slips + morning + gave_up)
    assert _try(database, "1", PASSWORD, HOME).actor.user_id is not None


def test_spraying_from_one_address_is_slowed_and_known_browsers_are_not(database: Engine) -> None:
    (user_id, sap), _ = _accounts(database, 2)
    sprayed = [(f"name-{n}", LoginOutcome.WRONG) for n in range(throttle.STRANGERS_AT_ADDRESS + 5)]
    _past(database, sprayed)
    with pytest.raises(TooManyAttempts):
        _try(database, "2", PASSWORD, HOME)
    known = Origin(HOME.address, (Device(user_id, "desk"),))
    assert _try(database, sap, PASSWORD, known).actor.user_id == user_id
    assert _try(database, "2", PASSWORD, Origin("203.0.113.9")).actor.user_id is not None


def test_spraying_from_everywhere_leaves_fewer_free_attempts(database: Engine) -> None:
    _accounts(database, 1)
    for n in range(throttle.STRANGERS_ANYWHERE + 2):
        with UnitOfWork(administrator(), engine=database) as uow:
            origin = Origin(f"10.0.{n // 250}.{n % 250}")
            throttle.note(uow, None, f"name-{n}", origin, LoginOutcome.WRONG, utc_now())
            uow.commit()
    for _ in range(throttle.FREE_ATTEMPTS_WHILE_SPRAYED):
        with pytest.raises(InvalidInput):
            _try(database, "1", "Wrong-12345", Origin("203.0.113.9"))
    with pytest.raises(TooManyAttempts):
        _try(database, "1", PASSWORD, Origin("203.0.113.10"))


def test_waiting_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [throttle.wait_after(n).total_seconds() for n in (0, 1, 2, 10, 1000)]
    assert waits == [30, 60, 120, 900, 900]


def test_what_was_typed_is_not_kept(database: Engine) -> None:
    """A password typed into the wrong field must not lie in a table."""
    with pytest.raises(InvalidInput):
        _try(database, "MyPassword-777", "001234", HOME)
    with reading(database) as session:
        row = session.scalars(select(LoginAttempt)).one()
        stored = " ".join(str(getattr(row, c.name)) for c in LoginAttempt.__table__.columns)
    assert "MyPassword-777" not in stored and "001234" not in stored


def test_a_clock_put_back_locks_nobody_out(database: Engine) -> None:
    """Waiting times and failures of three hours from now are over; new ones count."""
    _accounts(database, 1)
    with time_machine.travel(utc_now() + timedelta(hours=3)):
        for n in range(service.FREE_ATTEMPTS):
            with pytest.raises(InvalidInput):
                _try(database, "1", "Wrong-12345", Origin(f"198.51.100.{n}"))
    with pytest.raises(InvalidInput):
        _try(database, "1", "Wrong-12345", HOME)
    with pytest.raises(TooManyAttempts):
        _try(database, "1", PASSWORD, HOME)
