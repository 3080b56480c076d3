"""``python -m rota …``: the use cases without a screen.

Every room declares its own commands in ``rota/<room>/commands.py``; this module only
knows their names, so that ``--help`` is instant and a command loads nothing but what it
uses. A :class:`~rota.errors.RotaError` is one line on standard error; bad input exits
with 2, anything else that failed with 1.
"""

from __future__ import annotations

import importlib
import sys
from typing import cast

import click

from rota.errors import InvalidInput, RotaError
from rota.logs import configure_logging

#: command name -> (module, attribute, one line for ``--help``)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "apply-indexes": (
        "rota.operations.commands",
        "apply_indexes_command",
        "Put back missing indexes of the plan",
    ),
    "check-data": (
        "rota.operations.commands",
        "check_data_command",
        "Check that what the database holds makes sense",
    ),
    "create-accounts": (
        "rota.access.commands",
        "create_accounts_command",
        "Make accounts from staff records and invite their owners",
    ),
    "create-superuser": (
        "rota.access.commands",
        "create_superuser_command",
        "Create an administrator of every home",
    ),
    "demo": ("rota.demo.commands", "demo", "Create the invented organisation"),
    "access-report": (
        "rota.operations.doctor_commands",
        "access_report_command",
        "Failed logins and refused requests of the last days",
    ),
    "doctor": (
        "rota.operations.doctor_commands",
        "doctor_command",
        "Check a running installation end to end",
    ),
    "erase-leaver": (
        "rota.administration.commands",
        "erase_leaver_command",
        "Erase what need not be kept of somebody who has left",
    ),
    "subject-access": (
        "rota.administration.commands",
        "subject_access_command",
        "Write everything stored about a person to a file",
    ),
    "export": (
        "rota.exchange.commands",
        "export_command",
        "Write everything in the old system's format",
    ),
    "functional-test": (
        "rota.operations.commands",
        "functional_test_command",
        "Log in as every role on the running site and open its pages",
    ),
    "import": (
        "rota.exchange.commands",
        "import_command",
        "Check and load the old system's files (Django dumpdata)",
    ),
    "leave-year": (
        "rota.leave.commands",
        "leave_year_command",
        "Grant and accrue leave for the year, where it is missing",
    ),
    "load-accounts": (
        "rota.operations.commands",
        "load_accounts_command",
        "Make accounts for the load test",
    ),
    "load-test": (
        "rota.operations.commands",
        "load_test_command",
        "Measure how the running site answers, against the acceptance values",
    ),
    "migrate": (
        "rota.operations.commands",
        "migrate_command",
        "Bring the database up to the newest migration",
    ),
    "optimise": (
        "rota.optimisation.home_commands",
        "optimise_command",
        "Optimise a period of a home into a scenario",
    ),
    "send-mail": (
        "rota.mail.commands",
        "send_mail_command",
        "Deliver the outbox once",
    ),
    "showmigrations": (
        "rota.operations.commands",
        "showmigrations_command",
        "List the migrations and which have been applied",
    ),
    "train": (
        "rota.forecasting.unit_commands",
        "train_command",
        "Train the forecast models of all care units",
    ),
    "forecast": (
        "rota.forecasting.unit_commands",
        "forecast_command",
        "Print the forecast of a unit",
    ),
    "load-census": (
        "rota.forecasting.unit_commands",
        "load_census_command",
        "Load residents by unit, day and dependency group",
    ),
    "load-events": (
        "rota.forecasting.unit_commands",
        "load_events_command",
        "Load school holidays and other dated events for forecasts",
    ),
    "validate-models": (
        "rota.forecasting.unit_commands",
        "validate_models_command",
        "Check that the forecast models are sound and recent",
    ),
    "warm-cache": (
        "rota.forecasting.unit_commands",
        "warm_cache_command",
        "Compute what is missing of every unit's forecast",
    ),
    "forecast-file": (
        "rota.forecasting.commands",
        "forecast_file",
        "Forecast every series of a CSV file, with bands and staffing levels",
    ),
    "backtest-file": (
        "rota.forecasting.commands",
        "backtest_file",
        "Judge forecasters on the past of every series of a CSV file",
    ),
    "prepare-solver": (
        "rota.optimisation.commands",
        "prepare_solver",
        "Compile the optimiser once after an installation",
    ),
    "solve-roster": (
        "rota.optimisation.commands",
        "solve_roster",
        "Solve a published roster benchmark file.",
    ),
}


class LazyGroup(click.Group):
    """A click group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        return cast(click.Command, getattr(importlib.import_module(module), attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, COMMANDS[name][2]) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Rostering for care homes: rota, forecasts, optimisation, import and export."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    configure_logging("WARNING")  # a command's own words say the rest
    try:
        cli.main(args=arguments, prog_name="python -m rota", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.Abort:
        click.echo("Stopped; nothing more was changed.", err=True)
        sys.exit(130)
    except click.ClickException as mistake:
        mistake.show()
        sys.exit(2)
    except InvalidInput as mistake:
        click.echo(f"Error: {mistake}", err=True)
        sys.exit(2)
    except RotaError as failure:
        click.echo(f"Error: {failure}", err=True)
        sys.exit(1)
