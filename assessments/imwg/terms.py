"""The words of the response criteria: categories, measured values, assessments, settings, results.

Source: docs/domain.md, sections 2, 7 and 8. Pure: frozen dataclasses with decimals as entered.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from .amount import Below, Measured


class Response(StrEnum):
    """A category, best first."""

    SCR = "sCR"
    CR = "CR"
    VGPR = "VGPR"
    PR = "PR"
    MR = "MR"
    SD = "SD"
    PD = "PD"
    NE = "NE"

    @property
    def rank(self) -> int:
        """0 for the best, 7 for NE."""
        return _RANKS[self]

    def at_least(self, other: "Response") -> bool:
        """This category or a better one."""
        return self.rank <= other.rank


_RANKS = {response: rank for rank, response in enumerate(Response)}
OBJECTIVE = frozenset({Response.SCR, Response.CR, Response.VGPR, Response.PR})  # ORR
BENEFIT = OBJECTIVE | {Response.MR}  # CBR: the categories that can be confirmed


class PdSource(StrEnum):
    """What a progression stands on; "imaging" is a new lesion or a plasmacytoma."""

    LABORATORY = "laboratory"
    IMAGING = "imaging"
    MARROW = "marrow"
    DEATH = "death"


def best(responses: Iterable[Response]) -> Response:
    """The best of them; NE of none."""
    return min(responses, key=lambda response: response.rank, default=Response.NE)


NUMBERS = (
    "serum_m",
    "urine_m",
    "kappa",
    "lambda_",
    "ratio",
    "marrow_pc",
    "spd",
    "calcium",
    "longest_diameter",
    "short_axis",
    "circulating_pc_percent",
    "circulating_pc_per_ul",
)
FIXATIONS = ("ife_serum", "ife_urine")
FLAGS = ("marrow_clonal", "new_lesion")
MOST_LESIONS = 1000
PERCENTAGES = ("marrow_pc", "circulating_pc_percent")
LARGEST = Decimal(10) ** 12
FINEST = -60  # the smallest power of ten that a value may be written with


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What was measured, in canonical units; None = not measured. Raises ValueError, which names the field.

    Every number may be `Below` a limit, but for the count of lesions.
    """

    serum_m: Measured | None = None  # M-protein, g/dL
    urine_m: Measured | None = None  # M-protein, mg/24 h
    kappa: Measured | None = None  # free light chains, mg/L
    lambda_: Measured | None = None  # mg/L
    ratio: Measured | None = None  # kappa / lambda as entered; worked out from the two where it was not
    ife_serum: str | None = None  # immunofixation: "negative" or "positive"
    ife_urine: str | None = None
    marrow_pc: Measured | None = None  # plasma cells, %
    marrow_clonal: bool | None = None
    spd: Measured | None = None  # plasmacytomas: sum of products of perpendicular diameters, cm²
    lesions: int | None = None  # the number of plasmacytomas; None = not said
    new_lesion: bool | None = None
    calcium: Measured | None = None  # corrected, mg/dL
    longest_diameter: Measured | None = None  # of the lesion followed, cm
    short_axis: Measured | None = None  # of the same lesion, cm
    circulating_pc_percent: Measured | None = None  # circulating plasma cells, % of leukocytes
    circulating_pc_per_ul: Measured | None = None

    def __post_init__(self) -> None:
        for name in NUMBERS:
            if (value := getattr(self, name)) is not None:
                check_number(name.rstrip("_"), value)
                if name in PERCENTAGES and _number(value) > 100:
                    raise ValueError(f"{name}: is a percentage and at most 100, got {value}")
        for name in FIXATIONS:
            if getattr(self, name) not in (None, "negative", "positive"):
                raise ValueError(f'{name}: must be "negative", "positive" or null, got {getattr(self, name)!r}')
        for name in FLAGS:
            if not isinstance(getattr(self, name), bool | None):
                raise ValueError(f"{name}: must be true, false or null, got {getattr(self, name)!r}")

        check_count("lesions", self.lesions)

    @property
    def empty(self) -> bool:
        return all(getattr(self, f.name) is None for f in fields(self))


def check_number(name: str, value: Any) -> None:
    """Refuse what is no finite decimal from 0 to 10^12, so that exact fractions of it stay small."""
    number = _number(value)
    if not isinstance(number, Decimal) or not number.is_finite():
        raise ValueError(f"{name}: must be a number, got {value!r}")
    if number < 0:
        raise ValueError(f"{name}: cannot be negative, got {value}")
    if isinstance(value, Below) and not number:
        raise ValueError(f"{name}: nothing is below a limit of 0")
    if number > LARGEST:
        raise ValueError(f"{name}: cannot be above 10^12")
    if int(number.as_tuple().exponent) < FINEST:
        raise ValueError(f"{name}: has more than {-FINEST} decimals")


def check_count(name: str, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_LESIONS:
        raise ValueError(f"{name}: must be a whole number from 0 to {MOST_LESIONS}, got {value!r}")


def _number(value: Any) -> Any:
    """The number itself, or the limit."""
    return value.limit if isinstance(value, Below) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One disease assessment after the first dose: measured values, or a category that somebody gave.

    row: whatever the caller knows it by; it comes back with the result and is not looked at.
    no_pd: of a given NE at which nothing was measurable and no progression was seen: adequate for TTP and PFS.
    missed: nothing was done that day, so that it shows nobody alive.
    """

    date: date
    values: Values | None = None
    response: Response | None = None
    pd_source: PdSource | None = None  # of a given PD; None = laboratory
    row: str | None = None
    no_pd: bool = False
    missed: bool = False

    def __post_init__(self) -> None:
        if (self.values is None) == (self.response is None):
            raise ValueError(f"assessments: {self.date} needs either values or a response")


@dataclass(frozen=True, slots=True, kw_only=True)
class CategorySettings:
    """The protocol settings that the category of an assessment follows, before confirmation."""

    nadir: str = "confirmed"
    measurable_serum: Decimal = Decimal("1.0")
    measurable_urine: Decimal = Decimal("200")
    measurable_flc: Decimal = Decimal("100")
    measurable_marrow: Decimal = Decimal("30")
    hypercalcaemia_is_pd: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSettings(CategorySettings):
    """The protocol settings that response and times follow (docs/domain.md, section 2); defaults first in CHOICES."""

    response_threshold: str = "MR"  # from which category on TTR and DOR count
    pd_confirmation: bool = True  # a PD by laboratory values needs a second one
    ne: str = "skip"  # an NE between two assessments
    max_confirmation_days: int | None = None  # between the confirming pair
    new_therapy: str = "censor"
    dor_death: str = "censor"
    ttp_myeloma_death: str = "censor"
    missed_assessments: int | None = None  # so many missed before PD or death censor
    assessment_interval_days: int = 28
    assessment_window_days: int = 7

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name}: must be one of {', '.join(choices)}, got {getattr(self, name)!r}")
        for name in ("pd_confirmation", "hypercalcaemia_is_pd"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name}: must be true or false, got {getattr(self, name)!r}")
        for name, least in LEAST.items():
            value = getattr(self, name)
            if value is None and name in OPTIONAL:
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ValueError(f"{name}: must be a whole number of at least {least}, got {value!r}")
        for name in MEASURABLE:
            check_number(name, getattr(self, name))
            if not getattr(self, name):
                raise ValueError(f"{name}: must be above 0")

    @property
    def of_categories(self) -> CategorySettings:
        """Two settings that are alike in these give every assessment the same category."""
        return CategorySettings(**{f.name: getattr(self, f.name) for f in fields(CategorySettings)})


CHOICES: dict[str, tuple[str, ...]] = {
    "response_threshold": ("MR", "PR"),
    "ne": ("skip", "break"),
    "nadir": ("confirmed", "lowest"),
    "new_therapy": ("censor", "ignore"),
    "dor_death": ("censor", "event"),
    "ttp_myeloma_death": ("censor", "event"),
}
LEAST = {
    "max_confirmation_days": 1,
    "missed_assessments": 1,
    "assessment_interval_days": 1,
    "assessment_window_days": 0,
}
OPTIONAL = ("max_confirmation_days", "missed_assessments")
MEASURABLE = ("measurable_serum", "measurable_urine", "measurable_flc", "measurable_marrow")


def settings_of(protocol: Any) -> ResponseSettings:
    """The response settings of a protocol version's settings, which bear the same names."""
    return ResponseSettings(**{f.name: getattr(protocol, f.name) for f in fields(ResponseSettings)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What the criteria say of one assessment."""

    date: date
    derived: Response  # from its values, or as given
    pd_source: PdSource | None  # of a derived PD
    confirmed: Response | None  # as of this visit; None: it does not count (after the first PD or new therapy)
    parameter: str | None  # the one that decided: a field of Values, "dflc", or None
    because: str  # why this category
    confirmation: str  # why this is or is not confirmed
    adequate: bool  # it counts, is not NE and no unconfirmed PD by laboratory values
    change: Fraction | None = None  # % from baseline of the parameter that is followed; -100 = gone
    hypercalcaemia: bool = False  # corrected calcium above 11.5 mg/dL: an alert, a PD only by the setting
    row: str | None = None
    no_pd: bool = False  # nothing was measurable, what baseline measured was measured, and it shows no PD
    missed: bool = False  # nothing was measured
    asks: tuple[str, ...] = ()  # what the site is asked about it, a sentence each


@dataclass(frozen=True, slots=True)
class Best:
    """A best response and the first date that bears it; None without any assessment."""

    response: Response
    date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A patient's course by the criteria. visits: one per assessment, by date."""

    visits: tuple[Visit, ...]
    best_confirmed: Best
    best_unconfirmed: Best
    progression: Visit | None  # the first PD that counts
    measurable: tuple[str, ...]  # at baseline: of "serum_m", "urine_m", "dflc", "marrow_pc"
    followed: str | None  # for waterfall and spider: "serum_m" before "urine_m" before "dflc"
    best_change: Fraction | None  # lowest `change` over visits before the first PD and new therapy
    evaluable: bool  # for the set "response-evaluable"
    warnings: tuple[str, ...]
