"""What is read of a request to REST, its body and its pages: nothing in them is a fault of the program."""

from typing import Any

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from .. import numbers
from ..problem import PROBLEM


class Parser(JSONParser):
    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError("JSON parse error - nested too deeply.") from None


class Pages(LimitOffsetPagination):
    default_limit = 100
    max_limit = 500
    names = ("limit", "offset")

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
    text = request.query_params.get(name)
    if text is None:
        return None
    number = numbers.whole(text)
    if number is None or number < least:
        raise ValidationError({name: [f"A whole number from {least} to {numbers.LARGEST}."]})
    return number


def _shape(answer: Any) -> Any:
    """Of an answer's body, whatever its media type is; None where it has none."""
    return next(iter(answer.get("content", {}).values()), None)


def say_what_a_wrong_query_gets(result: Any, **_: Any) -> Any:
    """Into the schema: every address answers 400 to a query that is none, and refusals are of their own media type."""
    wrong = {
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Wrong"}}},
        "description": "A name or value of the query that it cannot have.",
    }
    for methods in result["paths"].values():
        for operation in methods.values():
            operation["responses"].setdefault("400", wrong)
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = {PROBLEM: shape} if (shape := _shape(answer)) else {}
    return result
