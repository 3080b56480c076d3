"""Tokens: shown once, hashed, no more than their owner, limited, revoked, on the record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from rota.access.actor import Actor, system_actor
from rota.access.permissions import Permission
from rota.access.service import actor_of
from rota.api import tokens
from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput, NotAllowed, NotFound
from rota.models import ApiToken, AuditEvent, HomeGrant, User, UserRole, utc_now
from tests import factories as make
from tests.factories import administrator


@pytest.fixture
def people(database: Engine) -> dict[str, int]:
    """A manager and an analyst of one of two homes."""
    with UnitOfWork(administrator(), engine=database) as uow:
        mine, other = make.make_home(uow.session), make.make_home(uow.session)
        found = {"mine": mine.id, "other": other.id}
        for role in (UserRole.OPERATIONAL_MANAGER, UserRole.ANALYST, UserRole.CARE_STAFF):
            grants = [HomeGrant(home_id=mine.id)]
            found[role.value] = make.make_user(uow.session, role, grants=grants).id
        uow.commit()
    return found


def as_user(engine: Engine, user_id: int) -> Actor:
    with reading(engine) as session:
        return actor_of(session, session.get_one(User, user_id))


def token(engine: Engine, user_id: int, **fields: Any) -> str:
    with UnitOfWork(as_user(engine, user_id), engine=engine) as uow:
        _, clear = tokens.create_token(uow, "Power BI", **fields)
        uow.commit()
    return clear


def use(engine: Engine, clear: str) -> Actor:
    with UnitOfWork(system_actor("x", frozenset()), engine=engine) as uow:
        return tokens.use_token(uow, clear, "/api/v1/homes")


def test_a_token_stands_for_an_analyst_of_its_owners_homes(
    database: Engine, people: dict[str, int]
) -> None:
    actor = use(database, token(database, people["om"]))
    assert actor.role is UserRole.ANALYST
    assert actor.home_ids == {people["mine"]}
    assert not actor.may(Permission.VIEW_CONTACTS)
    shown = use(database, token(database, people["om"], is_anonymous=False))
    assert shown.may(Permission.VIEW_CONTACTS)


def test_only_the_hash_is_kept_and_the_use_is_on_the_record(
    database: Engine, people: dict[str, int]
) -> None:
    clear = token(database, people["analyst"])
    use(database, clear)
    with reading(database) as session:
        (row,) = session.scalars(select(ApiToken))
        assert clear not in (row.token_hash, row.hint)
        assert len(row.token_hash) == 64
        assert row.last_used_at is not None
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
        assert actions[-2:] == ["create token", "read data"]
        (shown,) = tokens.tokens(session, as_user(database, people["analyst"]))
        assert shown.hint == clear[:10]
        assert shown.is_valid


@pytest.mark.parametrize("how", ["revoked", "expired", "inactive", "no longer allowed", "wrong"])
def test_what_does_not_open_says_nothing_of_why(
    database: Engine, people: dict[str, int], how: str
) -> None:
    clear = token(database, people["om"])
    with UnitOfWork(as_user(database, people["om"]), engine=database) as uow:
        row = uow.session.scalars(select(ApiToken)).one()
        user = uow.session.get_one(User, people["om"])
        match how:
            case "revoked":
                tokens.revoke_token(uow, row.id)
            case "expired":
                row.expires_at = utc_now() - timedelta(seconds=1)
            case "inactive":
                user.is_active = False
            case "no longer allowed":
                user.role = UserRole.CARE_STAFF
            case _:
                clear = clear[:-1] + ("A" if clear[-1] != "A" else "B")
        uow.commit()
    with pytest.raises(tokens.Unauthorised, match="This token is not valid"):
        use(database, clear)


def test_homes_taken_from_the_owner_are_taken_from_the_token(
    database: Engine, people: dict[str, int]
) -> None:
    clear = token(database, people["om"], home_ids=[people["mine"]])
    with UnitOfWork(administrator(), engine=database) as uow:
        uow.session.get_one(User, people["om"]).grants = [
            HomeGrant(user_id=people["om"], home_id=people["other"])
        ]
        uow.commit()
    assert use(database, clear).home_ids == frozenset()


def test_a_token_has_so_many_requests_a_minute(
    database: Engine, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_REQUESTS", 3)
    clear = token(database, people["om"])
    for _ in range(3):
        use(database, clear)
    with pytest.raises(tokens.TooManyRequests):
        use(database, clear)
    with UnitOfWork(administrator(), engine=database) as uow:
        row = uow.session.scalars(select(ApiToken)).one()
        assert row.window_started_at is not None
        row.window_started_at -= tokens.WINDOW
        uow.commit()
    use(database, clear)


def test_who_may_make_which_token(database: Engine, people: dict[str, int]) -> None:
    with pytest.raises(NotAllowed):
        token(database, people["staff"])
    with pytest.raises(NotAllowed):
        token(database, people["analyst"], is_anonymous=False)
    with pytest.raises(NotAllowed):
        token(database, people["om"], home_ids=[people["other"]])
    for days in (0, 367):
        with pytest.raises(InvalidInput):
            token(database, people["om"], days=days)
    clear = token(database, people["om"])
    with UnitOfWork(as_user(database, people["analyst"]), engine=database) as uow:
        with pytest.raises(NotFound):
            tokens.revoke_token(uow, 1)
        assert tokens.tokens(uow.session, uow.actor) == []
    assert use(database, clear).user_id == people["om"]
