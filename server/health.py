"""``/health/``: whether database, cache and worker are there. Needs no login, tells no secret."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from rota.operations import health as checks
from server.cache import cache_is_alive

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/")
def health() -> tuple[Response, int]:
    """Database, cache and worker as JSON; 503 when the database is gone."""
    state = checks.check(cache_alive=cache_is_alive)
    return jsonify(state.as_dict()), 200 if state.database else 503


@blueprint.get("/live/")
def live() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/ready/")
def ready() -> tuple[Response, int]:
    """The process can serve pages: the database is there and at the newest migration."""
    state = checks.check(cache_alive=cache_is_alive)
    return jsonify(ready=state.ready), 200 if state.ready else 503
