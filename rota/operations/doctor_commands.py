"""``python -m rota doctor`` and ``access-report``."""

from __future__ import annotations

import click

from rota.access.report import access_report
from rota.access.service import installation_actor
from rota.database import get_engine, reading
from rota.migrations import require_current
from rota.operations.doctor import Verdict, examine

_MARKS = {Verdict.OK: "ok  ", Verdict.WARN: "warn", Verdict.FAIL: "FAIL"}


@click.command("doctor")
@click.option("--url", default="", help="The site's address, to look at it from outside too.")
@click.pass_context
def doctor_command(ctx: click.Context, url: str) -> None:
    """Check settings, database, cache, worker, mail, backups, accounts and the site.

    Each line is ok, warn or FAIL, with what to do. Leaves with 1 when something failed.
    """
    failed = warned = 0
    for one in examine(url=url):
        click.echo(f"{_MARKS[one.verdict]}  {one.what}: {one.found}")
        if one.todo:
            click.echo(f"      {one.todo}")
        failed += one.verdict is Verdict.FAIL
        warned += one.verdict is Verdict.WARN
    click.echo(f"{failed} failed, {warned} warnings.")
    if failed:
        ctx.exit(1)


@click.command("access-report")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 365))
def access_report_command(days: int) -> None:
    """Failed logins by address and account, and refused requests, of the last days."""
    require_current(get_engine())
    with reading() as session:
        report = access_report(session, installation_actor(session), days=days)
    click.echo(f"Addresses with failed logins, last {days} days:")
    for line in report.addresses:
        click.echo(
            f"  {line.address:<40} {line.failed:>6} failed ({line.names} names), "
            f"{line.succeeded} got in, last {line.last_at:%d %b %H:%M} UTC"
        )
    click.echo("Accounts:")
    for account in report.accounts:
        click.echo(
            f"  {account.sap_number:<12} {account.failed:>6}  last {account.last_at:%d %b %H:%M}"
        )
    click.echo("Refused:")
    for refusal in report.refusals:
        click.echo(f"  {refusal.at:%d %b %H:%M}  {refusal.actor}  {refusal.wanted}")
