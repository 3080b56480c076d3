"""Accounts: one wording for every failed login, throttling by account, epochs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from rota.access import service
from rota.access.passwords import check_strength, generate_password, hash_password
from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput, NotAllowed
from rota.models import AuditEvent, User, UserRole, utc_now
from tests import factories as make
from tests.factories import administrator


def _account(engine: Engine, **fields: object) -> tuple[int, str]:
    with UnitOfWork(administrator(), engine=engine) as uow:
        user, clear = service.create_user(
            uow, sap_number="001234", name="Mairi Boyd", role=UserRole.OPERATIONAL_MANAGER
        )
        for name, value in fields.items():
            setattr(user, name, value)
        uow.commit()
        return user.id, clear


def _log_in(engine: Engine, password: str, sap: str = "001234") -> service.LoggedIn:
    with UnitOfWork(administrator(), engine=engine) as uow:
        return service.log_in(uow, sap, password)


def test_a_temporary_password_logs_in_and_must_be_changed(database: Engine) -> None:
    _, clear = _account(database)
    assert _log_in(database, clear).must_change_password


@pytest.mark.parametrize(
    "fields",
    [{}, {"is_active": False}, {"password_expires_at": utc_now() - timedelta(days=1)}],
    ids=["wrong", "deactivated", "expired"],
)
def test_every_failed_login_has_the_same_words(
    sqlite_engine: Engine, fields: dict[str, object]
) -> None:
    _, clear = _account(sqlite_engine, **fields)
    given = clear if fields else "Wrong-12345"
    with pytest.raises(InvalidInput) as known:
        _log_in(sqlite_engine, given)
    with pytest.raises(InvalidInput) as unknown:
        _log_in(sqlite_engine, given, sap="nobody")
    assert str(known.value) == str(unknown.value) == service.WRONG_CREDENTIALS


def test_five_failures_lock_the_account_for_a_while(database: Engine) -> None:
    user_id, clear = _account(database)
    for _ in range(service.FREE_ATTEMPTS):
        with pytest.raises(InvalidInput):
            _log_in(database, "Wrong-12345")
    with pytest.raises(service.TooManyAttempts, match="Try again in"):
        _log_in(database, clear)
    with UnitOfWork(administrator(), engine=database) as uow:
        uow.session.get_one(User, user_id).locked_until = utc_now() - timedelta(seconds=1)
        uow.commit()
    assert _log_in(database, clear).actor.user_id == user_id


def test_failures_are_in_the_audit(sqlite_engine: Engine) -> None:
    _account(sqlite_engine)
    with pytest.raises(InvalidInput):
        _log_in(sqlite_engine, "Wrong-12345")
    with reading(sqlite_engine) as session:
        actions = session.scalars(select(AuditEvent.action)).all()
    assert "failed login" in actions


def test_a_new_password_ends_the_other_sessions(database: Engine) -> None:
    _, clear = _account(database)
    login = _log_in(database, clear)
    with UnitOfWork(login.actor, engine=database) as uow:
        old = service.start(uow, login, address="", user_agent="")
        uow.commit()
    assert old.session_id is not None
    with reading(database) as session:
        assert service.load_session(session, old.session_id, old.secret) is not None
        assert service.load_session(session, old.session_id, "guessed") is None
    with UnitOfWork(old.actor, engine=database) as uow:
        changed = service.change_own_password(uow, clear, "Thistle-44178")
        new = service.start(uow, changed, address="", user_agent="")
        uow.commit()
    assert new.session_id is not None
    with reading(database) as session:
        assert service.load_session(session, old.session_id, old.secret) is None
        assert service.load_session(session, new.session_id, new.secret) is not None


def test_an_account_sees_its_granted_homes_only(database: Engine) -> None:
    user_id, _ = _account(database)
    with UnitOfWork(administrator(), engine=database) as uow:
        mine, other = make.make_home(uow.session), make.make_home(uow.session)
        user = service.change_account(
            uow, user_id, role=UserRole.OPERATIONAL_MANAGER, is_active=True,
            all_homes=False, home_ids=frozenset({mine.id}),
        )  # fmt: skip
        uow.commit()
        actor = service.actor_of(uow.session, user)
    assert actor.home_ids == {mine.id}
    with pytest.raises(NotAllowed):
        actor.require(service.Permission.VIEW_ROTA, other.id)


def test_only_an_administrator_makes_accounts(sqlite_engine: Engine) -> None:
    actor = make.actor(UserRole.OPERATIONAL_MANAGER)
    with UnitOfWork(actor, engine=sqlite_engine) as uow, pytest.raises(NotAllowed):
        service.create_user(uow, sap_number="1", name="X", role=UserRole.ADMINISTRATOR)


@pytest.mark.parametrize(
    ("password", "lacking"),
    [
        ("Ab1", "at least 8"),
        ("abcdefgh1", "capital"),
        ("ABCDEFGH1", "small"),
        ("Abcdefghi", "digit"),
        ("Password123", "less common"),
        ("Summer2026", "less common"),
        ("XyMairi123", "your name"),
        ("Aa001234bb", "SAP number"),
    ],
)
def test_a_weak_password_is_refused_with_what_it_lacks(password: str, lacking: str) -> None:
    with pytest.raises(InvalidInput, match=lacking):
        check_strength(password, name="Mairi Boyd", sap_number="001234")


def test_generated_passwords_are_strong_and_differ() -> None:
    made = {generate_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        check_strength(password)


def test_an_expired_hash_scheme_is_not_accepted_as_a_password() -> None:
    assert not service.verify_password("!", "!")
    assert service.verify_password(hash_password("Thistle-44178"), "Thistle-44178")
