"""What is read of a request to REST, its body and its pages: nothing in them is a fault of the program."""

from typing import Any

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from .. import numbers


class Parser(JSONParser):
    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError("JSON parse error - nested too deeply.") from None


class Pages(LimitOffsetPagination):
    default_limit = 100
    max_limit = 500

    def get_limit(self, request: Request) -> int:
        return min(whole(request, "limit", least=1) or self.default_limit, self.max_limit)

    def get_offset(self, request: Request) -> int:
        return whole(request, "offset", least=0) or 0

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limit, offset = super().get_schema_operation_parameters(view)
        limit["schema"] |= {"minimum": 1, "maximum": numbers.LARGEST, "default": self.default_limit}
        offset["schema"] |= {"minimum": 0, "maximum": numbers.LARGEST, "default": 0}
        return [limit, offset]


def whole(request: Request, name: str, *, least: int) -> int | None:
    """A whole number of the query; None where it is left out."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    number = numbers.whole(text)
    if number is None or number < least:
        raise ValidationError({name: [f"A whole number from {least} to {numbers.LARGEST}."]})
    return number


def say_what_a_wrong_query_gets(result: Any, **_: Any) -> Any:
    """Into the schema: whatever takes a query answers 400 to what is none."""
    wrong = {
        "content": {"application/json": {"schema": {"type": "object", "additionalProperties": {}}}},
        "description": "A value of the query is none that it can hold: sentences by its name.",
    }
    for methods in result["paths"].values():
        for operation in methods.values():
            if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
                operation["responses"].setdefault("400", wrong)
    return result
