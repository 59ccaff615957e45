"""What the sBCMA analyses take: an assay with its cut-offs and controls, patients with their values. Plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assessments.endpoints.subjects import Subject

RISE, FALL = Decimal("1.25"), Decimal("0.5")  # of the baseline: rise >= 25 %, fall >= 50 %
CHANGES = ("fall", "neither", "rise")


@dataclass(frozen=True, slots=True)
class Value:
    """ng/mL, None below the assay's limit. day: days after the first dose, None when there was none yet."""

    on: date
    value: Decimal | None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A consenting patient with the values of one assay in order of time. subject: None before the first dose."""

    number: int
    values: Sequence[Value]
    subject: Subject | None

    @property
    def baseline(self) -> Value | None:
        """The last value on or before the day of the first dose."""
        return next((v for v in reversed(self.values) if v.day is None or v.day <= 0), None)

    def latest(self, landmark: int) -> Value | None:
        """The last value after the first dose that the landmark (in days) still sees."""
        return next((v for v in reversed(self.values) if v.day is not None and 0 < v.day <= landmark), None)

    def change(self, landmark: int, lower_limit: Decimal) -> str | None:
        """One of CHANGES; None without both values, or where a value below the limit leaves it open.

        A value below the limit lies anywhere from 0 to the limit: the change is only named when all of that agrees.
        """
        first, then = self.baseline, self.latest(landmark)
        if first is None or then is None:
            return None
        if first.value is None:
            least_then = then.value or Decimal(0)
            return "rise" if least_then >= RISE * lower_limit else None
        if then.value is None:
            return "fall" if lower_limit <= FALL * first.value else None
        if then.value >= RISE * first.value:
            return "rise"
        return "fall" if then.value <= FALL * first.value else "neither"


@dataclass(frozen=True, slots=True)
class Division:
    """A cut-off row: at or above `value` (ng/mL) is high."""

    value: Decimal
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OneAssay:
    """controls: values of external controls, None below the limit. Values of another assay never come in here."""

    name: str
    lower_limit: Decimal
    diagnostic: Sequence[Division]
    prognostic: Sequence[Division]
    controls: Sequence[Decimal | None]
    patients: Sequence[Measured]  # of the whole biomarker set, also those without a value


@dataclass(frozen=True, slots=True)
class Found:
    """The biomarker set: who consented and has not withdrawn."""

    assays: Sequence[OneAssay]
    consented: int
    withdrawn: int
