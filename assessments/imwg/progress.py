"""What a rise means: every progression that an assessment shows (docs/domain.md, section 7, PD). Pure.

A rise is counted from everything that the nadir may be, and must be one from each.
"""

from fractions import Fraction

from .amount import Amount
from .sight import Finding, Sight, amount_text, number, said
from .terms import PdSource, Response

HYPERCALCAEMIA = Fraction("11.5")  # corrected calcium above this, mg/dL
LABORATORY, IMAGING, MARROW = PdSource.LABORATORY, PdSource.IMAGING, PdSource.MARROW
RISES = {"serum_m": Fraction("0.5"), "urine_m": Fraction(200), "dflc": Fraction(100), "marrow_pc": Fraction(10)}
ALONE_FROM = 5  # g/dL of serum M-protein: from here on a rise of 1 g/dL is enough
HALF, MORE_THAN_DOUBLE = Fraction(1, 2), Fraction(5, 4)  # both diameters of a lesion half longer: its product + 125 %


def progressions(sight: Sight) -> list[Finding]:
    """Every PD that this visit shows, whatever was measurable, the ones that count at once first.

    Light chains count where no M-protein was measurable, marrow where light chains were not either, circulating
    plasma cells where there is no other measure.
    """
    decides = sight.start.decides
    found = [_new_lesion(sight), _product(sight), _diameter(sight)]
    if decides in ("marrow_pc", None) and sight.measured("marrow_pc"):
        found.append(_rise(sight, "marrow_pc"))
    found += [_rise(sight, "serum_m"), _rise(sight, "urine_m")]
    if decides != "m_protein":
        found.append(_rise(sight, "dflc"))
    if decides is None and not sight.start.plasmacytoma:
        found.append(_circulating(sight))
    return [one for one in [*found, _calcium(sight)] if one]


def _rise(sight: Sight, name: str) -> Finding | None:
    value = sight.now(name)
    low = None if value is None else sight.nadir(name)
    if value is None or low is None or not _risen(name, value, low):
        return None
    least = value.least - low.most
    rise = f"a rise of {'' if value.exact and low.exact else 'at least '}{number(least)} from {amount_text(low)}"
    return Finding(Response.PD, name, f"{said(name, value)}: {rise}.", MARROW if name == "marrow_pc" else LABORATORY)


def stands_risen(sight: Sight) -> bool:
    """Whether the marrow that stands is one that rose: no second value, and no fall either."""
    return not sight.measured("marrow_pc") and _rise(sight, "marrow_pc") is not None


def rises_to(name: str, low: Amount) -> Fraction:
    """From where on a value is a rise from everything that `low` may be: 25 % and the absolute rise.

    From zero any rise is 25 %. Serum from 5 g/dL on asks for 1 g/dL alone, which is less than 25 % of what lies just
    under 5: where a nadir may be on either side, both must have risen.
    """
    bound = _rises_to(name, low.most)
    if name == "serum_m" and low.least < ALONE_FROM <= low.most:
        under = max(ALONE_FROM + RISES[name], Fraction(ALONE_FROM) * 5 / 4)
        bound = under if low.under(ALONE_FROM) else max(bound, under)
    return bound


def _rises_to(name: str, low: Fraction) -> Fraction:
    if name == "serum_m" and low >= ALONE_FROM:
        return low + 1
    return max(low + RISES[name], low * 5 / 4)


def _risen(name: str, value: Amount, low: Amount) -> bool:
    """dFLC must rise by more than its absolute rise, the others by as much."""
    if not value.at_least(rises_to(name, low)):
        return False
    apart = value.least - low.most
    return name != "dflc" or apart > RISES[name] or (apart == RISES[name] and (value.above or low.below))


def _risen_by(value: Amount, low: Amount, share: Fraction) -> bool:
    """Risen by that share; from zero by anything."""
    return value.over(0) if low.zero else value.at_least(low.most * (1 + share))


def _new_lesion(sight: Sight) -> Finding | None:
    new = sight.standing.new_lesion if sight.values.new_lesion is None else sight.values.new_lesion
    return Finding(Response.PD, "new_lesion", "A new lesion.", IMAGING) if new else None


def _product(sight: Sight) -> Finding | None:
    """Of several lesions the sum of products; of one its longest diameter decides (`_diameter`), where it is known.

    A lesion where there was none is one by itself, however many there are.
    """
    value = sight.now("spd")
    low = None if value is None else sight.nadir("spd")
    if value is None or low is None:
        return None
    share = HALF
    if sight.lesions == 1 and not low.zero:
        if _diameters(sight):
            return None
        share = MORE_THAN_DOUBLE
    if not _risen_by(value, low, share):
        return None
    percent = number(share * 100)
    return Finding(Response.PD, "spd", f"{said('spd', value)}: at least {percent} % above {amount_text(low)}.", IMAGING)


def diameter_asked(sight: Sight) -> bool:
    """One lesion that is measured by its product only, and not shown to have progressed by that."""
    value = sight.start.amount("spd", sight.values)
    low = None if value is None else sight.nadir("spd")
    if value is None or low is None or value.zero or low.zero or sight.lesions != 1:
        return False
    return not _diameters(sight) and _product(sight) is None


def _diameters(sight: Sight) -> tuple[Amount, Amount] | None:
    """The longest diameter now and the one that it is held against."""
    value = sight.now("longest_diameter")
    low = None if value is None else sight.nadir("longest_diameter")
    return None if value is None or low is None else (value, low)


def _diameter(sight: Sight) -> Finding | None:
    """Of a lesion that was above 1 cm in its short axis; one first measured here by what it is here."""
    known = _diameters(sight)
    if known is None:
        return None
    value, low = known
    at_baseline = sight.start.amount("short_axis")
    earlier = [*([] if at_baseline is None else [at_baseline]), *sight.before("short_axis")]
    axis = earlier[-1] if earlier else sight.now("short_axis")
    if axis is None or not axis.over(1) or not _risen_by(value, low, HALF):
        return None
    words = f"{said('longest_diameter', value)}: at least 50 % above {amount_text(low)}."
    return Finding(Response.PD, "longest_diameter", words, IMAGING)


def _circulating(sight: Sight) -> Finding | None:
    """The only measure of this patient: 50 % more, by count or by share, and at least 200/µL."""
    count = sight.now("circulating_pc_per_ul")
    if count is None or not count.at_least(200):
        return None
    for name in ("circulating_pc_per_ul", "circulating_pc_percent"):
        value, low = sight.now(name), sight.nadir(name)
        if value is not None and low is not None and _risen_by(value, low, HALF):
            words = f"{said(name, value)}: at least 50 % above {amount_text(low)}."
            return Finding(Response.PD, name, words, LABORATORY)
    return None


def _calcium(sight: Sight) -> Finding | None:
    calcium = sight.now("calcium")
    if not sight.settings.hypercalcaemia_is_pd or calcium is None or not calcium.over(HYPERCALCAEMIA):
        return None
    return Finding(Response.PD, "calcium", f"{said('calcium', calcium)}: above 11.5.", LABORATORY)
