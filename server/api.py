"""The data interface ``/api/v1``: read-only JSON and CSV for programs that hold a token.

It knows no session and no cookie: a browser that is logged in gets nothing here without a token.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from rota.access.actor import Actor, system_actor
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.api.description import (
    BASE,
    DIMENSIONS,
    MOST_DIMENSIONS,
    MOST_ROWS,
    USUAL_ROWS,
    openapi,
)
from rota.api.resources import BY_NAME, Question, Resource, Row
from rota.api.tokens import Unauthorised, use_token
from rota.costs.values import Dimension
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotFound, RotaError
from rota.reports.csv_file import is_dangerous
from server.context import reading, source

blueprint = Blueprint("api", __name__, url_prefix=BASE)
_MOST_OFFSET = 10_000_000


@blueprint.get("/openapi.json")
def description() -> Response:
    """What there is, for programs; it holds no data and needs no token."""
    return _json(openapi())


@blueprint.get("/<name>")
def rows(name: str) -> Response:
    """One page of a resource."""
    actor = _actor()
    resource = BY_NAME.get(name)
    if resource is None:
        raise NotFound("There is no such data.", hint=f"See {BASE}/openapi.json.")
    _known_parameters(resource)
    style = _choice("format", ("json", "csv"), "json")
    with reading() as session:
        homes = _homes(homes_of(session, actor))
        question = _question(resource, homes)
        found = list(resource.read(session, actor, question))
    more = len(found) > question.limit
    found = found[: question.limit]
    if style == "csv":
        response = Response(_csv(resource, found), mimetype="text/csv")
    else:
        response = _json(
            {
                "data": found,
                "next": _next(question) if more else None,
                "versions": {str(home.id): home.data_version for home in homes},
            }
        )
    if more:
        response.headers["Link"] = f'<{_next(question)}>; rel="next"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.errorhandler(RotaError)
def refuse(error: RotaError) -> Response:
    """An error in words, always as JSON."""
    response = _json({"message": error.message, "hint": error.hint})
    response.status_code = error.http_status
    if error.http_status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if error.http_status == 429:
        response.headers["Retry-After"] = "60"
    return response


@blueprint.errorhandler(HTTPException)
def stock_error(error: HTTPException) -> Response:
    """Flask's own errors as JSON."""
    response = _json({"message": error.name, "hint": f"See {BASE}/openapi.json."})
    response.status_code = error.code or 500
    return response


def _actor() -> Actor:
    scheme, _, clear = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not clear:
        raise Unauthorised("This needs a token.", hint="Send the header “Authorization: Bearer …”.")
    nobody = system_actor("Data interface", frozenset())
    with UnitOfWork(nobody, source=source()) as uow:
        return use_token(uow, clear.strip(), request.full_path)


def _known_parameters(resource: Resource) -> None:
    known = {"home", "limit", "offset", "format"}
    known |= {"from", "to"} if resource.has_period else set()
    known |= {"by"} if resource.has_dimensions else set()
    for name, values in request.args.lists():
        if name not in known:
            raise InvalidInput(f"“{name[:40]}” is no parameter here.", hint="See openapi.json.")
        if len(values) > 1:
            raise InvalidInput(f"“{name}” is given more than once.")


def _homes(homes: list[HomeChoice]) -> tuple[HomeChoice, ...]:
    home = _whole("home", 0, 1, 2**31 - 1)
    return (choose_home(homes, home),) if home else tuple(homes)


def _question(resource: Resource, homes: tuple[HomeChoice, ...]) -> Question:
    start = end = date(2000, 1, 1)
    if resource.has_period:
        start, end = _day("from"), _day("to")
        if end < start or (end - start).days >= resource.most_days:
            raise InvalidInput(f"“from” to “to” is a period of 1 to {resource.most_days} days.")
    return Question(
        homes, start, end, _dimensions(),
        _whole("limit", USUAL_ROWS, 1, MOST_ROWS), _whole("offset", 0, 0, _MOST_OFFSET),
    )  # fmt: skip


def _dimensions() -> tuple[Dimension, ...]:
    text = request.args.get("by", "")
    names = text.split(",") if text else []
    if len(names) > MOST_DIMENSIONS or len(set(names)) != len(names):
        raise InvalidInput(f"“by” takes at most {MOST_DIMENSIONS} dimensions, each once.")
    if not set(names) <= set(DIMENSIONS):
        raise InvalidInput(f"“by” takes {', '.join(DIMENSIONS)}.")
    return tuple(DIMENSIONS[name] for name in names)


def _whole(name: str, default: int, least: int, most: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) <= 10 and least <= int(text) <= most:
        return int(text)
    raise InvalidInput(f"“{name}” is a whole number from {least} to {most}.")


def _day(name: str) -> date:
    text = request.args.get(name, "")
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2100:
        raise InvalidInput(f"“{name}” is a day such as 2026-03-01.")
    return found


def _choice(name: str, choices: Sequence[str], default: str) -> str:
    text = request.args.get(name, default)
    if text not in choices:
        raise InvalidInput(f"“{name}” is {' or '.join(choices)}.")
    return text


def _next(question: Question) -> str:
    pairs = {**request.args.to_dict(), "offset": str(question.offset + question.limit),
             "limit": str(question.limit)}  # fmt: skip
    return f"{request.path}?{urlencode(pairs)}"


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value, default=str), mimetype="application/json")


def _csv(resource: Resource, found: Sequence[Row]) -> str:
    """The rows with a heading line; texts that a spreadsheet would run stay text."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    names = [field.name for field in resource.fields]
    writer.writerow(names)
    for row in found:
        writer.writerow([_cell(row[name]) for name in names])
    return stream.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and is_dangerous(value):
        return f"'{value}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
