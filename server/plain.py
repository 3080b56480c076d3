"""Component trees as plain dictionaries, so that one pass of orjson writes them.

Plotly tries orjson first and, at the first component it meets, goes over the whole tree with
a cleaner that asks each node whether it is an array, a table, a date or a picture: most of the
cost of answering a page. A tree of ours holds components, containers and scalars.
"""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component


def plain(node: Any) -> Any:
    """``node`` with every component in it as the dictionary that the renderer reads."""
    if isinstance(node, str):
        return node
    if isinstance(node, Component):
        found = node.to_plotly_json()
        return {**found, "props": {key: plain(value) for key, value in found["props"].items()}}
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [plain(value) for value in node]
    # figures and whatever else knows how to be written
    write = getattr(node, "to_plotly_json", None)
    return plain(write()) if write is not None else node
