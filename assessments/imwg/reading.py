"""Reading a line of the filters `assessments.imwg` and `assessments.times`; a fault names its field and rule. Pure."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from re import fullmatch
from typing import Any

from .amount import Below
from .terms import MEASURABLE, NUMBERS, Assessment, Best, PdSource, Response, ResponseSettings, Values

SETTINGS = tuple(f.name for f in fields(ResponseSettings))
VALUES = tuple(f.name.rstrip("_") for f in fields(Values))
SOURCES = {"biochemical": PdSource.LABORATORY} | {source.value: source for source in PdSource}


def known(said: dict[str, Any], names: Iterable[str], of: str = "line") -> None:
    """Refuse a key that nobody reads: a misspelt one would silently count as missing."""
    allowed = list(names)
    for name in said:
        if name not in allowed:
            raise ValueError(f"{of}: {name!r} is unknown; known are {', '.join(allowed)}")


def day(said: dict[str, Any], name: str, of: str = "") -> date | None:
    """A full date YYYY-MM-DD, or None: a partial date is a query, not a guess."""
    value = said.get(name)
    if value is None:
        return None
    field = f"{of}{name}"
    if not isinstance(value, str) or not fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError(f"{field}: must be a date YYYY-MM-DD, got {value!r}")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{field}: {value} is no day of the calendar") from None


def choice(said: dict[str, Any], name: str, of: tuple[str, ...]) -> str | None:
    value = said.get(name)
    if value is not None and (not isinstance(value, str) or value not in of):
        raise ValueError(f"{name}: must be one of {', '.join(of)} or null, got {value!r}")
    return value


def settings_from(said: Any) -> ResponseSettings:
    if said is None:
        return ResponseSettings()
    if not isinstance(said, dict):
        raise ValueError("settings: must be an object")
    known(said, SETTINGS, "settings")
    try:
        return ResponseSettings(**{name: _number(name, v) if name in MEASURABLE else v for name, v in said.items()})
    except ValueError as fault:
        raise ValueError(f"settings: {fault}") from None


def assessments_of(line: dict[str, Any], *, measured: bool = True) -> list[Assessment]:
    """measured: values are allowed, not categories alone. Without them "no_pd" may stand beside NE."""
    said = line.get("assessments", [])
    if said is None:
        return []
    if not isinstance(said, list):
        raise ValueError("assessments: must be a list")
    return [_assessment(one, f"assessments[{place}]", measured) for place, one in enumerate(said)]


def _assessment(said: Any, of: str, measured: bool) -> Assessment:
    if not isinstance(said, dict):
        raise ValueError(f"{of}: must be an object")
    given = ("date", "response", "pd_source")
    known(said, (*given, *VALUES) if measured else (*given, "no_pd"), of)
    on = day(said, "date", f"{of}.")
    if on is None:
        raise ValueError(f"{of}.date: is needed")
    source = _source(said.get("pd_source"), of)
    response = said.get("response")
    if response is None:
        if not measured:
            raise ValueError(f"{of}.response: is needed")
        if source is not None:
            raise ValueError(f"{of}.pd_source: stands only beside a response")
        values = values_of({name: value for name, value in said.items() if name in VALUES}, of)
        return Assessment(date=on, values=values)
    if not isinstance(response, str) or response not in list(Response):
        raise ValueError(f"{of}.response: must be one of {', '.join(Response)}, got {response!r}")
    if measured_too := next((name for name in VALUES if said.get(name) is not None), None):
        raise ValueError(f"{of}.{measured_too}: an assessment has values or a response, not both")
    no_pd = said.get("no_pd")
    if not isinstance(no_pd, bool | None):
        raise ValueError(f"{of}.no_pd: must be true, false or null, got {no_pd!r}")
    if no_pd and response == Response.PD:
        raise ValueError(f"{of}.no_pd: stands beside NE, never beside PD")
    return Assessment(date=on, response=Response(response), pd_source=source, no_pd=no_pd or False)


def _source(said: Any, of: str) -> PdSource | None:
    if said is None:
        return None
    if not isinstance(said, str) or said not in SOURCES:
        raise ValueError(f"{of}.pd_source: must be one of {', '.join(SOURCES)} or null, got {said!r}")
    return SOURCES[said]


def values_of(said: Any, of: str) -> Values | None:
    """Values by the filter's names; "lambda" is a word of the language, so the field is lambda_."""
    if said is None:
        return None
    if not isinstance(said, dict):
        raise ValueError(f"{of}: must be an object or null")
    known(said, ("date", *VALUES), of)
    day(said, "date", f"{of}.")
    try:
        return Values(**{_field(name): _number(name, value) for name, value in said.items() if name in VALUES})
    except ValueError as fault:
        raise ValueError(f"{of}.{fault}") from None


def _field(name: str) -> str:
    return "lambda_" if name == "lambda" else name


def _number(name: str, value: Any) -> Any:
    """A JSON number as a decimal, a text "<5" as below 5; the dataclass refuses by name what is neither."""
    if _field(name) not in NUMBERS and name not in MEASURABLE:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if name in MEASURABLE or not isinstance(value, str):
        return value
    limit = fullmatch(r"< ?([0-9]+(?:\.[0-9]+)?)", value)
    if limit is None:
        raise ValueError(f'{name}: must be a number, got {value!r}; what is below a limit is written "<5"')
    return Below(Decimal(limit[1]))


def best_json(best: Best) -> dict[str, Any]:
    return {"response": best.response, "date": best.date and best.date.isoformat()}
