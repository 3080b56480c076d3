"""Every component on a page with invented values: ``python -m tests.components.gallery``.

For looking at, in both themes and at both widths; nothing here is part of the product.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import dash
import flask
from dash import Dash, Input, Output, Patch, html

from components import (
    candidates,
    cards,
    cover_matrix,
    day_list,
    feedback,
    filters,
    forms,
    leave_effect,
    legend,
    rota_grid,
    scenario_cards,
    shell,
    tables,
)
from components.charts import costs, forecast, graph, heatmap, scenarios, waterfall
from components.document import index_string
from components.state import parse_query
from components.theme import Category, Status

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 3, 3)
NAV = [
    shell.NavItem("Overview", "speedometer2", "/"),
    shell.NavItem("Rota", "calendar3-week", "/rota/"),
    shell.NavItem("Vacancies", "person-exclamation", "/vacancies/", badge=12, of="open shifts"),
    shell.NavItem("Leave", "sun", "/leave/", badge=4, of="requests waiting"),
    shell.NavItem("Forecast", "graph-up", "/forecast/", section="Plan"),
    shell.NavItem("Scenarios", "sliders", "/scenarios/", section="Plan"),
    shell.NavItem("Costs", "currency-pound", "/costs/", section="Plan"),
    shell.NavItem("Reports", "file-earmark-text", "/reports/", section="Plan"),
    shell.NavItem("Administration", "gear", "/admin/", section="Organisation"),
]
HOMES = [
    filters.Option(i, n)
    for i, n in enumerate(
        ["Orchard Grove", "Victoria Gardens", "Hawthorn House", "Riverside", "Meadowburn"], 1
    )
]
UNITS = [filters.Option(i, f"OG {n}") for i, n in enumerate(["Mulberry", "Willow", "Oak"], 1)]
CODES = [
    legend.Code("LD", "Long day", Category.DAY, "08:00–20:00"),
    legend.Code("SD", "Senior day", Category.SENIOR_DAY, "07:45–20:15"),
    legend.Code("N", "Waking night", Category.NIGHT, "20:00–08:00"),
    legend.Code("SN", "Senior night", Category.SENIOR_NIGHT, "19:45–08:15"),
    legend.Code("E", "Early", Category.EARLY, "08:00–14:00"),
    legend.Code("L", "Late", Category.LATE, "14:00–20:00", key="a"),
    legend.Code("O", "Office", Category.OFFICE, "09:00–17:00"),
    legend.Code("Z", "Sleep-in", Category.SLEEP_IN),
    legend.Code("AL", "Annual leave", Category.LEAVE),
    legend.Code("S", "Sick", Category.SICK),
    legend.Code("T", "Training", Category.TRAINING),
    legend.Code("?", "Vacancy", Category.VACANCY),
]
PEOPLE = """Aileen Abercrombie,Bashir Ahmad,Catriona Baird,Dougal Campbell,Eilidh Drummond
Fiona Farquharson-Montgomery,Graham Geddes,Hamish Henderson,Isla Irvine,Joanna Kowalczyk""".replace(
    "\n", ","
).split(",")


def demo_rows(count: int, start: date, weeks: int) -> list[rota_grid.GridRow]:
    """Invented people and shifts, the same each time."""
    random = Random(7)
    rows = [
        rota_grid.GridRow("h1", "OG Mulberry", heading=True),
        rota_grid.GridRow(
            "open-1",
            "Open shifts",
            vacancies=True,
            cells={
                start + timedelta(days=d): rota_grid.GridCell(
                    "?" if d % 2 else "2 ?", Category.VACANCY
                )
                for d in range(2, 7 * weeks, 5)
            },
        ),
    ]
    marks: list[tuple[str, ...]] = [
        (),
        (),
        (),
        (),
        ("overtime",),
        ("agency",),
        ("draft",),
        ("locked",),
        ("warning",),
        ("breach",),
    ]
    for i in range(count):
        cells = {}
        kinds = CODES[:2] if i % 3 else CODES[2:4]
        for d in range(7 * weeks):
            if (d + i) % 7 in (0, 1, 2):
                code = kinds[i % 2]
                cells[start + timedelta(days=d)] = rota_grid.GridCell(
                    code.code,
                    code.category,
                    random.choice(marks),
                    note=f"{code.label} {code.times}",
                    token=f"{100 * i + d}:1",
                )
            elif random.random() < 0.06:
                code = random.choice(CODES[4:11])
                cells[start + timedelta(days=d)] = rota_grid.GridCell(code.code, code.category)
        rows.append(
            rota_grid.GridRow(
                str(i),
                PEOPLE[i % len(PEOPLE)],
                grade=["SCA", "SCAN", "SCW", "SSCW"][i % 4],
                contracted_hours=35.0 * weeks if i % 2 else 24.0 * weeks,
                rostered_hours=11.66 * len(cells),
                cells=cells,
                flag=["", "warning", "breach"][i % 3] if i < 6 else "",
                note="47.1 h average over 17 weeks" if i < 6 and i % 3 else "",
            )
        )
        if i == count // 2:
            rows.append(rota_grid.GridRow("h2", "OG Willow", heading=True))
    return rows


def demo_cover(start: date, weeks: int) -> list[rota_grid.CoverRow]:
    """Cover lines with gaps and surplus."""
    random = Random(3)
    days = [start + timedelta(days=d) for d in range(7 * weeks)]
    return [
        rota_grid.CoverRow(
            f"cover-{code}",
            label,
            {
                d: rota_grid.Cover(required + random.choice([0, 0, 0, -1, 1]), required)
                for d in days
            },
        )
        for code, label, required in (("LD", "Day", 4), ("N", "Night", 2))
    ]


def overview(**query: object):
    """The overview as it could look."""
    state = parse_query(query)
    random = Random(5)
    units = ["Mulberry", "Willow", "Oak", "Ash", "Rowan", "Birch"]
    days = [TODAY + timedelta(days=d) for d in range(14)]
    cover = [
        heatmap.CoverCell(u, d, band, need + random.choice([0, 0, 0, -1, -2, 1]), need)
        for u in units
        for d in days
        for band, need in (("day", 4), ("night", 2))
    ]
    return shell.page(
        "Overview",
        [
            cards.today_strip(
                [
                    cards.DutyToday("Orchard Grove", 41, 44, 0, 3, "/rota/"),
                    cards.DutyToday("Victoria Gardens", 38, 38, 0, 0, "/rota/"),
                    cards.DutyToday("Hawthorn House", 35, 36, 1, 0, "/rota/"),
                ]
            ),
            cards.kpi_row(
                [
                    cards.Kpi(
                        "Vacancies, 14 days",
                        "12",
                        href="/vacancies/",
                        change="+3",
                        change_status=Status.BAD,
                        change_period="on last week",
                        trend=(4, 6, 5, 9, 8, 12),
                        icon="person-exclamation",
                    ),
                    cards.Kpi(
                        "Leave waiting",
                        "4",
                        href="/leave/",
                        detail="oldest 3 days",
                        trend=(2, 3, 3, 5, 4, 4),
                        icon="sun",
                    ),
                    cards.Kpi(
                        "Working time",
                        "2 to look at",
                        href="/rota/",
                        change="−1",
                        change_status=Status.GOOD,
                        change_period="on last week",
                        status=Status.WARN,
                        icon="stopwatch",
                    ),
                    cards.Kpi(
                        "March against budget",
                        "£412,300",
                        href="/costs/",
                        change="+£8,200",
                        change_status=Status.BAD,
                        change_period="over at this pace",
                        trend=(380, 391, 402, 399, 405, 412),
                        icon="currency-pound",
                    ),
                ]
            ),
            cards.card(
                [
                    cover_matrix.cover_matrix(
                        cover,
                        today=TODAY,
                        href=lambda c: f"/rota/?start={c.day}&weeks=1",
                        caption="Cover by unit, 3 – 16 March",
                    ),
                    html.Div(cover_matrix.matrix_key(), className="matrix-foot"),
                ],
                title="Cover, 3 – 16 Mar",
                flush=True,
            ),
            graph.chart(
                "cover",
                heatmap.cover_figure(cover),
                title="Nights on Willow and Ash are short this week",
                subtitle="Planned of required by unit, day and night, 3 – 16 Mar",
                description="Cover by unit for the next fortnight; short cells are red.",
                filename="cover orchard grove",
                clickable=True,
                min_width=900,
            ),
        ],
        subtitle="Tuesday 3 March 2026",
        filters=filters.filter_bar(
            state, filters.Choices("/", HOMES, UNITS, all_homes=True), today=TODAY
        ),
        secondary=[forms.button("Print", id="print", icon_name="printer")],
        primary=forms.button("New leave", id="new", kind="primary", icon_name="plus-lg", key="n"),
    )


def rota(**query: object):
    """The rota with its palette."""
    state = parse_query(query).beginning(TODAY)
    holidays = {date(2026, 3, 6): "Spring Holiday"}
    count = int(str(query.get("n") or 60))
    return shell.page(
        "Rota",
        [
            html.Div(
                [rota_grid.palette("grid", CODES[:7])],
                style={"display": "flex", "gap": "8px"},
            ),
            rota_grid.rota_grid(
                "grid",
                rota_grid.columns(state.start or TODAY, state.weeks, holidays),
                demo_rows(count, state.start or TODAY, state.weeks),
                demo_cover(state.start or TODAY, state.weeks),
                today=TODAY,
                editable=True,
            ),
            legend.legend(CODES),
            html.Pre(id="intent", style={"margin": 0}),
        ],
        subtitle=cards.chip("Draft, 14 changes", Status.WARN, icon_name="pencil-fill"),
        filters=filters.filter_bar(state, filters.Choices("/rota/", HOMES, UNITS), today=TODAY),
        secondary=[forms.button("Copy last week", id="copy", icon_name="copy")],
        primary=forms.button("Publish", id="publish", kind="primary"),
        fill=True,
    )


def charts(**query: object):
    """Forecast and costs."""
    random = Random(11)
    points = []
    for d in range(-56, 28):
        day = TODAY + timedelta(days=d)
        level = 60 + 8 * (day.weekday() >= 5) + 0.05 * d
        actual = round(level + random.uniform(-7, 7), 1)
        points.append(
            forecast.ForecastPoint(
                day,
                actual if d < 0 else None,
                level if d >= -14 else None,
                level - 9 if d >= 0 else None,
                level + 9 if d >= 0 else None,
                64.0 if d >= 0 else None,
            )
        )
    months = [
        costs.CostMonth(
            date(2025 + (i + 3) // 12, (i + 3) % 12 + 1, 1),
            {
                "contracted": 31_000_000 + 400_000 * i,
                "overtime": 3_000_000,
                "bank": 2_400_000,
                "agency": 4_500_000 - 250_000 * i,
            },
            budget=40_500_000,
            projected=i == 11,
        )
        for i in range(12)
    ]
    steps = [
        waterfall.Step("Budget", 40_500_000, total=True),
        waterfall.Step("Volume", 820_000),
        waterfall.Step("Rate", 410_000),
        waterfall.Step("Mix", -560_000),
        waterfall.Step("Actual", 41_170_000, total=True),
    ]
    return shell.page(
        "Charts",
        [
            graph.chart(
                "forecast",
                forecast.forecast_figure(points, today=TODAY, service_level=72.5),
                title="Weekends need about eight hours more than weekdays",
                subtitle="Direct care hours a day, OG Mulberry, last 8 weeks and next 4",
                description="Actual, expected with its 80% band, and planned hours by day.",
                filename="forecast og mulberry",
                table=True,
            ),
            html.Div(
                [
                    graph.chart(
                        "costs",
                        costs.costs_figure(months),
                        title="Agency share fell to 4%",
                        subtitle="Loaded cost by source, April 2025 – March 2026",
                        description="Cost by month and source against the budget.",
                        filename="costs",
                    ),
                    graph.chart(
                        "waterfall",
                        waterfall.waterfall_figure(steps),
                        title="More hours and dearer hours, partly saved by mix",
                        subtitle="Budget to actual, March 2026",
                        description="Variance split into volume, rate and mix.",
                        filename="variance",
                    ),
                ],
                className="columns-2",
            ),
            graph.chart(
                "compare",
                costs.comparison_figure(
                    [
                        costs.Group(
                            o.label,
                            {
                                "contracted": 8_000_000 * (i + 2),
                                "overtime": 700_000,
                                "agency": 900_000 * i,
                            },
                            budget=8_200_000 * (i + 2),
                        )
                        for i, o in enumerate(HOMES)
                    ]
                ),
                title="Meadowburn is over its budget",
                subtitle="March 2026",
                description="Homes side by side.",
                filename="homes",
            ),
        ],
    )


def parts(**query: object):
    """Tables, forms, states and feedback."""
    rows = [
        {
            "id": i,
            "who": {"text": PEOPLE[i % 10], "href": f"/rota/?person={i + 1}"},
            "day": (TODAY + timedelta(days=i)).isoformat(),
            "code": "N|night" if i % 2 else "LD|day",
            "hours": 11.66 + i / 10,
            "cost": 24_350 + 1_000 * i,
            "share": 0.061 * i,
            "status": ["good|Approved", "warn|Waiting", "bad|Rejected"][i % 3],
        }
        for i in range(8)
    ]
    grid = tables.grid(
        "table",
        [
            tables.Column("who", "Person", "link", flex=2),
            tables.Column("day", "Day", "date", width=120, sort="asc"),
            tables.Column("code", "Shift", "code", width=90),
            tables.Column("hours", "Hours", "hours", width=110),
            tables.Column("cost", "Cost", "money", width=110),
            tables.Column("share", "Share", "percent", width=110),
            tables.Column("status", "Status", "status", width=140),
        ],
        rows,
        label="Requests",
        select="one",
        totals=[{"id": "t", "who": "Total", "hours": 96.1, "cost": 222_000}],
    )
    return shell.page(
        "Parts",
        [
            cards.card(
                grid, title="A table", actions=[forms.button("Save as XLSX", id="x")], flush=True
            ),
            html.Div(
                [
                    cards.card(
                        tables.simple_table(
                            ["Measure", ("Now", "num"), ("Then", "num")],
                            [
                                ["Cost", "£41,170", "£39,800"],
                                ["Unfilled", "12 h", "4.5 h"],
                                ["Agency", "96 h", "48 h"],
                            ],
                            caption="Measures",
                            footer=["Together", "£41,170", "£39,800"],
                        ),
                        title="A simple table",
                        flush=True,
                    ),
                    cards.card(
                        [
                            html.Div(
                                [
                                    cards.chip("Free", Status.GOOD),
                                    cards.chip("Warned", Status.WARN),
                                    cards.chip("Barred", Status.BAD),
                                    cards.chip("Draft", Status.INFO),
                                    cards.chip("Off", Status.NEUTRAL),
                                ],
                                className="actions",
                            ),
                            tables.facts(
                                [
                                    ("Cost", "£243.36"),
                                    ("Hours this week", "35 h"),
                                    ("Rules", "none"),
                                ]
                            ),
                            feedback.progress(0.42, text="Optimising", detail="gap 3.1%"),
                            feedback.progress(None, text="Waiting for a worker"),
                        ],
                        title="Chips, facts, progress",
                    ),
                    cards.card(
                        html.Div(
                            [
                                forms.form_row(
                                    forms.field(
                                        "Home",
                                        forms.select(
                                            "dd", [(str(o.value), o.label) for o in HOMES], "1"
                                        ),
                                        required=True,
                                    ),
                                    forms.field(
                                        "First day",
                                        forms.date_field("date", TODAY),
                                        required=True,
                                    ),
                                ),
                                forms.field(
                                    "Reason",
                                    forms.text_area("reason"),
                                    hint="The person reads this.",
                                    error="Give a reason of a few words.",
                                    required=True,
                                ),
                                forms.field(
                                    "Name",
                                    forms.text_field("name", placeholder="As on the contract"),
                                ),
                                forms.field(
                                    "Service level",
                                    forms.slider("sl", 80, low=50, high=99),
                                ),
                                forms.radios("ri", [("d", "Day"), ("n", "Night")], "d"),
                                forms.checks("cl", [("s", "Seniors only")], ["s"]),
                                forms.switch("sw", "Show proposals", True),
                                html.Div(
                                    [
                                        forms.button("Approve", id="b1", kind="primary"),
                                        forms.button("Reject", id="b2", kind="danger"),
                                        forms.button("More", id="b3"),
                                        forms.button("Cancel", id="b4", kind="quiet"),
                                        forms.button("Off", id="b5", disabled=True),
                                        forms.icon_button("trash", "Delete", id="b6"),
                                    ],
                                    className="actions",
                                ),
                            ],
                            className="form-stack",
                        ),
                        title="A form",
                    ),
                    cards.card(
                        feedback.empty_state(
                            "No vacancies in these weeks",
                            "Every required shift has somebody on it.",
                            action=forms.link_button("Look at the next four weeks", "/vacancies/"),
                            icon_name="emoji-smile",
                        )
                    ),
                    cards.card(
                        feedback.error_panel(
                            "The forecast could not be read.",
                            hint="Nothing was lost. Train it again.",
                        )
                    ),
                    cards.card(
                        feedback.no_permission(ask="Ask Moira Reid, who runs Orchard Grove.")
                    ),
                    cards.card(feedback.skeleton("text", rows=4), title="Loading"),
                    cards.card([legend.legend(CODES)], title="Legend"),
                ],
                className="columns-2",
            ),
            forms.dialog(
                "dialog",
                "Reject the request?",
                html.P("Aileen asked for 4 – 10 May."),
                actions=[
                    forms.button("Keep", id="d1"),
                    forms.button("Reject", id="d2", kind="danger"),
                ],
            ),
            forms.drawer(
                "drawer",
                "Aileen, Tue 3 Mar",
                tables.facts([("Shift", "Long day"), ("Cost", "£243.36")]),
            ),
            html.Div(
                [
                    forms.button("Dialog", id="open-dialog"),
                    forms.button("Drawer", id="open-drawer"),
                    forms.button("Toasts", id="open-toasts"),
                ],
                className="actions",
            ),
        ],
    )


def work(**query: object):
    """Vacancies, leave and scenarios."""
    gaps = [
        candidates.GapItem(
            i, TODAY + timedelta(days=i), "LD", Category.DAY, "Long day", "OG Mulberry",
            f"/work/?unit={i + 1}", "offered to bank", i == 1,
        )
        for i in range(4)
    ]  # fmt: skip
    people = [
        candidates.Candidate(1, PEOPLE[0], "SCA", "free", (), 15_768, "own hours", "fewest weekends", "24 of 35 h"),
        candidates.Candidate(2, PEOPLE[1], "SCW", "warned", ("46.2 h average over 17 weeks; refused above 48 h.",), 28_790, "overtime × 1.25"),
        candidates.Candidate(3, PEOPLE[5], "SCA", "barred", ("Only 8 h rest after the night of Mon 2 Mar; 11 h are required.", "On leave that day."), None),
    ]  # fmt: skip
    measures = [
        scenario_cards.Measure("Cost", "£98,200", "−£1,240", Status.GOOD),
        scenario_cards.Measure("Unfilled", "12 h", "−36 h", Status.GOOD),
        scenario_cards.Measure("Agency", "48 h", "+12 h", Status.BAD),
        scenario_cards.Measure("Breaches", "0", "±0"),
    ]
    effects = [
        leave_effect.DayEffect(TODAY + timedelta(days=d), "day", 4, 3 if d % 2 else 4, 4)
        for d in range(4)
    ]
    points = [
        scenarios.FrontierPoint("Now", 9_940_000, 48, is_current=True),
        scenarios.FrontierPoint("Cheapest", 9_600_000, 60),
        scenarios.FrontierPoint("Balanced", 9_820_000, 12, is_chosen=True),
        scenarios.FrontierPoint("Full cover", 10_150_000, 0),
    ]
    return shell.page(
        "Work",
        [
            html.Div(
                [
                    candidates.gap_list(
                        [("Within 48 hours", gaps[:2]), ("Later", gaps[2:])], today=TODAY
                    ),
                    html.Div(
                        [
                            candidates.candidate_list(people, assign_type="assign"),
                            cards.card(
                                candidates.rules_matrix(
                                    [(1, PEOPLE[0]), (2, PEOPLE[1])],
                                    [
                                        ("rest", "Daily rest"),
                                        ("week", "Weekly hours"),
                                        ("leave", "Leave"),
                                    ],
                                    {(2, "rest"): "8 h rest"},
                                ),
                                title="Why can't this be filled?",
                                flush=True,
                            ),
                        ],
                        className="stack",
                    ),
                ],
                className="columns-list",
            ),
            cards.card(
                leave_effect.effect_bars(effects), title=leave_effect.effect_sentence(effects)
            ),
            scenario_cards.scenario_cards(
                [
                    scenario_cards.ScenarioCard(
                        "Balanced",
                        "Ready",
                        Status.GOOD,
                        measures,
                        "/scenarios/",
                        "2 – 29 Mar, by Elspeth",
                        chosen=True,
                        actions=[forms.button("Apply as draft", id="ap", kind="primary")],
                    ),
                    scenario_cards.ScenarioCard(
                        "Cheapest", "Ready", Status.GOOD, measures, "/scenarios/", "2 – 29 Mar"
                    ),
                    scenario_cards.ScenarioCard(
                        "Full cover",
                        "Running",
                        Status.INFO,
                        (),
                        "",
                        "started 14:05",
                        True,
                        0.4,
                        "gap 3.1%",
                    ),
                ]
            ),
            html.Div(
                [
                    graph.chart(
                        "frontier",
                        scenarios.frontier_figure(points),
                        title="Balanced saves £1,200 and 36 hours",
                        description="Cost against unfilled hours.",
                        filename="frontier",
                    ),
                    graph.chart(
                        "gap",
                        scenarios.gap_figure(
                            [scenarios.GapPoint(t, 0.3 / (1 + t)) for t in range(20)], target=0.02
                        ),
                        title="Within 2% of the best possible",
                        description="The gap while running.",
                        filename="gap",
                    ),
                ],
                className="columns-2",
            ),
        ],
    )


def phone(**query: object):
    """A day and a carer's week."""
    days = [TODAY + timedelta(days=d) for d in range(-1, 6)]
    people = [day_list.OnShift(n, "SCA") for n in PEOPLE[:3]]
    return shell.page(
        "My week",
        [
            day_list.my_week(
                [
                    day_list.MyDay(
                        d,
                        [("LD", Category.DAY, "Long day", "08:00–20:00")] if i in (1, 2, 5) else [],
                        place="OG Mulberry",
                        with_whom="with Bashir and Isla",
                    )
                    for i, d in enumerate(days)
                ],
                today=TODAY,
            ),
            day_list.day_strip(
                [(d, f"/phone/?start={d}", i % 3) for i, d in enumerate(days)], TODAY, TODAY
            ),
            day_list.day_list(
                TODAY,
                [
                    day_list.DayShift(
                        "LD",
                        Category.DAY,
                        "Long day",
                        "08:00–20:00",
                        [*people, day_list.OnShift("", "Find somebody", "/vacancies/")],
                        4,
                    ),
                    day_list.DayShift("N", Category.NIGHT, "Night", "20:00–08:00", people[:2], 2),
                ],
            ),
        ],
    )


def build() -> Dash:
    """The gallery application."""
    server = flask.Flask(__name__)
    app = Dash(
        __name__,
        server=server,
        use_pages=True,
        pages_folder="",
        assets_folder=str(ROOT / "assets"),
        index_string=index_string("/assets"),
        suppress_callback_exceptions=True,
        use_async=False,
        title="Staff Rota",
        update_title="",
    )
    for path, layout in {
        "/": overview,
        "/rota/": rota,
        "/charts/": charts,
        "/parts/": parts,
        "/phone/": phone,
        "/work/": work,
    }.items():
        dash.register_page(
            f"gallery{path.replace('/', '.')}", path=path, layout=layout, title="Staff Rota"
        )
    app.layout = lambda: shell.shell(
        shell.UserView("Elspeth Murray", "Operational manager"),
        NAV,
        dash.page_container,
        csrf_token="token",
        jobs_running=1,
        search=True,
    )
    shell.register(app)

    @app.callback(
        Output("intent", "children"),
        Output("grid", "rowTransaction"),
        Output("grid", "dashGridOptions"),
        Input(rota_grid.intent_id("grid"), "data"),
        prevent_initial_call=True,
    )
    def intent(data):
        rows = {row.id: row for row in demo_rows(60, TODAY - timedelta(days=1), 4)}
        row = rows.get(data["row"])
        if data["action"] == "assign" and row:
            code = next(c for c in CODES if c.code == data["code"])
            cells = dict(row.cells)
            cells[date.fromisoformat(data["day"])] = rota_grid.GridCell(code.code, code.category)
            start = TODAY - timedelta(days=1)
            options = Patch()
            options["pinnedBottomRowData"] = rota_grid.cover_update(
                [
                    rota_grid.CoverRow(
                        line.id,
                        line.label,
                        {day: rota_grid.Cover(9, 4) for day in line.days},
                    )
                    for line in demo_cover(start, 4)
                ]
            )
            return (
                str(data),
                rota_grid.row_update([replace(row, cells=cells, rostered_hours=999)]),
                options,
            )
        return str(data), dash.no_update, dash.no_update

    @app.callback(
        Output("dialog", "is_open"), Input("open-dialog", "n_clicks"), prevent_initial_call=True
    )
    def open_dialog(_):
        return True

    @app.callback(
        Output("drawer", "is_open"), Input("open-drawer", "n_clicks"), prevent_initial_call=True
    )
    def open_drawer(_):
        return True

    @app.callback(
        Output(shell.Ids.TOASTS, "children"),
        Input("open-toasts", "n_clicks"),
        prevent_initial_call=True,
    )
    def open_toasts(_):
        return [
            feedback.toast(Status.GOOD, "Long day on Tue 3 Mar given to Aileen", undo_token="1"),
            feedback.toast(Status.BAD, "Bashir is on leave that day", hint="Choose somebody else."),
            feedback.toast(Status.INFO, "The rota was published", link=("Open", "/rota/")),
        ]

    @server.after_request
    def policy(response):
        hashes = " ".join(f"'{h}'" if not h.startswith("'") else h for h in app.csp_hashes())
        response.headers["Content-Security-Policy"] = (
            f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'"
        )
        return response

    return app


if __name__ == "__main__":
    build().run(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8061, debug=False)
