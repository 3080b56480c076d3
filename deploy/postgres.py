"""Talking to PostgreSQL with its own tools: statements, dumps, restores, and proof by hash."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

#: text of a row must not depend on who asks
_STABLE = "-c datestyle=ISO,YMD -c timezone=UTC -c extra_float_digits=3 -c statement_timeout=0"
_TOOLS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))


class DatabaseProblem(Exception):
    """One of PostgreSQL's tools said no; the message is what it said."""


@dataclass(frozen=True, slots=True)
class TableHash:
    """How many rows a table has, and a number that any other content would change."""

    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class Database:
    """One database of a server, reached by an address, or (null) as the local postgres user."""

    name: str
    url: str | None = None

    def named(self, name: str) -> Database:
        """Another database of the same server."""
        return Database(name, self.url)

    # -- running tools -----------------------------------------------------------------

    def _command(
        self, tool: str, arguments: Sequence[str], *, name: str | None = None
    ) -> list[str]:
        program = tool
        if _TOOLS and (_TOOLS[-1] / tool).exists():
            program = str(_TOOLS[-1] / tool)
        target = ["--dbname", self._target(name or self.name)]
        if self.url is None and os.geteuid() == 0:
            as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
            return [*as_postgres, program, *target, *arguments]
        return [program, *target, *arguments]

    def _target(self, name: str) -> str:
        if self.url is None:
            return name
        parts = urlsplit(self.url)
        user = quote(unquote(parts.username or ""), safe="")
        host = parts.netloc.rpartition("@")[2]
        netloc = f"{user}@{host}" if user else host
        return urlunsplit(("postgresql", netloc, f"/{name}", parts.query, ""))

    def _environment(self) -> dict[str, str]:
        # the password goes by the environment: a command line is for everybody to read
        password = unquote(urlsplit(self.url).password or "") if self.url else ""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        more = {"PGPASSWORD": password} if password else {}
        return {**clean, **more, "PGOPTIONS": _STABLE, "PGCONNECT_TIMEOUT": "10"}

    def run(self, tool: str, arguments: Sequence[str], *, name: str | None = None) -> str:
        """Run a tool against this database; gives its output. Raises :class:`DatabaseProblem`."""
        done = subprocess.run(
            self._command(tool, arguments, name=name),
            env=self._environment(), capture_output=True, text=True, cwd="/",
        )  # fmt: skip
        if done.returncode:
            raise DatabaseProblem(f"{tool}: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def sql(self, statement: str, *, name: str | None = None) -> list[list[str]]:
        """Run statements; gives the rows of the last as lists of text."""
        options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t",
                   "--set=ON_ERROR_STOP=1", "--command", statement]  # fmt: skip
        output = self.run("psql", options, name=name)
        return [line.split("\t") for line in output.splitlines() if line]

    def value(self, statement: str, *, name: str | None = None) -> str | None:
        """The first column of the first row, or null."""
        rows = self.sql(statement, name=name)
        return rows[0][0] if rows else None

    def exists(self) -> bool:
        """Whether the server has a database of this name."""
        found = self.value(
            f"SELECT 1 FROM pg_database WHERE datname = {literal(self.name)}", name="postgres"
        )
        return found is not None

    def create(self, *, owner: str | None = None) -> None:
        """Create it, empty."""
        belongs = f" OWNER {identifier(owner)}" if owner else ""
        self.sql(f"CREATE DATABASE {identifier(self.name)}{belongs} TEMPLATE template0 "
                 "ENCODING 'UTF8'", name="postgres")  # fmt: skip

    def drop(self) -> None:
        """Drop it, whoever is connected."""
        self.sql(f"DROP DATABASE IF EXISTS {identifier(self.name)} WITH (FORCE)", name="postgres")

    # -- dumps -------------------------------------------------------------------------

    @contextmanager
    def snapshot(self) -> Iterator[tuple[str, Hasher]]:
        """One moment of the database, held open: its name for ``pg_dump --snapshot``, and a
        hasher that sees exactly that moment while others go on writing."""
        arguments = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
                     "--field-separator=\t", "--set=ON_ERROR_STOP=1"]  # fmt: skip
        process = subprocess.Popen(
            self._command("psql", arguments), env=self._environment(), text=True, cwd="/",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            hasher = Hasher(process)
            hasher.ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield hasher.ask("SELECT pg_export_snapshot()")[0], hasher
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(timeout=30)
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()

    def dump(self, target: Path, snapshot: str | None = None) -> None:
        """``pg_dump -Fc`` into ``target``."""
        options = ["--format=custom", "--compress=6", "--no-owner"]
        if snapshot:
            options.append(f"--snapshot={snapshot}")
        with target.open("wb") as file:
            done = subprocess.run(
                self._command("pg_dump", options), env=self._environment(), stdout=file,
                stderr=subprocess.PIPE, cwd="/",
            )  # fmt: skip
        if done.returncode:
            raise DatabaseProblem(f"pg_dump: {done.stderr.decode().strip()[-2000:]}")

    def restore(self, dump: Path, *, role: str | None = None) -> None:
        """``pg_restore`` a dump into this (empty) database, as ``role``'s property.

        The file is handed over open, so that it can stay unreadable to everybody else.
        """
        options = ["--no-owner", "--exit-on-error", *([f"--role={role}"] if role else [])]
        with dump.open("rb") as file:
            done = subprocess.run(
                self._command("pg_restore", options), env=self._environment(), stdin=file,
                capture_output=True, cwd="/",
            )  # fmt: skip
        if done.returncode:
            raise DatabaseProblem(f"pg_restore: {done.stderr.decode().strip()[-2000:]}")

    def hashes(self) -> dict[str, TableHash]:
        """Every table's rows and hash, now."""
        with self.snapshot() as (_, hasher):
            return hasher.hashes()


class Hasher:
    """A psql that holds a transaction open and is asked one thing after another."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, statement: str) -> list[str]:
        """The lines that a statement gives."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(f"{statement};\n\\echo .end.\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the error is on its standard error
        lines = []
        for line in self._process.stdout:
            if line == ".end.\n":
                return lines
            lines.append(line.rstrip("\n"))
        error = self._process.stderr.read() if self._process.stderr else ""
        raise DatabaseProblem(f"psql: {error.strip()[-2000:]}")

    def hashes(self) -> dict[str, TableHash]:
        """Rows and hash of every table. The order of rows does not matter: 120 bits of each
        row's MD5 are summed, so that no table has to be sorted."""
        tables = self.ask(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
        )
        found = {}
        for table in tables:
            row = self.ask(
                f"SELECT count(*), coalesce(sum(('x' || substr(h, 1, 15))::bit(60)::bigint), 0), "
                f"coalesce(sum(('x' || substr(h, 16, 15))::bit(60)::bigint), 0) "
                f"FROM (SELECT md5(t::text) AS h FROM {table} t) each"
            )[0].split("\t")
            found[table] = TableHash(int(row[0]), f"{row[1]}-{row[2]}")
        return found

    def rows(self, table: str) -> dict[str, str]:
        """The hash of each row of a table with the row as JSON."""
        lines = self.ask(f"SELECT md5(t::text), row_to_json(t) FROM {table} t")
        return dict(line.split("\t", 1) for line in lines)


def differences(expected: dict[str, TableHash], found: dict[str, TableHash]) -> list[str]:
    """What differs between two sets of hashes, in words; empty when nothing does."""
    words = []
    for table in sorted(expected.keys() | found.keys()):
        before, after = expected.get(table), found.get(table)
        if before == after:
            continue
        if before is None or after is None:
            words.append(f"{table}: {'not expected' if before is None else 'missing'}")
        elif before.rows != after.rows:
            words.append(f"{table}: {after.rows} rows instead of {before.rows}")
        else:
            words.append(f"{table}: {after.rows} rows with other content")
    return words


def hashes_as_json(hashes: dict[str, TableHash]) -> dict[str, list[object]]:
    """For a manifest."""
    return {table: [value.rows, value.hash] for table, value in hashes.items()}


def hashes_from_json(value: dict[str, list[object]]) -> dict[str, TableHash]:
    """The opposite of :func:`hashes_as_json`."""
    return {table: TableHash(int(str(rows)), str(text)) for table, (rows, text) in value.items()}


def changed_rows(before: Hasher, after: Hasher, table: str) -> Iterator[tuple[str, str]]:
    """``(what, row as JSON)`` for rows of ``table`` that are only in one of two moments.

    ``written`` rows are new or changed, ``gone`` ones deleted or the earlier form of a change.
    """
    old, new = before.rows(table), after.rows(table)
    for key in new.keys() - old.keys():
        yield "written", new[key]
    for key in old.keys() - new.keys():
        yield "gone", old[key]


def identifier(name: str) -> str:
    """A name, quoted."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text, quoted."""
    return "'" + text.replace("'", "''") + "'"
