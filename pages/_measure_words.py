"""Values of measures in words, the same on every page."""

from __future__ import annotations

from components import formats
from rota.costs.measures import Kind, Measure


def written(measure: Measure, value: float | None) -> str:
    """A value in the way of its measure; a dash where there is none."""
    if value is None:
        return formats.NONE
    match measure.kind:
        case Kind.PENCE if abs(value) >= 1_000_000:
            return formats.money_short(round(value))
        case Kind.PENCE:
            return formats.money_exact(round(value))
        case Kind.SHARE:
            return formats.percent(value, 1)
        case Kind.DAYS:
            return f"{formats.trimmed(value)} days"
        case _:
            return formats.trimmed(value, 2)


def change_written(measure: Measure, change: float) -> str:
    """A change with its sign; shares in percentage points."""
    size = abs(change)
    match measure.kind:
        case Kind.PENCE:
            text = written(measure, size)
        case Kind.SHARE:
            text = f"{formats.trimmed(size * 100)} pp"
        case Kind.DAYS:
            text = f"{formats.trimmed(size)} days"
        case _:
            text = formats.trimmed(size, 2)
    nothing = not any(digit in text for digit in "123456789")
    return f"{'±' if nothing else '+' if change > 0 else formats.MINUS}{text}"
