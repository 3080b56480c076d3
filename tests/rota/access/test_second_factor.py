"""The second factor: codes work once, recovery codes work once, a stolen database opens nothing."""

from __future__ import annotations

import time

import pyotp
import pytest
from sqlalchemy import Engine, select

from rota.access import second_factor, service
from rota.access.throttle import TooManyAttempts
from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput
from rota.models import RecoveryCode, User, UserRole, utc_now
from tests.factories import administrator

PASSWORD = "Bracken-90817"


@pytest.fixture
def enrolled(database: Engine) -> tuple[int, str, list[str]]:
    """An administrator with a second factor: id, secret, recovery codes."""
    with UnitOfWork(administrator(), engine=database) as uow:
        user, _ = service.create_user(
            uow, sap_number="1", name="One", role=UserRole.ADMINISTRATOR, password=PASSWORD
        )
        uow.actor = service.actor_of(uow.session, user)
        secret, uri = second_factor.begin(uow)
        assert uri.startswith("otpauth://totp/") and secret in uri
        codes = second_factor.confirm(uow, _code(secret, -1))
        uow.commit()
        return user.id, secret, codes


def _code(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(time.time()) // 30 + steps)


def _log_in(engine: Engine) -> service.LoggedIn:
    with UnitOfWork(administrator(), engine=engine) as uow:
        return service.log_in(uow, "1", PASSWORD)


def _second(engine: Engine, half: service.LoggedIn, code: str) -> service.LoggedIn:
    with UnitOfWork(administrator(), engine=engine) as uow:
        assert half.actor.user_id is not None
        return service.check_code(uow, half.actor.user_id, half.epoch, code)


def test_an_administrator_without_one_must_set_it_up(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        service.create_user(
            uow, sap_number="1", name="One", role=UserRole.ADMINISTRATOR, password=PASSWORD
        )
        uow.commit()
    assert _log_in(database).must_enrol


def test_the_password_alone_is_half_a_login(database: Engine, enrolled: tuple) -> None:
    half = _log_in(database)
    assert half.needs_code and half.session_id is None
    assert not _second(database, half, _code(enrolled[1])).needs_code


def test_a_code_works_once(database: Engine, enrolled: tuple) -> None:
    half, code = _log_in(database), _code(enrolled[1])
    _second(database, half, code)
    with pytest.raises(InvalidInput):
        _second(database, _log_in(database), code)


def test_a_code_of_two_minutes_ago_is_too_old(database: Engine, enrolled: tuple) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        uow.session.get_one(User, enrolled[0]).totp_last_step = 0
        uow.commit()
    with pytest.raises(InvalidInput):
        _second(database, _log_in(database), _code(enrolled[1], -4))


def test_a_recovery_code_works_once_however_it_is_typed(database: Engine, enrolled: tuple) -> None:
    code = enrolled[2][3].upper().replace("-", " ")
    _second(database, _log_in(database), code)
    with pytest.raises(InvalidInput):
        _second(database, _log_in(database), code)
    with reading(database) as session:
        assert second_factor.status(session, enrolled[0]).recovery_codes_left == 9


def test_codes_cannot_be_guessed(database: Engine, enrolled: tuple) -> None:
    half = _log_in(database)
    for _ in range(service.FREE_ATTEMPTS):
        with pytest.raises(InvalidInput):
            _second(database, half, "000000")
    with pytest.raises(TooManyAttempts):
        _second(database, half, _code(enrolled[1]))
    with pytest.raises(TooManyAttempts):
        _log_in(database)


def test_a_right_password_does_not_refill_the_guesses_of_the_code(
    database: Engine, enrolled: tuple
) -> None:
    for _ in range(service.FREE_ATTEMPTS):
        with pytest.raises(InvalidInput):
            _second(database, _log_in(database), "000000")
    with pytest.raises(TooManyAttempts):
        _log_in(database)


def test_half_a_login_dies_with_the_epoch(database: Engine, enrolled: tuple) -> None:
    half = _log_in(database)
    with UnitOfWork(administrator(), engine=database) as uow:
        service.end_sessions(uow, enrolled[0])
        uow.commit()
    with pytest.raises(InvalidInput):
        _second(database, half, _code(enrolled[1]))


def test_neither_secret_nor_codes_can_be_read_from_the_database(
    database: Engine, enrolled: tuple
) -> None:
    with reading(database) as session:
        user = session.get_one(User, enrolled[0])
        hashes = session.scalars(select(RecoveryCode.code_hash)).all()
    assert enrolled[1] not in user.totp_sealed
    assert not any(code.replace("-", "") in "".join(hashes) for code in enrolled[2])


def test_a_sealed_secret_of_another_key_opens_nothing_but_recovery_codes_do(
    database: Engine, enrolled: tuple
) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        user = uow.session.get_one(User, enrolled[0])
        user.totp_sealed = second_factor.seal(enrolled[1], "another key" * 6)
        uow.commit()
    with pytest.raises(InvalidInput):
        _second(database, _log_in(database), _code(enrolled[1]))
    assert _second(database, _log_in(database), enrolled[2][0]).actor.user_id == enrolled[0]


def test_an_administrator_can_reset_somebody_elses(database: Engine, enrolled: tuple) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        second_factor.reset(uow, enrolled[0])
        uow.commit()
    after = _log_in(database)
    assert after.must_enrol and not after.needs_code


def test_taking_it_away_needs_a_code(database: Engine, enrolled: tuple) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        uow.actor = service.actor_of(uow.session, uow.session.get_one(User, enrolled[0]))
        with pytest.raises(InvalidInput):
            second_factor.remove(uow, "000000")
    with UnitOfWork(administrator(), engine=database) as uow:
        uow.actor = service.actor_of(uow.session, uow.session.get_one(User, enrolled[0]))
        second_factor.remove(uow, _code(enrolled[1]))
        uow.commit()
    assert _log_in(database).must_enrol


def test_a_page_loaded_twice_shows_the_same_secret(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        user, _ = service.create_user(
            uow, sap_number="1", name="One", role=UserRole.ANALYST, password=PASSWORD
        )
        uow.actor = service.actor_of(uow.session, user)
        assert second_factor.begin(uow) == second_factor.begin(uow)
        assert user.totp_confirmed_at is None and user.created_at <= utc_now()
