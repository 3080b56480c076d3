"""The state of a screen as it stands in the address: home, unit, period, view, filters.

Everything here came from outside: parsing is strict, unknown keys are kept out, and a bad
value is an :class:`rota.errors.InvalidInput` that names the key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlencode

from rota.errors import InvalidInput

WEEKS = (1, 2, 4)
_MAX_ID = 2**31 - 1
_MAX_TEXT = 100
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 31)
_IDS = ("home", "unit", "scenario", "person", "row")
_KEYS = (*_IDS, "start", "weeks", "view", "q", "status", "page")


@dataclass(frozen=True, slots=True)
class ScreenState:
    """What a screen shows. ``None`` or empty means "not said": the page chooses."""

    home: int | None = None
    unit: int | None = None
    start: date | None = None
    weeks: int = 4
    view: str = ""
    scenario: int | None = None
    person: int | None = None
    #: one row of a table of reference data
    row: int | None = None
    q: str = ""
    status: str = ""
    page: int = 1

    @property
    def end(self) -> date | None:
        """Last day of the period, included."""
        return None if self.start is None else self.start + timedelta(days=7 * self.weeks - 1)

    def beginning(self, today: date) -> ScreenState:
        """The same with a first day: the Monday of this week unless one was said."""
        if self.start is not None:
            return self
        return replace(self, start=today - timedelta(days=today.weekday()))

    def shifted(self, periods: int) -> ScreenState:
        """The period before (-1) or after (+1); unchanged without a first day or at the rim."""
        if self.start is None:
            return self
        start = self.start + timedelta(days=7 * self.weeks * periods)
        return replace(self, start=start) if _FIRST <= start <= _LAST else self

    def to(self, **changes: object) -> ScreenState:
        """The same with some fields changed; another home forgets the unit and the page."""
        if "home" in changes and changes["home"] != self.home:
            changes.setdefault("unit", None)
            changes.setdefault("person", None)
        changes.setdefault("page", 1)
        return replace(self, **changes)  # type: ignore[arg-type]

    def query(self) -> str:
        """The query string without ``?``; what is default is left out."""
        pairs: list[tuple[str, str]] = []
        default = ScreenState()
        for key in _KEYS:
            value = getattr(self, key)
            if value != getattr(default, key):
                pairs.append((key, value.isoformat() if isinstance(value, date) else str(value)))
        return urlencode(pairs)

    def href(self, path: str) -> str:
        """``path`` with this state behind it."""
        query = self.query()
        return f"{path}?{query}" if query else path


def parse_query(query: Mapping[str, object]) -> ScreenState:
    """Read what ``layout(**query)`` received; keys that are not ours are ignored.

    Raises :class:`InvalidInput` for a repeated key or a value that cannot be read.
    """
    found: dict[str, object] = {}
    for key in _KEYS:
        raw = query.get(key)
        if raw is None or raw == "":
            continue
        if not isinstance(raw, str):
            raise InvalidInput(f"“{key}” stands more than once in the address.", hint=_HINT)
        found[key] = _value(key, raw)
    return ScreenState(**found)  # type: ignore[arg-type]


def parse_search(search: str | None) -> ScreenState:
    """Read ``?home=1&start=2026-03-02`` as ``Location.search`` gives it."""
    pairs = parse_qsl((search or "").lstrip("?"), keep_blank_values=True)
    query: dict[str, object] = {}
    for key, value in pairs:
        query[key] = value if key not in query else [query[key], value]
    return parse_query(query)


_HINT = "Choose again in the bar at the top."


def _value(key: str, raw: str) -> object:
    if key in _IDS or key == "page":
        return _whole(key, raw)
    if key == "start":
        return _date(raw)
    if key == "weeks":
        weeks = _whole(key, raw)
        if weeks not in WEEKS:
            raise InvalidInput("A period is 1, 2 or 4 weeks.", hint=_HINT)
        return weeks
    if len(raw) > _MAX_TEXT or not raw.isprintable():
        raise InvalidInput(f"“{key}” in the address cannot be read.", hint=_HINT)
    return raw


def _whole(key: str, raw: str) -> int:
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 10 and 0 < int(raw) <= _MAX_ID):
        raise InvalidInput(f"“{key}” in the address is not a number we know.", hint=_HINT)
    return int(raw)


def _date(raw: str) -> date:
    try:
        value = date.fromisoformat(raw) if _ISO_DAY.fullmatch(raw) else None
    except ValueError:
        value = None
    if value is None or not _FIRST <= value <= _LAST:
        raise InvalidInput(
            "The first day in the address is not a date such as 2026-03-02.", hint=_HINT
        )
    return value
