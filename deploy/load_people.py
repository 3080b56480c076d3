"""The people of the load test: real logins, Dash's own protocol, answers that are looked at.

A person opens a page as a browser does (the document, Dash's layout and dependencies, the
page's content), waits, goes on to the next by the router, and keeps a rota open that asks
every few seconds for changes. An answer without the content that belongs to it is a failure.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from typing import Any

ROUTER = ".._pages_content.children..._pages_store.data.."
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_PLACE = re.compile(r'"id":\s*"rota-context"[^}]*?"data":\s*(\{.*?\})')
_SEEN = re.compile(r'"data":\s*(\{"version":\s*\d+,\s*"change":\s*\d+\})')

#: what a manager does next, with its weight, and what the page must then say
MANAGER_PAGES: dict[str, tuple[int, str]] = {
    "/dashboard/": (6, "Vacancies, next 14 days"),
    "/rota/": (5, "rota-grid"),
    "/vacancies/": (2, "open shift"),
    "/leave/": (2, "waiting"),
    "/costs/": (2, "Costs"),
    "/forecast/": (2, "Forecast"),
    "/reports/": (1, "Reports"),
}
CARE_PAGES: dict[str, tuple[int, str]] = {"/my/": (1, "My week")}


@dataclass(slots=True)
class Shape:
    """How a callback is called: its outputs, inputs and state, as ``_dash-dependencies`` tells."""

    output: str
    inputs: list[dict[str, Any]]
    state: list[dict[str, Any]]

    def body(self, inputs: list[Any], state: list[Any] = []) -> dict[str, Any]:  # noqa: B006
        """The body of a call with these values, by position."""
        return {
            "output": self.output,
            "outputs": _outputs(self.output),
            "inputs": [{**_place(i), "value": v} for i, v in zip(self.inputs, inputs, strict=True)],
            "state": [{**_place(i), "value": v} for i, v in zip(self.state, state, strict=True)],
            "changedPropIds": [f"{self.inputs[0]['id']}.{self.inputs[0]['property']}"],
        }


def _place(dependency: dict[str, Any]) -> dict[str, Any]:
    return {"id": dependency["id"], "property": dependency["property"]}


def _outputs(output: str) -> Any:
    output = re.sub(r"@[0-9a-f]+", "", output)
    parts = output.strip(".").split("...") if output.startswith("..") else [output]
    each = [dict(zip(("id", "property"), part.rsplit(".", 1), strict=True)) for part in parts]
    return each if output.startswith("..") else each[0]


def shapes(dependencies: list[dict[str, Any]]) -> dict[str, Shape]:
    """The callbacks a person uses, by a short name."""
    found = {}
    for one in dependencies:
        ids = [str(entry["id"]) for entry in one["inputs"]]
        shape = Shape(one["output"], one["inputs"], one["state"])
        if one["output"] == ROUTER:
            found["router"] = shape
        elif ids == ["rota-poll"]:
            found["poll"] = shape
    return found


@dataclass(slots=True)
class Choice:
    """A weighted choice among pages, repeatable by its seed."""

    pages: dict[str, tuple[int, str]]
    random: random.Random = field(default_factory=random.Random)

    def next(self) -> tuple[str, str]:
        """The next page, and what it must say."""
        path = self.random.choices(
            list(self.pages), weights=[weight for weight, _ in self.pages.values()]
        )[0]
        return path, self.pages[path][1]


def login_token(page: str) -> str:
    """The token of the login form. Raises ``ValueError`` when this is no login form."""
    found = _TOKEN.search(page)
    if found is None:
        raise ValueError("this is not the login page")
    return found[1]


def find_store(tree: Any, identifier: str) -> Any:
    """The ``data`` of the component with this id in an answer's tree."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            props = node.get("props")
            if isinstance(props, dict) and props.get("id") == identifier:
                return props.get("data")
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return None


def content_of(answer: str) -> str:
    """What the router put on the page. Raises ``ValueError`` for an answer without any."""
    found = json.loads(answer)
    children = found.get("response", {}).get("_pages_content", {}).get("children")
    if not children:
        raise ValueError("no content")
    return answer
