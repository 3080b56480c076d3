"""The errors people can cause, each with one wording that every screen and command shows.

A message says what happened and what it means; ``hint`` says what to do next.
"""

from __future__ import annotations


class RotaError(Exception):
    """An error somebody can do something about: shown as it is, never as a traceback."""

    #: what the web answers when this error reaches it
    http_status = 400

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InvalidInput(RotaError):
    """What was given cannot be read or makes no sense; nothing was changed."""


class NotAllowed(RotaError):
    """The person may not do this, or not to this home."""

    http_status = 403


class NotFound(RotaError):
    """There is no such thing, or it belongs to a home the person may not see."""

    http_status = 404


class Conflict(RotaError):
    """Somebody else changed the same thing first; nothing was lost."""

    http_status = 409


class RuleBreach(RotaError):
    """A rule of work forbids it; the message names the rule."""

    http_status = 422


class Unavailable(RotaError):
    """Something the work needs (database, worker, solver) is not there just now."""

    http_status = 503
