"""What the cost screens share: their state in the address, and links to the shifts behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from components.state import ScreenState, parse_query
from rota.calendar import month_of, months_after
from rota.costs.explorer import CostQuestion
from rota.costs.values import CostScope, Dimension
from rota.errors import InvalidInput

PATH = "/costs/"
SHIFTS_PATH = "/costs/shifts/"
MONTH_CHOICES = (3, 6, 12, 24)
_VIEW = re.compile(r"(3|6|12|24)m-([a-z]+(?: [a-z]+)?)")


@dataclass(frozen=True, slots=True)
class CostView:
    """What the cost screen shows; kept in the address as ``view=12m-unit``."""

    months: int = 12
    by: Dimension = Dimension.UNIT

    @property
    def text(self) -> str:
        """As it stands in the address."""
        return f"{self.months}m-{self.by.value}"


def parse_view(text: str, *, one_home: bool) -> CostView:
    """Read the view of an address; an unknown one is an :class:`InvalidInput`."""
    default = CostView(by=Dimension.UNIT if one_home else Dimension.HOME)
    if not text:
        return default
    found = _VIEW.fullmatch(text)
    if not found or found[2] not in set(Dimension):
        raise InvalidInput("This address shows costs in no way we know.", hint="Start at Costs.")
    return CostView(int(found[1]), Dimension(found[2]))


def first_month(state: ScreenState, months: int, today: date) -> date:
    """The first month shown: that of the address, else so that this month is the last."""
    if state.start is not None:
        return state.start.replace(day=1)
    return months_after(month_of(today).start, 1 - months)


def shifts_href(scope: CostScope, question: CostQuestion) -> str:
    """The address of the shifts that a figure of this scope sums."""
    pairs: list[tuple[str, str]] = []
    if len(scope.home_ids) == 1:
        pairs.append(("home", str(next(iter(scope.home_ids)))))
    elif len(question.homes) == 1:
        pairs.append(("home", str(question.homes[0].id)))
    pairs += [("from", scope.start.isoformat()), ("to", scope.end.isoformat())]
    narrowing = {
        "unit": scope.unit_id, "source": scope.source, "role": scope.role_id, "band": scope.band,
        "weekday": scope.weekday, "type": scope.shift_type_id,
    }  # fmt: skip
    pairs += [(name, str(value)) for name, value in narrowing.items() if value is not None]
    if scope.role_is_unknown:
        pairs.append(("role", "none"))
    if scope.only_missing_rates:
        pairs.append(("missing", "1"))
    return f"{SHIFTS_PATH}?{urlencode(pairs)}"


@dataclass(frozen=True, slots=True)
class ShiftsQuery:
    """The address of the shifts behind a figure, parsed; ids are still to be checked."""

    state: ScreenState
    start: date
    end: date
    source: str | None = None
    role: int | None = None
    role_is_unknown: bool = False
    band: str | None = None
    weekday: int | None = None
    shift_type: int | None = None
    missing: bool = False


def parse_shifts_query(query: Mapping[str, object]) -> ShiftsQuery:
    """Read what the shifts page received. Raises :class:`InvalidInput` naming what is wrong."""
    state = parse_query(query)
    values = {key: _text(key, value) for key, value in query.items() if key in _KEYS}
    parsed = ShiftsQuery(
        state=state,
        start=_date("from", values.get("from")),
        end=_date("to", values.get("to")),
        source=_choice("source", values.get("source")),
        role=_whole(values.get("role")) if values.get("role") != "none" else None,
        role_is_unknown=values.get("role") == "none",
        band=_choice("band", values.get("band")),
        weekday=_whole(values.get("weekday")),
        shift_type=_whole(values.get("type")),
        missing=values.get("missing") == "1",
    )
    if parsed.end < parsed.start or (parsed.end - parsed.start).days > 3 * 366:
        raise InvalidInput("The period in the address makes no sense.", hint="Start at Costs.")
    return parsed


def scope_of_query(query: ShiftsQuery, home_ids: frozenset[int]) -> CostScope:
    """The scope that an address asks for, in homes already known to be the actor's."""
    scope = CostScope(home_ids, query.start, query.end, unit_id=query.state.unit)
    for dimension, key in (
        (Dimension.SOURCE, query.source), (Dimension.ROLE, query.role),
        (Dimension.BAND, query.band), (Dimension.WEEKDAY, query.weekday),
        (Dimension.SHIFT_TYPE, query.shift_type),
    ):  # fmt: skip
        if key is not None:
            scope = scope.within(dimension, key)
    if query.role_is_unknown:
        scope = scope.within(Dimension.ROLE, None)
    return replace(scope, only_missing_rates=query.missing)


_KEYS = ("from", "to", "source", "role", "band", "weekday", "type", "missing")
_CHOICES = {
    "source": ("regular", "overtime", "bank", "agency"),
    "band": ("day", "night", "office"),
}


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > 20:
        raise InvalidInput(f"“{key}” in the address cannot be read.", hint="Start at Costs.")
    return value


def _date(key: str, value: str | None) -> date:
    try:
        found = date.fromisoformat(value or "")
    except ValueError:
        found = date.min
    if not 2000 <= found.year <= 2100:
        raise InvalidInput(f"“{key}” in the address is not a date.", hint="Start at Costs.")
    return found


def _choice(key: str, value: str | None) -> str | None:
    if value is not None and value not in _CHOICES[key]:
        raise InvalidInput(f"“{key}” in the address cannot be read.", hint="Start at Costs.")
    return value


def _whole(value: str | None) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise InvalidInput("A number in the address cannot be read.", hint="Start at Costs.")
    return int(value)
