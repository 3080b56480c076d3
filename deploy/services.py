"""Stopping, starting and reloading the processes of an installation."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from deploy.steps import StepFailed, command


class Services(Protocol):
    """The application's processes; nginx, Redis and PostgreSQL stay up."""

    def stop(self) -> None:
        """Stop everything that writes: web, worker, schedule."""

    def start(self) -> None:
        """Start them with the release that serves."""


@dataclass(frozen=True, slots=True)
class Systemd:
    """The units of ``deploy/systemd``."""

    background: tuple[str, ...] = ("staff-rota-beat.service", "staff-rota-worker.service")
    web: tuple[str, ...] = ("staff-rota.service", "staff-rota.socket")

    def stop(self) -> None:
        """The worker first: it gets its minute to leave cleanly."""
        command(["systemctl", "stop", *self.background, *self.web])

    def start(self) -> None:
        """Socket first. Beat starts only where it is enabled."""
        command(["systemctl", "start", *reversed(self.web), "staff-rota-worker.service"])
        if "enabled" in command(
            ["sh", "-c", "systemctl is-enabled staff-rota-beat.service || true"]
        ):
            command(["systemctl", "start", "staff-rota-beat.service"])


@dataclass(frozen=True, slots=True)
class SiteClient:
    """The site through nginx, also while it is closed (the preview cookie)."""

    address: str
    preview: str = ""
    authority: Path | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, timeout: float = 15) -> tuple[int, bytes]:
        """Status and body; errors are answers too."""
        request = urllib.request.Request(self.address + path, headers=self.headers)
        if self.preview:
            request.add_header("Cookie", f"staff_rota_preview={self.preview}")
        context = ssl.create_default_context(cafile=str(self.authority) if self.authority else None)
        try:
            with urllib.request.urlopen(request, timeout=timeout, context=context) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def health(self) -> dict[str, Any]:
        """The health page; empty while nobody answers."""
        try:
            status, body = self.get("/health/")
            return {**json.loads(body), "code": status}
        except (OSError, ValueError, http.client.HTTPException):
            return {}

    def wait_ready(self, seconds: float = 90, *, worker: bool = True) -> dict[str, Any]:
        """Wait until database, cache and worker are there. Raises :class:`StepFailed`."""
        deadline = time.monotonic() + seconds
        state: dict[str, Any] = {}
        while time.monotonic() < deadline:
            state = self.health()
            there = state.get("database") == state.get("cache") == "ok"
            if (
                there
                and state.get("migrations") == "current"
                and (not worker or state.get("worker") == "ok")
            ):
                return state
            time.sleep(0.5)
        raise StepFailed(f"Not ready after {seconds:.0f} s: {state or 'nobody answers'}")
