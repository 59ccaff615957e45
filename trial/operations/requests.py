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


def whole(request: Request, name: str, *, least: int) -> int | None:
    """A whole number of the query; None where it is left out."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    number = numbers.whole(text)
    if number is None or number < least:
        raise ValidationError({name: [f"A whole number from {least} to {numbers.LARGEST}."]})
    return number
