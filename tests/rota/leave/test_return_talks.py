"""The talk after sickness: due, recorded, corrected, and closed to everybody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from rota.administration.erasure import erase_leaver
from rota.administration.subject_access import find_subject, rows_about
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rota.leave.policy import set_limit
from rota.leave.return_talks import TalkWords, record_talk, talk_of, talks_due, talks_held
from rota.leave.sickness import report_sick, return_to_work, undo_report
from rota.models import AuditEvent, ReturnTalk, TalkOutcome, UserRole
from tests import factories as make
from tests.rota.leave.conftest import Home

TODAY = date(2026, 5, 20)
DAY = timedelta(days=1)
SAID = TalkWords(
    TODAY, "Moira Sutherland", TalkOutcome.ADJUSTED, "No nights for a fortnight", TODAY + 14 * DAY
)


def ended(uow: UnitOfWork, home: Home, days_ago: int = 2, kind: str = "sickness") -> int:
    """A spell whose last day was so many days ago."""
    last = TODAY - days_ago * DAY
    spell = report_sick(uow, home.carer.id, last - DAY, last, kind=kind).spell_id
    uow.commit()
    uow.actor = home.manager
    return spell


def test_a_talk_falls_due_after_the_return_and_is_held_once(uow: UnitOfWork, home: Home) -> None:
    spell = ended(uow, home)
    (due,) = talks_due(uow.session, home.manager, home.home.id)
    assert (due.spell_id, due.name) == (spell, home.carer.name)
    # the last day off was the 18th, so the return was the 19th and three days are given
    assert due.due_on == date(2026, 5, 22)
    record_talk(uow, spell, SAID)
    uow.commit()
    assert talks_due(uow.session, home.manager, home.home.id) == []
    assert talks_held(uow.session, home.manager, home.home.id, since=TODAY - 28 * DAY) == {
        spell: (TODAY, "Moira Sutherland")
    }
    talk = talk_of(uow.session, home.manager, spell)
    assert (talk.outcome, talk.adjustments, talk.review_on, talk.version) == (
        TalkOutcome.ADJUSTED, "No nights for a fortnight", TODAY + 14 * DAY, 1,
    )  # fmt: skip


def test_the_days_it_may_take_are_the_policys(uow: UnitOfWork, home: Home) -> None:
    ended(uow, home)
    set_limit_as_administrator(uow, home, 10)
    (due,) = talks_due(uow.session, home.manager, home.home.id)
    assert due.due_on == date(2026, 5, 29)


def set_limit_as_administrator(uow: UnitOfWork, home: Home, days: int) -> None:
    uow.actor = make.administrator()
    set_limit(uow, "return_talk_days", days, date(2026, 1, 1), home_id=home.home.id, reason="Local")
    uow.commit()


def test_who_is_still_ill_or_was_not_ill_needs_none(uow: UnitOfWork, home: Home) -> None:
    child = ended(uow, home, kind="dependants")
    assert talks_due(uow.session, home.manager, home.home.id) == []
    with pytest.raises(InvalidInput, match="no talk"):
        record_talk(uow, child, SAID)
    spell = report_sick(uow, home.colleague.id, TODAY - DAY).spell_id
    with pytest.raises(Conflict, match="still open"):
        record_talk(uow, spell, SAID)
    return_to_work(uow, spell, TODAY - DAY)
    assert [due.spell_id for due in talks_due(uow.session, home.manager, home.home.id)] == [spell]


def test_it_is_corrected_from_the_version_that_was_seen(uow: UnitOfWork, home: Home) -> None:
    spell = ended(uow, home)
    record_talk(uow, spell, SAID)
    uow.commit()
    with pytest.raises(Conflict, match="Somebody else recorded"):
        record_talk(uow, spell, SAID)  # a second form, opened while nothing was on record
    record_talk(uow, spell, replace(SAID, outcome=TalkOutcome.FIT, adjustments=""), version=1)
    uow.commit()
    assert talk_of(uow.session, home.manager, spell).version == 2
    assert len(uow.session.scalars(select(ReturnTalk)).all()) == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (replace(SAID, held_by="  "), "who spoke"),
        (replace(SAID, held_on=TODAY + DAY), "lies ahead"),
        (replace(SAID, held_on=TODAY - 9 * DAY), "lasted until 18 May 2026"),
        (replace(SAID, adjustments=" "), "which adjustments"),
        (replace(SAID, adjustments="x" * 1001), "at most"),
        (replace(SAID, review_on=TODAY), "review comes after"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    uow: UnitOfWork, home: Home, said: TalkWords, words: str
) -> None:
    spell = ended(uow, home)
    with pytest.raises(InvalidInput, match=words):
        record_talk(uow, spell, said)
    assert uow.session.scalars(select(ReturnTalk)).all() == []


def test_only_who_decides_leave_reads_or_writes_it_and_nobody_their_own(
    uow: UnitOfWork, home: Home
) -> None:
    spell = ended(uow, home)
    stranger = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    for actor in (make.actor(UserRole.SENIOR_MANAGER, home.home), home.carer_actor(), stranger):
        uow.actor = actor
        with pytest.raises(NotAllowed):
            record_talk(uow, spell, SAID)
        with pytest.raises(NotAllowed):
            talk_of(uow.session, actor, spell)
        with pytest.raises(NotAllowed):
            talks_due(uow.session, actor, home.home.id)
        with pytest.raises(NotAllowed):
            talks_held(uow.session, actor, home.home.id, since=TODAY)
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, home.home, staff_id=home.carer.id)
    with pytest.raises(NotAllowed, match="their own"):
        record_talk(uow, spell, SAID)
    uow.actor = home.manager
    with pytest.raises(NotFound):
        record_talk(uow, 999_999, SAID)


def test_the_audit_says_that_it_was_written_not_what(uow: UnitOfWork, home: Home) -> None:
    spell = ended(uow, home)
    record_talk(uow, spell, SAID)
    uow.commit()
    line = uow.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "record return talk")
    ).one()
    assert line.entity_id == str(spell) and line.home_id == home.home.id
    assert line.after == {
        "staff_id": home.carer.id, "held_on": "2026-05-20", "held_by": "Moira Sutherland",
    }  # fmt: skip
    assert "nights" not in f"{line.after}{line.before}{line.reason}"


def test_it_goes_with_its_spell_and_is_part_of_the_persons_file(
    uow: UnitOfWork, home: Home
) -> None:
    spell = ended(uow, home)
    record_talk(uow, spell, SAID)
    uow.commit()
    about = rows_about(uow.session, find_subject(uow.session, home.carer.sap_number))
    assert about["return_talks"][0]["adjustments"] == "No nights for a fortnight"
    undo_report(uow, spell)
    uow.commit()
    assert uow.session.scalars(select(ReturnTalk.id)).all() == []


def test_erasing_a_leaver_erases_it(uow: UnitOfWork, home: Home) -> None:
    spell = ended(uow, home)
    record_talk(uow, spell, SAID)
    home.carer.is_active, home.carer.left_on = False, TODAY - DAY
    uow.commit()
    uow.actor = make.administrator()
    erase_leaver(uow, home.carer.sap_number, today=TODAY)
    uow.commit()
    assert uow.session.scalars(select(ReturnTalk.id)).all() == []
