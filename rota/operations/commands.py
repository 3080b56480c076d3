"""``python -m rota migrate``, ``showmigrations`` and ``check-data``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TextIO

import click
from alembic.util.exc import CommandError

from rota.access.service import installation_actor
from rota.calendar import london_today
from rota.database import UnitOfWork, get_engine, reading
from rota.errors import InvalidInput, RotaError
from rota.migrations import current_revision, history, require_current, upgrade
from rota.operations.data_checks import CheckResult, Severity, run_checks
from rota.operations.functional_test import PAGES, functional_test, pages_tried
from rota.operations.indexes import apply_performance_indexes
from rota.operations.load_accounts import make_load_accounts, remove_load_accounts
from rota.operations.load_test import (
    ACCEPTED_AVERAGE,
    ACCEPTED_ERRORS,
    ACCEPTED_P95,
    quick_load_test,
)


@click.command("migrate")
@click.argument("revision", default="head")
def migrate_command(revision: str) -> None:
    """Bring the database up to REVISION (the newest unless named)."""
    engine = get_engine()
    before = current_revision(engine)
    try:
        upgrade(engine, revision)
    except CommandError as error:
        raise InvalidInput(f"Cannot migrate to {revision}: {error}.") from None
    after = current_revision(engine)
    if before == after:
        click.echo(f"Nothing to do: the database stands at {after}.")
    else:
        click.echo(f"Migrated from {before or 'an empty database'} to {after}.")


@click.command("showmigrations")
def showmigrations_command() -> None:
    """List every migration and whether it has been applied."""
    for revision, subject, is_applied in history(get_engine()):
        click.echo(f"[{'X' if is_applied else ' '}] {revision}  {subject}")


@click.command("check-data")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check_data_command(as_json: bool) -> None:
    """Check that what the database holds makes sense; exit code 1 when it does not."""
    require_current(get_engine())
    with reading() as session:
        results = run_checks(session, london_today())
    if as_json:
        click.echo(json.dumps([asdict(result) for result in results], indent=1))
    else:
        _print(results)
    errors = sum(result.count for result in results if result.severity is Severity.ERROR)
    if errors:
        raise RotaError(f"{errors} errors in the data.", hint="Each is listed above.")


@click.command("apply-indexes")
def apply_indexes_command() -> None:
    """Put back those of the plan's indexes that are missing."""
    require_current(get_engine())
    created = apply_performance_indexes()
    click.echo(f"Created: {', '.join(created)}." if created else "Every index is there.")


@click.command("load-test")
@click.option("--quick", is_flag=True, help="Twenty people for ten seconds (the default).")
@click.option("--url", default="http://127.0.0.1:8050", show_default=True, help="The site.")
@click.option("--users", default=20, show_default=True, type=click.IntRange(1, 500))
@click.option("--seconds", default=10.0, show_default=True, type=click.FloatRange(1, 600))
@click.option("--sap-number", default="", help="Log in and open the pages behind the login.")
@click.option("--password-file", type=click.File(), help="Its password (- is standard input).")
@click.option("--cookie", default="", help="name=value to send along: preview of a closed site.")
@click.option("--authority", default="", help="Certificate of a private authority.")
def load_test_command(
    quick: bool, url: str, users: int, seconds: float, sap_number: str,
    password_file: TextIO | None, cookie: str, authority: str,
) -> None:  # fmt: skip
    """Let people open pages and print how long it took; exit code 1 when it is too slow.

    The thorough one, with logins and Dash's own protocol, is deploy/loadtest.
    """
    password = password_file.read().strip() if password_file else ""
    if sap_number and not password:
        raise InvalidInput("--password-file names the file with the account's password.")
    found = quick_load_test(
        url.rstrip("/"), users=users, seconds=seconds, sap_number=sap_number, password=password,
        cookie=cookie, authority=authority,
    )  # fmt: skip
    share = found.errors / found.requests
    click.echo(f"{found.requests} requests by {users} people, {found.per_second:.1f} a second")
    for name, value, limit in (
        ("average", found.average, ACCEPTED_AVERAGE),
        ("p95", found.p95, ACCEPTED_P95),
        ("p99", found.p99, None),
    ):
        wanted = f"  (accepted below {limit * 1000:.0f} ms)" if limit else ""
        click.echo(f"{name:8}{value * 1000:9.1f} ms{wanted}")
    click.echo(f"{'errors':8}{share:9.2%}     (accepted below {ACCEPTED_ERRORS:.0%})")
    if not found.accepted:
        raise RotaError("Slower, or with more errors, than accepted.")
    click.echo(
        f"Accepted: average {found.average * 1000:.0f} ms, p95 {found.p95 * 1000:.0f} ms, "
        f"p99 {found.p99 * 1000:.0f} ms, errors {share:.2%}."
    )


@click.command("load-accounts")
@click.argument("count", type=click.IntRange(0, 5000))
def load_accounts_command(count: int) -> None:
    """Make COUNT accounts for deploy/loadtest and print them; 0 deactivates them all.

    Not on a site that is used in earnest: whoever reads the output can log in.
    """
    require_current(get_engine())
    with reading() as session:
        actor = installation_actor(session, "Command line")
    with UnitOfWork(actor, source="command line") as uow:
        made = make_load_accounts(uow, count) if count else []
        if not count:
            remove_load_accounts(uow)
        uow.commit()
    for account in made:
        click.echo(f"{account.sap_number}\t{account.password}\t{account.kind}")


@click.command("functional-test")
@click.option("--url", default="http://127.0.0.1:8050", show_default=True, help="The site.")
@click.option("--cookie", default="", help="name=value to send along: preview of a closed site.")
@click.option("--authority", default="", help="Certificate of a private authority.")
def functional_test_command(url: str, cookie: str, authority: str) -> None:
    """Log in as every role on the running site and open what it works with.

    Makes an account of each role for the test and deactivates it.
    """
    require_current(get_engine())
    findings = functional_test(url.rstrip("/"), cookie=cookie, authority=authority)
    for finding in findings:
        click.echo(str(finding))
    if findings:
        raise RotaError(f"{len(findings)} of {pages_tried()} pages are not as they should be.")
    click.echo(f"{pages_tried()} pages tried by {len(PAGES)} roles, all as they should be.")


def _print(results: list[CheckResult]) -> None:
    for result in results:
        if not result.count:
            continue
        click.echo(
            f"{result.severity.value.upper():8}{result.count:>8}  {result.code}: {result.title}"
        )
        more = result.count - len(result.examples)
        click.echo(f"{'':18}{', '.join(result.examples)}" + (f" … and {more} more" if more else ""))
    clean = sum(1 for result in results if not result.count)
    click.echo(f"{clean} of {len(results)} checks found nothing.")
