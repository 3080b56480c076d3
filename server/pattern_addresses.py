"""What the pattern explorer and the establishment simulator show, as it stands in an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.charts.patterns import CHARTS
from rota.costs.explorer import SOURCE_NAMES
from rota.costs.patterns import Pattern, PatternMeasure
from rota.costs.values import Dimension
from rota.errors import InvalidInput

PATTERN_MONTHS = (1, 3, 6, 12)
CONTRACTS = (24, 30, 35)
HEADROOMS = (15, 20, 25)
#: pence an hour that a pay floor (or a pay rise of everybody) adds
RISES = (0, 50, 100, 200)
COVERS = {"bank": "Bank", "overtime": "Overtime", "agency": "Agency"}


@dataclass(frozen=True, slots=True)
class PatternView:
    """What is shown, kept in the address as ``view=cost.unit.source.agency.bars.3``."""

    measure: PatternMeasure = PatternMeasure.COST
    by: Dimension = Dimension.WEEKDAY
    within: Dimension | None = Dimension.SOURCE
    source: str = ""
    chart: str = "bars"
    months: int = 3

    @property
    def text(self) -> str:
        """As it stands in the address."""
        within = self.within.value if self.within else "none"
        return ".".join(
            (self.measure, self.by, within, self.source or "all", self.chart, str(self.months))
        )

    @property
    def pattern(self) -> Pattern:
        """What is asked."""
        return Pattern(self.measure, self.by, self.within)


def parse_pattern(text: str) -> PatternView:
    """Read the view of an address; an unknown one is an :class:`InvalidInput`."""
    if not text:
        return PatternView()
    try:
        measure, by, within, source, kind, months = text.split(".")
        found = PatternView(
            PatternMeasure(measure), Dimension(by),
            None if within == "none" else Dimension(within),
            "" if source == "all" else source, kind, int(months) if len(months) < 3 else 0,
        )  # fmt: skip
    except ValueError:
        found = PatternView(months=0)
    known = {"", *(source.value for source in SOURCE_NAMES)}
    if found.source not in known or found.chart not in CHARTS or found.months not in PATTERN_MONTHS:
        raise InvalidInput("This address shows no pattern we know.", hint="Start at Explore.")
    return found


@dataclass(frozen=True, slots=True)
class EstablishmentView:
    """The assumptions, kept in the address as ``view=12.35.20.0.agency`` (role id first)."""

    role: int
    contract: int = 35
    headroom: int = 20
    rise: int = 0
    cover: str = "agency"

    @property
    def text(self) -> str:
        """As it stands in the address."""
        return f"{self.role}.{self.contract}.{self.headroom}.{self.rise}.{self.cover}"


def parse_establishment(text: str, roles: Sequence[int]) -> EstablishmentView:
    """Read the view of an address; an unknown one is an :class:`InvalidInput`."""
    if not text:
        return EstablishmentView(roles[0])
    parts = text.split(".")
    numbers = [int(p) if p.isascii() and p.isdigit() and len(p) < 9 else -1 for p in parts[:4]]
    if len(parts) == 5 and len(numbers) == 4:
        found = EstablishmentView(*numbers, parts[4])
        if (
            found.role in roles and found.contract in CONTRACTS and found.headroom in HEADROOMS
            and found.rise in RISES and found.cover in COVERS
        ):  # fmt: skip
            return found
    raise InvalidInput("This address holds assumptions we do not know.", hint="Start again.")
