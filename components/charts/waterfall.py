"""A waterfall: how one amount becomes another, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from components import formats, theme
from components.charts.template import Figure, empty, figure


@dataclass(frozen=True, slots=True)
class Step:
    """One part in pence; a ``total`` is an amount standing on the ground, not a change."""

    label: str
    pence: int
    total: bool = False


def waterfall_figure(steps: Sequence[Step], *, more_is_bad: bool = True) -> Figure:
    """From the first amount to the last; increases are bad-coloured for costs.

    Bars are drawn from their base, so that colours come from the house palette and follow the
    theme. The amount is printed on every bar.
    """
    if not steps:
        return empty("Nothing to break down.")
    up, down = theme.LIGHT.bad, theme.LIGHT.good
    if not more_is_bad:
        up, down = down, up
    bases: list[float] = []
    heights: list[float] = []
    colours: list[str] = []
    texts: list[str] = []
    level = 0
    links: list[dict[str, Any]] = []
    for i, step in enumerate(steps):
        before = level
        if step.total:
            level = step.pence
            base, height = 0, step.pence
            colours.append(theme.SLATE)
            texts.append(formats.money_short(step.pence))
        else:
            level += step.pence
            base, height = min(before, level), abs(step.pence)
            colours.append(up if step.pence > 0 else down)
            sign = "+" if step.pence > 0 else ""
            texts.append(f"{sign}{formats.money_short(step.pence)}")
        bases.append(base / 100)
        heights.append(height / 100)
        if i + 1 < len(steps):
            links.append(
                {
                    "type": "line",
                    "xref": "x",
                    "x0": i - 0.36,
                    "x1": i + 1.36,
                    "y0": level / 100,
                    "y1": level / 100,
                    "layer": "below",
                    "line": {"width": 1, "color": theme.LIGHT.line_strong},
                }
            )
    trace = {
        "type": "bar",
        "x": [_wrapped(step.label) for step in steps],
        "base": bases,
        "y": heights,
        "marker": {"color": colours},
        "text": texts,
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "hovertemplate": "%{x}: %{text}<extra></extra>",
    }
    tops = [base + height for base, height in zip(bases, heights, strict=True)]
    floor = _floor(steps, [min(b, t) for b, t in zip(bases, tops, strict=True)], max(tops))
    layout: dict[str, Any] = {
        "showlegend": False,
        "hovermode": "closest",
        "shapes": links,
        "xaxis": {"type": "category", "tickangle": 0},
        "yaxis": {
            "tickprefix": "£",
            "tickformat": "~s",
            "range": [floor, max(tops) + (max(tops) - floor) * 0.12 or 1],
        },
    }
    if floor > 0:
        words = f"Axis begins at {formats.money_short(round(floor * 100))}"
        layout["yaxis"]["title"] = {"text": words}
    rows = [[s.label, s.pence / 100, "amount" if s.total else "change"] for s in steps]
    return figure(
        [trace], layout, columns=["Part", "£", "Kind"], rows=rows, min_width=72 + 76 * len(steps)
    )


def _wrapped(label: str, width: int = 12) -> str:
    """``label`` over several lines of about ``width`` letters, so that it stays upright."""
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(lines)


def _floor(steps: Sequence[Step], lows: Sequence[float], top: float) -> float:
    """Where the axis begins: zero, unless changes would be too small to see against it.

    Bars of amounts normally stand on zero. Here the changes are the message; when they are under
    a sixth of the amounts the axis is cut, and says so.
    """
    if min(lows) < 0 or any(s.pence < 0 for s in steps if s.total):
        return min(0.0, *lows) * 1.08
    changes = [low for low, step in zip(lows, steps, strict=True) if not step.total]
    moving = sum(abs(s.pence) for s in steps if not s.total) / 100
    if not changes or moving * 6 > top:
        return 0.0
    room = max(moving, top * 0.005)
    start = min(*changes, *(s.pence / 100 for s in steps if s.total)) - room * 0.6
    unit = 10 ** max(0, len(str(int(room))) - 1)
    return max(0.0, start // unit * unit)
