"""One JSON object a line in, one out, so that every rule can be checked without the web application.

Standard library only. `docs/validation.md` describes what goes in and out of each module.
"""

import json
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

Answer = Callable[[dict[str, Any]], dict[str, Any]]


def serve(answer: Answer) -> None:
    """Answer every line of standard input, in order.

    A ValueError of `answer`, and a line that is no JSON object, becomes {"error": …}; the filter goes on.
    Any other exception is a fault of the program and stops it.
    """
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(reply(line, answer))
        sys.stdout.buffer.flush()


def reply(line: bytes, answer: Answer) -> bytes:
    """The output line for one input line."""
    repeated: dict[str, Any] = {}
    try:
        asked = read(line)
        if "id" in asked:
            write({"id": asked["id"]})  # an id that cannot be written back is refused, not repeated
            repeated = {"id": asked["id"]}
        return write(answer(asked) | repeated)
    except ValueError as refusal:
        return write({"error": str(refusal)} | repeated)


def read(line: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(line.decode(), parse_float=Decimal, parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise ValueError("line: must be UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"line: must be one JSON object, but is no JSON ({error.msg})") from None
    except RecursionError:
        raise ValueError("line: must be one JSON object, but is nested too deeply") from None
    if not isinstance(asked, dict):
        raise ValueError("line: must be one JSON object")
    return asked


def write(answer: dict[str, Any]) -> bytes:
    text = json.dumps(answer, sort_keys=True, ensure_ascii=False, allow_nan=False, default=_number)
    return (
        text.encode(errors="backslashreplace") + b"\n"
    )  # half a surrogate pair goes out as the \u escape it came in as


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"line: {name} is not a JSON number")


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
