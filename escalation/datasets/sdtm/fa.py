"""FA: findings about adverse events: their grades over time, and what was found of a dose-limiting toxicity.

Of the readers nothing is said before the first two have answered: one must not know the other's verdict.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date
from uuid import UUID

from assessments.events.models import EventGrade

from .. import codes
from ..definition import Dataset, Row, brief, dtc, iso, text, whole, yes_or_no
from ..reading import Finding, Reading
from ..subjects import Subject
from . import frame
from .reported import Reported, reported

VARIABLES = (
    *frame.identifiers("FA", "The event's number x 1,000; and 1 status, 2 criterion, from 10 on verdicts by round and "
    "reader, from 100 on grades by day."),
    text("FASPID", "Sponsor-Defined Identifier", 20, "The event as people see it: AE 14. As AESPID."),
    text("FATESTCD", "Findings About Test Short Name", 8, "What was found.", codes.FATESTCD),
    text("FATEST", "Findings About Test Name", 40, "FATESTCD in words."),
    text("FAOBJ", "Object of the Observation", 150, "As AEDECOD."),
    text("FAORRES", "Result or Finding in Original Units", 40, "A grade; DLT, NOT DLT, SUSPECTED or OPEN; a criterion; "
         "Y or N of a verdict."),
    text("FASTRESC", "Character Result/Finding in Std Format", 40, "As FAORRES."),
    text("FAEVAL", "Evaluator", 20, "Of a verdict its reader; empty of the others."),
    text("FADRVFL", "Derived Flag", 1, "Y of a status or criterion that the rules gave.", codes.YES),
    text("FAREAS", "Reason", 200, "Of a verdict, or of the rule, in words; not of SDTM."),
    dtc("FADTC", "Date/Time of Collection", "Of a grade its first day; of a verdict when it was given, in UTC."),
    whole("FADY", "Study Day of Collection", "From the first dose; there is no day 0; empty of an instant."),
)  # fmt: skip
PLACES = {reader: k for k, reader in enumerate(codes.READERS)}


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "FA",
        "Findings About Adverse Events",
        "One record per finding per adverse event per subject",
        frame.keys("FA"),
        VARIABLES,
        lambda: _rows(reading),
    )


def _rows(reading: Reading) -> Iterator[Row]:
    for some in reading.some(reading.patients):
        events = reported(reading.trial.pk, list(some), [])
        grades = _grades(reading.trial.pk, list(some))
        for pk, one in some.items():
            counted = reading.counted[one.number]
            for event in events.get(pk, ()):
                if finding := counted.findings.get(event.number):
                    yield from _dlt(reading, one, event, finding)
                history = grades.get(event.number) or ([(event.onset_on, event.grade)] if event.grade else [])
                yield from _graded(reading, one, event, history)


def _dlt(reading: Reading, one: Subject, event: Reported, finding: Finding) -> Iterator[Row]:
    state = codes.DLTSTAT[finding.state]
    by_rule = "Y" if not finding.verdicts else None
    yield _row(reading, one, event, 1, "DLTSTAT", state, reason=finding.because if by_rule else "", derived=by_rule)
    if finding.criterion:
        yield _row(reading, one, event, 2, "DLTCRIT", finding.criterion, derived=by_rule)
    for verdict in sorted(finding.verdicts, key=lambda given: PLACES[given.reader]):
        yield _row(
            reading, one, event, 10 + PLACES[verdict.reader], "DLTVERD", yes_or_no(verdict.is_dlt),
            evaluator=codes.READERS[verdict.reader], reason=verdict.reason,
            when=verdict.given_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        )  # fmt: skip


def _graded(reading: Reading, one: Subject, event: Reported, history: list[tuple[date, int]]) -> Iterator[Row]:
    for k, (on, grade) in enumerate(history, 100):
        known = k > 100 or event.onset_known is None
        when = iso(on) if known else str(event.onset)
        yield _row(reading, one, event, k, "TOXGR", str(grade), when=when, day=one.day(on) if known else None)


def _row(
    reading: Reading, one: Subject, event: Reported, k: int, code: str, said: str, *, evaluator: str | None = None,
    derived: str | None = None, reason: str = "", when: str | None = None, day: int | None = None,
) -> Row:  # fmt: skip
    return (
        reading.study, "FA", one.usubjid, event.number * 1000 + k, f"AE {event.number}", code,
        codes.FATESTCD.terms[code], event.term, said, said, evaluator, derived, brief(reason), when, day,
    )  # fmt: skip


def _grades(trial: UUID, patients: Collection[UUID]) -> Mapping[int, list[tuple[date, int]]]:
    """Of each event that had more than one; what waits for the investigator is no grade."""
    rows = EventGrade.objects.filter(trial=trial, event__patient__in=patients, voided=False)
    found: dict[int, list[tuple[date, int]]] = {}
    for number, on, grade in rows.order_by("on").values_list("event__number", "on", "grade"):
        if grade is not None:
            found.setdefault(number, []).append((on, grade))
    return found
