"""The whole installation under load, on this machine: ``python -m tests.benchmarks.bench_load``.

PostgreSQL, Redis, nginx, gunicorn, Celery and the people all run here, so absolute times say
what *this* machine can do beside the people themselves; CPU milliseconds a request say what
the product costs. Arms: a burst of logins, the dashboard against static bytes, people who
think, the same with caches flushed, with an optimisation and a backup running.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.postgres import Database
from tests.deploy.person import Person
from tests.deploy.servers import ROOT, Installation, Postgres

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(here: Installation) -> dict[str, float]:
    """CPU that each kind of process has used: user and system, children that ended included."""
    kinds = {"gunicorn": "web", "nginx": "nginx", "redis-server": "redis", "postgres": "postgres"}
    found = dict.fromkeys(kinds.values(), 0.0)
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "cmdline").read_bytes().decode(errors="replace")
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        kind = next((name for mark, name in kinds.items() if mark in words), None)
        ports = (str(here.redis_port), str(here.web_port))
        ours = str(here.folder) in words or any(port in words for port in ports)
        if kind == "postgres":
            # the children do not carry the folder in their title
            ours = str(here.postgres.port) in words or _parent_is(here, fields[1])
        if kind and (ours or (kind == "nginx" and _parent_is_nginx(here, fields[1]))):
            found[kind] += sum(map(int, fields[11:15])) / _TICK
    return found


def _parent_is(here: Installation, parent: str) -> bool:
    return parent == here.extra.get("POSTGRES_PID")


def _parent_is_nginx(here: Installation, parent: str) -> bool:
    return parent == str(here.processes["nginx"].pid)


def against_static(here: Installation, account: list[str], rounds: int = 300) -> dict[str, float]:
    """Medians (ms) of the dashboard's callback and of the same bytes as a static view, in turn."""
    browser = Person(here, *account[:2])
    times: dict[str, list[float]] = {"callback": [], "static": [], "live": []}
    browser.open("/dashboard/")
    for _ in range(rounds):
        for name, act in (
            ("callback", lambda: browser.open("/dashboard/")),
            ("static", lambda: browser.ask("GET", "/bench/static-bytes")),
            ("live", lambda: browser.ask("GET", "/health/live/")),
        ):
            begun = time.perf_counter()
            act()
            times[name].append(1000 * (time.perf_counter() - begun))
    return {name: statistics.median(values) for name, values in times.items()}


@contextmanager
def flushing(here: Installation, every: float) -> Iterator[None]:
    """Empty the shared cache every so many seconds."""
    stop = threading.Event()

    def flush() -> None:
        while not stop.wait(every):
            subprocess.run(
                ["redis-cli", "-p", str(here.redis_port), "-a", here.redis_password, "FLUSHDB"],
                capture_output=True, check=False,
            )  # fmt: skip

    thread = threading.Thread(target=flush)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def people(here: Installation, accounts: Path, *more: str) -> str:
    """Run ``deploy/loadtest``; gives its table with the CPU that each server used a request."""
    before = cpu_seconds(here)
    done = subprocess.run(
        [sys.executable, "deploy/loadtest", "--url", here.address, "--accounts", str(accounts), *more],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    after = cpu_seconds(here)
    lines = done.stdout.splitlines()
    total = next((line for line in lines if line.startswith("requests: ")), "")
    used = {kind: after[kind] - before[kind] for kind in after}
    asked = int(total.partition(": ")[2] or 0)
    words = [
        f"{kind} {seconds:.1f} s"
        + (f" = {1000 * seconds / asked:.2f} ms a request" if asked else "")
        for kind, seconds in used.items()
    ]
    shown = done.stdout or done.stderr[-3000:]
    return f"{shown}CPU from the first login to the end: {', '.join(words)}\n"


def main() -> None:
    """Set everything up, run the arms that were asked for, take everything down."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--arms", default="burst,static,think,flush,jobs")
    parser.add_argument("--users", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--postgres-port", type=int, help="a server with the demo in database rota")
    parser.add_argument("--out", type=Path, default=Path("/tmp/rota-loadtest"))
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rota-bench-"))
    folder.chmod(0o755)
    tree = folder / "tree"
    tree.mkdir()
    postgres = Postgres(folder / "postgres")
    if given.postgres_port:
        postgres.port = given.postgres_port
        here = Installation(
            tree, postgres, database="rota", workers=2, application="tests.benchmarks.served:server"
        )
    else:
        postgres.create()
        postgres.start()
        here = Installation(
            tree, postgres, database="rota", workers=2, application="tests.benchmarks.served:server"
        )
        Database("rota", postgres.url).create()
    here.configure()
    here.rota("migrate")
    if not given.postgres_port:
        here.rota("demo", "--no-progress")
    accounts = folder / "accounts.txt"
    accounts.write_text(here.rota("load-accounts", str(given.users)))
    first = accounts.read_text().splitlines()[0].split("\t")
    pid = Database("rota", postgres.url).value("SELECT pg_backend_pid()")
    stat = Path(f"/proc/{pid}/stat")
    here.extra["POSTGRES_PID"] = (
        stat.read_text().rpartition(")")[2].split()[1] if stat.exists() else _postmaster(postgres)
    )
    here.extra["BENCH_STATIC_BYTES"] = "95000"
    try:
        here.start_all("redis", "web", "worker", "nginx")
        common = ["--users", str(given.users), "--seconds", str(given.seconds)]
        for arm in given.arms.split(","):
            print(
                f"\n== {arm}, {time.strftime('%H:%M:%S')}, load average {os.getloadavg()[0]:.1f}",
                flush=True,
            )
            out = ["--out", str(given.out / f"{arm}.json")]
            if arm == "burst":
                print(people(here, accounts, *common, "--burst", "--arrivals", "20", *out))
            elif arm == "static":
                medians = against_static(here, first)
                ratio = medians["callback"] / medians["static"]
                print(
                    {name: round(value, 2) for name, value in medians.items()}, f"ratio {ratio:.2f}"
                )
            elif arm == "think":
                print(people(here, accounts, *common, *out))
            elif arm == "open":
                print(people(here, accounts, *common, "--requests-per-second", "60", *out))
            elif arm == "flush":
                with flushing(here, 10):
                    print(people(here, accounts, *common, *out))
            elif arm == "jobs":
                with jobs(here):
                    print(people(here, accounts, *common, *out))
    finally:
        here.stop_all()
        if not given.postgres_port:
            postgres.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _postmaster(postgres: Postgres) -> str:
    found = subprocess.run(
        ["pgrep", "-f", f"postgres.*-p {postgres.port} "], capture_output=True, text=True
    ).stdout.split()
    return found[0] if found else ""


@contextmanager
def jobs(here: Installation) -> Iterator[None]:
    """One optimisation in the worker, one dump after the other beside it."""
    script = (
        "from rota.database import UnitOfWork, reading\n"
        "from rota.access.service import installation_actor\n"
        "from rota.jobs import service\nfrom rota.models import CareHome\n"
        "from sqlalchemy import select\nfrom datetime import date, timedelta\n"
        "with reading() as s:\n a = installation_actor(s); h = s.scalars(select(CareHome.id)).first()\n"
        "d = date.today() + timedelta(days=28 - date.today().weekday())\n"
        "with UnitOfWork(a) as u:\n"
        " j = service.submit(u, 'optimise', {'home_id': h, 'start': str(d), "
        "'end': str(d + timedelta(days=6)), 'seconds': 120}, key='bench', home_id=h)\n u.commit()\n"
        "service.dispatch(j.id)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=here.environment, check=True)
    stop = threading.Event()

    def dump() -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)  # as the nightly one
        while not stop.is_set():
            Database(here.database, here.postgres.url).dump(here.folder / "bench.dump")

    thread = threading.Thread(target=dump)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


if __name__ == "__main__":
    main()
