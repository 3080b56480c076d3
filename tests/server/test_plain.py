"""A plain tree is written as the components themselves would be."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import numpy as np
import plotly.graph_objects as go
from dash import dcc, html
from plotly.io.json import to_json_plotly

from server.plain import plain


def test_it_is_what_the_slow_way_writes() -> None:
    tree = html.Div(
        [
            "text", 3, None, 2.5, True, [], {},
            html.Span(["a", html.B("b")], title="x", **{"data-day": date(2026, 3, 29)}),
            dcc.Graph(figure=go.Figure(go.Bar(x=[1, 2], y=np.array([3.5, 4.5])))),
            dcc.Store(id={"kind": "cell", "row": 1}, data={"deep": [{"er": (1, 2)}], 4: "four"}),
            html.Div(html.Div(dcc.Dropdown(["one", "two"], value="one"))),
        ],
        style={"width": Decimal("1.5")},
    )  # fmt: skip
    assert json.loads(to_json_plotly(plain(tree))) == json.loads(to_json_plotly(tree))
