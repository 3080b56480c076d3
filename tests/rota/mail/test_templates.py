"""Wordings: shipped, changed with history, filled in a sandbox."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed, NotFound
from rota.mail import templates
from rota.mail.defaults import DEFAULTS
from rota.mail.service import queue_template
from rota.models import AuditEvent, UserRole
from tests.factories import actor

SAMPLE = DEFAULTS["report"].variables


@pytest.mark.parametrize("key", sorted(DEFAULTS))
def test_every_shipped_wording_can_be_filled_with_its_examples(key: str) -> None:
    filled = templates.fill(DEFAULTS[key], DEFAULTS[key].variables)
    assert filled.subject
    assert filled.text.strip()
    assert "{{" not in filled.text + filled.subject + filled.html


def test_a_new_wording_is_in_force_and_the_old_ones_stay(uow: UnitOfWork) -> None:
    templates.set_template(uow, "report", subject="A {{ title }}", text="x", reason="Shorter")
    templates.set_template(uow, "report", subject="B {{ title }}", text="y")
    assert templates.render(uow.session, "report", SAMPLE).subject == "B Monthly report"
    rows = templates.history(uow.session, uow.actor, "report")
    assert [row.subject for row in rows] == [
        "B {{ title }}",
        "A {{ title }}",
        DEFAULTS["report"].subject,
    ]
    assert [row.reason for row in rows] == ["", "Shorter", "As shipped"]
    assert len(uow.session.scalars(select(AuditEvent)).all()) == 2


@pytest.mark.parametrize(
    "text",
    [
        "{{ unknown }}",
        "{% for %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ 1 // 0 }}",
        "{% include 'secret' %}",
        "{% for n in range(10**9) %}x{% endfor %}",
        "{% for n in range(99999) %}{{ 'x' * 100 }}{% endfor %}",
        "   ",
        "x" * 20_001,
    ],
)
def test_a_wording_that_cannot_be_filled_or_reaches_further_is_refused(
    uow: UnitOfWork, text: str
) -> None:
    with pytest.raises(InvalidInput):
        templates.set_template(uow, "report", subject="S", text=text)
    assert templates.current(uow.session, "report").text == DEFAULTS["report"].text


def test_values_are_text_in_the_html_part(uow: UnitOfWork) -> None:
    templates.set_template(
        uow, "report", subject="{{ name }}", text="{{ name }}", html="<b>{{ name }}</b>"
    )
    hostile = {**SAMPLE, "name": "<img src=x>\nBcc: y"}
    filled = templates.render(uow.session, "report", hostile)
    assert filled.html == "<b>&lt;img src=x&gt;\nBcc: y</b>"
    assert filled.subject == "<img src=x> Bcc: y"


def test_a_message_is_queued_in_the_wording_in_force(uow: UnitOfWork) -> None:
    (row,) = queue_template(uow, "report", SAMPLE, to="elaine@example.org", about="home:1")
    assert row.kind == "report"
    assert "Cost £310,220" in row.text
    with pytest.raises(InvalidInput):
        queue_template(uow, "report", {}, to="elaine@example.org")
    with pytest.raises(NotFound):
        queue_template(uow, "nothing", {}, to="elaine@example.org")


def test_only_administrators_change_wordings(uow: UnitOfWork) -> None:
    uow.actor = actor(UserRole.OPERATIONAL_MANAGER)
    with pytest.raises(NotAllowed):
        templates.set_template(uow, "report", subject="S", text="T")
    with pytest.raises(NotAllowed):
        templates.history(uow.session, uow.actor, "report")
