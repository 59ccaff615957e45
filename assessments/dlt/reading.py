"""Reading a line of the filter `assessments.dlt`; a fault names its field and rule."""

from decimal import Decimal
from typing import Any

from .. import terms
from .course import Course
from .criteria import CRITERIA, Rules
from .event import ALL_GRADES, Event
from .names import SEVEN, kind, kinds


def read_rules(line: dict[str, Any]) -> Rules:
    version = field(line, "version", str, "5.0")
    if version not in SEVEN:
        raise ValueError(f"version: must be one of {', '.join(SEVEN)}, got {version!r}")
    criteria = field(line, "criteria", dict, {})
    for name, on in criteria.items():
        if name not in CRITERIA:
            raise ValueError(f"criteria: {name!r} is unknown; known are {', '.join(CRITERIA)}")
        if not isinstance(on, bool):
            raise ValueError(f"criteria: {name} must be true or false, got {on!r}")
    window_days = field(line, "window_days", int, 28)
    if window_days < 1:
        raise ValueError(f"window_days: must be at least 1, got {window_days}")
    exception_grade = field(line, "exception_grade", int, 3)
    if exception_grade not in (3, 4):
        raise ValueError(f"exception_grade: must be 3 or 4, got {exception_grade}")
    haematological = field(line, "haematological", list, list(SEVEN[version]))
    if wrong := [term for term in haematological if not (isinstance(term, str) and term.strip())]:
        raise ValueError(f"haematological: must be a list of terms, got {wrong[0]!r}")
    return Rules(
        on=criteria,
        window_days=window_days,
        exception_grade=exception_grade,
        haematological=kinds(haematological),
        ctcae=version,
    )


def read_event(said: dict[str, Any], version: str) -> Event:
    end, as_of = field(said, "end_day", int, None), field(said, "as_of_day", int)
    if end is not None and end > as_of:
        raise ValueError(f"end_day: {end} is after as_of_day {as_of}; null while ongoing")
    value = field(said, "value", (int, Decimal), None)
    term = field(said, "term", str)
    return Event(
        term=term,
        soc=said.get("soc") or "",
        grade=field(said, "grade", int, None),
        onset_day=field(said, "onset_day", int),
        end_day=end,
        as_of_day=as_of,
        relations=field(said, "relations", dict),
        qualifiers=field(said, "qualifiers", dict, {}),
        value=None if value is None else Decimal(value),
        serious=field(said, "serious", bool, False),
        grades=_grades(term, version),
    )


def _grades(term: str, version: str) -> tuple[int, ...]:
    """The grades that CTCAE has for the term in any spelling; all of them for one that is not in its list."""
    named = {terms.fold(name): found.grades for name, found in terms.all_terms(version).items()}
    folded = terms.fold(term)
    return named.get(folded) or named.get(terms.fold(_named(kind(term), version)), ALL_GRADES)


def _named(known: str, version: str) -> str:
    """The version's own name of a term that the criteria know by that of 5.0."""
    return dict(zip(SEVEN["5.0"], SEVEN[version], strict=True)).get(known, known)


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
        as_of_day=_day(said, "as_of_day"),
        window_days=field(said, "window_days", int, 28),
        dlt=field(said, "dlt", str, "none"),
        doses=doses,
        fraction=Decimal(str(field(said, "fraction", (int, Decimal), Decimal("0.75")))),
        stopped_day=_day(said, "stopped_day", None),
        stop_reason=field(said, "stop_reason", str, None),
        open_events=field(said, "open_events", int, 0),
        confirmed=field(said, "confirmed", bool, False),
    )


_NEEDED = object()


def _day(said: dict[str, Any], name: str, default: Any = _NEEDED) -> Any:
    day = field(said, name, int, default)
    if day == 0:
        raise ValueError(f"{name}: there is no day 0; the first dose is day 1, the day before it day -1")
    return day


def field(said: Any, name: str, wanted: Any, default: Any = _NEEDED) -> Any:
    if not isinstance(said, dict):
        raise ValueError(f"{name}: its object is missing")
    value = said.get(name)
    if value is None:
        if default is _NEEDED:
            raise ValueError(f"{name}: is needed")
        return default
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise ValueError(f"{name}: has a value of the wrong kind, {value!r}")
    return value
