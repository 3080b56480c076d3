"""Reading the ledger of compensatory rest, and which exceptions lack their entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period
from rota.models import CompensatoryRest, Staff, Unit
from rota.roster.findings import rule_findings
from rota.roster.rulebooks import load_rulebook
from rota.roster.timelines import load_timelines
from rota.rules import Rulebook, Timeline, Verdict
from rota.rules.compensation import first_rest_for, repays_from

MOST_ROWS = 400
#: a day to take rest is looked for this far beyond its due date
_LOOK_PAST_DUE = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class RestRow:
    """An entry of the ledger. ``rest_on`` is the first day, past or planned, whose rest repays
    it (only asked of what is still owed); ``arises`` says whether the rules still find the
    exception on the rota."""

    id: int
    staff_id: int
    name: str
    unit: str
    rule: str
    arose_on: date
    owed_minutes: int
    due_on: date
    taken_on: date | None
    note: str
    arises: bool = True
    rest_on: date | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says about somebody of a home."""

    staff_id: int
    name: str
    verdict: Verdict


def rest_ledger(
    session: Session,
    actor: Actor,
    home_id: int,
    *,
    unit_id: int | None = None,
    staff_id: int | None = None,
    taken_since: date | None = None,
) -> list[RestRow]:
    """Rest owed by a home to its people, the most pressing first; then what was taken since a
    day, the latest first.

    Fifteen statements at most, however many entries there are. People are named only to those
    who may see personal data.
    """
    actor.require(Permission.VIEW_ROTA, home_id)
    open_only = CompensatoryRest.taken_on.is_(None)
    statement = (
        select(CompensatoryRest, Staff.first_name, Staff.last_name, Unit.name)
        .join(Staff, Staff.id == CompensatoryRest.staff_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .where(
            Staff.home_id == home_id,
            open_only
            if taken_since is None
            else or_(open_only, CompensatoryRest.taken_on >= taken_since),
        )
        .order_by(CompensatoryRest.taken_on.desc(), CompensatoryRest.due_on, CompensatoryRest.id)
        .limit(MOST_ROWS)
    )
    if unit_id is not None:
        statement = statement.where(Staff.unit_id == unit_id)
    if staff_id is not None:
        statement = statement.where(Staff.id == staff_id)
    found = session.execute(statement).all()
    owed = [row[0] for row in found if row[0].taken_on is None]
    rulebook = load_rulebook(session)
    timelines = _timelines(session, owed)
    named = actor.may(Permission.VIEW_CONTACTS)
    rows = [
        _row(entry, shown_name(entry.staff_id, first, last, named=named), unit or "", rulebook,
             timelines.get(entry.staff_id))
        for entry, first, last, unit in found
    ]  # fmt: skip
    # both databases sort nulls their own way: what is owed stands first
    return sorted(rows, key=lambda row: row.taken_on is not None)


def _timelines(session: Session, owed: list[CompensatoryRest]) -> dict[int, Timeline]:
    if not owed:
        return {}
    first = min(entry.arose_on for entry in owed)
    last = max(max(entry.due_on, entry.arose_on) for entry in owed)
    return load_timelines(session, [entry.staff_id for entry in owed], Period(first, last))


def _row(
    entry: CompensatoryRest, name: str, unit: str, rulebook: Rulebook, timeline: Timeline | None
) -> RestRow:
    rule = rulebook.rule(entry.rule)
    arises, rest_on = True, None
    if entry.taken_on is None and timeline is not None:
        day = Period(entry.arose_on, entry.arose_on)
        verdicts = rule.check_in_detail(timeline, day, rulebook.parameters)
        arises = any(verdict.arising_on == entry.arose_on for verdict in verdicts)
        start = repays_from(entry.rule, entry.arose_on)
        days = Period(start, max(start, entry.due_on) + _LOOK_PAST_DUE)
        rest_on = first_rest_for(timeline, entry.owed_minutes, days, rulebook.parameters)
    return RestRow(
        entry.id, entry.staff_id, name, unit, rule.title, entry.arose_on, entry.owed_minutes,
        entry.due_on, entry.taken_on, entry.note, arises, rest_on,
    )  # fmt: skip


def home_findings(
    session: Session, actor: Actor, home_ids: list[int], unit_id: int | None, period: Period
) -> list[Finding]:
    """What the rules say about the people of homes or a unit over a period, gravest first.

    Somebody of one home with a shift in the other is judged once, by all their shifts. People
    are named only to those who may see personal data.
    """
    found: dict[int, list[Verdict]] = {}
    for home_id in home_ids:
        actor.require(Permission.VIEW_ROTA, home_id)
        found |= rule_findings(session, home_id, unit_id, period)
    names = person_names(session, list(found), named=actor.may(Permission.VIEW_CONTACTS))
    findings = [
        Finding(staff_id, names[staff_id], verdict)
        for staff_id, verdicts in found.items()
        for verdict in verdicts
    ]
    findings.sort(key=_gravest_first)
    return findings


def lacking_rest(findings: list[Finding]) -> list[Finding]:
    """The findings that recorded rest would turn from red into amber."""
    return [
        finding
        for finding in findings
        if finding.verdict.can_be_compensated and finding.verdict.arising_on is not None
    ]


def _gravest_first(finding: Finding) -> tuple[int, str, tuple[date, ...], str]:
    verdict = finding.verdict
    return -verdict.severity, verdict.rule, verdict.dates, finding.name


def person_names(session: Session, ids: list[int], *, named: bool) -> dict[int, str]:
    """People by id as this reader may see them."""
    if not named:
        return {staff_id: shown_name(staff_id, "", "", named=False) for staff_id in ids}
    rows = session.execute(
        select(Staff.id, Staff.first_name, Staff.last_name).where(Staff.id.in_(ids))
    )
    return {row.id: shown_name(row.id, row.first_name, row.last_name, named=True) for row in rows}


def shown_name(staff_id: int, first: str, last: str, *, named: bool) -> str:
    """First and last name, or a number for who may not see personal data."""
    return f"{first} {last}".strip() if named else f"Person {staff_id}"
