"""The application with one view more: fixed bytes from memory, the limit to compare with."""

from __future__ import annotations

import os

from flask import Response

import app
from server import gate

server = app.server
_BYTES = b"x" * int(os.environ.get("BENCH_STATIC_BYTES", "95000"))
gate.PUBLIC = gate.PUBLIC | {"static_bytes"}


@server.get("/bench/static-bytes")
def static_bytes() -> Response:
    """As many bytes as the overview has, without any work."""
    return Response(_BYTES, mimetype="application/octet-stream")
