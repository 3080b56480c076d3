"""Databases for the tests: a migrated SQLite file and a real PostgreSQL, fresh for each test.

``database`` runs a test on both; ``sqlite_engine`` / ``postgres_engine`` on one. The
PostgreSQL server is started for the run (as the postgres user when run as root) unless
``TEST_POSTGRES_URL`` names one.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Connection, Engine, create_engine, text

from rota.database import UnitOfWork, make_engine
from rota.migrations import upgrade
from tests.clock import noon
from tests.factories import administrator

__all__ = ["noon"]
os.environ.setdefault("DEBUG", "true")


def _work_in_memory() -> None:
    """Temporary files go to memory where the machine has room: a database for each test is a
    lot of files, and the disk was what the run waited for."""
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or not memory.is_dir():
        return
    if shutil.disk_usage(memory).free > 8 * 2**30:
        os.environ["TMPDIR"] = str(memory)
        tempfile.tempdir = None


_work_in_memory()
# how long an example takes says how busy the machine is, not whether the product is right
settings.register_profile("rota", deadline=None)
settings.load_profile("rota")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """``rota/`` is covered by its own tests, once: tracing doubles the time of a test, and the
    same test on the other database passes the same lines."""
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        if "tests/rota" not in str(item.path) or parameters.get("database") == "postgres":
            item.add_marker(pytest.mark.no_cover)


def free_port() -> int:
    """A TCP port that nobody listens on just now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, to be copied by each test."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    return path


@pytest.fixture
def sqlite_engine(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    """A fresh SQLite database at the newest migration."""
    path = tmp_path / "rota.sqlite3"
    shutil.copyfile(migrated_sqlite, path)
    engine = make_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def _as_postgres() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a real PostgreSQL server, started for this run."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries:
        pytest.fail("PostgreSQL is not installed: apt-get install postgresql")
    home = Path(tempfile.mkdtemp(prefix="rota-postgres-"))
    port = free_port()
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    control = [*_as_postgres(), str(binaries[-1] / "pg_ctl"), "-D", str(home / "data")]
    subprocess.run(
        [*_as_postgres(), str(binaries[-1] / "initdb"), "-D", str(home / "data"),
         "-A", "trust", "-U", "postgres", "--no-sync"],
        check=True, capture_output=True,
    )  # fmt: skip
    options = (
        f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off -c max_wal_size=256MB"
    )
    subprocess.run(
        [*control, "-w", "-o", options, "-l", str(home / "log"), "start"],
        check=True, capture_output=True,
    )  # fmt: skip
    yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_admin(postgres_url: str) -> Iterator[Connection]:
    """One connection for making and dropping databases."""
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, postgres_admin: Connection) -> str:
    """The name of a migrated, empty database that each test copies."""
    name = f"rota_template_{os.getpid()}"
    postgres_admin.execute(text(f"CREATE DATABASE {name}"))
    engine = make_engine(postgres_url.rsplit("/", 1)[0] + f"/{name}")
    upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture
def postgres_engine(
    postgres_url: str, postgres_template: str, postgres_admin: Connection
) -> Iterator[Engine]:
    """A fresh PostgreSQL database at the newest migration."""
    name = f"rota_test_{os.getpid()}"
    postgres_admin.execute(text(f"CREATE DATABASE {name} TEMPLATE {postgres_template}"))
    engine = make_engine(postgres_url.rsplit("/", 1)[0] + f"/{name}")
    yield engine
    engine.dispose()
    postgres_admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Engine:
    """The same test on SQLite and on PostgreSQL."""
    engine = request.getfixturevalue(f"{request.param}_engine")
    assert isinstance(engine, Engine)
    return engine


@pytest.fixture
def uow(database: Engine) -> Iterator[UnitOfWork]:
    """A unit of work of an administrator on both databases."""
    with UnitOfWork(administrator(), engine=database) as work:
        yield work
