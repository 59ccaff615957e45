"""EX: what was taken of each drug on each day that is recorded; held and missed days stand with a dose of 0."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

from assessments.exposure import queries as exposures
from assessments.models import AdverseEvent
from patients.dosing.course import Change, Course, days
from patients.models import DoseTaken

from ..definition import Dataset, Row, Value, brief, dtc, exact, iso, number, text, whole
from ..reading import Reading
from ..subjects import Subject
from . import frame

REASONS = {"adverse_event": "ADVERSE EVENT", "patient": "PATIENT", "other": "OTHER"}
VARIABLES = (
    *frame.identifiers("EX", "Cycle x 100,000 + its day x 100 + position of the drug; of a total the position."),
    text("EXTRT", "Name of Treatment", 120, "The drug's name in the protocol."),
    number("EXDOSE", "Dose", "Taken over the day; of a total over the DLT window."),
    text("EXDOSU", "Dose Units", 30, "Of the dose in the protocol."),
    text("EXROUTE", "Route of Administration", 200, "In the words of the protocol in force; empty where it says none."),
    number("EXPDOSE", "Planned Dose", "By the schedule of the level received at the first dose; not of SDTM."),
    text("EXSTATE", "How the Dose Was Taken", 10, "TAKEN, REDUCED, HELD, MISSED, or TOTAL of a window; not of SDTM."),
    text("EXADJ", "Reason for Dose Adjustment", 200, "Why a day was not as planned, and for which event."),
    whole("EXCYCLE", "Cycle", "Counted from the first; not of SDTM."),
    whole("EXCYCDY", "Day of the Cycle", "1 is its first; not of SDTM."),
    dtc("EXSTDTC", "Start Date/Time of Treatment", "The day; of a total the first dose."),
    dtc("EXENDTC", "End Date/Time of Treatment", "The day; of a total the last day of the window."),
    whole("EXSTDY", "Study Day of Start of Treatment", "From the first dose; there is no day 0."),
    whole("EXENDY", "Study Day of End of Treatment", "From the first dose; there is no day 0."),
)  # fmt: skip


class Taken(NamedTuple):
    seq: int
    rest: tuple[Value, ...]


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "EX",
        "Exposure",
        "One record per drug per recorded day per subject; per drug and window where only totals are recorded",
        frame.keys("EX"),
        VARIABLES,
        lambda: _rows(reading),
    )


def _rows(reading: Reading) -> Iterator[Row]:
    for some in reading.some(reading.treated):
        courses = exposures.courses(reading.trial.pk, list(some))
        events, totals = _events(courses.values()), _totals(reading.trial.pk, list(some))
        for pk, one in some.items():
            course = courses.get(pk)
            by_day = course if course and course.recorded else None
            found = list(_by_day(reading, one, by_day, events)) if by_day else []
            for row in totals.get(pk, ()):
                if by_day is None or row.drug.name not in by_day.plans:  # its schedule is words alone
                    found.append(_total(reading, one, row))
            for taken in sorted(found):
                yield (reading.study, "EX", one.usubjid, taken.seq, *taken.rest)


def _events(courses: Iterable[Course]) -> dict[Hashable, int]:
    """The numbers of the events for which a day was not as planned."""
    said = [
        str(change.event)
        for course in courses
        for cycle in course.cycles
        for drug in cycle.said.values()
        for change in drug.changes.values()
        if change.event
    ]
    return dict(AdverseEvent.objects.filter(pk__in=said).values_list("pk", "number")) if said else {}


def _by_day(reading: Reading, one: Subject, course: Course, events: Mapping[Hashable, int]) -> Iterator[Taken]:
    """What is not recorded is no row, nor is what the end of a cycle or of the treatment left over."""
    for drug in reading.drugs:
        if drug.name not in course.plans:
            continue
        unit = course.plans[drug.name].unit
        for day in days(course, drug.name, reading.source.on):
            if day.taken is None or day.state == "over":
                continue
            rest = (
                drug.name, exact(day.taken), unit, _route(reading, drug.name), exact(day.planned),
                day.state.upper(), _why(day.change, events),
                day.cycle, day.day, iso(day.on), iso(day.on), one.day(day.on), one.day(day.on),
            )  # fmt: skip
            yield Taken(day.cycle * 100_000 + day.day * 100 + drug.position, rest)


def _route(reading: Reading, drug: str) -> str | None:
    said = reading.settings.route_of.get(drug)
    return brief(said) if said else None


def _why(change: Change | None, events: Mapping[Hashable, int]) -> str | None:
    if change is None:
        return None
    said = REASONS.get(change.because, "")
    named = f"AE {events[change.event]}" if change.event in events else ""
    return brief(": ".join(filter(None, (said, named or change.note))))


def _totals(trial: UUID, patients: Collection[UUID]) -> dict[UUID, list[DoseTaken]]:
    found: dict[UUID, list[DoseTaken]] = {}
    for row in DoseTaken.objects.filter(trial=trial, patient__in=patients, voided=False).select_related("drug"):
        found.setdefault(row.patient_id, []).append(row)
    return found


def _total(reading: Reading, one: Subject, row: DoseTaken) -> Taken:
    assert one.treated is not None
    first, last = one.treated.first_dose, one.treated.window_ends
    rest = (
        row.drug.name, exact(row.taken), reading.units.get(one.received, {}).get(row.drug_id),
        _route(reading, row.drug.name), exact(row.planned),
        "TOTAL", None, None, None, iso(first), iso(last), one.day(first), one.day(last),
    )  # fmt: skip
    return Taken(row.drug.position, rest)
