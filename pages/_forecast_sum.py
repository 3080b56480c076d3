"""A sum on the forecast screen: where it is chosen, what it is made of, and who trains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import dcc
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.state import ScreenState
from components.tables import simple_table
from pages._forecast_parts import PATH
from rota.access.actor import Actor
from rota.access.scope import HomeChoice, UnitChoice, choose_home, choose_unit
from rota.forecasting import queries
from rota.forecasting.screen import ForecastScreen, Part
from rota.forecasting.sum_screen import may_see_all
from rota.jobs import service as jobs


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a unit of a home, a whole home, or all homes (neither)."""

    home: HomeChoice | None
    unit: UnitChoice | None

    @property
    def words(self) -> str:
        """The place in words."""
        if self.home is None:
            return "All homes"
        return (
            f"{self.home.name}, {self.unit.name}" if self.unit else f"{self.home.name}, all units"
        )

    @property
    def has_residents(self) -> bool:
        """Whether there is anything to forecast."""
        if self.home is None or self.unit is not None:
            return True
        return any(not unit.is_management for unit in self.home.units)

    def placed(self, state: ScreenState, view: str) -> ScreenState:
        """The same address with what was chosen for it."""
        return state.to(
            home=self.home.id if self.home else None,
            unit=self.unit.id if self.unit else None,
            view=view,
        )

    def training(self) -> tuple[dict[str, Any], str, int | None]:
        """Inputs, key and home of the job that trains it."""
        if self.unit is not None and self.home is not None:
            return {"unit_ids": [self.unit.id]}, str(self.unit.id), self.home.id
        if self.home is not None:
            return {"home_id": self.home.id}, f"home-{self.home.id}", self.home.id
        return {}, "all", None

    def is_of(self, job: jobs.JobView) -> bool:
        """Whether a job makes or trains what is shown."""
        if job.kind not in ("forecast", "train"):
            return False
        if self.unit is not None:
            return self.unit.id in [job.inputs.get("unit_id"), *job.inputs.get("unit_ids", [])]
        wanted, _, _ = self.training()
        return job.kind == "train" and job.inputs == wanted


def asked(
    session: Any, actor: Actor, homes: list[HomeChoice], state: ScreenState
) -> tuple[Asked, bool]:
    """What the address asks for, and whether all homes together may be chosen.

    Raises :class:`NotAllowed` for a home or unit that is not the actor's.
    """
    everywhere = len(homes) > 1 and may_see_all(actor, queries.care_units(session))
    if everywhere and state.home is None and state.unit is None:
        return Asked(None, None), True
    home = choose_home(homes, state.home)
    unit = choose_unit(home, state.unit)
    return Asked(home, None if unit is None or unit.is_management else unit), everywhere


def made_of(shown: ForecastScreen) -> Component:
    """The parts of a sum with what each adds, as links to their own forecasts."""
    total = sum(part.hours for part in shown.parts)
    by_home = any(part.unit_id is None for part in shown.parts)
    rows = [_row(part, total, shown.view) for part in shown.parts]
    return card(
        simple_table(
            [
                "Home" if by_home else "Unit",
                ("Expected a day", "num"),
                ("Share", "num"),
                "Forecast",
            ],
            rows,
            caption="What the sum is made of",
            footer=["Sum", f"{formats.number(total, 1)} h", formats.percent(1.0), ""],
        ),
        title="By home" if by_home else "By unit",
        flush=True,
    )


def _row(part: Part, total: float, view: str) -> list[Any]:
    state = ScreenState(home=part.home_id, unit=part.unit_id, view=view)
    if part.forecast == part.units:
        words = "stored" if part.units == 1 else f"{part.units} units"
    elif part.forecast:
        words = f"{part.forecast} of {part.units} units"
    else:
        words = "none yet"
    return [
        dcc.Link(part.name, href=state.href(PATH)),
        f"{formats.number(part.hours, 1)} h" if part.forecast else None,
        formats.percent(part.hours / total) if total and part.forecast else None,
        words,
    ]
