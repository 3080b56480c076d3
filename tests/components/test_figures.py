import json
from datetime import date, timedelta

import pytest

from components import theme
from components.charts import (
    costs,
    forecast,
    heatmap,
    leave,
    multiples,
    outlook,
    scenarios,
    sparkline,
    waterfall,
)
from components.charts.scenarios import LevelPoint, levels_figure
from components.charts.template import ROTA, ROTA_DARK, empty

MONDAY = date(2026, 3, 2)


def test_the_template_closes_the_way_to_the_cloud():
    assert "sendChartToCloud" in ROTA["layout"]["modebar"]["remove"]
    assert "sendChartToCloud" in ROTA_DARK["layout"]["modebar"]["remove"]
    assert ROTA["layout"]["colorway"] == [light for light, _ in theme.CHART_COLOURS]


def test_an_empty_figure_says_why():
    assert empty("No history.")["layout"]["annotations"][0]["text"] == "No history."
    assert empty("x")["data"] == []


@pytest.fixture
def points():
    past = [forecast.ForecastPoint(MONDAY - timedelta(days=d), actual=60 + d) for d in (2, 1)]
    ahead = [
        forecast.ForecastPoint(MONDAY + timedelta(days=d), None, 62.123, 55, 70, 64)
        for d in range(2)
    ]
    return past + ahead


def test_the_forecast_shows_dots_line_band_and_steps(points):
    figure = forecast.forecast_figure(points, today=MONDAY, service_level=72.5)
    by_name = {trace["name"]: trace for trace in figure["data"]}
    assert list(by_name) == ["80% band", "Expected", "Planned", "Actual"]
    assert by_name["Actual"]["mode"] == "markers"
    assert by_name["Actual"]["x"] == ["2026-02-28", "2026-03-01"]
    assert by_name["Planned"]["line"]["shape"] == "hvh"
    assert by_name["80% band"]["y"] == [70, 70, 55, 55]
    assert by_name["Expected"]["y"] == [62.12, 62.12]
    assert {a["text"] for a in figure["layout"]["annotations"]} == {"Today", "Staffing level 72.5"}


def test_the_forecast_brings_its_data(points):
    meta = forecast.forecast_figure(points, unit="hours")["layout"]["meta"]
    assert meta["columns"][1] == "Actual (hours)"
    assert meta["rows"][2] == ["2026-03-02", None, 62.12, 55, 70, 64]


def test_a_forecast_without_history_is_a_sentence():
    assert forecast.forecast_figure([])["data"] == []


def test_days_next_to_each_other_share_one_upright_name() -> None:
    days = [MONDAY + timedelta(days=n) for n in range(70)]
    points = [forecast.ForecastPoint(day, actual=10.0) for day in days]
    events = [
        (days[30], "Christmas Day"), (days[31], "Boxing Day"), (days[32], "Boxing Day"),
        (days[60], "New Year"), (days[61], "A name that would run out at the top of the chart"),
    ]  # fmt: skip
    layout = forecast.forecast_figure(points, events=events)["layout"]
    names = [note["text"] for note in layout["annotations"]]
    assert len(names) == 2
    assert names[0].endswith("Christmas Day, Boxing Day")
    assert names[1].endswith("New Year")
    assert len(layout["shapes"]) == 5, "every day keeps its line"


def test_costs_stack_in_pounds_against_the_budget():
    months = [
        costs.CostMonth(date(2025, 12, 1), {"contracted": 100_000, "agency": 25_000}, 120_000),
        costs.CostMonth(date(2026, 1, 1), {"contracted": 90_000}, None, projected=True),
    ]
    figure = costs.costs_figure(months)
    names = [trace["name"] for trace in figure["data"]]
    assert names == ["Contracted", "Agency", "Budget"]
    assert figure["data"][0]["y"] == [1000, 900]
    assert figure["data"][0]["marker"]["opacity"] == [1, 0.5]
    assert figure["data"][1]["customdata"] == ["20%", "0%"]
    assert figure["data"][2]["y"] == [1200, None]
    assert figure["layout"]["xaxis"]["ticktext"] == ["Dec<br>2025", "Jan<br>2026"]
    assert figure["layout"]["meta"]["rows"][0] == ["December 2025", 1000, 0, 0, 250, 1250, 1200]


def test_a_comparison_puts_the_dearest_on_top():
    groups = [
        costs.Group("Small", {"contracted": 100}),
        costs.Group("Large", {"contracted": 900}, budget=800),
    ]
    figure = costs.comparison_figure(groups)
    assert figure["data"][0]["y"] == ["Small", "Large"]  # the last is drawn on top
    assert figure["layout"]["meta"]["rows"][0][0] == "Large"


def test_cover_prints_planned_of_required_and_says_where_a_click_leads():
    cells = [
        heatmap.CoverCell("Oak", MONDAY, "night", 0, 5),
        heatmap.CoverCell("Oak", MONDAY, "day", 4, 4),
    ]
    trace = heatmap.cover_figure(cells, limit=3)["data"][0]
    assert trace["text"] == [["4/4", "0/5"]]
    assert trace["z"] == [[0, -3]]
    assert trace["customdata"] == [[["Oak", "2026-03-02", "day"], ["Oak", "2026-03-02", "night"]]]


def test_a_missing_requirement_leaves_its_cell_empty():
    cells = [
        heatmap.CoverCell("Oak", MONDAY, "day", 4, 4),
        heatmap.CoverCell("Ash", MONDAY + timedelta(days=1), "day", 2, 3),
    ]
    trace = heatmap.cover_figure(cells)["data"][0]
    assert trace["z"] == [[0, None], [None, -1]]


def test_a_waterfall_goes_from_one_amount_to_the_other():
    steps = [
        waterfall.Step("Budget", 10_000, total=True),
        waterfall.Step("Volume", 6_000),
        waterfall.Step("Mix", -2_000),
        waterfall.Step("Actual", 14_000, total=True),
    ]
    figure = waterfall.waterfall_figure(steps)
    (bars,) = figure["data"]
    assert bars["base"] == [0, 100, 140, 0]
    assert bars["y"] == [100, 60, 20, 140]
    assert bars["text"] == ["£100", "+£60", "−£20", "£140"]
    assert bars["marker"]["color"][1] == theme.LIGHT.bad
    assert bars["marker"]["color"][2] == theme.LIGHT.good
    assert figure["layout"]["yaxis"]["range"][0] == 0


def test_a_waterfall_of_small_changes_cuts_its_axis_and_says_so():
    steps = [
        waterfall.Step("Budget", 40_500_000, total=True),
        waterfall.Step("Rate", 410_000),
        waterfall.Step("Actual", 40_910_000, total=True),
    ]
    axis = waterfall.waterfall_figure(steps)["layout"]["yaxis"]
    assert 0 < axis["range"][0] < 405_000
    assert axis["title"]["text"].startswith("Axis begins at £")


def test_a_waterfall_below_zero_keeps_zero_in_sight():
    steps = [waterfall.Step("Saved", -5_000), waterfall.Step("Net", -5_000, total=True)]
    low, high = waterfall.waterfall_figure(steps)["layout"]["yaxis"]["range"]
    assert low < -50 <= 0 <= high


def test_a_year_stacks_spent_planned_and_run_rate_against_the_budget():
    figure = outlook.outlook_figure(
        [outlook.OutlookMonth(date(2026, 11, 1), 10_000, 5_000, 0, 12_000),
         outlook.OutlookMonth(date(2026, 12, 1), 0, 9_000, 4_000)]
    )  # fmt: skip
    by_name = {trace["name"]: trace["y"] for trace in figure["data"]}
    assert by_name == {"Spent": [100, 0], "Planned rota": [50, 90], "Run rate": [0, 40],
                       "Budget": [120, None]}  # fmt: skip
    assert figure["layout"]["meta"]["rows"][0][1:] == [100, 50, 0, 150, 120]
    assert outlook.outlook_figure([])["data"] == []


def test_small_multiples_share_one_scale_and_write_the_last_value():
    homes = [multiples.Multiple("Oak", (1.0, None, 3.0), 2.5), multiples.Multiple("Ash", (2.0,) * 3),
             multiples.Multiple("Elm", (None,) * 3)]  # fmt: skip
    figure = multiples.multiples_figure(homes, ["Jan", "Feb", "Mar"], title="Cost", prefix="£",
                                        across=2)  # fmt: skip
    layout = figure["layout"]
    assert layout["yaxis"]["range"] == layout["yaxis2"]["range"] == layout["yaxis3"]["range"]
    assert layout["yaxis3"]["domain"][1] < layout["yaxis"]["domain"][0], "the third is below"
    texts = [note["text"] for note in layout["annotations"]]
    assert texts == ["<b>Oak</b>", "£3.00", "<b>Ash</b>", "£2.00", "<b>Elm</b>"]
    assert layout["meta"]["rows"][0] == ["Oak", 1.0, None, 3.0, 2.5]
    nothing = [multiples.Multiple("Elm", (None,))]
    assert multiples.multiples_figure(nothing, ["Jan"], title="Cost")["data"] == []


def test_a_sparkline_marks_its_last_value():
    figure = sparkline.sparkline_figure([1, 2, 3], target=2)
    assert figure["data"][1]["y"] == [3]
    assert figure["layout"]["shapes"][0]["y0"] == 2
    assert sparkline.sparkline_figure([])["data"][0]["y"] == []


def test_the_frontier_keeps_what_nothing_else_beats():
    def point(name, pence, hours, **more):
        return scenarios.FrontierPoint(name, pence, hours, **more)

    points = [
        point("now", 990, 48, is_current=True),
        point("full", 1_010, 0),
        point("cheap", 960, 60),
        point("dear twin", 1_020, 0),
        point("middle", 980, 12),
    ]
    assert [p.name for p in scenarios.frontier(points)] == ["cheap", "middle", "full"]
    figure = scenarios.frontier_figure(points)
    assert figure["data"][1]["text"] == ["now"]
    assert figure["data"][2]["text"] == ["full", "cheap", "dear twin", "middle"]


def test_a_gap_falls_in_percent():
    figure = scenarios.gap_figure([scenarios.GapPoint(0, 0.3), scenarios.GapPoint(5.04, 0.02)])
    assert figure["data"][0]["y"] == [30.0, 2.0]
    assert figure["layout"]["meta"]["rows"] == [[0, "30.0%"], [5.0, "2.0%"]]


def test_every_figure_is_plain_json(points):
    figures = [
        scenarios.frontier_figure([scenarios.FrontierPoint("a", 100, 2)]),
        scenarios.gap_figure([scenarios.GapPoint(1, 0.5)]),
        forecast.forecast_figure(points),
        costs.costs_figure([costs.CostMonth(MONDAY, {"bank": 5})]),
        heatmap.cover_figure([heatmap.CoverCell("Oak", MONDAY, "day", 1, 2)]),
        waterfall.waterfall_figure([waterfall.Step("a", 1)]),
        sparkline.sparkline_figure([1, 2]),
    ]
    for figure in figures:
        assert json.loads(json.dumps(figure)) == figure


def test_the_colours_of_figures_are_those_the_dark_theme_knows():
    """A colour that is not in the palette would stay light in the dark."""
    known = {light for light, _ in (*theme.CHART_COLOURS, *theme.CHART_EXTRAS)}
    used = {colour for _, _, colour in costs.SOURCES}
    used |= {theme.TEAL, theme.AMBER, theme.PLUM, theme.SLATE}
    assert used <= known


def test_the_leave_heat_map_marks_what_is_over_and_says_it_in_words():
    days = [MONDAY + timedelta(days=d) for d in range(3)]
    row = leave.HeatRow("OG Mulberry", 10, 2, {days[0]: 3, days[1]: 2}, {days[1]: 1})
    figure = leave.leave_heat_figure([row], days, holidays={days[2]: "Good Friday"}, today=days[1])
    heat, over = figure["data"]
    assert heat["z"] == [[0.3, 0.2, 0.0]]
    assert (heat["x"][1], heat["y"]) == ("2026-03-03", ["OG Mulberry"]), "what a click tells"
    assert heat["text"][0][1].endswith("2 of 10 off, at most 2<br>1 more asked for")
    assert heat["text"][0][2].endswith("Good Friday")
    assert over["x"] == [days[0].isoformat()], "only the day above the limit is marked"
    assert [a["hovertext"] for a in figure["layout"]["annotations"]] == ["Good Friday"]
    assert figure["layout"]["meta"]["rows"] == [
        ["OG Mulberry", "2026-03-02", 3, 0, 10, 2], ["OG Mulberry", "2026-03-03", 2, 1, 10, 2],
    ]  # fmt: skip
    assert leave.leave_heat_figure([], days, holidays={}, today=days[0])["data"] == []


def test_service_levels_that_cost_the_same_share_a_label() -> None:
    points = [LevelPoint(level, 1, pence, 1.0)
              for level, pence in ((50, 100), (60, 100), (70, 102), (80, 200), (90, 300))]  # fmt: skip
    assert levels_figure(points)["data"][0]["text"] == ["", "", "50–70%", "80%", "90%"]
    assert levels_figure(points[:1])["data"][0]["text"] == ["50%"]
