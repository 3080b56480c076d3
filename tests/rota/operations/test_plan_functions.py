"""The go-live plan's functions, under the names that the plan calls."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, inspect, text

import rota
from rota.errors import InvalidInput, Unavailable
from rota.operations.indexes import PLANNED_INDEXES, apply_performance_indexes
from rota.operations.load_test import quick_load_test


def test_every_name_of_the_plan_can_be_imported() -> None:
    for name in (
        "CareHome", "Unit", "Staff", "Shift", "train_prophet_model", "get_or_create_forecast",
        "optimize_schedule", "apply_performance_indexes", "quick_load_test",
    ):  # fmt: skip
        assert callable(getattr(rota, name)), name
    with pytest.raises(AttributeError):
        rota.nothing_of_the_kind  # noqa: B018


def test_a_missing_index_is_put_back(database: Engine) -> None:
    assert apply_performance_indexes(database) == []
    with database.begin() as connection:
        connection.execute(text("DROP INDEX idx_shift_vacant"))
    assert apply_performance_indexes(database) == ["idx_shift_vacant"]
    names = {i["name"] for i in inspect(database).get_indexes("shifts")}
    assert names >= {name for name in PLANNED_INDEXES if name.startswith("idx_shift")}


class _Pages(http.server.BaseHTTPRequestHandler):
    """A site whose health page is fine and whose login page fails."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health/" else 500)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[str]:
    """The address of that site."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_load_test_counts_failures_as_failures(site: str) -> None:
    result = quick_load_test(site, users=2, seconds=0.5)
    assert result.requests >= 4
    assert 0.3 < result.errors / result.requests < 0.7, "every second page of this site fails"
    assert not result.accepted
    assert 0 < result.average <= result.p99


def test_a_load_test_says_that_nobody_answers() -> None:
    with pytest.raises(Unavailable):
        quick_load_test("http://127.0.0.1:1", users=1, seconds=0.2, sap_number="a", password="b")


@pytest.mark.parametrize(("users", "seconds"), [(0, 1.0), (1, 0.0)])
def test_a_load_test_needs_people_and_time(users: int, seconds: float) -> None:
    with pytest.raises(InvalidInput):
        quick_load_test(users=users, seconds=seconds)
