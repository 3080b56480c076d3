"""The establishment simulator: hire, or cover by bank, overtime or agency?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import dash
from dash import html
from dash.development.base_component import Component

from components import formats
from components.cards import Kpi, card, kpi_row
from components.charts.graph import chart
from components.charts.patterns import Amount, pattern_figure
from components.feedback import empty_state
from components.filters import Choices, Option, filter_bar, segmented
from components.shell import page
from components.state import ScreenState, parse_query
from components.tables import facts, simple_table
from components.theme import Status
from pages._numbers import numbers_tabs
from rota.access.permissions import Permission
from rota.access.scope import choose_home, homes_of
from rota.calendar import london_today
from rota.costs.establishment import (
    QUANTILES,
    WEEKS,
    Gap,
    HourlyPrices,
    best,
    break_even_minutes,
    care_roles,
    hourly_prices,
    options,
    past_gap,
    with_floor,
)
from rota.costs.establishment import (
    Option as Choice,
)
from rota.costs.rates import load_rate_book
from server.context import current_actor, reading
from server.pattern_addresses import (
    CONTRACTS,
    COVERS,
    HEADROOMS,
    RISES,
    EstablishmentView,
    parse_establishment,
)

PATH = "/costs/establishment/"

dash.register_page(
    __name__,
    path=PATH,
    name="Establishment",
    title="Establishment · Staff Rota",
    order=75,
    permission=Permission.VIEW_COSTS,
)


def layout(**query: Any) -> Component:
    """What a gap of the role in the address costs, hired for or covered."""
    state = parse_query(query)
    actor = current_actor()
    today = london_today()
    with reading() as session:
        homes = homes_of(session, actor)
        roles = care_roles(session)
        if not homes or not roles:
            return page("Establishment", empty_state("Nothing to simulate yet",
                        "A home and a role that counts to cover are needed."))  # fmt: skip
        home = choose_home(homes, state.home)
        view = parse_establishment(state.view, list(roles))
        gap = past_gap(session, actor, home.id, view.role, today)
        prices = hourly_prices(session, load_rate_book(session), view.role, today)
    choices = Choices(
        PATH, homes=[Option(h.id, h.name) for h in homes] if len(homes) > 1 else (), period=False,
    )  # fmt: skip
    state = state.to(home=home.id)
    return page(
        "Establishment",
        [
            numbers_tabs("Establishment", state),
            _assumptions(state, view, roles),
            *_content(view, gap, prices, roles[view.role]),
        ],
        subtitle=f"{home.name} · the last {WEEKS} full weeks · loaded day rates of today",
        filters=filter_bar(state, choices, today=today),
    )


def _assumptions(state: ScreenState, view: EstablishmentView, roles: dict[int, str]) -> Component:
    def group(label: str, field: str, choices: Sequence[tuple[Any, str]]) -> Component:
        links = [
            (words, state.to(view=replace(view, **{field: value}).text).href(PATH),
             getattr(view, field) == value, words)
            for value, words in choices
        ]  # fmt: skip
        return html.Div([html.Div(label, className="field-label"), segmented(label, links)])

    return card(
        [
            group("Role", "role", list(roles.items())),
            group("A post has", "contract", [(n, f"{n} h") for n in CONTRACTS]),
            group("Headroom", "headroom", [(n, f"{n} %") for n in HEADROOMS]),
            group("Pay floor rises by", "rise",
                  [(n, formats.money_exact(n) if n else "Nothing") for n in RISES]),
            group("Otherwise covered by", "cover", list(COVERS.items())),
        ],
        title="What is assumed",
    )  # fmt: skip


def _content(view: EstablishmentView, gap: Gap, prices: HourlyPrices, role: str) -> list[Component]:
    if prices.own is not None and view.rise:
        prices = with_floor(prices, prices.own, prices.own + view.rise)
    cover = getattr(prices, view.cover)
    if prices.own is None or cover is None:
        missing = "pay rate or on-costs" if prices.own is None else f"{COVERS[view.cover]} rate"
        return [empty_state(f"The {missing} of {role} is missing",
                            "An administrator can enter it; nothing is assumed in its place.",
                            icon_name="question-diamond")]  # fmt: skip
    found = options(
        gap,
        own_pence=prices.own,
        cover_pence=cover,
        contract_minutes=view.contract * 60,
        headroom_percent=view.headroom,
    )
    chosen, nothing = best(found), found[0]
    turn = break_even_minutes(own_pence=prices.own, cover_pence=cover,
                              contract_minutes=view.contract * 60,
                              headroom_percent=view.headroom)  # fmt: skip
    return [
        _cards(gap, chosen, nothing, turn, view),
        _panel(found, chosen, nothing, view),
        _quantiles(gap, prices, view),
        card(
            facts(
                [
                    ("Gap", f"Hours of {role} that overtime, bank or agency worked, or nobody."),
                    ("A post", "Paid for its contracted hours every week, and there for them less "
                     "the headroom (leave, sickness, training)."),
                    ("Pay floor rises by", "Loaded, on the role's own hour; overtime and bank "
                     "follow in proportion, invoices of agencies do not."),
                    ("Best", "The number of posts with the least mean weekly cost over the weeks."),
                ]
            ),
            title="What the figures mean",
        ),
    ]  # fmt: skip


def _cards(
    gap: Gap, chosen: Choice, nothing: Choice, turn: int | None, view: EstablishmentView
) -> Component:
    saved = nothing.total_pence - chosen.total_pence
    low, middle, high = (formats.hours_from_minutes(gap.quantile(q)) for q in QUANTILES)
    return kpi_row(
        [
            Kpi(label="Gap a week", value=middle, detail=f"{low} to {high} in 8 of 10 weeks",
                trend=tuple(gap.weeks), trend_label="Gap by week", icon="calendar-week"),
            Kpi(label="Best", value=f"Hire {chosen.posts}" if chosen.posts else "Do not hire",
                detail=f"{formats.money(saved)} a week less than {COVERS[view.cover].lower()} alone",
                status=Status.GOOD if saved else Status.NEUTRAL, icon="person-plus"),
            Kpi(label="A post pays from",
                value=formats.hours_from_minutes(turn) if turn is not None else "Never",
                detail="of gap a week" if turn is not None else
                f"an hour of {COVERS[view.cover].lower()} costs too little", icon="signpost-split"),
        ]
    )  # fmt: skip


def _panel(
    found: Sequence[Choice], chosen: Choice, nothing: Choice, view: EstablishmentView
) -> Component:
    shown = found[: max(chosen.posts + 6, 8)]
    amounts = [
        Amount(str(one.posts), word, pence / 100)
        for one in shown
        for word, pence in (("Posts", one.posts_pence), (COVERS[view.cover], one.cover_pence))
    ]
    title = (
        f"{formats.plural(chosen.posts, 'post')} cost least: "
        f"{formats.money(chosen.total_pence)} a week"
        if chosen.posts
        else f"Covering costs least: {formats.money(nothing.total_pence)} a week"
    )
    rows = [
        [
            html.Strong(str(o.posts)) if o is chosen else str(o.posts),
            formats.money(o.posts_pence), formats.money(o.cover_pence),
            formats.money(o.total_pence), formats.change_money(o.total_pence - nothing.total_pence),
        ]
        for o in shown
    ]  # fmt: skip
    return card(
        [
            chart(
                "establishment-chart",
                pattern_figure(amounts, kind="bars", title="Cost a week", money=True),
                title=title, subtitle="Mean weekly cost by number of posts hired",
                description=title, filename="establishment", height=320,
            ),
            simple_table(
                ["Hired", ("Posts", "num"), ("Cover left", "num"), ("Together", "num"),
                 ("Change", "num")],
                rows, caption="Weekly cost by number of posts",
            ),
        ]
    )  # fmt: skip


def _quantiles(gap: Gap, prices: HourlyPrices, view: EstablishmentView) -> Component:
    """The best answer in a quiet, a usual and a busy week, for every source of cover."""
    rows = []
    for source, words in COVERS.items():
        price = getattr(prices, source)
        cells = [words, formats.money_exact(price) if price is not None else "Rate missing"]
        for quantile in QUANTILES:
            if price is None or prices.own is None:
                cells.append(formats.NONE)
                continue
            week = Gap((gap.quantile(quantile),))
            one = best(options(week, own_pence=prices.own, cover_pence=price,
                               contract_minutes=view.contract * 60,
                               headroom_percent=view.headroom))  # fmt: skip
            cells.append(f"{one.posts} · {formats.money(one.total_pence)}")
        rows.append(cells)
    return card(
        simple_table(
            ["Covered by", ("An hour", "num"),
             *((f"{q} % of weeks: {formats.hours_from_minutes(gap.quantile(q))}", "num")
               for q in QUANTILES)],
            rows, caption="Posts to hire and weekly cost if every week were like this",
        ),
        title="If every week were quiet, usual or busy",
    )  # fmt: skip
