"""Wordings of messages: shipped ones, and over them the organisation's own, with history.

A template is filled in Jinja2's sandbox: it reaches the values it is given and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotFound
from rota.mail.defaults import DEFAULTS, Wording
from rota.models import MailTemplate, User

MOST_CHARACTERS = 20_000
MOST_OUTPUT = 1_000_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to queue; ``html`` is empty when the template has no such part."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One wording of a key, and who set it. The shipped one has no date."""

    key: str
    title: str
    subject: str
    text: str
    html: str
    reason: str
    set_by: str
    set_at: datetime | None


def _environment(*, escapes: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        autoescape=escapes, undefined=StrictUndefined, keep_trailing_newline=True
    )


_PLAIN = _environment(escapes=False)
_HTML = _environment(escapes=True)


def _default(key: str) -> Wording:
    if key not in DEFAULTS:
        raise NotFound(f"There is no message template {key!r}.")
    return DEFAULTS[key]


def _fill(
    environment: ImmutableSandboxedEnvironment, source: str, values: Mapping[str, Any]
) -> str:
    """The text of a template. Raises :class:`InvalidInput` with what is wrong with it."""
    parts: list[str] = []
    length = 0
    try:
        for part in environment.from_string(source).generate(**values):
            length += len(part)
            if length > MOST_OUTPUT:
                raise InvalidInput("The template writes too much.")
            parts.append(part)
    except InvalidInput:
        raise
    except TemplateError as error:
        raise InvalidInput(f"The template cannot be filled: {error.message}.") from None
    except Exception as error:  # whatever a template can provoke: a division, a missing method
        raise InvalidInput(f"The template cannot be filled: {error}.") from None
    return "".join(parts)


def fill(wording: Wording | TemplateVersion, values: Mapping[str, Any]) -> Rendered:
    """A wording filled with values. The subject becomes one line. Raises :class:`InvalidInput`."""
    subject = " ".join(_fill(_PLAIN, wording.subject, values).split())
    return Rendered(
        subject[:300],
        _fill(_PLAIN, wording.text, values),
        _fill(_HTML, wording.html, values) if wording.html else "",
    )


def render(session: Session, key: str, values: Mapping[str, Any]) -> Rendered:
    """The message of a key in the wording in force. Raises :class:`InvalidInput`, :class:`NotFound`."""
    return fill(current(session, key), values)


def current(session: Session, key: str) -> TemplateVersion:
    """The wording in force. Raises :class:`NotFound` for a key the product does not have."""
    return _versions(session, key, limit=1)[0]


def history(session: Session, actor: Actor, key: str) -> list[TemplateVersion]:
    """Every wording of a key, the one in force first, the shipped one last."""
    actor.require(Permission.ADMINISTER)
    return _versions(session, key, limit=None)


def _versions(session: Session, key: str, limit: int | None) -> list[TemplateVersion]:
    default = _default(key)
    rows = session.execute(
        select(MailTemplate, User.name)
        .outerjoin(User, User.id == MailTemplate.set_by_id)
        .where(MailTemplate.key == key)
        .order_by(MailTemplate.id.desc())
        .limit(limit)
    )
    own = [
        TemplateVersion(
            key, default.title, row.subject, row.text, row.html, row.reason,
            name or "The installation", row.set_at,
        )
        for row, name in rows
    ]  # fmt: skip
    shipped = TemplateVersion(
        key, default.title, default.subject, default.text, default.html, "As shipped", "", None
    )
    return [*own, shipped]


def set_template(
    uow: UnitOfWork, key: str, *, subject: str, text: str, html: str = "", reason: str = ""
) -> TemplateVersion:
    """Word a message otherwise from now on; earlier wordings stay on record.

    The wording is tried with the example values first. Raises :class:`InvalidInput` when it
    cannot be filled, :class:`NotFound` for an unknown key.
    """
    uow.actor.require(Permission.ADMINISTER)
    default = _default(key)
    if len(text) > MOST_CHARACTERS or len(html) > MOST_CHARACTERS or len(subject) > 300:
        raise InvalidInput(f"A template has at most {MOST_CHARACTERS:,} characters.")
    wording = Wording(default.title, subject, text, html, default.variables)
    tried = fill(wording, default.variables)
    if not tried.subject or not tried.text.strip():
        raise InvalidInput("A message needs a subject and a text.")
    before = current(uow.session, key)
    uow.session.add(
        MailTemplate(
            key=key, subject=subject, text=text, html=html, reason=reason.strip()[:400],
            set_by_id=uow.actor.user_id,
        )
    )  # fmt: skip
    uow.session.flush()
    uow.audit(
        "set template", "mail_template", key, before={"subject": before.subject, "text": before.text},
        after={"subject": subject, "text": text}, reason=reason.strip()[:400],
    )  # fmt: skip
    return current(uow.session, key)
