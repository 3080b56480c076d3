"""What a page weighs and how soon it is there, in Chromium through nginx with TLS and gzip.

``python -m tests.benchmarks.bench_weight [--postgres-port N]``: bytes on the wire of the first
load and of the next ones, and what Lighthouse reports of times (first and largest contentful
paint, blocking time, layout shift), without throttling, on this machine.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import Page, sync_playwright

from deploy.postgres import Database
from tests.deploy.servers import Installation, Postgres

PAGES = ("/dashboard/", "/rota/", "/leave/", "/costs/")
#: collects what the browser tells of painting, long tasks and shifts
OBSERVER = """
window.seen = {lcp: 0, blocking: 0, shift: 0};
const watch = (type, take) =>
  new PerformanceObserver(list => list.getEntries().forEach(take)).observe({type, buffered: true});
watch('largest-contentful-paint', e => window.seen.lcp = e.startTime);
watch('longtask', e => window.seen.blocking += Math.max(0, e.duration - 50));
watch('layout-shift', e => { if (!e.hadRecentInput) window.seen.shift += e.value; });
"""


@dataclass
class Load:
    """One load of a page: kilobytes on the wire, requests, times in milliseconds."""

    kilobytes: float
    requests: int
    paint: float
    largest: float
    blocking: float
    shift: float


def load(page: Page, client: Any, address: str) -> Load:
    """Open an address and wait until nothing moves any more."""
    sizes: list[float] = []
    note = lambda event: sizes.append(event["encodedDataLength"])  # noqa: E731
    client.on("Network.loadingFinished", note)
    page.goto(address, wait_until="networkidle")
    page.wait_for_selector("h1")
    page.wait_for_load_state("networkidle")
    client.remove_listener("Network.loadingFinished", note)
    seen = page.evaluate("window.seen")
    paint = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime || 0"
    )
    return Load(
        sum(sizes) / 1000, len(sizes), paint, seen["lcp"], seen["blocking"], seen["shift"]
    )  # fmt: skip


def key_hash(here: Installation) -> str:
    """The certificate's public key as Chromium wants it named."""
    certificate = x509.load_pem_x509_certificate(here.authority.read_bytes())
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


def measure(here: Installation, sap: str, password: str) -> None:
    """Log in, load each page for the first time and again, print."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            # trusted: of a site whose certificate is in doubt Chromium keeps nothing on disk
            args=["--no-sandbox", f"--ignore-certificate-errors-spki-list={key_hash(here)}"],
        )
        print(f"{'':<24}{'kB':>8}{'requests':>10}{'FCP':>7}{'LCP':>7}{'TBT':>7}{'CLS':>8}")
        for path in PAGES:
            context = browser.new_context()
            context.add_init_script(OBSERVER)
            page = context.new_page()
            client = context.new_cdp_session(page)
            client.send("Network.enable")
            page.goto(f"{here.address}/accounts/login/")
            page.fill("[name=sap_number]", sap)
            page.fill("[name=password]", password)
            # the login page has what the others have in common: forget it
            client.send("Network.clearBrowserCache")
            page.route("**/dashboard/", lambda route: route.abort())
            page.click("[type=submit]")
            page.wait_for_timeout(1500)
            page.unroute("**/dashboard/")
            client.send("Network.clearBrowserCache")
            for name in ("first", "again"):
                got = load(page, client, here.address + path)
                print(
                    f"{path + ' ' + name:<24}{got.kilobytes:>8.0f}{got.requests:>10}{got.paint:>7.0f}"
                    f"{got.largest:>7.0f}{got.blocking:>7.0f}{got.shift:>8.3f}"
                )
            context.close()
        browser.close()


def main() -> None:
    """Set the servers up, measure, take them down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres-port", type=int, help="a server with the demo in database rota")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rota-weight-"))
    folder.chmod(0o755)
    (folder / "tree").mkdir()
    postgres = Postgres(folder / "postgres")
    if given.postgres_port:
        postgres.port = given.postgres_port
    else:
        postgres.create()
        postgres.start()
        Database("rota", postgres.url).create()
    here = Installation(folder / "tree", postgres, database="rota", workers=2)
    here.configure()
    here.rota("migrate")
    if not given.postgres_port:
        here.rota("demo", "--no-progress")
    sap, password, _ = here.rota("load-accounts", "1").splitlines()[0].split("\t")
    try:
        here.start_all("redis", "web", "nginx")
        measure(here, sap, password)
    finally:
        here.stop_all()
        if not given.postgres_port:
            postgres.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
