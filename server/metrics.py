"""``/metrics`` for Prometheus: from this host or with the token of METRICS_TOKEN, nobody else.

Counted in each process; with ``PROMETHEUS_MULTIPROC_DIR`` (gunicorn's configuration sets it)
the answer sums over all of them. What lies in the database is read when it is asked for.
Labels come from fixed lists (pages, callbacks, endpoints): never from what somebody typed.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import time
from typing import Any

from flask import Blueprint, Flask, Response, abort, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from werkzeug.exceptions import HTTPException

from rota.database import get_engine
from rota.operations import measurements
from rota.operations.service_record import AnswerTimes
from rota.settings import get_settings

blueprint = Blueprint("metrics", __name__)

REQUESTS = Histogram(
    "rota_request_seconds",
    "Time to answer, by page, callback or endpoint",
    ["what", "kind"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 8, 30),
)
ANSWERS = Counter("rota_answers_total", "Answers by kind and status", ["kind", "status"])
ERRORS = Counter("rota_errors_total", "Unexpected errors by type", ["type"])
REFUSALS = Counter("rota_refusals_total", "Requests refused for want of a permission")
CACHE = Counter("rota_cache_total", "Lookups in the cache", ["result"])
POOL = Gauge(
    "rota_database_connections", "Connections in use", multiprocess_mode="livesum"
)  # of all processes together
ANSWER_TIMES = AnswerTimes()


def install(server: Flask) -> None:
    """Count every request."""
    server.register_blueprint(blueprint)

    @server.before_request
    def begin() -> None:
        g.rota_began = time.perf_counter()

    @server.after_request
    def count(response: Response) -> Response:
        began = g.get("rota_began")
        if began is not None and request.endpoint != "metrics.metrics":
            what, kind = _label(server)
            taken = time.perf_counter() - began
            REQUESTS.labels(what, kind).observe(taken)
            if kind in ("page", "callback") and not get_settings().debug:
                _record(response, taken)
            ANSWERS.labels(kind, str(response.status_code)).inc()
            checked_out = getattr(get_engine().pool, "checkedout", None)
            if checked_out is not None:
                POOL.set(checked_out())
        return response


def _record(response: Response, seconds: float) -> None:
    """Count for the monthly report; written down once the answer is on its way."""
    ANSWER_TIMES.note(seconds, failed=response.status_code >= 500)
    if ANSWER_TIMES.is_due():
        response.call_on_close(lambda: ANSWER_TIMES.write(get_engine()))


def _label(server: Flask) -> tuple[str, str]:
    """What was asked for, out of what there is: (name, page | callback | file | view)."""
    if request.path == "/_dash-update-component":
        return _callback_name(server), "callback"
    if request.path.startswith((server.config["ASSETS_PREFIX"], "/_dash-component")):
        return "files", "file"
    if request.endpoint == "/<path:path>":
        from server.gate import page_at

        page = page_at(request.path)
        return (page["path"] if page else "unknown"), "page"
    return request.endpoint or "unknown", "view"


def _callback_name(server: Flask) -> str:
    try:
        body = request.get_json(silent=True) if request.mimetype == "application/json" else None
    except HTTPException:  # too large to be read: it was refused for that
        body = None
    output = body.get("output") if isinstance(body, dict) else None
    app = server.extensions.get("rota_dash")
    if not isinstance(output, str) or app is None or output not in app.callback_map:
        return "unknown"
    # long outputs are cut, and told apart by a hash that stays the same
    digest = hashlib.blake2b(output.encode(), digest_size=3).hexdigest()
    return f"{output[:60]}~{digest}" if len(output) > 60 else output


def may_read() -> bool:
    """Whether this request may see the figures."""
    token = get_settings().metrics_token
    given = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


@blueprint.get("/metrics")
def metrics() -> Response:
    """Every figure in Prometheus's text format."""
    if not may_read():
        abort(404)  # what is not for you is not there
    registry: Any = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    text = generate_latest(registry) + generate_latest(stored_figures())
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def stored_figures() -> CollectorRegistry:
    """What the database and the data folder say, as gauges. A missing figure is left out."""
    registry = CollectorRegistry()
    for one in measurements.measure():
        gauge = Gauge(one.name, one.about, list(one.labels), registry=registry)
        for labels, value in one.values.items():
            (gauge.labels(*labels) if one.labels else gauge).set(value)
    return registry
