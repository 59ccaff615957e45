"""What the category of one assessment may depend on, what a parameter says of it, and in which words. Pure."""

from dataclasses import dataclass
from fractions import Fraction

from .measure import LOWEST_ALWAYS, History, Standing, Start, nadir
from .terms import Assessment, CategorySettings, PdSource, Response, Values

NAMES = {
    "serum_m": ("Serum M-protein", "g/dL"),
    "urine_m": ("Urine M-protein", "mg/24 h"),
    "dflc": ("dFLC", "mg/L"),
    "marrow_pc": ("Marrow plasma cells", "%"),
    "spd": ("Plasmacytomas", "cm²"),
    "longest_diameter": ("Longest diameter", "cm"),
    "circulating_pc_percent": ("Circulating plasma cells", "%"),
    "circulating_pc_per_ul": ("Circulating plasma cells", "/µL"),
    "calcium": ("Corrected calcium", "mg/dL"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one parameter says: the best category that it allows, or PD."""

    response: Response
    parameter: str | None
    because: str
    pd_source: PdSource | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """All that the category of one assessment may depend on."""

    start: Start
    assessment: Assessment
    standing: Standing
    past: dict[str, History]
    settings: CategorySettings

    @property
    def values(self) -> Values:
        return self.assessment.values or Values()

    def now(self, name: str) -> Fraction | None:
        """This visit's number; of marrow and lesions the one that stands."""
        own = self.start.number(name, self.values)
        if own is None and name in LOWEST_ALWAYS:
            stands = getattr(self.standing, name)
            return None if stands is None else Fraction(stands)
        return own

    def measured(self, name: str) -> bool:
        """Whether the number is of this visit: not one that stands from an earlier one."""
        return self.start.number(name, self.values) is not None

    def nadir(self, name: str) -> Fraction | None:
        before = self.past[name].before(self.assessment.date)
        return nadir(name, self.start.number(name), before, self.settings)


def said(name: str, value: Fraction) -> str:
    label, unit = NAMES[name]
    return f"{label} {number(value)} {unit}"


def number(value: Fraction, decimals: int = 6) -> str:
    """A decimal as a person would write it, cut after so many decimals."""
    whole, rest = divmod(abs(value.numerator), value.denominator)
    text = f"{whole}.{rest * 10**decimals // value.denominator:0{decimals}d}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 and text != "0" else text


def percent_text(value: Fraction) -> str:
    """Cut, not rounded, after one decimal: a fall of 49.99 % must not read as 50."""
    return f"{number(value, 1)} %"
