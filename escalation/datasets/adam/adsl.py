"""ADSL: a row a patient, with his level, his dates and the analysis sets that he is in."""

from collections.abc import Iterator

from assessments.endpoints.settings_sets import PRIMARY

from .. import codes
from ..definition import CodeList, Dataset, Row, brief, on_day, text, whole, yes, yes_or_no
from ..reading import Reading
from ..subjects import Subject
from . import frame

EMPTY = "Not recorded yet: demographics are not part of the program; always empty."
GOING_ON, OVER, NEVER = "ONGOING", "DISCONTINUED", "NOT STARTED"
STATUS = CodeList("STATUS", None, {GOING_ON: "Goes on", OVER: "Has ended", NEVER: "No first dose is recorded"})
ROLE = CodeList(
    "COHROLE",
    None,
    {
        "ESCALATION": "In the count of the escalation rule",
        "EXPANSION": "Outside the count",
        "BACKFILL": "Outside the count",
    },
)
VARIABLES = (
    *frame.WHO,
    whole("AGE", "Age (not recorded yet)", EMPTY),
    text("SEX", "Sex (not recorded yet)", 16, EMPTY, codes.SEX),
    text("RACE", "Race (not recorded yet)", 60, EMPTY, codes.RACE),
    *frame.PLANNED,
    *frame.ACTUAL,
    whole("COHORT", "Cohort", "Its number, in the order opened."),
    text("COHROLE", "Role of the Cohort", 12, "Whether the escalation rule counts it.", ROLE),
    on_day("RFICDT", "Date of Informed Consent", "The first consent to the trial."),
    on_day("ENRLDT", "Date of Enrollment", "The day of the enrolment."),
    on_day("TRTSDT", "Date of First Exposure to Treatment", "The first dose of any study drug."),
    on_day("TRTEDT", "Date of Last Exposure to Treatment", "The last dose of any drug, once treatment has ended."),
    text("EOTSTT", "End of Treatment Status", 12, "Over with the death of who has no other end.", STATUS),
    on_day("DCTDT", "Date of Treatment Discontinuation", "The day on which treatment ended, else of death."),
    text("DCTREAS", "Reason for Discontinuation of Treatment", 200, "In the words of who entered it, or that he died."),
    text("EOSSTT", "End of Study Status", 12, "DISCONTINUED once he left the study or died.", STATUS),
    on_day("EOSDT", "End of Study Date", "The day on which he left the study, else of death."),
    text("DCSREAS", "Reason for Discontinuation from Study", 200, "In the words of who entered it; of a death Death."),
    on_day("NEWTHDT", "Date of New Anti-Myeloma Therapy", "Of follow-up."),
    on_day("LSTALVDT", "Date Last Known Alive", "As overall survival reads it; empty of who died."),
    text("DTHFL", "Subject Death Flag", 1, "Y where a day of death is recorded, else empty.", codes.YES),
    on_day("DTHDT", "Date of Death", "Of follow-up."),
    text("DTHCAUS", "Cause of Death", 40, "Of follow-up."),
    text("SAFFL", "Safety Population Flag", 1, "Any dose of any study drug; by the level received.", codes.YES_OR_NO),
    text("ATRTFL", "All Treated Population Flag", 1, "The same patients, as response and times count them.",
         codes.YES_OR_NO),
    text("DLTEVLFL", "DLT-Evaluable Population Flag", 1, "He counts for the DLT rate: a DLT, or none and evaluable.",
         codes.YES_OR_NO),
    text("DLTEVLRS", "Reason of DLT Evaluability", 200, "What decides it, in a sentence."),
    text("RESPFL", "Response-Evaluable Population Flag", 1,
         "Measurable at baseline, and an evaluable assessment or PD.", codes.YES_OR_NO),
    text("RESPRS", "Reason Not Response-Evaluable", 200, "Empty of who is."),
    text("BMKFL", "Biomarker Population Flag", 1, "Consented to the sBCMA sub-study and not withdrawn; empty where the "
         "reader may not read it.", codes.YES_OR_NO),
)  # fmt: skip


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "ADSL",
        "Subject-Level Analysis Dataset",
        "One record per enrolled subject",
        ("STUDYID", "USUBJID"),
        VARIABLES,
        lambda: _rows(reading),
    )


def _rows(reading: Reading) -> Iterator[Row]:
    for some in reading.some(reading.patients):
        analysed = reading.analysed(some)
        for pk, one in some.items():
            yield _row(reading, one, yes_or_no(pk in analysed) if reading.source.sbcma else None)


def _row(reading: Reading, one: Subject, biomarker_set: str | None) -> Row:
    assert one.patient is not None
    given, after, counted = one.treatment, one.follow_up, reading.counted[one.number]
    disease = reading.disease.get(one.number)
    survived = disease.times[PRIMARY].os if disease else None
    left = given.left_study_on if given else None
    ended = one.treated.stopped if one.treated else None
    evaluable = disease is not None and disease.evaluation.evaluable
    return (
        *frame.who(reading, one), None, None, None, *frame.planned(reading, one), *frame.actual(reading, one),
        one.patient.cohort.number, counted.role.upper(), one.consented, one.patient.enrolled_on, one.first_dose,
        one.last_dose, NEVER if given is None else OVER if ended else GOING_ON,
        ended, brief(one.treated.stop_reason) if one.treated and ended else None,
        OVER if left or one.died else GOING_ON, left or one.died,
        brief(given.left_study_reason) if given and left else "Death" if one.died else None,
        after.new_therapy_on if after else None, survived.on if survived and not survived.event else None,
        yes(one.died is not None), one.died, after.get_death_cause_display() or None if after else None,
        yes_or_no(one.treated is not None), yes_or_no(one.treated is not None),
        yes_or_no(counted.evaluable), brief(counted.because), yes_or_no(evaluable), _why_not(reading, one, evaluable),
        biomarker_set,
    )  # fmt: skip


def _why_not(reading: Reading, one: Subject, evaluable: bool) -> str | None:
    if evaluable:
        return None
    disease = reading.disease.get(one.number)
    if disease is None:
        return "Not treated."
    if not disease.evaluation.measurable:
        return "Nothing was measurable at baseline."
    return "No evaluable assessment after the first dose."
