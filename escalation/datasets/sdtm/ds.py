"""DS: consents, enrolment, how a screening failed, the end of treatment and of the study, death."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from patients.consent.models import Covers, Withdrawal

from .. import codes
from ..definition import Dataset, Row, brief, dtc, iso, text, whole
from ..reading import Reading
from ..subjects import Subject
from . import frame

VARIABLES = (
    *frame.identifiers("DS", "By kind: 1 enrolment, 2 failed screening, 3 end of treatment, 4 left study, 5 death; "
    "consents from 100 and withdrawals from 200 in the order of entry."),
    text("DSTERM", "Reported Term for the Disposition Event", 200, "In the words of who entered it."),
    text("DSDECOD", "Standardized Disposition Term", 40, "Of DSTERM; a reason in words of its own is OTHER.",
         codes.DSDECOD),
    text("DSCAT", "Category for Disposition Event", 40, "The kind of the record.", codes.DSCAT),
    text("DSSCAT", "Subcategory for Disposition Event", 40, "What the record is about."),
    dtc("DSSTDTC", "Start Date/Time of Disposition Event", "The day of it."),
    whole("DSSTDY", "Study Day of Start of Disposition Event", "From the first dose; there is no day 0."),
)  # fmt: skip
MILESTONE, EVENT, OTHER = "PROTOCOL MILESTONE", "DISPOSITION EVENT", "OTHER EVENT"
CONSENTS = {"trial": "Consent to the trial", "biomarker": "Consent to the sBCMA sub-study"}
COVERS = {
    Covers.TREATMENT: "Withdrew from study treatment",
    Covers.VISITS: "Withdrew from study treatment, visits and samples",
    Covers.CONTACT: "Withdrew from the study and all contact",
}


class Said(NamedTuple):
    seq: int
    term: str
    code: str
    kind: str
    about: str
    on: date


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "DS",
        "Disposition",
        "One record per disposition event or protocol milestone per subject",
        frame.keys("DS"),
        VARIABLES,
        lambda: _rows(reading),
    )


def _rows(reading: Reading) -> Iterator[Row]:
    withdrawn = _withdrawals(reading.trial.pk)
    for one in reading.everybody():
        said = [*_of(one), *_signed(one), *(withdrawn.get(one.patient.slot_id, ()) if one.patient else ())]
        for seq, term, code, kind, about, on in sorted(said):
            yield reading.study, "DS", one.usubjid, seq, brief(term), code, kind, about, iso(on), one.day(on)


def _of(one: Subject) -> Iterator[Said]:
    if one.patient:
        yield Said(1, "Enrolled", "ENTERED INTO TRIAL", MILESTONE, "ENROLMENT", one.patient.enrolled_on)
    elif one.screening and one.screening.outcome in codes.NOT_ENROLLED:
        code = codes.NOT_ENROLLED[one.screening.outcome]
        yield Said(2, one.screening.get_outcome_display(), code, EVENT, "SCREENING", one.screening.on)
    if (given := one.treatment) and given.stopped_on:
        code = codes.STOPPED.get(given.stop_reason, "OTHER")
        yield Said(3, given.stop_reason, code, EVENT, "STUDY TREATMENT", given.stopped_on)
    if given and given.left_study_on:
        code = codes.LEFT.get(given.left_study_reason, "OTHER")
        yield Said(4, given.left_study_reason, code, EVENT, "STUDY PARTICIPATION", given.left_study_on)
    if (after := one.follow_up) and after.died_on:
        yield Said(5, f"Death: {after.get_death_cause_display()}", "DEATH", OTHER, "DEATH", after.died_on)


def _signed(one: Subject) -> Iterator[Said]:
    """Consents that were taken back keep their place in the order."""
    for seq, row in enumerate(one.consents, 100):
        if not row.voided:
            term = f"{CONSENTS[row.kind]}, version {row.version}"
            yield Said(seq, term, "INFORMED CONSENT OBTAINED", MILESTONE, "INFORMED CONSENT", row.given_on)


def _withdrawals(trial: UUID) -> Mapping[UUID, list[Said]]:
    found: dict[UUID, list[Said]] = {}
    counted: dict[UUID, int] = {}
    for row in Withdrawal.objects.filter(trial=trial).order_by("pk"):
        seq = counted[row.slot_id] = counted.get(row.slot_id, 199) + 1
        if not row.voided:
            said = Said(seq, COVERS[Covers(row.covers)], "WITHDRAWAL BY SUBJECT", OTHER, "INFORMED CONSENT", row.on)
            found.setdefault(row.slot_id, []).append(said)
    return found
