"""The readable reference: one page made from the OpenAPI document, with no script."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

Json = dict[str, Any]


@require_safe
def page(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    document = api.get_openapi_schema()
    shapes = {name: _members(shape) for name, shape in document["components"]["schemas"].items()}
    facts = {
        "info": document["info"],
        "operations": list(_operations(document)),
        "shapes": {name: members for name, members in sorted(shapes.items()) if members},
    }
    response = render(request, "api/reference.html", facts)
    response["Cache-Control"] = "no-cache"
    return response


def _operations(document: Json) -> Iterator[Json]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"].items()
            yield {
                "id": operation["operationId"],
                "method": method.upper(),
                "path": path,
                "description": operation.get("description", ""),
                "signed_in": "security" in operation,
                "parameters": [
                    {**one, "type": _type(one["schema"])} for one in operation["parameters"]
                ],
                "body": _content(operation.get("requestBody", {})),
                "answers": [(status, _content(told)) for status, told in answers if status < 400],
                "problems": [
                    (status, *line.split(": ", 1))
                    for status, told in answers
                    if status >= 400
                    for line in told["description"].splitlines()
                ],
            }


def _content(told: Json) -> str:
    """The type of a body or an answer; empty where there is none."""
    return next((_type(media["schema"]) for media in told.get("content", {}).values()), "")


def _members(shape: Json) -> list[Json]:
    required = shape.get("required", [])
    return [
        {"name": name, "type": _type(member), "optional": name not in required}
        for name, member in shape.get("properties", {}).items()
    ]


def _type(schema: Json) -> str:
    """A schema in a few words, like `list of SlotOut` or `text or null`."""
    match schema:
        case {"$ref": ref}:
            return str(ref).rpartition("/")[2]
        case {"anyOf": choices}:
            return " or ".join(map(_type, choices))
        case {"allOf": [only]}:
            return _type(only)
        case {"enum": choices}:
            return " or ".join(f"“{choice}”" for choice in choices)
        case {"type": "array", "items": items}:
            return f"list of {_type(items)}"
        case {"type": "string", "format": form}:
            return {"date-time": "instant", "date": "date"}.get(form, "text")
        case {"type": "string"}:
            return "text"
        case {"type": "integer"}:
            return "whole number"
    return str(schema.get("type", "anything"))
