"""Why costs changed: two periods, the waterfall by cause, and both side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import dash
from dash import html
from dash.development.base_component import Component

from components import formats
from components.filters import Choices, Option, filter_bar, segmented, step_arrow
from components.shell import page
from components.state import parse_query
from pages._numbers import no_home, numbers_tabs
from pages._why_panels import PATH, Shown, content, period_words
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, choose_unit, homes_of
from rota.calendar import london_today, months_after
from rota.costs.cause_facts import why_it_changed
from rota.costs.compare import Against, Span, compare, periods_of
from rota.costs.explorer import last_full_month
from server.answers import SHARED
from server.cache import remembered
from server.context import current_actor, reading
from server.why_addresses import parse_why

_SPANS = {Span.MONTH: "Month", Span.QUARTER: "3 months", Span.YEAR_TO_DATE: "Year to date"}
_AGAINST = {Against.BEFORE: "The time before", Against.LAST_YEAR: "Last year"}

dash.register_page(
    __name__,
    path=PATH,
    name="Why costs changed",
    title="Why costs changed · Staff Rota",
    order=71,
    permission=Permission.VIEW_COSTS,
    remembered=SHARED,
)


def layout(**query: Any) -> Component:
    """The periods that the address asks for."""
    state = parse_query(query)
    view = parse_why(state.view)
    actor = current_actor()
    today = london_today()
    month = state.start.replace(day=1) if state.start else last_full_month(today)
    base, actual = periods_of(view.span, view.against, month)
    with reading() as session:
        homes = homes_of(session, actor)
        if not homes:
            return page("Why costs changed", no_home())
        homes_shown = [choose_home(homes, state.home)] if state.home else homes
        if len(homes_shown) == 1:
            choose_unit(homes_shown[0], state.unit)
        shown = Shown(homes_shown, state, view, base, actual)
        why = remembered(
            "why", homes_shown, (base, actual, shown.unit_id),
            lambda: why_it_changed(session, actor, homes_shown, base, actual, shown.unit_id),
        )  # fmt: skip
        lines = remembered(
            "compare periods", homes_shown, (base, actual, shown.unit_id, view.by),
            lambda: compare(
                session, actor, homes_shown, shown.scope(base), shown.scope(actual), view.by
            ),
        )  # fmt: skip
    place = homes_shown[0].name if len(homes_shown) == 1 else "All homes"
    return page(
        "Why costs changed",
        [numbers_tabs("Why it changed", state), *content(shown, why, lines)],
        subtitle=f"{place} · {period_words(actual)} against {period_words(base)}",
        filters=_filters(homes, shown, month, today),
    )


def _filters(homes: Sequence[HomeChoice], shown: Shown, month: date, today: date) -> Component:
    state = shown.state

    def arrow(name: str, words: str, to: date) -> Component:
        return step_arrow(name, words, state.to(start=to).href(PATH))

    stepper = html.Div(
        [
            arrow("chevron-left", "Month before", months_after(month, -1)),
            html.Span(f"to {formats.month_short(month)}", className="period period-words"),
            arrow("chevron-right", "Month after", months_after(month, 1)),
        ],
        className="stepper",
    )
    spans = segmented(
        "Length",
        [(words, shown.href(span=s), s is shown.view.span, words) for s, words in _SPANS.items()],
    )
    against = segmented(
        "Compared with",
        [
            (words, shown.href(against=a), a is shown.view.against, f"Against {words.lower()}")
            for a, words in _AGAINST.items()
        ],
    )
    units = [Option(u.id, u.name) for u in shown.homes[0].units] if len(shown.homes) == 1 else []
    choices = Choices(
        PATH, homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (),
        units=units, period=False, all_homes=True,
    )  # fmt: skip
    extra = [stepper, spans]
    if shown.view.span is not Span.YEAR_TO_DATE:
        extra.append(against)
    return filter_bar(state, choices, today=today, extra=extra)
