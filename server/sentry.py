"""Errors to Sentry, if SENTRY_DSN is set: what broke and where, nothing about whom."""

from __future__ import annotations

from typing import Any

from rota.logs import redacted
from rota.settings import Settings

#: parts of an event that may hold what somebody typed, or who they are
_NEVER = ("user", "breadcrumbs", "extra", "server_name", "modules")
_OF_REQUEST = ("method",)


def configure_sentry(settings: Settings) -> None:
    """Start the client; nothing is sent anywhere without an address."""
    if not settings.sentry_dsn:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0.0,
        before_send=strip,
    )


def strip(event: Any, _hint: Any = None) -> Any:
    """The event without personal data: no user, body, cookie, header, query or value."""
    for part in _NEVER:
        event.pop(part, None)
    request = event.get("request")
    if request is not None:
        event["request"] = {key: request[key] for key in _OF_REQUEST if key in request}
    for error in event.get("exception", {}).get("values", []):
        error["value"] = redacted(str(error.get("value", "")))[:200]
        for frame in error.get("stacktrace", {}).get("frames", []):
            frame.pop("vars", None)
    if "message" in event:
        event["message"] = redacted(str(event["message"]))
    if "logentry" in event:
        event["logentry"] = {"message": redacted(str(event["logentry"].get("message", "")))}
    return event
