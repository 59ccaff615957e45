"""The patients behind a number of the tables, each with the events that put him there. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from .adverse import band, fits
from .beyond import WHAT, InCycle
from .incidence import CENSORED, DEATH, ENDED, EVENT, Followed
from .rows import Emergent, Treated
from .summary import DISPOSITION, MEASURES, NOT_YET, OVERVIEW

COUNTED: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "evaluable": ("DLT-evaluable", lambda outcome: outcome in ("dlt", "no_dlt")),
    "dlt": ("With a DLT", lambda outcome: outcome == "dlt"),
    "pending": ("Pending", lambda outcome: outcome in NOT_YET),
    "left_out": ("Not evaluable", lambda outcome: outcome not in (*NOT_YET, "dlt", "no_dlt")),
}
FOLLOWED = {
    EVENT: "First grade 3 or higher",
    DEATH: "Died before one",
    ENDED: "Period over before one",
    CENSORED: "Still followed without one",
}
SHOWS: Mapping[str, str] = {
    "adverse": "Adverse events of the table",
    **{f"overview-{name}": words for name, (words, _) in OVERVIEW.items()},
    **{f"treatment-{name}": words for name, (words, _) in DISPOSITION.items()},
    **{f"count-{name}": words for name, (words, _) in COUNTED.items()},
    **{f"exposure-{name}": words for name, (words, _) in MEASURES.items()},
    **{f"first-{name}": words for name, words in FOLLOWED.items()},
    "first-risk": "Followed without a grade 3 or higher before",
    "beyond-risk": "Treated after the DLT window",
    "beyond-known": "Treated after the DLT window, doses recorded",
    **{f"beyond-{name}": f"{words}, after the DLT window" for name, words in WHAT.items()},
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a number counts. show: one of SHOWS. soc, term, band, filters: of "adverse". reason: of a stop."""

    show: str = "treatment-treated"
    level: str = ""
    soc: str = ""
    term: str = ""
    band: str = "any"
    filters: Sequence[str] = ()
    reason: str = ""
    cycle: int | None = None  # of what lies beyond the window
    drug: str = ""  # of the exposure
    day: int | None = None  # after the first dose, up to which ends count; None: all


@dataclass(frozen=True, slots=True)
class Behind:
    patient: Treated
    events: Sequence[Emergent] = field(default=())
    value: Fraction | None = None  # that he brings to a median


def behind(
    wanted: Wanted,
    patients: Sequence[Treated],
    events: Sequence[Emergent],
    outcomes: Mapping[int, str],
    followed: Mapping[int, Followed],
    beyond: Sequence[InCycle] = (),
) -> list[Behind]:
    """In the order of the patients. outcomes, followed: of each as he counts, and until the end that came first."""
    kind, _, name = wanted.show.partition("-")
    here = [one for one in patients if wanted.level in ("", one.level)]
    if kind in ("adverse", "overview"):
        found = _mine(wanted, name, events)
        mine = [Behind(one, found[one.number]) for one in here if one.number in found]
        if wanted.band == "any" or kind == "overview":
            return mine
        return [one for one in mine if band(max(event.grade for event in one.events)) == wanted.band]
    if kind == "treatment":
        _, asked = DISPOSITION[name]
        return [Behind(one) for one in here if asked(one) and wanted.reason in ("", one.stop_reason)]
    if kind == "beyond":
        return _beyond(wanted, name, here, events, beyond)
    if kind == "count":
        _, counts = COUNTED[name]
        return [Behind(one) for one in here if counts(outcomes.get(one.number, "pending"))]
    if kind == "exposure":
        return _exposed(here, MEASURES[name][1], wanted.drug)
    if name == "risk":
        return [Behind(one) for one in here if followed[one.number].days >= (wanted.day or 0)]
    severe = sorted((one for one in events if one.severe_on), key=lambda one: one.severe_on or date.max, reverse=True)
    first = {one.event.patient: one for one in severe}
    return [
        Behind(one, [first[one.number]] if name == EVENT else ())
        for one in here
        if (until := followed[one.number]).end == name and (wanted.day is None or until.days <= wanted.day)
    ]


def _exposed(here: Sequence[Treated], measured: Callable[[Treated, str], Fraction | None], drug: str) -> list[Behind]:
    """Whoever has a value, by it: the median stands in the middle."""
    found = [Behind(one, value=value) for one in here if (value := measured(one, drug)) is not None]
    return sorted(found, key=lambda one: (one.value, one.patient.number))


def _beyond(
    wanted: Wanted, name: str, here: Sequence[Treated], events: Sequence[Emergent], beyond: Sequence[InCycle]
) -> list[Behind]:
    """With the later events that would have been DLTs, where those are asked for."""
    mine = [
        one
        for one in beyond
        if wanted.cycle in (None, one.cycle)
        and (name == "risk" or name in one.had or (name == "known" and one.recorded))
    ]
    numbers = {number for one in mine for number in one.events} if name == "dlt" else set()
    who = {one.patient for one in mine}
    of = [event for event in events if event.event.number in numbers]
    return [Behind(one, [e for e in of if e.event.patient == one.number]) for one in here if one.number in who]


def _mine(wanted: Wanted, name: str, events: Sequence[Emergent]) -> dict[int, list[Emergent]]:
    """The events that are asked for, by patient."""

    def asked(one: Emergent) -> bool:
        if name:
            return bool(OVERVIEW[name][1](one))
        of_line = wanted.soc in ("", one.event.soc) and wanted.term in ("", one.event.term)
        return of_line and fits(one, wanted.filters)

    found: dict[int, list[Emergent]] = {}
    for one in events:
        if asked(one):
            found.setdefault(one.event.patient, []).append(one)
    return found
