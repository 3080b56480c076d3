"""What a running installation tells its operators, and what it never tells anybody."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
import structlog
from flask import Flask
from prometheus_client import REGISTRY
from sqlalchemy import Engine, select, text

from rota.database import UnitOfWork, make_engine, reading
from rota.logs import redacted, without_personal_data
from rota.models import AuditEvent, UserRole
from rota.operations import measurements
from rota.settings import get_settings
from server.sentry import strip
from tests.factories import administrator
from tests.server.conftest import LogIn

ROOT = Path(__file__).resolve().parents[2]
FAR = {"REMOTE_ADDR": "203.0.113.9"}


def _names() -> set[str]:
    """Every metric there is, histograms and counters by all their series."""
    names = {one.name for one in measurements.measure()}
    for family in REGISTRY.collect():
        names |= {family.name, *(sample.name for sample in family.samples)}
        if family.type == "histogram":
            names |= {f"{family.name}_{end}" for end in ("bucket", "count", "sum")}
        if family.type == "counter":
            names.add(f"{family.name}_total")
    return names


def test_a_request_is_counted_by_what_it_asked_for(log_in: LogIn, server: Flask) -> None:
    browser = log_in(UserRole.ANALYST)
    browser.get("/costs/")
    browser.get("/no/such/page/with/a-name")
    seen = server.test_client().get("/metrics").text
    assert 'rota_request_seconds_count{kind="page",what="/costs/"}' in seen
    assert "a-name" not in seen
    assert 'rota_jobs{state="queued"} 0.0' in seen and "rota_database_up 1.0" in seen


def test_only_this_host_reads_them_or_who_has_the_token(
    server: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = server.test_client()
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base=FAR).status_code == 404
    monkeypatch.setattr(get_settings(), "metrics_token", "t" * 32)
    for token, status in (("t" * 32, 200), ("wrong", 404)):
        answer = client.get(
            "/metrics", environ_base=FAR, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == status


def test_a_dead_database_is_a_figure_not_an_error() -> None:
    gone = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    found = {one.name: one.values for one in measurements.measure(gone)}
    assert found["rota_database_up"] == {(): 0.0}


def test_every_metric_of_alerts_and_dashboard_exists(server: Flask) -> None:
    names = _names()
    rules = (ROOT / "deploy/monitoring/alerts.yml").read_text()
    board = (ROOT / "deploy/monitoring/dashboard.json").read_text()
    asked = set(re.findall(r"\brota_[a-z_]+", rules + board))
    assert len(asked) > 12
    assert asked - names == set()
    json.loads(board)


def test_every_alert_is_in_the_runbook() -> None:
    rules = (ROOT / "deploy/monitoring/alerts.yml").read_text()
    alerts = re.findall(r"- alert: (\w+)", rules)
    headings = re.findall(r"^## (\w+)$", (ROOT / "docs/runbook.md").read_text(), re.M)
    assert len(alerts) >= 10
    assert sorted(alerts) == sorted(set(headings) & set(alerts))
    assert rules.count("runbook: docs/runbook.md#") == len(alerts)


def test_a_refusal_is_on_record_once_a_minute(log_in: LogIn, sqlite_engine: Engine) -> None:
    browser = log_in(UserRole.CARE_STAFF)
    for _ in range(3):
        assert browser.get("/admin/").status_code == 403
    with reading(sqlite_engine) as session:
        found = session.scalars(select(AuditEvent).where(AuditEvent.action == "refused")).all()
    assert [event.after for event in found] == [{"wanted": "/admin/"}]


@pytest.mark.parametrize(
    "private",
    ["ailsa.innes@example.org", "postgresql://rota:Hunter-22@db/rota",
     "token 4fQx9Zr1T0a8Kq2Lw7Ns5Vd3Bc6Hy1Me",
     "DETAIL: Key (sap_number)=(004711) already exists.", "[parameters: {'name': 'Ailsa'}]"],
)  # fmt: skip
def test_texts_are_cleaned(private: str) -> None:
    cleaned = redacted(f"it broke: {private}")
    assert cleaned.startswith("it broke: ")
    for part in ("ailsa", "Hunter", "4fQx9", "004711", "Ailsa"):
        assert part not in cleaned


def test_a_log_line_carries_nothing_private_whatever_it_is_called(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = io.StringIO()
    log = structlog.wrap_logger(
        structlog.PrintLogger(out),
        processors=[
            structlog.processors.format_exc_info,
            without_personal_data,
            structlog.processors.JSONRenderer(),
        ],
    )
    try:
        raise ValueError("no shift for ailsa.innes@example.org")
    except ValueError:
        log.exception("failed", password="Hunter-22", email="x@y.org", sap_number="004711", ms=3)
    line = out.getvalue()
    assert '"ms": 3' in line and "ValueError" in line
    for part in ("Hunter", "x@y", "004711", "ailsa"):
        assert part not in line


def test_what_goes_to_sentry_names_nobody() -> None:
    event = {
        "user": {"id": 7, "username": "004711"},
        "request": {"method": "POST", "url": "https://x/rota/?q=Ailsa", "cookies": {"session": "s"},
                    "data": {"password": "Hunter-22"}, "headers": {"Cookie": "s"}},
        "breadcrumbs": {"values": [{"message": "Ailsa"}]},
        "exception": {"values": [{"type": "ValueError", "value": "for ailsa@example.org",
                                  "stacktrace": {"frames": [{"function": "f",
                                                             "vars": {"name": "Ailsa"}}]}}]},
    }  # fmt: skip
    sent = json.dumps(strip(event))
    assert "ValueError" in sent and '"function": "f"' in sent
    for part in ("Ailsa", "ailsa", "004711", "Hunter", "session"):
        assert part not in sent


def test_a_slow_statement_is_logged_without_its_values(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "slow_query_ms", 1)
    slow = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) "
        "SELECT count(*), :who FROM n"
    )
    with structlog.testing.capture_logs() as lines, reading(sqlite_engine) as session:
        session.execute(text(slow), {"who": "Ailsa Innes"})
    (line,) = [one for one in lines if one["event"] == "slow query"]
    assert "RECURSIVE" in line["statement"] and line["ms"] >= 1
    assert "Ailsa" not in json.dumps(line)


def test_an_error_of_the_database_quotes_no_values(database: Engine) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    with UnitOfWork(administrator(), engine=database) as uow:
        with pytest.raises(SQLAlchemyError) as error:
            uow.session.execute(
                text("SELECT nothing FROM nowhere WHERE a = :who"), {"who": "Ailsa"}
            )
        assert "Ailsa" not in str(error.value)


def test_the_health_page_tells_of_backup_and_training(server: Flask) -> None:
    told = server.test_client().get("/health/").json
    assert told is not None and told["training"] == "none" and told["trained_at"] is None
