"""Thresholds of the rules and limits of the policies, as an administrator sees and sets them.

Every one is a dated row over what the product ships; rows in force stay on record, a row whose
day has not come can be withdrawn.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.administration.fields import Field, Kind
from rota.calendar import london_today
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotFound
from rota.leave import policy as leave
from rota.models import CareHome, PolicySetting, Role, RuleParameter
from rota.policies import SettingRow
from rota.roster.rulebooks import load_parameters
from rota.rules import DEFAULT_PARAMETERS
from rota.vacancies import policy as filling

RULES, LEAVE, FILLING = "rules", "leave", "filling"
GROUPS = {RULES: "Rules of work", LEAVE: "Leave", FILLING: "Filling vacancies"}

#: kept in minutes though their names do not say so
_MINUTES = frozenset(
    [
        "weekly_average_limit",
        "weekly_average_warning",
        "daily_rest",
        "daily_rest_span",
        "weekly_rest",
        "fortnight_rest",
        "break_after",
        "night_qualifying",
        "night_average_limit",
        "young_daily_limit",
        "young_weekly_limit",
        "young_daily_rest",
        "young_weekly_rest",
        "young_break_after",
        "contract_tolerance",
        "usual_day_minutes",
    ]
)
_CLOCKS = frozenset(("night_from", "night_to", "young_night_from", "young_night_to"))
_UNITS = (
    ("_hundredths", "hundredths of a week"), ("_basis_points", "hundredths of a per cent"),
    ("_minutes", "minutes"), ("_days", "days"), ("_weeks", "weeks"), ("_months", "months"),
    ("_hours", "hours"), ("_percent", "per cent"), ("_km", "kilometres"),
)  # fmt: skip
_MONTHS = {name: n for n, name in enumerate(calendar.month_abbr) if name}
_SEASONS = frozenset(("peak_seasons", "auto_blackouts"))


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One dated row of the organisation's own; ``whom`` is everybody, a role or a home."""

    id: int
    value: str
    whom: str
    effective_from: date
    reason: str
    can_be_withdrawn: bool


@dataclass(frozen=True, slots=True)
class LimitView:
    """One limit: what it is called, what holds for everybody today, and the rows behind it."""

    group: str
    name: str
    label: str
    unit: str
    value: str
    shipped: str
    rows: tuple[LimitRow, ...]


def words_of(name: str) -> str:
    """``night_share_percent`` as a person says it."""
    text = name.removesuffix("_hundredths").removesuffix("_pence").replace("_", " ")
    return text.capitalize().replace("Auto ", "Automatic approval: ").replace("km", "distance")


def limits(session: Session, actor: Actor, group: str, *, search: str = "") -> list[LimitView]:
    """Every limit of a group as it stands today. Three statements."""
    actor.require(Permission.ADMINISTER)
    today = london_today()
    roles = dict(session.execute(select(Role.id, Role.code)).all())
    homes = dict(session.execute(select(CareHome.id, CareHome.name)).all())
    stored: dict[str, list[RuleParameter | PolicySetting]] = {}
    for row in _rows(session, group):
        stored.setdefault(row.name, []).append(row)
    views = []
    for name, shipped, now in _in_force(session, group, today):
        field = field_of(group, name)
        own = []
        for row in stored.get(name, []):
            whom = roles.get(row.role_id or 0) or homes.get(getattr(row, "home_id", None) or 0)
            own.append(
                LimitRow(
                    row.id, _shown(field, row.value), whom or "Everybody", row.effective_from,
                    row.reason, row.effective_from > today,
                )
            )  # fmt: skip
        views.append(
            LimitView(
                group, name, words_of(name), field.hint, _shown(field, now),
                _shown(field, shipped), tuple(own),
            )
        )  # fmt: skip
    wanted = search.casefold()
    return [view for view in views if wanted in view.label.casefold()]


def _in_force(session: Session, group: str, today: date) -> Iterable[tuple[str, Any, Any]]:
    """(name, shipped value, value for everybody today) of every limit of a group."""
    if group == RULES:
        shipped, now = DEFAULT_PARAMETERS.at(today, ""), load_parameters(session).at(today, "")
        for entry in fields(shipped):
            yield entry.name, getattr(shipped, entry.name), getattr(now, entry.name)
        return
    defaults = {row.name: row.value for row in _defaults(group)}
    in_force = dict(defaults)
    rows = session.scalars(
        select(PolicySetting)
        .where(
            PolicySetting.home_id.is_(None), PolicySetting.role_id.is_(None),
            PolicySetting.effective_from <= today,
        )
        .order_by(PolicySetting.effective_from, PolicySetting.id)
    )  # fmt: skip
    in_force.update((row.name, row.value) for row in rows)
    for name, value in defaults.items():
        yield name, value, in_force[name]


def _defaults(group: str) -> tuple[SettingRow, ...]:
    if group not in (LEAVE, FILLING):
        raise NotFound("There is no such group of limits.")
    return leave.DEFAULT_ROWS if group == LEAVE else filling.DEFAULT_ROWS


def field_of(group: str, name: str) -> Field:
    """How a limit is typed. Raises :class:`NotFound` for a name that nothing asks for."""
    if group == RULES:
        known = {row.name: row.value for row in DEFAULT_PARAMETERS.rows}
    else:
        known = {row.name: row.value for row in _defaults(group)}
    if name not in known:
        raise NotFound("There is no such limit.", hint="Choose one from the list.")
    kind, hint = _kind(name, known[name])
    return Field(
        name, words_of(name), kind, hint=hint, longest=500, required=kind is not Kind.WORDS
    )


def _kind(name: str, value: Any) -> tuple[Kind, str]:
    if isinstance(value, bool):
        return Kind.FLAG, ""
    if isinstance(value, frozenset):
        return Kind.WORDS, "codes"
    if name in _CLOCKS:
        return Kind.CLOCK, "time of day"
    if group_minutes(name):
        return Kind.HOURS, "hours"
    if name.endswith("_pence"):
        return Kind.MONEY, "£"
    if name in _SEASONS:
        return Kind.TEXT, "11 Dec - 8 Jan; 1 Jul - 15 Aug"
    if name == "pace":
        return Kind.TEXT, "30 Jun 50; 30 Sep 80; 31 Mar 100"
    if name == "year_start":
        return Kind.TEXT, "1 Apr"
    if name == "bradford_steps":
        return Kind.TEXT, "51; 201; 401; 601"
    return Kind.WHOLE, next((words for end, words in _UNITS if name.endswith(end)), "")


def group_minutes(name: str) -> bool:
    """Whether a limit is kept in minutes and typed in hours."""
    return name in _MINUTES


def _shown(field: Field, value: Any) -> str:
    if field.kind is not Kind.TEXT:
        return field.show(value)
    if field.key == "year_start":
        return _day_text(value)
    if field.key in _SEASONS:
        return "; ".join(f"{_day_text(a)} - {_day_text(b)}" for a, b in value) or "–"
    if field.key == "pace":
        return "; ".join(f"{_day_text(by)} {percent}" for by, percent in value)
    return "; ".join(str(each) for each in value)


def _day_text(day: Any) -> str:
    month, number = day
    return f"{number} {calendar.month_abbr[month]}"


def _day(text: str) -> list[int]:
    match = re.fullmatch(r"\s*(\d{1,2})\s+([A-Za-z]{3})[a-z]*\.?\s*", text)
    month = _MONTHS.get(match[2].capitalize()) if match else None
    if not match or not month or not 1 <= int(match[1]) <= calendar.monthrange(2024, month)[1]:
        raise InvalidInput(f"“{text.strip()[:40]}” is no day.", hint="Write it as 11 Dec.")
    return [month, int(match[1])]


def _parsed(field: Field, raw: Any) -> Any:
    """What is stored: JSON that the policies read."""
    value = field.parse(raw)
    if field.kind is not Kind.TEXT:
        return sorted(value) if field.kind is Kind.WORDS else value
    parts = [part for part in value.split(";") if part.strip()]
    if field.key == "year_start":
        return _day(value)
    if field.key in _SEASONS:
        if value.strip() == "-":
            return []
        ends = [re.split(r"\s[-–]\s", part) for part in parts]
        if any(len(pair) != 2 for pair in ends):
            raise InvalidInput("A season has a first and a last day.", hint="11 Dec - 8 Jan")
        return [[_day(first), _day(last)] for first, last in ends]
    if field.key == "pace":
        points = [part.rsplit(maxsplit=1) for part in parts]
        if any(len(p) != 2 or not p[1].rstrip("%").isdigit() for p in points):
            raise InvalidInput("A pace is days with a per cent each.", hint="30 Jun 50; 30 Sep 80")
        return [[_day(day), int(percent.rstrip("%"))] for day, percent in points]
    if not all(part.strip().isdigit() for part in parts):
        raise InvalidInput(f"{field.label} are whole numbers.", hint="51; 201; 401; 601")
    return [int(part) for part in parts]


@dataclass(frozen=True, slots=True)
class SetLimit:
    """A limit from a day on. ``role_id`` and ``home_id`` null: for everybody."""

    group: str
    name: str
    raw: Any
    effective_from: date
    reason: str
    role_id: int | None = None
    home_id: int | None = None


def set_limit(uow: UnitOfWork, command: SetLimit) -> None:
    """Store a limit from a day on; what held before stays on record.

    Raises :class:`InvalidInput` for a value, day or reason that does not do,
    :class:`NotFound` for a name, :class:`NotAllowed`.
    """
    uow.actor.require(Permission.ADMINISTER, command.home_id)
    value = _parsed(field_of(command.group, command.name), command.raw)
    if len(command.reason) > 400:
        raise InvalidInput("The reason is longer than 400 characters.", hint="Shorten it.")
    if command.role_id is not None and uow.session.get(Role, command.role_id) is None:
        raise InvalidInput("There is no such grade.")
    if command.group == RULES:
        _set_rule(uow, command, value)
    elif command.group == LEAVE:
        leave.set_limit(
            uow, command.name, value, command.effective_from, home_id=command.home_id,
            role_id=command.role_id, reason=command.reason,
        )  # fmt: skip
    else:
        filling.set_fill_limit(
            uow, command.name, value, command.effective_from, home_id=command.home_id,
            reason=command.reason,
        )  # fmt: skip
    uow.touch(None)


def _set_rule(uow: UnitOfWork, command: SetLimit, value: Any) -> None:
    if not command.reason.strip():
        raise InvalidInput("Say why the limit changes.")
    if command.home_id is not None:
        raise InvalidInput("Rules of work hold in every home.", hint="Choose a grade or everybody.")
    row = RuleParameter(
        rule="", name=command.name, role_id=command.role_id, value=value,
        effective_from=command.effective_from, reason=command.reason.strip(),
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    load_parameters(uow.session)  # raises what a rule could not be judged with
    uow.audit(
        "set limit", "rule_parameter", row.id, reason=command.reason,
        after={"name": command.name, "value": value, "from": command.effective_from.isoformat(),
               "role": command.role_id},
    )  # fmt: skip


def withdraw(uow: UnitOfWork, group: str, row_id: int) -> None:
    """Take back a row whose day has not come. Raises :class:`Conflict` for one in force."""
    uow.actor.require(Permission.ADMINISTER)
    row = _row(uow.session, group, row_id)
    if row is None:
        raise NotFound("There is no such row.")
    if row.effective_from <= london_today():
        raise Conflict(
            "This has been in force and stays on record.",
            hint="Set the limit anew from today instead.",
        )
    uow.actor.require(Permission.ADMINISTER, getattr(row, "home_id", None))
    before = {"name": row.name, "value": row.value, "from": row.effective_from.isoformat()}
    uow.session.delete(row)
    uow.audit("withdraw limit", "limit", row_id, before=before)
    uow.touch(None)


def _rows(session: Session, group: str) -> Sequence[RuleParameter | PolicySetting]:
    """The organisation's own rows, the latest first."""
    if group == RULES:
        return session.scalars(
            select(RuleParameter).order_by(
                RuleParameter.effective_from.desc(), RuleParameter.id.desc()
            )
        ).all()
    return session.scalars(
        select(PolicySetting).order_by(PolicySetting.effective_from.desc(), PolicySetting.id.desc())
    ).all()


def _row(session: Session, group: str, row_id: int) -> RuleParameter | PolicySetting | None:
    if group == RULES:
        return session.get(RuleParameter, row_id)
    return session.get(PolicySetting, row_id)
