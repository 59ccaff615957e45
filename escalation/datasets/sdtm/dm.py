"""DM: everybody who was screened or enrolled. What the program does not record yet stands as empty columns."""

from collections.abc import Iterator

from patients.models import Treatment

from .. import codes
from ..definition import Dataset, Row, dtc, iso, text, whole, yes
from ..reading import Reading
from ..subjects import LONGEST, Subject

MISSING = "Not recorded yet: demographics are not part of the program; always empty."

VARIABLES = (
    text("STUDYID", "Study Identifier", 40, "The trial's code."),
    text("DOMAIN", "Domain Abbreviation", 2, "DM."),
    text("USUBJID", "Unique Subject Identifier", LONGEST, "STUDYID and SUBJID, joined by a hyphen."),
    text(
        "SUBJID",
        "Subject Identifier for the Study",
        44,
        "The patient's number; of who was screened and not enrolled SCR- and the screening number.",
    ),
    dtc("RFSTDTC", "Subject Reference Start Date/Time", "The first dose of any study drug: study day 1."),
    dtc("RFENDTC", "Subject Reference End Date/Time", "The last dose of any study drug, once treatment has ended."),
    dtc("RFXSTDTC", "Date/Time of First Study Treatment", "As RFSTDTC."),
    dtc("RFXENDTC", "Date/Time of Last Study Treatment", "As RFENDTC."),
    dtc("RFICDTC", "Date/Time of Informed Consent", "The first consent to the trial that the patient signed."),
    dtc("RFPENDTC", "Date/Time of End of Participation", "The day of death, else the day on which he left the study."),
    dtc("DTHDTC", "Date/Time of Death", "Of follow-up."),
    text("DTHFL", "Subject Death Flag", 1, "Y where a day of death is recorded, else empty.", codes.YES),
    text("SITEID", "Study Site Identifier", 10, "The site's code."),
    whole("AGE", "Age (not recorded yet)", MISSING),
    text("AGEU", "Age Units (not recorded yet)", 10, MISSING, codes.AGEU),
    text("SEX", "Sex (not recorded yet)", 16, MISSING, codes.SEX),
    text("RACE", "Race (not recorded yet)", 60, MISSING, codes.RACE),
    text("ETHNIC", "Ethnicity (not recorded yet)", 60, MISSING, codes.ETHNIC),
    text("ARMCD", "Planned Arm Code", 20, "Of the dose level of the patient's cohort; see ARM."),
    text("ARM", "Description of Planned Arm", 80, "The label of the dose level of the patient's cohort."),
    text("ACTARMCD", "Actual Arm Code", 20, "Of the dose level received; see ACTARM."),
    text("ACTARM", "Description of Actual Arm", 80, "The label of the dose level received at the first dose."),
    text("ARMNRS", "Reason Arm and/or Actual Arm is Null", 30, "Where an arm is empty, why.", codes.ARMNULRS),
    text("COUNTRY", "Country", 60, "Of the site, as the trial names it, by no list of codes; empty where it does not."),
    dtc("DMDTC", "Date/Time of Collection", "The day of the screening, else of the enrolment."),
    whole("DMDY", "Study Day of Collection", "Of DMDTC, from the first dose; there is no day 0."),
)


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "DM", "Demographics", "One record per subject", ("STUDYID", "USUBJID"), VARIABLES, lambda: _rows(reading)
    )


def _rows(reading: Reading) -> Iterator[Row]:
    arms = reading.arms
    for one in reading.everybody():
        given = one.treatment
        planned = arms[one.patient.cohort.dose_level_id] if one.patient else (None, None)
        actual = arms[given.received_level_id] if given else (None, None)
        collected = one.screening.on if one.screening else one.patient.enrolled_on if one.patient else None
        first, last = iso(one.first_dose), iso(one.last_dose)
        died = one.died
        ended = died or (given.left_study_on if given else None)
        yield (
            reading.study, "DM", one.usubjid, one.subjid, first, last, first, last, iso(one.consented), iso(ended),
            iso(died), yes(died is not None), one.site, None, None, None, None, None,
            *planned, *actual, _why_null(one, given), one.country, iso(collected), one.day(collected),
        )  # fmt: skip


def _why_null(one: Subject, given: Treatment | None) -> str | None:
    if given:
        return None
    if one.patient:
        return "ASSIGNED, NOT TREATED"
    return "SCREEN FAILURE" if one.screening and one.screening.outcome == "failure" else "NOT ASSIGNED"
