"""ADEX: how much each patient was given: cycles and days, and of each drug planned, taken and dose intensity."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from assessments.tables.rows import Treated
from assessments.tables.summary import intensity, treated_days

from ..definition import CodeList, Dataset, Row, exact, number, text
from ..reading import Reading
from . import frame

ALL = "ALL"  # drugs
PARAMETERS = {
    "CUMDOSE": "Cumulative Dose Taken",
    "DOSDAYS": "Days from First to Last Dose",
    "NCYC": "Number of Cycles Begun",
    "PLNDOSE": "Cumulative Dose Planned",
    "RDI": "Relative Dose Intensity (%)",
    "TRTDUR": "Days on Treatment",
}
VARIABLES = (
    *frame.WHO,
    *frame.ACTUAL,
    text("PARAMCD", "Parameter Code", 8, "What AVAL is.", CodeList("ADEX_PARAMCD", None, PARAMETERS)),
    text("PARAM", "Parameter", 40, "PARAMCD in words."),
    text("EXTRT", "Name of Treatment", 120, "The drug; ALL of cycles and days on treatment."),
    number("AVAL", "Analysis Value", "Of what is recorded, to the day of the cut; an intensity in per cent, rounded to "
           "12 decimals."),
    text("AVALU", "Unit of the Analysis Value", 30, "Of a dose as in the protocol."),
    text("EXBASIS", "What the Doses Stand on", 10, "CYCLES, or WINDOW where only its totals are recorded.",
         CodeList("EXBASIS", None, {"CYCLES": "Doses by cycle and day", "WINDOW": "Totals of the DLT window"})),
)  # fmt: skip


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "ADEX",
        "Exposure Analysis Dataset",
        "One record per parameter per drug per subject",
        ("STUDYID", "USUBJID", "PARAMCD", "EXTRT"),
        VARIABLES,
        lambda: _rows(reading),
    )


def _rows(reading: Reading) -> Iterator[Row]:
    drugs = {drug.name: drug.pk for drug in reading.drugs}
    for one in reading.treated:
        assert one.treated is not None
        units = reading.units.get(one.received, {})
        basis = "CYCLES" if one.treated.recorded else "WINDOW"
        for code, drug, value, unit in sorted(_values(one.treated)):
            of_dose = units.get(drugs[drug]) if drug in drugs else None
            yield (
                *frame.who(reading, one), *frame.actual(reading, one), code, PARAMETERS[code], drug, exact(value),
                unit or of_dose, basis,
            )  # fmt: skip


def _values(one: Treated) -> Iterator[tuple[str, str, Decimal, str]]:
    """Code, drug, value and unit; "" the unit of the dose."""
    yield "TRTDUR", ALL, Decimal(treated_days(one)), "DAYS"
    if one.recorded:
        yield "NCYC", ALL, Decimal(len(one.cycles)), "CYCLES"
    for drug in one.drugs:
        yield "PLNDOSE", drug.name, drug.planned, ""
        yield "CUMDOSE", drug.name, drug.taken, ""
        if drug.days is not None:
            yield "DOSDAYS", drug.name, Decimal(drug.days), "DAYS"
        if (share := intensity(drug)) is not None:
            yield "RDI", drug.name, _decimal(share), "%"


def _decimal(share: Fraction) -> Decimal:
    return Decimal(round(share * 10**12)).scaleb(-12)
