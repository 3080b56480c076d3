"""Headers on every response, and a health page that tells the truth."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from flask import Flask
from sqlalchemy import Engine

from rota.database import make_engine, use_engine
from rota.jobs.celery_app import beat
from rota.models import UserRole
from tests.server.conftest import LogIn


@pytest.mark.parametrize("path", ["/accounts/login/", "/static/tokens.css", "/nowhere", "/health/"])
def test_security_headers_are_on_everything(server: Flask, path: str) -> None:
    headers = server.test_client().get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy and "http" not in policy


def test_the_policy_knows_every_inline_script_of_the_page(log_in: LogIn) -> None:
    import base64
    import hashlib
    import re

    answer = log_in(UserRole.ADMINISTRATOR).get("/dashboard/")
    scripts = re.findall(
        r"<script(?![^>]*src=)(?![^>]*application/json)[^>]*>(.*?)</script>", answer.text, re.S
    )
    assert scripts
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"], script[:80]


def test_a_process_is_complete_before_its_first_request() -> None:
    """Dash would set itself up within the first request, while others come."""
    look = (
        "import app; s = app.server; d = s.extensions['rota_dash'];"
        "print('_pages_dummy.children' in d.callback_map, len(d.callback_map) > 40,"
        " 'sha256-' in s.config['CONTENT_SECURITY_POLICY'])"
    )
    environment = {**os.environ, "SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "rota.example.org"}
    environment.pop("DEBUG", None)
    answer = subprocess.run(
        [sys.executable, "-c", look], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["True", "True", "True"]


def test_no_page_asks_an_outside_host_for_anything(log_in: LogIn) -> None:
    import re

    text = log_in(UserRole.ADMINISTRATOR).get("/dashboard/").text
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', text) == []


def test_health_needs_no_login_and_names_each_part(server: Flask, sqlite_engine: Engine) -> None:
    answer = server.test_client().get("/health/")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["database"], answer.json["cache"]) == ("ok", "ok")
    assert answer.json["worker"] == "down"
    beat(sqlite_engine)
    answer = server.test_client().get("/health/")
    assert answer.json is not None and answer.json["worker"] == "ok"


def test_health_is_503_when_the_database_is_gone(server: Flask) -> None:
    gone = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    use_engine(gone)
    answer = server.test_client().get("/health/")
    assert answer.status_code == 503
    assert answer.json is not None and answer.json["database"] == "down"


def test_a_style_sheet_asked_for_with_its_time_is_kept_others_are_asked_for_again(
    server: Flask,
) -> None:
    client = server.test_client()
    timed = client.get("/static/ui-base.css?m=1795559383.98")
    assert timed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "immutable" not in client.get("/static/ui-base.css").headers.get("Cache-Control", "")
    missing = client.get("/static/none.css?m=1")
    assert "immutable" not in missing.headers.get("Cache-Control", "")


def test_a_script_without_its_version_in_the_name_is_asked_for_by_its_tag(log_in: LogIn) -> None:
    """Without a word about it a browser loads the grid's 260 kB again with every page."""
    answer = log_in(UserRole.OPERATIONAL_MANAGER).get(
        "/_dash-component-suites/dash_ag_grid/async-community.js"
    )
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["ETag"]
