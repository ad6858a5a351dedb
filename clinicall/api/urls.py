"""The JSON edge, to be mounted at /api/."""

from typing import Any

from django.conf import settings
from django.urls import path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from pydantic import BaseModel

from clinicall.api import appointments, availability, call, doctors, problems, reference
from clinicall.api.reading import nothing_unknown
from clinicall.api.schemas import Problem

SECURITY_SCHEMES = {
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Session-Token",
        "description": "For programs: what signing in at /_allauth/app/v1/ answered.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": settings.SESSION_COOKIE_NAME,
        "description": "For browsers, with `X-CSRFToken` for every method but GET.",
    },
}


class Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        noun = operation.view_func.__module__.rpartition(".")[2]
        return f"{noun}_{operation.view_func.__name__}"

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**where)
        document["components"]["schemas"] |= _schemas(Problem)
        document["components"]["securitySchemes"] = SECURITY_SCHEMES
        _say_which_bodies_may_be_left_out(document)
        return document


def _say_which_bodies_may_be_left_out(document: OpenAPISchema) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            if body := operation.get("requestBody"):
                (media,) = body["content"].values()
                shape = media["schema"]["$ref"].rpartition("/")[2]
                body["required"] = "required" in document["components"]["schemas"][shape]


def _schemas(shape: type[BaseModel]) -> dict[str, Any]:
    whole = shape.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**whole.pop("$defs"), shape.__name__: whole}


api = Api(
    title="Clinicall",
    version="1",
    description="Appointments and video visits. Times are UTC, money is in minor units.",
    urls_namespace="api",
    docs_url=None,
)
problems.answer_refusals(api)
api.add_decorator(nothing_unknown)
for noun in (doctors, availability, appointments, call):
    api.add_router("", noun.router)

urlpatterns = [
    path("v1/", api.urls),
    path("docs", reference.page, {"api": api}, name="api_reference"),
]
