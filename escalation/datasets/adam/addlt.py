"""ADDLT: a row a treated patient: his DLT window, whether he counts, and the DLT with criterion, day and reason."""

from collections.abc import Iterator

from .. import codes
from ..definition import CodeList, Dataset, Row, brief, on_day, text, whole, yes_or_no
from ..reading import Reading
from ..subjects import Subject
from . import frame
from .adsl import ROLE

OUTCOMES = {
    "dlt": "DLT",
    "no_dlt": "NO DLT",
    "pending": "PENDING",
    "suspected": "SUSPECTED",
    "not_evaluable": "NOT EVALUABLE",
}
OUTCOME = CodeList(
    "DLTSTAT",
    None,
    {
        "DLT": "A DLT that the readers agreed on",
        "NO DLT": "The window is complete, evaluable, without a DLT",
        "PENDING": "Neither yet",
        "SUSPECTED": "A suspected DLT that is not adjudicated; counts as pending",
        "NOT EVALUABLE": "Leaves the count and is replaced",
    },
)
VARIABLES = (
    *frame.WHO,
    *frame.PLANNED,
    *frame.ACTUAL,
    text("COHROLE", "Role of the Cohort", 12, "Whether the escalation rule counts it.", ROLE),
    text("COUNTFL", "In the Count of the Escalation Rule", 1, "N of expansion and backfill.", codes.YES_OR_NO),
    whole("WINDAYS", "Length of the DLT Window in Days", "Of the patient's protocol version."),
    on_day("WINSDT", "Start of the DLT Window", "The first dose of any study drug."),
    on_day("WINEDT", "End of the DLT Window", "Its last day."),
    text("DRUGFL", "Enough Drug Taken in the Window", 1, "Empty while the doses are not recorded.", codes.YES_OR_NO),
    text("DLTSTAT", "Outcome for the Count", 15, "As the escalation rule counts him.", OUTCOME),
    text("EVALFL", "DLT-Evaluable", 1, "A DLT, or none and evaluable.", codes.YES_OR_NO),
    text("DLTFL", "Dose-Limiting Toxicity", 1, "An adjudicated one; empty of who is not evaluable.", codes.YES_OR_NO),
    whole("DLTNUM", "Number of DLTs", "Adjudicated events; the patient counts once."),
    whole("DLTAESEQ", "Sequence Number of the DLT in AE", "Of the first by day."),
    text("DLTTERM", "Term of the DLT", 150, "Of the first by day: the CTCAE term."),
    text("DLTCRIT", "Criterion of the DLT", 40, "As the readers named it, else by the rule."),
    whole("DLTDY", "Study Day of Onset of the DLT", "From the first dose; there is no day 0."),
    text("DLTREAS", "Reason of the Readers", 200, "What the first reader wrote who called it a DLT."),
    text("REASON", "Reason of the Outcome", 200, "What decides the outcome, in a sentence."),
)


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "ADDLT",
        "Dose-Limiting Toxicity Analysis Dataset",
        "One record per treated subject",
        ("STUDYID", "USUBJID"),
        VARIABLES,
        lambda: (_row(reading, one) for one in _dosed(reading)),
    )


def _dosed(reading: Reading) -> Iterator[Subject]:
    return (one for one in reading.treated if reading.counted[one.number].outcome in OUTCOMES)


def _row(reading: Reading, one: Subject) -> Row:
    counted = reading.counted[one.number]
    dlts = counted.dlts if counted.outcome == "dlt" else []
    first = dlts[0] if dlts else None
    said = [verdict.reason for verdict in first.verdicts if verdict.is_dlt] if first else []
    enough = counted.enough_drug
    return (
        *frame.who(reading, one), *frame.planned(reading, one), *frame.actual(reading, one),
        counted.role.upper(), yes_or_no(counted.role == "escalation"), counted.window_days, one.first_dose,
        counted.window_ends, None if enough is None else yes_or_no(enough), OUTCOMES[counted.outcome],
        yes_or_no(counted.evaluable), yes_or_no(counted.outcome == "dlt") if counted.evaluable else None, len(dlts),
        first.number if first else None, first.term if first else None,
        (first.criterion or None) if first else None, first.day if first else None,
        brief(said[0]) if said else None, brief(counted.because),
    )  # fmt: skip
