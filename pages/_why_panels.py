"""The panels of the page of changes: waterfall, days of a cause, units, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.charts.graph import chart
from components.charts.waterfall import Step, waterfall_figure
from components.feedback import empty_state
from components.filters import segmented
from components.state import ScreenState
from components.tables import facts, simple_table
from pages._costs_panels import GROUP_WORDS
from rota.access.scope import HomeChoice
from rota.calendar import Period, month_of
from rota.costs.causes import CAUSE_MEANINGS, CAUSE_NAMES, Cause, CauseLine, Why
from rota.costs.compare import ComparedLine
from rota.costs.explorer import CostQuestion
from rota.costs.values import CostScope, CostTotals, Dimension
from server.cost_addresses import SHIFTS_PATH, shifts_href
from server.why_addresses import SPLITS, WhyView

PATH = "/costs/why/"
_WORDS = {Dimension.SOURCE: "source", **GROUP_WORDS}


@dataclass(frozen=True, slots=True)
class Shown:
    """What is compared."""

    homes: Sequence[HomeChoice]
    state: ScreenState
    view: WhyView
    base: Period
    actual: Period

    @property
    def unit_id(self) -> int | None:
        return self.state.unit if len(self.homes) == 1 else None

    def scope(self, period: Period) -> CostScope:
        """The shifts of a period."""
        ids = frozenset(home.id for home in self.homes)
        return CostScope(ids, period.start, period.end, self.unit_id)

    def href(self, **changes: Any) -> str:
        """This page with another view."""
        return self.state.to(view=replace(self.view, **changes).text).href(PATH)


def period_words(period: Period) -> str:
    first, last = formats.month_short(period.start), formats.month_short(period.end)
    return first if first == last else f"{first} – {last}"


def content(shown: Shown, why: Why, lines: Sequence[ComparedLine]) -> list[Component]:
    if not (why.whole.base_pence or why.whole.actual_pence or why.missing_rates):
        return [
            empty_state(
                "No cost in either period", "Choose another month, or a longer time.",
                icon_name="currency-pound",
            )
        ]  # fmt: skip
    parts = [_waterfall(shown, why)]
    if shown.view.cause is not None:
        parts.append(_days(shown, why, shown.view.cause))
    if len(why.units) > 1:
        parts.append(_units(shown, why))
    parts.append(_side_by_side(shown, lines))
    parts.append(
        card(facts([(CAUSE_NAMES[c], CAUSE_MEANINGS[c]) for c in Cause]),
             title="How the causes are told apart")
    )  # fmt: skip
    return parts


def _finding(shown: Shown, why: Why) -> str:
    change = why.whole.change_pence
    words = "more" if change > 0 else "less"
    head = f"{period_words(shown.actual)} cost {formats.money(abs(change))} {words}"
    cause, line = max(why.lines.items(), key=lambda pair: abs(pair[1].change_pence))
    if not line.change_pence:
        return head
    return f"{head}; most of it {CAUSE_NAMES[cause].lower()}"


def _waterfall(shown: Shown, why: Why) -> Component:
    steps = [
        Step(period_words(shown.base), why.whole.base_pence, total=True),
        *(Step(CAUSE_NAMES[cause], line.change_pence) for cause, line in why.lines.items()),
        Step(period_words(shown.actual), why.whole.actual_pence, total=True),
    ]
    title = _finding(shown, why)
    note = ""
    if why.missing_rates:
        note = f" {formats.plural(why.missing_rates, 'shift')} without a rate are in no sum."
    said = ", ".join(
        f"{CAUSE_NAMES[c].lower()} {formats.change_money(line.change_pence)}"
        for c, line in why.lines.items()
    )
    return card(
        [
            chart(
                "why-waterfall",
                waterfall_figure(steps),
                title=title,
                subtitle="Change by cause at the rates of the earlier period, then rates; the bars "
                f"add up to the change to the penny.{note}",
                description=f"{title}: {said}.",
                filename=f"why-costs-changed-{shown.actual.start:%Y-%m}",
                height=320,
            ),
            simple_table(
                ["Cause", (period_words(shown.base), "num"), (period_words(shown.actual), "num"),
                 ("Change", "num")],
                [
                    [
                        dcc.Link(CAUSE_NAMES[cause], href=shown.href(cause=cause),
                                 title=f"The days behind {CAUSE_NAMES[cause].lower()}"),
                        *_money(line),
                    ]
                    for cause, line in why.lines.items()
                ],
                caption="The change by cause; each cause opens its days",
                footer=["Total", *_money(why.whole)],
            ),
        ]
    )  # fmt: skip


def _money(line: CauseLine) -> list[str]:
    return [
        formats.money_exact(line.base_pence), formats.money_exact(line.actual_pence),
        formats.money_exact(line.change_pence),
    ]  # fmt: skip


def _days(shown: Shown, why: Why, cause: Cause) -> Component:
    """The dearest days of a cause; each opens the shifts of its unit."""
    places = {unit.id: (home, unit) for home in shown.homes for unit in home.units}
    rows = []
    for share in why.dearest[cause]:
        if share.unit_id not in places:
            continue
        home, unit = places[share.unit_id]
        href = f"{SHIFTS_PATH}?home={home.id}&unit={unit.id}&from={share.date}&to={share.date}" + (
            "&source=regular" if cause is Cause.CONTRACTED else ""
        )
        name = unit.name if len(shown.homes) == 1 else f"{unit.name}, {home.name}"
        rows.append(
            [dcc.Link(formats.day_year(share.date), href=href), name,
             formats.money_exact(share.pence)]
        )  # fmt: skip
    close = dcc.Link("Close", href=shown.href(cause=None), className="btn btn-quiet")
    body = (
        simple_table(["Day", "Unit", (CAUSE_NAMES[cause], "num")], rows,
                     caption=f"Days that cost most for {CAUSE_NAMES[cause].lower()}; each opens "
                     "the shifts of its unit")
        if rows
        else empty_state("Nothing of it in this period", CAUSE_MEANINGS[cause])
    )  # fmt: skip
    return card(
        body, title=f"{CAUSE_NAMES[cause]}: the days that cost most in {period_words(shown.actual)}",
        actions=[close], flush=bool(rows),
    )  # fmt: skip


def _units(shown: Shown, why: Why) -> Component:
    places = {unit.id: (home, unit) for home in shown.homes for unit in home.units}
    several = len(shown.homes) > 1
    sums: dict[tuple[int, int | None], dict[Cause, CauseLine]] = {}
    for unit_id, lines in why.units.items():
        home, unit = places.get(unit_id, (None, None))
        key = (home.id if home else 0, None if several or unit is None else unit.id)
        place = sums.setdefault(key, dict.fromkeys(Cause, CauseLine(0, 0)))
        for cause, line in lines.items():
            place[cause] += line
    homes = {home.id: home.name for home in shown.homes}
    rows = []
    for (home_id, unit), lines in sums.items():
        name = homes.get(home_id, "Not in use any more") if several or unit is None else places[
            unit][1].name  # fmt: skip
        link: Component | str = name
        if home_id:
            link = dcc.Link(name, href=shown.state.to(home=home_id, unit=unit).href(PATH))
        whole = sum(lines.values(), CauseLine(0, 0))
        rows.append(
            [link, *(formats.change_money(lines[cause].change_pence) for cause in Cause),
             formats.change_money(whole.change_pence)]
        )  # fmt: skip
    word = "Home" if several else "Unit"
    return card(
        simple_table(
            [word, *((name, "num") for name in CAUSE_NAMES.values()), ("Change", "num")], rows,
            caption=f"The change by {word.lower()} and cause",
            footer=["Total", *(formats.change_money(why.lines[c].change_pence) for c in Cause),
                    formats.change_money(why.whole.change_pence)],
        ),
        title=f"By {word.lower()}", flush=True,
    )  # fmt: skip


def _side_by_side(shown: Shown, lines: Sequence[ComparedLine]) -> Component:
    question = CostQuestion(tuple(shown.homes), month_of(shown.actual.start).start)
    splits = [
        d for d in SPLITS
        if not (d is Dimension.HOME and len(shown.homes) == 1)
        and not (d is Dimension.UNIT and shown.unit_id is not None)
    ]  # fmt: skip
    switch = segmented(
        "Split by",
        [(_WORDS[d].capitalize(), shown.href(by=d), d is shown.view.by, f"Split by {_WORDS[d]}")
         for d in splits],
    )  # fmt: skip

    def amount(period: Period, line: ComparedLine, totals: CostTotals) -> Component | str:
        if not totals.shifts:
            return formats.NONE
        scope = shown.scope(period).within(shown.view.by, line.key)
        return dcc.Link(formats.money(totals.pence), href=shifts_href(scope, question))

    rows = [
        [
            line.label,
            amount(shown.base, line, line.base), amount(shown.actual, line, line.actual),
            formats.change_money(line.change_pence),
            formats.percent(line.change_pence / line.base.pence, 1)
            if line.base.pence > 0 else formats.NONE,
            formats.hours_from_minutes(line.base.minutes),
            formats.hours_from_minutes(line.actual.minutes),
        ]
        for line in lines
    ]  # fmt: skip
    base = sum((line.base for line in lines), CostTotals())
    actual = sum((line.actual for line in lines), CostTotals())
    return card(
        [
            html.Div(switch, className="actions segment-rows"),
            simple_table(
                [_WORDS[shown.view.by].capitalize(), (period_words(shown.base), "num"),
                 (period_words(shown.actual), "num"), ("Change", "num"), ("In per cent", "num"),
                 ("Hours before", "num"), ("Hours", "num")],
                rows,
                caption="Both periods side by side; each amount opens its shifts",
                footer=["Total", formats.money(base.pence), formats.money(actual.pence),
                        formats.change_money(actual.pence - base.pence), "",
                        formats.hours_from_minutes(base.minutes),
                        formats.hours_from_minutes(actual.minutes)],
            ),
        ],
        title="Both periods side by side",
    )  # fmt: skip
