"""The parts of one scenario's page: values of the domain in, components out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from dash import html
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.feedback import empty_state
from components.forms import button, checks, field, form_row, text_field
from components.rota_difference import DifferenceRow, difference_grid
from components.tables import facts, simple_table
from pages._rota_view import category_of
from pages._scenario_ids import Ids
from rota.errors import InvalidInput
from rota.optimisation.acceptance import Acceptance
from rota.optimisation.comparison import Compared, PersonDays
from rota.optimisation.prices import Prices
from rota.optimisation.queries import ScenarioView
from rota.optimisation.requests import OptimisationRequest
from rota.roster.shift_types import ShiftKind
from rota.rules import DEFAULT_RULEBOOK

#: what each price means to the person who sets it
PRICE_WORDS: Mapping[str, str] = {
    "unfilled": "A shift left open",
    "senior_missing": "A missing senior",
    "below_ideal": "One person below the ideal",
    "above_ideal": "One person above the ideal",
    "change": "A change to a shift not yet published",
    "published_change": "A change to a published shift",
    "short_notice_change": "A change to a published shift within a week",
    "unfamiliar_unit": "A shift on another unit",
    "fairness": "A night, weekend or holiday beyond a fair share",
    "unused_contract_percent": "Unused contracted time, % of the hourly rate",
    "agency_fallback_hour": "An agency hour whose rate is unknown",
}
_SOURCES = {
    "regular": "Contracted", "overtime": "Overtime", "bank": "Bank", "agency": "Agency",
}  # fmt: skip


def stamp(view: ScenarioView) -> Component:
    """All that a scenario was computed from, so that it can be computed again."""
    level = view.inputs.get("service_level")
    gap = "none proved" if view.gap is None else formats.percent(view.gap, 2)
    return facts(
        [
            ("Period", formats.period(view.start, view.end)),
            ("Made by", f"{view.created_by}, {formats.moment(view.created_at)}"),
            ("Data version", formats.number(view.data_version)),
            ("Seed", str(view.seed)),
            ("Solver", f"{view.solver}, {formats.number(view.seconds)} s"),
            ("Gap to the best possible", gap),
            ("Service level", f"{level}%" if level else "as required"),
        ]
    )


def changes(
    people: Sequence[PersonDays], view: ScenarioView, units: Mapping[int, str]
) -> Component:
    """Who works when: the rota as it stands, the scenario as a ghost beside it."""
    if not people:
        return empty_state(
            "No difference",
            "The rota already is what this scenario says.",
            icon_name="check2-circle",
        )
    count = sum(person.changes for person in people)
    rows = [
        DifferenceRow(
            person.name, person.unit,
            {day: _drawn(each, person.unit, units) for day, each in person.before.items()},
            {day: _drawn(each, person.unit, units) for day, each in person.after.items()},
        )
        for person in people
    ]  # fmt: skip
    title = (
        f"{formats.plural(len(people), 'person', 'people')} would work otherwise, "
        f"on {formats.plural(count, 'day')}"
    )
    note = "Struck out: the rota as it stands. Dashed frame: this scenario."
    return card(
        [
            html.P(note, className="muted"),
            difference_grid(rows, days_of(view.start, view.end), caption=title),
        ],
        title=title,
    )


def days_of(start: date, end: date) -> list[date]:
    """Every day from the first to the last."""
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def _drawn(
    each: tuple[ShiftKind, int], own: str, units: Mapping[int, str]
) -> tuple[str, object, str]:  # type: ignore[type-arg]
    kind, unit_id = each
    unit = units.get(unit_id, "")
    return kind.code, category_of(kind), unit if unit != own else ""


def part_choice(part: str, options: Sequence[tuple[str, str]]) -> Component:
    """The units, days or people to accept; nothing to choose for the whole."""
    words = {"units": "Units to accept", "days": "Days to accept", "people": "People to accept"}
    chosen = checks(Ids.PART, options, [], inline=True)
    if part == "whole":
        return html.Div(chosen, hidden=True)
    return field(words[part], chosen, hint="What must come along by the rules is said below.")


def preview(plan: Acceptance, names: Mapping[int, str], today: date) -> Component:
    """What accepting would do, before anything is written."""
    notice = "none" if plan.first_day is None else formats.relative_day(plan.first_day, today)
    parts: list[Component] = [
        facts(
            [
                ("Shifts that change", formats.number(plan.shifts)),
                ("People concerned", formats.number(len(plan.people))),
                ("Published shifts among them", formats.number(plan.published)),
                ("First day concerned", notice),
                ("Cost", formats.change_money(plan.cost_pence) or "unchanged"),
                ("Open shifts", formats.change(plan.vacancies) or "unchanged"),
            ]
        )
    ]
    if plan.brought:
        listed = ", ".join(sorted(names.get(i, str(i)) for i in plan.brought))
        parts.append(
            html.P(
                f"These come along, because the part would otherwise break a rule or put two "
                f"people in one place: {listed}."
            )
        )
    return html.Div(parts, className="stack")


def edit_form(request: OptimisationRequest) -> Component:
    """All inputs of a scenario, to be changed and solved again."""
    fields = [
        field(
            PRICE_WORDS[name],
            _number(
                {"type": Ids.PRICE, "name": name},
                value if name.endswith("percent") else value / 100,
            ),
            required=True,
        )
        for name, value in request.prices.as_inputs().items()
    ]
    return card(
        [
            html.P(
                "Solving again reads the rota as it is now and makes a new scenario beside this "
                "one; nothing of the rota changes.",
                className="muted",
            ),
            form_row(
                field("Name", text_field(Ids.NAME, request.name), required=True),
                field("Seconds", _number(Ids.SECONDS, round(request.seconds)), required=True),
                field("Seed", _number(Ids.SEED, request.seed), required=True),
                field(
                    "Service level, %", _number(Ids.LEVEL, request.service_level),
                    hint="50 to 99, from the forecast; empty: as required.",
                ),
            ),
            html.H3("What counts how much (pounds, once each)", className="card-heading"),
            *[form_row(*fields[n : n + 3]) for n in range(0, len(fields), 3)],
            html.Div(
                [
                    button("Solve again", id=Ids.RESOLVE, kind="primary", icon_name="play-fill"),
                    button("Duplicate as it is", id=Ids.DUPLICATE, icon_name="copy"),
                ],
                className="actions",
            ),
        ],
        title="Inputs",
    )  # fmt: skip


def _number(id: object, value: float | None) -> Component:
    return text_field(id, "" if value is None else f"{value:g}", kind="number")  # type: ignore[arg-type]


def read_prices(ids: object, values: object) -> Prices:
    """The prices of the form, in pence. Raises :class:`InvalidInput` naming a bad one."""
    given: dict[str, int] = {}
    pairs = (
        zip(ids, values, strict=False) if isinstance(ids, list) and isinstance(values, list) else ()
    )
    for identity, value in pairs:
        name = str(identity.get("name")) if isinstance(identity, dict) else ""
        if name not in PRICE_WORDS:
            raise InvalidInput("There is no such price.", hint="Load the page again.")
        try:
            pounds = float(value)
            given[name] = round(pounds if name.endswith("percent") else pounds * 100)
        except (TypeError, ValueError, OverflowError):
            raise InvalidInput(f"“{PRICE_WORDS[name]}” needs a number.") from None
    return Prices.from_inputs(given)


def compare_table(found: Sequence[Compared]) -> Component:
    """The same measures of the rota and of up to three scenarios, with the change."""
    rules = {rule.key: rule.title for rule in DEFAULT_RULEBOOK.rules}
    sources = sorted({source for each in found for source in each.cost_by_source})
    broken = sorted({rule for each in found for rule in each.breaches})
    rows: list[list[Component | str]] = [_line("Cost", found, lambda c: c.cost_pence, "money")]
    rows += [
        _line(
            f"of it {_SOURCES.get(s, s).lower()}",
            found,
            lambda c, s=s: c.cost_by_source.get(s, 0),
            "money",
        )
        for s in sources
    ]
    rows += [
        _line("Unfilled shifts", found, lambda c: c.unfilled, "number"),
        _line("Agency hours", found, lambda c: c.agency_hours, "hours"),
        _line("Overtime hours", found, lambda c: c.overtime_hours, "hours"),
        _line("Rule breaches", found, lambda c: sum(c.breaches.values()), "number"),
    ]
    rows += [
        _line(
            f"of them {rules.get(b, b).lower()}",
            found,
            lambda c, b=b: c.breaches.get(b, 0),
            "number",
        )
        for b in broken
    ]
    rows += [
        _line("Nights, unevenness (Gini)", found, lambda c: c.night_gini, "index"),
        _line("Weekends, unevenness (Gini)", found, lambda c: c.weekend_gini, "index"),
        _line("Continuity", found, lambda c: c.continuity, "share"),
        _line("People whose days change", found, lambda c: c.people_changed, "plain"),
        _line("Shifts that change", found, lambda c: c.shifts_changed, "plain"),
        _line("Published shifts that change", found, lambda c: c.published_changed, "plain"),
        _line("Shortest notice", found, lambda c: c.notice_days, "days"),
    ]
    heads: list[str | tuple[str, str]] = ["Measure", *[(c.name, "num") for c in found]]
    return html.Div(
        simple_table(heads, rows, caption="The rota and the scenarios side by side"),  # type: ignore[arg-type]
        className="table-scroll compare-table",
    )


def _line(label: str, found: Sequence[Compared], read: object, kind: str) -> list[Component | str]:
    values = [read(each) for each in found]  # type: ignore[operator]
    cells: list[Component | str] = [label]
    for place, value in enumerate(values):
        first = values[0]
        shown = _shown(value, kind)
        delta = ""
        if place and value is not None and first is not None and kind not in ("plain", "days"):
            delta = _delta(value - first, kind)
        cells.append(
            html.Span(
                [shown, *([html.Span(delta, className="measure-small muted")] if delta else [])]
            )
        )
    return cells


def _shown(value: float | None, kind: str) -> str:
    if value is None:
        return "–"
    if kind == "money":
        return formats.money(round(value))
    if kind == "hours":
        return formats.hours(value)
    if kind == "index":
        return formats.number(value, 2)
    if kind == "share":
        return formats.percent(value)
    return formats.plural(round(value), "day") if kind == "days" else formats.number(value)


def _delta(change: float, kind: str) -> str:
    if kind == "money":
        return formats.change_money(round(change)) if round(change) else ""
    if kind == "share":
        return f"{formats.change(change * 100, 1)} points" if abs(change) >= 0.0005 else ""
    places = {"hours": 1, "index": 2}.get(kind, 0)
    return formats.change(change, places) if abs(change) >= 0.5 * 10**-places else ""
