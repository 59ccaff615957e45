"""LB: the values behind response, and the sub-study's sBCMA where it may be read.

What lies below a limit is text, "<5", beside an empty number: no value is made up for it. Imaging and marrow stand
here too, by their category, for they are read as values of one assessment.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from assessments.biomarker.models import Sample
from assessments.response.models import Measurement
from assessments.response.parameters import PARAMETERS, SAMPLES
from patients.queries import plain

from .. import codes
from ..definition import CodeList, Dataset, Row, Value, dtc, exact, iso, number, text, whole
from ..reading import Reading
from . import frame

State = Measurement.State
# Short name and name; of CDISC where it has one.
TESTS: Mapping[str, tuple[str, str]] = {
    "serum_m": ("MCPROT", "Monoclonal Protein"),
    "ife_serum": ("IFE", "Immunofixation"),
    "kappa": ("KLCFR", "Kappa Light Chain, Free"),
    "lambda": ("LLCFR", "Lambda Light Chain, Free"),
    "ratio": ("KLCLLCFR", "Kappa Lt Chain,Free/Lambda Lt Chain,Free"),
    "urine_m": ("MCPROT", "Monoclonal Protein"),
    "ife_urine": ("IFE", "Immunofixation"),
    "marrow_pc": ("PLSMCE", "Plasma Cells"),
    "marrow_clonal": ("PLSMCLON", "Plasma Cells, Clonal"),
    "spd": ("LESSPD", "Lesions, Sum of Products of Diameters"),
    "lesions": ("LESNUM", "Number of Lesions"),
    "longest_diameter": ("LESLDIA", "Lesion, Longest Diameter"),
    "short_axis": ("LESSAX", "Lesion, Short Axis"),
    "new_lesion": ("LESNEW", "New Lesion"),
    "calcium": ("CACR", "Calcium Corrected"),
    "circulating_pc_percent": ("PLSMCELE", "Plasma Cells/Leukocytes"),
    "circulating_pc_per_ul": ("PLSMCIRC", "Plasma Cells, Circulating"),
}
BCMA = ("BCMA", "B-Cell Maturation Antigen, Soluble")
SPECIMENS = {
    "serum": "SERUM", "light_chains": "SERUM", "urine": "URINE", "marrow": "BONE MARROW", "blood": "BLOOD",
}  # fmt: skip
PLACE = {name: k for k, name in enumerate(PARAMETERS, 1)}
OF_SAMPLES = 1_000_000  # sequence numbers of the sub-study begin after it

VARIABLES = (
    *frame.identifiers("LB", "Number of the assessment x 100 + place of the parameter; sBCMA from 1,000,001 in the "
    "order of entry."),
    text("LBREFID", "Specimen ID", 20, "The assessment as people see it: DA 14."),
    text("LBTESTCD", "Lab Test or Examination Short Name", 8, "Of the parameter.",
         CodeList("LBTESTCD", "C65047", dict([*TESTS.values(), BCMA]), extensible=True)),
    text("LBTEST", "Lab Test or Examination Name", 40, "Of the parameter."),
    text("LBCAT", "Category for Lab Test", 40, "The sample, as the form names it."),
    text("LBSPEC", "Specimen Type", 20, "Of the sample; empty of imaging."),
    text("LBMETHOD", "Method of Test or Examination", 120, "Of sBCMA the assay."),
    text("LBORRES", "Result or Finding in Original Units", 40, "As entered; below a limit '<' and the limit."),
    text("LBORRESU", "Original Units", 20, "As entered, in CDISC's spelling.", codes.UNIT),
    text("LBSTRESC", "Character Result/Finding in Std Format", 40, "In the unit of the response rules."),
    number("LBSTRESN", "Numeric Result/Finding in Standard Units", "Of LBSTRESC; empty below a limit and of words."),
    text("LBSTRESU", "Standard Units", 20, "Of the response rules, in CDISC's spelling.", codes.UNIT),
    text("LBSTAT", "Completion Status", 8, "NOT DONE where the site said so.", codes.ND),
    dtc("LBDTC", "Date/Time of Specimen Collection", "The day of the sample; of sBCMA the time, too."),
    whole("LBDY", "Study Day of Specimen Collection", "From the first dose; there is no day 0."),
    dtc("LBVISDTC", "Date of the Assessment", "The day of the visit that it was entered for; not of SDTM."),
)  # fmt: skip
COLUMNS = (
    *("assessment__patient", "assessment__number", "assessment__visit_on"),
    *("parameter", "sampled_on", "state", "entered", "unit", "canonical", "answer"),
)


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "LB",
        "Laboratory Test Results",
        "One record per parameter per assessment per subject, and per sBCMA sample",
        frame.keys("LB"),
        VARIABLES,
        lambda: _rows(reading),
    )


class Result(NamedTuple):
    """What one parameter or sample said; when: LBDTC, which may say the time."""

    seq: int
    on: date
    when: str
    visit: date | None
    assessment: str | None
    test: tuple[str, str]
    category: str
    specimen: str | None
    method: str | None
    results: tuple[Value, ...]  # from LBORRES to LBSTAT


def _rows(reading: Reading) -> Iterator[Row]:
    for some in reading.some(reading.patients):
        measured = _measured(reading.trial.pk, list(some))
        sampled = _sampled(reading.trial.pk, reading.analysed(some))
        for pk, one in some.items():
            for said in (*measured.get(pk, ()), *sampled.get(pk, ())):
                yield (
                    reading.study, "LB", one.usubjid, said.seq, said.assessment, *said.test, said.category,
                    said.specimen, said.method, *said.results, said.when, one.day(said.on), iso(said.visit),
                )  # fmt: skip


def _measured(trial: UUID, patients: Collection[UUID]) -> Mapping[UUID, list[Result]]:
    rows = Measurement.objects.filter(
        trial=trial, assessment__patient__in=patients, assessment__voided=False, voided=False
    )
    found: dict[UUID, list[Result]] = {}
    for patient, assessment, visit, name, on, *said in rows.order_by("assessment__number").values_list(*COLUMNS):
        sample = PARAMETERS[name].sample
        one = Result(
            assessment * 100 + PLACE[name], on, on.isoformat(), visit, f"DA {assessment}", TESTS[name], SAMPLES[sample],
            SPECIMENS.get(sample), None, _results(PARAMETERS[name].unit, *said),
        )  # fmt: skip
        found.setdefault(patient, []).append(one)
    return {patient: sorted(results) for patient, results in found.items()}


def _results(
    standard: str, state: str, entered: Decimal | None, unit: str, canonical: Decimal | None, answer: str
) -> tuple[Value, ...]:
    if state == State.NOT_DONE:
        return None, None, None, None, None, "NOT DONE"
    if entered is None:
        return answer.upper(), None, answer.upper(), None, None, None
    below = "<" if state == State.BELOW else ""
    value = None if below else exact(canonical)
    return f"{below}{plain(entered)}", _unit(unit), f"{below}{plain(canonical)}", value, _unit(standard), None


def _unit(unit: str) -> str | None:
    return codes.UNIT_TERMS.get(unit, unit) or None


def _sampled(trial: UUID, patients: Collection[UUID]) -> Mapping[UUID, list[Result]]:
    """Of patients whose consent to the sub-study stands, by patient."""
    found: dict[UUID, list[Result]] = {}
    counted: dict[UUID, int] = {}
    for row in Sample.objects.filter(trial=trial, patient__in=patients).select_related("assay").order_by("pk"):
        seq = counted[row.patient_id] = counted.get(row.patient_id, OF_SAMPLES) + 1
        if row.voided:
            continue
        said = f"<{plain(row.assay.lower_limit)}" if row.value is None else plain(row.value)
        one = Result(
            seq, row.taken_on, f"{row.taken_on.isoformat()}T{row.taken_at:%H:%M}", None, None, BCMA, "sBCMA sub-study",
            "SERUM", row.assay.name, (said, "ng/mL", said, exact(row.value), "ng/mL", None),
        )  # fmt: skip
        found.setdefault(row.patient_id, []).append(one)
    return found
