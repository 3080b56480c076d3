"""The panel of one leave request: what a manager sees before deciding it."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from components import formats
from components.cards import card, chip
from components.forms import button
from components.icons import icon
from components.leave_effect import DayEffect, effect_bars, effect_sentence
from components.state import ScreenState
from components.theme import Status
from pages._leave_ids import PATH, TYPE_WORDS, Ids
from rota.leave.facts import (
    Alternative,
    Band,
    Check,
    ColleagueOff,
    DayFact,
    DecisionFacts,
    Light,
    Notice,
    Pace,
    Price,
)
from rota.leave.hours import HoursSource
from rota.leave.queries import RequestRow

_LIGHTS = {Light.GREEN: Status.GOOD, Light.AMBER: Status.WARN, Light.RED: Status.BAD}
_LIGHT_WORDS = {Light.GREEN: "On pace", Light.AMBER: "Off pace", Light.RED: "Far off pace"}
_SOURCES = {
    HoursSource.ROTA: "the rota",
    HoursSource.PATTERN: "the pattern",
    HoursSource.CONTRACT: "the contract",
}


def request_list(rows: Sequence[RequestRow], state: ScreenState, chosen: int | None) -> Component:
    """Waiting requests, each a link that opens it."""
    return html.Ul([html.Li(_request(r, state, chosen)) for r in rows], className="request-list")


def _request(row: RequestRow, state: ScreenState, chosen: int | None) -> Component:
    names = "request is-on" if row.id == chosen else "request"
    return dcc.Link(
        [
            html.Span(row.name, className="request-name"),
            html.Span(formats.period(row.period.start, row.period.end), className="request-when"),
            html.Span(" · ".join(w for w in (row.role, row.unit) if w), className="muted"),
            html.Span(
                f"{TYPE_WORDS[row.leave_type]}, {formats.hours_from_minutes(row.minutes)}",
                className="muted request-when",
            ),
        ],
        href=state.to(view=f"r{row.id}").href(PATH),
        className=names,
    )


def decision_panel(facts: DecisionFacts, *, may_decide: bool) -> list[Component]:
    """Everything about one request, the actions in sight at the bottom."""
    shown = [day for day in facts.days if day.is_planned and day.shift_code]
    several = len({day.slot.unit_id for day in shown}) > 1
    effects = [_effect(day, several) for day in shown]
    parts = [_head(facts)]
    parts.append(card(_cover(facts, effects), title=_cover_title(facts, effects)))
    parts.append(card(_numbers(facts), title="What it costs and leaves"))
    parts.append(card(_checks(facts), title=_checks_title(facts)))
    if facts.alternatives:
        parts.append(card(_alternatives(facts.alternatives), title="Cheaper dates nearby"))
    parts.append(card(_colleagues(facts.colleagues), title="Who else is off"))
    if may_decide:
        parts.append(_actions())
    return parts


def _head(facts: DecisionFacts) -> Component:
    asked = facts.asked
    words = formats.period(asked.period.start, asked.period.end)
    days = formats.plural(asked.period.days, "day")
    sources = " and ".join(_SOURCES[s] for s in asked.hours_from)
    line = [
        f"{TYPE_WORDS[asked.leave_type]}, {days}",
        f"{formats.hours_from_minutes(asked.minutes)} by {sources}",
        f"asked for {formats.moment(asked.requested_at)}",
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.H2(f"{asked.name}: {words}", className="card-heading"),
                    html.Span(
                        " · ".join(w for w in (asked.role, asked.unit_name) if w),
                        className="muted",
                    ),
                ],
                className="vacancy-title",
            ),
            html.Div(" · ".join(line), className="muted"),
            *([html.Div(f"“{asked.reason}”")] if asked.reason else []),
        ],
        className="vacancy-head",
    )


def _effect(fact: DayFact, several: bool) -> DayEffect:
    label = "night" if fact.slot.band is Band.NIGHT else fact.slot.band.value
    return DayEffect(
        fact.slot.day,
        f"{label}, {fact.unit_name}" if several else label,
        fact.with_person.planned,
        fact.without_person.planned,
        fact.with_person.minimum,
    )


def _cover(facts: DecisionFacts, effects: Sequence[DayEffect]) -> Component:
    if effects:
        return html.Div(effect_bars(effects), className="decision-cover")
    planned = any(day.is_planned for day in facts.days)
    words = (
        "Not rostered on any of these days: the rota stays as it is."
        if planned
        else "The rota is not planned that far; it will be built around this leave."
    )
    return html.P(words, className="muted")


def _cover_title(facts: DecisionFacts, effects: Sequence[DayEffect]) -> str:
    return effect_sentence(effects) if effects else "Cover on these days"


def _numbers(facts: DecisionFacts) -> Component:
    account = facts.balance
    left = account.remaining - facts.asked.minutes
    pairs = [
        _price(facts.price),
        _fact(
            "Leave left after this",
            formats.hours_from_minutes(left),
            f"of {formats.hours_from_minutes(account.entitlement)} this leave year",
        ),
        _pace(facts.pace),
        _notice(facts.notice),
    ]
    return html.Dl([html.Div(pair) for pair in pairs], className="decision-facts")


def _fact(label: str, value: Component | str, note: str) -> list[Component]:
    return [html.Dt(label), html.Dd([value, html.Div(note, className="note")])]


def _price(price: Price) -> list[Component]:
    if not price.shifts:
        return _fact("Standing in", "£0", "no shift falls below its minimum")
    shifts = formats.plural(price.shifts, "shift")
    agency = formats.money(price.agency_pence)
    value = formats.money(price.overtime_pence)
    return _fact("Standing in", value, f"{shifts} by overtime; {agency} by agency")


def _pace(pace: Pace) -> list[Component]:
    used = formats.percent(pace.used_percent / 100)
    after = formats.percent(pace.after_percent / 100)
    target = formats.percent(pace.target_percent / 100)
    return _fact(
        "Leave used so far",
        html.Span([f"{used} ", chip(_LIGHT_WORDS[pace.light], _LIGHTS[pace.light])]),
        f"target today {target}; {after} with this",
    )


def _notice(notice: Notice) -> list[Component]:
    given = formats.plural(notice.given_days, "day")
    words = "until" if notice.refusal_is_lawful else "only until"
    refusal = f"a refusal is lawful {words} {formats.day(notice.last_refusal)}"
    return _fact("Notice given", given, refusal)


def _checks(facts: DecisionFacts) -> Component:
    return html.Ul([_check(check) for check in facts.checks], className="checks")


def _check(check: Check) -> Component:
    if check.passed:
        mark = icon("check-circle-fill", class_name="text-good", label="Met")
    elif check.blocks_automatic:
        mark = icon("x-circle-fill", class_name="text-bad", label="Not met")
    else:
        mark = icon("exclamation-triangle-fill", class_name="text-warn", label="For information")
    return html.Li([mark, html.Span(check.text)])


def _checks_title(facts: DecisionFacts) -> str:
    failed = sum(1 for c in facts.checks if c.blocks_automatic and not c.passed)
    if failed:
        return f"{formats.plural(failed, 'condition')} of the leave policy not met"
    return "Every condition of the leave policy is met"


def _alternatives(found: Sequence[Alternative]) -> Component:
    return html.Ul([html.Li(_alternative(a)) for a in found], className="checks")


def _alternative(found: Alternative) -> str:
    words = formats.period(found.period.start, found.period.end)
    short = (
        "no shift falls short"
        if not found.price.shifts
        else f"{formats.plural(found.price.shifts, 'shift')} short"
    )
    saving = (
        f", {formats.money(found.saving_pence)} cheaper" if found.saving_pence is not None else ""
    )
    return f"{words}: {short}{saving}, {formats.hours_from_minutes(found.minutes)} of leave"


def _colleagues(found: Sequence[ColleagueOff]) -> Component:
    if not found:
        return html.P("Nobody else of the unit is off on these days.", className="muted")
    return html.Ul(
        [
            html.Li(
                [
                    html.Strong(c.name),
                    html.Span(
                        f"{c.role}, {formats.period(c.period.start, c.period.end)}, "
                        f"{'asked for' if c.status == 'pending' else c.status}",
                        className="muted",
                    ),
                ]
            )
            for c in found
        ],
        className="checks",
    )


def _actions() -> Component:
    return html.Div(
        [
            button("Approve", id=Ids.APPROVE, kind="primary", icon_name="check-lg", key="a"),
            button("Some days only…", id=Ids.PART_OPEN),
            button("Reject…", id=Ids.REJECT_OPEN, kind="danger"),
        ],
        className="decision-actions",
    )
