"""Measured values as exact amounts: what was measurable at baseline, what stood at each date, the nadir.

Source: docs/domain.md, section 7. Pure. Every amount is made of fractions of the decimals that were entered: nothing is
rounded.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from .amount import Amount, Below, Measured, amount, exactly, highest, lowest
from .terms import Assessment, CategorySettings, Values

LOWEST_RATIO, HIGHEST_RATIO = Fraction("0.26"), Fraction("1.65")  # of normal free light chains
LOWEST_ALWAYS = ("spd", "marrow_pc", "longest_diameter")  # nadir: the lowest value, whatever the setting says
CARRIED = LOWEST_ALWAYS  # they stand until the next one
ELECTROPHORESIS = {"serum_m": Fraction("0.5"), "urine_m": Fraction(100)}  # what is below such a limit it does not see
TRACKED = ("serum_m", "urine_m", "dflc", "marrow_pc", "spd", "longest_diameter", *(
    "circulating_pc_percent", "circulating_pc_per_ul", "short_axis"
))  # fmt: skip


def excess(values: Values) -> str | None:
    """What the free light chain ratio shows: "normal", the chain in excess, "kappa" or "lambda_", or None: not known.

    The ratio as entered, else kappa / lambda; against no lambda at all any kappa is above every ratio.
    """
    if values.ratio is not None:
        ratio = amount(values.ratio)
        if ratio.over(HIGHEST_RATIO):
            return "kappa"
        if ratio.under(LOWEST_RATIO):
            return "lambda_"
        return "normal" if ratio.at_least(LOWEST_RATIO) and ratio.at_most(HIGHEST_RATIO) else None
    if values.kappa is None or values.lambda_ is None:
        return None
    kappa, lambda_ = amount(values.kappa), amount(values.lambda_)
    if kappa.zero and lambda_.zero:
        return None
    if _beyond(kappa, lambda_, HIGHEST_RATIO):
        return "kappa"
    if _beyond(lambda_, kappa, 1 / LOWEST_RATIO):
        return "lambda_"
    normal = kappa.least >= LOWEST_RATIO * lambda_.most and kappa.most <= HIGHEST_RATIO * lambda_.least
    return "normal" if normal else None


def _beyond(one: Amount, other: Amount, times: Fraction) -> bool:
    """Whether one is more than so many times the other, whatever the two may be."""
    bound = times * other.most
    return one.least > bound or (one.least == bound and (one.above or other.below))


def normal_ratio(values: Values) -> bool | None:
    """Is the free light chain ratio normal? None: not known."""
    found = excess(values)
    return None if found is None else found == "normal"


@dataclass(frozen=True, slots=True)
class Start:
    """A patient at baseline: which parameters are measurable and what decides.

    decides: "m_protein", "dflc", "marrow_pc" or None: nothing is measurable.
    involved: the light chain in excess, fixed at baseline or, where the ratio was not abnormal then, at the first
    abnormal ratio (`since`); None until then.
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
        """One may be there, by its product or by the number of them."""
        spd = self.amount("spd")
        return bool(spd and not spd.zero) or bool(self.values.lesions)

    def since(self, involved: str) -> "Start":
        """With the light chain that a later ratio showed in excess."""
        return replace(self, involved=involved)

    def amount(self, name: str, values: Values | None = None) -> Amount | None:
        """A parameter of `values` (of baseline if not given); "dflc" is involved - uninvolved, below 0 = 0."""
        values = values or self.values
        if name == "dflc":
            return self._dflc(values)
        measured: Measured | None = getattr(values, name)
        if measured is not None:
            return amount(measured)
        if name == "spd":
            return (
                exactly(0) if values.lesions == 0 else self._of_one(values, values.longest_diameter, values.short_axis)
            )
        return self._of_one(values, values.spd, values.longest_diameter, by=True) if name == "short_axis" else None

    def number(self, name: str, values: Values | None = None) -> Fraction | None:
        """The same for people to read: of a value below a limit the limit."""
        found = self.amount(name, values)
        return found.most if found else None

    def _dflc(self, values: Values) -> Amount | None:
        if self.involved is None or values.kappa is None or values.lambda_ is None:
            return None
        kappa, lambda_ = amount(values.kappa), amount(values.lambda_)
        return kappa.less(lambda_) if self.involved == "kappa" else lambda_.less(kappa)

    def _of_one(
        self, values: Values, one: Measured | None, other: Measured | None, *, by: bool = False
    ) -> Amount | None:
        """Of one lesion each of product, longest diameter and short axis follows from the other two, measured whole."""
        lesions = self.values.lesions if values.lesions is None else values.lesions
        if lesions != 1 or not isinstance(one, Decimal) or not isinstance(other, Decimal) or (by and not other):
            return None
        return exactly(Fraction(one) / Fraction(other) if by else Fraction(one) * Fraction(other))


def start(baseline: Values | None, settings: CategorySettings) -> Start:
    """What is measurable at baseline; a missing value, or one that may be below the bound, is not."""
    values = baseline or Values()
    chain = excess(values)
    involved = None if chain == "normal" else chain
    asked = {
        "serum_m": (values.serum_m, settings.measurable_serum),
        "urine_m": (values.urine_m, settings.measurable_urine),
        "dflc": (getattr(values, involved) if involved else None, settings.measurable_flc),
        "marrow_pc": (values.marrow_pc, settings.measurable_marrow),
    }
    measurable = tuple(
        name for name, (value, least) in asked.items() if value is not None and amount(value).at_least(Fraction(least))
    )
    return Start(values, measurable, involved)


def unseen(name: str, values: Values) -> bool:
    """Serum or urine M-protein below the limit of electrophoresis: gone, or seen by immunofixation only."""
    value = getattr(values, name)
    return isinstance(value, Below) and Fraction(value.limit) <= ELECTROPHORESIS[name]


def gone(name: str, values: Values) -> bool:
    """Serum or urine M-protein 0, or not seen on electrophoresis; one that was not measured is not gone."""
    value = getattr(values, name)
    return value is not None and (amount(value).zero or unseen(name, values))


@dataclass(frozen=True, slots=True)
class Standing:
    """The results that stand at a visit until the next ones: never back, and none from before the first dose.

    lesions: not said then, it is the number of baseline.
    """

    marrow_pc: Amount | None = None
    marrow_clonal: bool | None = None  # of the same marrow
    spd: Amount | None = None
    lesions: int | None = None
    new_lesion: bool | None = None
    longest_diameter: Amount | None = None

    def then(self, day: Sequence[Values], started: Start) -> "Standing":
        """With what the assessments of one day brought: of several results the worst, so that order does not matter.

        A marrow result is one thing: a new one does not keep the clonality of the old; and a new product of lesions
        does not keep the longest diameter of the old.
        """

        def brought(name: str) -> Amount | None:
            return highest(found for one in day if (found := started.amount(name, one)) is not None)

        marrow = [one for one in day if one.marrow_pc is not None or one.marrow_clonal is not None]
        clonal = [one.marrow_clonal for one in marrow]
        spd, diameter = brought("spd"), brought("longest_diameter")
        return Standing(
            marrow_pc=brought("marrow_pc") if marrow else self.marrow_pc,
            marrow_clonal=(True if True in clonal else None if None in clonal else False)
            if marrow
            else self.marrow_clonal,
            spd=self.spd if spd is None else spd,
            lesions=max(
                (one.lesions for one in day if one.lesions is not None),
                default=0 if spd is not None and spd.zero else self.lesions,
            ),
            new_lesion=max((one.new_lesion for one in day if one.new_lesion is not None), default=self.new_lesion),
            longest_diameter=self.longest_diameter if spd is None and diameter is None else diameter,
        )


@dataclass(slots=True)
class History:
    """The values of one parameter by date, the highest of each day."""

    dates: list[date] = field(default_factory=list)
    values: list[Amount] = field(default_factory=list)

    def add(self, day: date, value: Amount) -> None:
        if self.dates and self.dates[-1] == day:
            self.values[-1] = highest([self.values[-1], value]) or value
        else:
            self.dates.append(day)
            self.values.append(value)

    def before(self, day: date) -> list[Amount]:
        return self.values[: bisect_left(self.dates, day)]


def histories(started: Start, assessments: Sequence[Assessment]) -> dict[str, History]:
    """The measured values of each parameter over the assessments, which come by date."""
    found = {name: History() for name in TRACKED}
    for assessment in assessments:
        if assessment.values is None:
            continue
        for name, history in found.items():
            if (value := started.amount(name, assessment.values)) is not None:
                history.add(assessment.date, value)
    return found


def nadir(name: str, at_baseline: Amount | None, before: Sequence[Amount], settings: CategorySettings) -> Amount | None:
    """What a rise is counted from; None when nothing was measured before.

    The smaller of baseline and the lowest, over consecutive measured pairs, of the higher of the two; by the setting
    "lowest", and always for marrow and lesions, the lowest value.
    """
    if name in LOWEST_ALWAYS or settings.nadir == "lowest":
        low = list(before)
    else:
        low = [found for pair in pairwise(before) if (found := highest(pair))]
    return lowest([*low, *([] if at_baseline is None else [at_baseline])])
