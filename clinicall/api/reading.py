"""Reading what was sent, strictly: nothing is guessed, and nothing that is not understood is passed over.

The order is the contract's: what cannot be read at all (415, 413, 400) before what can be read and not
used (422).
"""

import json
import math
import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Annotated, Any, ClassVar, Never, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja.errors import ValidationError
from ninja.params.models import Body, BodyModel, Header, HeaderModel
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from clinicall.core.refusals import (
    BadRequest,
    Fault,
    IdempotencyKeyMissing,
    Invalid,
    TooLarge,
    WrongType,
)

READING = (BadRequest, TooLarge, WrongType)  # how reading a body can be refused
DEEPEST = 20
LARGEST_NUMBER = 2**63 - 1  # of a bigint
LONGEST_NUMBER = len(str(LARGEST_NUMBER))
LONGEST_NAME_IN_A_POINTER = 64
KEY = re.compile(r"[!-~]{1,255}")
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")

# What pydantic calls a fault; our code for it, and a sentence that repeats nothing of what was sent.
FAULTS = {
    "missing": ("required", "This is required."),
    "extra_forbidden": ("unknown_member", "There is no such member."),
    "string_type": ("wrong_type", "Send text."),
    "int_type": ("wrong_type", "Send a whole number."),
    "list_type": ("wrong_type", "Send a list."),
    "model_type": ("wrong_type", "Send an object."),
    "model_attributes_type": ("wrong_type", "Send an object."),
    "string_too_long": ("too_long", "This is too long."),
    "too_long": ("too_many", "These are too many."),
    "too_short": ("too_few", "Send at least one."),
    "greater_than_equal": ("out_of_range", "This is too small."),
    "less_than_equal": ("out_of_range", "This is too large."),
    "enum": ("not_a_choice", "This is not one of the choices."),
}
# Marks the faults that checks of ours find, whose codes are the contract's already.
OURS = "ours:"


class UnknownTimezone(Invalid):
    code, title = "unknown_timezone", "There is no such time zone"


def invalid(error: ValidationError) -> Invalid:
    """What ninja found wrong with parameters and body, in the contract's words."""
    faults = [_fault(found) for found in error.errors]
    if any(fault.code == "unknown_timezone" for fault in faults):
        return UnknownTimezone(*faults)
    return Invalid(*faults)


def _fault(found: dict[str, Any]) -> Fault:
    source, *place = found["loc"]
    if source == "body":
        place = place[1:]  # the name of our own argument
    kind = found["type"]
    if kind.startswith(OURS):
        return Fault(pointer(place), kind.removeprefix(OURS), found["msg"])
    return Fault(pointer(place), *FAULTS.get(kind, ("not_usable", "This cannot be used.")))


def unusable(code: str, detail: str) -> PydanticCustomError:
    """What a check of ours raises; the detail must repeat nothing of what was sent."""
    return PydanticCustomError(f"{OURS}{code}", detail)


def pointer(place: Iterable[str | int]) -> str:
    """A JSON pointer as a URI fragment (RFC 6901); parameters are named like members."""
    steps = (str(step)[:LONGEST_NAME_IN_A_POINTER] for step in place)
    return "#" + "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


# --- The body ---


class Shape(BaseModel):
    """A JSON object that was sent: these members, of these types, and no others."""

    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)
    largest: ClassVar[int] = 64 << 10  # bytes


class StrictBody(BodyModel):
    __read_from_single_attr__: str

    @classmethod
    def get_request_data(cls, request: HttpRequest, *_: Any) -> dict[str, Any]:
        name = cls.__read_from_single_attr__
        shape = cls.model_fields[name].annotation
        assert isinstance(shape, type)
        assert issubclass(shape, Shape)
        return {name: read_object(request, shape)}


class JsonBody(Body):  # type: ignore[misc]
    _model = StrictBody

    @classmethod
    def _param_source(cls) -> str:
        return "body"


Sendable = TypeVar("Sendable", bound=Shape)
Sent = Annotated[Sendable, JsonBody(...)]


def read_object(request: HttpRequest, shape: type[Shape]) -> dict[str, Any]:
    """The JSON object of the body; an empty one for no body at all, if nothing is required.

    Raises WrongType, TooLarge, BadRequest, and Invalid for text that no database can hold.
    """
    body = _body(request)
    required = any(member.is_required() for member in shape.model_fields.values())
    if not body and not required:
        return {}
    if request.content_type != "application/json" or "Content-Encoding" in request.headers:
        raise WrongType
    if (request.content_params or {}).get("charset", "utf-8").lower() != "utf-8":
        raise WrongType("Send UTF-8.")
    if len(body) > shape.largest:
        raise TooLarge
    sent = _parse(body)
    if not isinstance(sent, dict):
        raise BadRequest("Send a JSON object.")
    if faults := list(_unusable_text(sent, [])):
        raise Invalid(*faults)
    return sent


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise TooLarge from None


def _parse(body: bytes) -> Any:
    try:
        sent = json.loads(
            body.decode(),  # also refuses a byte order mark, as json.loads does for text
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_int=_whole,
            parse_float=_fraction,
        )
        _refuse_depth(sent)
    except RecursionError:
        raise BadRequest("This is nested too deeply.") from None
    except ValueError:
        raise BadRequest("This is not JSON in UTF-8.") from None
    return sent


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise BadRequest("An object names a member twice.")
    return members


def _refuse_constant(_name: str) -> Never:
    raise BadRequest("NaN and Infinity are not JSON.")


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > LONGEST_NUMBER or abs(int(text)) > LARGEST_NUMBER:
        raise BadRequest("A number is too large.")
    return int(text)


def _fraction(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadRequest("A number is too large.")
    return number


def _refuse_depth(value: Any, depth: int = 1) -> None:
    if isinstance(value, dict | list):
        if depth > DEEPEST:
            raise BadRequest("This is nested too deeply.")
        for inner in value.values() if isinstance(value, dict) else value:
            _refuse_depth(inner, depth + 1)


def _unusable_text(value: Any, place: list[str | int]) -> Iterable[Fault]:
    match value:
        case str():
            if not is_storable(value):
                yield Fault(pointer(place), "characters", "Leave out NUL and lone surrogates.")
        case list():
            for index, inner in enumerate(value):
                yield from _unusable_text(inner, [*place, index])
        case dict():
            for name, inner in value.items():
                yield from _unusable_text(inner, [*place, name])


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold it: no NUL, and nothing that UTF-8 cannot say."""
    return not UNSTORABLE.search(text)


# --- What no view asked for ---

View = TypeVar("View", bound=Callable[..., Any])


def nothing_unknown(view: View) -> View:
    """Refuses query parameters that the operation does not know or that come twice, and a body where
    it takes none. Raises Invalid, and what `read_object` raises."""
    models = view._ninja_operation.models  # type: ignore[attr-defined]  # noqa: SLF001
    known = {
        name
        for model in models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }
    takes_a_body = any(model.__ninja_param_source__ == "body" for model in models)

    @wraps(view)
    def checked(request: HttpRequest, **values: Any) -> Any:
        unknown = [name for name in request.GET if name not in known]
        repeated = [name for name in known if len(request.GET.getlist(name)) > 1]
        faults = [
            *(Fault(pointer([n]), "unknown_parameter", "There is no such one.") for n in unknown),
            *(Fault(pointer([n]), "repeated", "Send this once.") for n in repeated),
        ]
        if request.method == "POST" and not takes_a_body:
            members = read_object(request, Shape)
            faults += [Fault(pointer([n]), *FAULTS["extra_forbidden"]) for n in members]
        if faults:
            raise Invalid(*faults)
        return view(request, **values)

    return checked  # type: ignore[return-value]


# --- The key ---


class KeyHeader(HeaderModel):
    @classmethod
    def get_request_data(cls, request: HttpRequest, *_: Any) -> dict[str, Any]:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            raise IdempotencyKeyMissing
        if not KEY.fullmatch(key):
            raise BadRequest("An Idempotency-Key is 1 to 255 visible ASCII characters.")
        return {"Idempotency-Key": key}


class OnceHeader(Header):  # type: ignore[misc]
    _model = KeyHeader

    @classmethod
    def _param_source(cls) -> str:
        return "header"


# Read before the body is judged: without a key, the request is no request at all.
IdempotencyKey = Annotated[
    str, OnceHeader(..., alias="Idempotency-Key", pattern=f"^{KEY.pattern}$")
]
