"""Comparing Dash component trees as what the browser would receive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder


def as_json(component: Any) -> Any:
    """The tree as plain JSON values."""
    return json.loads(json.dumps(component, cls=PlotlyJSONEncoder))


def assert_component_equal(
    actual: Any, expected: Any, *, ignore: frozenset[str] = frozenset()
) -> None:
    """Both trees serialise to the same; props named in ``ignore`` are left out of both."""
    assert _without(as_json(actual), ignore) == _without(as_json(expected), ignore)


def _without(value: Any, ignore: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {k: _without(v, ignore) for k, v in value.items() if k not in ignore}
    if isinstance(value, list):
        return [_without(v, ignore) for v in value]
    return value


def walk(component: Any) -> Iterator[dict[str, Any]]:
    """Every component of a serialised tree, the root first."""
    if isinstance(component, Component):
        component = as_json(component)
    if isinstance(component, dict):
        if "type" in component and "props" in component:
            yield component
        for value in component.values():
            yield from walk(value)
    elif isinstance(component, list):
        for value in component:
            yield from walk(value)


def text_of(component: Any) -> str:
    """All the words a tree shows, in order, with single spaces."""
    return " ".join(" ".join(_strings(as_json(component))).split())


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict) and "props" in value:
        yield from _strings(value["props"].get("children"))


def hrefs_of(component: Any) -> list[str]:
    """Every address a tree links to."""
    return [c["props"]["href"] for c in walk(component) if c["props"].get("href")]
