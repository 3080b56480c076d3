"""Real servers on loopback for the tests of ``deploy/``: PostgreSQL, Redis, gunicorn, Celery
and nginx as production has them, each to be stopped, paused or killed by a test."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.environment import read_environment
from deploy.layout import Layout
from deploy.nginx_site import Site, certificate_paths, render
from tests.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]
HOST = "localhost"
POSTGRES_BIN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]


def wait_for(holds: Callable[[], object], otherwise: str, seconds: float = 60) -> None:
    """Wait until something holds. Raises ``AssertionError`` saying what never did."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(otherwise)


def answers(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Postgres:
    """A server of its own, so that it can be restarted, paused and filled up."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """The superuser's address."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def _as_postgres(self) -> list[str]:
        if os.geteuid():
            return []
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]

    def create(self) -> None:
        """Make its data folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        subprocess.run(
            [*self._as_postgres(), str(POSTGRES_BIN / "initdb"), "-D", str(self.folder / "data"),
             "-A", "trust", "-U", "postgres", "--no-sync"],
            check=True, capture_output=True, cwd="/",
        )  # fmt: skip

    def _control(self, *arguments: str) -> None:
        subprocess.run(
            [*self._as_postgres(), str(POSTGRES_BIN / "pg_ctl"), "-D", str(self.folder / "data"),
             "-w", *arguments],
            check=True, capture_output=True, cwd="/",
        )  # fmt: skip

    def start(self) -> None:
        """Start it and wait."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._control("-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: ``fast`` breaks connections, ``immediate`` is a crash."""
        self._control("-m", mode, "stop")

    def pids(self) -> list[int]:
        """The postmaster and all its children."""
        main = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        listed = subprocess.run(["pgrep", "-P", str(main)], capture_output=True, text=True)
        return [main, *map(int, listed.stdout.split())]

    def signal(self, number: int) -> None:
        """Send a signal to every process of it (STOP pauses it, CONT lets it go on)."""
        for pid in self.pids():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


@dataclass
class Installation:
    """An installation under a folder of its own, with all its servers."""

    folder: Path
    postgres: Postgres
    database: str = "staff_rota"
    workers: int = 1
    application: str = "app:server"
    layout: Layout = field(init=False)
    web_port: int = field(default_factory=free_port)
    https_port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)
    redis_port: int = field(default_factory=free_port)
    redis_password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.layout = Layout(self.folder)
        self.folder.chmod(0o755)
        for path in (
            self.layout.home / "acme", self.layout.releases, self.layout.configuration,
            self.layout.data / "models", self.layout.backups, self.layout.logs,
            self.layout.at("/var/cache/nginx"),
        ):  # fmt: skip
            path.mkdir(parents=True, exist_ok=True)

    @property
    def address(self) -> str:
        """The site through nginx."""
        return f"https://{HOST}:{self.https_port}"

    @property
    def authority(self) -> Path:
        """The certificate that the site's is signed by (itself)."""
        return certificate_paths(self.layout)[0]

    def url(self, role: str = "postgres", password: str = "") -> str:
        """The address of the application's database."""
        who = f"{role}:{password}" if password else role
        return f"postgresql://{who}@127.0.0.1:{self.postgres.port}/{self.database}"

    def configure(self, **more: str) -> None:
        """Write ``production.env`` and ``admin.env``."""
        values = {
            "SECRET_KEY": secrets.token_urlsafe(60), "DEBUG": "false", "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "DATA_DIR": str(self.layout.data), "PROPHET_MODEL_DIR": str(self.layout.data / "models"),
            "DATABASE_URL": self.url(),
            "REDIS_URL": f"redis://:{self.redis_password}@127.0.0.1:{self.redis_port}/0", **more,
        }  # fmt: skip
        self._write(self.layout.environment_file, values)
        self._write(self.layout.admin_file, {
            "MIGRATION_DATABASE_URL": self.url(), "ADMIN_DATABASE_URL": self.postgres.url,
        })  # fmt: skip

    def _write(self, path: Path, values: dict[str, str]) -> None:
        path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        path.chmod(0o600)

    @property
    def environment(self) -> dict[str, str]:
        """The environment that the services run in."""
        clean = {
            k: v for k, v in os.environ.items() if k not in ("DEBUG", "DATABASE_URL", "REDIS_URL")
        }
        return {**clean, **read_environment(self.layout.environment_file), **self.extra}

    def rota(self, *arguments: str) -> str:
        """``python -m rota …`` in this installation. Raises with what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "rota", *arguments], cwd=ROOT, env=self.environment,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def start(self, name: str) -> None:
        """Start one server: ``redis``, ``web``, ``worker`` or ``nginx``."""
        log = (self.layout.logs / f"{name}.out").open("ab")
        self.processes[name] = subprocess.Popen(
            self.command(name), cwd=self.code(), env=self.environment, stdout=log, stderr=log
        )
        log.close()

    def start_on(self, listening: socket.socket) -> None:
        """Start the web server on a socket that somebody else holds, as systemd does."""
        hand_over = (
            "import os, sys; os.dup2(int(sys.argv[1]), 3); "
            "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); "
            "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
        )
        with (self.layout.logs / "web.out").open("ab") as log:
            self.processes["web"] = subprocess.Popen(
                [sys.executable, "-c", hand_over, str(listening.fileno()), *self.command("web")[1:]],
                cwd=self.code(), env=self.environment, stdout=log, stderr=log,
                pass_fds=(listening.fileno(),),
            )  # fmt: skip
        wait_for(self.lives, self.said("web"), 180)

    def code(self) -> Path:
        """Where the services run: the release that serves, or this project itself."""
        return self.layout.current if self.layout.current.exists() else ROOT

    def command(self, name: str) -> list[str]:
        """How a server is started."""
        if name == "redis":
            return [
                "redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "",
                "--requirepass", self.redis_password, "--dir", str(self.folder),
            ]  # fmt: skip
        if name == "web":
            conf = self.code() / "deploy" / "gunicorn.conf.py"
            return [
                sys.executable, "-m", "gunicorn", "-c", str(conf), "--workers", str(self.workers),
                "--bind", f"127.0.0.1:{self.web_port}", self.application,
            ]  # fmt: skip
        if name == "worker":
            return [  # as nice as the unit of systemd makes it
                "nice", "-n", "5", sys.executable, "-m", "celery", "-A", "rota.jobs.celery_app", "worker",
                "--concurrency", "1", "--loglevel", "WARNING",
            ]  # fmt: skip
        return ["nginx", "-c", str(self.nginx_configuration()), "-g", "daemon off;"]

    def nginx_configuration(self) -> Path:
        """nginx's whole configuration around the site of ``deploy/nginx``."""
        certificate, key = certificate_paths(self.layout)
        if not certificate.exists():
            from deploy.nginx_site import self_signed

            self_signed(certificate, key, (HOST, "127.0.0.1"))
        site = Site(
            hosts=HOST, http=f"127.0.0.1:{self.http_port}", https=f"127.0.0.1:{self.https_port}",
            upstream=f"127.0.0.1:{self.web_port}", home=self.layout.home, current=self.code(),
            logs=self.layout.logs, cache=self.layout.at("/var/cache/nginx/staff_rota"),
            switch=self.layout.maintenance_switch, certificate=certificate, certificate_key=key,
            preview="let-me-look",
        )  # fmt: skip
        path = self.folder / "nginx.conf"
        temporary = self.folder / "nginx-tmp"
        temporary.mkdir(exist_ok=True)
        user = "user root;" if os.geteuid() == 0 else ""
        places = "".join(
            f"    {name}_temp_path {temporary}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        path.write_text(
            f"{user}\nworker_processes 1;\npid {self.folder}/nginx.pid;\n"
            f"error_log {self.layout.logs}/nginx-error.log;\nevents {{ worker_connections 4096; }}\n"
            f"http {{\n    include /etc/nginx/mime.types;\n    default_type application/octet-stream;\n"
            f"    sendfile on;\n{places}{render(site)}\n}}\n"
        )
        return path

    def start_all(self, *names: str) -> None:
        """Start the servers and wait until pages are answered."""
        for name in names or ("redis", "web", "worker", "nginx"):
            self.start(name)
        if "redis" in self.processes:
            wait_for(lambda: answers(self.redis_port), "Redis never answered")
        if "web" in self.processes:
            # gunicorn listens before its workers have the application
            wait_for(self.lives, self.said("web"), 180)
        if "nginx" in self.processes:
            wait_for(lambda: answers(self.https_port), self.said("nginx"))

    def lives(self) -> bool:
        """Whether a worker of gunicorn answers."""
        address = f"http://127.0.0.1:{self.web_port}/health/live/"
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)

    def said(self, name: str) -> str:
        """What a server wrote last."""
        log = self.layout.logs / f"{name}.out"
        return f"{name} said: {log.read_text()[-4000:] if log.exists() else 'nothing'}"

    def stop(self, name: str, number: int = signal.SIGTERM) -> None:
        """Stop one server."""
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(timeout=90)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self) -> None:
        """Stop everything but PostgreSQL."""
        for name in ("nginx", "web", "worker", "beat", "redis"):
            self.stop(name)
