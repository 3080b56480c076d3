"""``deploy/install`` on a tree and a PostgreSQL of its own, and the files it lays down."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import install_steps, nginx_site
from deploy.environment import problems_of_file, read_environment
from deploy.layout import Layout
from deploy.postgres import Database, DatabaseProblem
from deploy.sizing import Machine, connections_for, postgresql_settings, redis_settings
from deploy.steps import fill, run_steps
from tests.deploy.servers import ROOT, Installation, Postgres, wait_for

ANY = Machine(cores=8, memory_mb=16384)


def plan_for(layout: Layout) -> install_steps.Plan:
    """A plan as the operator's options make it."""
    return install_steps.Plan(
        layout, ROOT, "v1", ("rota.carehomes.scot",), recipient="age1" + "q" * 58,
        remote="vault:/srv/rota", machine=ANY, systemd=False,
    )  # fmt: skip


def file_steps(plan: install_steps.Plan) -> list[install_steps.Step]:
    """The steps that need no package manager and no running service."""
    return [
        *install_steps.folder_steps(plan), *install_steps.configuration_steps(plan),
        *install_steps.redis_steps(plan), *install_steps.unit_steps(plan),
        *install_steps.nginx_steps(plan), *install_steps.small_file_steps(plan),
    ]  # fmt: skip


def test_check_changes_nothing_and_a_second_run_has_nothing_to_do(tmp_path: Path) -> None:
    plan = plan_for(Layout(tmp_path))
    said: list[str] = []
    assert run_steps(install_steps.configuration_steps(plan), check=True, say=said.append) == 2
    assert list(tmp_path.iterdir()) == []
    assert all("would" in line for line in said)

    assert run_steps(file_steps(plan), check=False, say=said.append) > 10
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert run_steps(file_steps(plan), check=False, say=said.append) == 0
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_the_first_configuration_is_private_random_and_lacks_only_what_nobody_could_know(
    tmp_path: Path,
) -> None:
    plan = plan_for(Layout(tmp_path))
    run_steps(
        install_steps.folder_steps(plan) + install_steps.configuration_steps(plan), check=False
    )
    problems = problems_of_file(plan.layout.environment_file, owner=os.geteuid())
    assert problems == ["EMAIL_HOST: missing", "DEFAULT_FROM_EMAIL: missing"]
    first = read_environment(plan.layout.environment_file)
    assert (
        first["DATABASE_URL"] != read_environment(plan.layout.admin_file)["MIGRATION_DATABASE_URL"]
    )


def test_a_setting_changed_by_hand_is_put_back_and_said(tmp_path: Path) -> None:
    plan = plan_for(Layout(tmp_path))
    run_steps(file_steps(plan), check=False, say=lambda _: None)
    unit = plan.layout.at("/etc/systemd/system/staff-rota.service")
    unit.write_text(unit.read_text().replace("NoNewPrivileges=true", "NoNewPrivileges=false"))
    said: list[str] = []
    assert run_steps(file_steps(plan), check=True, say=said.append) == 1
    assert any(str(unit) in line for line in said)


def test_the_application_may_use_rows_and_nothing_else(tmp_path: Path, postgres: Postgres) -> None:
    """Two roles: the owner migrates, the application cannot even drop a table."""
    layout = Layout(tmp_path)
    plan = plan_for(layout)
    run_steps(
        install_steps.folder_steps(plan) + install_steps.configuration_steps(plan), check=False
    )
    server = Database("postgres", postgres.url)
    step = install_steps.database_step(layout, server)
    assert run_steps([step], check=False) == 3
    assert step.pending() == []

    def as_role(file: Path, variable: str) -> Database:
        url = read_environment(file)[variable].replace(
            "127.0.0.1:5432", f"127.0.0.1:{postgres.port}"
        )
        return Database("staff_rota", url)

    owner = as_role(layout.admin_file, "MIGRATION_DATABASE_URL")
    app = as_role(layout.environment_file, "DATABASE_URL")
    owner.sql("CREATE TABLE people (id serial PRIMARY KEY, name text)")
    app.sql("INSERT INTO people (name) VALUES ('Ishbel')")
    assert app.value("SELECT name FROM people") == "Ishbel"
    kept = server.value("SELECT rolconfig FROM pg_roles WHERE rolname = 'staff_rota'")
    assert "statement_timeout=15s" in str(kept)
    for forbidden in (
        "DROP TABLE people", "ALTER TABLE people ADD COLUMN x int", "CREATE TABLE mine (id int)",
        "TRUNCATE people", "CREATE DATABASE mine", "CREATE ROLE mine", "COPY people TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')", "CREATE SCHEMA mine",
    ):  # fmt: skip
        with pytest.raises(DatabaseProblem):
            app.sql(forbidden)
    assert {row[0] for row in app.sql("SELECT extname FROM pg_extension")} >= {
        "pg_trgm",
        "btree_gin",
    }
    server.named("staff_rota").drop()
    for role in ("staff_rota", "staff_rota_owner"):
        server.sql(f"DROP ROLE {role}")


@pytest.mark.skipif(
    not Path("/usr/bin/systemd-analyze").exists(), reason="systemd is not installed"
)
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    """On copies whose programs exist, as they do after an installation."""
    values = {"WORKER_PROCESSES": "2", "WORKER_MEMORY": "2048M"}
    paths = []
    for name in install_steps.UNITS:
        text = fill((ROOT / "deploy" / "systemd" / name).read_text(), values)
        text = re.sub(r"/var/www/staff_rota/current/.venv/bin/python", "/bin/true", text)
        path = tmp_path / name
        path.write_text(text)
        if "@" not in name:
            paths.append(str(path))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *paths],
        capture_output=True, text=True, env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if "staff-rota" in line]
    assert (done.returncode, said) == (0, []), done.stderr


@pytest.mark.parametrize(
    "name", ["staff-rota.service", "staff-rota-worker.service", "staff-rota-beat.service"]
)
def test_the_services_are_hardened(name: str, tmp_path: Path) -> None:
    """systemd's own measure of exposure: below 3 is what it calls OK and better."""
    values = {"WORKER_PROCESSES": "2", "WORKER_MEMORY": "2048M"}
    path = tmp_path / name
    path.write_text(fill((ROOT / "deploy" / "systemd" / name).read_text(), values))
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(path)],
        capture_output=True, text=True,
    )  # fmt: skip
    found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) < 3


def test_pages_wait_less_than_the_proxy_and_the_proxy_less_than_gunicorn() -> None:
    """nginx must be the one that closes an idle connection, or a POST meets a closed one."""
    site = (ROOT / "deploy" / "nginx" / "staff_rota.conf").read_text()
    upstream = int(re.search(r"upstream .*?keepalive_timeout (\d+)s", site, re.S)[1])  # type: ignore[index]
    gunicorn = int(
        re.search(r"^keepalive = (\d+)", (ROOT / "deploy" / "gunicorn.conf.py").read_text(), re.M)[
            1
        ]
    )  # type: ignore[index]
    assert upstream < gunicorn


@pytest.mark.parametrize(
    ("machine", "buffers"),
    [
        (Machine(2, 4096), "512MB"),
        (Machine(8, 16384), "2048MB"),
        (Machine(8, 32768, dedicated=True), "7372MB"),
    ],
)
def test_postgresql_is_sized_to_its_machine(machine: Machine, buffers: str) -> None:
    settings = postgresql_settings(machine)
    assert settings["shared_buffers"] == buffers
    # every connection sorting at once still leaves room
    work = int(settings["work_mem"].removesuffix("MB")) * int(settings["max_connections"])
    assert work <= machine.database_mb
    assert settings["synchronous_commit"] == "on"


def test_postgresql_starts_with_every_size(place: Path) -> None:
    """The server itself is asked whether it understands the file."""
    server = Postgres(place / "sized")
    server.create()
    for machine in (Machine(2, 2048), Machine(2, 4096)):
        lines = "\n".join(f"{n} = {v}" for n, v in postgresql_settings(machine).items())
        auto = server.folder / "data" / "postgresql.auto.conf"
        auto.write_text(lines + "\n")
        server.start()
        asked = Database("postgres", server.url)
        assert asked.value("SELECT count(*) FROM pg_file_settings WHERE error IS NOT NULL") == "0"
        assert asked.value("SHOW max_connections") == str(connections_for(machine))
        server.stop()


def test_redis_never_drops_a_job_for_the_cache(tmp_path: Path) -> None:
    settings = redis_settings(ANY, "pass word")
    assert settings["maxmemory-policy"] == "volatile-lru"
    assert settings["requirepass"] == "pass word"


def test_the_ban_filter_finds_failed_logins_in_the_real_log(
    empty_installation: Installation,
) -> None:
    """Lines that nginx and the application really wrote: a login that fails, one page."""
    import http.cookiejar
    import ssl
    import urllib.error
    import urllib.parse
    import urllib.request

    site = empty_installation
    site.start_all("redis", "web", "nginx")
    context = ssl.create_default_context(cafile=str(site.authority))
    browser = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context),
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
    )
    address = f"{site.address}/accounts/login/?next=/rota/"
    page = browser.open(address).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]  # type: ignore[index]
    form = {"sap_number": "nobody", "password": "Wrong-11223", "csrf_token": token}
    request = urllib.request.Request(
        address, urllib.parse.urlencode(form).encode(), {"Referer": address}
    )
    for _ in range(3):
        with pytest.raises(urllib.error.HTTPError) as refused:
            browser.open(request)
        assert refused.value.code == 400
        refused.value.close()
    log = site.layout.logs / "access.log"
    wait_for(lambda: log.read_text().count("POST") == 3, "nginx never wrote its log", 5)
    assert "Wrong-11223" not in log.read_text()
    assert "nobody" not in log.read_text()
    done = subprocess.run(
        ["fail2ban-regex", str(log), "deploy/fail2ban/filter.conf"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert re.search(r"^Lines: .* 3 matched", done.stdout, re.M), done.stdout
    assert "127.0.0.1" in subprocess.run(
        ["fail2ban-regex", "-o", "<ip>", str(log), "deploy/fail2ban/filter.conf"], cwd=ROOT,
        capture_output=True, text=True,
    ).stdout  # fmt: skip


def test_logrotate_understands_its_file(tmp_path: Path) -> None:
    text = fill((ROOT / "deploy" / "logrotate" / "staff-rota").read_text(), {"LOGS": str(tmp_path)})
    conf = tmp_path / "conf"
    conf.write_text(text)
    conf.chmod(0o644)
    done = subprocess.run(["logrotate", "--debug", str(conf)], capture_output=True, text=True)
    assert done.returncode == 0
    assert "error" not in done.stderr


def test_the_shell_programs_are_sound() -> None:
    scripts = [
        p
        for p in (ROOT / "deploy").iterdir()
        if p.is_file() and p.read_text().startswith("#!/bin/sh")
    ]
    assert scripts
    for script in scripts:
        subprocess.run(["sh", "-n", str(script)], check=True)
        assert os.access(script, os.X_OK)


def test_without_a_configuration_nobody_gets_a_preview(tmp_path: Path) -> None:
    assert ";" in nginx_site.preview_word(Layout(tmp_path))


def test_the_program_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "os-release").write_text('ID=debian\nVERSION_ID="11"\n')
    done = subprocess.run(
        [sys.executable, "deploy/install", "--host", "rota.carehomes.scot", "--check"], cwd=ROOT,
        env={**os.environ, "STAFF_ROTA_ROOT": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    if os.geteuid() == 0:
        assert done.returncode == 2
        assert "debian 11 is not supported" in done.stdout
    else:
        assert done.returncode == 1
