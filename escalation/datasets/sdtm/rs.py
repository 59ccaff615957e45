"""RS: the category of each assessment, derived and by the investigator, and the best response (IMWG 2016)."""

from collections.abc import Iterator
from datetime import date

from assessments.imwg.terms import settings_of
from assessments.response import queries as response
from assessments.response.queries import Course, Seen

from .. import codes
from ..definition import Dataset, Row, dtc, iso, text, whole
from ..reading import Reading
from ..subjects import Subject
from . import frame

VARIABLES = (
    *frame.identifiers("RS", "1 and 2 the best responses; of an assessment its number x 10, and 1 derived, "
    "2 confirmed, 3 the investigator's."),
    text("RSREFID", "Reference ID", 20, "The assessment as people see it: DA 14."),
    text("RSTESTCD", "Assessment Short Name", 8, "What is said.", codes.RSTESTCD),
    text("RSTEST", "Assessment Name", 40, "RSTESTCD in words."),
    text("RSCAT", "Category for Assessment", 20, "IMWG 2016, with minimal response."),
    text("RSORRES", "Result or Finding in Original Units", 4, "The category.", codes.RESPONSE),
    text("RSSTRESC", "Character Result/Finding in Std Format", 4, "As RSORRES.", codes.RESPONSE),
    text("RSEVAL", "Evaluator", 20, "INVESTIGATOR of the site's word; empty of what the program derived.", codes.EVAL),
    text("RSDRVFL", "Derived Flag", 1, "Y of what the program derived by the rules.", codes.YES),
    dtc("RSDTC", "Date/Time of Assessment", "The date that the category has; of the investigator that of the visit."),
    whole("RSDY", "Study Day of Assessment", "From the first dose; there is no day 0."),
)  # fmt: skip
CATEGORY = "IMWG 2016"


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "RS",
        "Disease Response",
        "One record per category per assessment per subject, and per best response",
        frame.keys("RS"),
        VARIABLES,
        lambda: _rows(reading),
    )


def _rows(reading: Reading) -> Iterator[Row]:
    if reading.settings.response_rules == "none":  # of another disease
        return
    settings = settings_of(reading.settings)
    for some in reading.some(reading.treated):
        read = response.timelines_read(
            [one.patient for one in some.values() if one.patient], reading.source.on, settings
        )
        courses = {course.patient.pk: course for course in read}
        for pk, one in some.items():
            if course := courses.get(pk):
                yield from _of(reading, one, course)


def _of(reading: Reading, one: Subject, course: Course) -> Iterator[Row]:
    def row(seq: int, code: str, said: str, on: date | None, seen: Seen | None = None, by: str | None = None) -> Row:
        return (
            reading.study, "RS", one.usubjid, seq, seen.row.code if seen else None, code, codes.RSTESTCD.terms[code],
            CATEGORY, said, said, by, None if by else "Y", iso(on), one.day(on),
        )  # fmt: skip

    if evaluation := course.evaluation:
        for seq, code, best in (
            (1, "BESTRESP", evaluation.best_confirmed),
            (2, "BESTUNC", evaluation.best_unconfirmed),
        ):
            yield row(seq, code, best.response.value, best.date)
    for seen in sorted(course.assessments, key=lambda seen: seen.row.number):
        number, visit = seen.row.number * 10, seen.visit
        if visit:
            yield row(number + 1, "OVRLRESP", visit.derived.value, visit.date, seen)
            if visit.confirmed:
                yield row(number + 2, "CNFMRESP", visit.confirmed.value, visit.date, seen)
        if seen.said:
            yield row(number + 3, "OVRLRESP", seen.said.category, seen.row.visit_on, seen, "INVESTIGATOR")
