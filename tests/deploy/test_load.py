"""The load test's own parts, and its quick form against the real site."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.load_people import Choice, content_of, find_store, login_token, shapes
from deploy.load_report import Limits, LoadReport, Row
from tests.deploy.servers import ROOT, Installation

pytestmark = pytest.mark.faults


def row(
    name: str, *, requests: int = 100, failures: int = 0, average: float = 50, p95: float = 90
) -> Row:
    """A row of a report."""
    return Row(name, requests, failures, average, average, p95, p95, p95, 1000)


def test_a_report_says_what_is_not_accepted() -> None:
    good = LoadReport([row("open /dashboard/")], row("together"), 10)
    assert good.shortfalls(Limits()) == []
    bad = LoadReport(
        [row("open /dashboard/", p95=250)], row("together", average=120, p95=500, failures=1), 10
    )
    assert len(bad.shortfalls(Limits())) == 4


def test_two_runs_stand_side_by_side(tmp_path: Path) -> None:
    before = LoadReport(
        [row("open /rota/", average=77, p95=177)], row("together"), 10, {"users": 300}
    )
    before.save(tmp_path / "report.json")
    kept = LoadReport.load(tmp_path / "report.json")
    assert kept == before
    text = LoadReport([row("open /rota/")], row("together"), 10).text(kept)
    assert "77     177" in text
    (tmp_path / "broken.json").write_text("{}")
    assert LoadReport.load(tmp_path / "broken.json") is None


def test_a_login_page_or_an_empty_answer_is_a_failure() -> None:
    assert login_token('<input name="csrf_token" type="hidden" value="abc">') == "abc"
    with pytest.raises(ValueError, match="login"):
        login_token("<html>")
    with pytest.raises(ValueError, match="no content"):
        content_of('{"multi":true,"response":{}}')
    tree = {"props": {"children": [{"props": {"id": "rota-context", "data": {"home": 1}}}]}}
    assert find_store(tree, "rota-context") == {"home": 1}
    assert find_store(tree, "other") is None


def test_people_choose_alike_when_the_seed_is(tmp_path: Path) -> None:
    import random

    pages = {"/a/": (1, "A"), "/b/": (3, "B")}
    one, two = (Choice(pages, random.Random(7)) for _ in range(2))
    assert [one.next() for _ in range(20)] == [two.next() for _ in range(20)]


def test_the_callbacks_are_called_in_their_declared_shape() -> None:
    poll = {
        "output": "..rota-grid.rowData@0a...rota-seen.data@0b..",
        "inputs": [{"id": "rota-poll", "property": "n_intervals"}],
        "state": [{"id": "rota-context", "property": "data"}],
    }
    body = shapes([poll])["poll"].body([3], [{"home": 1}])
    assert body["outputs"] == [
        {"id": "rota-grid", "property": "rowData"}, {"id": "rota-seen", "property": "data"},
    ]  # fmt: skip
    assert body["inputs"] == [{"id": "rota-poll", "property": "n_intervals", "value": 3}]


def test_people_use_the_real_site(empty_installation: Installation, place: Path) -> None:
    """The whole of it: logins, pages, content that is looked at, a report, a comparison."""
    site = empty_installation
    site.rota("demo", "--homes", "1", "--months", "1", "--no-progress")
    accounts = place / "accounts.txt"
    accounts.write_text(site.rota("load-accounts", "5"))
    assert len(accounts.read_text().splitlines()) == 5
    site.start_all("redis", "web", "nginx")
    report = place / "report.json"
    done = subprocess.run(
        [sys.executable, "deploy/loadtest", "--url", site.address, "--accounts", str(accounts),
         "--users", "5", "--think", "0.3", "--seconds", "6", "--arrivals", "5", "--out", str(report)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    measured = LoadReport.load(report)
    assert measured is not None, done.stdout + done.stderr
    assert measured.together.failures == 0, done.stdout
    assert measured.together.requests > 10
    assert measured.row("open /dashboard/") or measured.row("open /rota/")

    quick = site.rota("load-test", "--quick", "--url", site.address, "--users", "3", "--seconds", "2",
                      "--authority", str(site.authority))  # fmt: skip
    for word in ("average", "p95", "p99", "errors", "Accepted"):
        assert word in quick
    assert "all as they should be" in site.rota(
        "functional-test", "--url", site.address, "--authority", str(site.authority)
    )
    # what the test made can be taken away again
    site.rota("load-accounts", "0")
    from deploy.postgres import Database

    database = Database(site.database, site.postgres.url)
    assert (
        database.value("SELECT count(*) FROM users WHERE is_active AND sap_number LIKE 'load-%'")
        == "0"
    )
