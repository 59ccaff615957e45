"""Reading a line of the filter `assessments.dlt`; a fault names its field and rule."""

from decimal import Decimal
from typing import Any

from .course import Course
from .event import ASKS, FATIGUE, FEBRILE, HAEMATOLOGICAL, Event


def _american(term: str) -> str:
    """The CTCAE spelling: a count written "Anaemia" must not pass for a non-haematological event."""
    words = " ".join(term.split()).lower().replace("aemi", "emi").replace("rrhoea", "rrhea").replace("leuco", "leuko")
    return next((known for known in HAEMATOLOGICAL | ASKS.keys() | {FEBRILE, FATIGUE} if known.lower() == words), term)


def read_event(said: dict[str, Any]) -> Event:
    end, as_of = field(said, "end_day", int, None), field(said, "as_of_day", int)
    if end is not None and end > as_of:
        raise ValueError(f"end_day: {end} is after as_of_day {as_of}; null while ongoing")
    return Event(
        term=_american(field(said, "term", str)),
        soc=said.get("soc") or "",
        grade=field(said, "grade", int),
        onset_day=field(said, "onset_day", int),
        end_day=end,
        as_of_day=as_of,
        relations=field(said, "relations", dict),
        qualifiers=field(said, "qualifiers", dict, {}),
    )


def read_course(said: dict[str, Any]) -> Course:
    doses = {}
    for drug, amounts in field(said, "doses", dict).items():
        planned, taken = (Decimal(field(amounts, name, (int, Decimal))) for name in ("planned", "taken"))
        if max(planned, taken) > 10**12:
            raise ValueError(f"doses: {drug} cannot be above 10^12 mg")
        doses[drug] = (planned, taken)
    if not doses:
        raise ValueError("doses: at least one drug is needed")
    return Course(
        as_of_day=field(said, "as_of_day", int),
        window_days=field(said, "window_days", int, 28),
        dlt=field(said, "dlt", str, "none"),
        doses=doses,
        fraction=Decimal(str(field(said, "fraction", (int, Decimal), Decimal("0.75")))),
        stopped_day=field(said, "stopped_day", int, None),
        stop_reason=said.get("stop_reason"),
        open_events=field(said, "open_events", int, 0),
        confirmed=field(said, "confirmed", bool, False),
    )


_NEEDED = object()


def field(said: Any, name: str, kind: Any, default: Any = _NEEDED) -> Any:
    if not isinstance(said, dict):
        raise ValueError(f"{name}: its object is missing")
    value = said.get(name)
    if value is None:
        if default is _NEEDED:
            raise ValueError(f"{name}: is needed")
        return default
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name}: has a value of the wrong kind, {value!r}")
    return value
