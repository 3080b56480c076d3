"""Cover as a heat map: units down, days and nights across, planned against required."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from components import formats, theme
from components.charts.template import Figure, empty, figure


@dataclass(frozen=True, slots=True)
class CoverCell:
    """One unit on one day in one band ("day" or "night")."""

    unit: str
    day: date
    band: str
    planned: int
    required: int

    @property
    def gap(self) -> int:
        """Planned less required: negative when short."""
        return self.planned - self.required


def cover_figure(cells: Sequence[CoverCell], *, limit: int = 3) -> Figure:
    """Gap by unit and day/night; red is short, sand as required, blue more than required.

    Every cell prints "planned/required", so nothing is said by colour alone. ``customdata`` of a
    cell is ``[unit, iso day, band]`` for a click. Colours saturate at ``limit`` people.
    """
    if not cells:
        return empty("No requirement in this period.")
    units = list(dict.fromkeys(cell.unit for cell in cells))
    slots = sorted({(cell.day, _order(cell.band), cell.band) for cell in cells})
    found = {(c.unit, c.day, c.band): c for c in cells}
    gaps: list[list[int | None]] = []
    texts: list[list[str]] = []
    places: list[list[list[str]]] = []
    for unit in units:
        line = [found.get((unit, day, band)) for day, _, band in slots]
        gaps.append([None if c is None else max(-limit, min(limit, c.gap)) for c in line])
        texts.append(["" if c is None else f"{c.planned}/{c.required}" for c in line])
        places.append([[unit, day.isoformat(), band] for day, _, band in slots])
    labels = [f"{formats.day(day)} {band}" for day, _, band in slots]
    trace = {
        "type": "heatmap",
        "x": labels,
        "y": units,
        "z": gaps,
        "text": texts,
        "texttemplate": "%{text}",
        "textfont": {"size": 11, "color": theme.LIGHT.ink},
        "customdata": places,
        "hovertemplate": "%{y}<br>%{x}<br>%{text} planned of required<extra></extra>",
        "zmin": -limit,
        "zmid": 0,
        "zmax": limit,
        "colorscale": theme.DIVERGING,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }
    shown = [i for i, (_, order, _) in enumerate(slots) if order == 0] or list(range(len(slots)))
    layout = {
        "hovermode": "closest",
        "xaxis": {
            "type": "category",
            "side": "top",
            "showline": False,
            "tickvals": [labels[i] for i in shown],
            "ticktext": [formats.day(slots[i][0]).replace(" ", "<br>", 1) for i in shown],
            "tickangle": 0,
        },
        "yaxis": {
            "type": "category",
            "autorange": "reversed",
            "showgrid": False,
            "zeroline": False,
        },
        "margin": {"l": 96, "r": 8, "t": 40, "b": 8},
    }
    rows = [[c.unit, c.day.isoformat(), c.band, c.planned, c.required, c.gap] for c in cells]
    columns = ["Unit", "Day", "Band", "Planned", "Required", "Difference"]
    return figure([trace], layout, columns=columns, rows=rows, min_width=104 + 29 * len(slots))


def _order(band: str) -> int:
    return {"day": 0, "night": 1}.get(band, 2)
