"""What stands in every ADaM-shaped set: who the patient is, and the dose level that was planned and received."""

from ..definition import Row, Variable, text, whole
from ..reading import Reading
from ..subjects import LONGEST, Subject

WHO = (
    text("STUDYID", "Study Identifier", 40, "The trial's code."),
    text("USUBJID", "Unique Subject Identifier", LONGEST, "As in DM."),
    text("SUBJID", "Subject Identifier for the Study", 44, "The patient's number."),
    text("SITEID", "Study Site Identifier", 10, "The site's code."),
)
PLACE = "its position on the ladder of the protocol in force, 1 the lowest; empty where it is not on it."
ACTUAL: tuple[Variable, ...] = (
    text("TRT01A", "Actual Treatment for Period 01", 80, "The label of the dose level received at the first dose."),
    whole("TRT01AN", "Actual Treatment for Period 01 (N)", f"Of the level received {PLACE}"),
)
PLANNED: tuple[Variable, ...] = (
    text("TRT01P", "Planned Treatment for Period 01", 80, "The label of the dose level of the patient's cohort."),
    whole("TRT01PN", "Planned Treatment for Period 01 (N)", f"Of the level of the cohort {PLACE}"),
)


def who(reading: Reading, one: Subject) -> Row:
    return reading.study, one.usubjid, one.subjid, one.site


def actual(reading: Reading, one: Subject) -> Row:
    if one.treatment is None:
        return None, None
    return reading.arms[one.received][1], reading.position(one.received)


def planned(reading: Reading, one: Subject) -> Row:
    assert one.patient is not None
    level = one.patient.cohort.dose_level_id
    return reading.arms[level][1], reading.position(level)
