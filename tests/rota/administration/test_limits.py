"""Limits: dated rows over what is shipped; what was in force stays on record."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from rota.administration import limits
from rota.administration.limits import SetLimit
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rota.leave.policy import DayOfYear, Season, policy_for
from rota.models import AuditEvent, PolicySetting, RuleParameter, UserRole
from rota.roster.rulebooks import load_parameters
from rota.vacancies.policy import fill_policy
from tests import factories as make
from tests.clock import TODAY

pytestmark = pytest.mark.usefixtures("noon")
LATER = TODAY + timedelta(days=30)


def test_every_limit_of_every_group_is_listed_and_reads_back(uow: UnitOfWork) -> None:
    seen = 0
    for group in limits.GROUPS:
        for one in limits.limits(uow.session, uow.actor, group):
            field = limits.field_of(group, one.name)
            if one.value not in ("–",) and field.kind is not limits.Kind.FLAG:
                typed = one.value.removesuffix(" h")
                limits.set_limit(uow, SetLimit(group, one.name, typed, LATER, "the same"))
                seen += 1
    assert seen > 60
    policy_for(uow.session, LATER)
    fill_policy(uow.session, LATER)
    load_parameters(uow.session).at(LATER, "")


def test_a_threshold_of_a_rule_holds_from_its_day_for_its_grade(uow: UnitOfWork) -> None:
    role = make.make_role(uow.session, "SCA")
    limits.set_limit(
        uow, SetLimit(limits.RULES, "daily_rest", "12", LATER, "agreed", role_id=role.id)
    )
    parameters = load_parameters(uow.session)
    assert parameters.at(LATER, "SCA").daily_rest == 12 * 60
    assert parameters.at(LATER - timedelta(days=1), "SCA").daily_rest == 11 * 60
    assert parameters.at(LATER, "OM").daily_rest == 11 * 60


def test_a_blackout_is_typed_as_days_of_the_year(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    command = SetLimit(
        limits.LEAVE, "auto_blackouts", "11 Dec - 8 Jan; 1 Jul - 15 Aug", TODAY, "summer too",
        home_id=home.id,
    )  # fmt: skip
    limits.set_limit(uow, command)
    found = policy_for(uow.session, TODAY, home.id).auto_blackouts
    assert found[1] == Season(DayOfYear(7, 1), DayOfYear(8, 15))
    assert len(policy_for(uow.session, TODAY).auto_blackouts) == 1


@pytest.mark.parametrize(
    ("name", "raw"),
    [("auto_blackouts", "31 Feb - 3 Mar"), ("auto_blackouts", "Christmas"), ("pace", "30 Jun many"),
     ("bradford_steps", "fifty"), ("notice_days", "-3"), ("notice_days", "soon"),
     ("year_start", "32 Apr"), ("auto_enabled", "maybe")],
)  # fmt: skip
def test_a_value_that_is_none_changes_nothing(uow: UnitOfWork, name: str, raw: str) -> None:
    with pytest.raises(InvalidInput):
        limits.set_limit(uow, SetLimit(limits.LEAVE, name, raw, TODAY, "why"))
    assert uow.session.scalars(select(PolicySetting)).all() == []


def test_a_limit_needs_a_reason_a_name_and_a_permission(uow: UnitOfWork) -> None:
    for group, name in ((limits.RULES, "daily_rest"), (limits.LEAVE, "notice_days")):
        with pytest.raises(InvalidInput, match="why"):
            limits.set_limit(uow, SetLimit(group, name, "12", TODAY, " "))
    with pytest.raises(NotFound):
        limits.set_limit(uow, SetLimit(limits.RULES, "no_such_rule", "1", TODAY, "why"))
    uow.actor = make.actor(UserRole.SENIOR_MANAGER)
    with pytest.raises(NotAllowed):
        limits.set_limit(uow, SetLimit(limits.RULES, "daily_rest", "12", TODAY, "why"))


def test_only_a_row_whose_day_has_not_come_is_withdrawn(uow: UnitOfWork) -> None:
    for day in (date(2026, 1, 1), LATER):
        limits.set_limit(uow, SetLimit(limits.RULES, "daily_rest", "12", day, "why"))
    past, future = uow.session.scalars(select(RuleParameter).order_by(RuleParameter.id)).all()
    with pytest.raises(Conflict):
        limits.withdraw(uow, limits.RULES, past.id)
    limits.withdraw(uow, limits.RULES, future.id)
    uow.session.flush()
    assert uow.session.scalars(select(RuleParameter.id)).all() == [past.id]
    assert "withdraw limit" in uow.session.scalars(select(AuditEvent.action)).all()
