"""What a rise means: every progression that an assessment shows (docs/domain.md, section 7, PD). Pure."""

from fractions import Fraction

from .sight import Finding, Sight, number, said
from .terms import PdSource, Response

HYPERCALCAEMIA = Fraction("11.5")  # corrected calcium above this, mg/dL
LABORATORY, IMAGING = PdSource.LABORATORY, PdSource.IMAGING
RISES = {"serum_m": Fraction("0.5"), "urine_m": Fraction(200), "dflc": Fraction(100), "marrow_pc": Fraction(10)}


def progressions(sight: Sight) -> list[Finding]:
    """Every PD that this visit shows. Without anything measurable at baseline only lesions, or circulating cells."""
    decides = sight.start.decides
    found = [_new_lesion(sight), _spd(sight), _diameter(sight)]
    if decides is None:
        if not sight.start.plasmacytoma:
            found.append(_circulating(sight))
    else:
        found += [_rise(sight, "serum_m"), _rise(sight, "urine_m")]
        if decides != "m_protein":
            found.append(_rise(sight, "dflc"))
        if decides == "marrow_pc" and sight.measured("marrow_pc"):
            found.append(_rise(sight, "marrow_pc"))
        found.append(_calcium(sight))
    return [one for one in found if one]


def _rise(sight: Sight, name: str) -> Finding | None:
    value = sight.now(name)
    low = None if value is None else sight.nadir(name)
    if value is None or low is None or not _risen(name, value, low):
        return None
    return Finding(
        Response.PD, name, f"{said(name, value)}: a rise of {number(value - low)} from {number(low)}.", LABORATORY
    )


def stands_risen(sight: Sight) -> bool:
    """Whether the marrow that stands is one that rose: no second value, and no fall either."""
    return not sight.measured("marrow_pc") and _rise(sight, "marrow_pc") is not None


def rises_to(name: str, low: Fraction) -> Fraction:
    """Where a rise from `low` is progression: 25 % and the absolute rise; from zero any rise is 25 %."""
    if name == "serum_m" and low >= 5:
        return low + 1
    return max(low + RISES[name], low * 5 / 4)


def _risen(name: str, value: Fraction, low: Fraction) -> bool:
    """dFLC must rise by more than its absolute rise, the others by as much."""
    return value > low and value >= rises_to(name, low) and (name != "dflc" or value - low > RISES[name])


def _half_more(value: Fraction, low: Fraction) -> bool:
    """Risen by 50 %; from zero by anything."""
    return value > low and value * 2 >= low * 3


def _new_lesion(sight: Sight) -> Finding | None:
    new = sight.standing.new_lesion if sight.values.new_lesion is None else sight.values.new_lesion
    return Finding(Response.PD, "new_lesion", "A new lesion.", IMAGING) if new else None


def _spd(sight: Sight) -> Finding | None:
    value = sight.now("spd")
    low = None if value is None else sight.nadir("spd")
    if value is None or low is None or not _half_more(value, low):
        return None
    return Finding(Response.PD, "spd", f"{said('spd', value)}: at least 50 % above {number(low)}.", IMAGING)


def _diameter(sight: Sight) -> Finding | None:
    """Of a lesion that was above 1 cm in its short axis; one first measured here by what it is here."""
    name = "longest_diameter"
    value = sight.now(name)
    if value is None:
        return None
    low = sight.nadir(name)
    axes = [*sight.past["short_axis"].before(sight.assessment.date)]
    known = sight.start.number("short_axis")
    earlier = [*([] if known is None else [known]), *axes]
    axis = earlier[-1] if earlier else sight.now("short_axis")
    if low is None or axis is None or axis <= 1 or not _half_more(value, low):
        return None
    return Finding(Response.PD, name, f"{said(name, value)}: at least 50 % above {number(low)}.", IMAGING)


def _circulating(sight: Sight) -> Finding | None:
    """The only measure of this patient: 50 % more, by count or by share, and at least 200/µL."""
    count = sight.now("circulating_pc_per_ul")
    if count is None or count < 200:
        return None
    for name in ("circulating_pc_per_ul", "circulating_pc_percent"):
        value, low = sight.now(name), sight.nadir(name)
        if value is not None and low is not None and _half_more(value, low):
            return Finding(Response.PD, name, f"{said(name, value)}: at least 50 % above {number(low)}.", LABORATORY)
    return None


def _calcium(sight: Sight) -> Finding | None:
    calcium = sight.now("calcium")
    if not sight.settings.hypercalcaemia_is_pd or calcium is None or calcium <= HYPERCALCAEMIA:
        return None
    return Finding(Response.PD, "calcium", f"{said('calcium', calcium)}: above 11.5.", LABORATORY)
