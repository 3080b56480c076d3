"""Component trees as plain dictionaries, so that one pass of orjson writes them.

Plotly tries orjson first and, at the first component it meets, goes over the whole tree with
a cleaner that asks each node whether it is an array, a table, a date or a picture: most of the
cost of answering a page. A tree of ours holds components, containers and scalars.
"""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

#: what a component keeps beside its properties, which it refuses to have under other names
_NO_PROPERTIES = frozenset(
    {
        "_prop_names",
        "_valid_wildcard_attributes",
        "available_properties",
        "available_wildcard_properties",
    }
)


def plain(node: Any) -> Any:
    """``node`` with every component in it as the dictionary that the renderer reads."""
    if node is None or isinstance(node, str):
        return node
    if isinstance(node, Component):
        # its own to_plotly_json asks for each of the properties that it could have
        props = {
            name: value if isinstance(value, str) else plain(value)
            for name, value in vars(node).items()
            if name not in _NO_PROPERTIES
        }
        return {"props": props, "type": node._type, "namespace": node._namespace}
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [plain(value) for value in node]
    # figures and whatever else knows how to be written
    write = getattr(node, "to_plotly_json", None)
    return plain(write()) if write is not None else node
