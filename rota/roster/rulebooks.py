"""The rulebook in force: defaults, what the roles say, what the organisation has set."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.models import Grade, Role, RuleParameter
from rota.rules import (
    DEFAULT_PARAMETERS,
    DEFAULT_RULEBOOK,
    Limits,
    ParameterRow,
    Parameters,
    Rulebook,
)

_ALWAYS = date(1998, 10, 1)
#: weeks over which work under regulation 21 is averaged (WTR reg 4(5))
_CARE_WEEKS = 26
_OFFICE_WEEKS = 17
#: a grade covers itself and every one after it
_RANKS = (Grade.SENIOR, Grade.WORKER, Grade.ASSISTANT)


def load_rulebook(session: Session) -> Rulebook:
    """Every rule with the thresholds in force. Two statements."""
    return Rulebook(DEFAULT_RULEBOOK.rules, load_parameters(session))


def load_parameters(session: Session) -> Parameters:
    """The shipped thresholds, overlaid by the roles' own flags and then by stored rows.

    A role that gives continuous care is exempt from the rest rules against compensatory
    rest and averaged over 26 weeks (Working Time Regulations 1998, regs 4(5) and 21).
    Somebody of a grade may cover every shift of the same or a lower grade.
    """
    roles = session.execute(
        select(Role.id, Role.code, Role.grade, Role.is_care_exempt, Role.needs_registration)
    ).all()
    codes = {role.id: role.code for role in roles}
    rows: list[ParameterRow] = []
    registered_since = next(DEFAULT_PARAMETERS.history("registration_required")).effective_from
    for role in roles:
        weeks = _CARE_WEEKS if role.is_care_exempt else _OFFICE_WEEKS
        rows += [
            ParameterRow("care_exempt", role.is_care_exempt, _ALWAYS, role.code),
            ParameterRow("weekly_reference_weeks", weeks, _ALWAYS, role.code),
            ParameterRow(
                "registration_required", role.needs_registration, registered_since, role.code
            ),
            ParameterRow("covers", _covered_by(role.grade, roles), _ALWAYS, role.code, True),
        ]
    stored = session.scalars(
        select(RuleParameter).order_by(RuleParameter.effective_from, RuleParameter.id)
    )
    for row in stored:
        value = frozenset(row.value) if isinstance(row.value, list) else row.value
        role_code = None if row.role_id is None else codes[row.role_id]
        rows.append(ParameterRow(row.name, value, row.effective_from, role_code, True))
    return DEFAULT_PARAMETERS.with_rows(rows)


def general_limits(session: Session, day: date) -> Limits:
    """The thresholds in force for all roles: what a screen names when it counts everybody.

    One statement; rows for a single role are the rules' own matter.
    """
    stored = session.scalars(
        select(RuleParameter)
        .where(RuleParameter.role_id.is_(None))
        .order_by(RuleParameter.effective_from, RuleParameter.id)
    )
    rows = [
        ParameterRow(
            row.name,
            frozenset(row.value) if isinstance(row.value, list) else row.value,
            row.effective_from,
        )
        for row in stored
    ]
    return DEFAULT_PARAMETERS.with_rows(rows).at(day, "")


def _covered_by(grade: Grade, roles: Iterable[object]) -> frozenset[str]:
    if grade not in _RANKS:
        return frozenset()
    lower = _RANKS[_RANKS.index(grade) :]
    return frozenset(role.code for role in roles if role.grade in lower)  # type: ignore[attr-defined]
