"""A real SMTP server that keeps what it gets and refuses what it is told to refuse."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from rota.settings import Settings, load_settings
from tests.conftest import free_port


class Postbox:
    """What arrived, and whom to refuse with which reply."""

    def __init__(self) -> None:
        self.port = free_port()
        self.messages: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}
        self.refuse_data = ""
        self._lock = threading.Lock()

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refuse_data:
            return self.refuse_data
        with self._lock:
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.messages.append(message)
        return "250 OK"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """A server on a free port; its address is ``postbox.port``."""
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def mail_settings(postbox: Postbox) -> Settings:
    """Settings that lead to the postbox."""
    return load_settings(
        _env_file=None, debug=True, email_host="127.0.0.1", email_port=postbox.port,
        email_use_tls=False, default_from_email="rota@example.org",
    )  # fmt: skip
