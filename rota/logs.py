"""Structured logs: one JSON line an event on standard error, without personal data.

Web processes, workers and the command line write the same; standard output belongs to what a
command was asked for, and another program may read it.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, TextIO, cast

import structlog

#: what is never written, whatever an event calls it
_PRIVATE = re.compile(
    r"pass(word)?|secret|token|cookie|authori[sz]ation|csrf|^code$|e?mail|phone|sap|^name$|"
    r"first_name|last_name|birth|address|reason|note|typed",
    re.I,
)
_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+")
#: passwords in addresses of databases and caches, long random strings
_CREDENTIALS = re.compile(r"(\w+://[^\s:/@]*:)[^\s@]+@")
_RANDOM = re.compile(r"\b(?=[A-Za-z0-9_\-]*\d)(?=[A-Za-z0-9_\-]*[A-Za-z])[A-Za-z0-9_\-]{28,}\b")
#: what the database quotes of a row in an error
_QUOTED = re.compile(r"(Key \([^)]*\)=)\([^)]*\)|(\[parameters: ).*", re.S)


def redacted(text: str) -> str:
    """Text without mail addresses, credentials, random strings and quoted rows."""
    text = _CREDENTIALS.sub(r"\1…@", text)
    text = _ADDRESS.sub("…@…", text)
    text = _QUOTED.sub(lambda m: (m[1] or m[2]) + "…", text)
    return _RANDOM.sub("…", text)


def without_personal_data(_logger: Any, _method: str, event: Any) -> Any:
    """Drop what is private by its name, and clean every text."""
    for key, value in list(event.items()):
        if key in ("event", "level", "timestamp"):
            continue
        if _PRIVATE.search(key):
            event[key] = "…"
        elif isinstance(value, str):
            event[key] = redacted(value)
    event["event"] = redacted(str(event.get("event", "")))
    return event


class _StandardError:
    """Standard error as it is when something is written: whoever runs us may have replaced it."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_logging(level: str) -> None:
    """Send structlog's events to standard error as JSON."""
    logging.basicConfig(level=level, format="%(message)s")
    for chatty in ("werkzeug", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_personal_data,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _StandardError())),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
    )
