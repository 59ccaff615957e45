"""What a disease assessment may hold: each parameter with its units, its sample and what is possible.

Conversion happens here, at the edge, with exact decimals: the rule sees canonical units only (docs/domain.md,
section 7). Pure: standard library only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ..imwg.terms import MOST_LESIONS

D = Decimal
ZERO, ONE = D(0), D(1)
MG_DL_OF_CALCIUM = D("4.008")  # in 1 mmol/L
SAMPLES = {
    "serum": "Serum protein sample",
    "light_chains": "Free light chain sample",
    "urine": "24-hour urine",
    "marrow": "Bone marrow",
    "imaging": "Imaging and examination",
    "blood": "Blood",
}
IMAGED = {"marrow", "imaging"}  # samples with a longer screening window than blood and urine
FIXATION = {"negative": "Negative", "positive": "Positive"}
YES_NO = {"yes": "Yes", "no": "No"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """units: factor to the canonical one, which comes first. answers: of a parameter that is no number.

    most: the highest canonical value that is believed; above it the unit was mistaken. whole: it is counted, so that
    it is a whole number and never below a limit, as every other number may be.
    """

    label: str
    sample: str
    units: Mapping[str, Decimal] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    most: Decimal = ZERO
    whole: bool = False

    @property
    def unit(self) -> str:
        """The canonical unit; "" for a ratio and for words."""
        return next(iter(self.units), "")


PARAMETERS: dict[str, Parameter] = {
    "serum_m": Parameter(
        "Serum M-protein",
        "serum",
        {"g/dL": ONE, "g/L": D("0.1"), "mg/dL": D("0.001")},
        most=D(15),
    ),
    "ife_serum": Parameter("Serum immunofixation", "serum", answers=FIXATION),
    "kappa": Parameter("Kappa", "light_chains", {"mg/L": ONE, "mg/dL": D(10)}, most=D(200_000)),
    "lambda": Parameter("Lambda", "light_chains", {"mg/L": ONE, "mg/dL": D(10)}, most=D(200_000)),
    "ratio": Parameter("Kappa/lambda ratio", "light_chains", {"": ONE}, most=D(1_000_000)),
    "urine_m": Parameter("Urine M-protein", "urine", {"mg/24 h": ONE, "g/24 h": D(1000)}, most=D(60_000)),
    "ife_urine": Parameter("Urine immunofixation", "urine", answers=FIXATION),
    "marrow_pc": Parameter("Marrow plasma cells", "marrow", {"%": ONE}, most=D(100)),
    "marrow_clonal": Parameter("Clonal plasma cells in marrow", "marrow", answers=YES_NO),
    "spd": Parameter(
        "Plasmacytomas, sum of products of diameters", "imaging", {"cm²": ONE, "mm²": D("0.01")}, most=D(5_000)
    ),
    "lesions": Parameter("Number of plasmacytomas", "imaging", {"": ONE}, most=D(MOST_LESIONS), whole=True),
    "longest_diameter": Parameter("Longest diameter", "imaging", {"cm": ONE, "mm": D("0.1")}, most=D(60)),
    "short_axis": Parameter("Short axis", "imaging", {"cm": ONE, "mm": D("0.1")}, most=D(60)),
    "new_lesion": Parameter("New lesion", "imaging", answers=YES_NO),
    "calcium": Parameter("Calcium, corrected", "blood", {"mg/dL": ONE, "mmol/L": MG_DL_OF_CALCIUM}, most=D(30)),
    "circulating_pc_percent": Parameter("Circulating plasma cells, share", "blood", {"%": ONE}, most=D(100)),
    "circulating_pc_per_ul": Parameter(
        "Circulating plasma cells, count", "blood", {"/µL": ONE, "10⁹/L": D(1000)}, most=D(1_000_000)
    ),
}


def canonical(parameter: str, entered: Decimal, unit: str) -> Decimal:
    """The value in the canonical unit, exactly. Raises ValueError, which says what is wrong with value or unit."""
    known = PARAMETERS[parameter]
    if not known.units:
        raise ValueError(f"{known.label}: is no number")
    if unit not in known.units:
        raise ValueError(f"{known.label}: {unit or 'no unit'} is not one of {', '.join(filter(None, known.units))}.")
    if not entered.is_finite() or entered < 0:
        raise ValueError(f"{known.label}: {entered} is below 0.")
    if known.whole and entered != entered.to_integral_value():
        raise ValueError(f"{known.label}: {entered.normalize():f} is no whole number.")
    value = entered * known.units[unit]
    if value > known.most:
        raise ValueError(
            f"{known.label}: {f'{entered.normalize():f} {unit}'.rstrip()} is more than can be "
            f"({f'{known.most:f} {known.unit}'.rstrip()})." + (" Look at the unit." if known.unit else "")
        )
    return value
