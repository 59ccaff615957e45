"""One JSON object a line in, one out, so that every rule can be checked without the web application.

Standard library only. `docs/validation.md` describes what goes in and out of each module.
"""

import json
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

LONGEST = 100  # characters of a whole number: more is no count, day or amount
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
            try:
                write({"id": asked["id"]})
            except ValueError:  # refused, not repeated
                raise ValueError("id: cannot be written back; a number needs to be in the range of a double") from None
            repeated = {"id": asked["id"]}
        return write(answer(asked) | repeated)
    except ValueError as refusal:
        return write({"error": str(refusal)} | repeated)


def read(line: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(
            line.decode(),
            parse_float=Decimal,
            parse_int=_whole,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
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


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name given twice is refused: which of the two was meant is not for a filter to guess."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name}: is given twice in one object; give each name once")
        found[name] = value
    return found


def _whole(digits: str) -> int:
    if len(digits) > LONGEST:
        raise ValueError(f"line: a whole number may have at most {LONGEST} characters, got {len(digits)}")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"line: {name} is not a JSON number")


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
