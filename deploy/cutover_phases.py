"""The migration day, phase by phase (see ``deploy/cutover``)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from deploy import archive, install_steps
from deploy.environment import problems_of_file
from deploy.grade import Site, grade
from deploy.layout import Layout
from deploy.phases import Journal, Phase
from deploy.release import current_tag, forget_old, make_release, put_live
from deploy.services import Services, SiteClient
from deploy.steps import StepFailed


@dataclass(slots=True)
class Cutover:
    """What the day needs to know."""

    layout: Layout
    source: Path
    tag: str
    files: tuple[Path, ...]
    client: SiteClient
    services: Services
    journal: Journal
    #: days of history to learn from
    days: int = 365
    load_users: int = 20
    load_seconds: float = 10.0
    #: a virtual environment to use instead of making one (rehearsals)
    environment: Path | None = None
    #: whether ``production.env`` must please the checker (a rehearsal's may not)
    strict: bool = True
    worker: bool = True
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def release(self) -> Path:
        """The new release's folder."""
        return self.layout.releases / self.tag

    # -- helpers -------------------------------------------------------------------------

    def rota(self, *arguments: str, may_fail: bool = False) -> str:
        """``python -m rota`` of the new release; gives its output. Its progress (standard
        error) goes to whoever watches. Raises :class:`StepFailed`."""
        program = [
            str(self.release / ".venv" / "bin" / "python"),
            str(self.release / "deploy" / "run_rota.py"), str(self.layout.root),
        ]  # fmt: skip
        done = subprocess.run(
            [*program, *arguments], capture_output=True, text=True,
            env={**os.environ, **self.extra},
        )  # fmt: skip
        if done.stderr:
            sys.stderr.write(done.stderr)
        if done.returncode and not may_fail:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise StepFailed(
                f"python -m rota {arguments[0]}: {said[-1] if said else done.returncode}"
            )
        return done.stdout

    def last_line(self, *arguments: str, may_fail: bool = False) -> str:
        """As :meth:`rota`, its last line."""
        lines = self.rota(*arguments, may_fail=may_fail).strip().splitlines()
        return lines[-1] if lines else ""

    # -- phases ----------------------------------------------------------------------------

    def check(self) -> str:
        """Nothing is touched before the configuration is right and the files are there."""
        problems = problems_of_file(self.layout.environment_file, owner=os.geteuid())
        if problems and self.strict:
            raise StepFailed("; ".join(problems))
        missing = [str(path) for path in self.files if not path.is_file()]
        if missing:
            raise StepFailed(f"not there: {', '.join(missing)}")
        return f"{len(self.files)} files to import; serving now: {current_tag(self.layout) or 'nothing'}"

    def prepare(self) -> str:
        """The release with its packages, beside the one that serves."""
        make_release(self.layout, self.source, self.tag, self.environment)
        return f"{self.tag} is built"

    def close(self) -> str:
        """From here on nobody writes."""
        self.layout.maintenance_switch.touch()
        self.services.stop()
        return "the site is closed"

    def backup(self) -> str:
        """After closing, so that it holds the last thing that anybody saved."""
        source = archive.Source.of(self.layout)
        if not source.database.exists():
            self.journal.remember(backup="")
            return "there is no database yet"
        folder = archive.make_backup(source, self.journal.say)
        self.journal.remember(backup=folder.name)
        return folder.name

    def database(self) -> str:
        """Roles, database, extensions."""
        database = archive.database_of(self.layout)
        step = install_steps.database_step(self.layout, database.named("postgres"))
        changes = step.pending()
        if changes and self.strict:
            step.apply()
        version = database.value("SHOW server_version", name="postgres")
        return f"PostgreSQL {version}; {'; '.join(changes) or 'as it should be'}"

    def migrate(self) -> str:
        """The newest migration, as the owner of the tables."""
        return self.last_line("--as-owner", "migrate")

    def load(self) -> str:
        """Import, then import again: nothing may be left to create or to change, which says
        that every record of the files is in the database as the files have it."""
        if not self.files:
            return "nothing to import"
        names = [str(path) for path in self.files]
        first = json.loads(self.rota("--as-owner", "import", "--json", *names))
        second = json.loads(self.rota("--as-owner", "import", "--json", *names))
        left = {kind: n for part in ("created", "updated") for kind, n in second[part].items() if n}
        if left:
            raise StepFailed(f"a second import still changes something: {left}")
        for kind, count in first["after"].items():
            self.journal.say(f"      {kind:24}{first['before'][kind]:>9} → {count:>9}")
        self.rota("check-data")
        return f"{first['records']} records, {first['warnings']} warnings; a second import changes nothing"

    def indexes(self) -> str:
        """Every index of the plan."""
        return self.last_line("--as-owner", "apply-indexes")

    def tag_live(self) -> str:
        """One move of one link."""
        self.journal.remember(before=self.journal.facts.get("before", current_tag(self.layout)))
        put_live(self.layout, self.tag)
        return f"{self.journal.facts['before'] or 'nothing'} → {self.tag}"

    def static(self) -> str:
        """Every file of ``assets`` must be readable by nginx."""
        files = [path for path in (self.layout.current / "assets").rglob("*") if path.is_file()]
        unreadable = [path.name for path in files if not path.stat().st_mode & 0o004]
        if unreadable or not files:
            raise StepFailed(f"nginx cannot read: {', '.join(unreadable) or 'there is nothing'}")
        return f"{len(files)} files, {sum(path.stat().st_size for path in files) // 1024} kB"

    def start(self) -> str:
        """Web, worker and schedule on the new release."""
        self.services.start()
        state = self.client.wait_ready(worker=self.worker)
        return ", ".join(f"{part} {state[part]}" for part in ("database", "cache", "worker"))

    def train(self) -> str:
        """With a bar; a unit that fails keeps its last good model and is named."""
        return self.last_line("train", "--days", str(self.days), may_fail=True)

    def validate(self) -> str:
        """Findings are for people to judge: they do not stop the day."""
        output = self.rota("validate-models", may_fail=True)
        for line in output.splitlines()[:-1]:
            if "in order" not in line:
                self.journal.say(f"      {line}")
        return output.strip().splitlines()[-1]

    def warm(self) -> str:
        """Forecasts of the coming month."""
        return self.last_line("warm-cache", "--days", "30", may_fail=True)

    def smoke(self) -> str:
        """Pages, files, headers and TLS through nginx."""
        for path, wanted in (
            ("/accounts/login/", 200),
            ("/static/tokens.css", 200),
            ("/_dash-layout", 401),
        ):
            status, body = self.client.get(path)
            if status != wanted:
                raise StepFailed(f"{path} answers {status} instead of {wanted}")
            if path.endswith("login/") and b"csrf_token" not in body:
                raise StepFailed("the login page is not ours")
        parts = urlsplit(self.client.address)
        authority = str(self.client.authority or "")
        report = grade(
            Site(parts.hostname or "", parts.port or 443, authority=authority), ("/health/",)
        )
        if report.faults and self.strict:
            raise StepFailed("; ".join(report.faults))
        return f"pages and files answer; TLS and headers: {report.grade}"

    def load_test(self) -> str:
        """Against the acceptance values of the plan."""
        return self.last_line(
            "load-test", "--quick", "--url", self.client.address, "--users", str(self.load_users),
            "--seconds", str(self.load_seconds), *self._look_in(),
        )  # fmt: skip

    def functional(self) -> str:
        """Log in as every role and open what it works with."""
        return self.last_line("functional-test", "--url", self.client.address, *self._look_in())

    def _look_in(self) -> list[str]:
        options = (
            ["--cookie", f"staff_rota_preview={self.client.preview}"] if self.client.preview else []
        )
        return options + (
            ["--authority", str(self.client.authority)] if self.client.authority else []
        )

    def accounts(self) -> str:
        """Invitations for the managers, once that command is there."""
        if "create-accounts" not in self.rota("--help"):
            return "no create-accounts command: python -m rota create-superuser"
        return self.last_line("create-accounts")

    def open(self) -> str:
        """Everybody is let in again."""
        self.layout.maintenance_switch.unlink(missing_ok=True)
        status, _ = SiteClient(self.client.address, authority=self.client.authority).get(
            "/accounts/login/"
        )
        if status != 200:
            raise StepFailed(f"the login page answers {status}")
        gone = forget_old(self.layout)
        return "the site is open" + (f"; forgot releases {', '.join(gone)}" if gone else "")


def phases(day: Cutover, skip: Sequence[str] = ()) -> list[Phase]:
    """The phases in their order."""
    table = [
        ("check", "Check configuration and files", day.check),
        ("release", "Build the release", day.prepare),
        ("maintenance", "Maintenance page", day.close),
        ("backup", "Pre-deploy backup", day.backup),
        ("database", "Database", day.database),
        ("migrate", "Migrate", day.migrate),
        ("import", "Import and verify counts", day.load),
        ("indexes", "Indexes", day.indexes),
        ("deploy", "Deploy the tag", day.tag_live),
        ("static", "Static files", day.static),
        ("services", "Services", day.start),
        ("train", "Train the models", day.train),
        ("validate", "Validate the models", day.validate),
        ("warm", "Warm caches", day.warm),
        ("smoke", "Smoke tests", day.smoke),
        ("load", "Load test", day.load_test),
        ("functional", "Functional tests", day.functional),
        ("accounts", "Accounts", day.accounts),
        ("open", "Open the site", day.open),
    ]
    return [Phase(name, title, do) for name, title, do in table if name not in skip]
