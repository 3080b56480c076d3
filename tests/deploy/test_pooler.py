"""Behind a pool that lends connections by transaction, with the product's own PgBouncer settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.engine import make_url

from rota.database import PREPARE_AFTER, UnitOfWork, make_engine
from rota.models import CareHome
from rota.settings import get_settings
from tests import factories as make
from tests.conftest import free_port
from tests.deploy.servers import ROOT, answers, wait_for
from tests.factories import administrator

_DATABASE = "staff_rota = host=@DATABASE_HOST@ port=5432 dbname=staff_rota"


@pytest.fixture
def pooled(
    postgres_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """The application's engine on PgBouncer: one connection, lent to whoever needs it."""
    url, port = make_url(postgres_engine.url), free_port()
    given = (ROOT / "deploy/pgbouncer/pgbouncer.ini").read_text()
    assert _DATABASE in given
    users = tmp_path / "userlist.txt"
    users.write_text('"postgres" ""\n')
    settings = (
        given.replace("0.0.0.0", "127.0.0.1")
        .replace(_DATABASE, f"{url.database} = host={url.host} port={url.port}")
        .replace("listen_port = 6432", f"listen_port = {port}\nunix_socket_dir =")
        .replace("scram-sha-256", "any\nadmin_users = postgres")
        .replace("/etc/pgbouncer/userlist.txt", str(users))
        .replace("@POOL@", "1")
        .replace("reserve_pool_size = 8", "reserve_pool_size = 0")
    )
    settings = settings.replace(f"{url.database} = host", f"{url.database} = user=postgres host")
    file = tmp_path / "pgbouncer.ini"
    file.write_text(settings)
    if os.geteuid() == 0:
        for path in (tmp_path, *tmp_path.parents):
            if path.is_relative_to(tempfile.gettempdir()) and path != Path(tempfile.gettempdir()):
                path.chmod(0o755)
        shutil.chown(tmp_path, "postgres")
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    process = subprocess.Popen([*(as_user if os.geteuid() == 0 else []), "pgbouncer", str(file)])
    monkeypatch.setattr(get_settings(), "database_pooler", True)
    engine = make_engine(str(url.set(port=port).render_as_string(hide_password=False)))

    wait_for(lambda: answers(port), "PgBouncer never answered", seconds=60)
    yield engine
    engine.dispose()
    process.terminate()
    process.wait(timeout=60)


def test_what_one_leaves_on_a_lent_connection_does_not_meet_another(pooled: Engine) -> None:
    with UnitOfWork(administrator(), engine=pooled) as uow:
        make.make_home(uow.session, "Orchard Grove")
        uow.commit()
    with pooled.begin() as one:
        for _ in range(PREPARE_AFTER + 3):  # a driver would have prepared it by now
            assert one.scalars(select(CareHome.name)).all() == ["Orchard Grove"]
    with pooled.connect() as other:
        assert other.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0
        assert other.scalars(select(CareHome.name)).all() == ["Orchard Grove"]
