"""Measured values as exact numbers: what was measurable at baseline, what stood at each date, the nadir.

Source: docs/domain.md, section 7. Pure. Every number is a Fraction of the decimal that was entered: nothing is rounded.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from .terms import Assessment, CategorySettings, Values

LOWEST_RATIO, HIGHEST_RATIO = Fraction("0.26"), Fraction("1.65")  # of normal free light chains
LOWEST_ALWAYS = ("spd", "marrow_pc", "longest_diameter")  # nadir: the lowest value, whatever the setting says
TRACKED = ("serum_m", "urine_m", "dflc", "marrow_pc", "spd", "longest_diameter", *(
    "circulating_pc_percent", "circulating_pc_per_ul", "short_axis"
))  # fmt: skip


def exact(value: Decimal | None) -> Fraction | None:
    return None if value is None else _fraction(value)


@lru_cache(maxsize=1024)
def _fraction(value: Decimal) -> Fraction:
    """Every rule asks for the same few values again, and making a Fraction takes longer than comparing one."""
    return Fraction(value)


def ratio_of(values: Values) -> Fraction | None:
    """The free light chain ratio as entered, or kappa / lambda; None when neither can be said.

    Against no lambda at all any kappa is above every ratio.
    """
    if values.ratio is not None:
        return Fraction(values.ratio)
    if values.kappa is None or values.lambda_ is None or not (values.kappa or values.lambda_):
        return None
    return Fraction(values.kappa) / Fraction(values.lambda_) if values.lambda_ else HIGHEST_RATIO + 1


def normal_ratio(values: Values) -> bool | None:
    """Is the free light chain ratio normal? None: not known."""
    ratio = ratio_of(values)
    return None if ratio is None else LOWEST_RATIO <= ratio <= HIGHEST_RATIO


@dataclass(frozen=True, slots=True)
class Start:
    """A patient at baseline: which parameters are measurable and what decides.

    decides: "m_protein", "dflc", "marrow_pc" or None: nothing is measurable.
    involved: the light chain in excess, fixed here; None while the ratio is normal or unknown.
    """

    values: Values
    measurable: tuple[str, ...]
    involved: str | None

    @property
    def decides(self) -> str | None:
        if {"serum_m", "urine_m"} & set(self.measurable):
            return "m_protein"
        return next((name for name in ("dflc", "marrow_pc") if name in self.measurable), None)

    @property
    def followed(self) -> str | None:
        """The parameter of waterfall and spider."""
        return next((name for name in ("serum_m", "urine_m", "dflc") if name in self.measurable), None)

    @property
    def plasmacytoma(self) -> bool:
        return bool(self.values.spd)

    def number(self, name: str, values: Values | None = None) -> Fraction | None:
        """A parameter of `values` (of baseline if not given); "dflc" is involved - uninvolved, below 0 = 0."""
        values = values or self.values
        if name != "dflc":
            return exact(getattr(values, name))
        if self.involved is None or values.kappa is None or values.lambda_ is None:
            return None
        difference = Fraction(values.kappa) - Fraction(values.lambda_)
        return max(difference if self.involved == "kappa" else -difference, Fraction(0))


def start(baseline: Values | None, settings: CategorySettings) -> Start:
    """What is measurable at baseline; a missing value is not."""
    values = baseline or Values()
    ratio = ratio_of(values)
    involved = None
    if ratio is not None and not LOWEST_RATIO <= ratio <= HIGHEST_RATIO:
        involved = "kappa" if ratio > HIGHEST_RATIO else "lambda_"
    asked = {
        "serum_m": (values.serum_m, settings.measurable_serum),
        "urine_m": (values.urine_m, settings.measurable_urine),
        "dflc": (getattr(values, involved) if involved else None, settings.measurable_flc),
        "marrow_pc": (values.marrow_pc, settings.measurable_marrow),
    }
    measurable = tuple(name for name, (value, least) in asked.items() if value is not None and value >= least)
    return Start(values, measurable, involved)


@dataclass(frozen=True, slots=True)
class Standing:
    """The results that stand at a visit until the next ones: never back, and none from before the first dose."""

    marrow_pc: Decimal | None = None
    marrow_clonal: bool | None = None  # of the same marrow
    spd: Decimal | None = None
    new_lesion: bool | None = None
    longest_diameter: Decimal | None = None

    def then(self, day: Sequence[Values]) -> "Standing":
        """With what the assessments of one day brought: of several results the worst, so that order does not matter.

        A marrow result is one thing: a new one does not keep the clonality of the old.
        """
        marrow = [one for one in day if one.marrow_pc is not None or one.marrow_clonal is not None]
        clonal = [one.marrow_clonal for one in marrow]
        return Standing(
            marrow_pc=max((one.marrow_pc for one in marrow if one.marrow_pc is not None), default=None)
            if marrow
            else self.marrow_pc,
            marrow_clonal=(True if True in clonal else None if None in clonal else False)
            if marrow
            else self.marrow_clonal,
            spd=max((one.spd for one in day if one.spd is not None), default=self.spd),
            new_lesion=max((one.new_lesion for one in day if one.new_lesion is not None), default=self.new_lesion),
            longest_diameter=max(
                (one.longest_diameter for one in day if one.longest_diameter is not None),
                default=self.longest_diameter,
            ),
        )


@dataclass(slots=True)
class History:
    """The values of one parameter by date, the highest of each day."""

    dates: list[date] = field(default_factory=list)
    values: list[Fraction] = field(default_factory=list)

    def add(self, day: date, value: Fraction) -> None:
        if self.dates and self.dates[-1] == day:
            self.values[-1] = max(self.values[-1], value)
        else:
            self.dates.append(day)
            self.values.append(value)

    def before(self, day: date) -> list[Fraction]:
        return self.values[: bisect_left(self.dates, day)]


def histories(started: Start, assessments: Sequence[Assessment]) -> dict[str, History]:
    """The measured values of each parameter over the assessments, which come by date."""
    found = {name: History() for name in TRACKED}
    for assessment in assessments:
        if assessment.values is None:
            continue
        for name, history in found.items():
            if (value := started.number(name, assessment.values)) is not None:
                history.add(assessment.date, value)
    return found


def nadir(
    name: str, at_baseline: Fraction | None, before: Sequence[Fraction], settings: CategorySettings
) -> Fraction | None:
    """What a rise is counted from; None when nothing was measured before.

    The smaller of baseline and the lowest, over consecutive measured pairs, of the higher of the two; by the setting
    "lowest", and always for marrow and lesions, the lowest value.
    """
    if name in LOWEST_ALWAYS or settings.nadir == "lowest":
        low = list(before)
    else:
        low = [max(pair) for pair in pairwise(before)]
    return min([*low, *([] if at_baseline is None else [at_baseline])], default=None)
