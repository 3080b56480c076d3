"""What is asked of a report, and what every report says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, UnitChoice, choose_unit
from rota.calendar import LONDON, Period, period_text
from rota.errors import InvalidInput

#: no list of a report is longer than this; a longer one says so
MOST_ROWS = 100_000
LONGEST_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """Homes (already the actor's own), a period, and perhaps one unit of the one home."""

    homes: tuple[HomeChoice, ...]
    period: Period
    made_at: datetime
    unit_id: int | None = None

    def __post_init__(self) -> None:
        if not self.homes:
            raise InvalidInput("A report needs a home.", hint="Choose one of your homes.")
        if self.period.days > LONGEST_DAYS:
            raise InvalidInput("A report covers three years at most.", hint="Shorten the period.")
        if self.unit_id is not None:
            if len(self.homes) != 1:
                raise InvalidInput("Choose the home of the unit too.")
            choose_unit(self.homes[0], self.unit_id)

    def check(self, actor: Actor, permission: Permission) -> None:
        """Raise :class:`~rota.errors.NotAllowed` unless the actor may, for every home."""
        actor.require(permission)
        for home in self.homes:
            actor.require(permission, home.id)

    @property
    def home_ids(self) -> list[int]:
        """The homes by id."""
        return sorted(home.id for home in self.homes)

    @property
    def units(self) -> dict[int, UnitChoice]:
        """The units that are reported on, by id, in the order of homes and names."""
        return {
            unit.id: unit
            for home in self.homes
            for unit in home.units
            if self.unit_id in (None, unit.id)
        }

    @property
    def place(self) -> str:
        """Home and unit in words."""
        home = self.homes[0].name if len(self.homes) == 1 else f"{len(self.homes)} homes"
        if self.unit_id is None:
            return home
        return f"{home}, {self.units[self.unit_id].name}"

    def facts(self, actor: Actor, **filters: str) -> tuple[tuple[str, str], ...]:
        """Home, period, filters, data version, time and person, for the cover of a file."""
        versions = ", ".join(f"{home.name} {home.data_version}" for home in self.homes)
        made = self.made_at.astimezone(LONDON)
        return (
            ("Home", self.place),
            ("Period", period_text(self.period)),
            *((name, text) for name, text in filters.items() if text),
            ("Data version", versions),
            ("Made", f"{made:%d/%m/%Y %H:%M} by {actor.name}"),
        )

    def file_name(self, subject: str) -> str:
        """``costs-orchard-grove-2026-03-01-2026-03-31``."""
        place = self.homes[0].name if len(self.homes) == 1 else "all-homes"
        words = "".join(c if c.isalnum() else "-" for c in place.lower())
        return f"{subject}-{words}-{self.period.start}-{self.period.end}".replace("--", "-")


def week_beginning(day: date) -> Period:
    """Seven days from a day on."""
    return Period(day, day + timedelta(days=6))
