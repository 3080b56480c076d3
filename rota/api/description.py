"""The OpenAPI description of the data interface, made from the resources themselves."""

from __future__ import annotations

from typing import Any

from rota.api.resources import RESOURCES, Field, FieldType, Resource
from rota.api.tokens import MOST_REQUESTS
from rota.costs.values import Dimension

VERSION = "1.0"
BASE = "/api/v1"
MOST_ROWS, USUAL_ROWS = 1000, 200
#: dimensions as they stand in an address
DIMENSIONS = {dimension.value.replace(" ", "_"): dimension for dimension in Dimension}
MOST_DIMENSIONS = 4
EARLIEST, LATEST = "2000-01-01", "2100-12-31"
_ERRORS = {
    "400": "A parameter cannot be read.",
    "401": "No token, or one that is not valid.",
    "403": "A home that the token does not cover.",
    "429": f"More than {MOST_REQUESTS} requests a minute.",
    "503": "The database does not answer just now.",
}


def openapi() -> dict[str, Any]:
    """The description, as a value of JSON."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Staff Rota data",
            "version": VERSION,
            "description": "Read-only figures of the rota, the same as on screen. Money is whole "
            "pence, time whole minutes. Fields may be added within a version.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["message", "hint"],
                    "properties": {"message": {"type": "string"}, "hint": {"type": "string"}},
                },
                **{_schema_name(resource): _row(resource) for resource in RESOURCES},
            },
        },
        "paths": {
            f"{BASE}/{resource.name}": {"get": _operation(resource)} for resource in RESOURCES
        },
    }


def _schema_name(resource: Resource) -> str:
    return resource.name.capitalize()


def _row(resource: Resource) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [field.name for field in resource.fields],
        "properties": {field.name: _field(field) for field in resource.fields},
        "additionalProperties": False,
    }


def _field(field: Field) -> dict[str, Any]:
    kind: Any = field.type.value
    extra = {}
    if field.type in (FieldType.DAY, FieldType.INSTANT):
        kind, extra = "string", {"format": field.type.value}
    return {
        "type": [kind, "null"] if field.may_be_null else kind, **extra,
        "description": field.description,
    }  # fmt: skip


def _operation(resource: Resource) -> dict[str, Any]:
    rows = {
        "type": "object",
        "required": ["data", "next", "versions"],
        "properties": {
            "data": {
                "type": "array",
                "items": {"$ref": f"#/components/schemas/{_schema_name(resource)}"},
            },
            "next": {"type": ["string", "null"], "description": "The address of the next page."},
            "versions": {
                "type": "object",
                "description": "The data version of each home by its id.",
                "additionalProperties": {"type": "integer"},
            },
        },
    }
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        "operationId": resource.name,
        "summary": resource.title,
        "description": resource.description,
        "parameters": _parameters(resource),
        "responses": {
            "200": {
                "description": "One page of rows.",
                "content": {
                    "application/json": {"schema": rows},
                    "text/csv": {"schema": {"type": "string"}},
                },
            },
            **{code: {"description": words, "content": error} for code, words in _ERRORS.items()},
        },
    }


def _parameters(resource: Resource) -> list[dict[str, Any]]:
    day = {"type": "string", "format": "date"}
    found = [
        _parameter("home", {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
                   "One home; without it all of the token's."),
        _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS,
                             "default": USUAL_ROWS}, "Rows of a page."),
        _parameter("offset", {"type": "integer", "minimum": 0, "maximum": 10_000_000,
                              "default": 0}, "Rows before the page."),
        _parameter("format", {"type": "string", "enum": ["json", "csv"], "default": "json"},
                   "How the rows are written."),
    ]  # fmt: skip
    if resource.has_period:
        most = f"at most {resource.most_days} days"
        found[1:1] = [
            _parameter("from", day, "The first day.", required=True),
            _parameter("to", day, f"The last day, {most}.", required=True),
        ]
    if resource.has_dimensions:
        found.append(
            _parameter(
                "by",
                {"type": "array", "items": {"type": "string", "enum": list(DIMENSIONS)},
                 "maxItems": MOST_DIMENSIONS, "uniqueItems": True},
                "What costs are split by; home, month and source without it.",
            )
        )  # fmt: skip
        found[-1] |= {"style": "form", "explode": False}
    return found


def _parameter(
    name: str, schema: dict[str, Any], description: str, *, required: bool = False
) -> dict[str, Any]:
    return {
        "name": name, "in": "query", "required": required, "description": description,
        "schema": schema,
    }  # fmt: skip
