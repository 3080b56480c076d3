"""The doctor finds what is wrong, says what to do, and never falls over."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from rota.access import throttle
from rota.access.report import access_report
from rota.access.throttle import Origin
from rota.database import UnitOfWork, make_engine, use_engine
from rota.errors import NotAllowed
from rota.jobs.celery_app import beat
from rota.models import ForecastModel, LoginOutcome, UserRole, utc_now
from rota.operations.doctor import Verdict, examine
from rota.operations.doctor_commands import access_report_command, doctor_command
from rota.settings import get_settings
from tests import factories as make
from tests.factories import administrator


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No mail, no Redis, an empty data folder."""
    for name, value in (("email_host", ""), ("redis_url", ""), ("data_dir", tmp_path)):
        monkeypatch.setattr(get_settings(), name, value)
    return tmp_path


def _verdicts(engine: Engine, url: str = "") -> dict[str, Verdict]:
    return {one.what: one.verdict for one in examine(engine, url=url)}


def test_every_line_that_is_not_ok_says_what_to_do(database: Engine) -> None:
    findings = list(examine(database))
    assert len(findings) >= 12
    for one in findings:
        assert bool(one.todo) == (one.verdict is not Verdict.OK), one


def test_an_installation_in_order_has_no_failure(database: Engine, quiet: Path) -> None:
    beat(database)
    (quiet / "backup-status.json").write_text(json.dumps({"last_good": utc_now().isoformat()}))
    with UnitOfWork(administrator(), engine=database) as uow:
        make.make_user(uow.session, UserRole.ADMINISTRATOR, totp_confirmed_at=utc_now())
        unit = make.make_unit(uow.session, make.make_home(uow.session))
        uow.session.add(
            ForecastModel(unit_id=unit.id, series="staff", band="day", model="m", path="p",
                          fingerprint="f")
        )  # fmt: skip
        uow.commit()
    found = _verdicts(database)
    assert {w for w, v in found.items() if v is Verdict.FAIL} - {"Settings"} == set()
    for what in ("Worker", "Backup", "Forecasts", "Administrators", "Second factors"):
        assert found[what] is Verdict.OK, what


def test_what_is_missing_is_found(database: Engine, quiet: Path) -> None:
    late = (utc_now() - timedelta(hours=30)).isoformat()
    (quiet / "backup-status.json").write_text(json.dumps({"last_good": late}))
    found = _verdicts(database)
    for what in ("Worker", "Backup", "Administrators"):
        assert found[what] is Verdict.FAIL, what


def test_a_dead_database_mail_cache_and_site_are_findings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(get_settings(), "email_host", "127.0.0.1")
    monkeypatch.setattr(get_settings(), "email_port", 1)
    monkeypatch.setattr(get_settings(), "redis_url", "redis://127.0.0.1:1/0")
    gone = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    found = _verdicts(gone, url="http://127.0.0.1:1")
    for what in ("Database", "Redis", "Mail", "Site is ready"):
        assert found[what] is Verdict.FAIL, what


def test_the_command_leaves_with_one_when_something_failed(sqlite_engine: Engine) -> None:
    use_engine(sqlite_engine)
    try:
        ran = CliRunner().invoke(doctor_command)
    finally:
        use_engine(None)
    assert ran.exit_code == 1 and "FAIL  Worker: never seen" in ran.output


def test_the_report_tells_spraying_from_mistyping(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        user = make.make_user(uow.session, UserRole.ANALYST)
        for n in range(30):
            throttle.note(uow, None, f"n{n}", Origin("203.0.113.9"), LoginOutcome.WRONG, utc_now())
        for outcome in (LoginOutcome.WRONG, LoginOutcome.OK):
            throttle.note(uow, user, user.sap_number, Origin("192.0.2.1"), outcome, utc_now())
        uow.audit("refused", "permission", after={"wanted": "/admin/"})
        uow.commit()
        report = access_report(uow.session, uow.actor)
        worst, mistyped = report.addresses
        assert (worst.address, worst.failed, worst.names, worst.succeeded) == (
            "203.0.113.9", 30, 30, 0,
        )  # fmt: skip
        assert (mistyped.failed, mistyped.names, mistyped.succeeded) == (1, 1, 1)
        assert [line.failed for line in report.accounts] == [1]
        assert [line.wanted for line in report.refusals] == ["/admin/"]
        with pytest.raises(NotAllowed):
            access_report(uow.session, make.actor(UserRole.SENIOR_MANAGER))
    use_engine(database)
    try:
        assert "203.0.113.9" in CliRunner().invoke(access_report_command).output
    finally:
        use_engine(None)
