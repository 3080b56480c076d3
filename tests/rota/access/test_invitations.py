"""Invitations: random, single-use, expiring; what became of their message is known."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select

from rota.access import invitations, service
from rota.access.commands import create_accounts_command
from rota.access.invitations import InvitationState
from rota.access.quick_reference import quick_reference
from rota.database import UnitOfWork, reading, use_engine
from rota.errors import InvalidInput, NotAllowed
from rota.models import (
    HomeGrant,
    Invitation,
    MailState,
    OutboxMessage,
    Staff,
    User,
    UserRole,
    utc_now,
)
from tests import factories as make
from tests.factories import administrator

PASSWORD = "Kelpie-Otter-90817"


@pytest.fixture
def invited(database: Engine) -> invitations.Invited:
    """A manager with a mail address, made from a staff record and invited."""
    with UnitOfWork(administrator(), engine=database) as uow:
        unit = make.make_unit(uow.session, make.make_home(uow.session))
        role = make.make_role(uow.session, "OM")
        make.make_staff(uow.session, unit, role, sap_number="004711", email="om@example.org")
        (new,) = invitations.missing_accounts(uow.session, uow.actor)
        made = invitations.create_invited(uow, new)
        uow.commit()
        return made


def _accept(engine: Engine, token: str, password: str = PASSWORD) -> service.LoggedIn:
    with UnitOfWork(administrator(), engine=engine) as uow:
        login = invitations.accept(uow, token, password)
        uow.commit()
        return login


def _mail(engine: Engine) -> OutboxMessage:
    with reading(engine) as session:
        return session.scalars(select(OutboxMessage)).one()


def _state(engine: Engine, user_id: int) -> InvitationState:
    with reading(engine) as session:
        return invitations.states(session, administrator(), [user_id])[user_id].state


def test_its_owner_chooses_a_password_and_is_in(
    database: Engine, invited: invitations.Invited
) -> None:
    login = _accept(database, invited.token)
    assert login.actor.role == UserRole.OPERATIONAL_MANAGER and not login.must_change_password
    with UnitOfWork(administrator(), engine=database) as uow:
        assert service.log_in(uow, "004711", PASSWORD).actor.user_id == invited.user_id
    assert len(login.actor.home_ids) == 1
    assert _state(database, invited.user_id) is InvitationState.USED


def test_it_works_once(database: Engine, invited: invitations.Invited) -> None:
    _accept(database, invited.token)
    with pytest.raises(InvalidInput, match="does not work"):
        _accept(database, invited.token, "Heron-Loch-77123")


@pytest.mark.parametrize("how", ["expired", "revoked", "replaced", "closed", "guessed", "empty"])
def test_what_does_not_work_has_one_wording(
    database: Engine, invited: invitations.Invited, how: str
) -> None:
    token = {"guessed": "A" * 32, "empty": ""}.get(how, invited.token)
    with UnitOfWork(administrator(), engine=database) as uow:
        if how == "expired":
            row = uow.session.scalars(select(Invitation)).one()
            row.expires_at = utc_now() - timedelta(seconds=1)
        elif how == "revoked":
            invitations.revoke(uow, invited.user_id)
        elif how == "replaced":
            assert invitations.invite(uow, invited.user_id).token != token
        elif how == "closed":
            uow.session.get_one(User, invited.user_id).is_active = False
        uow.commit()
    with pytest.raises(InvalidInput, match=re.escape(invitations.NO_LONGER)):
        _accept(database, token)


def test_a_weak_password_leaves_the_invitation_usable(
    database: Engine, invited: invitations.Invited
) -> None:
    with pytest.raises(InvalidInput, match="less common"):
        _accept(database, invited.token, "Password1")
    assert _accept(database, invited.token).actor.user_id == invited.user_id


def test_nobody_can_log_in_before_it_is_accepted(
    database: Engine, invited: invitations.Invited
) -> None:
    with UnitOfWork(administrator(), engine=database) as uow, pytest.raises(InvalidInput):
        service.log_in(uow, "004711", "")


def test_the_message_has_link_code_and_first_steps(
    database: Engine, invited: invitations.Invited
) -> None:
    with reading(database) as session:
        mail = session.scalars(select(OutboxMessage)).one()
        assert mail.to == "om@example.org" and invited.token in mail.text
        assert [a.filename for a in mail.attachments] == ["first-steps.pdf"]
    assert _state(database, invited.user_id) is InvitationState.WAITING


def test_the_token_is_nowhere_once_it_is_used(
    database: Engine, invited: invitations.Invited
) -> None:
    with reading(database) as session:
        assert invited.token not in session.scalars(select(Invitation.token_hash)).one()
    _accept(database, invited.token)
    assert invited.token not in _mail(database).text


@pytest.mark.parametrize(
    ("mail", "state"),
    [(MailState.SENT, InvitationState.SENT), (MailState.FAILED, InvitationState.FAILED),
     (MailState.BOUNCED, InvitationState.BOUNCED)],
)  # fmt: skip
def test_what_became_of_the_message_is_shown(
    database: Engine, invited: invitations.Invited, mail: MailState, state: InvitationState
) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        uow.session.scalars(select(OutboxMessage)).one().state = mail
        uow.commit()
    assert _state(database, invited.user_id) is state


def test_managers_first_and_everybody_when_asked(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        unit = make.make_unit(uow.session, make.make_home(uow.session))
        for code, active in (("SM", True), ("SCA", True), ("OM", False)):
            make.make_staff(uow.session, unit, make.make_role(uow.session, code), is_active=active)
        few = invitations.missing_accounts(uow.session, uow.actor)
        many = invitations.missing_accounts(uow.session, uow.actor, all_staff=True)
        assert [new.role for new in few] == [UserRole.SENIOR_MANAGER]
        assert {new.role for new in many} == {UserRole.SENIOR_MANAGER, UserRole.CARE_STAFF}
        uow.actor = make.actor(UserRole.SENIOR_MANAGER)
        with pytest.raises(NotAllowed):
            invitations.create_invited(uow, few[0])


def test_the_command_makes_accounts_and_keeps_codes_to_their_file(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        unit = make.make_unit(uow.session, make.make_home(uow.session))
        for sap, email in (("1001", "a@example.org"), ("1002", "")):
            make.make_staff(uow.session, unit, make.make_role(uow.session, "OM"), sap_number=sap,
                            email=email)  # fmt: skip
        uow.commit()
    use_engine(sqlite_engine)
    run = CliRunner().invoke
    try:
        assert (
            "2 accounts would be made, 1 without"
            in run(create_accounts_command, ["--dry-run"]).output
        )
        assert isinstance(run(create_accounts_command).exception, InvalidInput)
        codes = tmp_path / "codes.csv"
        done = run(create_accounts_command, ["--codes", str(codes)])
        assert "Made 2 accounts; 1 invitations wait" in done.output
        token = codes.read_text().splitlines()[1].rsplit(",", 1)[1]
        assert token not in done.output and codes.stat().st_mode & 0o077 == 0
        assert _accept(sqlite_engine, token).actor.name
        assert "Made 0 accounts" in run(create_accounts_command).output
        with reading(sqlite_engine) as session:
            assert len(session.scalars(select(HomeGrant)).all()) == 2
            assert len(session.scalars(select(Staff)).all()) == 2
    finally:
        use_engine(None)


@pytest.mark.parametrize("role", list(UserRole))
def test_the_first_steps_are_one_readable_page(role: UserRole) -> None:
    from pypdf import PdfReader

    (sheet,) = PdfReader(BytesIO(quick_reference(role))).pages
    assert "Staff Rota: first steps" in sheet.extract_text()
    assert "SAP number" in sheet.extract_text()
