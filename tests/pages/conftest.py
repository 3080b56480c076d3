"""Pages are tested through the server, with the fixtures of its own tests."""

from tests.server.conftest import app, log_in, server

__all__ = ["app", "log_in", "server"]
