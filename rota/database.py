"""Engine, sessions and the unit of work.

``DATABASE_URL`` chooses the database; SQLite (WAL) and PostgreSQL behave the same to the
rest of the code: foreign keys are enforced, a write transaction is exclusive where it
must be, a lost connection is found out before it is used.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    create_engine,
    delete,
    event,
    or_,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from rota.errors import Conflict, RuleBreach, Unavailable
from rota.models import AuditEvent, CareHome, KeptFigure, utc_now
from rota.settings import get_settings

if TYPE_CHECKING:
    from rota.access.actor import Actor

log = structlog.get_logger(__name__)

#: a statement that takes longer is stopped, so that one bad query cannot hold every worker;
#: behind a page nobody waits that long
STATEMENT_TIMEOUT_MS = 15_000
WEB_STATEMENT_TIMEOUT_MS = 6_000
#: uses of a statement on a connection until PostgreSQL keeps its plan (psycopg's own number)
PREPARE_AFTER = 5
#: how long a SQLite writer waits for another
SQLITE_BUSY_TIMEOUT_MS = 10_000
#: the name of the database's own guard against one person in two places
OVERLAP_GUARD = "shift_overlap"


def make_engine(url: str, statement_timeout_ms: int | None = None) -> Engine:
    """Create an engine for ``url`` with the settings both databases need."""
    if url.startswith("sqlite"):
        engine = _sqlite_engine(url)
    else:
        engine = _postgres_engine(url, statement_timeout_ms or _statement_timeout_ms)
    _log_slow_statements(engine)
    return engine


def _postgres_engine(url: str, statement_timeout_ms: int) -> Engine:
    from rota.patient_connection import make_patient  # SQLite needs no driver of PostgreSQL

    engine = create_engine(
        url,
        hide_parameters=True,  # an error must not carry a person's data into a log
        pool_size=8,
        max_overflow=8,
        pool_timeout=8,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": 3,
            # a statement prepared on a connection that was lent is not on the next one
            "prepare_threshold": None if get_settings().database_pooler else PREPARE_AFTER,
            "options": f"-c statement_timeout={statement_timeout_ms} -c timezone=UTC",
        },
    )
    make_patient(engine, statement_timeout_ms / 1000)
    return engine


def _sqlite_engine(url: str) -> Engine:
    path = url.removeprefix("sqlite:///")
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_MS / 1000}
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        # SQLAlchemy's own BEGIN below, not the driver's late one: a read then a write in
        # one transaction must not fail half-way because another writer came first.
        connection.isolation_level = None
        for pragma in (
            "foreign_keys=ON",
            "journal_mode=WAL",
            "synchronous=FULL",  # what was acknowledged survives a power cut
            f"busy_timeout={SQLITE_BUSY_TIMEOUT_MS}",
            "cache_size=-65536",
            "mmap_size=268435456",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("rota_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _log_slow_statements(engine: Engine) -> None:
    """Log statements over ``SLOW_QUERY_MS``: their text (values are bound, not in it), not values."""

    @event.listens_for(engine, "before_cursor_execute")
    def _begin_statement(
        connection: Any, _c: Any, _statement: str, _p: Any, _context: Any, _many: bool
    ) -> None:
        connection.info["rota_began"] = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def _end_statement(
        connection: Any, _c: Any, statement: str, _p: Any, _context: Any, _many: bool
    ) -> None:
        began = connection.info.pop("rota_began", None)
        limit = get_settings().slow_query_ms
        if began is None or not limit:
            return
        taken = (time.perf_counter() - began) * 1000
        if taken >= limit:
            log.warning("slow query", ms=round(taken), statement=" ".join(statement.split())[:600])


def unhurried(connection: Connection) -> None:
    """Let the statements of this transaction take the time they need.

    For migrations and bulk loads, which nobody waits for at a screen: what the limits of pages
    would stop after seconds is a third of a million rows under a new constraint.
    """
    if connection.dialect.name != "postgresql":
        return
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    driver: Any = connection.connection.driver_connection
    driver.patience = None  # the pool gives it back when the connection is next lent


_engine: Engine | None = None
_statement_timeout_ms = STATEMENT_TIMEOUT_MS


def serve_pages() -> None:
    """This process answers people: its statements are stopped sooner. Before first use."""
    global _statement_timeout_ms
    _statement_timeout_ms = WEB_STATEMENT_TIMEOUT_MS


def get_engine() -> Engine:
    """The engine of this process, made from the settings on first use."""
    global _engine
    if _engine is None:
        _engine = make_engine(get_settings().resolved_database_url)
    return _engine


def use_engine(engine: Engine | None) -> None:
    """Make this process use another engine (null: the settings' one again)."""
    global _engine
    _engine = engine


def _session(engine: Engine) -> Session:
    return Session(engine, expire_on_commit=False)


@contextmanager
def reading(engine: Engine | None = None) -> Iterator[Session]:
    """A session for queries; whatever it did is rolled back at the end."""
    try:
        with closing(_session(engine or get_engine())) as session:
            yield session
    except OperationalError as error:  # closing too asks the database, to roll back
        raise _unavailable(error) from error


@contextmanager
def glancing(engine: Engine | None = None) -> Iterator[Connection]:
    """A connection for one statement of reading on the way of every request: no transaction is
    begun or ended around it, which saves PostgreSQL two round trips, and no session is made."""
    try:
        with _glancing_engine(engine or get_engine()).connect() as connection:
            yield connection
    except OperationalError as error:
        raise _unavailable(error) from error


@lru_cache(maxsize=1)
def _glancing_engine(engine: Engine) -> Engine:
    """``engine`` without transactions (same pool); making it takes longer than using it."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")


class UnitOfWork:
    """One transaction of one actor. Leaving without :meth:`commit` rolls back.

    >>> with UnitOfWork(actor) as uow:          # doctest: +SKIP
    ...     roster.assign_shift(uow, command)
    ...     uow.commit()
    """

    session: Session

    def __init__(self, actor: Actor, *, source: str = "", engine: Engine | None = None) -> None:
        self.actor = actor
        #: where the request came from (an address, ``command line``, ``job``), for the audit
        self.source = source
        self._engine = engine or get_engine()
        #: days whose shifts changed, by home; null: nobody said which
        self._touched: dict[int, set[date] | None] = {}
        self._touched_all = False

    def __enter__(self) -> UnitOfWork:
        self.session = _session(self._engine.execution_options(rota_writes=True))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # closing rolls back what was not committed, and leaves loaded values readable
        try:
            self.session.close()
        except OperationalError as lost:
            raise translate(lost) from (error or lost)
        if isinstance(error, StaleDataError | IntegrityError | OperationalError):
            raise translate(error) from error

    def touch(self, home_id: int | None, days: Iterable[date] | None = None) -> None:
        """Say that what screens of this home show has changed; null: of no home in particular
        (a limit for everybody, somebody on the bank), so any home's screens may show it.

        ``days`` are those whose shifts changed, when it is nothing else: the kept figures of
        other months stay. Whoever does not know them leaves them out.
        """
        if home_id is None:
            self._touched_all = True
            return
        known = self._touched.setdefault(home_id, set())
        if days is None:
            self._touched[home_id] = None
        elif known is not None:
            known.update(days)

    def audit(
        self,
        action: str,
        entity: str,
        entity_id: object = "",
        *,
        home_id: int | None = None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        """Add an audit line to this transaction."""
        self.session.add(
            AuditEvent(
                at=utc_now(),
                user_id=self.actor.user_id,
                actor=self.actor.name,
                source=self.source,
                action=action,
                entity=entity,
                entity_id=str(entity_id),
                home_id=home_id,
                before=before,
                after=after,
                reason=reason,
            )
        )

    def commit(self) -> None:
        """Write everything, with the data version of every touched home, or nothing.

        Raises :class:`Conflict` when somebody was faster, :class:`RuleBreach` when the
        database's own guard refused an overlapping shift.
        """
        try:
            self.session.flush()
            if self._touched or self._touched_all:
                which = () if self._touched_all else (CareHome.id.in_(sorted(self._touched)),)
                self.session.execute(
                    update(CareHome)
                    .where(*which)
                    .values(data_version=CareHome.data_version + 1)
                    .execution_options(synchronize_session=False)
                )
                self._forget_figures()
            self.session.commit()
        except (StaleDataError, IntegrityError, OperationalError) as error:
            self.session.rollback()
            raise translate(error) from error
        self._touched.clear()
        self._touched_all = False

    def _forget_figures(self) -> None:
        """Take away the kept figures that may differ now; after the version is raised, whose
        row is the lock under which figures are kept."""
        if self._touched_all:
            self.session.execute(delete(KeptFigure))
            return
        whole = sorted(home_id for home_id, days in self._touched.items() if days is None)
        months = sorted(
            {(i, day.replace(day=1)) for i, days in self._touched.items() for day in days or ()}
        )
        stale: list[ColumnElement[bool]] = []
        if whole:
            stale.append(KeptFigure.home_id.in_(whole))
        stale += [and_(KeptFigure.home_id == i, KeptFigure.month == first) for i, first in months]
        if stale:
            self.session.execute(
                delete(KeptFigure).where(or_(*stale)).execution_options(synchronize_session=False)
            )


def translate(error: StaleDataError | IntegrityError | OperationalError) -> Exception:
    """Say a database error in the words of the house."""
    if isinstance(error, StaleDataError):
        return Conflict(
            "Somebody else changed this in the meantime.",
            hint="Look at the current state and try again.",
        )
    if isinstance(error, IntegrityError):
        if OVERLAP_GUARD in str(error.orig):
            return RuleBreach(
                "Double booking: this person already has a shift at that time.",
                hint="Move or clear the other shift first.",
            )
        return Conflict("This contradicts something already stored; nothing was saved.")
    return _unavailable(error)


#: PostgreSQL's and SQLite's ways to say that the disk is full
_DISK_FULL = ("53100", "SQLITE_FULL")


def _unavailable(error: OperationalError) -> Unavailable:
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    if code in _DISK_FULL:
        log.error("the disk of the database is full")
        return Unavailable(
            "There is no room left on the database's disk; nothing was saved.",
            hint="What was saved before is safe. An administrator has to make room.",
        )
    return Unavailable(
        "The database does not answer just now; nothing was saved.",
        hint="Try again in a moment.",
    )


def is_alive(engine: Engine | None = None) -> bool:
    """Whether the database answers."""
    try:
        with (engine or get_engine()).connect() as connection:
            connection.execute(text("SELECT 1"))
    except Exception:  # whatever it was, the answer is no
        return False
    return True
