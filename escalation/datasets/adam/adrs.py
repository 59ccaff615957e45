"""ADRS: the category of each assessment, best responses, and whether ORR and CBR count the patient."""

from collections.abc import Iterator
from datetime import date

from assessments.endpoints.subjects import in_denominator
from assessments.imwg.terms import BENEFIT, OBJECTIVE, Response

from .. import codes
from ..definition import CodeList, Dataset, Row, on_day, text, whole, yes_or_no
from ..reading import Reading
from . import frame

PARAMETERS = {
    "BRSP": "Best Overall Response, Unconfirmed",
    "CBRSP": "Best Overall Response, Confirmed",
    "CLINBEN": "Clinical Benefit (MR or Better), Confirmed",
    "OBJRESP": "Objective Response (PR+), Confirmed",
    "OVR": "Response at the Assessment",
}
ORDER = {response: k for k, response in enumerate(Response, 1)}
VARIABLES = (
    *frame.WHO,
    *frame.ACTUAL,
    text("PARAMCD", "Parameter Code", 8, "What AVALC is.", CodeList("ADRS_PARAMCD", None, PARAMETERS)),
    text("PARAM", "Parameter", 60, "PARAMCD in words."),
    whole("ASEQ", "Analysis Sequence Number", "Of an assessment its number; else 1."),
    on_day("ADT", "Analysis Date", "Of the assessment, or the first with the best response; empty without any."),
    whole("ADY", "Analysis Relative Day", "From the first dose; there is no day 0."),
    text("AVALC", "Analysis Value (C)", 4, "A category, or Y and N.",
         CodeList("AVALC", None, {**codes.RESPONSE.terms, **codes.YES_OR_NO.terms})),
    whole("AVAL", "Analysis Value", "Of a category its place from sCR 1 to NE 8; of Y and N 1 and 0."),
    text("ANL01FL", "Analysis Flag 01", 1, "Y: in the denominator of ORR and CBR, by the protocol's setting.",
         codes.YES_OR_NO),
)  # fmt: skip


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "ADRS",
        "Response Analysis Dataset",
        "One record per parameter per assessment per treated subject",
        ("STUDYID", "USUBJID", "PARAMCD", "ASEQ"),
        VARIABLES,
        lambda: _rows(reading),
    )


def _rows(reading: Reading) -> Iterator[Row]:
    for one in reading.treated:
        disease = reading.disease.get(one.number)
        if disease is None:
            continue
        evaluation = disease.evaluation
        counts = yes_or_no(in_denominator(evaluation.evaluable, reading.settings.denominator))
        best, confirmed = evaluation.best_unconfirmed, evaluation.best_confirmed
        said: list[tuple[str, int, date | None, str, int]] = [
            ("BRSP", 1, best.date, best.response.value, ORDER[best.response]),
            ("CBRSP", 1, confirmed.date, confirmed.response.value, ORDER[confirmed.response]),
            *(
                (code, 1, confirmed.date, yes_or_no(confirmed.response in of), int(confirmed.response in of))
                for code, of in (("CLINBEN", BENEFIT), ("OBJRESP", OBJECTIVE))
            ),
        ]
        visits = [
            ("OVR", _number(visit.row), visit.date, visit.derived.value, ORDER[visit.derived])
            for visit in evaluation.visits
        ]
        for code, seq, on, value, place in (*said, *sorted(visits)):
            yield (
                *frame.who(reading, one), *frame.actual(reading, one), code, PARAMETERS[code], seq, on, one.day(on),
                value, place, counts,
            )  # fmt: skip


def _number(row: str | None) -> int:
    """Of an assessment by its code, DA 14."""
    return int((row or "").rpartition(" ")[2])
