"""The data interface as a program uses it: described, cut to homes, paged, the screens' figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from rota.access.service import actor_of
from rota.api import tokens
from rota.costs.measures import BY_KEY
from rota.costs.queries import cost_total
from rota.costs.values import CostScope
from rota.database import UnitOfWork, reading
from rota.models import CareHome, HomeGrant, User, UserRole
from tests import factories as make
from tests.factories import administrator

PERIOD = "from=2026-06-01&to=2026-06-30"
RESOURCES = ("homes", "measures", "facts", "costs", "budgets", "shifts", "cover")


@pytest.fixture
def place(sqlite_engine: Engine) -> Iterator[dict[str, Any]]:
    """A token of a manager's home with three shifts; somebody else's home with one."""
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        mine, other = make.make_home(uow.session, "Orchard Grove"), make.make_home(uow.session)
        unit, theirs = make.make_unit(uow.session, mine), make.make_unit(uow.session, other)
        make.make_requirement(uow.session, unit)
        person = make.make_staff(uow.session, unit, first_name="=SUM(A1)", last_name="Innes")
        for day, pence in ((8, 10_001), (9, 20_002), (10, None)):
            make.make_shift(uow.session, unit, person, date(2026, 6, day), cost_pence=pence)
        stranger = make.make_staff(uow.session, theirs)
        make.make_shift(uow.session, theirs, stranger, date(2026, 6, 8), cost_pence=99_999)
        user = make.make_user(
            uow.session, UserRole.OPERATIONAL_MANAGER, grants=[HomeGrant(home_id=mine.id)]
        )
        uow.commit()
        uow.actor = actor_of(uow.session, uow.session.get_one(User, user.id))
        _, clear = tokens.create_token(uow, "BI")
        _, named = tokens.create_token(uow, "Named", is_anonymous=False)
        uow.commit()
    yield {"token": clear, "named": named, "mine": mine, "other": other}


def ask(server: Flask, place: dict[str, Any], address: str, token: str = "token") -> TestResponse:
    return server.test_client().get(
        f"/api/v1/{address}", headers={"Authorization": f"Bearer {place[token]}"}
    )


@pytest.mark.parametrize("name", RESOURCES)
def test_every_resource_is_of_the_tokens_homes_alone(
    server: Flask, place: dict[str, Any], name: str
) -> None:
    period = "" if name == "homes" else PERIOD
    answer = ask(server, place, f"{name}?{period}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "NaN" not in answer.text
    assert "99999" not in answer.text
    assert answer.json["versions"] == {str(place["mine"].id): place["mine"].data_version}
    refused = ask(server, place, f"{name}?{period}&home={place['other'].id}")
    assert refused.status_code == 403


def test_the_figures_are_those_of_the_screens(
    server: Flask, place: dict[str, Any], sqlite_engine: Engine
) -> None:
    mine: CareHome = place["mine"]
    with reading(sqlite_engine) as session:
        scope = CostScope(frozenset({mine.id}), date(2026, 6, 1), date(2026, 6, 30))
        total = cost_total(session, administrator(), scope)
    (row,) = ask(server, place, f"costs?{PERIOD}&by=home").json["data"]
    assert (row["cost_pence"], row["minutes"]) == (total.pence, total.minutes) == (30_003, 2_160)
    assert (row["missing_rates"], row["missing_minutes"]) == (1, 720)
    shifts = ask(server, place, f"shifts?{PERIOD}").json["data"]
    assert [shift["cost_pence"] for shift in shifts] == [10_001, 20_002, None]
    (facts,) = ask(server, place, f"facts?{PERIOD}").json["data"]
    measures = {
        m["measure"]: m["value"] for m in ask(server, place, f"measures?{PERIOD}").json["data"]
    }
    assert facts["cost_pence"] == measures["cost"] == 30_003
    assert measures["cost_per_resident_day"] is None, "no residents, no answer"
    assert measures.keys() == BY_KEY.keys()
    assert measures["continuity"] == 0, "nobody had been on the unit before"


def test_people_have_no_names_unless_the_token_shows_them(
    server: Flask, place: dict[str, Any]
) -> None:
    assert "Innes" not in ask(server, place, f"shifts?{PERIOD}").text
    assert "Innes" in ask(server, place, f"shifts?{PERIOD}", "named").text


def test_csv_is_the_same_rows_and_no_formula(server: Flask, place: dict[str, Any]) -> None:
    answer = ask(server, place, f"shifts?{PERIOD}&format=csv", "named")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["cost_pence"] for row in rows] == ["10001", "20002", ""]
    assert {row["worker"] for row in rows} == {"'=SUM(A1) Innes"}


def test_pages_follow_one_another_to_the_end(server: Flask, place: dict[str, Any]) -> None:
    seen: list[int] = []
    address = f"/api/v1/shifts?{PERIOD}&limit=2"
    while address:
        answer = ask(server, place, address.removeprefix("/api/v1/"))
        seen += [row["id"] for row in answer.json["data"]]
        address = answer.json["next"]
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize(
    "address",
    [
        "shifts", "shifts?from=2026-06-01&to=x", "shifts?from=2026-06-02&to=2026-06-01",
        "shifts?from=2026-01-01&to=2026-12-31", f"shifts?{PERIOD}&limit=0",
        f"shifts?{PERIOD}&limit=1001", f"shifts?{PERIOD}&limit=-1", f"shifts?{PERIOD}&offset=x",
        f"shifts?{PERIOD}&format=xml", f"costs?{PERIOD}&by=colour", f"costs?{PERIOD}&by=home,home",
        f"shifts?{PERIOD}&extra=1", f"shifts?{PERIOD}&home=1;DROP", f"shifts?{PERIOD}&limit=٣",
        f"shifts?{PERIOD}&limit=1&limit=2",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(server: Flask, place: dict[str, Any], address: str) -> None:
    answer = ask(server, place, address)
    assert answer.status_code == 400
    assert answer.json.keys() == {"message", "hint"}


def test_without_a_token_there_is_nothing(server: Flask, place: dict[str, Any]) -> None:
    client = server.test_client()
    for headers in ({}, {"Authorization": "Bearer rota_x"}, {"Authorization": "Basic eDp5"}):
        answer = client.get("/api/v1/homes", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json.keys() == {"message", "hint"}
    assert client.get("/api/v1/openapi.json").status_code == 200
    assert client.post("/api/v1/homes").status_code == 405
    assert client.get("/api/v1/deep/er").status_code in (302, 404)
    assert ask(server, place, "secrets").status_code == 404


def test_a_revoked_token_is_closed_at_once_and_too_many_requests_wait(
    server: Flask, place: dict[str, Any], sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(server, place, "homes").status_code == 200
    monkeypatch.setattr(tokens, "MOST_REQUESTS", 1)
    limited = ask(server, place, "homes")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "60")
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        tokens.revoke_token(uow, 1)
        uow.commit()
    assert ask(server, place, "homes").status_code == 401


@pytest.mark.slow
def test_it_answers_as_it_is_described(
    server: Flask, place: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_REQUESTS", 10**9)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", server)
    headers = {"Authorization": f"Bearer {place['token']}"}
    names = []
    for result in schema.get_all_operations():
        operation = result.ok()
        names.append(operation.path)

        @settings(max_examples=25, deadline=None, database=None,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy())
        def answers(case: schemathesis.Case) -> None:
            # a period may be well formed and still end before it begins: then it is refused
            case.call_and_validate(
                headers=headers, excluded_checks=CHECKS.get_by_names(["positive_data_acceptance"])
            )

        answers()
    assert names == [f"/api/v1/{name}" for name in RESOURCES]
