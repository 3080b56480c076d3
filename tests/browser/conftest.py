"""Journeys through the running product in real Chromium.

One embedded installation for each process of the run: ``python app.py`` on a small demo organisation, with
its own Celery worker. Every test ends on an empty console and no request to another host.
Tests share the organisation: each works in a period, unit or person of its own.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    StorageState,
    expect,
)
from sqlalchemy import Engine

from rota.access import second_factor
from rota.database import make_engine
from rota.demo.create import create_demo
from rota.migrations import upgrade
from rota.models import UserRole
from tests.conftest import free_port
from tests.server.conftest import TOTP_SECRET, enrol

#: how long a page may take on a machine busy with the rest of the run, in milliseconds
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
PASSWORD = "Bracken-90817"
ROOT = Path(__file__).resolve().parents[2]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All journeys carry the mark."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True, slots=True)
class Installation:
    """A running product: where it is, its database, and a login for each role."""

    address: str
    engine: Engine
    logins: dict[UserRole, str]
    log: Path
    key: str


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The embedded product on a demo of two homes and four months."""
    data = tmp_path_factory.mktemp("installation")
    engine = make_engine(f"sqlite:///{data / 'rota.sqlite3'}")
    upgrade(engine)
    summary = create_demo(engine, homes=2, months=4, progress=False)
    logins = {login.role: login.sap_number for login in summary.logins}
    _give_passwords(engine, list(logins.values()))
    # the installation's key, so that the administrator's second factor can be prepared
    key = secrets.token_urlsafe(60)
    (data / "secret_key").write_text(key)
    port = free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if k not in ("DEBUG", "DATABASE_URL", "REDIS_URL")},
        "DATA_DIR": str(data),
        "PORT": str(port),
    }
    log = data / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
        address = f"http://127.0.0.1:{port}"
        _wait_until_ready(address, process, log)
        yield Installation(address, engine, logins, log, key)
        process.terminate()
        process.wait(timeout=60)
    _nothing_personal_in(log, engine, key)
    engine.dispose()


def _nothing_personal_in(log: Path, engine: Engine, key: str) -> None:
    """After every journey: no password, secret, name or address of anybody was logged."""
    from sqlalchemy import select

    from rota.models import Staff, User

    written = log.read_text(errors="replace")
    with engine.connect() as connection:
        people = connection.execute(select(Staff.first_name, Staff.last_name, Staff.email)).all()
        hashes = connection.scalars(select(User.password_hash)).all()
    personal = {f"{first} {last}" for first, last, _ in people}
    personal |= {email for *_, email in people if email}
    secret = {PASSWORD, key, TOTP_SECRET, *filter(None, hashes)}
    found = [text for text in personal | secret if text in written]
    assert found == [], "the log holds what is nobody's business"


def _give_passwords(engine: Engine, saps: list[str]) -> None:
    """Known passwords, so that each journey starts at its own subject."""
    from sqlalchemy import update

    from rota.access.passwords import hash_password
    from rota.models import User

    with engine.begin() as connection:
        connection.execute(
            update(User)
            .where(User.sap_number.in_(saps))
            .values(password_hash=hash_password(PASSWORD), must_change_password=False,
                    password_expires_at=None)
        )  # fmt: skip


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the server ended:\n{log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{address}/health/ready/", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the server did not become ready:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium."""
    launched = playwright.chromium.launch(
        executable_path="/usr/bin/chromium",
        args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
              "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    )  # fmt: skip
    yield launched
    launched.close()


class Visit:
    """A page of somebody, with what it wrote to the console and whom it asked."""

    def __init__(self, page: Page, installation: Installation) -> None:
        self.page = page
        self.installation = installation
        #: texts of console errors that this journey provokes on purpose
        self.expected: list[str] = []
        self._problems: list[str] = []
        page.on("console", lambda m: self._note(m.type == "error", f"console: {m.text}"))
        page.on("pageerror", lambda e: self._note(True, f"error: {e}"))
        page.on("request", lambda r: self._note(self._is_outside(r.url), f"outside: {r.url}"))

    def _note(self, matters: bool, text: str) -> None:
        if matters:
            self._problems.append(text)

    def _is_outside(self, url: str) -> bool:
        return not url.startswith((self.installation.address, "data:", "blob:"))

    def problems(self) -> list[str]:
        """What went wrong and was not expected."""
        return [p for p in self._problems if not any(text in p for text in self.expected)]

    def open(self, path: str) -> Page:
        """Go to a page and wait until it is there."""
        self.page.goto(f"{self.installation.address}{path}")
        self.page.locator(".page").first.wait_for(timeout=PATIENCE)
        return self.page


LogIn = Callable[..., Visit]


@pytest.fixture(scope="session")
def cookies() -> dict[UserRole, StorageState]:
    """What the first browser of each role was given at its login."""
    return {}


@pytest.fixture
def log_in(
    browser: Browser, installation: Installation, cookies: dict[UserRole, StorageState]
) -> Iterator[LogIn]:
    """``log_in(role)`` opens a browser of its own, logged in; checked at the end.

    The first of a role goes through the login, the others bring its session along.
    """
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def make(role: UserRole, *, phone: bool = False, dark: bool = False) -> Visit:
        context = browser.new_context(
            viewport=PHONE if phone else WIDE,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
            storage_state=cookies.get(role),
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        visit = Visit(context.new_page(), installation)
        visits.append(visit)
        own = context.request.get(f"{installation.address}/accounts/password/", max_redirects=0)
        if own.status != 200:
            by_form(visit.page, role)
            cookies[role] = context.storage_state()
        return visit

    def by_form(page: Page, role: UserRole) -> None:
        page.goto(f"{installation.address}/accounts/login/")
        page.fill("#sap_number", installation.logins[role])
        page.fill("#password", PASSWORD)
        if second_factor.is_required(role):
            enrol(installation.engine, installation.logins[role], installation.key)
        page.click("button[type=submit]")
        if second_factor.is_required(role):
            page.fill("#code", pyotp.TOTP(TOTP_SECRET).now())
            page.click("button[type=submit]")
        page.locator(".page").first.wait_for(timeout=PATIENCE)

    yield make
    problems = [problem for visit in visits for problem in visit.problems()]
    for context in contexts:
        context.close()
    assert problems == [], "the console was not empty, or another host was asked"
