"""nginx as ``deploy/nginx`` sets it up, for real, in front of the real application."""

from __future__ import annotations

import gzip
import os
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.grade import HEADERS, Site, grade
from deploy.nginx_site import certificate_paths, self_signed
from deploy.postgres import Database
from tests.deploy.person import Person
from tests.deploy.servers import HOST, ROOT, Installation, answers, wait_for


@pytest.fixture(scope="module")
def site(empty_installation: Installation) -> Iterator[Installation]:
    """The site with its servers running."""
    empty_installation.start_all("redis", "web", "nginx")
    yield empty_installation


@pytest.fixture
def outside(site: Installation) -> Site:
    """The site as somebody outside sees it."""
    return Site(HOST, site.https_port, "127.0.0.1", str(site.authority))


def test_the_grade_is_the_best(outside: Site) -> None:
    report = grade(outside, ("/accounts/login/", "/nothing/", "/static/tokens.css", "/health/"))
    assert report.grade == "A+", (report.faults, report.warnings)
    assert "TLS 1.1 refused" in report.notes
    assert "TLS 1.3 accepted" in report.notes


def test_the_grading_program_says_so_too(outside: Site, site: Installation) -> None:
    done = subprocess.run(
        [sys.executable, "deploy/grade-tls", f"{HOST}:{site.https_port}", "--address", "127.0.0.1",
         "--authority", str(site.authority)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Grade: A+"), done.stdout


def test_a_weak_site_is_graded_down(site: Installation, tmp_path: Path) -> None:
    """The grader itself: old protocol, CBC ciphers and a bare answer are all named."""
    from tests.conftest import free_port

    port = free_port()
    certificate, key = certificate_paths(site.layout)
    weak = tmp_path / "nginx.conf"
    weak.write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}\npid {tmp_path}/pid;\nerror_log {tmp_path}/log;\n"
        "events {}\nhttp {\n access_log off;\n server {\n"
        f"  listen 127.0.0.1:{port} ssl;\n  ssl_certificate {certificate};\n"
        f"  ssl_certificate_key {key};\n  ssl_protocols TLSv1.1 TLSv1.2;\n"
        "  ssl_ciphers ALL:@SECLEVEL=0;\n  return 200 bare;\n }\n}\n"
    )
    process = subprocess.Popen(["nginx", "-c", str(weak), "-g", "daemon off;"])
    try:
        wait_for(lambda: answers(port), "nginx never answered")
        report = grade(Site(HOST, port, "127.0.0.1"), ("/",))
    finally:
        process.terminate()
        process.wait()
    assert report.grade == "F"
    words = "\n".join(report.faults)
    assert "TLS 1.1 is accepted" in words
    assert "no forward secrecy" in words or "no authenticated encryption" in words
    assert "not trusted" in words
    assert "no strict-transport-security" in words
    assert "TLS 1.3 is refused" in report.warnings


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/accounts/login/", 200),
        ("/dashboard/", 302),
        ("/static/tokens.css", 200),
        ("/static/none.css", 404),
        ("/static/../app.py", 400),
        ("/errors/problem.html", 404),
        ("/_dash-layout", 401),
        ("/.env", 302),
    ],
)
def test_every_answer_carries_the_headers_once(outside: Site, path: str, status: int) -> None:
    answer = outside.get(path)
    if path != "/static/../app.py":
        assert answer.status == status
    assert answer.status < 500
    for name in HEADERS:
        assert len(answer.headers.get(name, [])) == 1, (name, answer)


def test_assets_asked_for_with_their_time_are_kept_others_are_asked_again(outside: Site) -> None:
    kept = outside.get("/static/tokens.css?m=1700000000.0").headers
    assert kept["cache-control"] == ["public, max-age=31536000, immutable"]
    assert outside.get("/static/tokens.css").headers["cache-control"] == ["no-cache"]
    assert outside.get("/accounts/login/").headers["cache-control"] == ["no-store"]


def test_scripts_without_a_version_are_not_sent_again(site: Installation) -> None:
    """The grid's and the charts' large parts: asked for by their ETag, through gzip and cache."""
    Database(site.database, site.postgres.url).sql(
        "INSERT INTO care_homes (name, beds, occupancy, postcode, is_active, data_version, legacy) "
        "VALUES ('Elm', 40, 0, '', true, 1, '{}')"
    )
    sap, password, _ = site.rota("load-accounts", "1").splitlines()[0].split("\t")
    person = Person(site, sap, password)
    path = "/_dash-component-suites/dash_ag_grid/async-community.js"
    for _ in ("built", "kept by nginx"):
        answer = person.answer("GET", path, more={"Accept-Encoding": "gzip"})
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")
        tag = answer.headers["ETag"]
        assert person.answer("GET", path, more={"If-None-Match": tag}).status == 304


def test_text_is_compressed(site: Installation, outside: Site) -> None:
    context = ssl.create_default_context(cafile=str(site.authority))
    request = urllib.request.Request(
        f"{site.address}/static/bootstrap.min.css", headers={"Accept-Encoding": "gzip"}
    )
    with urllib.request.urlopen(request, context=context) as answer:
        body = answer.read()
        assert answer.headers["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(body)) > 4 * len(body)


def test_plain_http_is_sent_to_tls(site: Installation) -> None:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    with pytest.raises(urllib.error.HTTPError) as moved:
        urllib.request.build_opener(Stay).open(f"http://127.0.0.1:{site.http_port}/rota/?unit=3")
    assert moved.value.code == 301
    assert moved.value.headers["Location"].startswith("https://")


def test_more_than_fifty_megabytes_are_refused(outside: Site) -> None:
    head = (
        f"POST /accounts/login/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {51 * 2**20}\r\n\r\n"
    )
    assert outside.ask(head.encode()).status == 413


def test_the_maintenance_page_is_one_file(site: Installation, outside: Site) -> None:
    environment = {**os.environ, "STAFF_ROTA_ROOT": str(site.layout.root)}
    subprocess.run(["deploy/maintenance", "on"], cwd=ROOT, env=environment, check=True)
    try:
        closed = outside.get("/accounts/login/")
        assert closed.status == 503
        assert all(len(closed.headers.get(name, [])) == 1 for name in HEADERS)
        assert outside.get("/health/live/").status == 200
        looks_in = (
            f"GET /accounts/login/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n"
            "Cookie: staff_rota_preview=let-me-look\r\n\r\n"
        )
        assert outside.ask(looks_in.encode()).status == 200
    finally:
        subprocess.run(["deploy/maintenance", "off"], cwd=ROOT, env=environment, check=True)
    assert outside.get("/accounts/login/").status == 200


def test_a_client_cannot_choose_its_own_address(site: Installation, outside: Site) -> None:
    """The audit and the ban see the address that nginx saw."""
    forged = (
        f"GET /accounts/login/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n"
        "X-Forwarded-For: 10.9.9.9\r\n\r\n"
    )
    outside.ask(forged.encode())
    assert "10.9.9.9" not in (site.layout.logs / "access.log").read_text()


def test_the_application_gone_is_a_page_with_headers(site: Installation, outside: Site) -> None:
    site.stop("web")
    try:
        answer = outside.get("/accounts/login/")
        assert answer.status == 502
        assert all(len(answer.headers.get(name, [])) == 1 for name in HEADERS)
    finally:
        site.start_all("web")


def test_a_new_certificate_is_taken_without_a_lost_request(site: Installation) -> None:
    """``nginx -s reload`` while requests run: none fails, and the new certificate is served."""
    import threading

    certificate, key = certificate_paths(site.layout)
    old = certificate.read_text()
    failures: list[str] = []
    done = threading.Event()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def visit() -> None:
        while not done.is_set():
            try:
                with urllib.request.urlopen(
                    f"{site.address}/health/live/", context=context, timeout=20
                ):
                    pass
            except OSError as error:
                failures.append(str(error))

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    self_signed(certificate, key, (HOST, "127.0.0.1"))
    os.kill(site.processes["nginx"].pid, 1)
    served = ssl.create_default_context(cafile=str(certificate))

    def is_new() -> bool:
        try:
            with urllib.request.urlopen(f"{site.address}/health/live/", context=served, timeout=5):
                return True
        except OSError:
            return False

    wait_for(is_new, "the new certificate was never served", 20)
    done.set()
    for thread in threads:
        thread.join()
    assert certificate.read_text() != old
    assert failures == []
