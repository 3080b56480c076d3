"""Small pieces that carry one number or one verdict: cards, chips, the strip of today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from components.formats import number, plural
from components.icons import icon
from components.theme import STATUS_ICONS, Status


@dataclass(frozen=True, slots=True)
class Kpi:
    """One number on a card: already formatted, with its change, trend and where it leads."""

    label: str
    value: str
    href: str = ""
    detail: str = ""
    change: str = ""
    change_status: Status = Status.NEUTRAL
    change_period: str = ""
    trend: tuple[float, ...] = ()
    trend_label: str = ""
    status: Status | None = None
    icon: str = ""
    link_text: str = "Open"


@dataclass(frozen=True, slots=True)
class DutyToday:
    """Who is on duty today at one home, against what is required."""

    home: str
    on_duty: int
    required: int
    short_day: int
    short_night: int
    href: str = ""


def chip(text: str, status: Status = Status.NEUTRAL, *, icon_name: str = "") -> Component:
    """A verdict as icon, word and colour."""
    return html.Span(
        [icon(icon_name or STATUS_ICONS[status]), html.Span(text)], className=f"chip chip-{status}"
    )


def badge(count: int, *, label: str = "", status: Status = Status.NEUTRAL) -> Component:
    """A small count; ``label`` is what the count is of, for screen readers."""
    spoken = html.Span(f" {label}", className="visually-hidden") if label else ""
    return html.Span([number(count), spoken], className=f"count count-{status}")


def sparkline_svg_path(values: Sequence[float], width: float = 100, height: float = 28) -> str:
    """The ``M x,y L …`` path of a trend in a box ``width`` × ``height``, 2 units inside it."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = width / (len(values) - 1)
    points = (
        (i * step, height - 2 - (value - low) / span * (height - 4))
        for i, value in enumerate(values)
    )
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def sparkline(values: Sequence[float], *, label: str, status: Status | None = None) -> Component:
    """A trend as a picture of 0.4 kB: no Plotly for a line without axes.

    The line is a mask over a block in the current colour, so it follows the theme.
    """
    path = sparkline_svg_path(values)
    if not path:
        return html.Span(className="spark")
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 28' preserveAspectRatio='none'>"
        f"<path d='{path}' fill='none' stroke='black' stroke-width='2' "
        "vector-effect='non-scaling-stroke' stroke-linejoin='round'/></svg>"
    )
    url = 'url("data:image/svg+xml,' + svg.replace("<", "%3C").replace(">", "%3E") + '")'
    colour = f" spark-{status}" if status else ""
    return html.Span(
        className=f"spark{colour}",
        role="img",
        style={"maskImage": url, "WebkitMaskImage": url},
        **{"aria-label": label},
    )


def kpi_card(kpi: Kpi, *, id: str | None = None) -> Component:
    """A card: label, number, change, trend, and a link over the whole card where it leads."""
    head: list[Component | str] = [html.Span(kpi.label, className="kpi-label")]
    if kpi.icon:
        head.insert(0, icon(kpi.icon))
    middle: list[Component | str] = [html.Span(kpi.value, className="kpi-value")]
    if kpi.trend:
        middle.append(sparkline(kpi.trend, label=kpi.trend_label or f"{kpi.label}, trend"))
    foot: list[Component | str] = []
    if kpi.change:
        foot.append(
            html.Span(
                [
                    icon(_change_icon(kpi.change)),
                    html.Span(kpi.change),
                ],
                className=f"kpi-change text-{kpi.change_status}",
            )
        )
        if kpi.change_period:
            foot.append(html.Span(kpi.change_period, className="kpi-period"))
    if kpi.detail:
        foot.append(html.Span(kpi.detail, className="kpi-detail"))
    body: list[Component | str] = [
        html.Div(head, className="kpi-head"),
        html.Div(middle, className="kpi-middle"),
        html.Div(foot, className="kpi-foot"),
    ]
    status = f" kpi-{kpi.status}" if kpi.status else ""
    attributes = {"id": id} if id else {}
    if not kpi.href:
        return html.Div(body, className=f"kpi{status}", **attributes)
    body[0] = html.Div([*head, icon("chevron-right", class_name="kpi-go")], className="kpi-head")
    return html.Div(
        dcc.Link(body, href=kpi.href, className="kpi-link", title=kpi.link_text),
        className=f"kpi kpi-leads{status}",
        **attributes,
    )


def kpi_row(kpis: Sequence[Kpi]) -> Component:
    """Cards side by side, wrapping; two columns on a phone."""
    return html.Div([kpi_card(kpi) for kpi in kpis], className="kpi-row")


@dataclass(frozen=True, slots=True)
class Tile:
    """One entry of a catalogue: what it is, in a sentence, and where it leads."""

    title: str
    text: str
    href: str
    icon: str
    foot: str = ""


def tiles(entries: Sequence[Tile], *, label: str) -> Component:
    """A catalogue: tiles of one height, each a link."""
    return html.Ul(
        [
            html.Li(
                dcc.Link(
                    [
                        icon(entry.icon, class_name="tile-icon"),
                        html.Span(
                            [
                                html.Span(entry.title, className="tile-title"),
                                html.Span(entry.text, className="tile-text"),
                                html.Span(entry.foot, className="tile-foot"),
                            ],
                            className="tile-words",
                        ),
                    ],
                    href=entry.href,
                    className="tile",
                )
            )
            for entry in entries
        ],
        className="tiles",
        **{"aria-label": label},
    )


def card(
    children: Component | Sequence[Component | str] | str,
    *,
    title: str = "",
    actions: Sequence[Component] = (),
    id: str | None = None,
    class_name: str = "",
    flush: bool = False,
) -> Component:
    """A plain card with a heading and actions; ``flush`` lets a table reach its edges."""
    parts: list[Component] = []
    if title or actions:
        parts.append(
            html.Div(
                [
                    html.H2(title, className="card-heading"),
                    html.Div(list(actions), className="actions"),
                ],
                className="panel-head",
            )
        )
    parts.append(html.Div(children, className="panel-body flush" if flush else "panel-body"))
    attributes = {"id": id} if id else {}
    return html.Section(parts, className=f"panel {class_name}".strip(), **attributes)


def today_sentence(duty: DutyToday) -> str:
    """``41 of 44 on duty, 3 short tonight``."""
    text = f"{number(duty.on_duty)} of {number(duty.required)} on duty"
    short = [
        f"{number(count)} short {when}"
        for count, when in ((duty.short_day, "today"), (duty.short_night, "tonight"))
        if count > 0
    ]
    return f"{text}, {' and '.join(short)}" if short else f"{text}, cover complete"


def today_strip(duties: Sequence[DutyToday], *, id: str | None = None) -> Component:
    """One line per home: who is on duty today and where it is short."""
    attributes = {"id": id} if id else {}
    lines = [_duty_line(duty) for duty in duties]
    return html.Div(lines, className="today", role="list", **attributes)


def _duty_line(duty: DutyToday) -> Component:
    short = duty.short_day + duty.short_night
    status = Status.GOOD if short <= 0 else Status.WARN if short <= 2 else Status.BAD
    words: list[Component | str] = [
        icon(STATUS_ICONS[status], class_name=f"text-{status}"),
        html.Span(duty.home, className="today-home"),
        html.Span(today_sentence(duty), className="today-words"),
    ]
    share = 1.0 if duty.required <= 0 else min(1.0, duty.on_duty / duty.required)
    bar = html.Span(
        html.Span(style={"width": f"{share * 100:.0f}%"}, className=f"bar-fill bar-{status}"),
        className="bar",
        **{"aria-hidden": "true"},
    )
    inner = [html.Span(words, className="today-line"), bar]
    content = dcc.Link(inner, href=duty.href) if duty.href else html.Span(inner)
    return html.Div(content, className="today-item", role="listitem")


def _change_icon(change: str) -> str:
    first = change[:1]
    if first == "+":
        return "arrow-up-short"
    if first in ("−", "-"):
        return "arrow-down-short"
    return "dot"


def summary_line(count: int, one: str, many: str | None = None) -> Component:
    """``12 vacancies`` above a list, announced when it changes."""
    return html.P(plural(count, one, many), className="summary-line", role="status")
