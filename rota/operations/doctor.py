"""An installation looked at end to end: each line is ok, a warning or a failure with what to do.

The same figures as the metrics (:mod:`rota.operations.measurements`), judged.
"""

from __future__ import annotations

import shutil
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine, func, select, text

from rota import migrations
from rota.database import get_engine, reading
from rota.errors import RotaError
from rota.models import User, UserRole
from rota.operations import measurements
from rota.operations.backups import last_backup
from rota.settings import Settings, get_settings

HOUR, DAY = 3600, 86_400
EXTENSIONS = ("btree_gist", "pg_trgm", "btree_gin")


class Verdict(StrEnum):
    """How a line stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it stands, what was found, what to do."""

    what: str
    verdict: Verdict
    found: str
    todo: str = ""


def _judge(what: str, good: bool, found: str, todo: str, *, bad: Verdict = Verdict.FAIL) -> Finding:
    return Finding(what, Verdict.OK if good else bad, found, "" if good else todo)


def examine(engine: Engine | None = None, *, url: str = "") -> Iterator[Finding]:
    """Look at everything, one line after another; never raises."""
    settings, engine = get_settings(), engine or get_engine()
    yield from _settings(settings)
    yield from _disk(settings.data_dir)
    reachable = False
    for finding in _guarded("Database", lambda: _database(engine)):
        reachable = reachable or (finding.what == "Database" and finding.verdict is Verdict.OK)
        yield finding
    yield from _guarded("Cache", lambda: _cache(settings))
    if reachable:
        yield from _guarded("Figures", lambda: _figures(engine, settings))
        yield from _guarded("Accounts", lambda: _accounts(engine))
    yield from _guarded("Mail", lambda: _mail(settings))
    if url:
        yield from _guarded("Site", lambda: _site(url))


def _guarded(what: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except Exception as error:  # whatever it is, it is what the doctor has found
        yield Finding(what, Verdict.FAIL, f"{type(error).__name__}", "See the log of the service.")


def _settings(settings: Settings) -> Iterator[Finding]:
    try:
        settings.check_serving()
        yield Finding("Settings", Verdict.OK, "complete")
    except RotaError as error:
        yield Finding("Settings", Verdict.FAIL, error.message, "Correct the environment file.")
    yield _judge(
        "Debug", not settings.debug, "on" if settings.debug else "off",
        "Unset DEBUG outside a developer's machine.", bad=Verdict.WARN,
    )  # fmt: skip
    yield _judge(
        "Cookies", settings.secure_cookies, "over TLS only" if settings.secure_cookies else "over http",
        "Set SECURE_COOKIES=true behind TLS.", bad=Verdict.WARN,
    )  # fmt: skip


def _disk(folder: Path) -> Iterator[Finding]:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        yield Finding("Data folder", Verdict.FAIL, str(folder), "Create it, or set DATA_DIR.")
        return
    free = usage.free / usage.total
    bad = Verdict.FAIL if free < 0.03 else Verdict.WARN
    yield _judge(
        "Disk", free > 0.1, f"{free:.0%} free", "Make room before the database stops.", bad=bad
    )


def _database(engine: Engine) -> Iterator[Finding]:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    yield Finding("Database", Verdict.OK, engine.dialect.name)
    current = migrations.is_current(engine)
    yield _judge(
        "Migrations", current, "current" if current else "behind", "Run python -m rota migrate."
    )
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            there = set(connection.execute(text("SELECT extname FROM pg_extension")).scalars())
            skew = connection.execute(
                text("SELECT extract(epoch FROM clock_timestamp())")
            ).scalar_one()
        missing = [name for name in EXTENSIONS if name not in there]
        yield _judge(
            "Extensions", not missing, ", ".join(missing) + " missing" if missing else "there",
            "Run deploy/install, or CREATE EXTENSION as the superuser.", bad=Verdict.WARN,
        )  # fmt: skip
        import time

        apart = abs(float(skew) - time.time())
        yield _judge(
            "Clocks", apart < 5, f"{apart:.1f} s apart",
            "Start time synchronisation (chrony) on both servers.", bad=Verdict.WARN,
        )  # fmt: skip
    else:
        yield Finding(
            "Kind of database", Verdict.WARN, "SQLite",
            "Good for one machine; production uses PostgreSQL.",
        )  # fmt: skip


def _cache(settings: Settings) -> Iterator[Finding]:
    if not settings.redis_url:
        yield Finding(
            "Redis", Verdict.WARN, "not set", "Each process remembers for itself; set REDIS_URL."
        )
        return
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    client = redis.Redis.from_url(
        settings.redis_url, socket_timeout=1, socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 0),
    )  # fmt: skip
    try:
        client.ping()
        yield Finding("Redis", Verdict.OK, "answers")
    except redis.RedisError:
        yield Finding(
            "Redis", Verdict.FAIL, "does not answer", "systemctl status redis-server; its password."
        )


def _figures(engine: Engine, settings: Settings) -> Iterator[Finding]:
    figures = {one.name: one.values for one in measurements.measure(engine)}

    def one(name: str) -> float | None:
        return figures[name].get(())

    silence = one("rota_worker_silence_seconds")
    yield _judge(
        "Worker", silence is not None and silence < 120,
        "never seen" if silence is None else f"{silence:.0f} s ago",
        "systemctl restart staff-rota-worker.",
    )  # fmt: skip
    queue = one("rota_queue_age_seconds") or 0
    yield _judge(
        "Jobs", queue < 600, f"oldest waits {queue:.0f} s",
        "See Administration, Running it; add a worker if it is always so.", bad=Verdict.WARN,
    )  # fmt: skip
    failed = figures["rota_mail_messages"].get(("failed",), 0)
    yield _judge(
        "Outbox", failed == 0, f"{failed:.0f} failed",
        "See Administration, Running it, and send them again.", bad=Verdict.WARN,
    )  # fmt: skip
    backup = last_backup(settings.data_dir)
    word = backup.word()
    yield _judge(
        "Backup", word == "ok", word, "systemctl start staff-rota-backup and read its log.",
        bad=Verdict.WARN if word == "none" else Verdict.FAIL,
    )  # fmt: skip
    trained = one("rota_training_age_seconds")
    yield _judge(
        "Forecasts", trained is not None and trained < 8 * DAY,
        "never trained" if trained is None else f"trained {trained / DAY:.1f} days ago",
        "Run python -m rota train.", bad=Verdict.WARN,
    )  # fmt: skip
    sprayed = bool(one("rota_login_spraying"))
    yield _judge(
        "Logins", not sprayed, f"{one('rota_failed_logins') or 0:.0f} failed in ten minutes",
        "Run python -m rota access-report.", bad=Verdict.WARN,
    )  # fmt: skip


def _accounts(engine: Engine) -> Iterator[Finding]:
    with reading(engine) as session:
        administrators, enrolled = session.execute(
            select(func.count(User.id), func.count(User.totp_confirmed_at)).where(
                User.role == UserRole.ADMINISTRATOR, User.is_active
            )
        ).one()
    yield _judge(
        "Administrators", administrators > 0, str(administrators),
        "Run python -m rota create-superuser.",
    )  # fmt: skip
    yield _judge(
        "Second factors", enrolled == administrators,
        f"{enrolled} of {administrators} administrators",
        "They are asked to set it up at their next login.", bad=Verdict.WARN,
    )  # fmt: skip


def _mail(settings: Settings) -> Iterator[Finding]:
    if not settings.email_host:
        yield Finding("Mail", Verdict.WARN, "EMAIL_HOST is not set", "No message can leave.")
        return
    try:
        with smtplib.SMTP(settings.email_host, settings.email_port, timeout=5) as server:
            if settings.email_use_tls:
                server.starttls(context=ssl.create_default_context())
            if settings.email_host_user:
                server.login(settings.email_host_user, settings.email_host_password)
        yield Finding("Mail", Verdict.OK, f"{settings.email_host} takes mail")
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            "Mail", Verdict.FAIL, f"{settings.email_host}: {type(error).__name__}",
            "Check EMAIL_HOST, EMAIL_PORT and the password.",
        )  # fmt: skip


_HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options")


def _site(url: str) -> Iterator[Finding]:
    if not url.startswith(("http://", "https://")):
        yield Finding("Site", Verdict.FAIL, url, "Give an address that begins with https://.")
        return
    for path, words in (("/health/ready/", "Site is ready"), ("/accounts/login/", "Login page")):
        try:
            with urllib.request.urlopen(url.rstrip("/") + path, timeout=10) as answer:  # noqa: S310
                missing = [name for name in _HEADERS if name not in answer.headers]
                yield _judge(
                    words, not missing, f"{answer.status}" + "".join(f", no {n}" for n in missing),
                    "Check the nginx site.",
                )  # fmt: skip
        except (urllib.error.URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            yield Finding(
                words, Verdict.FAIL, str(reason)[:120], "See SiteDown in docs/runbook.md."
            )
    try:
        with urllib.request.urlopen(url.rstrip("/") + "/_dash-layout", timeout=10) as answer:  # noqa: S310
            yield Finding(
                "Gate", Verdict.FAIL, f"{answer.status}", "A stranger is let in: stop it."
            )
    except urllib.error.HTTPError as refused:
        yield _judge("Gate", refused.code == 401, f"{refused.code} for a stranger", "See the log.")
