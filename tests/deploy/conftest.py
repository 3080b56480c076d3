"""One PostgreSQL for the folder's tests, an installation with real servers for each module."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.servers import Installation, Postgres


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They all start servers."""
    for item in items:
        if "tests/deploy" in str(item.path):
            item.add_marker(pytest.mark.services)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that every user may enter (PostgreSQL and nginx run as their own)."""
    folder = Path(tempfile.mkdtemp(prefix="rota-deploy-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def postgres(place: Path) -> Iterator[Postgres]:
    """A PostgreSQL server of its own."""
    server = Postgres(place / "postgres")
    server.create()
    server.start()
    yield server
    server.stop("immediate")


@pytest.fixture(scope="module")
def empty_installation(place: Path, postgres: Postgres) -> Iterator[Installation]:
    """A configured installation with a migrated, empty database; no server runs yet."""
    (place / "tree").mkdir()
    here = Installation(place / "tree", postgres)
    from deploy.postgres import Database

    Database(here.database, postgres.url).create()
    here.configure()
    here.rota("migrate")
    yield here
    here.stop_all()
