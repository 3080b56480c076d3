"""Who the actor is on the payroll: what is one's own is decided by the session, never the page."""

from __future__ import annotations

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.errors import NotAllowed, NotFound
from rota.models import Staff


def myself(session: Session, actor: Actor) -> Staff:
    """The person an account belongs to.

    Raises :class:`NotAllowed` for an account of nobody on the payroll, :class:`NotFound` for
    somebody who is no longer there.
    """
    if actor.staff_id is None:
        raise NotAllowed(
            "Your account belongs to nobody on the payroll.", hint="Ask an administrator."
        )
    person = session.get(Staff, actor.staff_id)
    if person is None:
        raise NotFound("There is no such person.")
    return person
