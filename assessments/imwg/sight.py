"""What the category of one assessment may depend on, what a parameter says of it, and in which words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby

from .amount import Amount
from .measure import CARRIED, History, Standing, Start, excess, histories, nadir, unseen
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
EACH_VISIT = ("serum_m", "urine_m", "kappa", "lambda_")  # asked at every visit, never carried
AT_TIMES = ("marrow_pc", "spd", "longest_diameter", "circulating_pc_percent", "circulating_pc_per_ul")


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
    past: Mapping[str, History]
    settings: CategorySettings

    @property
    def values(self) -> Values:
        return self.assessment.values or Values()

    def now(self, name: str) -> Amount | None:
        """This visit's value; of marrow and lesions the one that stands."""
        own = self.start.amount(name, self.values)
        if own is None and name in CARRIED:
            stands: Amount | None = getattr(self.standing, name)
            return stands
        return own

    def measured(self, name: str) -> bool:
        """Whether the value is of this visit: not one that stands from an earlier one."""
        return self.start.amount(name, self.values) is not None

    def unseen(self, name: str) -> bool:
        """Whether electrophoresis does not see the M-protein of this visit, which may still be there."""
        return unseen(name, self.values)

    def nadir(self, name: str) -> Amount | None:
        return nadir(name, self.start.amount(name), self.before(name), self.settings)

    def before(self, name: str) -> Sequence[Amount]:
        return self.past[name].before(self.assessment.date)

    @property
    def lesions(self) -> int | None:
        """The number of plasmacytomas as last said, at baseline if not since."""
        stands = self.standing.lesions
        return self.start.values.lesions if stands is None else stands

    @property
    def as_at_baseline(self) -> bool:
        """Whether what was measured at baseline was measured at this visit, so that a rise would have been seen.

        Marrow and imaging, which stand for long, are asked only where baseline has nothing else.
        """
        for names in (EACH_VISIT, AT_TIMES):
            asked = [name for name in names if self.start.amount(name) is not None]
            if asked:
                return all(self.measured(name) for name in asked)
        return False


class Sights:
    """The sights of a course. ordered: its assessments by date."""

    def __init__(self, started: Start, ordered: Sequence[Assessment], settings: CategorySettings) -> None:
        self.settings = settings
        self.began = started, histories(started, ordered)
        self.standing: dict[date, Standing] = {}
        standing, self.since, self.later = Standing(), None, self.began
        for on, group in groupby(ordered, key=lambda one: one.date):
            day = [one.values for one in group if one.values]
            standing = self.standing[on] = standing.then(day, started)
            if started.involved is None and self.since is None and (chain := _in_excess(day)):
                later = started.since(chain)
                self.since, self.later = on, (later, histories(later, ordered))

    def of(self, one: Assessment) -> Sight:
        started, past = self.later if self.since and one.date >= self.since else self.began
        return Sight(started, one, self.standing[one.date], past, self.settings)


def _in_excess(day: Sequence[Values]) -> str | None:
    """The light chain that an abnormal ratio of this day shows in excess; kappa before lambda."""
    found = {excess(one) for one in day}
    return next((chain for chain in ("kappa", "lambda_") if chain in found), None)


def said(name: str, value: Amount) -> str:
    label, unit = NAMES[name]
    return f"{label} {amount_text(value)} {unit}"


def amount_text(value: Amount) -> str:
    if value.exact:
        return number(value.most)
    if not value.least:
        return f"below {number(value.most)}"
    return f"{number(value.least)} to {number(value.most)}"


def number(value: Fraction) -> str:
    """A decimal as a person would write it, cut after six decimals."""
    whole, rest = divmod(abs(value.numerator), value.denominator)
    text = f"{whole}.{rest * 10**6 // value.denominator:06d}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 and text != "0" else text
