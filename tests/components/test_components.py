from datetime import date, timedelta

import pytest
from dash import html

from components import (
    candidates,
    cards,
    cover_matrix,
    day_list,
    feedback,
    filters,
    forms,
    icons,
    leave_effect,
    legend,
    overlays,
    scenario_cards,
    shell,
    tables,
)
from components import rota_grid as rg
from components.charts import graph, heatmap
from components.charts.template import figure
from components.state import ScreenState
from components.theme import Category, Status
from rota.errors import InvalidInput, NotAllowed
from tests.components.asserts import (
    as_json,
    assert_component_equal,
    hrefs_of,
    text_of,
    walk,
)

MONDAY = date(2026, 3, 2)
TUESDAY = date(2026, 3, 3)


def find(component, kind=None, **props):
    """The components of a tree whose type and props match."""
    return [
        c
        for c in walk(component)
        if (kind is None or c["type"] == kind)
        and all(c["props"].get(k) == v for k, v in props.items())
    ]


# --- icons, chips, cards -------------------------------------------------------------------


def test_an_icon_without_a_label_is_decoration():
    assert_component_equal(
        icons.icon("sun"), html.I(className="bi bi-sun", **{"aria-hidden": "true"})
    )
    assert as_json(icons.icon("sun", label="Day"))["props"]["aria-label"] == "Day"


@pytest.mark.parametrize("status", Status)
def test_a_chip_says_its_verdict_by_icon_word_and_colour(status):
    chip = cards.chip("Approved", status)
    assert text_of(chip) == "Approved"
    assert find(chip, "I")
    assert as_json(chip)["props"]["className"] == f"chip chip-{status}"


@pytest.mark.parametrize(
    ("duty", "words"),
    [
        (cards.DutyToday("A", 41, 44, 0, 3), "41 of 44 on duty, 3 short tonight"),
        (cards.DutyToday("A", 41, 44, 1, 2), "41 of 44 on duty, 1 short today and 2 short tonight"),
        (cards.DutyToday("A", 44, 44, 0, 0), "44 of 44 on duty, cover complete"),
        (cards.DutyToday("A", 45, 44, -1, 0), "45 of 44 on duty, cover complete"),
    ],
)
def test_today_is_one_sentence(duty, words):
    assert cards.today_sentence(duty) == words


def test_today_without_requirement_does_not_divide_by_nothing():
    assert text_of(cards.today_strip([cards.DutyToday("A", 0, 0, 0, 0)]))


def test_a_card_shows_number_change_trend_and_leads_on():
    kpi = cards.Kpi("Vacancies", "12", "/vacancies/", change="+3", change_period="on last week",
                    trend=(1, 2, 3))  # fmt: skip
    card = cards.kpi_card(kpi)
    assert text_of(card) == "Vacancies 12 +3 on last week"
    assert hrefs_of(card) == ["/vacancies/"]
    assert len(find(card, "Span", role="img")) == 1


def test_a_card_without_address_is_no_link():
    assert hrefs_of(cards.kpi_card(cards.Kpi("Vacancies", "12"))) == []


def test_a_trend_stays_in_its_box():
    path = cards.sparkline_svg_path([1, 5, 3], width=100, height=28)
    numbers = [tuple(map(float, p.split(","))) for p in path[1:].split("L")]
    assert numbers[0][0] == 0 and numbers[-1][0] == 100
    assert all(2 <= y <= 26 for _, y in numbers)
    assert cards.sparkline_svg_path([5]) == ""
    assert "NaN" not in cards.sparkline_svg_path([3, 3, 3]) and cards.sparkline_svg_path([3, 3])


# --- feedback ------------------------------------------------------------------------------


def test_a_toast_offers_undo_by_its_token():
    toast = feedback.toast(Status.GOOD, "Shift given to Aileen", undo_token="u7")
    (button,) = find(toast, "Button")
    assert button["props"]["id"] == {"type": feedback.UNDO_TYPE, "token": "u7"}
    assert as_json(toast)["props"]["duration"] == 12_000


def test_bad_news_stays_until_it_is_closed():
    toast = as_json(feedback.error_toast(InvalidInput("Not a date.", hint="Choose one.")))
    assert "duration" not in toast["props"]
    assert text_of(toast) == "Not a date. Choose one."


def test_a_refusal_says_whom_to_ask():
    page = feedback.error_page(NotAllowed("Riverside is not yours.", hint="Ask Moira Reid."))
    assert "Ask Moira Reid." in text_of(page)
    assert "Nothing was changed." in text_of(feedback.error_page(InvalidInput("Bad.")))


def test_an_empty_place_offers_what_to_do():
    state = feedback.empty_state("No leave", action=forms.link_button("Ask for leave", "/leave/"))
    assert hrefs_of(state) == ["/leave/"]


def test_progress_speaks_its_share():
    known = find(feedback.progress(0.42, text="Optimising"), "Div", role="progressbar")[0]
    assert known["props"]["aria-valuenow"] == "42"
    unknown = find(feedback.progress(None, text="Waiting"), "Div", role="progressbar")[0]
    assert "aria-valuenow" not in unknown["props"]


# --- filters and shell ---------------------------------------------------------------------


def test_every_choice_is_an_address_that_keeps_the_rest():
    state = ScreenState(home=1, unit=2, start=MONDAY, weeks=2)
    choices = filters.Choices(
        "/rota/",
        homes=[filters.Option(1, "Orchard Grove"), filters.Option(2, "Riverside")],
        units=[filters.Option(2, "Oak")],
    )
    addresses = hrefs_of(filters.filter_bar(state, choices, today=TUESDAY))
    assert "/rota/?home=2&start=2026-03-02&weeks=2" in addresses
    assert "/rota/?home=1&start=2026-03-02&weeks=2" in addresses  # all units
    assert "/rota/?home=1&unit=2&start=2026-02-16&weeks=2" in addresses  # earlier
    assert "/rota/?home=1&unit=2&start=2026-03-16&weeks=2" in addresses  # later
    assert "/rota/?home=1&unit=2&start=2026-03-02" in addresses  # 4 weeks is usual


def test_the_bar_names_what_is_shown():
    state = ScreenState(home=1)
    bar = filters.filter_bar(
        state, filters.Choices("/", homes=[filters.Option(1, "Orchard Grove")]), today=TUESDAY
    )
    assert "2 – 29 Mar" in text_of(bar)
    assert find(bar, "DropdownMenuItem", active=True)


def test_a_page_without_period_has_no_stepper():
    bar = filters.filter_bar(ScreenState(), filters.Choices("/", period=False), today=TUESDAY)
    assert hrefs_of(bar) == []


NAV = [shell.NavItem(f"Page {i}", "sun", f"/p{i}/", badge=i) for i in range(6)]


@pytest.fixture
def frame():
    return shell.shell(
        shell.UserView("Elspeth Mary Murray", "Operational manager"),
        NAV,
        html.Div("content"),
        csrf_token="secret-token",
        search=True,
    )


def test_logging_out_is_a_post_with_the_token(frame):
    (form,) = find(frame, "Form", method="post", action="/accounts/logout/")
    (token,) = find(form, "Input", name="csrf_token")
    assert token["props"]["value"] == "secret-token"


def test_the_phone_gets_four_entries_and_more(frame):
    bottom = [
        c for c in find(frame, "Link") if (c["props"].get("id") or {}).get("place") == "bottom"
    ]
    assert len(bottom) == 4
    assert find(frame, "Button", **{"data-shell": "more"})


def test_the_first_thing_in_the_frame_skips_to_the_content(frame):
    first = next(c for c in walk(frame) if c["props"].get("href"))
    assert first["props"]["href"] == f"#{shell.Ids.CONTENT}"


def test_a_badge_says_what_waits(frame):
    assert "5 waiting" in text_of(frame)
    assert shell.nav_badge(shell.NavItem("Leave", "sun", "/leave/")) == ""


def test_no_two_parts_of_the_frame_share_an_id(frame):
    ids = [str(c["props"]["id"]) for c in walk(frame) if "id" in c["props"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("name", "letters"), [("Elspeth Mary Murray", "EM"), ("Cher", "C"), ("", "")]
)
def test_initials(name, letters):
    assert shell.UserView(name, "").initials == letters


def test_a_page_without_title_has_no_empty_heading():
    assert find(shell.page("", html.P("x")), "H1") == []
    assert text_of(shell.page("Rota", html.P("x"))) == "Rota x"


def test_search_says_when_it_found_nothing():
    assert "Nothing called “xyz”." in text_of(overlays.search_results([], "xyz"))
    hits = overlays.search_results(
        [overlays.SearchHit("Person", "Aileen", "/rota/?person=1")], "ai"
    )
    assert hrefs_of(hits) == ["/rota/?person=1"]


# --- charts and tables ---------------------------------------------------------------------


def test_a_chart_is_framed_named_and_private():
    made = graph.chart(
        "c",
        figure([{"y": [1]}], columns=["Day", "Hours"], rows=[["Mon", 1200.5]]),
        title="Hours rose",
        description="Hours by day.",
        filename="hours: oak & ash",
        table=True,
    )
    (plot,) = find(made, "Graph")
    assert plot["props"]["config"]["showSendToCloud"] is False
    assert plot["props"]["config"]["plotlyServerURL"] == ""
    assert plot["props"]["figure"]["layout"]["template"]
    assert as_json(made)["props"]["data-filename"] == "hours-oak-ash"
    assert {b["props"]["data-export"] for b in find(made, "Button")} == {
        "png", "svg", "csv", "xlsx", "link",
    }  # fmt: skip
    assert "1,200.5" in text_of(made)
    assert find(made, "Figcaption", id="c-description")


def test_a_figure_may_bring_its_own_template():
    made = graph.chart(
        "c", {"data": [], "layout": {"template": {"layout": {}}}}, title="t", description="d",
        filename="f",
    )  # fmt: skip
    assert find(made, "Graph")[0]["props"]["figure"]["layout"]["template"] == {"layout": {}}


def test_a_grid_never_runs_code_and_writes_ids_as_text():
    made = tables.grid("g", [tables.Column("hours", "Hours", "hours")], [{"id": 7}], label="Hours")
    (grid,) = find(made, "AgGrid")
    assert grid["props"]["dangerously_allow_code"] is False
    assert grid["props"]["rowData"] == [{"id": "7"}]
    assert grid["props"]["columnDefs"][0]["type"] == "rightAligned"


def test_numbers_in_a_table_stand_right():
    table = tables.simple_table(["What", ("£", "num")], [["Cost", "5"], ["None", None]],
                                caption="Costs", footer=["All", "5"])  # fmt: skip
    assert [c["props"].get("className") for c in find(table, "Td")] == ["num"] * 3
    assert text_of(table) == "Costs What £ Cost 5 None – All 5"


# --- rota ----------------------------------------------------------------------------------


def test_a_row_travels_small():
    row = rg.GridRow(
        "812", "Aileen", "SCA", 35, 23.3333,
        {MONDAY: rg.GridCell("LD", Category.DAY, ("overtime",), "Long day", "N", "7:2")},
    )  # fmt: skip
    assert row.value() == {
        "id": "812",
        "name": "Aileen",
        "g": "SCA",
        "ch": 35,
        "rh": 23.33,
        "ni": 0,
        "we": 0,
        "2026-03-02": {
            "c": "LD",
            "k": "day",
            "m": ["overtime"],
            "t": "Long day",
            "p": "N",
            "v": "7:2",
        },
    }
    assert rg.GridRow("h", "Oak", heading=True).value() == {"id": "h", "name": "Oak", "head": True}


def test_a_changed_line_sends_its_changed_days_and_what_the_rules_say():
    late = rg.GridCell("L", Category.LATE)
    early = rg.GridCell("E", Category.EARLY, flag="breach", flag_note="9 h between")
    cells = {MONDAY: late, TUESDAY: early, TUESDAY + timedelta(days=2): late}
    row = rg.GridRow("p1", "Aileen", "SCA", 35, 24, cells, nights=1)
    free = TUESDAY + timedelta(days=1)
    assert row.delta([MONDAY, free]) == {
        "id": "p1",
        "rh": 24,
        "ni": 1,
        "we": 0,
        "days": {
            "2026-03-02": {"c": "L", "k": "late"},
            "2026-03-03": {"c": "E", "k": "early", "x": "breach", "f": "9 h between"},
            "2026-03-04": None,
        },
    }
    made = rg.delta("g", [row], [rg.CoverRow("c", "Day", {MONDAY: rg.Cover(1, 2)})], [MONDAY, free])
    assert made["cover"] == {"2026-03-02": [[1, 2]]}


def test_columns_know_weekends_today_and_holidays():
    days = rg.columns(MONDAY, 1, {date(2026, 3, 6): "Spring Holiday"})
    made = rg.rota_grid("g", days, [], [], today=TUESDAY, editable=True)
    (grid,) = find(made, "AgGrid")
    week = grid["props"]["columnDefs"][1]
    assert week["headerName"] == "2 – 8 Mar · Spring Holiday Fri 6 Mar"
    classes = {c["field"]: c["cellClass"] for c in week["children"]}
    assert classes["2026-03-03"] == ["day", "day-today"]
    assert classes["2026-03-06"] == ["day", "day-holiday"]
    assert classes["2026-03-07"] == ["day", "day-weekend"]
    assert find(made, "Store", id=rg.intent_id("g"))


def test_the_days_fill_the_room_there_is_in_whole_pixels():
    assert rg.day_widths(0, 28) == [rg.DAY_WIDTH] * 28, "not known yet: as narrow as can be read"
    assert rg.day_widths(935, 28) == [34] * 11 + [33] * 17
    assert sum(rg.day_widths(935, 28)) == 935
    assert rg.day_widths(5000, 7) == [rg.WIDEST_DAY] * 7


def test_cover_stands_at_the_bottom():
    cover = rg.CoverRow("cover-LD", "Day", {MONDAY: rg.Cover(3, 4)})
    made = rg.rota_grid("g", rg.columns(MONDAY, 1, {}), [], [cover], today=MONDAY, editable=False)
    (grid,) = find(made, "AgGrid")
    assert grid["props"]["dashGridOptions"]["pinnedBottomRowData"] == [
        {"id": "cover-LD", "name": "Day", "cover": True, "2026-03-02": {"pl": 3, "rq": 4}}
    ]
    assert rg.cover_update([cover]) == [cover.value()]
    assert rg.row_update([rg.GridRow("1", "A")])["update"][0]["id"] == "1"


def test_the_palette_gives_every_code_a_key():
    codes = [legend.Code("LD", "Long day", Category.DAY), legend.Code("L", "Late", Category.LATE, key="a")]  # fmt: skip
    tools = find(rg.palette("g", codes), "Button")
    assert [(t["props"]["data-code"], t["props"]["data-hotkey"]) for t in tools] == [
        ("", "esc"),
        ("LD", "1"),
        ("L", "a"),
        ("-", "del"),
        ("~", ""),
    ]


def test_the_legend_names_every_code_and_mark():
    words = text_of(legend.legend([legend.Code("LD", "Long day", Category.DAY, "08:00–20:00")]))
    assert words.startswith("LD Long day 08:00–20:00")
    assert all(mark in words for _, mark in legend.MARKS)


# --- lists ---------------------------------------------------------------------------------


def test_the_cover_table_leads_to_each_day():
    cells = [
        heatmap.CoverCell("Oak", MONDAY, "day", 3, 4),
        heatmap.CoverCell("Oak", MONDAY, "night", 2, 2),
    ]
    table = cover_matrix.cover_matrix(
        cells, today=MONDAY, href=lambda c: f"/rota/?start={c.day}&band={c.band}", caption="Cover"
    )
    assert hrefs_of(table) == ["/rota/?start=2026-03-02&band=day"]
    assert "Oak, Mon 2 Mar day: 3 of 4, 1 short" in text_of(table)
    full = next(c for c in table._traverse() if "matrix-plain" in getattr(c, "className", ""))
    attributes = full.to_plotly_json()["props"]
    assert attributes["data-href"] == "/rota/?start=2026-03-02&band=night"
    assert attributes["aria-label"] == "Oak, Mon 2 Mar night: 2 of 2, as required"


def test_the_days_of_the_cover_table_are_links_for_the_keyboard():
    table = cover_matrix.cover_matrix(
        [heatmap.CoverCell("Oak", MONDAY, "day", 4, 4)], today=MONDAY, href=lambda c: "/cell/",
        caption="Cover", day_href=lambda day: f"/day/{day}", row_href=lambda unit: f"/unit/{unit}",
    )  # fmt: skip
    assert hrefs_of(table) == ["/day/2026-03-02", "/unit/Oak"]


def test_a_day_lists_who_works_and_what_is_open():
    shift = day_list.DayShift(
        "LD", Category.DAY, "Long day", "08:00–20:00",
        [day_list.OnShift("Aileen"), day_list.OnShift("", href="/vacancies/")], 2,
    )  # fmt: skip
    words = text_of(day_list.day_list(MONDAY, [shift]))
    assert words == "Monday 2 March 2026 LD Long day 08:00–20:00 1/2 Aileen Open shift"


def test_a_day_off_is_said():
    week = day_list.my_week([day_list.MyDay(MONDAY)], today=MONDAY)
    assert text_of(week) == "Mon 2 Off"


# --- forms ---------------------------------------------------------------------------------


def test_a_field_ties_label_and_error_to_its_control():
    made = forms.field("Reason", forms.text_area("reason"), error="Say why.")
    assert find(made, "Label", htmlFor="reason")
    assert find(made, "Div", id="reason-error", role="alert")
    assert text_of(made) == "Reason (optional) Say why."


def test_a_button_shows_its_key():
    made = as_json(forms.button("New", id="n", key="N"))
    assert made["props"]["data-key"] == "n"
    assert text_of(made) == "New N"


# --- vacancies, leave, scenarios -----------------------------------------------------------


def test_only_who_is_not_barred_can_be_assigned():
    people = [
        candidates.Candidate(1, "Aileen", "SCA", "free", pence=15_768),
        candidates.Candidate(2, "Bashir", "SCW", "warned", ("46.2 h average.",)),
        candidates.Candidate(3, "Fiona", "SCA", "barred", ("On leave that day.",)),
    ]
    made = candidates.candidate_list(people, assign_type="assign")
    assert [b["props"]["id"]["person"] for b in find(made, "Button")] == [1, 2]
    assert "Barred Fiona SCA On leave that day." in text_of(made)
    assert find(candidates.candidate_list(people), "Button") == []


def test_open_shifts_stand_under_their_urgency_and_empty_groups_vanish():
    gap = candidates.GapItem(
        5, TUESDAY, "LD", Category.DAY, "Long day", "Oak", "/vacancies/?unit=5"
    )
    made = candidates.gap_list([("Within 48 hours", [gap]), ("Later", [])], today=MONDAY)
    assert text_of(made) == "Within 48 hours 1 LD Tue 3 Mar, Long day Oak tomorrow"


def test_the_matrix_names_the_rule_that_stands_in_the_way():
    made = candidates.rules_matrix(
        [(1, "Aileen")], [("rest", "Daily rest"), ("leave", "Leave")], {(1, "rest"): "8 h rest"}
    )
    labels = [c["props"]["aria-label"] for c in find(made, "I")]
    assert labels == ["Daily rest: 8 h rest", "Leave: kept"]


@pytest.mark.parametrize(
    ("after", "words"),
    [((4, 4), "Cover holds on all 2 shifts."), ((3, 4), "1 of 2 shifts would be short.")],
)
def test_the_effect_of_leave_is_one_sentence(after, words):
    effects = [leave_effect.DayEffect(MONDAY, "day", 4, a, 4) for a in after]
    assert leave_effect.effect_sentence(effects) == words
    assert "Mon 2 Mar day: 4 now" in text_of(leave_effect.effect_bars(effects))


def test_leave_that_touches_no_shift_says_so():
    assert leave_effect.effect_sentence([]) == "No shift is affected."
    assert text_of(leave_effect.effect_bars([])) == ""


def test_a_running_scenario_shows_its_progress():
    running = scenario_cards.ScenarioCard(
        "Full", "Running", Status.INFO, is_running=True, running=0.4, running_detail="gap 3%"
    )
    made = scenario_cards.scenario_cards([running])
    assert find(made, "Div", role="progressbar")
    assert "gap 3%" in text_of(made)
