"""Whether every role can log in and open what it works with, on the running site.

For the migration day: an account of each role is made for the test, used through the front
door, and deactivated again, whatever happens.
"""

from __future__ import annotations

import http.cookiejar
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select

from rota.access.passwords import generate_password
from rota.access.service import change_account, create_user, installation_actor
from rota.database import UnitOfWork, reading
from rota.models import CareHome, UserRole
from rota.operations.load_test import log_in, opener_for

_FOR_MANAGERS = ("/dashboard/", "/rota/", "/vacancies/", "/leave/", "/costs/", "/forecast/",
                 "/scenarios/", "/reports/")  # fmt: skip
#: role -> (pages that open, pages that are refused). No administrator: that login needs the
#: second factor of a person
PAGES: dict[UserRole, tuple[tuple[str, ...], tuple[str, ...]]] = {
    UserRole.SENIOR_MANAGER: (_FOR_MANAGERS, ("/admin/",)),
    UserRole.OPERATIONAL_MANAGER: (_FOR_MANAGERS, ("/admin/",)),
    UserRole.CARE_STAFF: (("/my/",), ("/admin/", "/costs/", "/scenarios/")),
}
_ROUTER = ".._pages_content.children..._pages_store.data.."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be."""

    role: UserRole
    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.role.value} {self.path}: {self.problem}"


def functional_test(base_url: str, *, cookie: str = "", authority: str = "") -> list[Finding]:
    """Log in as each role and open its pages, content included; gives what is wrong."""
    findings = []
    for role, (opens, refused) in PAGES.items():
        with _account(role) as (sap_number, password):
            jar = http.cookiejar.CookieJar()
            opener = opener_for(base_url, jar, cookie=cookie, authority=authority)
            log_in(opener, base_url, sap_number, password)
            for path in opens:
                if problem := _open(opener, jar, base_url, path):
                    findings.append(Finding(role, path, problem))
            for path in refused:
                status = _status(opener, base_url + path)
                if status != 403:
                    findings.append(Finding(role, path, f"answers {status}, should refuse"))
    return findings


def pages_tried() -> int:
    """How many pages a test opens or is refused."""
    return sum(len(opens) + len(refused) for opens, refused in PAGES.values())


@contextmanager
def _account(role: UserRole) -> Iterator[tuple[str, str]]:
    """An account for as long as the test takes."""
    password = generate_password()
    sap_number = f"check-{generate_password()[-5:]}-{role.value}"[:32]
    with reading() as session:
        actor = installation_actor(session, "Functional test")
        homes = frozenset(session.scalars(select(CareHome.id).order_by(CareHome.id).limit(1)))
    with UnitOfWork(actor, source="functional test") as uow:
        user, _ = create_user(
            uow, sap_number=sap_number, name="Functional test", role=role, home_ids=homes,
            all_homes=role is UserRole.SENIOR_MANAGER, password=password,
        )  # fmt: skip
        uow.commit()
    try:
        yield sap_number, password
    finally:
        with UnitOfWork(actor, source="functional test") as uow:
            change_account(
                uow, user.id, role=role, is_active=False, all_homes=False, home_ids=frozenset()
            )
            uow.commit()


def _status(opener: urllib.request.OpenerDirector, url: str) -> int:
    try:
        with opener.open(url, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _open(
    opener: urllib.request.OpenerDirector,
    jar: http.cookiejar.CookieJar,
    base_url: str,
    path: str,
) -> str:
    """Open a page and what Dash then asks for; gives what is wrong, or nothing."""
    status = _status(opener, base_url + path)
    if status != 200:
        return f"answers {status}"
    token = next((cookie.value for cookie in jar if cookie.name == "_csrf_token"), "")
    outputs = [{"id": "_pages_content", "property": "children"},
               {"id": "_pages_store", "property": "data"}]  # fmt: skip
    inputs = [{"id": "_pages_location", "property": "pathname", "value": path},
              {"id": "_pages_location", "property": "search", "value": ""}]  # fmt: skip
    body = {"output": _ROUTER, "outputs": outputs, "inputs": inputs, "state": [],
            "changedPropIds": ["_pages_location.pathname"]}  # fmt: skip
    request = urllib.request.Request(  # noqa: S310 - the caller's own site
        f"{base_url}/_dash-update-component", json.dumps(body).encode(),
        {"Content-Type": "application/json", "X-CSRFToken": token or "", "Referer": base_url},
    )  # fmt: skip
    try:
        with opener.open(request, timeout=60) as answer:
            content = answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return f"its content answers {error.code}"
    if "Something broke" in content or "error-page" in content:
        return "shows an error"
    return "" if re.search(r'"_pages_content"', content) else "has no content"
