"""The sBCMA sub-study of the demo: one assay, external controls, and each patient's samples in the order of the story.

Made up: values lie where the publications put myeloma and healthy people, and move with the patient's disease.
"""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from assessments.biomarker.models import Assay
from assessments.biomarker.services import ControlReading, Reading

ASSAY = "Human BCMA ELISA (demo)"
LOWER_LIMIT, NORMAL_BELOW = Decimal(5), Decimal("82.59")
NORMAL_SOURCE = "Published for one ELISA: normal below 82.59 ng/mL"
HIGH, HIGH_SOURCE = Decimal(325), "Demo data: chosen for this example"
CONTROLS_SOURCE = "Demo data: no real person"
CONSENT = "B 1.0 (demo)"
KIT_LOT, CONTROLS_LOT, DILUTION = "DEMO-17", "DEMO-12", 50
TAKEN_AT = time(8, 15)  # before the morning's dose
_CONTROLS = "34.2 21.8 55.1 below 40.6 18.9 72.4 29.3 47.7 61.0 25.5 38.8 91.3 33.1 12.6 50.2 44.9 27.4 66.8 36.5"


@dataclass(frozen=True, slots=True)
class Biomarker:
    """samples: (day, ng/mL or "below"), day 1 is the first dose. withdrawn: the day on which the consent ended."""

    samples: tuple[tuple[int, str], ...]
    withdrawn: int = 0


# One a patient, in the order of the story; None did not consent.
BIOMARKERS: tuple[Biomarker | None, ...] = (
    Biomarker(((1, "312"), (29, "188"), (85, "71.5"), (141, "58"))),
    Biomarker(((1, "236"), (29, "240"), (85, "318"))),
    Biomarker(((1, "264"), (29, "152"), (85, "108"))),
    Biomarker(((1, "985"), (29, "1140"), (57, "1420"))),
    Biomarker(((1, "156"), (29, "149"))),
    Biomarker(((1, "608"), (29, "243"), (85, "96.4"))),
    Biomarker(((1, "718"), (29, "402"), (57, "262"))),
    Biomarker(((1, "94.7"),), withdrawn=10),
    Biomarker(((1, "78.2"), (29, "74"), (57, "76.1"))),
    Biomarker(((1, "231"), (29, "163"), (57, "128"))),
    Biomarker(((1, "344"),)),
    Biomarker(((1, "512"),)),
    None,
)


def reading(assay: Assay, said: str) -> Reading:
    """The reading of one sample."""
    return Reading(assay.pk, KIT_LOT, _value(said), DILUTION)


def controls() -> list[ControlReading]:
    return [ControlReading(f"DEMO-C{k:02d}", _value(said)) for k, said in enumerate(_CONTROLS.split(), 1)]


def _value(said: str) -> Decimal | None:
    return None if said == "below" else Decimal(said)
