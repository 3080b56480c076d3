"""What the vacancies screen shows: values of the domain in, components out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dash import dcc, html
from dash.development.base_component import Component

from components import candidates as rows
from components import formats
from components.cards import card, chip
from components.feedback import empty_state
from components.forms import button, link_button, tabs
from components.legend import shift_code
from components.state import ScreenState
from components.theme import Category, Status
from rota.errors import InvalidInput
from rota.rules import Severity
from rota.vacancies.history import Event, Way
from rota.vacancies.matrix import Matrix, MatrixRow
from rota.vacancies.release import Release
from rota.vacancies.swaps import Move, Swap
from rota.vacancies.values import AgencyOption, Candidate, Ranking, Urgency, Vacancy

PATH = "/vacancies/"
#: people shown before one asks for more; rows beyond are never read on the phone
SHOWN_CANDIDATES = 25
SHOWN_MATRIX = 40
SHOWN_WORDS = 12
_VIEW = re.compile(r"([1-9][0-9]{0,8})(?:-(all|why))?")
_PLAN = re.compile(r"plan(?:-([1-9][0-9]{0,8}))?")
_MOVE = re.compile(r"p([1-9][0-9]{0,8})s([0-9]{1,9})t([1-9][0-9]{0,8})")
_VERDICTS: dict[Severity, rows.Verdict] = {
    Severity.OK: "free",
    Severity.WARNED: "warned",
    Severity.BARRED: "barred",
}


class Ids:
    """Ids of the screen."""

    GO = "vacancies-go"
    CHOSEN = "vacancies-chosen"
    PANEL = "vacancies-panel"
    ASSIGN = "vacancies-assign"
    AGENCY = "vacancies-agency"
    SWAP = "vacancies-swap"
    OFFER = "vacancies-offer"
    FREE = "vacancies-free"


@dataclass(frozen=True, slots=True)
class VacancyView:
    """Which vacancy is open, and how: its candidates, all of them, or the matrix.

    In the mode ``plan`` several are filled together: those a spell of absence left open, or
    the most urgent ones.
    """

    shift_id: int | None = None
    mode: str = ""
    spell_id: int | None = None

    @property
    def text(self) -> str:
        """As it stands in the address."""
        if self.shift_id is None:
            return ""
        return f"{self.shift_id}-{self.mode}" if self.mode else str(self.shift_id)


def parse_view(text: str) -> VacancyView:
    """Read the view of an address. Raises :class:`InvalidInput`."""
    if not text:
        return VacancyView()
    plan = _PLAN.fullmatch(text)
    if plan:
        return VacancyView(mode="plan", spell_id=int(plan[1]) if plan[1] else None)
    found = _VIEW.fullmatch(text)
    if not found:
        raise InvalidInput("This address names no vacancy.", hint="Choose one of the list.")
    return VacancyView(int(found[1]), found[2] or "")


def pack_moves(moves: Sequence[Move]) -> str:
    """The moves of a swap as the id of its button carries them."""
    return "-".join(f"p{m.staff_id}s{m.from_shift_id or 0}t{m.to_shift_id}" for m in moves)


def unpack_moves(text: object) -> list[Move]:
    """Read what :func:`pack_moves` wrote. Raises :class:`InvalidInput`; ids are still to check."""
    parts = str(text).split("-")
    found = [_MOVE.fullmatch(part) for part in parts]
    if len(parts) > 2 or not all(found):
        raise InvalidInput("This swap cannot be read.", hint="Open the vacancy again.")
    return [
        Move(int(f[1]), "", int(f[2]) or None, int(f[3]), "Swap to fill a vacancy")
        for f in found
        if f is not None
    ]


def category(name: str) -> Category:
    """The category that paints a shift type."""
    try:
        return Category(name.replace("_", "-"))
    except ValueError:
        return Category.DAY


def vacancy_list(
    found: Sequence[Vacancy], state: ScreenState, chosen: int | None, today: date
) -> Component:
    """The list under its headings, most urgent first."""
    groups = [
        (
            urgency.word,
            [_item(v, state, v.shift_id == chosen) for v in found if v.urgency is urgency],
        )
        for urgency in sorted(Urgency, reverse=True)
    ]
    return rows.gap_list(groups, today=today)


def _item(v: Vacancy, state: ScreenState, chosen: bool) -> rows.GapItem:
    detail = [v.why]
    if v.below_minimum:
        detail.append(f"{v.cover.planned} of {v.cover.minimum}")
    return rows.GapItem(
        id=v.shift_id,
        day=v.date,
        code=v.code,
        category=category(v.category),
        label=v.shift_name,
        place=v.unit,
        href=state.to(view=str(v.shift_id)).href(PATH),
        detail=" · ".join(detail),
        chosen=chosen,
    )


def vacancy_head(v: Vacancy) -> Component:
    """What is open, when and why, and how the slot stands without it."""
    cover = f"{v.cover.planned} of {v.cover.minimum} planned"
    status = Status.BAD if v.below_minimum else Status.GOOD
    words = f"{cover}, below the minimum" if v.below_minimum else f"{cover}, minimum kept"
    if v.is_senior and v.cover.seniors_short:
        words = f"{cover}, no senior on duty"
    when = f"{formats.clock(v.starts_at)}–{formats.clock(v.ends_at)}"
    facts = [when, formats.hours_from_minutes(v.paid_minutes), v.role or "Any role", v.why]
    if v.vacant_since is not None:
        facts.append(f"open since {formats.moment(v.vacant_since)}")
    return html.Div(
        [
            html.Div(
                [
                    shift_code(v.code, category(v.category)),
                    html.H2(
                        f"{formats.day(v.date)}, {v.shift_name.lower()}, {v.unit}",
                        className="card-heading",
                    ),
                    chip(words, status),
                ],
                className="vacancy-title",
            ),
            html.Div(" · ".join(facts), className="muted"),
            *([html.Div(v.note)] if v.note else []),
        ],
        className="vacancy-head",
    )


def release_line(found: Sequence[Release]) -> Component:
    """Which circles the vacancy is open to, and when the next one opens."""
    opened = [r.to for r in found if r.is_open]
    later = [f"{r.to} from {formats.day(r.opens_on)}" for r in found if not r.is_open]
    words = f"Open to {', '.join(opened)}"
    if later:
        words += f"; to {', '.join(later)}"
    return html.Div(words, className="muted")


def ways_strip(ways: Sequence[Way]) -> Component:
    """What it costs by each way of filling it, the cheapest marked."""
    prices = [way.pence for way in ways if way.pence is not None]
    return html.Ul(
        [_way(way, cheapest=way.pence is not None and way.pence == min(prices)) for way in ways],
        className="ways",
        **{"aria-label": "Cost by each way of filling it"},
    )


def _way(way: Way, *, cheapest: bool) -> Component:
    who = f"{way.name}, {way.count} in all" if way.count > 1 else way.name or "nobody"
    return html.Li(
        [
            html.Div(way.source, className="muted"),
            html.Div(
                [
                    html.Span(formats.money(way.pence), className="num way-price"),
                    *([chip("cheapest", Status.GOOD)] if cheapest else []),
                ]
            ),
            html.Div(who, className="muted way-who"),
        ],
        className="way",
    )


def history_panel(events: Sequence[Event]) -> Component:
    """What has happened to the vacancy, newest first."""
    if not events:
        return html.Div("Nothing is recorded about it yet.", className="muted")
    lines = [
        html.Li(
            [
                html.Span(formats.moment(event.at), className="muted num"),
                html.Span(" · ".join(words for words in (event.who, event.words) if words)),
            ]
        )
        for event in events
    ]
    return card(html.Ul(lines, className="history"), title="History")


def view_tabs(state: ScreenState, view: VacancyView) -> Component:
    """Who could work it, or why nobody can."""
    shift_id = str(view.shift_id)
    return tabs(
        "This vacancy",
        [
            ("Who could work it", state.to(view=shift_id).href(PATH), view.mode != "why"),
            (
                "Why can’t this be filled?",
                state.to(view=f"{shift_id}-why").href(PATH),
                view.mode == "why",
            ),
        ],
    )


def ranking_panel(
    ranking: Ranking,
    state: ScreenState,
    *,
    may_fill: bool,
    everybody: bool,
    may_approve: bool = False,
) -> list[Component]:
    """The candidates as rows, then the agencies."""
    shown = ranking.candidates if everybody else ranking.candidates[:SHOWN_CANDIDATES]
    counts = [f"{ranking.count(s)} {s.word.lower()}" for s in Severity if ranking.count(s)]
    parts: list[Component] = []
    if shown:
        parts.append(
            card(
                rows.candidate_list(
                    [_candidate(c) for c in shown], assign_type=Ids.ASSIGN if may_fill else ""
                ),
                title=f"People: {', '.join(counts)}",
                flush=True,
            )
        )
    else:
        parts.append(
            empty_state(
                "Nobody of a fitting grade",
                "Neither this home nor those who work elsewhere have anybody of that grade.",
            )
        )
    free = [c.staff_id for c in shown if c.severity is Severity.OK]
    parts.append(dcc.Store(id=Ids.FREE, data=free))
    if may_fill and free:
        words = f"Offer it to the {len(free)} who are free" if len(free) > 1 else "Offer it"
        parts.insert(
            0, html.Div(button(words, id=Ids.OFFER, icon_name="send"), className="actions")
        )
    hidden = len(ranking.candidates) - len(shown) + ranking.unjudged
    if hidden > 0:
        href = state.to(view=f"{ranking.vacancy.shift_id}-all").href(PATH)
        parts.append(link_button(f"Show {hidden} more people", href, kind="quiet"))
    if ranking.agencies:
        parts.append(
            card(_agencies(ranking.agencies, may_fill, may_approve), title="Agencies", flush=True)
        )
    return parts


def _candidate(c: Candidate) -> rows.Candidate:
    """What speaks against somebody as a list, everything else in one quiet line."""
    place = c.unit if c.distance_km == 0 else ""
    return rows.Candidate(
        id=c.staff_id,
        name=c.name,
        grade=c.role,
        verdict=_VERDICTS[c.severity],
        reasons=[reason.text for reason in c.reasons if reason.good is False],
        pence=c.cost_pence,
        source=", ".join(words for words in (c.tier.word, place) if words),
        hours=" · ".join(reason.text for reason in c.reasons if reason.good is not False),
    )


def _agencies(options: Sequence[AgencyOption], may_fill: bool, may_approve: bool) -> Component:
    return html.Ul([_agency(o, may_fill, may_approve) for o in options], className="candidates")


def _agency(option: AgencyOption, may_fill: bool, may_approve: bool) -> Component:
    facts = [f"Choice {option.preference}"]
    if option.cap_left_minutes is not None:
        left = formats.hours_from_minutes(max(0, option.cap_left_minutes))
        facts.append(f"{left} left of its weekly cap")
    asks = option.needs_approval and not may_approve
    if option.needs_approval:
        facts.append("above the limit: a senior manager approves it")
    if option.refusal:
        facts.append(option.refusal)
    verdict = (
        chip("Not now", Status.BAD) if option.refusal else chip("Can be asked", Status.NEUTRAL)
    )
    parts: list[Component] = [
        html.Div(verdict, className="candidate-verdict"),
        html.Div(
            [
                html.Div(html.Span(option.name, className="candidate-name")),
                html.Div(" · ".join(facts), className="muted candidate-more"),
            ],
            className="candidate-words",
        ),
        html.Div(formats.money(option.cost_pence), className="candidate-cost num"),
    ]
    if may_fill and not option.refusal:
        identity = {"type": Ids.AGENCY, "agency": option.agency_id}
        word = "Request" if asks else "Book"
        parts.append(button(word, id=identity, title=f"{word} {option.name}"))
    return html.Li(parts, className="candidate")


def matrix_panel(matrix: Matrix, *, may_fill: bool) -> list[Component]:
    """People × rules, those nearest first, with the lawful swaps above."""
    parts: list[Component] = [card(_swaps(matrix.swaps, may_fill), title="Nearest lawful moves")]
    barred = [row for row in matrix.rows if row.obstacles][:SHOWN_MATRIX]
    if not matrix.rows:
        parts.append(empty_state("Nobody to ask", "Nobody works here or may work here."))
        return parts
    title = _matrix_title(matrix)
    broken = {
        (row.staff_id, verdict.rule): verdict.message for row in barred for verdict in row.against
    }
    people = [(row.staff_id, f"{row.name} ({row.role_code})") for row in barred]
    barring = [(c.key, c.title) for c in matrix.columns if c.barred]
    if barred:
        parts.append(card(rows.rules_matrix(people, barring, broken), title=title, flush=True))
        parts.append(card(_in_words(barred[:SHOWN_WORDS]), title="The nearest, in plain English"))
    parts.append(card(_rules(matrix), title="The rules in the way"))
    return parts


def _matrix_title(matrix: Matrix) -> str:
    barred = sum(1 for row in matrix.rows if row.obstacles)
    total = formats.plural(len(matrix.rows), "person", "people")
    return f"{barred} of {total} barred, {matrix.free} free; fewest obstacles first"


def _in_words(found: Sequence[MatrixRow]) -> Component:
    return html.Ul(
        [
            html.Li([html.Strong(f"{row.name}: "), ". ".join(v.message for v in row.against) + "."])
            for row in found
        ],
        className="reasons rules-said",
    )


def _rules(matrix: Matrix) -> Component:
    return html.Ul(
        [
            html.Li(
                [
                    html.Strong(f"{column.title}: {column.barred} barred. "),
                    f"{column.statement} ",
                    html.Span(column.basis, className="muted"),
                ]
            )
            for column in sorted(matrix.columns, key=lambda c: -c.barred)
            if column.barred
        ],
        className="reasons rules-said",
    )


def _swaps(swaps: Sequence[Swap], may_fill: bool) -> Component:
    if not swaps:
        return html.P("No one- or two-move swap fills this lawfully.", className="muted")
    return html.Ul([_swap(swap, may_fill) for swap in swaps], className="candidates")


def _swap(swap: Swap, may_fill: bool) -> Component:
    status = Status.GOOD if swap.severity is Severity.OK else Status.WARN
    word = "One move" if len(swap.moves) == 1 else "Two moves"
    parts: list[Component] = [
        html.Div(chip(word, status), className="candidate-verdict"),
        html.Div(
            [
                *[html.Div(move.text) for move in swap.moves],
                *[html.Div(text, className="muted candidate-more") for text in swap.warnings],
            ],
            className="candidate-words",
        ),
        html.Div(),
    ]
    if may_fill:
        identity = {"type": Ids.SWAP, "moves": pack_moves(swap.moves)}
        parts.append(button("Apply", id=identity))
    return html.Li(parts, className="candidate")


def back_link(state: ScreenState) -> Component:
    """On a phone the list and the vacancy take turns."""
    return html.Div(
        dcc.Link("‹ All vacancies", href=state.to(view="").href(PATH), className="btn btn-quiet"),
        className="only-phone",
    )
